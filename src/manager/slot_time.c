/* SPDX-License-Identifier: BSD-2-Clause */
/* What time brings to one reader: jobs that are late, transactions that are idle, cards
 * that nobody is connected to. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>

static uint64_t sooner(uint64_t a_ms, uint64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}

/* Whoever comes next must not find the owner's security state: a reset first. */
static void take_transaction(struct slot *slot, uint64_t now_ms)
{
    slot_release_transaction(slot);
    if (slot_is_powered(slot))
        slot->amends = AMENDS_RESET;
    slot_pump(slot, now_ms);
}

/* When a REQUEST_TEND is due. */
static uint64_t tend_deadline(const struct slot *slot)
{
    if (!slot_is_usable(slot) || slot->tending || slot->closing || slot->holder != NULL
        || !slot_is_powered(slot))
        return UINT64_MAX;
    if (slot_reset_is_due(slot))
        return slot->retry_ms;
    if (!slot_is_unused(slot))
        return UINT64_MAX;
    uint64_t rest_ms = slot->used_ms + slot->rules->power_off_ms;
    return rest_ms > slot->retry_ms ? rest_ms : slot->retry_ms;
}

void slot_tended(struct slot *slot, uint64_t now_ms, bool made)
{
    assert(slot->tending);
    slot->tending = false;
    if (!made)
        slot->retry_ms = now_ms + CHORE_RETRY_MS;
}

/* --- All of it ---------------------------------------------------------------------- */

static void declare_dead(struct slot *slot)
{
    assert(slot->occupant != NULL && slot->stopping);
    slot->reader = slot_has_reader(slot) ? SLOT_DEAD : SLOT_DEAD_GONE;
    slot_forget_card(slot);
    slot->state = CARD_ABSENT; /* as far as anybody can tell */
    while (!list_empty(&slot->queue)) {
        struct request *request = LIST_ENTRY(slot->queue.next, struct request, link);
        turn_end_parked(slot, request, SC_E_READER_UNAVAILABLE);
    }
}

/* Of the occupant's job, an idle transaction, an unused card. */
static uint64_t main_deadline(const struct slot *slot)
{
    if (slot_is_dead(slot))
        return UINT64_MAX;
    if (slot->occupant != NULL)
        return slot->stopping ? slot->stop_ms + JOB_STOP_MS
                              : slot->occupant->job.deadline_ms;
    uint64_t holder_ms = sooner(hold_look_deadline(slot), hold_idle_deadline(slot));
    return sooner(holder_ms, tend_deadline(slot));
}

/* Somebody is connected, nothing runs and nobody waits: there is no deadline. So it is
 * after nearly every request, when this is asked. */
static bool is_at_rest(const struct slot *slot)
{
    return slot->occupant == NULL && slot->queue_size == 0 && slot->card_count > 0
           && slot->amends != AMENDS_RESET
           && (slot->holder == NULL || !hold_is_strict(slot));
}

uint64_t slot_deadline(const struct slot *slot)
{
    if (is_at_rest(slot))
        return UINT64_MAX;
    return sooner(main_deadline(slot), turn_deadline(slot));
}

void slot_begin_close(struct slot *slot, uint64_t now_ms)
{
    slot->closing = true;
    slot->version++;
    slot_pump(slot, now_ms); /* what waits has its answer */
}

void slot_end_close(struct slot *slot)
{
    slot->closing = false;
    slot->version++;
}

bool slot_hurry(struct slot *slot, uint64_t now_ms)
{
    if (slot->occupant == NULL || slot->stopping || slot_is_dead(slot))
        return false;
    slot->stopping = true;
    slot->stop_ms = now_ms;
    return true;
}

uint64_t slot_tick(struct slot *slot, uint64_t now_ms, struct slot_chores *chores)
{
    *chores = (struct slot_chores){0};
    if (turn_tick(slot, now_ms))
        slot_pump(slot, now_ms);
    if (now_ms < main_deadline(slot))
        return slot_deadline(slot);
    turn_drop_void(slot, now_ms);
    if (slot->occupant != NULL && slot->stopping)
        declare_dead(slot);
    else if (slot->occupant != NULL)
        chores->stop = slot_hurry(slot, now_ms);
    else if (now_ms >= hold_idle_deadline(slot))
        take_transaction(slot, now_ms);
    assert(!chores->stop || slot->stopping);
    if (slot->occupant == NULL && now_ms >= tend_deadline(slot))
        chores->tend = slot->tending = true;
    return slot_deadline(slot);
}
