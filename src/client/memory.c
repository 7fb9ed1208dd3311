/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory handed to applications of the Windows ABI: malloc's, with a note of each block
 * and its context, so that SCardFreeMemory can refuse what is not ours, and a released
 * context takes what is left of its own with it. */
#include "base/alloc.h"
#include "client/client.h"
#include "client/handles.h"
#include "os/fork.h"
#include "os/lock.h"

#include <stdint.h>

enum { FIRST_ROOM = 64 };

struct note {
    void *memory; /* NULL: an empty slot */
    uint32_t context;
};

static struct os_mutex table_lock = OS_MUTEX_INIT;
/* Open addressing, linear; a power of two, or 0, of slots, at most half of them used. */
static struct note *note_table;
static size_t table_room, table_count;

/* In the child of a fork another thread may have been at work, and the contexts are not
 * valid any more. */
static void forget_memory(void)
{
    os_mutex_init(&table_lock);
    note_table = NULL;
    table_room = table_count = 0;
}

static size_t first_slot(const void *memory) NEEDS_LOCK(table_lock)
{
    assert(table_room > 0 && (table_room & (table_room - 1)) == 0);
    uint64_t hash = (uint64_t)(uintptr_t)memory * UINT64_C(0x9E3779B97F4A7C15);
    return (size_t)(hash >> 32) & (table_room - 1);
}

/* The slot that has it, or the empty one where it belongs. The table has slots. */
static struct note *find_note(const void *memory) NEEDS_LOCK(table_lock)
{
    size_t at = first_slot(memory);
    while (note_table[at].memory != NULL && note_table[at].memory != memory)
        at = (at + 1) & (table_room - 1);
    return &note_table[at];
}

/* False without memory: then all is as it was. */
static bool resize(size_t room) NEEDS_LOCK(table_lock)
{
    assert(room > table_count);
    struct note *old = note_table;
    size_t old_room = table_room;
    struct note *made = mem_alloc_array(room, sizeof(*made));
    if (made == NULL)
        return false;
    note_table = made;
    table_room = room;
    for (size_t i = 0; i < old_room; i++)
        if (old[i].memory != NULL)
            *find_note(old[i].memory) = old[i];
    mem_free(old);
    return true;
}

/* Empties a slot, and moves up what would not be found behind the gap. */
static void empty(size_t gap) NEEDS_LOCK(table_lock)
{
    assert(table_count > 0 && note_table[gap].memory != NULL);
    size_t mask = table_room - 1;
    for (size_t at = (gap + 1) & mask; note_table[at].memory != NULL;
         at = (at + 1) & mask) {
        size_t wanted = first_slot(note_table[at].memory);
        if (((at - wanted) & mask) >= ((at - gap) & mask)) {
            note_table[gap] = note_table[at];
            gap = at;
        }
    }
    note_table[gap].memory = NULL;
    table_count--;
}

static enum sc_error add_note(uint32_t context, void *memory) NEEDS_LOCK(table_lock)
{
    if (context != 0 && !client_context_is_known(context))
        return SC_E_INVALID_HANDLE;
    os_at_fork_child(forget_memory);
    if (2 * (table_count + 1) > table_room
        && !resize(table_room != 0 ? 2 * table_room : FIRST_ROOM))
        return SC_E_NO_MEMORY;
    *find_note(memory) = (struct note){memory, context};
    table_count++;
    return SC_OK;
}

enum sc_error client_memory_give(uint32_t context, size_t size, void **memory)
{
    *memory = mem_alloc(size);
    if (*memory == NULL)
        return SC_E_NO_MEMORY;
    os_mutex_lock(&table_lock);
    enum sc_error error = add_note(context, *memory);
    os_mutex_unlock(&table_lock);
    if (error != SC_OK) {
        mem_free(*memory);
        *memory = NULL;
    }
    return error;
}

enum sc_error client_memory_take(void *memory)
{
    if (memory == NULL)
        return SC_OK;
    os_mutex_lock(&table_lock);
    struct note *found = table_room != 0 ? find_note(memory) : NULL;
    bool ours = found != NULL && found->memory != NULL;
    if (ours)
        empty((size_t)(found - note_table));
    os_mutex_unlock(&table_lock);
    if (!ours)
        return SC_E_INVALID_PARAMETER;
    mem_free(memory);
    return SC_OK;
}

void client_memory_release(uint32_t context)
{
    size_t at = 0;
    os_mutex_lock(&table_lock);
    while (table_count != 0 && at < table_room)
        if (note_table[at].memory != NULL && note_table[at].context == context) {
            mem_free(note_table[at].memory);
            empty(at); /* another one may stand there now */
        } else {
            at++;
        }
    size_t room = table_room;
    while (room > FIRST_ROOM && 8 * table_count < room)
        room /= 2;
    if (room < table_room)
        (void)resize(room);
    os_mutex_unlock(&table_lock);
}
