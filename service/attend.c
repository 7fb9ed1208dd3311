/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection waits for, and how long.
 *
 * pcscd's clients send header and body apart, and each would wake a thread that waits in
 * the poller, one of them for nothing. So whoever has just served such a client waits for
 * its next ask, or for the rest of one, itself. */
#include "service/connection.h"

#include "base/atomic.h"
#include "os/stream.h"
#include "os/time.h"
#include "service/protocol.h"
#include "service/server.h"

enum {
    ATTEND_MS = 10,   /* a thread waits so long for one client */
    ATTEND_AFTER = 3, /* asks: not for clients that come and go */
    PARTS_MAX = 4     /* in which an ask may come: not for clients that drag it out */
};

/* --- Deadlines ---------------------------------------------------------------------- */

void connection_set_deadline(struct connection *connection, enum connection_limit limit,
                             uint64_t deadline_ms)
{
    struct server *server = connection->server;
    connection->limit = limit;
    os_mutex_lock(&server->lock);
    connection->deadline_ms = deadline_ms;
    if (deadline_ms != OS_FOREVER)
        server_need(server, deadline_ms);
    os_mutex_unlock(&server->lock);
}

/* It keeps the memory that it needs, for some time. */
void connection_await_rest(struct connection *connection)
{
    struct call *call = connection->call;
    call_wait_for_rest(call);
    connection->gone = !account_charge(connection, call->ask_room);
    if (connection->limit == CONNECTION_WHOLE_REQUEST || connection->session == NULL)
        return;
    uint32_t ask_ms = connection->server->options.ask_ms;
    connection_set_deadline(connection, CONNECTION_WHOLE_REQUEST,
                            os_now_ms() + (ask_ms != 0 ? ask_ms : ASK_MS));
}

/* --- Attending ---------------------------------------------------------------------- */

static bool is_wanted(const struct connection *connection)
{
    const struct call *call = connection->call;
    return connection->protocol->pipelined && connection->asks > ATTEND_AFTER
           && !connection->gone && connection->phase == CONNECTION_READING
           && (call == NULL || connection->parts < PARTS_MAX)
           && atomic_load_u32(&connection->state) == CONNECTION_BUSY
           && server_may_attend(connection->server);
}

bool connection_attend(struct connection *connection)
{
    if (connection->event != NULL)
        connection->asks = 0; /* it is to be told of an event, by whatever thread */
    if (!is_wanted(connection))
        return false;
    connection->parts = connection->call != NULL ? connection->parts + 1 : 0;
    if (!connection->attended)
        os_poller_want_bytes(&connection->server->poller, connection->socket, connection,
                             false);
    connection->attended = true;
    return os_stream_await(connection->socket, ATTEND_MS);
}

bool connection_leave(struct connection *connection)
{
    if (!connection->attended || connection->gone)
        return false;
    connection->attended = false;
    if (connection->call != NULL && connection->phase == CONNECTION_READING)
        connection_await_rest(connection);
    os_poller_want_bytes(&connection->server->poller, connection->socket, connection,
                         true);
    return connection->gone;
}
