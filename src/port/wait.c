/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for objects. */
#include "port/object.h"

#include <errno.h>
#include <sched.h>
#include <time.h>

#define STARTED_EVERY_MS 250 /* how often the manager is looked for */

/* --- A wait ------------------------------------------------------------------------- */

struct wait {
    struct winport_waiter waiter; /* first, to be found by it */
    struct winport_owner *owner;  /* the thread that waits */
    DWORD count;
    struct winport_object *objects[MAXIMUM_WAIT_OBJECTS]; /* NULL: that of the manager */
    bool all;
    bool started; /* the manager answered when it was looked for last */
    bool done;    /* over, with `result` */
    DWORD result;
};

static bool is_ready(const struct wait *wait, DWORD i)
{
    return wait->objects[i] == NULL ? wait->started
                                    : winport_signalled(wait->objects[i], wait->owner);
}

static DWORD take_ready(struct wait *wait, DWORD i)
{
    bool abandoned =
        wait->objects[i] != NULL && winport_take(wait->objects[i], wait->owner);
    return abandoned ? WAIT_ABANDONED_0 + i : WAIT_OBJECT_0 + i;
}

static bool take_first(struct wait *wait)
{
    for (DWORD i = 0; i < wait->count; i++)
        if (is_ready(wait, i)) {
            wait->result = take_ready(wait, i);
            return true;
        }
    return false;
}

static bool take_all(struct wait *wait)
{
    for (DWORD i = 0; i < wait->count; i++)
        if (!is_ready(wait, i))
            return false;
    wait->result = WAIT_OBJECT_0;
    for (DWORD i = 0; i < wait->count; i++) {
        DWORD taken = take_ready(wait, i);
        if (taken >= WAIT_ABANDONED_0)
            wait->result = WAIT_ABANDONED_0;
    }
    return true;
}

static bool look_at_manager(struct winport_waiter *waiter)
{
    struct wait *wait = (struct wait *)waiter;
    if (!wait->done)
        wait->done = wait->all ? take_all(wait) : take_first(wait);
    return wait->done;
}

/* FALSE, and the last error: a handle is none. */
static BOOL look_up(struct wait *wait, const HANDLE *handles)
{
    for (DWORD i = 0; i < wait->count; i++) {
        bool started = winport_is_started_event(handles[i]);
        if (started)
            wait->objects[i] = NULL;
        else if (handles[i] == GetCurrentThread())
            wait->objects[i] = winport_this_thread();
        else
            wait->objects[i] = winport_object_of(handles[i], WINPORT_ANY);
        if (wait->objects[i] == NULL && !started)
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
static DWORD wait_until_ready(struct wait *wait, bool looks_for_manager,
                              DWORD milliseconds)
{
    struct timespec end = after(now(), milliseconds);
    while (!look_at_manager(&wait->waiter)) {
        struct timespec moment = now();
        if (milliseconds != INFINITE && !is_before(moment, end))
            return WAIT_TIMEOUT;
        struct timespec next_look = after(moment, STARTED_EVERY_MS);
        bool by_look =
            looks_for_manager && (milliseconds == INFINITE || is_before(next_look, end));
        if (by_look || milliseconds != INFINITE)
            winport_wait_for_change_until(by_look ? &next_look : &end);
        else
            winport_wait_for_change();
        if (looks_for_manager && !wait->done) {
            pthread_mutex_unlock(&winport_lock);
            bool answers = winport_manager_answers();
            pthread_mutex_lock(&winport_lock);
            wait->started = answers;
        }
    }
    return wait->result;
}

/* Gives whether one of them is the manager's, which is asked before the lock is taken. */
static bool prepare_wait(struct wait *wait, const HANDLE *objects)
{
    bool looks_for_manager = false;
    for (DWORD i = 0; i < wait->count; i++)
        looks_for_manager = looks_for_manager || winport_is_started_event(objects[i]);
    if (looks_for_manager)
        wait->started = winport_manager_answers();
    wait->waiter.look = look_at_manager;
    wait->owner = winport_this_owner();
    return looks_for_manager;
}

/* With the lock, and with objects that are looked up. */
static DWORD run_wait(struct wait *wait, bool looks_for_manager, DWORD milliseconds)
{
    /* Another thread may close a handle meanwhile. */
    for (DWORD i = 0; i < wait->count; i++)
        if (wait->objects[i] != NULL)
            winport_object_hold(wait->objects[i]);
    winport_begin_wait(&wait->waiter);
    DWORD result = wait_until_ready(wait, looks_for_manager, milliseconds);
    winport_end_wait(&wait->waiter);
    for (DWORD i = 0; i < wait->count; i++)
        if (wait->objects[i] != NULL)
            winport_object_drop(wait->objects[i]);
    return result;
}

DWORD WaitForMultipleObjects(DWORD count, const HANDLE *objects, BOOL all,
                             DWORD milliseconds)
{
    if (count == 0 || count > MAXIMUM_WAIT_OBJECTS || objects == NULL) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    struct wait wait = {.count = count, .all = all != FALSE};
    bool looks_for_manager = prepare_wait(&wait, objects);
    pthread_mutex_lock(&winport_lock);
    DWORD result = WAIT_FAILED;
    if (look_up(&wait, objects))
        result = run_wait(&wait, looks_for_manager, milliseconds);
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

/* With the lock. */
static BOOL signal_object(HANDLE handle)
{
    struct winport_object *object = winport_object_of(handle, WINPORT_ANY);
    switch (object == NULL ? WINPORT_ANY : object->kind) {
    case WINPORT_EVENT:
        winport_put_event(object, true);
        return TRUE;
    case WINPORT_MUTEX:
        return winport_release_mutex(object);
    case WINPORT_SEMAPHORE:
        return winport_release_semaphore(object, 1, NULL);
    case WINPORT_THREAD:
    case WINPORT_FILE:
    case WINPORT_ANY:
        break;
    }
    return winport_fail(ERROR_INVALID_HANDLE);
}

/* One after the other without the lock between: who sees the signal finds the caller
 * waiting. */
DWORD SignalObjectAndWait(HANDLE signal, HANDLE object, DWORD milliseconds,
                          BOOL alertable)
{
    (void)alertable;
    struct wait wait = {.count = 1};
    bool looks_for_manager = prepare_wait(&wait, &object);
    pthread_mutex_lock(&winport_lock);
    DWORD result = WAIT_FAILED;
    if (look_up(&wait, &object) && signal_object(signal))
        result = run_wait(&wait, looks_for_manager, milliseconds);
    pthread_mutex_unlock(&winport_lock);
    return result;
}

/* --- Sleeping ----------------------------------------------------------------------- */

void Sleep(DWORD milliseconds)
{
    if (milliseconds == 0) {
        sched_yield();
        return;
    }
    /* INFINITE is as long as it takes for the clock to reach ever later ends. */
    for (struct timespec end = after(now(), milliseconds);;
         end = after(end, milliseconds)) {
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR)
            continue;
        if (milliseconds != INFINITE)
            return;
    }
}

DWORD SleepEx(DWORD milliseconds, BOOL alertable)
{
    (void)alertable;
    Sleep(milliseconds);
    return 0;
}
