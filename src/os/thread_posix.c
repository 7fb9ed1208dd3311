/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, locks, cancellation and fork of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_setname_np */
#endif
#include "os/os.h"

#include "base/alloc.h"
#include "base/atomic.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

void os_mutex_init(struct os_mutex *mutex)
{
    pthread_mutex_init(&mutex->native, NULL);
}

void os_mutex_destroy(struct os_mutex *mutex)
{
    pthread_mutex_destroy(&mutex->native);
}

void os_mutex_lock(struct os_mutex *mutex)
{
    pthread_mutex_lock(&mutex->native);
}

void os_mutex_unlock(struct os_mutex *mutex)
{
    pthread_mutex_unlock(&mutex->native);
}

void os_cond_init(struct os_cond *cond)
{
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&cond->native, &attributes);
    pthread_condattr_destroy(&attributes);
}

void os_cond_destroy(struct os_cond *cond)
{
    pthread_cond_destroy(&cond->native);
}

void os_cond_signal(struct os_cond *cond)
{
    pthread_cond_signal(&cond->native);
}

void os_cond_broadcast(struct os_cond *cond)
{
    pthread_cond_broadcast(&cond->native);
}

/* Deadlines of more than 68 years come then: time_t may have 32 bits. */
static struct timespec to_timespec(uint64_t ms)
{
    uint64_t seconds = ms / 1000 < INT32_MAX ? ms / 1000 : INT32_MAX;
    struct timespec time = {.tv_sec = (time_t)seconds,
                            .tv_nsec = (long)(ms % 1000) * 1000000L};
    return time;
}

bool os_cond_wait(struct os_cond *cond, struct os_mutex *mutex, uint64_t deadline_ms)
{
    if (deadline_ms == OS_FOREVER)
        return pthread_cond_wait(&cond->native, &mutex->native) == 0;
    struct timespec until = to_timespec(deadline_ms);
    return pthread_cond_timedwait(&cond->native, &mutex->native, &until) != ETIMEDOUT;
}

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

void os_cancel_off(void)
{
    if (cancel_depth++ == 0)
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancel_before);
}

void os_cancel_restore(void)
{
    int ignored;
    if (--cancel_depth == 0)
        pthread_setcancelstate(cancel_before, &ignored);
}

bool os_cond_wait_cancellable(struct os_cond *cond, struct os_mutex *mutex,
                              uint64_t deadline_ms, void (*undo)(void *), void *context)
{
    struct cancel_undo cancel = {mutex, undo, context};
    bool in_time;
    int ignored, type_before, inside = cancel_depth > 0;
    pthread_cleanup_push(run_undo, &cancel);
    /* An asynchronous one could come while the wait does not hold the mutex. */
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type_before);
    if (inside)
        pthread_setcancelstate(cancel_before, &ignored);
    in_time = os_cond_wait(cond, mutex, deadline_ms);
    if (inside)
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
    pthread_setcanceltype(type_before, &ignored);
    pthread_cleanup_pop(0);
    return in_time;
}

void os_wait_cancellable(void (*wait)(void *), void (*undo)(void *), void *context)
{
    int ignored, type_before, inside = cancel_depth > 0;
    pthread_cleanup_push(undo, context);
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &type_before);
    if (inside)
        pthread_setcancelstate(cancel_before, &ignored);
    wait(context);
    if (inside)
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &ignored);
    pthread_setcanceltype(type_before, &ignored);
    pthread_cleanup_pop(0);
}

void os_run_with_undo(void (*run)(void *), void (*undo)(void *), void *context)
{
    pthread_cleanup_push(undo, context);
    run(context);
    pthread_cleanup_pop(0);
}

struct thread_start {
    void (*run)(void *);
    void *context;
    char name[16]; /* what Linux takes, its NUL counted */
};

static void *thread_main(void *argument)
{
    struct thread_start start = *(struct thread_start *)argument;
    mem_free(argument);
#if defined(__linux__)
    pthread_setname_np(pthread_self(), start.name);
#endif
    start.run(start.context);
    return NULL;
}

enum sc_error os_thread_start(struct os_thread *thread, const char *name,
                              void (*run)(void *), void *context)
{
    sigset_t all, old;
    struct thread_start *start = mem_alloc(sizeof(*start));
    if (start == NULL)
        return SC_E_NO_MEMORY;
    start->run = run;
    start->context = context;
    (void)snprintf(start->name, sizeof(start->name), "%.15s", name);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&thread->native, NULL, thread_main, start);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed != 0) {
        mem_free(start);
        return SC_E_NO_MEMORY;
    }
    return SC_OK;
}

void os_thread_join(struct os_thread *thread)
{
    pthread_join(thread->native, NULL);
}

/* No lock: another thread could hold it while this one forks. */
static void (*fork_children[OS_FORK_MAX])(void);

void os_at_fork_child(void (*child)(void))
{
    for (size_t i = 0; i < OS_FORK_MAX; i++) {
        void (*expected)(void) = NULL;
        if (atomic_compare_exchange_pointer(&fork_children[i], &expected, child)) {
            if (pthread_atfork(NULL, NULL, child) != 0)
                atomic_store_pointer(&fork_children[i], NULL);
            return;
        }
        if (expected == child)
            return;
    }
    assert(false); /* more functions than OS_FORK_MAX: this project has them all */
}

static struct os_mutex *held_at_fork;

static void hold_mutex(void)
{
    os_mutex_lock(atomic_load_pointer(&held_at_fork));
}

static void release_mutex(void)
{
    os_mutex_unlock(atomic_load_pointer(&held_at_fork));
}

void os_hold_at_fork(struct os_mutex *mutex)
{
    struct os_mutex *expected = NULL;
    if (!atomic_compare_exchange_pointer(&held_at_fork, &expected, mutex)) {
        assert(expected == mutex); /* this project has them all */
        return;
    }
    int result = pthread_atfork(hold_mutex, release_mutex, release_mutex);
    assert(result
           == 0); /* fails without memory alone, when nothing else goes on either */
    (void)result;
}
