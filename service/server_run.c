/* SPDX-License-Identifier: BSD-2-Clause */
/* One call, as far as it goes in this thread. */
#include "service/server.h"

#include "base/atomic.h"
#include "os/time.h"
#include "service/account.h"
#include "service/connection.h"
#include "service/permit.h"
#include "service/protocol.h"

/* A release makes others ready between its jobs. */
static bool resume(struct call *call)
{
    if (!host_op_releases(&call->op))
        return protocol_resume(call);
    bool worker = server_set_worker(false);
    bool done = protocol_resume(call);
    (void)server_set_worker(worker);
    return done;
}

bool server_begin_release(struct call *call, uint32_t context)
{
    bool worker = server_set_worker(false);
    bool done = host_op_release(&call->op, context);
    (void)server_set_worker(worker);
    return done;
}

bool server_run_card(struct call *call, uint32_t card)
{
    assert(card != 0 && call->connection != NULL);
    struct connection *connection = call->connection;
    enum request_kind kind = call->op.request.kind;
    bool gives_back = kind == REQUEST_DISCONNECT || kind == REQUEST_END;
    bool done = true;
    if (!connection->polled && !gives_back)
        connection_poll(connection, false); /* the job is aborted at the client's end */
    (void)atomic_exchange_u32(&connection->running, card);
    if (atomic_load_u32(&connection->over) != 0 && !gives_back)
        call->op.error = SC_E_CANCELLED; /* nobody wants to know any more */
    else
        done = host_op_card(&call->op, card);
    atomic_store_u32(&connection->running, 0);
    return done;
}

/* Whether the host has it, and not polkit. */
static bool is_in_host(const struct call *call)
{
    uint32_t asking = atomic_load_u32(&call->asking);
    return asking == CALL_NOT_ASKING || asking == CALL_PERMITTED;
}

/* Its client is gone. True: the call is over; else it comes to its end by itself. */
static bool abandon(struct call *call)
{
    if (is_in_host(call))
        return host_op_abandon(&call->op);
    if (atomic_load_u32(&call->asking) == CALL_ASKING)
        permit_forget(call); /* comes back with a no */
    return false;
}

/* From RUNNING or WOKEN. True: finished. Parked, it may be gone the next moment. */
static bool go_on(struct call *call, bool done)
{
    assert(atomic_load_u32(&call->state) == CALL_RUNNING
           || atomic_load_u32(&call->state) == CALL_WOKEN);
    while (!done) {
        if (atomic_load_u32(&call->abandoned) != 0 && abandon(call))
            break;
        if (is_in_host(call))
            server_set_timer(call, host_op_until(&call->op));
        if (atomic_compare_exchange_u32(&call->state, CALL_RUNNING, CALL_PARKED))
            return false;
        atomic_store_u32(&call->state, CALL_RUNNING);
        done = resume(call);
    }
    server_set_timer(call, OS_FOREVER);
    return true;
}

bool server_run(struct call *call, bool first)
{
    if (first)
        atomic_store_u32(&call->abandoned, 0);
    atomic_store_u32(&call->finished, 0);
    atomic_store_u32(&call->state, CALL_RUNNING);
    server_pass_on(call->server);
    bool done = first ? protocol_start(call) : resume(call);
    if (!done && first) {
        call_shrink(call);
        account_park(call);
    }
    return go_on(call, done);
}

bool server_abandon(struct call *call)
{
    if (atomic_load_u32(&call->finished) != 0)
        return true;
    (void)atomic_exchange_u32(&call->abandoned, 1);
    /* Parked, it is taken; else the thread that has it looks again before it parks it. */
    for (;;) {
        if (atomic_compare_exchange_u32(&call->state, CALL_PARKED, CALL_RUNNING))
            return go_on(call, false);
        if (atomic_compare_exchange_u32(&call->state, CALL_RUNNING, CALL_WOKEN))
            return false;
        uint32_t state = atomic_load_u32(&call->state);
        if (state == CALL_WOKEN || state == CALL_READY)
            return false;
    }
}
