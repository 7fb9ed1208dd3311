/* SPDX-License-Identifier: BSD-2-Clause */
/* The requests that give something back: the transaction, the handle, the power. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>

static enum verdict run_disposition(struct request *request, uint64_t now_ms)
{
    switch (request->disposition) {
    case DISPOSITION_RESET:
        return step_run_power(request, STEP_DISPOSITION, POWER_WARM_RESET, now_ms);
    case DISPOSITION_UNPOWER:
        return step_run_power(request, STEP_DISPOSITION, POWER_COLD_RESET, now_ms);
    default:
        return step_run_power(request, STEP_DISPOSITION, POWER_OFF, now_ms);
    }
}

static bool others_hold(const struct slot *slot, const struct card_handle *card)
{
    return slot->holder != NULL && slot->holder != card;
}

/* --- SCardEndTransaction ------------------------------------------------------------ */

bool end_is_refused(const struct slot *slot, const struct request *request)
{
    return slot->holder != request->card;
}

/* pcscd's word for it, when another handle has the transaction. */
static enum sc_error end_refusal(const struct slot *slot, const struct card_handle *card)
{
    return card->program.abi == ABI_PCSCLITE && others_hold(slot, card)
               ? SC_E_SHARING_VIOLATION
               : SC_E_NOT_TRANSACTED;
}

static enum verdict finish_end(struct slot *slot, struct request *request)
{
    assert(slot->holder == NULL || slot->depth > 0);
    if (slot->holder == request->card && --slot->depth == 0)
        slot_release_transaction(slot);
    return step_done(request, SC_OK);
}

enum verdict end_start_end(struct slot *slot, struct request *request, uint64_t now_ms)
{
    if (end_is_refused(slot, request))
        return step_done(request, end_refusal(slot, request->card));
    assert(slot->holder == request->card && slot->depth > 0);
    if (request->disposition == DISPOSITION_LEAVE || !slot_is_powered(slot))
        return finish_end(slot, request);
    return run_disposition(request, now_ms);
}

/* --- SCardDisconnect ---------------------------------------------------------------- */

void slot_note_leaving(struct slot *slot, struct card_handle *card)
{
    if (card->stage != HANDLE_ATTACHED)
        return;
    card->stage = HANDLE_LEAVING;
    slot->leaving++;
}

static enum verdict end_detach(struct slot *slot, struct request *request)
{
    struct card_handle *card = request->card;
    if (slot->holder == card)
        slot_release_transaction(slot);
    if (slot->exclusive == card)
        slot->exclusive = NULL;
    if (card->stage == HANDLE_LEAVING)
        slot->leaving--;
    if (card->stage != HANDLE_LOOSE) {
        assert(card->slot == slot && slot->card_count > 0);
        list_remove(&card->in_slot);
        card->stage = HANDLE_LOOSE;
        slot->card_count--;
        slot->version++;
    }
    return step_done(request, SC_OK);
}

static bool is_stale(const struct slot *slot, const struct card_handle *card)
{
    return card->bound && card->epoch != slot->epoch;
}

/* While another handle owns the transaction its card is not reset under it: the
 * disposition becomes LEAVE. The same for a handle whose card is gone already. */
static bool leaves_card(const struct slot *slot, const struct request *request)
{
    return request->disposition == DISPOSITION_LEAVE || others_hold(slot, request->card)
           || is_stale(slot, request->card) || !slot_is_powered(slot);
}

/* Nobody waits for the reset after a client that is gone: it is due from now on, or when
 * another's transaction is over. */
static enum verdict desert(struct slot *slot, struct request *request)
{
    bool due = slot_is_powered(slot) && !is_stale(slot, request->card);
    end_detach(slot, request);
    if (due)
        slot->amends = AMENDS_RESET;
    return VERDICT_DONE;
}

bool end_disconnects_at_once(const struct slot *slot, const struct request *request)
{
    return request->deserted || leaves_card(slot, request);
}

enum verdict end_start_disconnect(struct slot *slot, struct request *request,
                                  uint64_t now_ms)
{
    if (request->deserted)
        return desert(slot, request);
    if (leaves_card(slot, request))
        return end_detach(slot, request);
    if (request->disposition == DISPOSITION_UNPOWER && slot->card_count == 1)
        return step_run_power(request, STEP_DISPOSITION, POWER_OFF, now_ms);
    return run_disposition(request, now_ms);
}

void end_abandon(struct slot *slot, struct request *request)
{
    if (leaves_card(slot, request) && !request->deserted)
        end_detach(slot, request);
    else
        (void)desert(slot, request);
}

/* --- Power -------------------------------------------------------------------------- */

/* No command reaches a card after a failure here: it is powered anew before the next. */
static enum verdict tend_done(struct slot *slot, struct request *request)
{
    request->job.error = SC_OK;
    enum sc_error error = step_settle_power(slot, request);
    if (slot->state == CARD_OFF)
        slot->amends = AMENDS_POWER;
    return step_done(request, error);
}

enum verdict end_disposition_done(struct slot *slot, struct request *request)
{
    if (request->kind == REQUEST_TEND)
        return tend_done(slot, request);
    enum sc_error error = step_settle_power(slot, request);
    if (request->kind == REQUEST_CLOSE)
        return step_done(request, SC_OK);
    if (request->kind == REQUEST_DISCONNECT)
        return end_detach(slot, request);
    finish_end(slot, request);
    return step_done(request, error);
}

enum verdict end_start_close(struct slot *slot, struct request *request, uint64_t now_ms)
{
    assert(slot->closing); /* slot_begin_close() */
    if (!slot_is_powered(slot))
        return step_done(request, SC_OK);
    return step_run_power(request, STEP_DISPOSITION, POWER_OFF, now_ms);
}

/* The reset that was due is made by now (step_start()). */
enum verdict end_start_tend(struct slot *slot, struct request *request, uint64_t now_ms)
{
    if (slot->closing || !slot_is_usable(slot) || slot->holder != NULL
        || !slot_may_rest(slot, now_ms))
        return step_done(request, SC_OK);
    return step_run_power(request, STEP_DISPOSITION, POWER_OFF, now_ms);
}
