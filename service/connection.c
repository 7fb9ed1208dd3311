/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections: bytes in, one call at a time, bytes out. Nothing that a client sends, or
 * leaves unsent or unread, holds up a thread.
 *
 * A connection's memory is kept for the next one when it is closed: another thread may
 * still hold an event for it that the poller gave out before. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "service/server.h"

#include <string.h>

/* --- Calls ----------------------------------------------------------------------------
 */

struct call *call_new(struct server *server)
{
    struct call *call = mem_alloc(sizeof(*call));
    if (call == NULL)
        return NULL;
    call->server = server;
    call->deadline_ms = OS_FOREVER;
    list_init(&call->link);
    list_init(&call->timer);
    return call;
}

void call_free(struct call *call)
{
    if (call == NULL)
        return;
    if (call->ask != NULL)
        secret_clear(call->ask, call->ask_room);
    if (call->reply != NULL)
        secret_clear(call->reply, call->reply_room);
    mem_free(call->ask);
    mem_free(call->reply);
    mem_free(call->entries);
    mem_free(call->names);
    mem_free(call);
}

static bool make_room(uint8_t **bytes, size_t *room, size_t wanted)
{
    if (*room >= wanted)
        return true;
    uint8_t *larger = mem_resize(*bytes, wanted);
    if (larger == NULL)
        return false;
    *bytes = larger;
    *room = wanted;
    return true;
}

bool call_make_reply_room(struct call *call, size_t wanted)
{
    return make_room(&call->reply, &call->reply_room, wanted);
}

/* A call that waits keeps what it needs, not the room for the longest. */
static void shrink(struct call *call)
{
    struct transfer *transfer = &call->op.request.transfer;
    const uint8_t *in = transfer->in;
    size_t at = in != NULL ? (size_t)(in - call->ask) : 0;
    uint8_t *smaller = mem_resize(call->ask, call->ask_size);
    if (smaller == NULL)
        return;
    call->ask = smaller;
    call->ask_room = call->ask_size;
    if (in != NULL)
        transfer->in = smaller + at;
}

/* --- Life -----------------------------------------------------------------------------
 */

static void serve(struct connection *connection);

/* Memory for a connection; its state is BUSY, or MORE, by an event of its past. */
static struct connection *take_memory(struct server *server)
{
    struct connection *connection = NULL;
    os_mutex_lock(&server->lock);
    if (!list_empty(&server->spare)) {
        connection = LIST_ENTRY(server->spare.next, struct connection, link);
        list_remove(&connection->link);
    }
    os_mutex_unlock(&server->lock);
    if (connection == NULL)
        connection = mem_alloc(sizeof(*connection));
    if (connection != NULL)
        atomic_store_u32(&connection->state, CONNECTION_BUSY);
    return connection;
}

/* Into the list of connections; where there is no room, to the memory for others. */
static bool enlist(struct server *server, struct connection *connection)
{
    os_mutex_lock(&server->lock);
    bool room = server->connection_count < SERVER_CONNECTIONS_MAX && !server->stopping;
    list_append(room ? &server->connections : &server->spare, &connection->link);
    if (room) {
        server->connection_count++;
        server_need(server, connection->deadline_ms);
    }
    os_mutex_unlock(&server->lock);
    return room;
}

void connection_new(struct server *server, struct os_socket socket, bool tcp)
{
    struct connection *connection = take_memory(server);
    if (connection == NULL) {
        log_error("a connection was refused: no memory");
        os_socket_close(&socket);
        return;
    }
    connection->server = server;
    connection->socket = socket;
    connection->uid = connection->pid = 0;
    connection->needs_token = tcp;
    connection->deadline_ms = os_now_ms() + HELLO_MS;
    if (!tcp && os_unix_peer(socket, &connection->uid, NULL, &connection->pid) != SC_OK)
        connection->uid = UINT32_MAX;
    if (!enlist(server, connection)) {
        log_error("a connection was refused: too many");
        os_socket_close(&socket);
        return;
    }
    if (os_poller_add(&server->poller, socket, connection) != SC_OK)
        connection->gone = true;
    /* This thread is its user from the beginning: an event that comes meanwhile, its own
     * or one of its past, is only noted. */
    serve(connection);
}

