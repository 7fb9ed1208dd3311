/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections: bytes in, one call at a time, bytes out. Nothing that a client sends, or
 * leaves unsent or unread, holds up a thread.
 *
 * A connection's memory is kept for the next one when it is closed: another thread may
 * still hold an event for it that the poller gave out before. */
#include "service/connection.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "os/stream.h"
#include "os/time.h"
#include "service/account.h"
#include "service/listen.h"
#include "service/protocol.h"
#include "service/session.h"

#include <string.h>

/* --- Life --------------------------------------------------------------------------- */

static void serve_connection(struct connection *connection);

/* Memory for a connection; its state is BUSY, or MORE, by an event of its past. */
static struct connection *take_memory(struct server *server)
{
    struct connection *connection = NULL;
    os_mutex_lock(&server->lock);
    if (!list_empty(&server->closed)) {
        connection = LIST_ENTRY(server->closed.next, struct connection, link);
        list_remove(&connection->link);
    }
    os_mutex_unlock(&server->lock);
    if (connection == NULL)
        connection = mem_alloc(sizeof(*connection));
    if (connection != NULL)
        atomic_store_u32(&connection->state, CONNECTION_BUSY);
    return connection;
}

/* The limits of a user whose first connection this is. */
static void know_limits(struct connection *connection)
{
    struct server *server = connection->server;
    uint32_t gids[SESSION_GROUPS_MAX];
    size_t count = session_groups(connection, gids);
    struct policy_peer peer = {.uid = connection->uid, .gids = gids, .gid_count = count};
    struct policy *policy = policy_store_get(server->options.policy);
    connection->account->limits = policy_limits(policy, &peer);
    policy_release(policy);
}

/* One more for a user; an idle connection of the same one makes room for it, if need be
 * and if there is one. The lock is given up while the other one ends. */
static bool take_place(struct server *server, struct account *account,
                       enum account_resource resource) NEEDS_LOCK(server->lock)
{
    if (account_take_locked(server, account, resource, 1))
        return true;
    struct connection *idle = account_evict(server, account, resource);
    if (idle == NULL)
        return false;
    /* Its memory stays when it is closed meanwhile. */
    os_mutex_unlock(&server->lock);
    connection_event(idle);
    os_mutex_lock(&server->lock);
    account_count(server, account, resource); /* the other one is about to go */
    return true;
}

/* Whether its user may have one more. */
static bool have_place(struct server *server, struct connection *connection)
    NEEDS_LOCK(server->lock)
{
    connection->account = account_hold(server, connection->uid);
    if (connection->account == NULL)
        return false;
    if (connection->account->owners == 1)
        know_limits(connection);
    connection->standing = CONNECTION_REGULAR;
    if (take_place(server, connection->account, ACCOUNT_CONNECTIONS))
        return true;
    connection->standing = CONNECTION_CROWDED;
    if (account_take_extra(server, connection->account))
        return true;
    account_drop(server, connection->account);
    return false;
}

static void drop_peer(struct connection *connection)
{
    mem_free(connection->peer);
    connection->peer = NULL;
}

/* Into the list of connections; where there is no room, to the memory for others. */
static bool enlist_connection(struct server *server, struct connection *connection)
{
    size_t peer_size = connection->protocol->peer_size;
    connection->peer = peer_size > 0 ? mem_alloc(peer_size) : NULL;
    os_mutex_lock(&server->lock);
    bool room = !server->stopping && (peer_size == 0 || connection->peer != NULL)
                && have_place(server, connection);
    list_append(room ? &server->connections : &server->closed, &connection->link);
    if (room) {
        list_append(&connection->account->connections, &connection->peer_link);
        server->connection_count++;
        server_need(server, connection->deadline_ms);
    }
    os_mutex_unlock(&server->lock);
    if (!room)
        drop_peer(connection);
    return room;
}

