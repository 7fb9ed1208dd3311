/* SPDX-License-Identifier: BSD-2-Clause */
/* What each request does to a reader: the rules of SCardConnect and its siblings as small
 * step machines over driver jobs. A request is in exactly one step; step_start() takes it
 * to the first job, step_next() from one job to the next. */
#include "manager/limits.h"
#include "manager/slot_internal.h"
#include "proto/atr.h"

#include <string.h>

enum verdict step_done(struct request *request, enum sc_error error)
{
    request->error = error;
    return VERDICT_DONE;
}

enum verdict step_run(struct request *request, enum step step, enum job_kind kind,
                      uint32_t number, uint64_t deadline_ms)
{
    request->step = step;
    request->job.kind = kind;
    request->job.number = number;
    request->job.deadline_ms = deadline_ms;
    return VERDICT_RUN;
}

enum verdict step_run_power(struct request *request, enum step step,
                            enum power_action action, uint64_t now_ms)
{
    request->job.action = action;
    return step_run(request, step, JOB_POWER, 0, now_ms + JOB_POWER_MS);
}

/* --- Results of power jobs ---------------------------------------------------------- */

static void take_atr(struct slot *slot, const struct job *job)
{
    struct atr atr;
    slot->atr_size = job->atr_size <= DRIVER_ATR_MAX ? job->atr_size : DRIVER_ATR_MAX;
    memcpy(slot->atr, job->atr, slot->atr_size);
    atr_parse(&atr, slot->atr, slot->atr_size);
    slot->offered = atr_protocols(&atr) & slot->able;
    slot->first = atr_default_protocol(&atr);
    slot->state = CARD_NEGOTIABLE;
}

enum sc_error step_settle_power(struct slot *slot, struct request *request)
{
    const struct job *job = &request->job;
    if (!slot->present || slot->dead)
        return SC_E_READER_UNAVAILABLE;
    if (request->epoch != slot->epoch)
        return slot->state == CARD_ABSENT ? SC_E_NO_SMARTCARD : SC_W_REMOVED_CARD;
    bool was_powered = slot_is_powered(slot);
    slot->version++;
    slot->resting = slot->reset_due = slot->reset_later = false;
    slot->protocol = PROTOCOL_UNDEFINED;
    if (was_powered)
        slot->resets++;
    if (job->error != SC_OK) {
        slot->state = job->error == SC_E_CANCELLED ? CARD_UNKNOWN : CARD_MUTE;
        slot->atr_size = 0;
        return job->error;
    }
    if (job->action == POWER_OFF)
        slot->state = CARD_OFF;
    else
        take_atr(slot, job);
    return SC_OK;
}

/* --- Connecting --------------------------------------------------------------------- */

