/* SPDX-License-Identifier: BSD-2-Clause */
/* The owner of a transaction while others wait: whether it is idle, and what its process
 * does. */
#include "manager/limits.h"
#include "manager/slot_internal.h"

#include <assert.h>

/* A request that waits until its handle is alone waits for handles, not for the
 * transaction. */
bool hold_is_waited_for(const struct slot *slot)
{
    for (const struct list_link *link = slot->queue.next; link != &slot->queue;
         link = link->next)
        if (!connect_waits_alone(slot, LIST_ENTRY(link, struct request, link)))
            return true;
    return false;
}

bool hold_is_strict(const struct slot *slot)
{
    return slot->rules->strict && slot->holder->program.abi == ABI_WINDOWS;
}

void hold_begin_wait(struct slot *slot, uint64_t now_ms)
{
    assert(slot->holder != NULL);
    slot->looked_ms = now_ms;
    if (!hold_is_strict(slot))
        slot->activity_ms = now_ms;
}

void slot_touch(struct slot *slot, const struct card_handle *card, uint64_t now_ms)
{
    const struct card_handle *holder = slot->holder;
    if (holder == NULL || holder->program.process != card->program.process)
        return;
    slot->activity_ms = now_ms;
    slot->stopped_ms = 0;
}

uint64_t hold_look_deadline(const struct slot *slot)
{
    if (slot->holder == NULL || slot->holder->program.pid == 0 || slot->occupant != NULL
        || slot_is_dead(slot) || !hold_is_waited_for(slot))
        return UINT64_MAX;
    return slot->looked_ms + HOLDER_LOOK_MS;
}

uint64_t hold_idle_deadline(const struct slot *slot)
{
    if (slot->holder == NULL)
        return UINT64_MAX;
    uint32_t limit_ms = slot->rules->idle_ms[slot->holder->program.abi];
    if (limit_ms == 0 || (!hold_is_strict(slot) && !hold_is_waited_for(slot)))
        return UINT64_MAX;
    uint64_t deadline_ms = slot->activity_ms + limit_ms;
    if (slot->stopped_ms != 0 && slot->stopped_ms + HOLDER_STOP_MS < deadline_ms)
        deadline_ms = slot->stopped_ms + HOLDER_STOP_MS;
    return deadline_ms;
}

bool slot_asks_for_holder(const struct slot *slot, uint64_t now_ms,
                          struct program *program)
{
    if (now_ms < hold_look_deadline(slot))
        return false;
    *program = slot->holder->program;
    return true;
}

void slot_note_holder(struct slot *slot, enum program_state state, uint64_t now_ms)
{
    assert(slot->holder != NULL); /* slot_asks_for_holder() named it */
    slot->looked_ms = now_ms;
    if (state != PROGRAM_STOPPED)
        slot->stopped_ms = 0;
    else if (slot->stopped_ms == 0)
        slot->stopped_ms = now_ms;
}
