/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that can go on, calls to be looked at again, and calls for reuse. */
#include "service/server.h"

#include "base/atomic.h"
#include "os/time.h"

/* Of this thread: it serves events, and a call for reuse. */
static _Thread_local bool in_worker;
static _Thread_local struct call *kept;
static _Thread_local bool queued; /* by this thread, for it to take up, or to say so */

bool server_set_worker(bool worker)
{
    bool was = in_worker;
    in_worker = worker;
    return was;
}

bool server_may_attend(const struct server *server)
{
    return in_worker && !queued && atomic_load_u32(&server->idle_threads) > 0;
}

/* --- Calls for reuse ---------------------------------------------------------------- */

struct call *server_take_call(struct server *server)
{
    struct call *call = kept;
    kept = NULL;
    return call != NULL ? call : call_new(server);
}

/* Only one is kept: the others were of calls that waited. */
struct call *server_keep_call(struct call *call)
{
    if (call == NULL)
        return NULL;
    if (kept != NULL || call->request_room != CALL_ROOM
        || call->response_room != CALL_ROOM || !in_worker) {
        call_free(call);
        return NULL;
    }
    call_clear(call);
    kept = call;
    return NULL;
}

void server_drop_call(void)
{
    call_free(kept);
    kept = NULL;
}

/* --- The queue ---------------------------------------------------------------------- */

static void queue(struct server *server, struct call *call) NEEDS_LOCK(server->lock)
{
    assert(list_empty(&call->link));
    list_append(&server->ready, &call->link);
}

void server_ready(struct server *server, struct call *call)
{
    for (;;) {
        uint32_t state = atomic_load_u32(&call->state);
        if (state == CALL_RUNNING) {
            if (atomic_compare_exchange_u32(&call->state, CALL_RUNNING, CALL_WOKEN))
                return;
        } else if (state == CALL_PARKED) {
            if (atomic_compare_exchange_u32(&call->state, CALL_PARKED, CALL_READY))
                break;
        } else {
            return;
        }
    }
    os_mutex_lock(&server->lock);
    queue(server, call);
    os_mutex_unlock(&server->lock);
    /* A thread that serves looks into the queue before it waits again. */
    if (in_worker)
        queued = true;
    else
        os_poller_wake(&server->poller);
}

void server_wake(struct host_op *op)
{
    assert(op->wake == server_wake);
    struct call *call = (struct call *)(void *)op; /* op is first */
    server_ready(call->server, call);
}

void server_pass_on(struct server *server)
{
    if (queued)
        os_poller_wake(&server->poller);
    queued = false;
}

struct call *server_take_ready(struct server *server)
{
    struct call *call = NULL;
    queued = false;
    os_mutex_lock(&server->lock);
    if (!list_empty(&server->ready)) {
        call = LIST_ENTRY(server->ready.next, struct call, link);
        list_remove(&call->link);
    }
    bool more = !list_empty(&server->ready);
    os_mutex_unlock(&server->lock);
    /* This one may take its time. */
    if (more && atomic_load_u32(&server->idle_threads) > 0)
        os_poller_wake(&server->poller);
    return call;
}

/* --- The clock ---------------------------------------------------------------------- */

void server_tell_end(struct server *server)
{
    if (server->stopping)
        os_cond_broadcast(&server->changed);
}

void server_need(struct server *server, uint64_t deadline_ms)
{
    if (deadline_ms >= server->timer_ms)
        return;
    server->timer_ms = deadline_ms;
    os_poller_set_timer(&server->poller, deadline_ms);
}

void server_set_timer(struct call *call, uint64_t deadline_ms)
{
    struct server *server = call->server;
    if (deadline_ms == call->deadline_ms)
        return;
    os_mutex_lock(&server->lock);
    list_remove(&call->timer);
    call->deadline_ms = deadline_ms;
    if (deadline_ms != OS_FOREVER) {
        list_append(&server->timers, &call->timer);
        server_need(server, deadline_ms);
    }
    os_mutex_unlock(&server->lock);
}

void server_expire_calls(struct server *server, uint64_t now_ms, uint64_t *next_ms)
{
    struct list_link *at;
    LIST_FOR_EACH(at, &server->timers)
    {
        struct call *call = LIST_ENTRY(at, struct call, timer);
        if (call->deadline_ms > now_ms) {
            *next_ms = call->deadline_ms < *next_ms ? call->deadline_ms : *next_ms;
            continue;
        }
        if (atomic_compare_exchange_u32(&call->state, CALL_PARKED, CALL_READY))
            queue(server, call);
        else
            (void)atomic_compare_exchange_u32(&call->state, CALL_RUNNING, CALL_WOKEN);
    }
}
