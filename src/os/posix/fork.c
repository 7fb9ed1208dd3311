/* SPDX-License-Identifier: BSD-2-Clause */
/* What a fork does to this project, on POSIX systems. */
#include "os/fork.h"
#include "os/lock.h"

#include "base/atomic.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>

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
