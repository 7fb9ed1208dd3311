/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes and condition variables of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_condattr_setclock */
#endif
#include "os/lock.h"

#include "os/posix/must.h"
#include "os/time.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>

void os_mutex_init(struct os_mutex *mutex)
{
    os_must(pthread_mutex_init(&mutex->native, NULL));
}

void os_mutex_destroy(struct os_mutex *mutex)
{
    os_must(pthread_mutex_destroy(&mutex->native));
}

LOCKS_UNSEEN void os_mutex_lock(struct os_mutex *mutex)
{
    os_must(pthread_mutex_lock(&mutex->native));
}

LOCKS_UNSEEN void os_mutex_unlock(struct os_mutex *mutex)
{
    os_must(pthread_mutex_unlock(&mutex->native));
}

void os_cond_init(struct os_cond *cond)
{
    pthread_condattr_t attributes;
    os_must(pthread_condattr_init(&attributes));
    os_must(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    os_must(pthread_cond_init(&cond->native, &attributes));
    os_must(pthread_condattr_destroy(&attributes));
}

void os_cond_destroy(struct os_cond *cond)
{
    os_must(pthread_cond_destroy(&cond->native));
}

void os_cond_signal(struct os_cond *cond)
{
    os_must(pthread_cond_signal(&cond->native));
}

void os_cond_broadcast(struct os_cond *cond)
{
    os_must(pthread_cond_broadcast(&cond->native));
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
    if (deadline_ms == OS_FOREVER) {
        os_must(pthread_cond_wait(&cond->native, &mutex->native));
        return true;
    }
    struct timespec until = to_timespec(deadline_ms);
    int result = pthread_cond_timedwait(&cond->native, &mutex->native, &until);
    if (result == ETIMEDOUT)
        return false;
    os_must(result);
    return true;
}
