/* SPDX-License-Identifier: BSD-2-Clause */
/* A Ledger as a card: APDUs as they are, and answers that may wait for a person to press
 * keys. Nothing on the wire says to which command an answer belongs, and nothing ends a
 * command; so after one that was given up, the next one waits for that one's answer first. */
#include "drivers/hid/token.h"

#include "base/log.h"
#include "base/secret.h"
#include "os/time.h"
#include "proto/apdu.h"

#include <assert.h>

enum { SW_LENGTH = 0x6700 };

/* T=1 alone; the historical bytes are "Ledger". */
static const uint8_t ledger_atr[] = {0x3B, 0x86, 0x81, 0x31, 0xFE, 0x45, 0x4C,
                                     0x65, 0x64, 0x67, 0x65, 0x72, 0xB0};

static enum sc_error send_command(struct hid_token *token, const uint8_t *command,
                                  size_t size)
{
    uint8_t report[LEDGER_REPORT_SIZE];
    size_t packets = ledger_packets(size);
    enum sc_error error = SC_OK;
    for (size_t i = 0; i < packets && error == SC_OK; i++) {
        ledger_build(command, size, i, report);
        error = kit_job_wait(token->job, 0);
        if (error == SC_OK)
            error = hid_token_write(token, report);
    }
    secret_clear(report, sizeof(report));
    return error;
}

/* Until it is whole; `out` may be NULL with a room of 0. Errors: SC_F_COMM_ERROR, and those
 * of hid_token_read(): then it is still to come. */
static enum sc_error take_answer(struct hid_token *token, uint8_t *out, size_t room,
                                 size_t *size)
{
    struct ledger_reply reply = {.out = out, .room = room};
    uint8_t report[HID_ROOM];
    enum ledger_found found = LEDGER_MORE;
    enum sc_error error = SC_OK;
    while (error == SC_OK && (found == LEDGER_MORE || found == LEDGER_FOREIGN)) {
        size_t there = 0;
        error = hid_token_read(token, token->job->deadline_ms, report, &there);
        if (error != SC_OK || there == 0)
            continue; /* the read says when the time is over */
        found = ledger_take(&reply, report, there);
        if (found >= LEDGER_BAD_SIZE) {
            log_error("hid: %s: %s (%u bytes came)", token->found.path,
                      ledger_words(found), (unsigned)there);
            error = SC_F_COMM_ERROR;
        }
    }
    *size = reply.size;
    secret_clear(report, sizeof(report));
    return error;
}

/* The answer to a command that was given up comes first. */
static enum sc_error get_in_step(struct hid_token *token)
{
    struct hid_ledger *ledger = &token->as.ledger;
    size_t size = 0;
    if (!ledger->awaited)
        return hid_token_drain(token);
    log_info("hid: %s: waits for the answer to a command that was given up",
             token->found.path);
    enum sc_error error = take_answer(token, NULL, 0, &size);
    if (error == SC_F_COMM_ERROR) /* the end of one that had begun to come */
        error = hid_token_drain(token);
    ledger->awaited = error != SC_OK;
    return error;
}

static enum sc_error ledger_exchange(struct hid_token *token, const uint8_t *command,
                                     size_t command_size, struct transfer *t)
{
    struct hid_ledger *ledger = &token->as.ledger;
    size_t size = 0;
    enum sc_error error = get_in_step(token);
    if (error == SC_OK)
        error = send_command(token, command, command_size);
    if (error != SC_OK)
        return error;
    error = take_answer(token, t->out, t->out_room, &size);
    ledger->awaited = error != SC_OK && error != SC_F_COMM_ERROR;
    if (error != SC_OK)
        return error;
    if (size > t->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    t->out_size = size;
    return SC_OK;
}

static enum sc_error ledger_transmit(struct hid_token *token, struct transfer *t)
{
    uint8_t command[LEDGER_COMMAND_MAX];
    if (t->in_size < APDU_HEADER_SIZE)
        return SC_E_INVALID_PARAMETER;
    size_t size = ledger_command(t->in, t->in_size, command);
    if (size == 0) {
        if (t->out_room < LEDGER_ANSWER_MIN)
            return SC_E_INSUFFICIENT_BUFFER;
        t->out[0] = SW_LENGTH >> 8;
        t->out[1] = SW_LENGTH & 0xFF;
        t->out_size = LEDGER_ANSWER_MIN;
        return SC_OK;
    }
    enum sc_error error = ledger_exchange(token, command, size, t);
    secret_clear(command, sizeof(command));
    return error;
}

static enum sc_error ledger_begin(struct hid_token *token)
{
    (void)token; /* it has no reset */
    return SC_OK;
}

static bool ledger_end(struct hid_token *token)
{
    return !token->as.ledger.awaited; /* the answer would be lost, and waited for */
}

const struct hid_card hid_ledger_card = {.name = "Ledger",
                                         .atr = ledger_atr,
                                         .atr_size = sizeof(ledger_atr),
                                         .begin = ledger_begin,
                                         .end = ledger_end,
                                         .transmit = ledger_transmit};