/* Its user closes it. The state stays BUSY, so nobody else becomes its user. */
static void close_connection(struct connection *connection)
{
    struct server *server = connection->server;
    struct session *session = connection->session;
    os_poller_remove(&server->poller, connection->socket);
    os_mutex_lock(&server->lock); /* server_stop() looks at the sockets */
    os_socket_close(&connection->socket);
    os_mutex_unlock(&server->lock);
    if (session != NULL)
        session_leave(server, session);
}

static void recycle(struct connection *connection)
{
    struct server *server = connection->server;
    if (connection->session != NULL)
        session_free(server, connection->session);
    connection->session = NULL;
    connection->gone = connection->waiting = false;
    connection->call = NULL;
    connection->sent = 0;
    os_mutex_lock(&server->lock);
    connection->deadline_ms = OS_FOREVER;
    atomic_store_u32(&connection->expired, 0);
    list_remove(&connection->link);
    list_append(&server->spare, &connection->link);
    server->connection_count--;
    if (server->connection_count == 0) {
        server->idle_since_ms = os_now_ms();
        if (server->options.idle_ms != OS_FOREVER)
            server_need(server, server->idle_since_ms + server->options.idle_ms);
    }
    os_cond_broadcast(&server->changed);
    os_mutex_unlock(&server->lock);
}

/* --- Replies --------------------------------------------------------------------------
 */

/* Sends what is left of the reply. True: all of it, or the connection is gone. */
static bool send_reply(struct connection *connection)
{
    struct call *call = connection->call;
    size_t sent = 0;
    enum sc_error error =
        os_stream_send(connection->socket, call->reply + connection->sent,
                       call->reply_size - connection->sent, &sent);
    connection->sent += sent;
    if (error != SC_OK && error != SC_E_NOT_READY)
        connection->gone = true;
    return connection->gone || connection->sent == call->reply_size;
}

static void set_deadline(struct connection *connection, uint64_t deadline_ms)
{
    struct server *server = connection->server;
    os_mutex_lock(&server->lock);
    connection->deadline_ms = deadline_ms;
    if (deadline_ms != OS_FOREVER)
        server_need(server, deadline_ms);
    os_mutex_unlock(&server->lock);
}

/* A call is finished: its reply goes out, as far as the client takes it. */
static void begin_reply(struct connection *connection)
{
    bool held_up = connection->deadline_ms != OS_FOREVER;
    connection->sent = 0;
    connection->waiting = false;
    if (send_reply(connection)) {
        if (connection->gone)
            return;
        connection->call = server_keep_spare(connection->call);
        if (held_up && connection->session != NULL)
            set_deadline(connection, OS_FOREVER);
        return;
    }
    os_poller_want_room(&connection->server->poller, connection->socket, connection,
                        true);
    set_deadline(connection, os_now_ms() + WRITE_MS);
}

static void continue_reply(struct connection *connection)
{
    if (!send_reply(connection) || connection->gone)
        return;
    os_poller_want_room(&connection->server->poller, connection->socket, connection,
                        false);
    set_deadline(connection, OS_FOREVER);
    connection->call = server_keep_spare(connection->call);
}

/* --- Asks -----------------------------------------------------------------------------
 */

/* 0: more is to come; 1: the ask is whole; -1: it can never be. */
static int check_ask(struct connection *connection, struct call *call)
{
    if (call->ask_size < MESSAGE_HEADER_SIZE)
        return 0;
    message_get_header(call->ask, &call->header);
    /* Who has not said hello gets no memory. */
    size_t most = connection->session == NULL ? 256 : MESSAGE_ASK_MAX;
    if (connection->session != NULL && connection->session->limits.bytes < most)
        most = connection->session->limits.bytes;
    if (call->header.size > most)
        return -1;
    size_t whole = MESSAGE_HEADER_SIZE + call->header.size;
    if (call->ask_size > whole)
        return -1; /* another ask before the reply */
    if (call->ask_size == whole)
        return 1;
    return make_room(&call->ask, &call->ask_room, whole) ? 0 : -1;
}

