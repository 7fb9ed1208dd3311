/* SPDX-License-Identifier: BSD-2-Clause */
/* The queue: requests that wait or are refused, and the places that are kept for the
 * handles of those. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>
#include <string.h>

const struct card_handle *turn_owner(const struct slot *slot)
{
    return slot->holder != NULL ? slot->holder : slot->next;
}

bool turn_is_over(const struct slot *slot, const struct request *request, uint64_t now_ms)
{
    const struct card_handle *owner = turn_owner(slot);
    return request->patience != PATIENCE_ENDLESS && request->refuse_ms <= now_ms
           && owner != NULL && owner != request->card;
}

/* --- The queue ---------------------------------------------------------------------- */

static void insert_before(struct slot *slot, struct list_link *before,
                          struct list_link *link, uint64_t now_ms)
{
    bool first = slot->holder != NULL && !hold_is_waited_for(slot);
    list_insert_between(before->prev, before, link);
    slot->queue_size++;
    if (first && hold_is_waited_for(slot))
        hold_begin_wait(slot, now_ms);
}

static void drop_place(struct slot *slot, struct card_handle *card)
{
    if (!card->has_place)
        return;
    assert(slot->queue_size > 0);
    list_remove(&card->place.link);
    slot->queue_size--;
    card->has_place = false;
}

enum verdict turn_finish(struct request *request, enum verdict verdict)
{
    request->verdict = verdict;
    if (verdict == VERDICT_DONE)
        control_note_error(request);
    return verdict;
}

void turn_unpark(struct slot *slot, struct request *request)
{
    assert(request->verdict == VERDICT_WAIT && request->kind != REQUEST_PLACE);
    assert(slot->queue_size > 0);
    list_remove(&request->link);
    slot->queue_size--;
}

void turn_end_parked(struct slot *slot, struct request *request, enum sc_error error)
{
    if (request->kind == REQUEST_PLACE) {
        turn_forget(slot, request->card);
        return;
    }
    turn_unpark(slot, request);
    step_abandon(slot, request, error);
    (void)turn_finish(request, VERDICT_DONE);
    list_append(&slot->ready, &request->link);
}

void turn_enqueue(struct slot *slot, struct request *request, uint64_t now_ms)
{
    bool has_place = request->patience == PATIENCE_RETURNS && request->card->has_place;
    insert_before(slot, has_place ? &request->card->place.link : &slot->queue,
                  &request->link, now_ms);
    if (has_place)
        drop_place(slot, request->card);
    if (request->patience != PATIENCE_ENDLESS && request->refuse_ms < slot->refuse_ms)
        slot->refuse_ms = request->refuse_ms;
}

void turn_keep(struct slot *slot, struct request *request, uint64_t now_ms)
{
    struct card_handle *card = request->card;
    if (request->patience != PATIENCE_RETURNS)
        return;
    assert(card != NULL);
    card->place_ms = now_ms + TURN_MS;
    if (card->has_place)
        return;
    memset(&card->place, 0, sizeof(card->place));
    card->place.kind = REQUEST_PLACE;
    card->place.card = card;
    card->place.verdict = VERDICT_WAIT;
    bool parked = request->verdict == VERDICT_WAIT;
    insert_before(slot, parked ? &request->link : &slot->queue, &card->place.link,
                  now_ms);
    card->has_place = true;
}

void turn_refuse(struct slot *slot, struct request *request, uint64_t now_ms)
{
    turn_keep(slot, request, now_ms);
    turn_end_parked(slot, request, SC_E_SHARING_VIOLATION);
}

/* --- Turns -------------------------------------------------------------------------- */

void turn_forget(struct slot *slot, struct card_handle *card)
{
    drop_place(slot, card);
    if (slot->next == card)
        slot->next = NULL;
}

static bool is_void(const struct slot *slot, const struct card_handle *card,
                    uint64_t now_ms)
{
    return now_ms >= card->place_ms || slot_check_card(slot, card) != SC_OK;
}

void turn_come(struct slot *slot, struct request *place, uint64_t now_ms)
{
    struct card_handle *card = place->card;
    assert(place == &card->place && card->has_place);
    bool is_next = turn_owner(slot) == NULL;
    bool lost = is_void(slot, card, now_ms);
    if (is_next || lost)
        drop_place(slot, card);
    if (is_next && !lost) {
        slot->next = card;
        slot->next_ms = now_ms + TURN_MS;
    }
}

void turn_drop_void(struct slot *slot, uint64_t now_ms)
{
    struct list_link *link = slot->queue.next;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (request->kind == REQUEST_PLACE && is_void(slot, request->card, now_ms))
            drop_place(slot, request->card);
    }
}

bool turn_lapse(struct slot *slot, uint64_t now_ms)
{
    if (slot->next == NULL || now_ms < slot->next_ms)
        return false;
    slot->next = NULL;
    return true;
}

bool turn_tick(struct slot *slot, uint64_t now_ms)
{
    struct list_link *link = slot->queue.next;
    if (now_ms < turn_deadline(slot))
        return false;
    slot->refuse_ms = UINT64_MAX;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (turn_is_over(slot, request, now_ms))
            turn_refuse(slot, request, now_ms);
        else if (request->patience != PATIENCE_ENDLESS && request->refuse_ms > now_ms
                 && request->refuse_ms < slot->refuse_ms)
            slot->refuse_ms = request->refuse_ms;
    }
    return turn_lapse(slot, now_ms);
}

uint64_t turn_deadline(const struct slot *slot)
{
    if (slot->queue_size == 0 || turn_owner(slot) == NULL)
        return UINT64_MAX;
    if (slot->holder == NULL && slot->next_ms < slot->refuse_ms)
        return slot->next_ms;
    return slot->refuse_ms;
}
