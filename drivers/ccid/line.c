/* SPDX-License-Identifier: BSD-2-Clause */
/* A slot as a line to its card (drivers/iso/line.h): a TPDU or a block in one message, or
 * bytes at character level, where wLevelParameter says how many are to come back (CCID
 * 6.1.4). */
#include "drivers/ccid/slot.h"
#include "proto/apdu.h"

#include <assert.h>

enum { FULL_PACKET = 64 };

static struct ccid_slot *line_slot(struct iso_line *line)
{
    return CONTAINER_OF(line, struct ccid_slot, line);
}

/* --- TPDU level --------------------------------------------------------------------- */

/* Case 1 has no P3. CCID gives the reader four bytes, and lets it add the fifth; there
 * are readers that want it. Asked once more, as nothing has reached the card. */
static bool wants_five(const struct ccid_slot *slot, const struct ccid_call *call,
                       enum sc_error error)
{
    return error == SC_F_COMM_ERROR && call->size == APDU_HEADER_SIZE
           && !slot->long_case_1 && call->reply.outcome == CCID_FAILED
           && call->reply.error == CCID_ERROR_LENGTH;
}

static enum sc_error send_tpdu(struct ccid_slot *slot, struct ccid_call *call,
                               const struct iso_exchange *x)
{
    if (slot->card.protocol == PROTOCOL_T0)
        call->timeout_ms = ccid_slot_patience(slot, x->out, x->out_size);
    if (x->case_1 && !slot->long_case_1)
        call->size = APDU_HEADER_SIZE;
    enum sc_error error = ccid_slot_block(slot, call, x->wait_multiplier, 0);
    if (x->case_1 && wants_five(slot, call, error)) {
        slot->long_case_1 = true;
        call->size = x->out_size;
        error = ccid_slot_block(slot, call, x->wait_multiplier, 0);
    }
    return error;
}

/* --- Character level ---------------------------------------------------------------- */

static size_t most_at_once(const struct ccid_slot *slot)
{
    assert(slot->ccid->descriptor.message_split > CCID_HEADER_SIZE);
    return slot->ccid->descriptor.message_split - CCID_HEADER_SIZE;
}

/* As many as a message has room for; some firmware hangs when its message fills a packet:
 * then fewer. The rest is asked for next. */
static uint16_t to_ask(const struct ccid_slot *slot, size_t expect)
{
    if (expect > most_at_once(slot))
        expect = most_at_once(slot);
    bool full = (CCID_HEADER_SIZE + expect) % FULL_PACKET == 0;
    if (full && (slot->ccid->quirks & QUIRK_NO_FULL_PACKET) != 0)
        return 1;
    return (uint16_t)expect;
}

/* What a message has no room for goes ahead in messages that ask for nothing. */
static enum sc_error send_characters(struct ccid_slot *slot, struct ccid_call *call,
                                     const struct iso_exchange *x)
{
    while (call->size > most_at_once(slot)) {
        size_t rest = call->size - most_at_once(slot);
        const uint8_t *next = call->data + most_at_once(slot);
        call->size = most_at_once(slot);
        enum sc_error error = ccid_slot_block(slot, call, x->wait_multiplier, 0);
        if (error != SC_OK)
            return error;
        call->data = next;
        call->size = rest;
    }
    return ccid_slot_block(slot, call, x->wait_multiplier, to_ask(slot, x->expect));
}

/* --- The line ----------------------------------------------------------------------- */

static enum iso_fault fault_of(const struct ccid_reply *reply)
{
    if (reply->outcome == CCID_FAILED && reply->error == CCID_ERROR_MUTE)
        return ISO_FAULT_MUTE;
    if (reply->outcome == CCID_FAILED && reply->error == CCID_ERROR_PARITY)
        return ISO_FAULT_PARITY;
    return ISO_FAULT_OTHER;
}

static enum sc_error line_exchange(struct iso_line *line, struct iso_exchange *x)
{
    struct ccid_slot *slot = line_slot(line);
    struct ccid_call call = {.data = x->out,
                             .size = x->out_size,
                             .timeout_ms = x->timeout_ms,
                             .deadline_ms = x->job->deadline_ms};
    enum sc_error error = line->kind == ISO_LINE_CHARACTERS
                              ? send_characters(slot, &call, x)
                              : send_tpdu(slot, &call, x);
    x->in = call.reply.data;
    x->in_size = call.reply.size;
    x->fault = fault_of(&call.reply);
    return error;
}

static enum sc_error line_reset(struct iso_line *line, const struct driver_job *job)
{
    return ccid_slot_reset(line_slot(line), job->deadline_ms);
}

static enum sc_error line_set_parameters(struct iso_line *line,
                                         const struct iso_parameters *parameters,
                                         const struct driver_job *job)
{
    return ccid_slot_set_parameters(line_slot(line), parameters, job->deadline_ms);
}

void ccid_slot_make_line(struct ccid_slot *slot)
{
    bool characters = slot->ccid->descriptor.level == CCID_CHARACTER;
    slot->line =
        (struct iso_line){.kind = characters ? ISO_LINE_CHARACTERS : ISO_LINE_TPDU,
                          .exchange = line_exchange,
                          .set_parameters = line_set_parameters,
                          .reset = line_reset};
    slot->card.line = &slot->line;
}
