/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands to the card, at each level of exchange (CCID 5.1 dwFeatures, 6.1.4, 6.2.1). */
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ccid/slot.h"
#include "os/time.h"
#include "proto/apdu.h"
#include "proto/t0.h"

#include <string.h>

enum {
    EMPTY_PIECES_MAX = 64, /* of a chain, in a row, before it is given up */
    CLA_PSEUDO = 0xFF,     /* commands to the reader (PC/SC part 3, 3.2; part 10, 2.2) */
    INS_PPDU = 0xC2
};

/* --- One block ---------------------------------------------------------------------- */

enum sc_error ccid_slot_block(struct ccid_slot *slot, struct ccid_call *call, uint8_t bwi,
                              uint16_t level)
{
    call->type = CCID_XFR_BLOCK;
    call->p[0] = bwi;
    call->p[1] = (uint8_t)level;
    call->p[2] = (uint8_t)(level >> 8);
    return ccid_slot_command(slot, call);
}

/* How long a reader may be silent that exchanges a whole command by itself. */
static uint32_t patience(const struct ccid_slot *slot, const struct transfer *t)
{
    uint64_t ms = slot->protocol == PROTOCOL_T1   ? timing_t1_total_ms(&slot->timing)
                  : slot->protocol == PROTOCOL_T0 ? timing_t0_total_ms(&slot->timing)
                                                  : TIMING_FALLBACK_MS;
    if (ms < TIMING_MINIMUM_MS)
        ms = TIMING_MINIMUM_MS;
    if (t->in_size >= 2 && t->in[0] == CLA_PSEUDO && t->in[1] == INS_PPDU
        && ms < CCID_PSEUDO_MS)
        ms = CCID_PSEUDO_MS;
    if ((slot->ccid->quirks & QUIRK_PATIENT) != 0)
        ms += CCID_LONG_MS;
    return ms < CCID_EXCHANGE_MAX_MS ? (uint32_t)ms : CCID_EXCHANGE_MAX_MS;
}

/* Adds a piece of the answer. All of it is counted, so that a chain can be followed to
 * its end although there is no room. */
static void take_piece(struct transfer *t, const struct ccid_reply *reply)
{
    if (t->out_size <= t->out_room && reply->size <= t->out_room - t->out_size
        && reply->size > 0)
        memcpy(t->out + t->out_size, reply->data, reply->size);
    t->out_size += reply->size;
}

/* --- APDU levels -------------------------------------------------------------------- */

/* Sends the command in as many pieces as the reader's messages make it (CCID 6.1.4,
 * wLevelParameter). */
static enum sc_error send_chain(struct ccid_slot *slot, const struct transfer *t,
                                struct ccid_call *call)
{
    size_t most = slot->ccid->descriptor.message_split - CCID_HEADER_SIZE;
    size_t sent = 0;
    for (;;) {
        size_t left = t->in_size - sent;
        bool first = sent == 0, last = left <= most;
        uint16_t level = first ? (last ? CCID_CHAIN_WHOLE : CCID_CHAIN_FIRST)
                               : (last ? CCID_CHAIN_LAST : CCID_CHAIN_MIDDLE);
        call->data = t->in + sent;
        call->size = last ? left : most;
        enum sc_error error = ccid_slot_block(slot, call, 0, level);
        if (error != SC_OK || last)
            return error;
        /* Between pieces comes nothing but "go on". */
        if (call->reply.size > 0)
            return SC_F_COMM_ERROR;
        sent += call->size;
    }
}

static enum sc_error receive_chain(struct ccid_slot *slot, struct transfer *t,
                                   struct ccid_call *call)
{
    uint32_t empty = 0;
    take_piece(t, &call->reply);
    while (call->reply.extra == CCID_CHAIN_FIRST || call->reply.extra == CCID_CHAIN_MIDDLE
           || (call->reply.extra == CCID_CHAIN_CONTINUE && call->reply.size == 0)) {
        empty = call->reply.size == 0 ? empty + 1 : 0;
        if (empty > EMPTY_PIECES_MAX || t->out_size > DRIVER_TRANSFER_MAX)
            return SC_F_COMM_ERROR;
        call->data = NULL;
        call->size = 0;
        enum sc_error error = ccid_slot_block(slot, call, 0, CCID_CHAIN_CONTINUE);
        if (error != SC_OK)
            return error;
        take_piece(t, &call->reply);
    }
    return SC_OK;
}

static enum sc_error transmit_extended(struct ccid_slot *slot, struct transfer *t,
                                       struct ccid_call *call)
{
    enum sc_error error = send_chain(slot, t, call);
    return error == SC_OK ? receive_chain(slot, t, call) : error;
}

/* Extended lengths that a short command can say as well are said so: the reader takes no
 * others. */
