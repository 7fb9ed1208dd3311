/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes and condition variables. */
#ifndef OS_LOCK_H
#define OS_LOCK_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>

#if defined(_WIN32)
#include "os/windows/types.h"
#else
#include "os/posix/types.h"
#endif

/* Mutexes: not recursive. os_mutex_init on static storage is OS_MUTEX_INIT. */
void os_mutex_init(struct os_mutex *mutex);
void os_mutex_destroy(struct os_mutex *mutex);
void os_mutex_lock(struct os_mutex *mutex) LOCKS(*mutex);
void os_mutex_unlock(struct os_mutex *mutex) UNLOCKS(*mutex);

/* Condition variables, on the clock of os_now_ms(). Waits may wake for no reason. */
void os_cond_init(struct os_cond *cond);
void os_cond_destroy(struct os_cond *cond);
void os_cond_signal(struct os_cond *cond);
void os_cond_broadcast(struct os_cond *cond);
/* False when the deadline has passed. */
bool os_cond_wait(struct os_cond *cond, struct os_mutex *mutex, uint64_t deadline_ms)
    NEEDS_LOCK(*mutex);

#endif
