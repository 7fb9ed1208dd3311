/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients that are refused in place of waiting, and the places that are kept for them. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <string.h>

const struct card *turn_owner(const struct slot *slot)
{
    return slot->holder != NULL ? slot->holder : slot->next;
}

bool turn_is_over(const struct slot *slot, const struct request *request, uint64_t now_ms)
{
    const struct card *owner = turn_owner(slot);
    return request->refusable && request->refuse_ms <= now_ms && owner != NULL
           && owner != request->card;
}

/* --- The queue ---------------------------------------------------------------------- */

static void insert(struct slot *slot, struct list_link *before, struct list_link *link,
                   uint64_t now_ms)
{
    bool first = slot->holder != NULL && !slot_is_waited_for(slot);
    list_insert_between(before->prev, before, link);
    slot->queue_size++;
    if (first && slot_is_waited_for(slot))
        slot_begin_wait(slot, now_ms);
}

static void drop_place(struct slot *slot, struct card *card)
{
    if (!card->has_place)
        return;
    list_remove(&card->place.link);
    slot->queue_size--;
    card->has_place = false;
}

void turn_enqueue(struct slot *slot, struct request *request, uint64_t now_ms)
{
    bool has_place = request->returns && request->card->has_place;
    insert(slot, has_place ? &request->card->place.link : &slot->queue, &request->link,
           now_ms);
    if (has_place)
        drop_place(slot, request->card);
    if (request->refusable && request->refuse_ms < slot->refuse_ms)
        slot->refuse_ms = request->refuse_ms;
}

void turn_keep(struct slot *slot, struct request *request, uint64_t now_ms)
{
    struct card *card = request->card;
    if (!request->returns)
        return;
    card->place_ms = now_ms + TURN_MS;
    if (card->has_place)
        return;
    memset(&card->place, 0, sizeof(card->place));
    card->place.kind = REQUEST_BEGIN;
    card->place.card = card;
    card->place.is_place = true;
    card->place.verdict = VERDICT_WAIT;
    bool parked = request->verdict == VERDICT_WAIT;
    insert(slot, parked ? &request->link : &slot->queue, &card->place.link, now_ms);
    card->has_place = true;
}

void turn_refuse(struct slot *slot, struct request *request, uint64_t now_ms)
{
    turn_keep(slot, request, now_ms);
    slot_end_parked(slot, request, SC_E_SHARING_VIOLATION);
}

/* --- Turns -------------------------------------------------------------------------- */

void turn_forget(struct slot *slot, struct card *card)
{
    drop_place(slot, card);
    if (slot->next == card)
        slot->next = NULL;
}

static bool is_void(const struct slot *slot, const struct card *card, uint64_t now_ms)
{
    return now_ms >= card->place_ms || slot_check_card(slot, card) != SC_OK;
}

void turn_come(struct slot *slot, struct request *place, uint64_t now_ms)
{
    struct card *card = place->card;
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
        if (request->is_place && is_void(slot, request->card, now_ms))
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

void turn_tick(struct slot *slot, uint64_t now_ms)
{
    struct list_link *link = slot->queue.next;
    if (now_ms < turn_deadline(slot))
        return;
    slot->refuse_ms = UINT64_MAX;
    while (link != &slot->queue) {
        struct request *request = LIST_ENTRY(link, struct request, link);
        link = link->next;
        if (turn_is_over(slot, request, now_ms))
            turn_refuse(slot, request, now_ms);
        else if (request->refusable && request->refuse_ms > now_ms
                 && request->refuse_ms < slot->refuse_ms)
            slot->refuse_ms = request->refuse_ms;
    }
    if (turn_lapse(slot, now_ms))
        slot_pump(slot, now_ms);
}

uint64_t turn_deadline(const struct slot *slot)
{
    if (slot->queue_size == 0 || turn_owner(slot) == NULL)
        return UINT64_MAX;
    if (slot->holder == NULL && slot->next_ms < slot->refuse_ms)
        return slot->next_ms;
    return slot->refuse_ms;
}