static enum sc_error transmit_short(struct ccid_slot *slot, struct transfer *t,
                                    struct ccid_call *call)
{
    uint8_t bytes[APDU_SHORT_COMMAND_MAX];
    struct apdu apdu;
    call->data = t->in;
    call->size = t->in_size;
    if (apdu_parse(t->in, t->in_size, &apdu) && apdu_is_extended(apdu.shape)) {
        call->size = apdu_shorten(&apdu) ? apdu_build(&apdu, bytes, sizeof(bytes)) : 0;
        if (call->size == 0)
            return SC_E_INVALID_PARAMETER;
        call->data = bytes;
    }
    enum sc_error error = ccid_slot_block(slot, call, 0, 0);
    secret_clear(bytes, sizeof(bytes));
    call->data = NULL; /* it may be those bytes */
    if (error == SC_OK)
        take_piece(t, &call->reply);
    return error;
}

/* --- TPDU level --------------------------------------------------------------------- */

/* A failure that the card or the line is to blame for is one that the engine knows what
 * to do about. */
static enum sc_error blame_line(struct t1 *t1, const struct ccid_call *call,
                                enum t1_step *step)
{
    static const uint8_t noise[] = {0xFF};
    if (call->reply.outcome != CCID_FAILED)
        return SC_F_COMM_ERROR;
    if (call->reply.error == CCID_ERROR_MUTE)
        *step = t1_receive(t1, NULL, 0);
    else if (call->reply.error == CCID_ERROR_PARITY)
        *step = t1_receive(t1, noise, sizeof(noise));
    else
        return SC_F_COMM_ERROR;
    return SC_OK;
}

/* How long for one block: until it begins (BWT), and a block each way. Between two
 * characters CWT may pass, up to 3 s; a card that makes use of that for each would take
 * minutes for a block, and none does, so four times their own length is what they get. */
static uint32_t block_patience(const struct ccid_slot *slot)
{
    static const uint64_t etu = (uint64_t)2 * T1_BLOCK_MAX * 12 * 4;
    uint64_t ms = timing_t1_block_ms(&slot->timing, slot->t1.wait_multiplier, 0)
                  + etu * timing_etu_ns(&slot->timing) / 1000000;
    if (ms < TIMING_MINIMUM_MS)
        return TIMING_MINIMUM_MS;
    return ms < CCID_EXCHANGE_MAX_MS ? (uint32_t)ms : CCID_EXCHANGE_MAX_MS;
}

enum sc_error ccid_slot_t1_block(struct ccid_slot *slot, struct ccid_call *call,
                                 enum t1_step *step)
{
    struct t1 *t1 = &slot->t1;
    enum sc_error error;
    call->data = t1->block;
    call->size = t1->block_size;
    call->timeout_ms = block_patience(slot);
    uint8_t bwi = t1->wait_multiplier > 1 ? t1->wait_multiplier : 0;
    if (slot->ccid->descriptor.level == CCID_CHARACTER) {
        uint8_t block[T1_BLOCK_MAX];
        size_t size;
        error = ccid_slot_t1_characters(slot, call, bwi, block, &size);
        if (error == SC_OK)
            *step = t1_receive(t1, block, size);
        secret_clear(block, sizeof(block));
    } else {
        error = ccid_slot_block(slot, call, bwi, 0);
        if (error == SC_OK)
            *step = t1_receive(t1, call->reply.data, call->reply.size);
    }
    return error == SC_F_COMM_ERROR ? blame_line(t1, call, step) : error;
}

enum sc_error ccid_slot_run_t1(struct ccid_slot *slot, enum t1_step step,
                               uint64_t deadline_ms)
{
    while (step == T1_SEND) {
        struct ccid_call call = {.deadline_ms = deadline_ms};
        enum sc_error error = ccid_slot_t1_block(slot, &call, &step);
        if (error != SC_OK) {
            t1_clear(&slot->t1);
            return error;
        }
    }
    enum sc_error error = step == T1_DONE ? SC_OK : slot->t1.error;
    t1_clear(&slot->t1);
    return error;
}

static enum sc_error transmit_t1(struct ccid_slot *slot, struct transfer *t)
{
    enum t1_step step = t1_start(&slot->t1, t->in, t->in_size, t->out, t->out_room);
    enum sc_error error = ccid_slot_run_t1(slot, step, t->job.deadline_ms);
    t->out_size = error == SC_OK ? slot->t1.out_size : 0;
    return error;
}

/* Case 1 has no P3. CCID gives the reader four bytes, and lets it add the fifth; there
 * are readers that want it. Asked once more, as nothing has reached the card. */
static bool wants_five(const struct ccid_slot *slot, const struct ccid_call *call,
                       enum sc_error error)
{
    return error == SC_F_COMM_ERROR && call->size == APDU_HEADER_SIZE
           && !slot->long_case_1 && call->reply.outcome == CCID_FAILED
           && call->reply.error == CCID_ERROR_LENGTH;
}

static enum sc_error run_characters(struct ccid_slot *slot, struct t0 *t0,
                                    uint64_t deadline_ms, enum t0_step *step)
{
    uint8_t answer[T0_ANSWER_MAX];
    size_t size = 0;
    enum sc_error error = ccid_slot_t0_characters(
        slot, t0->command, t0->command_size, t0->answer_max, deadline_ms, answer, &size);
    if (error == SC_OK)
        *step = t0_receive(t0, answer, size);
    secret_clear(answer, sizeof(answer));
    return error;
}

