/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/service_handles.h"

#include "base/alloc.h"
#include "base/atomic.h"

#include <stddef.h>
#include <string.h>

enum { BUCKETS = 1024 };

struct entry {
    struct entry *next;
    uint32_t handle, context;
    uint32_t cards; /* of a context: how many are noted */
    bool stopped;
};

static struct entry *buckets[BUCKETS];
static uint32_t entry_count;
static uint32_t stopped_count; /* atomic: handles_any_stopped() */

/* Where the entry is noted; *place is NULL if it is not. */
static struct entry **find_entry(uint32_t handle)
{
    struct entry **place = &buckets[handle % BUCKETS];
    while (*place != NULL && (*place)->handle != handle)
        place = &(*place)->next;
    return place;
}

static void count_card(uint32_t context, bool more)
{
    struct entry *entry = context != 0 ? *find_entry(context) : NULL;
    if (entry != NULL)
        entry->cards += more ? 1U : UINT32_MAX;
}

static void drop_entry(struct entry **place)
{
    assert(*place != NULL && entry_count > 0);
    struct entry *entry = *place;
    *place = entry->next;
    entry_count--;
    if (entry->stopped)
        atomic_sub_u32(&stopped_count, 1);
    count_card(entry->context, false);
    mem_free(entry);
}

static void stop_entry(struct entry *entry)
{
    if (!entry->stopped)
        atomic_add_u32(&stopped_count, 1);
    entry->stopped = true;
}

void handles_add(uint32_t handle, uint32_t context, bool stopped)
{
    assert(handle != 0);
    struct entry **place = find_entry(handle);
    if (*place != NULL) /* the number of one that was lost with its service */
        drop_entry(place);
    struct entry *entry =
        entry_count < SERVICE_HANDLES_MAX ? mem_alloc(sizeof(*entry)) : NULL;
    if (entry == NULL)
        return;
    entry->handle = handle;
    entry->context = context;
    entry->next = buckets[handle % BUCKETS];
    buckets[handle % BUCKETS] = entry;
    entry_count++;
    count_card(context, true);
    if (stopped)
        stop_entry(entry);
}

static void drop_cards(uint32_t context)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct entry **place = &buckets[i]; *place != NULL;)
            if ((*place)->context == context)
                drop_entry(place);
            else
                place = &(*place)->next;
}

void handles_remove(uint32_t handle)
{
    struct entry **place = find_entry(handle);
    if (*place == NULL)
        return;
    if ((*place)->cards > 0) {
        drop_cards(handle);
        place = find_entry(handle);
    }
    if (*place != NULL) /* a service that gives a card its context's number */
        drop_entry(place);
}

void handles_stop(void)
{
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct entry *entry = buckets[i]; entry != NULL; entry = entry->next)
            stop_entry(entry);
}

bool handles_any_stopped(void)
{
    return atomic_load_u32(&stopped_count) > 0;
}

bool handles_is_stopped(uint32_t handle, bool once)
{
    struct entry **place = find_entry(handle);
    if (*place == NULL || !(*place)->stopped)
        return false;
    if (once)
        drop_entry(place);
    return true;
}

void handles_forget(void)
{
    memset(buckets, 0, sizeof(buckets));
    entry_count = 0;
    atomic_store_u32(&stopped_count, 0);
}
