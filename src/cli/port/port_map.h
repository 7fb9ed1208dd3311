/* SPDX-License-Identifier: BSD-2-Clause */
/* A set of names, each with a number: what is defined, what is known, what was found. */
#ifndef CLI_PORT_MAP_H
#define CLI_PORT_MAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PORT_NAME_MAX = 255, /* bytes of a name; longer ones are none of Windows */
    PORT_MAP_MAX = 2000000
};

struct port_map_entry {
    const char *name; /* ends with a NUL that does not count; owned by the map */
    uint32_t size;
    uint32_t hash;
    uint32_t value;
};

/* All zero: empty. */
struct port_map {
    struct port_map_entry *entries; /* owned; those without a name are free */
    size_t room;                    /* a power of two, or 0 */
    size_t count;
    struct port_map_block *blocks; /* owned: where the names are */
};

/* Adds a name; one that is there keeps its number. False: no memory, or PORT_MAP_MAX names
 * are there. Names that are empty or longer than PORT_NAME_MAX are left out. */
bool port_map_put(struct port_map *map, const char *name, size_t size, uint32_t value);
/* The entry of a name, until the next one is added; NULL: it is not there. */
const struct port_map_entry *port_map_find(const struct port_map *map, const char *name,
                                           size_t size);
void port_map_clear(struct port_map *map);

#endif
