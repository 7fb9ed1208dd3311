/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose turn it is at one reader: queue, transactions, events and deadlines. */
#include "manager/slot.h"

#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <string.h>

void slot_init(struct slot *slot, uint32_t index)
{
    memset(slot, 0, sizeof(*slot));
    slot->index = index;
    slot->transaction_idle_ms = TRANSACTION_IDLE_MS;
    list_init(&slot->cards);
    list_init(&slot->queue);
    list_init(&slot->ready);
    slot->refuse_ms = UINT64_MAX;
}

void slot_attach_reader(struct slot *slot, const struct reader_info *info,
                        uint32_t events)
{
    slot->serial++;
    slot->events = events;
    slot->transmissions = 0;
    slot->present = true;
    slot->dead = false;
    slot->closing = false;
    slot->aborting = false;
    slot_forget_card(slot);
    slot->taken = info->taken;
    slot->able = info->protocols != 0 ? info->protocols : PROTOCOL_T0 | PROTOCOL_T1;
    slot->state = info->card_present && !info->taken ? CARD_UNKNOWN : CARD_ABSENT;
}

void slot_release_transaction(struct slot *slot)
{
    if (slot->holder != NULL && slot->state == CARD_UNKNOWN)
        slot->version++; /* needs_probe */
    slot->holder = NULL;
    slot->depth = 0;
}

void slot_forget_card(struct slot *slot)
{
    slot->epoch++;
    slot->version++;
    slot->protocol = PROTOCOL_UNDEFINED;
    slot->offered = 0;
    slot->first = 0;
    slot->atr_size = 0;
    slot->reset_due = false;
    slot->next = NULL;
    slot_release_transaction(slot);
}

enum sc_error slot_check_card(const struct slot *slot, const struct card *card)
{
    if (!slot->present || slot->dead)
        return SC_E_READER_UNAVAILABLE;
    if (card->bound && card->epoch != slot->epoch)
        return SC_W_REMOVED_CARD;
    if (card->bound && card->reset_seen != slot->resets)
        return SC_W_RESET_CARD;
    return SC_OK;
}

/* --- The queue ------------------------------------------------------------------------
 */

static bool may_start(const struct slot *slot, const struct request *request)
{
    const struct card *owner = turn_owner(slot);
    if (owner == NULL || request->card == owner)
        return true;
    switch (request->kind) {
    case REQUEST_DISCONNECT: /* never waits for others: see start_disconnect() */
    case REQUEST_CLOSE:
    case REQUEST_PROBE: /* does nothing then */
        return true;
    case REQUEST_CONNECT:
        return step_needs_no_job(slot, request);
    case REQUEST_BEGIN: /* a handle that gets an error anyway need not wait for it */
    case REQUEST_END:
    case REQUEST_TRANSMIT:
        return slot_check_card(slot, request->card) != SC_OK;
    case REQUEST_RECONNECT:
    case REQUEST_CONTROL:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_SET_ATTRIBUTE:
    case REQUEST_KINDS:
        break;
    }
    return false;
}

static enum verdict finish(struct request *request, enum verdict verdict)
{
    request->verdict = verdict;
    return verdict;
}

static enum verdict start(struct slot *slot, struct request *request, uint64_t now_ms)
{
    if (request->card != NULL && request->card == slot->holder)
        slot->activity_ms = now_ms;
    if (request->returns)
        turn_forget(slot, request->card);
    enum verdict verdict = step_start(slot, request, now_ms);
    if (verdict == VERDICT_RUN) {
        slot->occupant = request;
        request->epoch = slot->epoch;
    }
    return finish(request, verdict);
}

static void end_parked(struct slot *slot, struct request *request, enum sc_error error)
{
    if (request->is_place) {
        turn_forget(slot, request->card);
        return;
    }
    list_remove(&request->link);
    slot->queue_size--;
    step_abandon(slot, request, error);
    finish(request, VERDICT_DONE);
    list_append(&slot->ready, &request->link);
}

static void refuse_parked(struct slot *slot, struct request *request, uint64_t now_ms)
{
    turn_keep(slot, request, now_ms);
    end_parked(slot, request, SC_E_SHARING_VIOLATION);
}