void connection_new(struct server *server, struct os_socket socket,
                    const struct listener *listener)
{
    struct connection *connection = take_memory(server);
    if (connection == NULL) {
        log_error("a connection was refused: no memory");
        os_socket_close(&socket);
        return;
    }
    connection->server = server;
    connection->socket = socket;
    connection->uid = connection->gid = connection->pid = 0;
    connection->protocol = listener->protocol;
    connection->over = connection->running = 0;
    connection->origin = listener->tcp ? CONNECTION_TCP : CONNECTION_UNIX;
    connection->charged = 0;
    connection->evicted = 0;
    connection->limit = CONNECTION_HELLO;
    connection->deadline_ms = os_now_ms() + HELLO_MS;
    if (!listener->tcp
        && os_unix_peer(socket, &connection->uid, &connection->gid, &connection->pid)
               != SC_OK)
        connection->uid = UINT32_MAX;
    if (listener->tcp)
        connection->uid = ACCOUNT_UNKNOWN;
    if (!enlist_connection(server, connection)) {
        os_socket_close(&socket); /* the account has said why */
        return;
    }
    connection->served = atomic_load_u32(&server->served);
    connection->attention =
        connection->protocol->pipelined ? ATTENTION_USER : ATTENTION_POLLER;
    if (connection->attention == ATTENTION_POLLER)
        connection_poll(connection, true);
    /* This thread is its user from the beginning: an event that comes meanwhile, its own
     * or one of its past, is only noted. */
    serve_connection(connection);
}

bool connection_name(struct connection *connection)
{
    struct server *server = connection->server;
    uint32_t owner = server->options.owner;
    os_mutex_lock(&server->lock);
    struct account *before = connection->account, *now = account_hold(server, owner);
    bool room = now != NULL && account_take_locked(server, now, ACCOUNT_CONNECTIONS, 1);
    if (room) {
        list_remove(&connection->peer_link);
        list_append(&now->connections, &connection->peer_link);
        connection->account = now;
        connection->uid = owner;
        account_give_locked(server, before, ACCOUNT_CONNECTIONS, 1);
        account_give_locked(server, before, ACCOUNT_BYTES, connection->charged);
        connection->charged = 0;
        account_drop(server, before);
    } else if (now != NULL) {
        account_drop(server, now);
    }
    os_mutex_unlock(&server->lock);
    return room;
}

enum sc_error connection_begin_session(struct connection *connection)
{
    assert(connection->session == NULL);
    struct server *server = connection->server;
    struct account *account = connection->account;
    if (connection->standing != CONNECTION_REGULAR)
        return SC_E_SERVER_TOO_BUSY;
    struct session *session = session_new(connection);
    if (session == NULL)
        return SC_E_NO_MEMORY;
    os_mutex_lock(&server->lock);
    account->limits = session->limits;
    bool room = take_place(server, account, ACCOUNT_SESSIONS);
    if (room)
        session_begin(server, session, connection);
    os_mutex_unlock(&server->lock);
    if (room)
        return SC_OK;
    session_discard(session);
    return SC_E_SERVER_TOO_BUSY;
}

/* Its user closes it. The state stays BUSY, so nobody else becomes its user. */
static void close_connection(struct connection *connection)
{
    struct server *server = connection->server;
    struct session *session = connection->session;
    if (connection->polled)
        os_poller_remove(&server->poller, connection->socket);
    os_mutex_lock(&server->lock); /* server_stop() looks at the sockets */
    os_socket_close(&connection->socket);
    os_mutex_unlock(&server->lock);
    if (session != NULL)
        session_leave(server, session);
}

static void recycle(struct connection *connection)
{
    assert(connection->event == NULL && connection->phase != CONNECTION_WAITING);
    assert(!os_socket_is_open(connection->socket));
    struct server *server = connection->server;
    os_mutex_lock(&server->lock);
    struct session *session = connection->session;
    connection->session = NULL; /* others look, with the lock held */
    os_mutex_unlock(&server->lock);
    if (session != NULL)
        session_free(server, session);
    connection->gone = connection->unread = connection->polled = false;
    connection->attention = ATTENTION_POLLER;
    connection->misses = 0;
    connection->phase = CONNECTION_READING;
    connection->call = NULL;
    secret_clear(&connection->challenge, sizeof(connection->challenge));
    connection_drop_pipes(connection);
    drop_peer(connection);
    connection_drop_rest(connection);
    connection->sent = 0;
    os_mutex_lock(&server->lock);
    connection->deadline_ms = OS_FOREVER;
    atomic_store_u32(&connection->expired, 0);
    list_remove(&connection->link);
    list_append(&server->closed, &connection->link);
    list_remove(&connection->peer_link);
    account_give_locked(server, connection->account, ACCOUNT_BYTES, connection->charged);
    account_give_locked(server, connection->account, ACCOUNT_CONNECTIONS, 1);
    account_drop(server, connection->account);
    connection->account = NULL;
    server->connection_count--;
    if (server->connection_count == 0) {
        server->idle_since_ms = os_now_ms();
        if (server->options.idle_ms != OS_FOREVER)
            server_need(server, server->idle_since_ms + server->options.idle_ms);
    }
    server_tell_end(server);
    os_mutex_unlock(&server->lock);
}

/* --- Responses ---------------------------------------------------------------------- */

