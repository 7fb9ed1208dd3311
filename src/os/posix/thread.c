/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_setname_np, gettid, syscall */
#endif
#include "os/thread.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "os/posix/must.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/syscall.h>
#endif

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
    os_must(pthread_sigmask(SIG_SETMASK, &all, &old));
    int failed = pthread_create(&thread->native, NULL, thread_main, start);
    os_must(pthread_sigmask(SIG_SETMASK, &old, NULL));
    if (failed != 0) {
        mem_free(start);
        return SC_E_NO_MEMORY;
    }
    return SC_OK;
}

void os_thread_join(struct os_thread *thread)
{
    os_must(pthread_join(thread->native, NULL));
}

void os_thread_yield(void)
{
    (void)sched_yield();
}

uint64_t os_thread_number(void)
{
#if defined(__linux__)
    return (uint64_t)gettid();
#else
    return (uint64_t)(uintptr_t)pthread_self();
#endif
}

/* --- Threads that have ended: only those that Wine ends in the DLL for it --------------- */

static uint32_t ends_expected; /* atomic */

void os_thread_expect_ends(void)
{
    atomic_store_u32(&ends_expected, 1);
}

void os_thread_mark(struct os_thread_mark *mark)
{
    mark->native = NULL;
    mark->number = atomic_load_u32(&ends_expected) != 0 ? os_thread_number() : 0;
}

/* A number is given again: then one that has ended counts as alive. */
bool os_thread_has_ended(const struct os_thread_mark *mark)
{
#if defined(__linux__)
    int before = errno;
    bool gone = mark->number != 0
                && syscall(SYS_tgkill, getpid(), (pid_t)mark->number, 0) != 0
                && errno == ESRCH;
    errno = before;
    return gone;
#else
    (void)mark;
    return false;
#endif
}

void os_thread_unmark(struct os_thread_mark *mark)
{
    (void)mark;
}

uint32_t os_processor_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (uint32_t)count : 1;
}
