/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, mutexes and semaphores. */
#include "port/named.h"

#include <stdlib.h>

static struct winport_named named_a(enum winport_kind kind, LPCSTR name)
{
    return (struct winport_named){.kind = kind, .name = name};
}

/* The name is the caller's to free. */
static struct winport_named named_w(enum winport_kind kind, LPCWSTR name, char **memory)
{
    *memory = name == NULL ? NULL : winport_narrow(name);
    return (struct winport_named){
        .kind = kind, .name = *memory, .bad = name != NULL && *memory == NULL};
}

static HANDLE open_w(enum winport_kind kind, LPCWSTR name)
{
    char *memory;
    struct winport_named named = named_w(kind, name, &memory);
    HANDLE handle = winport_named_open(&named);
    free(memory);
    return handle;
}

static HANDLE open_a(enum winport_kind kind, LPCSTR name)
{
    struct winport_named named = named_a(kind, name);
    return winport_named_open(&named);
}

/* --- Events ------------------------------------------------------------------------- */

struct event_start {
    bool manual, set;
};

static void set_up_event(struct winport_object *object, const void *argument)
{
    const struct event_start *start = argument;
    object->event.manual = start->manual;
    object->event.set = start->set;
}

HANDLE CreateEventA(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset,
                    BOOL initial_state, LPCSTR name)
{
    (void)attributes;
    struct winport_named named = named_a(WINPORT_EVENT, name);
    struct event_start start = {manual_reset != FALSE, initial_state != FALSE};
    return winport_named_create(&named, set_up_event, &start);
}

HANDLE CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset,
                    BOOL initial_state, LPCWSTR name)
{
    (void)attributes;
    char *memory;
    struct winport_named named = named_w(WINPORT_EVENT, name, &memory);
    struct event_start start = {manual_reset != FALSE, initial_state != FALSE};
    HANDLE handle = winport_named_create(&named, set_up_event, &start);
    free(memory);
    return handle;
}

HANDLE OpenEventA(DWORD access, BOOL inherit, LPCSTR name)
{
    (void)access;
    (void)inherit;
    return open_a(WINPORT_EVENT, name);
}

HANDLE OpenEventW(DWORD access, BOOL inherit, LPCWSTR name)
{
    (void)access;
    (void)inherit;
    return open_w(WINPORT_EVENT, name);
}

static BOOL put_event(HANDLE event, bool set)
{
    pthread_mutex_lock(&winport_lock);
    struct winport_object *object = winport_object_of(event, WINPORT_EVENT);
    if (object != NULL) {
        object->event.set = set;
        if (set)
            winport_changed();
    }
    pthread_mutex_unlock(&winport_lock);
    return object != NULL;
}

BOOL SetEvent(HANDLE event)
{
    return put_event(event, true);
}

BOOL ResetEvent(HANDLE event)
{
    return put_event(event, false);
}

/* --- Mutexes ------------------------------------------------------------------------ */

static void set_up_mutex(struct winport_object *object, const void *argument)
{
    if (*(const bool *)argument)
        winport_take(object);
}

HANDLE CreateMutexA(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner, LPCSTR name)
{
    (void)attributes;
    struct winport_named named = named_a(WINPORT_MUTEX, name);
    bool taken = initial_owner != FALSE;
    return winport_named_create(&named, set_up_mutex, &taken);
}

HANDLE CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner, LPCWSTR name)
{
    (void)attributes;
    char *memory;
    struct winport_named named = named_w(WINPORT_MUTEX, name, &memory);
    bool taken = initial_owner != FALSE;
    HANDLE handle = winport_named_create(&named, set_up_mutex, &taken);
    free(memory);
    return handle;
}

HANDLE OpenMutexA(DWORD access, BOOL inherit, LPCSTR name)
{
    (void)access;
    (void)inherit;
    return open_a(WINPORT_MUTEX, name);
}

HANDLE OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name)
{
    (void)access;
    (void)inherit;
    return open_w(WINPORT_MUTEX, name);
}

/* --- Semaphores --------------------------------------------------------------------- */

struct semaphore_start {
    LONG count, most;
};

static void set_up_semaphore(struct winport_object *object, const void *argument)
{
    const struct semaphore_start *start = argument;
    object->semaphore.count = start->count;
    object->semaphore.most = start->most;
}

static bool is_semaphore_start(LONG initial, LONG maximum)
{
    if (initial >= 0 && maximum > 0 && initial <= maximum)
        return true;
    winport_fail(ERROR_INVALID_PARAMETER);
    return false;
}

HANDLE CreateSemaphoreA(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum,
                        LPCSTR name)
{
    (void)attributes;
    if (!is_semaphore_start(initial, maximum))
        return NULL;
    struct winport_named named = named_a(WINPORT_SEMAPHORE, name);
    struct semaphore_start start = {initial, maximum};
    return winport_named_create(&named, set_up_semaphore, &start);
}

HANDLE CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum,
                        LPCWSTR name)
{
    (void)attributes;
    if (!is_semaphore_start(initial, maximum))
        return NULL;
    char *memory;
    struct winport_named named = named_w(WINPORT_SEMAPHORE, name, &memory);
    struct semaphore_start start = {initial, maximum};
    HANDLE handle = winport_named_create(&named, set_up_semaphore, &start);
    free(memory);
    return handle;
}

BOOL ReleaseSemaphore(HANDLE semaphore, LONG count, LPLONG previous)
{
    if (count < 1)
        return winport_fail(ERROR_INVALID_PARAMETER);
    BOOL done = FALSE;
    pthread_mutex_lock(&winport_lock);
    struct winport_object *object = winport_object_of(semaphore, WINPORT_SEMAPHORE);
    if (object != NULL && count > object->semaphore.most - object->semaphore.count) {
        winport_fail(ERROR_TOO_MANY_POSTS);
    } else if (object != NULL) {
        if (previous != NULL)
            *previous = object->semaphore.count;
        object->semaphore.count += count;
        winport_changed();
        done = TRUE;
    }
    pthread_mutex_unlock(&winport_lock);
    return done;
}
