/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for objects. */
#include "port/object.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#define STARTED_EVERY_MS 250 /* how often the manager is looked for */

/* --- A wait ------------------------------------------------------------------------- */

struct wait {
    DWORD count;
    struct winport_object *objects[MAXIMUM_WAIT_OBJECTS]; /* NULL: that of the manager */
    bool all;
    bool started; /* the manager answered when it was looked for last */
};

static bool is_ready(const struct wait *wait, DWORD i)
{
    return wait->objects[i] == NULL ? wait->started : winport_signalled(wait->objects[i]);
}

static DWORD take(struct wait *wait, DWORD i)
{
    bool abandoned = wait->objects[i] != NULL && winport_take(wait->objects[i]);
    return abandoned ? WAIT_ABANDONED_0 + i : WAIT_OBJECT_0 + i;
}

static bool take_any(struct wait *wait, DWORD *result)
{
    for (DWORD i = 0; i < wait->count; i++)
        if (is_ready(wait, i)) {
            *result = take(wait, i);
            return true;
        }
    return false;
}

static bool take_all(struct wait *wait, DWORD *result)
{
    for (DWORD i = 0; i < wait->count; i++)
        if (!is_ready(wait, i))
            return false;
    *result = WAIT_OBJECT_0;
    for (DWORD i = 0; i < wait->count; i++) {
        DWORD taken = take(wait, i);
        if (taken >= WAIT_ABANDONED_0)
            *result = WAIT_ABANDONED_0;
    }
    return true;
}

/* FALSE, and the last error: a handle is none. */
static BOOL look_up(struct wait *wait, const HANDLE *handles)
{
    for (DWORD i = 0; i < wait->count; i++) {
        if (winport_is_started_event(handles[i])) {
            wait->objects[i] = NULL;
            continue;
        }
        if (handles[i] == GetCurrentThread())
            wait->objects[i] = winport_this_thread();
        else
            wait->objects[i] = winport_object_of(handles[i], WINPORT_ANY);
        if (wait->objects[i] == NULL)
            return winport_fail(ERROR_INVALID_HANDLE);
        for (DWORD k = 0; wait->all && k < i; k++)
            if (wait->objects[k] == wait->objects[i])
                return winport_fail(ERROR_INVALID_PARAMETER);
    }
    return TRUE;
}

static struct timespec after(struct timespec from, DWORD milliseconds)
{
    from.tv_sec += (time_t)(milliseconds / 1000);
    from.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (from.tv_nsec >= 1000000000) {
        from.tv_sec++;
        from.tv_nsec -= 1000000000;
    }
    return from;
}

static bool is_before(struct timespec left, struct timespec right)
{
    return left.tv_sec != right.tv_sec ? left.tv_sec < right.tv_sec
                                       : left.tv_nsec < right.tv_nsec;
}

static struct timespec now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time;
}

/* With the lock held, which it lets go of while it waits. */
static DWORD wait_for(struct wait *wait, bool looks_for_manager, DWORD milliseconds)
{
    struct timespec end = after(now(), milliseconds);
    for (;;) {
        DWORD result;
        if (wait->all ? take_all(wait, &result) : take_any(wait, &result))
            return result;
        struct timespec moment = now();
        if (milliseconds != INFINITE && !is_before(moment, end))
            return WAIT_TIMEOUT;
        struct timespec look = after(moment, STARTED_EVERY_MS);
        bool by_look =
            looks_for_manager && (milliseconds == INFINITE || is_before(look, end));
        if (by_look || milliseconds != INFINITE)
            winport_wait_for_change_until(by_look ? &look : &end);
        else
            winport_wait_for_change();
        if (looks_for_manager) {
            pthread_mutex_unlock(&winport_lock);
            wait->started = winport_manager_answers();
            pthread_mutex_lock(&winport_lock);
        }
    }
}

DWORD WaitForMultipleObjects(DWORD count, const HANDLE *objects, BOOL all,
                             DWORD milliseconds)
{
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS || objects == NULL) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    struct wait wait = {.count = count, .all = all != FALSE};
    bool looks_for_manager = false;
    for (DWORD i = 0; i < count; i++)
        looks_for_manager = looks_for_manager || winport_is_started_event(objects[i]);
    if (looks_for_manager)
        wait.started = winport_manager_answers();
    pthread_mutex_lock(&winport_lock);
    DWORD result = WAIT_FAILED;
    if (look_up(&wait, objects)) {
        /* Another thread may close a handle meanwhile. */
        for (DWORD i = 0; i < count; i++)
            if (wait.objects[i] != NULL)
                winport_object_hold(wait.objects[i]);
        result = wait_for(&wait, looks_for_manager, milliseconds);
        for (DWORD i = 0; i < count; i++)
            if (wait.objects[i] != NULL)
                winport_object_drop(wait.objects[i]);
    }
    pthread_mutex_unlock(&winport_lock);
    return result;
}

DWORD WaitForMultipleObjectsEx(DWORD count, const HANDLE *objects, BOOL all,
                               DWORD milliseconds, BOOL alertable)
{
    (void)alertable;
    return WaitForMultipleObjects(count, objects, all, milliseconds);
}

DWORD WaitForSingleObject(HANDLE object, DWORD milliseconds)
{
    return WaitForMultipleObjects(1, &object, FALSE, milliseconds);
}

DWORD WaitForSingleObjectEx(HANDLE object, DWORD milliseconds, BOOL alertable)
{
    (void)alertable;
    return WaitForMultipleObjects(1, &object, FALSE, milliseconds);
}

/* --- Signalling and waiting --------------------------------------------------------- */

static BOOL signal_object(HANDLE handle)
{
    pthread_mutex_lock(&winport_lock);
    struct winport_object *object = winport_object_of(handle, WINPORT_ANY);
    enum winport_kind kind = object == NULL ? WINPORT_ANY : object->kind;
    pthread_mutex_unlock(&winport_lock);
    if (kind == WINPORT_EVENT)
        return SetEvent(handle);
    if (kind == WINPORT_MUTEX)
        return ReleaseMutex(handle);
    if (kind == WINPORT_SEMAPHORE)
        return ReleaseSemaphore(handle, 1, NULL);
    return winport_fail(ERROR_INVALID_HANDLE);
}

DWORD SignalObjectAndWait(HANDLE signal, HANDLE object, DWORD milliseconds,
                          BOOL alertable)
{
    (void)alertable;
    if (!signal_object(signal))
        return WAIT_FAILED;
    return WaitForSingleObject(object, milliseconds);
}

/* --- Sleeping ----------------------------------------------------------------------- */

void Sleep(DWORD milliseconds)
{
    if (milliseconds == 0) {
        sched_yield();
        return;
    }
    struct timespec end = after(now(), milliseconds);
    do {
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
            continue;
        end = after(end, milliseconds);
    } while (milliseconds == INFINITE);
}

DWORD SleepEx(DWORD milliseconds, BOOL alertable)
{
    (void)alertable;
    Sleep(milliseconds);
    return 0;
}
