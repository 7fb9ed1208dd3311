/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose turn it is at one reader: the queue, the transaction, and events. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>

/* --- The queue ---------------------------------------------------------------------- */

/* Whether the turn is that of a request without an answer so far. */
static bool may_start(const struct slot *slot, const struct request *request)
{
    if (slot->occupant != NULL || connect_waits_alone(slot, request))
        return false;
    const struct card_handle *owner = turn_owner(slot);
    if (owner == NULL || request->card == owner)
        return true;
    switch (request->kind) {
    case REQUEST_DISCONNECT: /* never waits for others: see end_start_disconnect() */
    case REQUEST_CLOSE:
    case REQUEST_PROBE: /* these two do nothing then */
    case REQUEST_TEND:
        return true;
    case REQUEST_CONNECT:
        return connect_needs_no_job(slot, request);
    case REQUEST_BEGIN:
    case REQUEST_END:
    case REQUEST_TRANSMIT:
    case REQUEST_RECONNECT:
    case REQUEST_CONTROL:
    case REQUEST_GET_ATTRIBUTE:
    case REQUEST_SET_ATTRIBUTE:
    case REQUEST_PLACE:
    case REQUEST_KINDS:
        break;
    }
    return false;
}

enum way { WAY_WAITS, WAY_STARTS, WAY_STANDS };

/* What may start needs no look at whether it stands, for the start gives that answer too,
 * unless a reset comes before it. */
static enum way find_way(const struct slot *slot, const struct request *request)
{
    bool starts = may_start(slot, request);
    if (starts && !slot_reset_is_due(slot))
        return WAY_STARTS;
    if (step_stands(slot, request))
        return WAY_STANDS;
    return starts ? WAY_STARTS : WAY_WAITS;
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
static enum verdict start_request(struct slot *slot, struct request *request,
                                  enum way way, uint64_t now_ms)
{
    if (request->patience == PATIENCE_RETURNS)
        turn_forget(slot, request->card);
    enum verdict verdict = way == WAY_STANDS ? step_answer(slot, request, now_ms)
                                             : step_start(slot, request, now_ms);
    if (verdict == VERDICT_RUN || request->error == SC_OK || !step_stands(slot, request))
        note_use(slot, request, now_ms);
    if (verdict == VERDICT_RUN) {
        assert(slot->occupant == NULL);
        slot->occupant = request;
        request->epoch = slot->epoch;
    }
    return turn_finish(request, verdict);
}

/* Starts parked requests, oldest first, as far as they may; and answers what has its
 * answer, even while one occupies the slot. */
void slot_pump(struct slot *slot, uint64_t now_ms)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->kind == REQUEST_PLACE) {
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
        turn_unpark(slot, request);
        (void)start_request(slot, request, way, now_ms);
        list_append(&slot->ready, &request->link);
        link = slot->queue.next; /* what may start has changed */
    }
}

enum verdict slot_submit(struct slot *slot, struct request *request, uint64_t now_ms)
{
    assert(slot->occupant != request && request->kind != REQUEST_PLACE);
    if (turn_lapse(slot, now_ms))
        slot_pump(slot, now_ms);
    enum way way = find_way(slot, request);
    if (way != WAY_WAITS) {
        enum verdict verdict = start_request(slot, request, way, now_ms);
        if (verdict == VERDICT_DONE)
            slot_pump(slot, now_ms);
        else if (request->kind == REQUEST_DISCONNECT)
            slot_note_leaving(slot, request->card);
        return verdict;
    }
    bool dead = slot_is_dead(slot);
    if (dead || slot->queue_size >= LIMIT_QUEUE) {
        step_abandon(slot, request, dead ? SC_E_READER_UNAVAILABLE : SC_E_NO_MEMORY);
        return turn_finish(request, VERDICT_DONE);
    }
    if (turn_is_over(slot, request, now_ms)) {
        turn_keep(slot, request, now_ms);
        step_abandon(slot, request, SC_E_SHARING_VIOLATION);
        return turn_finish(request, VERDICT_DONE);
    }
    turn_enqueue(slot, request, now_ms);
    if (request->kind == REQUEST_DISCONNECT)
        slot_note_leaving(slot, request->card);
    return turn_finish(request, VERDICT_WAIT);
}

enum verdict slot_job_done(struct slot *slot, struct request *request, uint64_t now_ms)
{
    assert(slot->occupant == request && request->verdict == VERDICT_RUN);
    note_use(slot, request, now_ms);
    slot->stopping = false;
    enum verdict verdict = step_next(slot, request, now_ms);
    request->epoch = slot->epoch;
    if (verdict == VERDICT_DONE)
        slot->occupant = NULL;
    slot_pump(slot, now_ms);
    return turn_finish(request, verdict);
}

struct request *slot_take_ready(struct slot *slot)
{
    if (list_empty(&slot->ready))
        return NULL;
    struct request *request = LIST_ENTRY(slot->ready.next, struct request, link);
    assert(request->verdict != VERDICT_WAIT);
    list_remove(&request->link);
    return request;
}

bool slot_withdraw(struct slot *slot, struct request *request)
{
    if (request->verdict != VERDICT_WAIT)
        return false;
    turn_unpark(slot, request);
    step_abandon(slot, request, SC_E_CANCELLED);
    (void)turn_finish(request, VERDICT_DONE);
    return true;
}

void slot_withdraw_card(struct slot *slot, struct card_handle *card, enum sc_error error)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->card == card)
            turn_end_parked(slot, request, error);
    }
    turn_forget(slot, card);
}

void slot_cancel_card(struct slot *slot, struct card_handle *card)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->card == card && connect_waits_alone(slot, request))
            turn_end_parked(slot, request, SC_E_CANCELLED);
    }
}

/* --- Events ------------------------------------------------------------------------- */

void slot_card_event(struct slot *slot, bool present, uint64_t now_ms)
{
    bool was_present = slot->state != CARD_ABSENT;
    if (!slot_has_reader(slot) || present == was_present)
        return;
    slot_forget_card(slot);
    slot->events++;
    slot->state = present ? CARD_UNKNOWN : CARD_ABSENT;
    slot_pump(slot, now_ms);
}

void slot_card_exchanged(struct slot *slot, uint64_t now_ms)
{
    if (!slot_has_reader(slot) || slot->state == CARD_ABSENT)
        return;
    slot->state = CARD_ABSENT;
    slot->events++;
    slot_card_event(slot, true, now_ms);
}

void slot_reader_gone(struct slot *slot, uint64_t now_ms)
{
    if (!slot_has_reader(slot))
        return;
    slot_forget_card(slot);
    slot->state = CARD_ABSENT;
    slot->reader = slot->reader == SLOT_DEAD ? SLOT_DEAD_GONE : SLOT_NO_READER;
    slot_pump(slot, now_ms);
}
