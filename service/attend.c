/* SPDX-License-Identifier: BSD-2-Clause */
/* What a connection waits for, and how long.
 *
 * pcscd's clients send header and body apart, and each would wake a thread that waits in
 * the poller, one of them for nothing. So whoever has just served such a client waits for
 * its next request, or for the rest of one, itself. Many clients only come and go; the
 * poller never hears of those.
 *
 * First the thread lets a client go on that runs on the same processor: then the next
 * request is there as a whole, often before the client sleeps, and nobody had to be
 * woken. */
#include "service/connection.h"

#include "base/atomic.h"
#include "os/stream.h"
#include "os/thread.h"
#include "os/time.h"
#include "service/account.h"
#include "service/protocol.h"

enum {
    ATTEND_MS = 10, /* a thread waits so long for one client */
    EVENT_MS = 1,   /* and so long for one that waits for an event */
    PARTS_MAX = 4,  /* in which a request may come: not for clients that drag it out */
    CROWD = 4, /* events of the poller since its last request: others have their turn */
    MISSES_MAX = 4,   /* one after another: the client runs on another processor */
    MISSED_EVERY = 64 /* and then giving way is tried so seldom */
};

/* What else runs here keeps the processor for some milliseconds: the thread does not give
 * way for a while, and each time for twice as long. The clock costs much beside a yield
 * that is quick, so as long as all were, few are measured. */
enum { LONG_MS = 2, REST_MS = 50, REST_MAX_MS = 3200, MEASURED_EVERY = 8 };

static _Thread_local uint64_t rest_until_ms;
static _Thread_local uint32_t rest_ms; /* the last one; 0: it was quick since */
static _Thread_local uint32_t yields;

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
    assert(connection->call != NULL && connection->phase == CONNECTION_READING);
    struct call *call = connection->call;
    call_wait_for_rest(call);
    connection->gone = !account_charge(connection, call->request_room);
    if (connection->limit == CONNECTION_WHOLE_REQUEST || connection->session == NULL)
        return;
    uint32_t request_ms = connection->server->options.request_ms;
    connection_set_deadline(connection, CONNECTION_WHOLE_REQUEST,
                            os_now_ms() + (request_ms != 0 ? request_ms : REQUEST_MS));
}

/* --- Attending ---------------------------------------------------------------------- */

/* With many clients a thread finds the next event in the poller without a wait. */
static bool is_crowded(struct connection *connection)
{
    uint32_t before = connection->served;
    connection->served = atomic_load_u32(&connection->server->served);
    return connection->served - before > CROWD;
}

static bool is_worth_attending(const struct connection *connection)
{
    const struct call *call = connection->call;
    return connection->protocol->pipelined && !connection->gone
           && connection->phase == CONNECTION_READING
           && (call == NULL || connection->parts < PARTS_MAX)
           && atomic_load_u32(&connection->state) == CONNECTION_BUSY
           && server_may_attend(connection->server);
}

/* True: the client may have gone on. */
static bool give_way(struct connection *connection)
{
    if (connection->misses >= MISSES_MAX && ++connection->misses < MISSED_EVERY)
        return false;
    if (rest_ms == 0 && ++yields % MEASURED_EVERY != 0) {
        os_thread_yield();
        return true;
    }
    uint64_t now_ms = os_now_ms();
    if (now_ms < rest_until_ms)
        return false;
    os_thread_yield();
    if (os_now_ms() - now_ms < LONG_MS) {
        rest_ms = 0;
        return true;
    }
    rest_ms = rest_ms == 0 ? REST_MS : rest_ms * 2;
    rest_ms = rest_ms < REST_MAX_MS ? rest_ms : REST_MAX_MS;
    rest_until_ms = now_ms + rest_ms;
    return true;
}

void connection_poll(struct connection *connection, bool bytes)
{
    assert(os_socket_is_open(connection->socket));
    struct os_poller *poller = &connection->server->poller;
    if (connection->polled)
        os_poller_want_bytes(poller, connection->socket, connection, bytes);
    else if (os_poller_add(poller, connection->socket, connection, bytes) == SC_OK)
        connection->polled = true;
    else
        connection->gone = true;
}

static void begin_attending(struct connection *connection)
{
    connection->parts = connection->call != NULL ? connection->parts + 1 : 0;
    if (connection->polled && connection->attention == ATTENTION_POLLER)
        connection_poll(connection, false);
    connection->attention = ATTENTION_USER;
}

bool connection_attend(struct connection *connection)
{
    bool yielded = connection->attention == ATTENTION_YIELDED;
    if (yielded)
        connection->attention = ATTENTION_USER;
    if (is_crowded(connection) || !is_worth_attending(connection))
        return false;
    if (!yielded) {
        begin_attending(connection);
        if (give_way(connection)) {
            connection->attention = ATTENTION_YIELDED;
            return true;
        }
    }
    /* An event is reported by whatever thread, but not while this one waits. */
    return os_stream_await(connection->socket,
                           connection->event != NULL ? EVENT_MS : ATTEND_MS);
}

void connection_heard(struct connection *connection, bool bytes)
{
    if (connection->attention != ATTENTION_YIELDED)
        return;
    if (bytes) {
        connection->attention = ATTENTION_USER;
        connection->misses = 0;
    } else if (connection->misses < MISSES_MAX) {
        connection->misses++;
    } else {
        connection->misses = MISSES_MAX;
    }
}

bool connection_leave(struct connection *connection)
{
    if (connection->attention == ATTENTION_POLLER || connection->gone)
        return false;
    connection->attention = ATTENTION_POLLER;
    if (connection->call != NULL && connection->phase == CONNECTION_READING)
        connection_await_rest(connection);
    connection_poll(connection, true);
    return connection->gone;
}
