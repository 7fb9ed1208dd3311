/* SPDX-License-Identifier: BSD-2-Clause */
/* A stop token: what one thread gives another along with work that may have to end early.
 * It is raised once, from any thread, and stays raised until its owner lowers it for the
 * next piece of work, which so begins with a clean one. */
#ifndef OS_STOP_H
#define OS_STOP_H

#include "base/atomic.h"
#include "os/lock.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Called once when the stop is raised, in the thread that raises it: ends a wait that
 * knows nothing of stops, by a condition, an os_wake, or a bus's own way to cancel. It
 * never blocks, and may lock what guards such a wait, but calls nothing of this stop but
 * os_stop_raised(). */
struct os_stop_call {
    void (*run)(void *context);
    void *context;
    struct os_stop_call *next; /* the stop's */
};

struct os_stop {
    uint32_t raised; /* atomic */
    struct os_mutex lock;
    struct os_stop_call *calls; /* under the lock */
};
/* clang-format off */
#define OS_STOP_INIT {0, OS_MUTEX_INIT, NULL}
/* clang-format on */

void os_stop_init(struct os_stop *stop);
void os_stop_destroy(struct os_stop *stop);

/* For the owner. Raising twice is raising once. */
void os_stop_raise(struct os_stop *stop);
/* When the work has ended, whether it was stopped or not. */
static inline void os_stop_lower(struct os_stop *stop)
{
    assert(stop->calls == NULL); /* it has forgotten them all */
    if (atomic_load_u32(&stop->raised) != 0)
        atomic_store_u32(&stop->raised, 0);
}

/* For the work. */
static inline bool os_stop_raised(const struct os_stop *stop)
{
    return atomic_load_u32(&stop->raised) != 0;
}
/* Sleeps until the stop is raised, true, or the deadline has passed, false. */
bool os_stop_wait(struct os_stop *stop, uint64_t deadline_ms);
/* From here to os_stop_forget() raising runs the call; at once if it is raised already.
 * No lock that the call takes is held here or there. `call` stays in place. */
void os_stop_call(struct os_stop *stop, struct os_stop_call *call);
/* The call is not running any more when this returns, and will not run. */
void os_stop_forget(struct os_stop *stop, struct os_stop_call *call);

#endif
