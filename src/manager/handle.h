/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles: an index and a generation in 31 bits, so that a stale or foreign one is an
 * error and never a crash, and so that it fits every ABI's LONG and DWORD.
 *
 *     bits 30..29 tag (1 context, 2 card)   28..15 generation   14..0 index */
#ifndef MANAGER_HANDLE_H
#define MANAGER_HANDLE_H

#include "base/error.h"

#include <stdint.h>

enum { HANDLE_CONTEXT = 1, HANDLE_CARD = 2 };
enum {
    HANDLE_INDEX_MAX = 32768,
    HANDLE_RESTING =
        512 /* indices that are free before one of them is used again: a number
             * is another handle's after 512 * 16384 uses at the earliest */
};

/* Indices that are free, each with the generation it gets next. FIFO, so that an index
 * rests for long. What is kept for each index grows with those in use, up to `limit`. */
struct handle_table {
    uint32_t tag;
    uint32_t limit;
    uint32_t used;  /* indices that were ever given out */
    uint32_t salt;  /* generation a new index begins with */
    uint32_t *next; /* free list, by index */
    uint16_t *generation;
    uint32_t first_free, last_free; /* UINT32_MAX: none */
    uint32_t free_count;
};

/* Errors: SC_E_NO_MEMORY. */
enum sc_error handle_table_init(struct handle_table *table, uint32_t tag, uint32_t limit,
                                uint32_t salt);
void handle_table_clear(struct handle_table *table);
/* A new handle, never 0. Errors: SC_E_NO_MEMORY: the limit is reached. */
enum sc_error handle_take(struct handle_table *table, uint32_t *handle);
/* Gives the index of this handle free, with another generation. */
void handle_give(struct handle_table *table, uint32_t handle);

/* The index of a handle, or UINT32_MAX if its tag is another. */
static inline uint32_t handle_index(uint32_t handle, uint32_t tag)
{
    return handle >> 29 == tag ? handle & (HANDLE_INDEX_MAX - 1) : UINT32_MAX;
}

#endif
