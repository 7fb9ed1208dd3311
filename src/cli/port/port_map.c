/* SPDX-License-Identifier: BSD-2-Clause */
/* How names are kept: a table with open addressing, the names themselves in blocks. */
#include "cli/port/port_map.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK_SIZE = 65536, FIRST_ROOM = 1024 };

struct port_map_block {
    struct port_map_block *next;
    size_t used;
    char bytes[BLOCK_SIZE];
};

/* FNV-1a. */
static uint32_t map_hash(const char *name, size_t size)
{
    uint32_t hash = 2166136261U;
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ (uint8_t)name[i]) * 16777619U;
    return hash;
}

/* Where a name is, or would be. */
static struct port_map_entry *map_place(const struct port_map *map, const char *name,
                                        size_t size, uint32_t hash)
{
    size_t at = hash & (map->room - 1);
    assert(map->count < map->room);
    while (map->entries[at].name != NULL
           && (map->entries[at].hash != hash || map->entries[at].size != size
               || memcmp(map->entries[at].name, name, size) != 0))
        at = (at + 1) & (map->room - 1);
    return &map->entries[at];
}

static bool grow_table(struct port_map *map)
{
    struct port_map more = *map;
    more.room = map->room != 0 ? map->room * 2 : FIRST_ROOM;
    more.entries = calloc(more.room, sizeof(*more.entries));
    if (more.entries == NULL)
        return false;
    for (size_t i = 0; i < map->room; i++) {
        const struct port_map_entry *from = &map->entries[i];
        if (from->name != NULL)
            *map_place(&more, from->name, from->size, from->hash) = *from;
    }
    free(map->entries);
    *map = more;
    return true;
}

static const char *map_keep(struct port_map *map, const char *name, size_t size)
{
    struct port_map_block *block = map->blocks;
    if (block == NULL || BLOCK_SIZE - block->used <= size) {
        block = malloc(sizeof(*block));
        if (block == NULL)
            return NULL;
        block->next = map->blocks;
        block->used = 0;
        map->blocks = block;
    }
    char *copy = block->bytes + block->used;
    memcpy(copy, name, size);
    copy[size] = '\0';
    block->used += size + 1;
    return copy;
}

bool port_map_put(struct port_map *map, const char *name, size_t size, uint32_t value)
{
    uint32_t hash = map_hash(name, size);
    if (size == 0 || size > PORT_NAME_MAX || port_map_find(map, name, size) != NULL)
        return true;
    if (map->count == PORT_MAP_MAX)
        return false;
    if (map->count + 1 > map->room / 2 && !grow_table(map))
        return false;
    const char *copy = map_keep(map, name, size);
    if (copy == NULL)
        return false;
    *map_place(map, name, size, hash) =
        (struct port_map_entry){copy, (uint32_t)size, hash, value};
    map->count++;
    return true;
}

const struct port_map_entry *port_map_find(const struct port_map *map, const char *name,
                                           size_t size)
{
    if (map->room == 0)
        return NULL;
    const struct port_map_entry *entry = map_place(map, name, size, map_hash(name, size));
    return entry->name != NULL ? entry : NULL;
}

void port_map_clear(struct port_map *map)
{
    while (map->blocks != NULL) {
        struct port_map_block *next = map->blocks->next;
        free(map->blocks);
        map->blocks = next;
    }
    free(map->entries);
    *map = (struct port_map){.entries = NULL};
}
