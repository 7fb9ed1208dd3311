/* SPDX-License-Identifier: BSD-2-Clause */
/* Watches as operations. */
#include "host/host_internal.h"
#include "os/time.h"

#include <assert.h>

/* The manager is locked. */
static bool finish_watch(struct host_op *op, enum sc_error error) UNLOCKS(op->host->lock)
{
    watch_end(&op->watch);
    os_mutex_unlock(&op->host->lock);
    return host_op_finish(op, error);
}

/* The manager is locked. */
static bool check_watch(struct host_op *op) UNLOCKS(op->host->lock)
{
    struct watch *watch = &op->watch;
    struct reader *reader = NULL;
    enum watch_verdict verdict;
    while ((verdict = watch_check(&op->host->manager, watch, os_now_ms(), &reader))
           == WATCH_PROBE)
        prober_start(op->host, reader);
    if (verdict == WATCH_READY)
        return finish_watch(op, watch->error);
    os_mutex_unlock(&op->host->lock);
    return false;
}

static bool look_again(struct host_op *op)
{
    assert(op->slot == NULL); /* a watch */
    os_mutex_lock(&op->host->lock);
    return check_watch(op);
}

bool host_op_watch(struct host_op *op, const struct watch *watch)
{
    op->host = host_current();
    if (op->host == NULL)
        return host_op_finish(op, SC_E_INVALID_HANDLE);
    op->error = SC_OK;
    op->slot = NULL;
    op->next = look_again;
    op->watch = *watch;
    op->watch.waiter = op;
    os_mutex_lock(&op->host->lock);
    enum sc_error error = watch_begin(&op->host->manager, &op->watch);
    return error == SC_OK ? check_watch(op) : finish_watch(op, error);
}

static bool watch_all(struct host_op *op, uint32_t context, enum watch_rule rule,
                      uint64_t since)
{
    struct watch watch = {
        .context = context, .rule = rule, .deadline_ms = OS_FOREVER, .since = since};
    return host_op_watch(op, &watch);
}

bool host_op_news(struct host_op *op, uint32_t context, uint64_t since)
{
    return watch_all(op, context, WATCH_NEWS, since);
}

bool host_op_states(struct host_op *op, uint32_t context, uint64_t since)
{
    return watch_all(op, context, WATCH_STATES, since);
}
