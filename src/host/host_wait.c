/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread that waits for an operation. */
#include "host/host_internal.h"
#include "os/time.h"

#include <assert.h>

struct os_mutex *host_op_lock(const struct host_op *op)
{
    return op->slot != NULL ? &op->slot->lock : &op->host->lock;
}

bool host_op_is_parked(const struct host_op *op)
{
    return op->slot != NULL ? op->pending->verdict == VERDICT_WAIT : !op->watch.woken;
}

bool host_op_take_back(struct host_op *op)
{
    bool back;
    while (!(back = host_op_abandon(op)) && !host_op_resume(op))
        continue;
    return back;
}

static void signal_thread(struct host_op *op)
{
    os_cond_signal(op->thread);
}

static void wait_for_wake(struct host_op *op)
{
    struct os_mutex *lock = host_op_lock(op);
    bool in_time = true;
    os_mutex_lock(lock);
    op->wake = signal_thread;
    while (host_op_is_parked(op) && in_time)
        in_time = os_cond_wait(op->thread, lock, host_op_until(op));
    os_mutex_unlock(lock);
}

void host_op_wait(struct host_op *op)
{
    struct os_cond cond;
    assert(op->wake == NULL); /* else somebody else resumes it */
    os_cond_init(&cond);
    op->thread = &cond;
    do
        wait_for_wake(op);
    while (!host_op_resume(op));
    os_cond_destroy(&cond);
}
