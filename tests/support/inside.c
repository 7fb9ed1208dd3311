/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/inside.h"

#include "host/host_internal.h"
#include "os/lock.h"

uint32_t inside_watches(void)
{
    struct host *host = host_current();
    struct list_link *link;
    uint32_t count = 0;
    os_mutex_lock(&host->lock);
    LIST_FOR_EACH(link, &host->manager.watches)
    count++;
    os_mutex_unlock(&host->lock);
    return count;
}

struct requests {
    uint32_t waiting, running;
    bool connecting;
};

static struct requests look_at(struct slot *slot)
{
    struct requests found = {0, 0, false};
    struct host_slot *hs = host_slot_of(slot);
    os_mutex_lock(&hs->lock);
    found.waiting = slot->queue_size;
    found.running = slot->occupant != NULL ? 1 : 0;
    found.connecting = slot->occupant != NULL && slot->occupant->kind == REQUEST_CONNECT;
    os_mutex_unlock(&hs->lock);
    return found;
}

/* Who sleeps has said before, with the lock, how it is woken. */
static uint32_t count_sleepers(struct slot *slot)
{
    struct host_slot *hs = host_slot_of(slot);
    struct list_link *link;
    uint32_t count = 0;
    os_mutex_lock(&hs->lock);
    LIST_FOR_EACH(link, &slot->queue)
    {
        const struct host_op *op = LIST_ENTRY(link, struct request, link)->waiter;
        count += op != NULL && op->wake != NULL;
    }
    os_mutex_unlock(&hs->lock);
    return count;
}

uint32_t inside_sleepers(void)
{
    struct host *host = host_current();
    struct list_link *link;
    uint32_t count = 0;
    os_mutex_lock(&host->lock);
    LIST_FOR_EACH(link, &host->manager.watches)
    {
        const struct host_op *op = LIST_ENTRY(link, struct watch, link)->waiter;
        count += op->wake != NULL;
    }
    for (uint32_t i = 0; i < host->manager.reader_used; i++)
        count += count_sleepers(&host->manager.readers[i]->slot);
    os_mutex_unlock(&host->lock);
    return count;
}

static struct requests look_at_all(void)
{
    struct host *host = host_current();
    struct requests all = {0, 0, false};
    os_mutex_lock(&host->lock);
    for (uint32_t i = 0; i < host->manager.reader_used; i++) {
        struct requests found = look_at(&host->manager.readers[i]->slot);
        all.waiting += found.waiting;
        all.running += found.running;
        all.connecting = all.connecting || found.connecting;
    }
    os_mutex_unlock(&host->lock);
    return all;
}

uint32_t inside_requests(void)
{
    struct requests found = look_at_all();
    return found.waiting + found.running;
}

bool inside_waits_for_turn(void)
{
    return look_at_all().waiting > 0;
}

bool inside_connects(void)
{
    return look_at_all().connecting;
}

void inside_set_hold(uint32_t ms)
{
    struct host *host = host_current();
    os_mutex_lock(&host->lock);
    host->manager.probe_hold_ms = ms;
    os_mutex_unlock(&host->lock);
}
