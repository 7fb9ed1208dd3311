/* SPDX-License-Identifier: BSD-2-Clause */
/* The card cache: a list, since a card's middleware keeps some dozens of items at most.
 */
#include "manager/cache.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "manager/limits.h"

#include <assert.h>
#include <string.h>

struct cache_item {
    struct list_link link;
    uint32_t user;
    uint8_t card[16];
    uint32_t freshness;
    char name[LIMIT_CACHE_NAME];
    size_t size;
    uint8_t data[];
};

void cache_init(struct cache *cache)
{
    list_init(&cache->items);
    cache->total = 0;
}

static void drop_item(struct cache *cache, struct cache_item *item)
{
    assert(cache->total >= sizeof(*item) + item->size);
    list_remove(&item->link);
    cache->total -= sizeof(*item) + item->size;
    secret_clear(item->data, item->size);
    mem_free(item);
}

void cache_clear(struct cache *cache)
{
    while (!list_empty(&cache->items))
        drop_item(cache, LIST_ENTRY(cache->items.next, struct cache_item, link));
    assert(cache->total == 0);
}

static struct cache_item *find_item(struct cache *cache, uint32_t user,
                                    const uint8_t card[16], const char *name)
{
    struct list_link *link = cache->items.next;
    for (; link != &cache->items; link = link->next) {
        struct cache_item *item = LIST_ENTRY(link, struct cache_item, link);
        if (item->user == user && memcmp(item->card, card, sizeof(item->card)) == 0
            && strcmp(item->name, name) == 0)
            return item;
    }
    return NULL;
}

enum sc_error cache_read(struct cache *cache, uint32_t user, const uint8_t card[16],
                         uint32_t freshness, const char *name, const uint8_t **data,
                         size_t *size)
{
    struct cache_item *item = find_item(cache, user, card, name);
    if (item == NULL)
        return SC_W_CACHE_ITEM_NOT_FOUND;
    if (item->freshness != freshness) {
        if (item->freshness < freshness)
            drop_item(cache, item);
        return SC_W_CACHE_ITEM_STALE;
    }
    *data = item->data;
    *size = item->size;
    return SC_OK;
}

enum sc_error cache_copy(struct cache *cache, uint32_t user, const uint8_t card[16],
                         uint32_t freshness, const char *name, uint8_t *data,
                         size_t *size)
{
    const uint8_t *found;
    size_t found_size, room = *size;
    enum sc_error error =
        cache_read(cache, user, card, freshness, name, &found, &found_size);
    if (error != SC_OK)
        return error;
    *size = found_size;
    if (found_size > room)
        return SC_E_INSUFFICIENT_BUFFER;
    if (found_size > 0)
        memcpy(data, found, found_size);
    return SC_OK;
}

/* What makes room for a new item: the user's own that was written least recently, or, if
 * there is no other, that of all. */
static struct cache_item *oldest(struct cache *cache, const struct cache_item *fresh)
{
    assert(!list_empty(&cache->items)); /* `fresh` is in it */
    struct list_link *link = cache->items.prev;
    struct cache_item *last = LIST_ENTRY(link, struct cache_item, link);
    for (; link != &cache->items; link = link->prev) {
        struct cache_item *item = LIST_ENTRY(link, struct cache_item, link);
        if (item->user == fresh->user)
            return item != fresh ? item : last;
    }
    return last;
}

static size_t total_of(const struct cache *cache, uint32_t user)
{
    size_t total = 0;
    const struct list_link *link = cache->items.next;
    for (; link != &cache->items; link = link->next) {
        const struct cache_item *item = LIST_ENTRY(link, struct cache_item, link);
        total += item->user == user ? sizeof(*item) + item->size : 0;
    }
    return total;
}

enum sc_error cache_write(struct cache *cache, uint32_t user, const uint8_t card[16],
                          uint32_t freshness, const char *name, const uint8_t *data,
                          size_t size)
{
    size_t name_size = strlen(name) + 1;
    if (name_size == 1 || name_size > LIMIT_CACHE_NAME)
        return SC_E_INVALID_PARAMETER;
    if (size > LIMIT_CACHE_ITEM)
        return SC_W_CACHE_ITEM_TOO_BIG;
    struct cache_item *old = find_item(cache, user, card, name);
    if (old != NULL && old->freshness > freshness)
        return SC_W_CACHE_ITEM_STALE;
    struct cache_item *item = mem_alloc(sizeof(*item) + size);
    if (item == NULL)
        return SC_E_NO_MEMORY;
    if (old != NULL)
        drop_item(cache, old);
    item->user = user;
    memcpy(item->card, card, sizeof(item->card));
    memcpy(item->name, name, name_size);
    item->freshness = freshness;
    item->size = size;
    if (size > 0)
        memcpy(item->data, data, size);
    list_prepend(&cache->items, &item->link);
    cache->total += sizeof(*item) + size;
    while (cache->total > LIMIT_CACHE_ALL || total_of(cache, user) > LIMIT_CACHE_TOTAL)
        drop_item(cache, oldest(cache, item));
    return SC_OK;
}
