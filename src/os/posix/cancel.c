/* SPDX-License-Identifier: BSD-2-Clause */
/* Cancellation of POSIX threads (pthread_cancel). */
#include "os/cancel.h"

#include "os/lock.h"
#include "os/posix/must.h"
#include "os/thread.h"

#include <assert.h>
#include <pthread.h>

struct cancel_undo {
    struct os_mutex *mutex;
    void (*undo)(void *);
    void *context;
};

static void run_undo(void *argument)
{
    struct cancel_undo *cancel = argument;
    cancel->undo(cancel->context);
    os_mutex_unlock(cancel->mutex);
}

/* How often this thread switched cancellation off, and what it was before the first. */
static _Thread_local unsigned cancel_depth;
static _Thread_local int cancel_before;

void os_cancel_thread(struct os_thread *thread)
{
    os_must(pthread_cancel(thread->native));
}

void os_cancel_off(void)
{
    if (cancel_depth++ == 0)
        os_must(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_before));
}

void os_cancel_restore(void)
{
    int ignored;
    assert(cancel_depth > 0);
    if (--cancel_depth == 0)
        os_must(pthread_setcancelstate(cancel_before, &ignored));
}

bool os_cond_wait_cancellable(struct os_cond *cond, struct os_mutex *mutex,
                              uint64_t deadline_ms, void (*undo)(void *), void *context)
{
    struct cancel_undo cancel = {mutex, undo, context};
    bool in_time;
    int ignored, type_before, inside = cancel_depth > 0;
    pthread_cleanup_push(run_undo, &cancel);
    /* An asynchronous one could come while the wait does not hold the mutex. */
    os_must(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type_before));
    if (inside)
        os_must(pthread_setcancelstate(cancel_before, &ignored));
    in_time = os_cond_wait(cond, mutex, deadline_ms);
    if (inside)
        os_must(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored));
    os_must(pthread_setcanceltype(type_before, &ignored));
    pthread_cleanup_pop(0);
    return in_time;
}

/* pthread_cond_destroy() would wait for that thread. */
void os_cond_forget(struct os_cond *cond)
{
    (void)cond;
}

void os_wait_cancellable(void (*wait)(void *), void (*undo)(void *), void *context)
{
    int ignored, type_before, inside = cancel_depth > 0;
    pthread_cleanup_push(undo, context);
    os_must(pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type_before));
    if (inside)
        os_must(pthread_setcancelstate(cancel_before, &ignored));
    wait(context);
    if (inside)
        os_must(pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored));
    os_must(pthread_setcanceltype(type_before, &ignored));
    pthread_cleanup_pop(0);
}

void os_run_with_undo(void (*run)(void *), void (*undo)(void *), void *context)
{
    pthread_cleanup_push(undo, context);
    run(context);
    pthread_cleanup_pop(0);
}
