/* SPDX-License-Identifier: BSD-2-Clause */
/* What is so at one reader: its card, who is connected, and what others see of that. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>
#include <string.h>

const struct slot_rules slot_default_rules = {
    .idle_ms = {[ABI_WINDOWS] = TRANSACTION_IDLE_MS,
                [ABI_PCSCLITE] = TRANSACTION_IDLE_PCSCLITE_MS},
    .power_off_ms = POWER_OFF_MS};

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
    assert(slot->occupant == NULL && !slot_has_reader(slot));
    slot->serial++;
    slot->events = events;
    slot->transmissions = 0;
    slot->reader = info->taken ? SLOT_TAKEN : SLOT_SERVED;
    slot->closing = false;
    slot->stopping = false;
    slot->retry_ms = 0;
    slot_forget_card(slot);
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
    slot->next = NULL;
    slot->amends = AMENDS_NONE;
    slot_release_transaction(slot);
}

enum sc_error slot_check_card(const struct slot *slot, const struct card_handle *card)
{
    if (!slot_is_usable(slot))
        return SC_E_READER_UNAVAILABLE;
    if (card->bound && card->epoch != slot->epoch)
        return SC_W_REMOVED_CARD;
    if (card->bound && (card->reset_seen != slot->resets || slot_reset_is_due(slot)))
        return SC_W_RESET_CARD;
    return SC_OK;
}

/* --- A card that nobody uses -------------------------------------------------------- */

bool slot_is_unused(const struct slot *slot)
{
    return slot->card_count == 0 && slot->rules->power_off_ms != 0;
}

bool slot_may_rest(const struct slot *slot, uint64_t now_ms)
{
    return slot_is_powered(slot) && slot_is_unused(slot)
           && now_ms >= slot->used_ms + slot->rules->power_off_ms;
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
        return VIEW_PRESENT
               | (slot->amends == AMENDS_POWER ? 0 : (uint32_t)VIEW_UNPOWERED);
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
    if (slot->reader != SLOT_SERVED) {
        view->state =
            VIEW_UNAVAILABLE | (slot_has_reader(slot) ? 0 : (uint32_t)VIEW_UNKNOWN);
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