/* Starts parked requests, oldest first, until one occupies the slot or none may start. */
static void pump(struct slot *slot, uint64_t now_ms)
{
    struct list_link *link = slot->queue.next;
    while (slot->occupant == NULL && link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->is_place) {
            turn_come(slot, request, now_ms);
            continue;
        }
        if (!may_start(slot, request)) {
            if (turn_is_over(slot, request, now_ms))
                refuse_parked(slot, request, now_ms);
            continue;
        }
        list_remove(&request->link);
        slot->queue_size--;
        start(slot, request, now_ms);
        list_append(&slot->ready, &request->link);
        link = slot->queue.next; /* what may start has changed */
    }
}

enum verdict slot_submit(struct slot *slot, struct request *request, uint64_t now_ms)
{
    if (turn_lapse(slot, now_ms))
        pump(slot, now_ms);
    if (slot->occupant == NULL && may_start(slot, request)) {
        enum verdict verdict = start(slot, request, now_ms);
        if (verdict == VERDICT_DONE)
            pump(slot, now_ms);
        return verdict;
    }
    if (slot->dead || slot->queue_size >= LIMIT_QUEUE) {
        step_abandon(slot, request,
                     slot->dead ? SC_E_READER_UNAVAILABLE : SC_E_NO_MEMORY);
        return finish(request, VERDICT_DONE);
    }
    if (turn_is_over(slot, request, now_ms)) {
        turn_keep(slot, request, now_ms);
        step_abandon(slot, request, SC_E_SHARING_VIOLATION);
        return finish(request, VERDICT_DONE);
    }
    turn_enqueue(slot, request, now_ms);
    return finish(request, VERDICT_WAIT);
}

enum verdict slot_job_done(struct slot *slot, struct request *request, uint64_t now_ms)
{
    if (request->card != NULL && request->card == slot->holder)
        slot->activity_ms = now_ms;
    slot->aborting = false;
    enum verdict verdict = step_next(slot, request, now_ms);
    request->epoch = slot->epoch;
    if (verdict == VERDICT_DONE) {
        slot->occupant = NULL;
        pump(slot, now_ms);
    }
    return finish(request, verdict);
}

struct request *slot_take_ready(struct slot *slot)
{
    if (list_empty(&slot->ready))
        return NULL;
    struct request *request = LIST_ENTRY(slot->ready.next, struct request, link);
    list_remove(&request->link);
    return request;
}

bool slot_withdraw(struct slot *slot, struct request *request)
{
    if (request->verdict != VERDICT_WAIT)
        return false;
    list_remove(&request->link);
    slot->queue_size--;
    step_abandon(slot, request, SC_E_CANCELLED);
    finish(request, VERDICT_DONE);
    return true;
}

void slot_withdraw_card(struct slot *slot, struct card *card, enum sc_error error)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->card == card)
            end_parked(slot, request, error);
    }
    turn_forget(slot, card);
}

/* --- Events ---------------------------------------------------------------------------
 */

void slot_card_event(struct slot *slot, bool present, uint64_t now_ms)
{
    bool was_present = slot->state != CARD_ABSENT;
    if (!slot->present || present == was_present)
        return;
    slot_forget_card(slot);
    slot->events++;
    slot->state = present ? CARD_UNKNOWN : CARD_ABSENT;
    if (slot->occupant == NULL)
        pump(slot, now_ms);
}

void slot_reader_gone(struct slot *slot, uint64_t now_ms)
{
    if (!slot->present)
        return;
    slot_forget_card(slot);
    slot->state = CARD_ABSENT;
    slot->present = false;
    if (slot->occupant == NULL)
        pump(slot, now_ms);
}

/* --- Time -----------------------------------------------------------------------------
 */

static void declare_dead(struct slot *slot)
{
    slot->dead = true;
    slot_forget_card(slot);
    slot->state = CARD_ABSENT; /* as far as anybody can tell */
    while (!list_empty(&slot->queue)) {
        struct request *request = LIST_ENTRY(slot->queue.next, struct request, link);
        end_parked(slot, request, SC_E_READER_UNAVAILABLE);
    }
}

