/* SPDX-License-Identifier: BSD-2-Clause */
/* Handle numbers: which are free, and what they are called next time. */
#include "manager/handle.h"

#include "base/alloc.h"

#include <assert.h>
#include <string.h>

enum { GENERATION_MASK = 0x3FFF };

enum sc_error handle_table_init(struct handle_table *table, uint32_t tag, uint32_t limit,
                                uint32_t salt)
{
    memset(table, 0, sizeof(*table));
    table->tag = tag;
    table->limit = limit < HANDLE_INDEX_MAX ? limit : HANDLE_INDEX_MAX;
    table->salt = salt & GENERATION_MASK;
    table->first_free = table->last_free = UINT32_MAX;
    table->next = mem_alloc_array(table->limit, sizeof(*table->next));
    table->generation = mem_alloc_array(table->limit, sizeof(*table->generation));
    if (table->next == NULL || table->generation == NULL) {
        handle_table_clear(table);
        return SC_E_NO_MEMORY;
    }
    return SC_OK;
}

void handle_table_clear(struct handle_table *table)
{
    mem_free(table->next);
    mem_free(table->generation);
    memset(table, 0, sizeof(*table));
}

enum sc_error handle_take(struct handle_table *table, uint32_t *handle)
{
    uint32_t index;
    if (table->free_count < HANDLE_RESTING && table->used < table->limit) {
        index = table->used++;
        table->generation[index] = (uint16_t)table->salt;
    } else if (table->first_free != UINT32_MAX) {
        index = table->first_free;
        table->first_free = table->next[index];
        if (table->first_free == UINT32_MAX)
            table->last_free = UINT32_MAX;
        assert(table->free_count > 0 && index < table->used);
        table->free_count--;
    } else {
        return SC_E_NO_MEMORY;
    }
    *handle = table->tag << 29 | (uint32_t)table->generation[index] << 15 | index;
    return SC_OK;
}

void handle_give(struct handle_table *table, uint32_t handle)
{
    uint32_t index = handle & (HANDLE_INDEX_MAX - 1);
    /* It was given out, and not given back before. */
    assert(handle >> 29 == table->tag && index < table->used);
    assert((handle >> 15 & GENERATION_MASK) == table->generation[index]);
    table->generation[index] =
        (uint16_t)((table->generation[index] + 1U) & GENERATION_MASK);
    table->next[index] = UINT32_MAX;
    if (table->last_free != UINT32_MAX)
        table->next[table->last_free] = index;
    else
        table->first_free = index;
    table->last_free = index;
    table->free_count++;
}
