/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/scope.h"

#include "base/alloc.h"
#include "os/os.h"

static struct os_mutex lock = OS_MUTEX_INIT;
/* Under the lock: contexts of the system's scope, in no order; few have any. */
static uint32_t *contexts;
static uint32_t count, room;

/* In the child of a fork no context is valid, and another thread may have been at work.
 */
static void start_anew(void)
{
    os_mutex_init(&lock);
    contexts = NULL;
    count = room = 0;
}

void client_scope_note(uint32_t context, bool system)
{
    if (!system)
        return;
    os_at_fork_child(start_anew);
    os_mutex_lock(&lock);
    if (count == room) {
        uint32_t wanted = room == 0 ? 8 : 2 * room;
        uint32_t *larger = mem_resize(contexts, wanted * sizeof(*larger));
        if (larger != NULL) {
            contexts = larger;
            room = wanted;
        }
    }
    if (count < room)
        contexts[count++] = context;
    os_mutex_unlock(&lock);
}

void client_scope_forget(uint32_t context)
{
    os_mutex_lock(&lock);
    for (uint32_t i = 0; i < count; i++)
        if (contexts[i] == context)
            contexts[i--] = contexts[--count];
    if (count == 0) {
        mem_free(contexts);
        contexts = NULL;
        room = 0;
    }
    os_mutex_unlock(&lock);
}

bool client_scope_is_system(uint32_t context)
{
    bool found = false;
    os_mutex_lock(&lock);
    for (uint32_t i = 0; i < count && !found; i++)
        found = contexts[i] == context;
    os_mutex_unlock(&lock);
    return found;
}