/* Sends what is left of the response. True: all of it, or the connection is gone. */
static bool send_response(struct connection *connection)
{
    struct call *call = connection->call;
    size_t sent = 0;
    enum sc_error error = connection_write(connection, call->response + connection->sent,
                                           call->response_size - connection->sent, &sent);
    connection->sent += sent;
    assert(connection->sent <= call->response_size);
    if (error != SC_OK && error != SC_E_NOT_READY)
        connection->gone = true;
    return connection->gone || connection->sent == call->response_size;
}

/* A call is finished: its response goes out, as far as the client takes it. */
static void begin_response(struct connection *connection)
{
    assert(connection->call != NULL);
    bool held_up = connection->deadline_ms != OS_FOREVER;
    connection->sent = 0;
    connection->phase = CONNECTION_READING;
    if (connection->protocol->answer != NULL && !connection->gone)
        connection->protocol->answer(connection->call);
    connection->unread |=
        connection->call->response_size == 0; /* no send finds its end */
    if (send_response(connection)) {
        if (connection->gone)
            return;
        connection->call = server_keep_call(connection->call);
        (void)account_charge(connection, 0);
        if (held_up && connection->session != NULL)
            connection_set_deadline(connection, CONNECTION_NO_LIMIT, OS_FOREVER);
        return;
    }
    connection->phase = CONNECTION_WRITING;
    if (!account_charge(connection,
                        connection->charged + connection->call->response_size)) {
        connection->gone = true;
        return;
    }
    connection->attention = ATTENTION_POLLER;
    if (!connection->polled)
        connection_poll(connection, true);
    connection_want_room(connection, true);
    if (connection->gone)
        return;
    connection_set_deadline(connection, CONNECTION_READ_RESPONSE, os_now_ms() + WRITE_MS);
}

static void continue_response(struct connection *connection)
{
    if (!send_response(connection) || connection->gone)
        return;
    connection_want_room(connection, false);
    connection_set_deadline(connection, CONNECTION_NO_LIMIT, OS_FOREVER);
    connection->phase = CONNECTION_READING;
    connection->call = server_keep_call(connection->call);
    (void)account_charge(connection, 0);
}

/* --- Requests ----------------------------------------------------------------------- */

/* While a call is under way bytes are out of order, unless requests may wait; the end
 * always is. */
static bool is_quiet(struct connection *connection)
{
    if (!connection->protocol->pipelined)
        return connection_is_silent(connection);
    connection->unread = true;
    return !os_stream_is_hung_up(connection->socket);
}

static bool have_call(struct connection *connection)
{
    if (connection->call == NULL)
        connection->call = server_take_call(connection->server);
    if (connection->call == NULL)
        return false;
    connection->call->connection = connection;
    connection->call->protocol = connection->protocol;
    connection->call->session = connection->session;
    connection->call->event = false;
    return call_make_request_room(connection->call, CALL_ROOM)
           && call_make_response_room(connection->call, CALL_ROOM);
}

static void take_request(struct connection *connection)
{
    assert(connection->phase == CONNECTION_READING);
    enum received received =
        have_call(connection) ? connection_receive(connection) : RECEIVED_NONSENSE;
    if (received == RECEIVED_NONSENSE) {
        connection->gone = true;
        return;
    }
    if (received == RECEIVED_PART) {
        if (connection->call->request_size == 0)
            connection->call = server_keep_call(connection->call);
        else if (connection->attention == ATTENTION_POLLER)
            connection_await_rest(connection);
        return;
    }
    if (connection->limit == CONNECTION_WHOLE_REQUEST)
        connection_set_deadline(connection, CONNECTION_NO_LIMIT, OS_FOREVER);
    struct call *call = connection->call;
    connection->phase = CONNECTION_WAITING;
    if (server_run(call, true))
        begin_response(connection);
    else /* the client's end may have come with the request */
        connection->gone = call->overcharged || !is_quiet(connection);
}

/* All that may be taken now; what comes later is another event. */
static void take_requests(struct connection *connection)
{
    do {
        take_request(connection);
    } while ((connection->unread || connection->rest != NULL) && connection->call == NULL
             && !connection->gone && connection->protocol->pipelined);
}

/* --- Events ------------------------------------------------------------------------- */

/* The event that was waited for, if it is there and nothing is under way. */
static void tell_event(struct connection *connection)
{
    struct call *event = connection->event;
    if (event == NULL || connection->call != NULL || connection->gone
        || atomic_load_u32(&event->finished) == 0
        || !connection->protocol->idle(connection))
        return;
    connection->event = NULL;
    connection->call = event;
    begin_response(connection);
}