static bool is_shared_with_others(const struct slot *slot, const struct card *card)
{
    return slot->card_count > (card->attached ? 1U : 0U);
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
static void end_by_reconnect(struct slot *slot, const struct request *request)
{
    if (request->kind == REQUEST_RECONNECT && slot->holder == request->card
        && request->card->program.abi == ABI_WINDOWS)
        slot_release_transaction(slot);
}

static void attach(struct slot *slot, struct request *request, bool bound)
{
    struct card *card = request->card;
    end_by_reconnect(slot, request);
    if (!card->attached) {
        card->attached = true;
        list_append(&slot->cards, &card->in_slot);
        slot->card_count++;
        slot->version++;
    }
    if ((slot->exclusive == card) != wants_alone(request)) {
        slot->exclusive = wants_alone(request) ? card : NULL;
        slot->version++;
    }
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
    attach(slot, request, bound);
    return step_done(request, SC_OK);
}

/* A DIRECT handle is one to the reader: no protocol is negotiated for it. It is told the
 * one in force; then, and only then, it is one to the card as well. */
static enum verdict attach_direct(struct slot *slot, struct request *request)
{
    return attach_done(slot, request, slot->protocol != PROTOCOL_UNDEFINED,
                       slot->protocol);
}

uint32_t step_choose_protocol(const struct slot *slot, const struct request *request)
{
    uint32_t wanted = request->protocols;
    uint32_t common = wanted & slot->offered;
    if (slot->protocol != PROTOCOL_UNDEFINED)
        common &= slot->protocol;
    if ((common & slot->first) != 0 && !request->prefer_t1)
        return slot->first;
    if ((common & PROTOCOL_T1) != 0)
        return PROTOCOL_T1;
    if ((common & PROTOCOL_T0) != 0)
        return PROTOCOL_T0;
    return (wanted & PROTOCOL_RAW) != 0 ? PROTOCOL_RAW : PROTOCOL_UNDEFINED;
}

/* The card is up: agree on a protocol, or take the one in force. */
static enum verdict connect_powered(struct slot *slot, struct request *request,
                                    uint64_t now_ms)
{
    uint32_t protocol = step_choose_protocol(slot, request);
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

/* Why CONNECT and RECONNECT fail without a job; SC_OK: they need not. */
static enum sc_error connect_refusal(const struct slot *slot,
                                     const struct request *request)
{
    if (slot->state == CARD_ABSENT && request->kind == REQUEST_RECONNECT
        && request->share == SHARE_EXCLUSIVE)
        return SC_E_NO_SMARTCARD; /* it may have waited until it was alone */
    if (share_conflicts(slot, request) || slot->taken)
        return SC_E_SHARING_VIOLATION;
    if (request->share == SHARE_DIRECT)
        return SC_OK;
    if (slot->state == CARD_ABSENT)
        return SC_E_NO_SMARTCARD;
    return request->protocols == PROTOCOL_UNDEFINED ? SC_E_PROTO_MISMATCH : SC_OK;
}

static enum verdict start_connect(struct slot *slot, struct request *request,
                                  uint64_t now_ms)
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
    return connect_powered(slot, request, now_ms);
}

bool step_needs_no_job(const struct slot *slot, const struct request *request)
{
    if (connect_refusal(slot, request) != SC_OK || request->share == SHARE_DIRECT)
        return true;
    if (!slot_is_powered(slot) || reset_helps(slot, request))
        return false;
    uint32_t protocol = step_choose_protocol(slot, request);
    return protocol == PROTOCOL_UNDEFINED || protocol == PROTOCOL_RAW
           || protocol == slot->protocol;
}

bool step_waits_alone(const struct slot *slot, const struct request *request)
{
    const struct card *card = request->card;
    return request->kind == REQUEST_RECONNECT && request->share == SHARE_EXCLUSIVE
           && !request->refusable && card->program.abi == ABI_PCSCLITE
           && slot->exclusive == NULL && is_shared_with_others(slot, card)
           && slot->state != CARD_ABSENT && !(card->bound && card->epoch != slot->epoch);
}

static enum verdict power_done(struct slot *slot, struct request *request,
                               uint64_t now_ms)
{
    enum sc_error error = step_settle_power(slot, request);
    if (error == SC_OK)
        return connect_powered(slot, request, now_ms);
    if (error == SC_E_READER_UNAVAILABLE || error == SC_E_CANCELLED)
        return step_done(request, error);
    return request->share == SHARE_DIRECT ? attach_direct(slot, request)
                                          : step_done(request, error);
}

enum sc_error step_settle_protocol(struct slot *slot, struct request *request)
{
    const struct job *job = &request->job;
    if (!slot->present || slot->dead)
        return SC_E_READER_UNAVAILABLE;
    if (request->epoch != slot->epoch)
        return SC_W_REMOVED_CARD;
    if (job->error != SC_OK)
        return job->error;
    slot->protocol = job->number;
    slot->state = CARD_SPECIFIC;
    slot->version++;
    return SC_OK;
}

static enum verdict protocol_done(struct slot *slot, struct request *request,
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
static enum verdict give_up_done(struct slot *slot, struct request *request,
                                 uint64_t now_ms)
{
    enum sc_error refusal = request->error;
    enum sc_error error = step_settle_power(slot, request);
    bool other = request->prefer_t1 && slot->first == PROTOCOL_T0
                 && (request->protocols & slot->offered & PROTOCOL_T0) != 0;
    request->prefer_t1 = false;
    if (error != SC_OK || refusal != SC_E_PROTO_MISMATCH || !other)
        return step_done(request, refusal);
    request->error = SC_OK;
    return connect_powered(slot, request, now_ms);
}

static enum verdict start_reconnect(struct slot *slot, struct request *request,
                                    uint64_t now_ms)
{
    enum sc_error refusal = connect_refusal(slot, request);
    if (refusal != SC_OK)
        return step_done(request, refusal);
    if (request->disposition == DISPOSITION_LEAVE && slot->state == CARD_SPECIFIC)
        return connect_powered(slot, request, now_ms);
    if (request->disposition == DISPOSITION_LEAVE || !slot_is_powered(slot))
        return start_connect(slot, request, now_ms);
    enum power_action action =
        request->disposition == DISPOSITION_RESET ? POWER_WARM_RESET : POWER_COLD_RESET;
    return step_run_power(request, STEP_POWER, action, now_ms);
}

static enum verdict start_begin(struct slot *slot, struct request *request,
                                uint64_t now_ms)
{
    if (slot->holder == NULL && slot->state == CARD_UNKNOWN)
        slot->version++; /* needs_probe */
    slot->holder = request->card;
    slot->depth++;
    slot->activity_ms = now_ms;
    slot->stopped_ms = 0;
    return step_done(request, SC_OK);
}

/* --- Transfers ---------------------------------------------------------------------- */

static uint32_t transmit_protocol(const struct request *request)
{
    return request->protocols != 0 ? request->protocols : request->card->active;
}

static bool transmits_raw(const struct request *request)
{
    const struct card *card = request->card;
    return transmit_protocol(request) == PROTOCOL_RAW
           && (card->active == PROTOCOL_RAW || card->share == SHARE_DIRECT);
}

/* Why it fails without a job; SC_OK: it need not. */
static enum sc_error transmit_refusal(const struct slot *slot,
                                      const struct request *request)
{
    uint32_t protocol = transmit_protocol(request);
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

static enum verdict start_transmit(struct slot *slot, struct request *request,
                                   uint64_t now_ms)
{
    enum sc_error refusal = transmit_refusal(slot, request);
    uint32_t protocol = transmit_protocol(request);
    if (refusal != SC_OK)
        return step_done(request, refusal);
    request->active = protocol;
    return step_run(request, STEP_TRANSFER, JOB_TRANSMIT, protocol,
                    now_ms + JOB_TRANSFER_MS);
}

/* What the driver has done is told, even if the reader or the card has gone since: a
 * signature that was made is not made again. */
static enum sc_error settle_transfer(struct slot *slot, struct request *request)
{
    enum sc_error error = request->job.error;
    if (error != SC_OK && (!slot->present || slot->dead))
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

static enum verdict start_probe(struct slot *slot, struct request *request,
                                uint64_t now_ms)
{
    if (slot->state != CARD_UNKNOWN || slot->holder != NULL)
        return step_done(request, SC_OK);
    return step_run_power(request, STEP_TRANSFER, POWER_COLD_RESET, now_ms);
}

/* Aborted, it was overdue, for nobody else aborts it but who closes the slot: the card is
 * mute, and not to be asked once more. */
static enum sc_error settle_probe(struct slot *slot, struct request *request)
{
    if (request->job.error == SC_E_CANCELLED && !slot->closing)
        request->job.error = SC_E_TIMEOUT;
    return step_settle_power(slot, request);
}

static enum verdict transfer_done(struct slot *slot, struct request *request)
{
    if (request->kind == REQUEST_PROBE)
        return step_done(request, settle_probe(slot, request));
    return step_done(request, settle_transfer(slot, request));
}

void step_abandon(struct slot *slot, struct request *request, enum sc_error error)
{
    if (request->kind == REQUEST_DISCONNECT)
        end_abandon(slot, request);
    else
        step_done(request, request->kind == REQUEST_CLOSE ? SC_OK : error);
}

/* --- The table ---------------------------------------------------------------------- */

/* What must hold for a request to be made at all: the reader is there; and the card is
 * the one the handle connected to, without a reset by somebody else since. */
enum need { NEED_NOTHING, NEED_READER, NEED_CARD };

static enum need needs(enum request_kind kind)
{
    switch (kind) {
    case REQUEST_BEGIN:
    case REQUEST_END:
    case REQUEST_TRANSMIT:
        return NEED_CARD;
    case REQUEST_CONNECT:
    case REQUEST_RECONNECT:
    case REQUEST_CONTROL:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_SET_ATTRIBUTE:
    case REQUEST_PROBE:
        return NEED_READER;
    case REQUEST_DISCONNECT:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_KINDS:
        break;
    }
    return NEED_NOTHING;
}

static enum sc_error check(const struct slot *slot, const struct request *request)
{
    enum need need = needs(request->kind);
    if (need == NEED_NOTHING)
        return SC_OK;
    if (!slot->present || slot->dead || slot->closing)
        return SC_E_READER_UNAVAILABLE;
    return need == NEED_CARD ? slot_check_card(slot, request->card) : SC_OK;
}

static enum verdict start_kind(struct slot *slot, struct request *request,
                               uint64_t now_ms)
{
    enum sc_error error = check(slot, request);
    if (error != SC_OK)
        return step_done(request, error);
    switch (request->kind) {
    case REQUEST_CONNECT:
        return start_connect(slot, request, now_ms);
    case REQUEST_RECONNECT:
        return start_reconnect(slot, request, now_ms);
    case REQUEST_DISCONNECT:
        return end_start_disconnect(slot, request, now_ms);
    case REQUEST_BEGIN:
        return start_begin(slot, request, now_ms);
    case REQUEST_END:
        return end_start_end(slot, request, now_ms);
    case REQUEST_TRANSMIT:
        return start_transmit(slot, request, now_ms);
    case REQUEST_CONTROL:
        return control_start(slot, request, now_ms);
    case REQUEST_GET_ATTRIBUTE:
        return step_run(request, STEP_TRANSFER, JOB_GET_ATTRIBUTE, request->number,
                        now_ms + JOB_ATTRIBUTE_MS);
    case REQUEST_SET_ATTRIBUTE:
        return step_run(request, STEP_TRANSFER, JOB_SET_ATTRIBUTE, request->number,
                        now_ms + JOB_ATTRIBUTE_MS);
    case REQUEST_PROBE:
        return start_probe(slot, request, now_ms);
    case REQUEST_CLOSE:
        return end_start_close(slot, request, now_ms);
    case REQUEST_TEND:
        return end_start_tend(slot, request, now_ms);
    case REQUEST_KINDS:
        break;
    }
    return step_done(request, SC_F_INTERNAL_ERROR);
}

bool step_stands(const struct slot *slot, const struct request *request)
{
    if (request->card == NULL) /* the host's own */
        return check(slot, request) != SC_OK;
    /* The requests of one handle are answered in their order. */
    if (slot->occupant != NULL && slot->occupant->card == request->card)
        return false;
    if (check(slot, request) != SC_OK)
        return true;
    switch (request->kind) {
    case REQUEST_CONNECT:
    case REQUEST_RECONNECT:
        /* Who is on the way out is no conflict for long. */
        return connect_refusal(slot, request) != SC_OK && slot->leaving == 0
               && !step_waits_alone(slot, request);
    case REQUEST_DISCONNECT:
        return end_disconnects_at_once(slot, request);
    case REQUEST_END:
        return end_is_refused(slot, request);
    case REQUEST_TRANSMIT:
        return transmit_refusal(slot, request) != SC_OK;
    case REQUEST_BEGIN:
    case REQUEST_CONTROL:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_SET_ATTRIBUTE:
    case REQUEST_PROBE:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_KINDS:
        break;
    }
    return false;
}

enum verdict step_answer(struct slot *slot, struct request *request, uint64_t now_ms)
{
    return start_kind(slot, request, now_ms);
}

enum verdict step_start(struct slot *slot, struct request *request, uint64_t now_ms)
{
    bool gives_back =
        request->kind == REQUEST_DISCONNECT || request->kind == REQUEST_CLOSE;
    if (slot->reset_due && slot_is_powered(slot) && !gives_back)
        return step_run_power(request, STEP_DUE_RESET, POWER_WARM_RESET, now_ms);
    return start_kind(slot, request, now_ms);
}

enum verdict step_next(struct slot *slot, struct request *request, uint64_t now_ms)
{
    switch ((enum step)request->step) {
    case STEP_DUE_RESET:
        step_settle_power(slot, request);
        return start_kind(slot, request, now_ms);
    case STEP_POWER:
        return power_done(slot, request, now_ms);
    case STEP_PROTOCOL:
        return protocol_done(slot, request, now_ms);
    case STEP_GIVE_UP:
        return give_up_done(slot, request, now_ms);
    case STEP_DISPOSITION:
        return end_disposition_done(slot, request);
    case STEP_TRANSFER:
        return transfer_done(slot, request);
    case STEP_CONTROL:
    case STEP_CONTROL_POWER:
    case STEP_CONTROL_PROTOCOL:
    case STEP_CONTROL_GIVE_UP:
        return control_next(slot, request, now_ms);
    case STEP_NONE:
        break;
    }
    return step_done(request, SC_F_INTERNAL_ERROR);
}
