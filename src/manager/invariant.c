/* SPDX-License-Identifier: BSD-2-Clause */
#include "manager/invariant.h"

#include "base/compiler.h"
#include "manager/limits.h"
#include "manager/slot_internal.h"

/* A promise, and whether it is kept. */
struct promise {
    bool kept;
    const char *words;
};

static const char *first_broken(const struct promise *promises, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!promises[i].kept)
            return promises[i].words;
    return NULL;
}

/* --- Slots -------------------------------------------------------------------------- */

/* What the handles at a slot are, all of them looked at. */
struct handles {
    uint32_t count, attached, leaving;
};

static struct handles look_at_handles(const struct slot *slot)
{
    struct handles found = {0};
    const struct list_link *link;
    LIST_FOR_EACH(link, &slot->cards)
    {
        const struct card_handle *card = LIST_ENTRY(link, struct card_handle, in_slot);
        found.count++;
        found.attached += card->stage != HANDLE_LOOSE && card->slot == slot ? 1U : 0U;
        found.leaving += card->stage == HANDLE_LEAVING ? 1U : 0U;
    }
    return found;
}

/* NULL is connected as well. */
static bool is_connected(const struct slot *slot, const struct card_handle *card)
{
    return card == NULL || (card->stage != HANDLE_LOOSE && card->slot == slot);
}

static const char *sharing_invariant(const struct slot *slot)
{
    const struct handles found = look_at_handles(slot);
    const struct promise promises[] = {
        {found.count == slot->card_count, "the handles are counted"},
        {found.attached == found.count, "a handle in the list is attached to the slot"},
        {slot->exclusive == NULL
             || (is_connected(slot, slot->exclusive) && found.count == 1),
         "an exclusive handle is connected, and alone"},
        {(slot->holder != NULL) == (slot->depth > 0),
         "a transaction has an owner and a depth"},
        {is_connected(slot, slot->holder), "the owner of the transaction is connected"},
        {is_connected(slot, slot->next), "the handle that has the turn is connected"},
        {found.leaving == slot->leaving, "the handles that disconnect are counted"},
    };
    return first_broken(promises, ARRAY_SIZE(promises));
}

static const char *parked_invariant(const struct slot *slot,
                                    const struct request *request)
{
    const struct card_handle *owner = turn_owner(slot);
    bool may_wait =
        slot->occupant != NULL || connect_waits_alone(slot, request)
        || (owner != NULL && (request->kind == REQUEST_PLACE || request->card != owner));
    const struct promise promises[] = {
        {request->verdict == VERDICT_WAIT, "what is parked waits"},
        {!slot_is_dead(slot), "nothing waits for a dead reader"},
        {request->kind == REQUEST_PLACE || !step_stands(slot, request),
         "what has its answer is not parked"},
        {request->kind != REQUEST_PLACE
             || (request->card->has_place && request == &request->card->place),
         "a place is its handle's"},
        {may_wait, "what is parked waits for somebody"},
    };
    return first_broken(promises, ARRAY_SIZE(promises));
}

static const char *queue_invariant(const struct slot *slot)
{
    uint32_t count = 0;
    const struct list_link *link;
    LIST_FOR_EACH(link, &slot->queue)
    {
        const char *broken =
            parked_invariant(slot, LIST_ENTRY(link, struct request, link));
        if (broken != NULL)
            return broken;
        count++;
    }
    return count == slot->queue_size && count <= LIMIT_QUEUE
               ? NULL
               : "the queue is counted, and has its limit";
}

static const char *card_invariant(const struct slot *slot)
{
    bool has_card = slot_is_usable(slot) && slot->state != CARD_ABSENT;
    const struct promise promises[] = {
        {has_card || (slot->protocol == 0 && slot->atr_size == 0),
         "without a card there is no ATR and no protocol"},
        {has_card || slot->holder == NULL || !slot->holder->bound,
         "a transaction without a card is that of a direct handle"},
        {slot->state != CARD_SPECIFIC || (slot->protocol != 0 && slot->atr_size > 0),
         "a card with a protocol in force has an ATR"},
        {slot->atr_size <= DRIVER_ATR_MAX, "an ATR has 33 bytes at most"},
        {slot->amends != AMENDS_RESET || slot_is_powered(slot),
         "a card that is to be reset has power"},
        {slot->amends != AMENDS_POWER || slot->state == CARD_OFF,
         "a resting card is off"},
        {slot->occupant == NULL || slot->occupant->verdict == VERDICT_RUN,
         "the occupant's job runs"},
        {!slot->stopping || slot->occupant != NULL, "a job that is stopped is there"},
        {slot->leaving == 0 || slot->occupant != NULL,
         "a disconnection under way waits for a job"},
    };
    return first_broken(promises, ARRAY_SIZE(promises));
}

const char *slot_invariant(const struct slot *slot)
{
    const char *broken =
        list_empty(&slot->ready) ? NULL : "requests that became ready were taken";
    if (broken == NULL)
        broken = sharing_invariant(slot);
    if (broken == NULL)
        broken = queue_invariant(slot);
    return broken != NULL ? broken : card_invariant(slot);
}

/* --- The manager -------------------------------------------------------------------- */

static const char *readers_invariant(const struct manager *manager)
{
    uint32_t present = 0;
    for (uint32_t i = 0; i < manager->reader_used; i++) {
        const struct reader *reader = manager->readers[i];
        const struct promise promises[] = {
            {reader->index == i && reader->slot.index == i, "a reader knows its entry"},
            {!reader_is_present(reader) || reader->names[NAME_WINDOWS][0] != '\0',
             "a reader has a name"},
            {reader->changed <= manager->changes && reader->arrived <= reader->changed,
             "changes are numbered in their order"},
        };
        const char *broken = first_broken(promises, ARRAY_SIZE(promises));
        if (broken != NULL)
            return broken;
        present += reader_is_present(reader) ? 1U : 0U;
    }
    return present == manager->reader_count ? NULL : "the readers are counted";
}

static const char *contexts_invariant(const struct manager *manager)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < manager->context_ids.used; i++) {
        const struct context *context = manager->contexts[i];
        const struct list_link *link;
        if (context == NULL)
            continue;
        count++;
        LIST_FOR_EACH(link, &context->cards)
        {
            const struct card_handle *card =
                LIST_ENTRY(link, struct card_handle, in_context);
            if (card->context != context->id)
                return "a handle is in the list of its context";
        }
    }
    /* Those that are being released are counted, and not found any more. */
    return count <= manager->context_count ? NULL : "the contexts are counted";
}

const char *manager_invariant(const struct manager *manager)
{
    const char *broken = readers_invariant(manager);
    return broken != NULL ? broken : contexts_invariant(manager);
}
