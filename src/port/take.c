/* SPDX-License-Identifier: BSD-2-Clause */
/* What is signalled, and taking it; mutexes, which belong to the thread that took them, and
 * are abandoned when it ends. */
#include "port/object.h"

#include <assert.h>

bool winport_signalled(const struct winport_object *object,
                       const struct winport_owner *owner)
{
    switch (object->kind) {
    case WINPORT_EVENT:
        return object->event.set;
    case WINPORT_THREAD:
        return object->thread.ended;
    case WINPORT_MUTEX:
        return object->mutex.owner == NULL || object->mutex.owner == owner;
    case WINPORT_SEMAPHORE:
        return object->semaphore.count > 0;
    case WINPORT_FILE: /* reading and writing are never under way */
    case WINPORT_ANY:
        break;
    }
    return true;
}

/* --- Mutexes ------------------------------------------------------------------------ */

static _Thread_local struct winport_owner self;
static pthread_key_t thread_end;
static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;

void winport_abandon_mutexes(void)
{
    while (self.owned != NULL) {
        self.owned->mutex.abandoned = true;
        winport_disown(self.owned);
    }
}

/* A thread that has waited ends. */
static void end_thread(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&winport_lock);
    winport_abandon_mutexes();
    pthread_mutex_unlock(&winport_lock);
}

static bool has_thread_end;

static void make_thread_end(void)
{
    has_thread_end = pthread_key_create(&thread_end, end_thread) == 0;
}

struct winport_owner *winport_this_owner(void)
{
    pthread_once(&thread_end_once, make_thread_end);
    if (has_thread_end)
        pthread_setspecific(thread_end, &self); /* it has end_thread() called */
    return &self;
}

static bool own_mutex(struct winport_object *mutex, struct winport_owner *owner)
{
    bool abandoned = mutex->mutex.abandoned;
    mutex->mutex.abandoned = false;
    if (mutex->mutex.recursion++ > 0)
        return false;
    mutex->mutex.owner = owner;
    mutex->mutex.next_owned = owner->owned;
    owner->owned = mutex;
    winport_object_hold(mutex);
    return abandoned;
}

bool winport_take(struct winport_object *object, struct winport_owner *owner)
{
    switch (object->kind) {
    case WINPORT_EVENT:
        object->event.set = object->event.manual && object->event.set;
        break;
    case WINPORT_SEMAPHORE:
        assert(object->semaphore.count > 0);
        object->semaphore.count--;
        break;
    case WINPORT_MUTEX:
        return own_mutex(object, owner);
    case WINPORT_THREAD:
    case WINPORT_FILE:
    case WINPORT_ANY:
        break;
    }
    return false;
}

BOOL winport_release_mutex(struct winport_object *mutex)
{
    if (mutex->mutex.owner != &self)
        return winport_fail(ERROR_NOT_OWNER);
    if (--mutex->mutex.recursion == 0)
        winport_disown(mutex);
    return TRUE;
}

BOOL ReleaseMutex(HANDLE handle)
{
    pthread_mutex_lock(&winport_lock);
    struct winport_object *mutex = winport_object_of(handle, WINPORT_MUTEX);
    BOOL done = mutex != NULL && winport_release_mutex(mutex);
    pthread_mutex_unlock(&winport_lock);
    return done;
}
