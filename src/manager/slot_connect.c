/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardConnect and SCardReconnect at one reader. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>

static bool is_shared_with_others(const struct slot *slot, const struct card_handle *card)
{
    return slot->card_count > (card->stage != HANDLE_LOOSE ? 1U : 0U);
}

static bool wants_alone(const struct request *request)
{
    return request->share == SHARE_EXCLUSIVE || request->alone;
}

static bool share_conflicts(const struct slot *slot, const struct request *request)
{
    if (slot->exclusive != NULL && slot->exclusive != request->card)
        return true;
    return wants_alone(request) && is_shared_with_others(slot, request->card);
}

/* On Windows SCardReconnect gives the transaction back (SCardEndTransaction's page names
 * it beside SCardDisconnect). */
static void give_transaction_back(struct slot *slot, const struct request *request)
{
    if (request->kind == REQUEST_RECONNECT && slot->holder == request->card
        && request->card->program.abi == ABI_WINDOWS)
        slot_release_transaction(slot);
}

static void attach_handle(struct slot *slot, struct request *request, bool bound)
{
    struct card_handle *card = request->card;
    give_transaction_back(slot, request);
    assert(!share_conflicts(slot, request));
    if (card->stage == HANDLE_LOOSE) {
        card->stage = HANDLE_ATTACHED;
        list_append(&slot->cards, &card->in_slot);
        slot->card_count++;
        slot->version++;
    }
    if ((slot->exclusive == card) != wants_alone(request)) {
        slot->exclusive = wants_alone(request) ? card : NULL;
        slot->version++;
    }
    assert(card->slot == slot);
    card->share = request->share;
    card->bound = bound;
    card->epoch = slot->epoch;
    card->reset_seen = slot->resets;
    card->active = request->active;
}

static enum verdict attach_done(struct slot *slot, struct request *request, bool bound,
                                uint32_t active)
{
    request->active = active;
    attach_handle(slot, request, bound);
    return step_done(request, SC_OK);
}

/* A DIRECT handle is one to the reader: no protocol is negotiated for it. It is told the
 * one in force; then, and only then, it is one to the card as well. */
static enum verdict attach_direct(struct slot *slot, struct request *request)
{
    return attach_done(slot, request, slot->protocol != PROTOCOL_UNDEFINED,
                       slot->protocol);
}

/* The card is up: agree on a protocol, or take the one in force. */
static enum verdict agree_on_protocol(struct slot *slot, struct request *request,
                                      uint64_t now_ms)
{
    uint32_t protocol = step_choose_protocol(slot, request);
    assert(slot_is_powered(slot));
    if (request->share == SHARE_DIRECT)
        return attach_direct(slot, request);
    if (protocol == PROTOCOL_UNDEFINED)
        return step_done(request, SC_E_PROTO_MISMATCH);
    if (protocol == PROTOCOL_RAW || protocol == slot->protocol)
        return attach_done(slot, request, true, protocol);
    return step_run(request, STEP_PROTOCOL, JOB_PROTOCOL, protocol,
                    now_ms + JOB_PROTOCOL_MS);
}

/* A protocol is in force that the caller cannot use, and nobody else relies on it: a
 * reset makes the card negotiable again. */
static bool reset_helps(const struct slot *slot, const struct request *request)
{
    return slot->state == CARD_SPECIFIC && step_choose_protocol(slot, request) == 0
           && (request->protocols & slot->offered) != 0
           && !is_shared_with_others(slot, request->card);
}

enum sc_error connect_refusal(const struct slot *slot, const struct request *request)
{
    if (slot->state == CARD_ABSENT && request->kind == REQUEST_RECONNECT
        && request->share == SHARE_EXCLUSIVE)
        return SC_E_NO_SMARTCARD; /* it may have waited until it was alone */
    if (share_conflicts(slot, request) || slot->reader == SLOT_TAKEN)
        return SC_E_SHARING_VIOLATION;
    if (request->share == SHARE_DIRECT)
        return SC_OK;
    if (slot->state == CARD_ABSENT)
        return SC_E_NO_SMARTCARD;
    return request->protocols == PROTOCOL_UNDEFINED ? SC_E_PROTO_MISMATCH : SC_OK;
}

