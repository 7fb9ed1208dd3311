/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose turn it is at one reader: the queue, the transaction, and events. */
#include "manager/slot.h"

#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <string.h>

void slot_init(struct slot *slot, uint32_t index)
{
    memset(slot, 0, sizeof(*slot));
    slot->index = index;
    slot->rules = &slot_default_rules;
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
    slot->retry_ms = 0;
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
    slot->reset_due |= slot->reset_later;
    slot->reset_later = false;
}

void slot_forget_card(struct slot *slot)
{
    slot->epoch++;
    slot->version++;
    slot->protocol = PROTOCOL_UNDEFINED;
    slot->offered = 0;
    slot->first = 0;
    slot->atr_size = 0;
    slot->resting = false;
    slot->next = NULL;
    slot_release_transaction(slot);
    slot->reset_due = false;
}

enum sc_error slot_check_card(const struct slot *slot, const struct card *card)
{
    if (!slot->present || slot->dead)
        return SC_E_READER_UNAVAILABLE;
    if (card->bound && card->epoch != slot->epoch)
        return SC_W_REMOVED_CARD;
    if (card->bound && (card->reset_seen != slot->resets || slot->reset_due))
        return SC_W_RESET_CARD;
    return SC_OK;
}

/* --- The queue ---------------------------------------------------------------------- */

/* Whether the turn is that of a request without an answer so far. */
static bool may_start(const struct slot *slot, const struct request *request)
{
    if (slot->occupant != NULL || step_waits_alone(slot, request))
        return false;
    const struct card *owner = turn_owner(slot);
    if (owner == NULL || request->card == owner)
        return true;
    switch (request->kind) {
    case REQUEST_DISCONNECT: /* never waits for others: see start_disconnect() */
    case REQUEST_CLOSE:
    case REQUEST_PROBE: /* these two do nothing then */
    case REQUEST_TEND:
        return true;
    case REQUEST_CONNECT:
        return step_needs_no_job(slot, request);
    case REQUEST_BEGIN:
    case REQUEST_END:
    case REQUEST_TRANSMIT:
    case REQUEST_RECONNECT:
    case REQUEST_CONTROL:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_SET_ATTRIBUTE:
    case REQUEST_KINDS:
        break;
    }
    return false;
}

enum way { WAY_WAITS, WAY_STARTS, WAY_STANDS };

static enum way find_way(const struct slot *slot, const struct request *request)
{
    if (step_stands(slot, request))
        return WAY_STANDS;
    return may_start(slot, request) ? WAY_STARTS : WAY_WAITS;
}

static enum verdict finish(struct request *request, enum verdict verdict)
{
    request->verdict = verdict;
    if (verdict == VERDICT_DONE)
        control_note_error(request);
    return verdict;
}

/* The request is carried out, or goes on: whom it makes look alive. */
static void note_use(struct slot *slot, const struct request *request, uint64_t now_ms)
{
    if (request->card != NULL)
        slot_touch(slot, request->card, now_ms);
    if (request->kind != REQUEST_TEND)
        slot->used_ms = now_ms;
}

/* Starts the request, or gives it the answer that stands. */
static enum verdict go(struct slot *slot, struct request *request, enum way way,
                       uint64_t now_ms)
{
    if (request->returns)
        turn_forget(slot, request->card);
    enum verdict verdict = way == WAY_STANDS ? step_answer(slot, request, now_ms)
                                             : step_start(slot, request, now_ms);
    if (way == WAY_STARTS || request->error == SC_OK)
        note_use(slot, request, now_ms);
    if (verdict == VERDICT_RUN) {
        slot->occupant = request;
        request->epoch = slot->epoch;
    }
    return finish(request, verdict);
}

/* Starts parked requests, oldest first, as far as they may; and answers what has its
 * answer, even while one occupies the slot. */
void slot_pump(struct slot *slot, uint64_t now_ms)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->is_place) {
            if (slot->occupant == NULL)
                turn_come(slot, request, now_ms);
            continue;
        }
        enum way way = find_way(slot, request);
        if (way == WAY_WAITS) {
            if (slot->occupant == NULL && turn_is_over(slot, request, now_ms))
                turn_refuse(slot, request, now_ms);
            continue;
        }
        list_remove(&request->link);
        slot->queue_size--;
        go(slot, request, way, now_ms);
        list_append(&slot->ready, &request->link);
        link = slot->queue.next; /* what may start has changed */
    }
}

enum verdict slot_submit(struct slot *slot, struct request *request, uint64_t now_ms)
{
    if (turn_lapse(slot, now_ms))
        slot_pump(slot, now_ms);
    enum way way = find_way(slot, request);
    if (way != WAY_WAITS) {
        enum verdict verdict = go(slot, request, way, now_ms);
        if (verdict == VERDICT_DONE)
            slot_pump(slot, now_ms);
        else if (request->kind == REQUEST_DISCONNECT)
            slot_note_leaving(slot, request->card);
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
    if (request->kind == REQUEST_DISCONNECT)
        slot_note_leaving(slot, request->card);
    return finish(request, VERDICT_WAIT);
}

enum verdict slot_job_done(struct slot *slot, struct request *request, uint64_t now_ms)
{
    note_use(slot, request, now_ms);
    slot->aborting = false;
    enum verdict verdict = step_next(slot, request, now_ms);
    request->epoch = slot->epoch;
    if (verdict == VERDICT_DONE)
        slot->occupant = NULL;
    slot_pump(slot, now_ms);
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

void slot_end_parked(struct slot *slot, struct request *request, enum sc_error error)
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

void slot_withdraw_card(struct slot *slot, struct card *card, enum sc_error error)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->card == card)
            slot_end_parked(slot, request, error);
    }
    turn_forget(slot, card);
}

void slot_cancel_card(struct slot *slot, struct card *card)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->card == card && step_waits_alone(slot, request))
            slot_end_parked(slot, request, SC_E_CANCELLED);
    }
}

/* --- Events ------------------------------------------------------------------------- */

void slot_card_event(struct slot *slot, bool present, uint64_t now_ms)
{
    bool was_present = slot->state != CARD_ABSENT;
    if (!slot->present || present == was_present)
        return;
    slot_forget_card(slot);
    slot->events++;
    slot->state = present ? CARD_UNKNOWN : CARD_ABSENT;
    slot_pump(slot, now_ms);
}

void slot_card_exchanged(struct slot *slot, uint64_t now_ms)
{
    if (!slot->present || slot->state == CARD_ABSENT)
        return;
    slot->state = CARD_ABSENT;
    slot->events++;
    slot_card_event(slot, true, now_ms);
}

void slot_reader_gone(struct slot *slot, uint64_t now_ms)
{
    if (!slot->present)
        return;
    slot_forget_card(slot);
    slot->state = CARD_ABSENT;
    slot->present = false;
    slot_pump(slot, now_ms);
}

/* --- The view ----------------------------------------------------------------------- */

static uint32_t view_card(const struct slot *slot)
{
    switch (slot->state) {
    case CARD_ABSENT:
        return VIEW_EMPTY;
    case CARD_MUTE:
        return VIEW_PRESENT | VIEW_MUTE;
    case CARD_OFF:
        return VIEW_PRESENT | (slot->resting ? 0 : (uint32_t)VIEW_UNPOWERED);
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
