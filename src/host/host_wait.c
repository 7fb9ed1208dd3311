/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread that waits for an operation. */
#include "host/host_internal.h"
#include "os/cancel.h"
#include "os/time.h"

#include <assert.h>

/* The lock that the operation's wake() comes with. */
static struct os_mutex *lock_of(const struct host_op *op)
{
    return op->slot != NULL ? &op->slot->lock : &op->host->lock;
}

static bool is_parked(const struct host_op *op)
{
    return op->slot != NULL ? op->pending->verdict == VERDICT_WAIT : !op->watch.woken;
}

static void signal_thread(struct host_op *op)
{
    os_cond_signal(op->thread);
}

/* The thread is cancelled while it waits, and has the operation's lock, which is unlocked
 * after this. What was to go on already does so to its end. */
LOCKS_UNSEEN static void abandon_wait(void *context)
{
    struct host_op *op = context;
    struct os_mutex *lock = lock_of(op);
    os_mutex_unlock(lock);
    while (!host_op_abandon(op) && !host_op_resume(op))
        continue;
    os_cond_destroy(op->thread);
    os_mutex_lock(lock);
}

static void wait_for_wake(struct host_op *op, bool cancellable)
{
    struct os_mutex *lock = lock_of(op);
    bool in_time = true;
    os_mutex_lock(lock);
    op->wake = signal_thread;
    while (is_parked(op) && in_time) {
        if (cancellable)
            in_time = os_cond_wait_cancellable(op->thread, lock, host_op_until(op),
                                               abandon_wait, op);
        else
            in_time = os_cond_wait(op->thread, lock, host_op_until(op));
    }
    os_mutex_unlock(lock);
}

void host_op_wait(struct host_op *op, bool cancellable)
{
    struct os_cond cond;
    assert(op->wake == NULL); /* else somebody else resumes it */
    os_cond_init(&cond);
    op->thread = &cond;
    do
        wait_for_wake(op, cancellable);
    while (!host_op_resume(op));
    os_cond_destroy(&cond);
}
