/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory handed to the application: plain malloc, since many programs release it with
 * free(), and a note of each pointer, so that SCardFreeMemory can refuse what is not
 * ours. */
#include "base/alloc.h"
#include "client/client.h"
#include "os/os.h"

#include <stdint.h>

/* Open addressing; a slot whose pointer was freed behind our back is used again when the
 * allocator gives the same address once more. */
enum { TABLE_SIZE = 2 * CLIENT_MEMORY_NOTED, PROBES_MAX = 64 };

static struct os_mutex table_lock = OS_MUTEX_INIT;
static void **table;       /* TABLE_SIZE; NULL before the first use */
static bool table_is_full; /* a pointer could not be noted: any is believed from now on */

/* In the child of a fork another thread, which is not there, may have held the lock. */
static void free_lock(void)
{
    os_mutex_init(&table_lock);
}

static size_t slot_of(const void *memory, size_t probe)
{
    uint64_t hash = (uint64_t)(uintptr_t)memory * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)((hash >> 32) + probe) % TABLE_SIZE;
}

static void note(void *memory)
{
    if (table == NULL) {
        table = mem_alloc_array(TABLE_SIZE, sizeof(*table));
        os_at_fork_child(free_lock);
    }
    for (size_t i = 0; table != NULL && i < PROBES_MAX; i++) {
        void **entry = &table[slot_of(memory, i)];
        if (*entry == NULL || *entry == memory) {
            *entry = memory;
            return;
        }
    }
    table_is_full = true;
}

static bool forget(const void *memory)
{
    for (size_t i = 0; table != NULL && i < PROBES_MAX; i++) {
        void **entry = &table[slot_of(memory, i)];
        if (*entry == memory) {
            *entry = NULL;
            return true;
        }
    }
    return table_is_full;
}

void *client_memory_give(size_t size)
{
    void *memory = mem_alloc(size);
    if (memory == NULL)
        return NULL;
    os_mutex_lock(&table_lock);
    note(memory);
    os_mutex_unlock(&table_lock);
    return memory;
}

enum sc_error client_memory_take(void *memory)
{
    if (memory == NULL)
        return SC_OK;
    os_mutex_lock(&table_lock);
    bool ours = forget(memory);
    os_mutex_unlock(&table_lock);
    if (!ours)
        return SC_E_INVALID_PARAMETER;
    mem_free(memory);
    return SC_OK;
}
