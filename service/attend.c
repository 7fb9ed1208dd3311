/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's clients send header and body apart, and each would wake a thread that waits in
 * the poller, one of them for nothing. So whoever has just served such a client waits for
 * its next ask, or for the rest of one, itself. */
#include "service/server.h"

#include "base/atomic.h"

enum {
    ATTEND_MS = 10,   /* a thread waits so long for one client */
    ATTEND_AFTER = 3, /* asks: not for clients that come and go */
    PARTS_MAX = 4     /* in which an ask may come: not for clients that drag it out */
};

static bool is_wanted(const struct connection *connection)
{
    const struct call *call = connection->call;
    return connection->protocol->pipelined && connection->asks > ATTEND_AFTER
           && !connection->gone && !connection->waiting
           && (call == NULL || (call->reply_size == 0 && connection->parts < PARTS_MAX))
           && atomic_load_u32(&connection->state) == CONNECTION_BUSY
           && server_may_attend(connection->server);
}

bool connection_attend(struct connection *connection)
{
    if (connection->peer.news != NULL)
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
    if (connection->call != NULL && !connection->waiting
        && connection->call->reply_size == 0)
        connection_await_rest(connection);
    os_poller_want_bytes(&connection->server->poller, connection->socket, connection,
                         true);
    return connection->gone;
}
