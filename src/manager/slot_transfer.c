/* SPDX-License-Identifier: BSD-2-Clause */
/* The requests that begin something with a card and leave it as it is: a transaction, a
 * command, and the question for its ATR. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>

enum verdict transfer_start_begin(struct slot *slot, struct request *request,
                                  uint64_t now_ms)
{
    if (slot->holder == NULL && slot->state == CARD_UNKNOWN)
        slot->version++; /* needs_probe */
    assert(slot->holder == NULL || slot->holder == request->card);
    slot->holder = request->card;
    slot->depth++;
    slot->activity_ms = now_ms;
    slot->stopped_ms = 0;
    return step_done(request, SC_OK);
}

static uint32_t transmit_protocol(const struct request *request)
{
    return request->protocols != 0 ? request->protocols : request->card->active;
}

static bool transmits_raw(const struct request *request)
{
    const struct card_handle *card = request->card;
    return transmit_protocol(request) == PROTOCOL_RAW
           && (card->active == PROTOCOL_RAW || card->share == SHARE_DIRECT);
}

enum sc_error transfer_refusal(const struct slot *slot, const struct request *request)
{
    uint32_t protocol = transmit_protocol(request);
    assert(request->kind == REQUEST_TRANSMIT);
    if (slot->state == CARD_ABSENT)
        return SC_E_NO_SMARTCARD;
    if (transmits_raw(request))
        return SC_OK;
    /* The occupant may be about to power it. */
    if (!slot_is_powered(slot))
        return slot->occupant == NULL || slot->occupant == request ? SC_W_UNPOWERED_CARD
                                                                   : SC_OK;
    return protocol == PROTOCOL_UNDEFINED || protocol != request->card->active
               ? SC_E_PROTO_MISMATCH
               : SC_OK;
}

enum verdict transfer_start_transmit(struct slot *slot, struct request *request,
                                     uint64_t now_ms)
{
    enum sc_error refusal = transfer_refusal(slot, request);
    uint32_t protocol = transmit_protocol(request);
    if (refusal != SC_OK)
        return step_done(request, refusal);
    request->active = protocol;
    return step_run(request, STEP_TRANSFER, JOB_TRANSMIT, protocol,
                    now_ms + JOB_TRANSFER_MS);
}

/* What the driver has done is reported, even if the reader or the card has gone since: a
 * signature that was made is not made again. */
static enum sc_error settle_transfer(struct slot *slot, struct request *request)
{
    enum sc_error error = request->job.error;
    if (error != SC_OK && !slot_is_usable(slot))
        return SC_E_READER_UNAVAILABLE;
    if (request->kind != REQUEST_TRANSMIT)
        return error;
    if (error == SC_E_NO_SMARTCARD || (error != SC_OK && request->epoch != slot->epoch))
        return SC_W_REMOVED_CARD;
    if (error != SC_OK)
        return error;
    /* SW1 SW2 at least: ISO/IEC 7816-4:2013, 5.1. */
    if (request->active != PROTOCOL_RAW && request->transfer.out_size < 2)
        return SC_F_COMM_ERROR;
    slot->transmissions++;
    return SC_OK;
}

enum verdict transfer_start_probe(struct slot *slot, struct request *request,
                                  uint64_t now_ms)
{
    if (slot->state != CARD_UNKNOWN || slot->holder != NULL)
        return step_done(request, SC_OK);
    return step_run_power(request, STEP_TRANSFER, POWER_COLD_RESET, now_ms);
}

/* Stopped, it was overdue, unless the slot is being closed, for nothing else stops it:
 * the card is mute, and not to be asked once more. */
static enum sc_error settle_probe(struct slot *slot, struct request *request)
{
    if (request->job.error == SC_E_CANCELLED && !slot->closing)
        request->job.error = SC_E_TIMEOUT;
    return step_settle_power(slot, request);
}

enum verdict transfer_done(struct slot *slot, struct request *request)
{
    if (request->kind == REQUEST_PROBE)
        return step_done(request, settle_probe(slot, request));
    return step_done(request, settle_transfer(slot, request));
}
