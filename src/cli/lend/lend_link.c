/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/lend/lend_link.h"

#include "base/secret.h"
#include "os/time.h"

#include <assert.h>

enum sc_error lend_link_open(struct lend_link *link, const char *address, uint16_t port)
{
    link->stream.have = 0;
    return os_socket_connect(address, port, os_deadline_ms(LEND_CONNECT_MS),
                             &link->socket);
}

/* A system that closes a socket of which not all was read may tell the other side so before
 * it has read what was sent last. */
static void read_the_rest(struct lend_link *link)
{
    size_t size = 0, all = 0;
    while (all < sizeof(link->stream.bytes)
           && os_socket_read_some(link->socket, link->stream.bytes,
                                  sizeof(link->stream.bytes), &size)
                  == SC_OK)
        all += size;
}

void lend_link_close(struct lend_link *link)
{
    if (os_socket_is_open(link->socket))
        read_the_rest(link);
    os_socket_close(&link->socket);
    secret_clear(&link->stream, sizeof(link->stream));
}

enum sc_error lend_link_send(struct lend_link *link, enum vscard_type type,
                             uint32_t reader_id, const void *data, size_t size)
{
    uint8_t head[VSCARD_HEADER_SIZE];
    const struct vscard_header header = {
        .type = (uint32_t)type, .reader_id = reader_id, .length = (uint32_t)size};
    assert(size <= VSCARD_DATA_MAX);
    vscard_write_header(&header, head);
    return os_socket_write(link->socket, head, sizeof(head), data, size,
                           os_deadline_ms(LEND_ANSWER_MS), NULL);
}

enum sc_error lend_link_send_code(struct lend_link *link, uint32_t reader_id,
                                  uint32_t code)
{
    uint8_t data[VSCARD_ERROR_SIZE];
    vscard_write_code(code, data);
    return lend_link_send(link, VSCARD_ERROR, reader_id, data, sizeof(data));
}

enum lend_message lend_link_receive(struct lend_link *link)
{
    for (;;) {
        uint8_t *where = NULL;
        size_t room = vscard_want(&link->stream, &where), size = 0;
        bool begun = link->stream.have > 0;
        enum sc_error error = os_socket_read_some(link->socket, where, room, &size);
        if (error == SC_E_NOT_READY)
            return LEND_MESSAGE_NONE;
        if (error == SC_W_EOF)
            return begun ? LEND_MESSAGE_CUT : LEND_MESSAGE_CLOSED;
        if (error != SC_OK)
            return LEND_MESSAGE_BROKEN;
        switch (vscard_take(&link->stream, size)) {
        case VSCARD_MORE:
            break;
        case VSCARD_WHOLE:
            return LEND_MESSAGE_WHOLE;
        case VSCARD_WRONG:
            return LEND_MESSAGE_WRONG;
        }
    }
}

void lend_link_forget(struct lend_link *link)
{
    secret_clear(link->stream.bytes, link->stream.have);
}
