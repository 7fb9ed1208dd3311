/* SPDX-License-Identifier: BSD-2-Clause */
/* Control codes at one reader: Microsoft's (ioctl.h) as steps, all others are the
 * driver's. */
#include "manager/ioctl.h"
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>
#include <string.h>

/* --- Power and protocol ------------------------------------------------------------- */

/* The handle has this protocol from now on, and knows the card as it is. */
static enum verdict take_protocol(struct slot *slot, struct request *request,
                                  uint32_t protocol)
{
    struct card_handle *card = request->card;
    assert(slot_is_powered(slot));
    card->active = protocol;
    card->bound = true;
    card->epoch = slot->epoch;
    card->reset_seen = slot->resets;
    if (request->number == IOCTL_POWER)
        return step_done(request, SC_OK);
    return step_done(request, ioctl_reply_number(&request->transfer, protocol));
}

static enum sc_error why_none(const struct slot *slot, const struct request *request)
{
    return (request->protocols & slot->offered) != 0 ? SC_E_PROTO_MISMATCH
                                                     : SC_X_NOT_SUPPORTED;
}

/* The card has power: the protocol in force, or else one of those asked for. */
static enum verdict agree_on_one(struct slot *slot, struct request *request,
                                 uint64_t now_ms)
{
    uint32_t protocol = step_choose_protocol(slot, request);
    if (protocol == PROTOCOL_UNDEFINED)
        return step_done(request, why_none(slot, request));
    if (protocol == PROTOCOL_RAW || protocol == slot->protocol)
        return take_protocol(slot, request, protocol);
    return step_run(request, STEP_CONTROL_PROTOCOL, JOB_PROTOCOL, protocol,
                    now_ms + JOB_PROTOCOL_MS);
}

static enum verdict start_protocol(struct slot *slot, struct request *request,
                                   uint64_t now_ms)
{
    enum sc_error error = ioctl_protocols(&request->transfer, &request->protocols);
    if (error == SC_OK)
        error = slot_check_card(slot, request->card);
    if (error == SC_OK && slot->state == CARD_ABSENT)
        error = SC_E_NO_SMARTCARD;
    if (error != SC_OK)
        return step_done(request, error);
    if (!slot_is_powered(slot))
        return step_run_power(request, STEP_CONTROL_POWER, POWER_COLD_RESET, now_ms);
    return agree_on_one(slot, request, now_ms);
}

static enum verdict start_power(struct slot *slot, struct request *request,
                                uint64_t now_ms)
{
    enum power_action action;
    enum sc_error error = ioctl_power_action(&request->transfer, &action);
    if (error == SC_OK)
        error = slot_check_card(slot, request->card);
    if (error == SC_OK && slot->state == CARD_ABSENT)
        error = SC_E_NO_SMARTCARD;
    if (error != SC_OK)
        return step_done(request, error);
    if (action == POWER_OFF && !slot_is_powered(slot))
        return step_done(request, SC_OK);
    return step_run_power(request, STEP_CONTROL_POWER, action, now_ms);
}

static void reply_atr(const struct slot *slot, struct request *request)
{
    struct transfer *transfer = &request->transfer;
    if (request->job.action == POWER_OFF || transfer->out_room < DRIVER_ATR_MAX)
        return;
    memcpy(transfer->out, slot->atr, slot->atr_size);
    transfer->out_size = slot->atr_size;
}

static enum verdict powered(struct slot *slot, struct request *request, uint64_t now_ms)
{
    struct card_handle *card = request->card;
    enum sc_error error = step_settle_power(slot, request);
    if (card->epoch == slot->epoch) /* else it is not about the handle's card */
        card->reset_seen = slot->resets;
    if (error == SC_OK && request->number == IOCTL_SET_PROTOCOL)
        return agree_on_one(slot, request, now_ms);
    if (error == SC_OK)
        reply_atr(slot, request);
    request->protocols = card->active & (PROTOCOL_T0 | PROTOCOL_T1) & slot->offered;
    card->active = PROTOCOL_UNDEFINED;
    if (error != SC_OK || request->job.action == POWER_OFF || request->protocols == 0)
        return step_done(request, error);
    return agree_on_one(slot, request, now_ms);
}