/* Of the occupant's job, or of a transaction that is idle. */
static uint64_t main_deadline(const struct slot *slot)
{
    if (slot->dead)
        return UINT64_MAX;
    if (slot->occupant != NULL)
        return slot->aborting ? slot->abort_ms + JOB_ABORT_MS
                              : slot->occupant->job.deadline_ms;
    if (slot->holder == NULL || slot->queue_size == 0 || slot->transaction_idle_ms == 0)
        return UINT64_MAX;
    return slot->activity_ms + slot->transaction_idle_ms;
}

uint64_t slot_deadline(const struct slot *slot)
{
    uint64_t main_ms = main_deadline(slot), turn_ms = turn_deadline(slot);
    return main_ms < turn_ms ? main_ms : turn_ms;
}

void slot_begin_close(struct slot *slot)
{
    slot->closing = true;
    slot->version++;
}

void slot_end_close(struct slot *slot)
{
    slot->closing = false;
    slot->version++;
}

bool slot_hurry(struct slot *slot, uint64_t now_ms)
{
    if (slot->occupant == NULL || slot->aborting || slot->dead)
        return false;
    slot->aborting = true;
    slot->abort_ms = now_ms;
    return true;
}

/* Refuses who has waited for long enough, and notes when the next has. */
static void tick_turns(struct slot *slot, uint64_t now_ms)
{
    struct list_link *link = slot->queue.next;
    if (now_ms < turn_deadline(slot))
        return;
    slot->refuse_ms = UINT64_MAX;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (turn_is_over(slot, request, now_ms))
            refuse_parked(slot, request, now_ms);
        else if (request->refusable && request->refuse_ms > now_ms
                 && request->refuse_ms < slot->refuse_ms)
            slot->refuse_ms = request->refuse_ms;
    }
    if (turn_lapse(slot, now_ms))
        pump(slot, now_ms);
}

uint64_t slot_tick(struct slot *slot, uint64_t now_ms, bool *abort)
{
    *abort = false;
    tick_turns(slot, now_ms);
    if (now_ms < main_deadline(slot))
        return slot_deadline(slot);
    turn_drop_void(slot, now_ms);
    if (slot->dead)
        return UINT64_MAX;
    if (slot->occupant != NULL && slot->aborting) {
        declare_dead(slot);
    } else if (slot->occupant != NULL) {
        *abort = slot_hurry(slot, now_ms);
    } else if (slot->queue_size > 0) {
        /* Whoever comes next must not find the holder's security state: reset first. */
        slot_release_transaction(slot);
        slot->reset_due = true;
        pump(slot, now_ms);
    }
    return slot_deadline(slot);
}

/* --- The view -------------------------------------------------------------------------
 */

static uint32_t view_card(const struct slot *slot)
{
    switch (slot->state) {
    case CARD_ABSENT:
        return VIEW_EMPTY;
    case CARD_MUTE:
        return VIEW_PRESENT | VIEW_MUTE;
    case CARD_OFF:
        return VIEW_PRESENT | VIEW_UNPOWERED;
    case CARD_UNKNOWN:
    case CARD_NEGOTIABLE:
    case CARD_SPECIFIC:
        break;
    }
    return VIEW_PRESENT;
}

void slot_view(const struct slot *slot, struct slot_view *view)
{
    memset(view, 0, sizeof(*view));
    view->version = slot->version;
    view->events = slot->events & 0xFFFF;
    view->epoch = slot->epoch;
    if (!slot->present || slot->dead || slot->taken) {
        view->state = VIEW_UNAVAILABLE | (slot->present ? 0 : (uint32_t)VIEW_UNKNOWN);
        return;
    }
    view->alone = slot->exclusive != NULL;
    view->state = view_card(slot);
    if (slot->state != CARD_ABSENT && slot->card_count > 0)
        view->state |= VIEW_INUSE;
    if (slot->state != CARD_ABSENT && view->alone)
        view->state |= VIEW_EXCLUSIVE;
    view->needs_probe =
        slot->state == CARD_UNKNOWN && !slot->closing && slot->holder == NULL;
    view->card = slot->state;
    view->handles = slot->card_count;
    view->protocol = slot->protocol;
    view->atr_size = slot->atr_size;
    memcpy(view->atr, slot->atr, slot->atr_size);
}
