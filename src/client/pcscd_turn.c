/* SPDX-License-Identifier: BSD-2-Clause */
/* Requests that take turns. Where a transaction of another's stands in the way pcscd
 * answers SCARD_E_SHARING_VIOLATION at once: the call tries again, soon at first, then
 * every PAUSE_MAX_MS, as long as its handle is valid. */
#include "client/pcscd_core.h"
#include "os/cancel.h"
#include "os/lock.h"
#include "os/time.h"

enum { PAUSE_MIN_MS = 1, PAUSE_MAX_MS = 20 };

struct turn {
    struct pcscd *core;
    struct remote_card *card;
    uint32_t pause_ms;
    bool alone;       /* it waits until nobody shares the card: SCardCancel ends that */
    uint32_t cancels; /* of the card, when it began */
};

/* The thread is cancelled while it waits, which it does with the core locked. */
static void give_up_turn(void *context) LOCKS_UNSEEN
{
    struct turn *turn = context;
    card_drop(turn->core, turn->card);
}

static bool is_cancelled(const struct turn *turn) NEEDS_LOCK(turn->core->lock)
{
    return turn->alone && turn->cancels != turn->card->cancels;
}

/* Waits a little. SCardBeginTransaction alone is where a thread may be cancelled. */
static enum sc_error pause_turn(struct turn *turn, bool cancellable)
{
    uint64_t until_ms = os_now_ms() + turn->pause_ms;
    os_mutex_lock(&turn->core->lock);
    while (!turn->card->closing && !is_cancelled(turn) && os_ms_left(until_ms) > 0) {
        if (cancellable)
            os_cond_wait_cancellable(&turn->card->turn, &turn->core->lock, until_ms,
                                     give_up_turn, turn);
        else
            os_cond_wait(&turn->card->turn, &turn->core->lock, until_ms);
    }
    enum sc_error error = turn->card->closing  ? SC_E_INVALID_HANDLE
                          : is_cancelled(turn) ? SC_E_CANCELLED
                                               : SC_OK;
    os_mutex_unlock(&turn->core->lock);
    turn->pause_ms =
        turn->pause_ms * 2 < PAUSE_MAX_MS ? turn->pause_ms * 2 : PAUSE_MAX_MS;
    return error;
}

enum sc_error card_call_in_turn(struct pcscd *core, struct remote_card *card,
                                struct request *request)
{
    bool lite = card->local->program.abi == ABI_PCSCLITE;
    struct turn turn = {.core = core,
                        .card = card,
                        .pause_ms = PAUSE_MIN_MS,
                        .alone = lite && request->kind == REQUEST_RECONNECT
                                 && request->share == SHARE_EXCLUSIVE};
    for (bool first = true;; first = false) {
        os_mutex_lock(&core->lock);
        uint32_t active = card->active;
        turn.cancels = first ? card->cancels : turn.cancels;
        os_mutex_unlock(&core->lock);
        enum sc_error error = card_call_once(card, active, request);
        if (error != SC_E_SHARING_VIOLATION)
            return error;
        if (request->kind == REQUEST_END) /* another has it: there is nothing to end */
            return lite ? error : SC_E_NOT_TRANSACTED;
        /* Another shares the card; to share it waits for a transaction alone. */
        if (request->kind == REQUEST_RECONNECT && request->share == SHARE_EXCLUSIVE
            && !turn.alone)
            return error;
        error = pause_turn(&turn, request->kind == REQUEST_BEGIN);
        if (error != SC_OK)
            return error;
    }
}

static void note_success(struct pcscd *core, struct remote_card *card,
                         const struct request *request)
{
    os_mutex_lock(&core->lock);
    if (request->kind == REQUEST_RECONNECT) {
        card->active = request->active;
        card->share = request->share;
    } else if (request->kind == REQUEST_TRANSMIT)
        card->local->slot->transmissions++;
    else if (request->kind == REQUEST_BEGIN)
        card->depth++;
    else if (request->kind == REQUEST_END && card->depth > 0)
        card->depth--;
    os_mutex_unlock(&core->lock);
}

enum sc_error card_run(struct pcscd *core, struct remote_card *card,
                       struct request *request)
{
    enum sc_error error = card_call_in_turn(core, card, request);
    if (error == SC_OK)
        note_success(core, card, request);
    return error;
}