/* Reads what is there. The same results. */
static int read_ask(struct connection *connection)
{
    struct call *call = connection->call;
    for (;;) {
        size_t room = call->ask_room - call->ask_size, size = 0;
        enum sc_error error = os_stream_receive(connection->socket,
                                                call->ask + call->ask_size, room, &size);
        if (error == SC_E_NOT_READY)
            return 0;
        if (error != SC_OK)
            return -1;
        call->ask_size += size;
        int whole = check_ask(connection, call);
        /* Else to the last byte: the client's end may have come with the same event. */
        if (whole != 0)
            return whole;
    }
}

/* Bytes, or the end, while a call is under way: neither is in order. */
static bool is_quiet(struct connection *connection)
{
    uint8_t byte;
    size_t size;
    return os_stream_receive(connection->socket, &byte, 1, &size) == SC_E_NOT_READY;
}

static bool have_call(struct connection *connection)
{
    if (connection->call == NULL)
        connection->call = server_take_spare(connection->server);
    if (connection->call == NULL)
        return false;
    connection->call->connection = connection;
    connection->call->session = connection->session;
    return make_room(&connection->call->ask, &connection->call->ask_room, CALL_ROOM)
           && call_make_reply_room(connection->call, CALL_ROOM);
}

static void take_ask(struct connection *connection)
{
    int whole = have_call(connection) ? read_ask(connection) : -1;
    if (whole < 0) {
        connection->gone = true;
        return;
    }
    if (whole == 0) {
        if (connection->call->ask_size == 0)
            connection->call = server_keep_spare(connection->call);
        return;
    }
    struct call *call = connection->call;
    connection->waiting = true;
    if (server_run(call, true))
        begin_reply(connection);
    else /* the client's end may have come with the ask */
        connection->gone = !is_quiet(connection);
}

void connection_park(struct connection *connection)
{
    shrink(connection->call);
}

/* --- Events ---------------------------------------------------------------------------
 */

static void hang_up(struct connection *connection)
{
    if (connection->socket.native >= 0)
        close_connection(connection);
    if (connection->waiting && !server_abandon(connection->call))
        return; /* comes back when it is finished */
    if (connection->call != NULL)
        dispatch_undo(connection->call); /* its reply did not get there */
    connection->waiting = false;
    connection->call = server_keep_spare(connection->call);
}

static void work(struct connection *connection)
{
    bool finished =
        connection->waiting && atomic_load_u32(&connection->call->finished) != 0;
    if (atomic_load_u32(&connection->expired) != 0)
        connection->gone = true;
    if (connection->gone) {
        hang_up(connection);
        return;
    }
    if (finished) {
        begin_reply(connection);
        if (connection->call == NULL && !connection->gone)
            take_ask(connection);
    } else if (connection->waiting) {
        connection->gone = !is_quiet(connection);
    } else if (connection->call != NULL && connection->call->reply_size > 0) {
        continue_reply(connection);
    } else {
        take_ask(connection);
    }
    if (connection->gone)
        hang_up(connection);
}

/* Its user, until nothing is left to be done. */
static void serve(struct connection *connection)
{
    for (;;) {
        work(connection);
        if (connection->gone && !connection->waiting) {
            recycle(connection);
            /* Events of before find it BUSY, until it is used again. */
            return;
        }
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
            serve(connection);
            return;
        }
        if (atomic_compare_exchange_u32(&connection->state, CONNECTION_BUSY,
                                        CONNECTION_MORE)
            || atomic_load_u32(&connection->state) == CONNECTION_MORE)
            return;
    }
}