enum verdict connect_start(struct slot *slot, struct request *request, uint64_t now_ms)
{
    enum sc_error refusal = connect_refusal(slot, request);
    if (refusal != SC_OK)
        return step_done(request, refusal);
    if (request->share == SHARE_DIRECT)
        return attach_direct(slot, request);
    if (!slot_is_powered(slot))
        return step_run_power(request, STEP_POWER, POWER_COLD_RESET, now_ms);
    if (reset_helps(slot, request))
        return step_run_power(request, STEP_POWER, POWER_WARM_RESET, now_ms);
    return agree_on_protocol(slot, request, now_ms);
}

bool connect_needs_no_job(const struct slot *slot, const struct request *request)
{
    if (connect_refusal(slot, request) != SC_OK || request->share == SHARE_DIRECT)
        return true;
    if (!slot_is_powered(slot) || reset_helps(slot, request))
        return false;
    uint32_t protocol = step_choose_protocol(slot, request);
    return protocol == PROTOCOL_UNDEFINED || protocol == PROTOCOL_RAW
           || protocol == slot->protocol;
}

bool connect_waits_alone(const struct slot *slot, const struct request *request)
{
    const struct card_handle *card = request->card;
    return request->kind == REQUEST_RECONNECT && request->share == SHARE_EXCLUSIVE
           && request->patience == PATIENCE_ENDLESS && card->program.abi == ABI_PCSCLITE
           && slot->exclusive == NULL && is_shared_with_others(slot, card)
           && slot->state != CARD_ABSENT && !(card->bound && card->epoch != slot->epoch);
}

enum verdict connect_power_done(struct slot *slot, struct request *request,
                                uint64_t now_ms)
{
    enum sc_error error = step_settle_power(slot, request);
    if (error == SC_OK)
        return agree_on_protocol(slot, request, now_ms);
    if (error == SC_E_READER_UNAVAILABLE || error == SC_E_CANCELLED)
        return step_done(request, error);
    return request->share == SHARE_DIRECT ? attach_direct(slot, request)
                                          : step_done(request, error);
}

enum verdict connect_protocol_done(struct slot *slot, struct request *request,
                                   uint64_t now_ms)
{
    enum sc_error error = step_settle_protocol(slot, request);
    if (error == SC_OK)
        return attach_done(slot, request, true, request->job.number);
    if (error == SC_E_READER_UNAVAILABLE || error == SC_W_REMOVED_CARD)
        return step_done(request, error);
    request->error = error;
    return step_run_power(request, STEP_GIVE_UP, POWER_COLD_RESET, now_ms);
}

/* A refused protocol leaves the card between two states; after the reset it is usable:
 * with the protocol that it begins with, where T=1 was only our choice and the reader
 * cannot change protocols. */
enum verdict connect_give_up_done(struct slot *slot, struct request *request,
                                  uint64_t now_ms)
{
    enum sc_error refusal = request->error;
    enum sc_error error = step_settle_power(slot, request);
    bool other = request->preference == PREFER_T1 && slot->first == PROTOCOL_T0
                 && (request->protocols & slot->offered & PROTOCOL_T0) != 0;
    request->preference = PREFER_FIRST;
    if (error != SC_OK || refusal != SC_E_PROTO_MISMATCH || !other)
        return step_done(request, refusal);
    request->error = SC_OK;
    return agree_on_protocol(slot, request, now_ms);
}

enum verdict connect_start_again(struct slot *slot, struct request *request,
                                 uint64_t now_ms)
{
    enum sc_error refusal = connect_refusal(slot, request);
    if (refusal != SC_OK)
        return step_done(request, refusal);
    if (request->disposition == DISPOSITION_LEAVE && slot->state == CARD_SPECIFIC)
        return agree_on_protocol(slot, request, now_ms);
    if (request->disposition == DISPOSITION_LEAVE || !slot_is_powered(slot))
        return connect_start(slot, request, now_ms);
    enum power_action action =
        request->disposition == DISPOSITION_RESET ? POWER_WARM_RESET : POWER_COLD_RESET;
    return step_run_power(request, STEP_POWER, action, now_ms);
}
