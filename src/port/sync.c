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

void winport_put_event(struct winport_object *event, bool set)
{
    event->event.set = set;
    if (set)
        winport_changed();
}

static BOOL put_event(HANDLE handle, bool set)
{
    pthread_mutex_lock(&winport_lock);
    struct winport_object *event = winport_object_of(handle, WINPORT_EVENT);
    if (event != NULL)
        winport_put_event(event, set);
    pthread_mutex_unlock(&winport_lock);
    return event != NULL;
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
        winport_take(object, winport_this_owner());
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

BOOL winport_release_semaphore(struct winport_object *semaphore, LONG count,
                               LPLONG previous)
{
    LONG before = semaphore->semaphore.count;
    if (count > semaphore->semaphore.most - before)
        return winport_fail(ERROR_TOO_MANY_POSTS);
    if (previous != NULL)
        *previous = before;
    semaphore->semaphore.count = before + count;
    winport_changed();
    return TRUE;
}

BOOL ReleaseSemaphore(HANDLE handle, LONG count, LPLONG previous)
{
    if (count < 1)
        return winport_fail(ERROR_INVALID_PARAMETER);
    pthread_mutex_lock(&winport_lock);
    struct winport_object *semaphore = winport_object_of(handle, WINPORT_SEMAPHORE);
    BOOL done =
        semaphore != NULL && winport_release_semaphore(semaphore, count, previous);
    pthread_mutex_unlock(&winport_lock);
    return done;
}