static enum verdict agreed(struct slot *slot, struct request *request, uint64_t now_ms)
{
    enum sc_error error = step_settle_protocol(slot, request);
    if (error == SC_OK)
        return take_protocol(slot, request, request->job.number);
    if (error == SC_E_READER_UNAVAILABLE || error == SC_W_REMOVED_CARD)
        return step_done(request, error);
    request->error = error;
    return step_run_power(request, STEP_CONTROL_GIVE_UP, POWER_COLD_RESET, now_ms);
}

static enum verdict given_up(struct slot *slot, struct request *request)
{
    enum sc_error refusal = request->error;
    struct card_handle *card = request->card;
    (void)step_settle_power(slot, request);
    if (card->epoch == slot->epoch)
        card->reset_seen = slot->resets;
    card->active = PROTOCOL_UNDEFINED;
    request->transfer.out_size = 0;
    return step_done(request, refusal);
}

/* --- All ---------------------------------------------------------------------------- */

static enum sc_error ready_if(bool holds)
{
    return holds ? SC_OK : SC_E_NOT_READY;
}

static bool moves_card(uint32_t code)
{
    return code == IOCTL_EJECT || code == IOCTL_SWALLOW || code == IOCTL_CONFISCATE;
}

enum verdict control_start(struct slot *slot, struct request *request, uint64_t now_ms)
{
    struct transfer *transfer = &request->transfer;
    assert(request->kind == REQUEST_CONTROL && request->card != NULL);
    transfer->out_size = 0;
    switch (request->number) {
    case IOCTL_POWER:
        return start_power(slot, request, now_ms);
    case IOCTL_SET_PROTOCOL:
        return start_protocol(slot, request, now_ms);
    case IOCTL_GET_STATE:
        return step_done(request,
                         ioctl_reply_number(transfer, ioctl_state_number(slot->state)));
    case IOCTL_GET_LAST_ERROR:
        return step_done(request,
                         ioctl_reply_number(transfer, request->card->last_error));
    case IOCTL_IS_PRESENT:
        return step_done(request, ready_if(slot->state != CARD_ABSENT));
    case IOCTL_IS_ABSENT:
        return step_done(request, ready_if(slot->state == CARD_ABSENT));
    case IOCTL_EJECT:
    case IOCTL_CONFISCATE:
        if (slot->state == CARD_ABSENT)
            return step_done(request, SC_E_NO_SMARTCARD);
        break;
    default:
        break;
    }
    return step_run(request, STEP_CONTROL, JOB_CONTROL, request->number,
                    now_ms + JOB_TRANSFER_MS);
}

static enum verdict driver_done(struct slot *slot, struct request *request)
{
    enum sc_error error = request->job.error;
    if (error != SC_OK && !slot_is_usable(slot))
        error = SC_E_READER_UNAVAILABLE;
    else if (error == SC_E_UNSUPPORTED_FEATURE && moves_card(request->number))
        error = SC_X_NOT_SUPPORTED;
    return step_done(request, error);
}

enum verdict control_next(struct slot *slot, struct request *request, uint64_t now_ms)
{
    if (request->step == STEP_CONTROL_POWER)
        return powered(slot, request, now_ms);
    if (request->step == STEP_CONTROL_PROTOCOL)
        return agreed(slot, request, now_ms);
    if (request->step == STEP_CONTROL_GIVE_UP)
        return given_up(slot, request);
    return driver_done(slot, request);
}

void control_note_error(struct request *request)
{
    if (request->card != NULL
        && (request->kind != REQUEST_CONTROL || request->number != IOCTL_GET_LAST_ERROR))
        request->card->last_error = (uint32_t)request->error;
}
