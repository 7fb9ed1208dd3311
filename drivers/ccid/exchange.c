/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands to the card, at each level of exchange (CCID 5.1 dwFeatures, 6.1.4, 6.2.1). */
#include "base/log.h"
#include "base/secret.h"
#include "drivers/ccid/slot.h"
#include "os/time.h"
#include "proto/apdu.h"

#include <assert.h>
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

uint32_t ccid_slot_patience(const struct ccid_slot *slot, const uint8_t *command,
                            size_t size)
{
    const struct iso_card *card = &slot->card;
    uint64_t ms = card->protocol == PROTOCOL_T1   ? timing_t1_total_ms(&card->timing)
                  : card->protocol == PROTOCOL_T0 ? timing_t0_total_ms(&card->timing)
                                                  : TIMING_FALLBACK_MS;
    if (ms < TIMING_MINIMUM_MS)
        ms = TIMING_MINIMUM_MS;
    if (size >= 2 && command[0] == CLA_PSEUDO && command[1] == INS_PPDU
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
    assert(slot->ccid->descriptor.message_split > CCID_HEADER_SIZE);
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

/* Extended lengths that fit into a short command are written as one: the reader takes
 * nothing else. */
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

/* --- Transmit ----------------------------------------------------------------------- */

/* In RAW the bytes are the program's business. */
static enum sc_error transmit_raw(struct ccid_slot *slot, struct transfer *t,
                                  struct ccid_call *call)
{
    call->data = t->in;
    call->size = t->in_size;
    enum sc_error error = ccid_slot_block(slot, call, 0, 0);
    if (error == SC_OK)
        take_piece(t, &call->reply);
    return error;
}

static enum sc_error transmit_at_level(struct ccid_slot *slot, uint32_t protocol,
                                       struct transfer *t)
{
    struct ccid_call call = {.timeout_ms = ccid_slot_patience(slot, t->in, t->in_size),
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
    return protocol == PROTOCOL_RAW
               ? transmit_raw(slot, t, &call)
               : iso_transmit(&slot->card, slot->ccid->settings.whole_apdus, t);
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
    if (!slot->kit.powered || ccid_slot_card_changed(slot))
        error = SC_W_REMOVED_CARD;
    else if (protocol != PROTOCOL_RAW
             && (protocol != slot->card.protocol || protocol == PROTOCOL_UNDEFINED))
        error = SC_E_PROTO_MISMATCH;
    else if (t->in_size == 0 || t->in_size > DRIVER_TRANSFER_MAX)
        error = SC_E_INVALID_PARAMETER; /* an empty one is not a command, in RAW either */
    else
        error = transmit_at_level(slot, protocol, t);
    if (error == SC_OK && t->out_size > t->out_room)
        error = SC_E_INSUFFICIENT_BUFFER;
    if (error == SC_OK && protocol != PROTOCOL_RAW && t->out_size < 2)
        error = SC_F_COMM_ERROR; /* no status word: not an answer */
    if (iso_card_is_dead(&slot->card))
        ccid_slot_lost_power(slot); /* only a reset helps it: to the host, a new card */
    /* Whatever the reader called it: without a card that is the reason. */
    if ((error == SC_F_COMM_ERROR || error == SC_E_NO_SMARTCARD)
        && ccid_slot_card_changed(slot))
        error = SC_W_REMOVED_CARD;
    if (error != SC_OK)
        t->out_size = 0;
    return ccid_slot_leave(slot, error);
}
