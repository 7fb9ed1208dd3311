/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: words of requests and responses. */
#include "service/pcscd.h"

#include "base/log.h"
#include "service/connection.h"

#include <string.h>

uint32_t pcscd_word_at(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

uint32_t pcscd_word(const struct call *call, unsigned number)
{
    size_t at = WIRE_HEADER_SIZE + sizeof(uint32_t) * number;
    return at + sizeof(uint32_t) <= call->request_size ? pcscd_word_at(call->request + at)
                                                       : 0;
}

void pcscd_put(struct call *call, unsigned number, uint32_t word)
{
    assert(sizeof(word) * (number + 1) <= call->response_room);
    memcpy(call->response + sizeof(word) * number, &word, sizeof(word));
}

uint32_t pcscd_result(enum sc_error error)
{
    if (error == SC_OK)
        return 0;
    /* SCARD_E_UNSUPPORTED_FEATURE has the number there that SCARD_E_UNEXPECTED has. */
    if (error == SC_X_NOT_SUPPORTED || error == SC_E_UNSUPPORTED_FEATURE)
        return 0x8010001F;
    return 0x80100000U | (uint32_t)error;
}

bool pcscd_respond(struct call *call, unsigned rv, enum sc_error error)
{
    assert(call->request_size >= WIRE_HEADER_SIZE + call->header.size);
    assert(call->response_room >= call->header.size);
    memcpy(call->response, call->request + WIRE_HEADER_SIZE, call->header.size);
    call->response_size = call->header.size;
    pcscd_put(call, rv, pcscd_result(error));
    return true;
}

bool pcscd_refuse(struct call *call)
{
    log_debug("%u: cut off after command %u", (unsigned)call->connection->pid,
              (unsigned)call->header.call);
    call->connection->gone = true;
    return true;
}