static enum sc_error run_tpdu(struct ccid_slot *slot, struct t0 *t0,
                              struct ccid_call *call, enum t0_step *step)
{
    if (slot->ccid->descriptor.level == CCID_CHARACTER)
        return run_characters(slot, t0, call->deadline_ms, step);
    bool case_1 = t0->command_size == 5 && t0->apdu.shape == APDU_CASE_1;
    call->data = t0->command;
    call->size = case_1 && !slot->long_case_1 ? APDU_HEADER_SIZE : t0->command_size;
    enum sc_error error = ccid_slot_block(slot, call, 0, 0);
    if (wants_five(slot, call, error)) {
        slot->long_case_1 = true;
        call->size = t0->command_size;
        error = ccid_slot_block(slot, call, 0, 0);
    }
    if (error == SC_OK)
        *step = t0_receive(t0, call->reply.data, call->reply.size);
    return error;
}

static enum sc_error transmit_t0(struct ccid_slot *slot, struct transfer *t,
                                 struct ccid_call *call)
{
    const struct ccid_settings *settings = &slot->ccid->settings;
    struct t0_options options = {.get_response = settings->whole_apdus,
                                 .correct_le = settings->whole_apdus,
                                 .envelope = settings->whole_apdus};
    struct t0 t0;
    enum sc_error error = SC_OK;
    enum t0_step step = t0_start(&t0, &options, t->in, t->in_size, t->out, t->out_room);
    while (step == T0_SEND && error == SC_OK)
        error = run_tpdu(slot, &t0, call, &step);
    if (error == SC_OK && step == T0_FAIL)
        error = t0.error;
    t->out_size = error == SC_OK ? t0.out_size : 0;
    t0_clear(&t0);
    return error;
}

/* --- Transmit ----------------------------------------------------------------------- */

static enum sc_error transmit(struct ccid_slot *slot, uint32_t protocol,
                              struct transfer *t)
{
    struct ccid_call call = {.timeout_ms = patience(slot, t),
                             .deadline_ms = t->job.deadline_ms};
    switch (slot->ccid->descriptor.level) {
    case CCID_EXTENDED_APDU:
        return transmit_extended(slot, t, &call);
    case CCID_SHORT_APDU:
        return transmit_short(slot, t, &call);
    case CCID_TPDU:
    case CCID_CHARACTER:
        break;
    }
    if (protocol == PROTOCOL_T1)
        return transmit_t1(slot, t);
    if (protocol == PROTOCOL_T0)
        return transmit_t0(slot, t, &call);
    /* RAW: the bytes are the program's business. */
    call.data = t->in;
    call.size = t->in_size;
    enum sc_error error = ccid_slot_block(slot, &call, 0, 0);
    if (error == SC_OK)
        take_piece(t, &call.reply);
    return error;
}

/* The time that the user allows for one command, if it is less than the job has. */
static void limit_time(const struct ccid_slot *slot, struct transfer *t)
{
    uint64_t limit_ms = os_now_ms() + slot->ccid->settings.apdu_timeout_ms;
    if (t->job.deadline_ms > limit_ms)
        t->job.deadline_ms = limit_ms;
}

enum sc_error ccid_slot_transmit(void *reader, uint32_t protocol, struct transfer *t)
{
    struct ccid_slot *slot = reader;
    t->out_size = 0;
    limit_time(slot, t);
    enum sc_error error = ccid_slot_enter(slot, &t->job);
    if (error != SC_OK)
        return error;
    if (!slot->powered || ccid_slot_card_changed(slot))
        error = SC_W_REMOVED_CARD;
    else if (protocol != PROTOCOL_RAW
             && (protocol != slot->protocol || protocol == PROTOCOL_UNDEFINED))
        error = SC_E_PROTO_MISMATCH;
    else if (t->in_size == 0 || t->in_size > DRIVER_TRANSFER_MAX)
        error = SC_E_INVALID_PARAMETER; /* nothing is no command, in RAW either */
    else
        error = transmit(slot, protocol, t);
    if (error == SC_OK && t->out_size > t->out_room)
        error = SC_E_INSUFFICIENT_BUFFER;
    if (error == SC_OK && protocol != PROTOCOL_RAW && t->out_size < 2)
        error = SC_F_COMM_ERROR; /* no status word: not an answer */
    if (slot->protocol == PROTOCOL_T1 && slot->t1.state == T1_DEAD)
        ccid_slot_lost_power(slot); /* only a reset helps it: to the host, a new card */
    /* Whatever the reader called it: without a card that is the reason. */
    if ((error == SC_F_COMM_ERROR || error == SC_E_NO_SMARTCARD)
        && ccid_slot_card_changed(slot))
        error = SC_W_REMOVED_CARD;
    if (error != SC_OK)
        t->out_size = 0;
    ccid_slot_leave(slot);
    return error;
}