/* If a thread has it, it comes back for that. */
static void drop_event(struct connection *connection)
{
    if (connection->event == NULL || !server_abandon(connection->event))
        return;
    call_free(connection->event);
    connection->event = NULL;
}

static void hang_up(struct connection *connection)
{
    assert(connection->gone);
    drop_event(connection);
    if (os_socket_is_open(connection->socket))
        close_connection(connection);
    if (connection->phase == CONNECTION_WAITING && !server_abandon(connection->call))
        return; /* comes back when it is finished */
    if (connection->call != NULL)
        connection->protocol->undo(connection->call); /* its response did not get there */
    connection->phase = CONNECTION_READING;
    connection->call = server_keep_call(connection->call);
}

/* Its time has come: to go, or only to get the event that was held back. Or it had come:
 * the timer did not know of a new one. */
static void on_expired(struct connection *connection)
{
    bool passed = os_ms_left(connection->deadline_ms) == 0;
    if (passed && connection->limit != CONNECTION_HOLD) {
        connection->gone = true;
        return;
    }
    if (passed)
        connection_set_deadline(connection, CONNECTION_NO_LIMIT, OS_FOREVER);
    atomic_store_u32(&connection->expired, 0);
}

/* It holds nothing that its client would miss. */
static bool holds_nothing(const struct connection *connection)
{
    return connection->session == NULL
           || atomic_load_u32(&connection->session->held) == 0;
}

static void work_on(struct connection *connection)
{
    bool waiting = connection->phase == CONNECTION_WAITING;
    bool finished = waiting && atomic_load_u32(&connection->call->finished) != 0;
    if (atomic_load_u32(&connection->expired) != 0)
        on_expired(connection);
    if (atomic_load_u32(&connection->evicted) != 0 && holds_nothing(connection))
        connection->gone = true;
    if (connection->gone) {
        hang_up(connection);
        return;
    }
    if (finished) {
        begin_response(connection);
        if (connection->call == NULL && !connection->gone)
            take_requests(connection);
    } else if (waiting) {
        connection->gone = !is_quiet(connection);
    } else if (connection->phase == CONNECTION_WRITING) {
        continue_response(connection);
        if (connection->protocol->pipelined && connection->call == NULL)
            take_requests(connection);
    } else {
        take_requests(connection);
    }
    tell_event(connection);
    /* The event of its end may have found a request in the pipe, and not come again. */
    if (connection->way == CONNECTION_BY_PIPES && atomic_load_u32(&connection->over) != 0)
        connection->gone = true;
    if (connection->gone)
        hang_up(connection);
}

/* Its user, until nothing is left to be done. */
static void serve_connection(struct connection *connection)
{
    assert(atomic_load_u32(&connection->state) != CONNECTION_IDLE);
    for (;;) {
        work_on(connection);
        if (connection->gone && connection->phase != CONNECTION_WAITING
            && connection->event == NULL) {
            recycle(connection);
            /* Events of before find it BUSY, until it is used again. */
            return;
        }
        if (connection_attend(connection) || connection_leave(connection))
            continue;
        if (atomic_compare_exchange_u32(&connection->state, CONNECTION_BUSY,
                                        CONNECTION_IDLE))
            return;
        atomic_store_u32(&connection->state, CONNECTION_BUSY);
    }
}

void connection_event(struct connection *connection)
{
    for (;;) {
        if (atomic_compare_exchange_u32(&connection->state, CONNECTION_IDLE,
                                        CONNECTION_BUSY)) {
            serve_connection(connection);
            return;
        }
        if (atomic_compare_exchange_u32(&connection->state, CONNECTION_BUSY,
                                        CONNECTION_MORE)
            || atomic_load_u32(&connection->state) == CONNECTION_MORE)
            return;
    }
}

/* --- Clients that go while a job runs ----------------------------------------------- */

/* The event may be of this connection's past; so the socket is asked. */
static bool is_client_gone(struct connection *connection)
{
    struct server *server = connection->server;
    os_mutex_lock(&server->lock); /* the socket stays what it is */
    bool over =
        os_socket_is_open(connection->socket) && os_stream_is_over(connection->socket);
    if (over)
        (void)atomic_exchange_u32(&connection->over, 1);
    os_mutex_unlock(&server->lock);
    return over;
}

void connection_end(struct connection *connection)
{
    if (is_client_gone(connection)) {
        uint32_t card = atomic_load_u32(&connection->running);
        if (card != 0)
            host_op_hurry_card(card);
    }
    connection_event(connection);
}
