/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls without a thread of their own, as small step machines over slots and watches. */
#include "host/host_op.h"

#include "base/atomic.h"
#include "manager/ioctl.h"
#include "os/lock.h"
#include "os/time.h"

#include <string.h>

static struct host_op *op_of(struct host_waiter *waiter)
{
    return (struct host_op *)(void *)((char *)waiter - offsetof(struct host_op, waiter));
}

static void wake_op(struct host_waiter *waiter)
{
    struct host_op *op = op_of(waiter);
    op->wake(op);
}

static bool begin(struct host_op *op, enum host_op_kind kind)
{
    op->kind = kind;
    op->waiter.wake = wake_op;
    op->host = host_current();
    op->error = op->host == NULL ? SC_E_INVALID_HANDLE : SC_OK;
    return op->host != NULL;
}

static bool finish(struct host_op *op, enum sc_error error)
{
    op->error = error;
    return true;
}

/* --- Connecting --------------------------------------------------------------------- */

static bool undo_connect_done(struct host_op *op)
{
    host_free_card(op->host, op->request.card);
    return finish(op, SC_E_INVALID_HANDLE);
}

/* The handle cannot stand: what was connected is disconnected again. */
static bool undo_connect(struct host_op *op)
{
    struct card *card = op->request.card;
    memset(&op->request, 0, sizeof(op->request));
    op->request.kind = REQUEST_DISCONNECT;
    op->request.card = card;
    os_mutex_lock(&op->slot->lock);
    return host_slot_start(op->host, op->slot, &op->request, &op->waiter)
           && undo_connect_done(op);
}

static bool connect_done(struct host_op *op)
{
    struct card *card = op->request.card;
    if (op->request.kind == REQUEST_DISCONNECT)
        return undo_connect_done(op);
    if (op->request.error != SC_OK) {
        host_free_card(op->host, card);
        return finish(op, op->request.error);
    }
    if (!host_publish_card(op->host, op->slot, card))
        return undo_connect(op);
    op->card = card->next_id;
    return finish(op, SC_OK);
}

bool host_op_connect(struct host_op *op, uint32_t context, const char *reader)
{
    if (!begin(op, HOST_OP_CONNECT))
        return true;
    enum sc_error error =
        host_prepare_connect(op->host, context, reader, &op->request, &op->slot);
    if (error != SC_OK)
        return finish(op, error);
    return host_slot_start(op->host, op->slot, &op->request, &op->waiter)
           && connect_done(op);
}

/* --- Cards -------------------------------------------------------------------------- */

static bool card_done(struct host_op *op)
{
    if (op->request.kind == REQUEST_DISCONNECT)
        host_forget_card(op->host, op->slot, op->request.card);
    if (op->request.kind == REQUEST_GET_ATTRIBUTE)
        host_attribute_asked(op->host, op->id, &op->request);
    ioctl_end(&op->request);
    return finish(op, op->request.error);
}

bool host_op_card(struct host_op *op, uint32_t card)
{
    if (!begin(op, HOST_OP_CARD))
        return true;
    op->id = card;
    op->slot = host_lock_card(op->host, card, &op->request.card);
    if (op->slot == NULL)
        return finish(op, SC_E_INVALID_HANDLE);
    if (!ioctl_begin(&op->request)) {
        os_mutex_unlock(&op->slot->lock);
        return finish(op, op->request.error);
    }
    if (op->request.kind == REQUEST_GET_ATTRIBUTE
        && host_attribute_known(op->slot, &op->request)) {
        ioctl_end(&op->request);
        return finish(op, op->request.error);
    }
    host_make_buffer(op->slot, &op->request);
    if (op->request.kind == REQUEST_DISCONNECT)
        host_retire_card(op->slot, op->request.card, card, SC_E_INVALID_HANDLE);
    return host_slot_start(op->host, op->slot, &op->request, &op->waiter)
           && card_done(op);
}

/* --- Releasing ---------------------------------------------------------------------- */

/* The next of the context's cards that waits for its slot; none: all is released. */
static bool release_next(struct host_op *op)
{
    struct host *host = op->host;
    for (;;) {
        os_mutex_lock(&host->lock);
        uint32_t id = manager_context_next_card(&host->manager, op->released);
        os_mutex_unlock(&host->lock);
        if (id == 0)
            break;
        if (!host_desert_card(host, id, &op->request, &op->slot))
            continue;
        if (!host_slot_start(host, op->slot, &op->request, &op->waiter))
            return false;
        host_forget_card(host, op->slot, op->request.card);
    }
    host_stop_if_unused(host);
    return finish(op, SC_OK);
}

bool host_op_release(struct host_op *op, uint32_t context)
{
    if (!begin(op, HOST_OP_RELEASE))
        return true;
    os_mutex_lock(&op->host->lock);
    op->released = manager_context_release(&op->host->manager, context);
    host_wake_watches(op->host);
    os_mutex_unlock(&op->host->lock);
    return op->released == NULL ? finish(op, SC_E_INVALID_HANDLE) : release_next(op);
}

/* --- Watching ----------------------------------------------------------------------- */

/* The manager is locked, and is unlocked at return. */
static bool end_watch(struct host_op *op, enum sc_error error)
{
    watch_end(&op->watch);
    os_mutex_unlock(&op->host->lock);
    return finish(op, error);
}

/* The manager is locked, and is unlocked at return. */
static bool check_watch(struct host_op *op)
{
    struct host *host = op->host;
    struct watch *watch = &op->watch;
    struct reader *reader = NULL;
    enum watch_verdict verdict;
    while ((verdict = watch_check(&host->manager, watch, os_now_ms(), &reader))
           == WATCH_PROBE)
        prober_start(host, reader);
    if (verdict == WATCH_READY)
        return end_watch(op, watch->error);
    os_mutex_unlock(&host->lock);
    return false;
}

bool host_op_watch(struct host_op *op, const struct watch *watch)
{
    if (!begin(op, HOST_OP_WATCH))
        return true;
    op->watch = *watch;
    op->watch.waiter = &op->waiter;
    os_mutex_lock(&op->host->lock);
    enum sc_error error = watch_begin(&op->host->manager, &op->watch);
    return error == SC_OK ? check_watch(op) : end_watch(op, error);
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

/* --- Going on ----------------------------------------------------------------------- */

bool host_op_resume(struct host_op *op)
{
    if (op->kind == HOST_OP_WATCH) {
        os_mutex_lock(&op->host->lock);
        return check_watch(op);
    }
    if (!host_slot_resume(op->host, op->slot, &op->request))
        return false;
    switch (op->kind) {
    case HOST_OP_CONNECT:
        return connect_done(op);
    case HOST_OP_RELEASE:
        host_forget_card(op->host, op->slot, op->request.card);
        return release_next(op);
    case HOST_OP_CARD:
    case HOST_OP_WATCH:
        break;
    }
    return card_done(op);
}

uint64_t host_op_until(const struct host_op *op)
{
    return op->kind == HOST_OP_WATCH ? op->watch.until_ms : OS_FOREVER;
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
    if (op->kind == HOST_OP_WATCH)
        return abandon_watch(op);
    /* What gives back goes to its end: others wait for it, and for the disposition. */
    if (op->request.kind == REQUEST_DISCONNECT)
        return false;
    os_mutex_lock(&op->slot->lock);
    bool parked = slot_withdraw(op->slot->slot, &op->request);
    host_slot_unlock(op->host, op->slot);
    if (!parked)
        return false;
    if (op->kind == HOST_OP_CONNECT)
        host_free_card(op->host, op->request.card);
    return finish(op, SC_E_CANCELLED);
}
