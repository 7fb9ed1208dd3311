/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardReadCache and SCardWriteCache: small items that clients of one card keep for each
 * other, with the freshness counter that card minidrivers use. Each user has one of its
 * own: items may be what a card tells after a PIN alone, and a program that writes one is
 * believed. Microsoft's pages call the cache global. Bounded by LIMIT_CACHE_*; the user's
 * items least recently written make room for new ones. */
#ifndef MANAGER_CACHE_H
#define MANAGER_CACHE_H

#include "base/error.h"
#include "base/list.h"

#include <stddef.h>
#include <stdint.h>

struct cache {
    struct list_link items; /* most recently written first */
    size_t total;
};

void cache_init(struct cache *cache);
void cache_clear(struct cache *cache);
/* `card` is the card's UUID. The data is borrowed from the cache until its next change.
 * Errors: SC_W_CACHE_ITEM_NOT_FOUND; SC_W_CACHE_ITEM_STALE (kept under another freshness:
 * it is dropped if it is the older one). */
enum sc_error cache_read(struct cache *cache, uint32_t user, const uint8_t card[16],
                         uint32_t freshness, const char *name, const uint8_t **data,
                         size_t *size);
/* cache_read(), and the data is copied: *size is the room, then the size of the item.
 * Errors: SC_E_INSUFFICIENT_BUFFER besides. */
enum sc_error cache_copy(struct cache *cache, uint32_t user, const uint8_t card[16],
                         uint32_t freshness, const char *name, uint8_t *data,
                         size_t *size);
/* Errors: SC_W_CACHE_ITEM_STALE (a fresher one is there), SC_W_CACHE_ITEM_TOO_BIG,
 * SC_E_INVALID_PARAMETER (the name is empty or too long), SC_E_NO_MEMORY. */
enum sc_error cache_write(struct cache *cache, uint32_t user, const uint8_t card[16],
                          uint32_t freshness, const char *name, const uint8_t *data,
                          size_t size);

#endif
