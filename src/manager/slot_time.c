/* SPDX-License-Identifier: BSD-2-Clause */
/* What time brings to one reader: jobs that are late, transactions that are idle, cards
 * that nobody is connected to. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

const struct slot_rules slot_default_rules = {
    .idle_ms = {[ABI_WINDOWS] = TRANSACTION_IDLE_MS,
                [ABI_PCSCLITE] = TRANSACTION_IDLE_PCSCLITE_MS},
    .power_off_ms = POWER_OFF_MS};

static uint64_t earlier(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/* --- The transaction ---------------------------------------------------------------- */

/* Who waits until it is alone waits for handles, not for the transaction. */
bool slot_is_waited_for(const struct slot *slot)
{
    for (const struct list_link *link = slot->queue.next; link != &slot->queue;
         link = link->next)
        if (!step_waits_alone(slot, LIST_ENTRY(link, struct request, link)))
            return true;
    return false;
}

static bool is_strict(const struct slot *slot)
{
    return slot->rules->strict && slot->holder->program.abi == ABI_WINDOWS;
}

void slot_begin_wait(struct slot *slot, uint64_t now_ms)
{
    slot->looked_ms = now_ms;
    if (!is_strict(slot))
        slot->activity_ms = now_ms;
}

void slot_touch(struct slot *slot, const struct card *card, uint64_t now_ms)
{
    const struct card *holder = slot->holder;
    if (holder == NULL || holder->program.process != card->program.process)
        return;
    slot->activity_ms = now_ms;
    slot->stopped_ms = 0;
}

/* When the owner's process is to be looked at; UINT64_MAX: never. */
static uint64_t look_deadline(const struct slot *slot)
{
    if (slot->holder == NULL || slot->holder->program.pid == 0 || slot->occupant != NULL
        || slot->dead || !slot_is_waited_for(slot))
        return UINT64_MAX;
    return slot->looked_ms + HOLDER_LOOK_MS;
}

static uint64_t idle_deadline(const struct slot *slot)
{
    if (slot->holder == NULL)
        return UINT64_MAX;
    uint32_t limit_ms = slot->rules->idle_ms[slot->holder->program.abi];
    if (limit_ms == 0 || (!is_strict(slot) && !slot_is_waited_for(slot)))
        return UINT64_MAX;
    uint64_t deadline_ms = slot->activity_ms + limit_ms;
    if (slot->stopped_ms != 0)
        deadline_ms = earlier(deadline_ms, slot->stopped_ms + HOLDER_STOP_MS);
    return deadline_ms;
}

/* Whoever comes next must not find the owner's security state: a reset first. */
static void take_transaction(struct slot *slot, uint64_t now_ms)
{
    slot_release_transaction(slot);
    slot->reset_due = slot_is_powered(slot);
    slot_pump(slot, now_ms);
}

bool slot_asks_for_holder(const struct slot *slot, uint64_t now_ms,
                          struct program *program)
{
    if (now_ms < look_deadline(slot))
        return false;
    *program = slot->holder->program;
    return true;
}

void slot_note_holder(struct slot *slot, enum program_state state, uint64_t now_ms)
{
    slot->looked_ms = now_ms;
    if (state != PROGRAM_STOPPED)
        slot->stopped_ms = 0;
    else if (slot->stopped_ms == 0)
        slot->stopped_ms = now_ms;
}

/* --- The card ----------------------------------------------------------------------- */

static bool is_unused(const struct slot *slot)
{
    return slot->card_count == 0 && slot->rules->power_off_ms != 0;
}

bool slot_may_rest(const struct slot *slot, uint64_t now_ms)
{
    return slot_is_powered(slot) && is_unused(slot)
           && now_ms >= slot->used_ms + slot->rules->power_off_ms;
}

/* When a REQUEST_TEND is due. */
static uint64_t tend_deadline(const struct slot *slot)
{
    if (slot->dead || slot->tending || slot->closing || !slot->present
        || slot->holder != NULL || !slot_is_powered(slot))
        return UINT64_MAX;
    if (slot->reset_due)
        return slot->retry_ms;
    if (!is_unused(slot))
        return UINT64_MAX;
    uint64_t rest_ms = slot->used_ms + slot->rules->power_off_ms;
    return rest_ms > slot->retry_ms ? rest_ms : slot->retry_ms;
}

void slot_tended(struct slot *slot, uint64_t now_ms, bool made)
{
    slot->tending = false;
    if (!made)
        slot->retry_ms = now_ms + CHORE_RETRY_MS;
}

/* --- All of it ---------------------------------------------------------------------- */

static void declare_dead(struct slot *slot)
{
    slot->dead = true;
    slot_forget_card(slot);
    slot->state = CARD_ABSENT; /* as far as anybody can tell */
    while (!list_empty(&slot->queue)) {
        struct request *request = LIST_ENTRY(slot->queue.next, struct request, link);
        slot_end_parked(slot, request, SC_E_READER_UNAVAILABLE);
    }
}

/* Of the occupant's job, an idle transaction, an unused card. */
static uint64_t main_deadline(const struct slot *slot)
{
    if (slot->dead)
        return UINT64_MAX;
    if (slot->occupant != NULL)
        return slot->aborting ? slot->abort_ms + JOB_ABORT_MS
                              : slot->occupant->job.deadline_ms;
    uint64_t holder_ms = earlier(look_deadline(slot), idle_deadline(slot));
    return earlier(holder_ms, tend_deadline(slot));
}

uint64_t slot_deadline(const struct slot *slot)
{
    return earlier(main_deadline(slot), turn_deadline(slot));
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
    if (slot->occupant == NULL || slot->aborting || slot->dead)
        return false;
    slot->aborting = true;
    slot->abort_ms = now_ms;
    return true;
}

uint64_t slot_tick(struct slot *slot, uint64_t now_ms, struct slot_chores *chores)
{
    *chores = (struct slot_chores){0};
    turn_tick(slot, now_ms);
    if (now_ms < main_deadline(slot))
        return slot_deadline(slot);
    turn_drop_void(slot, now_ms);
    if (slot->occupant != NULL && slot->aborting)
        declare_dead(slot);
    else if (slot->occupant != NULL)
        chores->abort = slot_hurry(slot, now_ms);
    else if (now_ms >= idle_deadline(slot))
        take_transaction(slot, now_ms);
    if (slot->occupant == NULL && now_ms >= tend_deadline(slot))
        chores->tend = slot->tending = true;
    return slot_deadline(slot);
}
