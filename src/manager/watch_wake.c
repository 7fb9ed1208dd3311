/* SPDX-License-Identifier: BSD-2-Clause */
/* Which watches are under way, and which of them are to look again. */
#include "manager/watch.h"

#include <assert.h>

void watch_end(struct watch *watch)
{
    list_remove(&watch->link);
    list_remove(&watch->ready_link);
}

static void wake_watch(struct manager *manager, struct watch *watch)
{
    if (watch->woken)
        return;
    watch->woken = true;
    list_append(&manager->ready_watches, &watch->ready_link);
}

static bool concerns(const struct watch *watch, const struct reader *reader)
{
    if (watch_is_about_all(watch))
        return true;
    for (uint32_t i = 0; i < watch->count; i++) {
        const struct watch_entry *entry = &watch->entries[i];
        if (entry->is_pnp ? reader == NULL
                          : entry->reader == reader || entry->reader == NULL)
            return true;
    }
    return false;
}

void watch_notify(struct manager *manager, const struct reader *reader)
{
    struct list_link *link = manager->watches.next;
    while (link != &manager->watches) {
        struct watch *watch = LIST_ENTRY(link, struct watch, link);
        link = link->next;
        if (concerns(watch, reader))
            wake_watch(manager, watch);
    }
}

void watch_cancel(struct manager *manager, uint32_t context)
{
    struct list_link *link = manager->watches.next;
    while (link != &manager->watches) {
        struct watch *watch = LIST_ENTRY(link, struct watch, link);
        link = link->next;
        if (watch->context != context)
            continue;
        watch->error = SC_E_CANCELLED;
        wake_watch(manager, watch);
    }
}

struct watch *watch_take_ready(struct manager *manager)
{
    if (list_empty(&manager->ready_watches))
        return NULL;
    struct watch *watch =
        LIST_ENTRY(manager->ready_watches.next, struct watch, ready_link);
    assert(watch->woken && !list_empty(&watch->link));
    list_remove(&watch->ready_link);
    return watch;
}
