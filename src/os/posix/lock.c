/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes and condition variables of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_condattr_setclock */
#endif
#include "os/lock.h"

#include "os/time.h"

#include <errno.h>
#include <stdint.h>
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
