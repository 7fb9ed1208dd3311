/* SPDX-License-Identifier: BSD-2-Clause */
/* What all operations have in common: they are parked, woken, resumed and abandoned. Each
 * is a request at a slot or a watch, and what follows on that (op->next). */
#include "host/host_internal.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

static bool end_own(struct host_op *op)
{
    return host_op_finish(op, op->request.error);
}

bool host_op_own(struct host_op *op, struct host *host, struct host_slot *hs,
                 enum request_kind kind)
{
    assert(kind == REQUEST_PROBE || kind == REQUEST_CLOSE || kind == REQUEST_TEND);
    memset(op, 0, sizeof(*op));
    op->host = host;
    op->slot = hs;
    op->request.kind = kind;
    op->pending = &op->request;
    op->next = end_own;
    return host_slot_start(host, hs, op) && end_own(op);
}

bool host_op_resume(struct host_op *op)
{
    assert(op->next != NULL && op->error == SC_OK); /* parked, not finished */
    if (op->slot != NULL && !host_slot_resume(op->host, op->slot, op->pending))
        return false;
    return op->next(op);
}

uint64_t host_op_until(const struct host_op *op)
{
    return op->slot == NULL ? op->watch.until_ms : OS_FOREVER;
}

static bool abandon_watch(struct host_op *op)
{
    os_mutex_lock(&op->host->lock);
    bool woken = op->watch.woken;
    if (!woken)
        watch_end(&op->watch);
    os_mutex_unlock(&op->host->lock);
    return !woken;
}

bool host_op_abandon(struct host_op *op)
{
    if (op->slot == NULL)
        return abandon_watch(op);
    /* What gives back goes to its end: others wait for it, and for the disposition. */
    if (op->pending->kind == REQUEST_DISCONNECT)
        return false;
    os_mutex_lock(&op->slot->lock);
    bool parked = slot_withdraw(op->slot->slot, op->pending);
    host_slot_unlock(op->host, op->slot);
    return parked && op->next(op);
}
