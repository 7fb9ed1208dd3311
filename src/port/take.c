/* SPDX-License-Identifier: BSD-2-Clause */
/* What is signalled, and taking it; mutexes, which belong to the thread that took them, and
 * are abandoned when it ends. */
#include "port/object.h"

bool winport_signalled(const struct winport_object *object)
{
    switch (object->kind) {
    case WINPORT_EVENT:
        return object->event.set;
    case WINPORT_THREAD:
        return object->thread.ended;
    case WINPORT_MUTEX:
        return object->mutex.owner == 0 || object->mutex.owner == GetCurrentThreadId();
    case WINPORT_SEMAPHORE:
        return object->semaphore.count > 0;
    case WINPORT_FILE: /* reading and writing are never under way */
    case WINPORT_ANY:
        break;
    }
    return true;
}

/* --- Mutexes ------------------------------------------------------------------------ */

static _Thread_local struct winport_object
    *owned; /* mutexes of this thread; it holds them */
static pthread_key_t thread_end;
static pthread_once_t thread_end_once = PTHREAD_ONCE_INIT;

/* A thread with mutexes ends. */
static void abandon(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&winport_lock);
    while (owned != NULL) {
        struct winport_object *mutex = owned;
        owned = mutex->mutex.next_owned;
        mutex->mutex.owner = 0;
        mutex->mutex.recursion = 0;
        mutex->mutex.abandoned = true;
        winport_object_drop(mutex);
    }
    winport_changed();
    pthread_mutex_unlock(&winport_lock);
}

static void make_thread_end(void)
{
    pthread_key_create(&thread_end, abandon);
}

static bool take_mutex(struct winport_object *mutex)
{
    bool abandoned = mutex->mutex.abandoned;
    mutex->mutex.abandoned = false;
    if (mutex->mutex.recursion++ > 0)
        return false;
    pthread_once(&thread_end_once, make_thread_end);
    pthread_setspecific(thread_end, &owned); /* any value: it has abandon() called */
    mutex->mutex.owner = GetCurrentThreadId();
    mutex->mutex.next_owned = owned;
    owned = mutex;
    winport_object_hold(mutex);
    return abandoned;
}

bool winport_take(struct winport_object *object)
{
    switch (object->kind) {
    case WINPORT_EVENT:
        object->event.set = object->event.manual && object->event.set;
        break;
    case WINPORT_SEMAPHORE:
        object->semaphore.count--;
        break;
    case WINPORT_MUTEX:
        return take_mutex(object);
    case WINPORT_THREAD:
    case WINPORT_FILE:
    case WINPORT_ANY:
        break;
    }
    return false;
}

static void let_go(struct winport_object *mutex)
{
    for (struct winport_object **at = &owned; *at != NULL; at = &(*at)->mutex.next_owned)
        if (*at == mutex) {
            *at = mutex->mutex.next_owned;
            break;
        }
    mutex->mutex.owner = 0;
    winport_changed();
    winport_object_drop(mutex);
}

BOOL ReleaseMutex(HANDLE handle)
{
    pthread_mutex_lock(&winport_lock);
    struct winport_object *mutex = winport_object_of(handle, WINPORT_MUTEX);
    bool own = mutex != NULL && mutex->mutex.owner == GetCurrentThreadId();
    if (mutex != NULL && !own)
        winport_fail(ERROR_NOT_OWNER);
    if (own && --mutex->mutex.recursion == 0)
        let_go(mutex);
    pthread_mutex_unlock(&winport_lock);
    return own;
}
