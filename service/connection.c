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
#include "os/lock.h"
#include "os/time.h"
#include "service/pcscd.h"

#include <string.h>

/* --- Life --------------------------------------------------------------------------- */

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

/* The limits of a user whose first connection this is. */
static void know_limits(struct connection *connection)
{
    struct server *server = connection->server;
    uint32_t gids[SESSION_GROUPS_MAX];
    size_t count = connection->needs_token
                       ? 0
                       : os_unix_groups(connection->socket, gids, SESSION_GROUPS_MAX);
    struct policy_peer peer = {.uid = connection->uid, .gids = gids, .gid_count = count};
    struct policy *policy = policy_store_get(server->options.policy);
    connection->account->limits = policy_limits(policy, &peer);
    policy_release(policy);
}

/* Whether its user may have one more. The server is locked. */
static bool have_place(struct connection *connection)
{
    struct server *server = connection->server;
    connection->account = account_hold(server, connection->uid);
    if (connection->account == NULL)
        return false;
    if (connection->account->owners == 1)
        know_limits(connection);
    connection->crowded = false;
    if (account_take_place(server, connection->account, ACCOUNT_CONNECTIONS))
        return true;
    connection->crowded = account_take_spare(server, connection->account);
    if (!connection->crowded)
        account_drop(server, connection->account);
    return connection->crowded;
}

/* Into the list of connections; where there is no room, to the memory for others. */
static bool enlist(struct server *server, struct connection *connection)
{
    os_mutex_lock(&server->lock);
    bool room = !server->stopping && have_place(connection);
    list_append(room ? &server->connections : &server->spare, &connection->link);
    if (room) {
        list_append(&connection->account->connections, &connection->peer_link);
        server->connection_count++;
        server_need(server, connection->deadline_ms);
    }
    os_mutex_unlock(&server->lock);
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
    connection->uid = connection->pid = 0;
    connection->protocol = listener->protocol;
    connection->over = connection->running = 0;
    connection->needs_token = listener->tcp;
    connection->spare = connection->asking = false;
    connection->charged = 0;
    connection->evicted = 0;
    connection->deadline_ms = os_now_ms() + HELLO_MS;
    if (!listener->tcp
        && os_unix_peer(socket, &connection->uid, NULL, &connection->pid) != SC_OK)
        connection->uid = UINT32_MAX;
    if (listener->tcp)
        connection->uid = ACCOUNT_UNKNOWN;
    if (!enlist(server, connection)) {
        os_socket_close(&socket); /* the account has said why */
        return;
    }
    if (os_poller_add(&server->poller, socket, connection) != SC_OK)
        connection->gone = true;
    /* This thread is its user from the beginning: an event that comes meanwhile, its own
     * or one of its past, is only noted. */
    serve(connection);
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

static void drop_rest(struct connection *connection)
{
    if (connection->rest != NULL)
        secret_clear(connection->rest, connection->rest_size);
    mem_free(connection->rest);
    connection->rest = NULL;
    connection->rest_size = 0;
}

static void recycle(struct connection *connection)
{
    struct server *server = connection->server;
    os_mutex_lock(&server->lock);
    struct session *session = connection->session;
    connection->session = NULL; /* others look, with the lock held */
    os_mutex_unlock(&server->lock);
    if (session != NULL)
        session_free(server, session);
    connection->gone = connection->waiting = connection->unread = false;
    connection->attended = connection->overcharged = false;
    connection->asks = 0;
    connection->call = NULL;
    memset(&connection->peer, 0, sizeof(connection->peer));
    drop_rest(connection);
    connection->sent = 0;
    os_mutex_lock(&server->lock);
    connection->deadline_ms = OS_FOREVER;
    atomic_store_u32(&connection->expired, 0);
    list_remove(&connection->link);
    list_append(&server->spare, &connection->link);
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
    os_cond_broadcast(&server->changed);
    os_mutex_unlock(&server->lock);
}

/* --- Replies ------------------------------------------------------------------------ */

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
    connection->peer.holding = false;
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
    if (connection->protocol->answer != NULL && !connection->gone)
        connection->protocol->answer(connection->call);
    connection->unread |= connection->call->reply_size == 0; /* no send finds its end */
    if (send_reply(connection)) {
        if (connection->gone)
            return;
        connection->call = server_keep_spare(connection->call);
        (void)account_charge(connection, 0);
        if (held_up && connection->session != NULL)
            set_deadline(connection, OS_FOREVER);
        return;
    }
    if (!account_charge(connection, connection->charged + connection->call->reply_size)) {
        connection->gone = true;
        return;
    }
    connection->attended = false;
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
    (void)account_charge(connection, 0);
}

/* --- Asks --------------------------------------------------------------------------- */

/* What came with an ask, and is not of it. */
static bool keep_rest(struct connection *connection, struct call *call, size_t whole)
{
    size_t size = call->ask_size - whole;
    connection->rest = mem_alloc(size);
    if (connection->rest == NULL)
        return false;
    memcpy(connection->rest, call->ask + whole, size);
    secret_clear(call->ask + whole, size);
    connection->rest_size = size;
    call->ask_size = whole;
    return true;
}

/* 0: more is to come; 1: the ask is whole; -1: it can never be. */
static int check_ask(struct connection *connection, struct call *call)
{
    size_t whole = 0;
    for (;;) {
        size_t wanted = connection->protocol->measure(connection, call);
        if (wanted == 0)
            return -1;
        if (wanted == whole || wanted > call->ask_size) {
            whole = wanted;
            break;
        }
        whole = wanted; /* with these bytes it may tell more */
    }
    if (call->ask_size == whole)
        return 1;
    call->wanted = whole;
    if (call->ask_size < whole)
        return call_make_ask_room(call, whole) ? 0 : -1;
    /* Another ask before the reply. */
    return connection->protocol->pipelined && keep_rest(connection, call, whole) ? 1 : -1;
}

/* Reads what is there. The same results. */
static int read_ask(struct connection *connection)
{
    struct call *call = connection->call;
    if (connection->rest != NULL) {
        memcpy(call->ask, connection->rest, connection->rest_size);
        call->ask_size = connection->rest_size;
        drop_rest(connection);
        int whole = check_ask(connection, call);
        if (whole != 0)
            return whole;
    }
    for (;;) {
        size_t room = call->ask_room - call->ask_size, size = 0;
        enum sc_error error = os_stream_receive(connection->socket,
                                                call->ask + call->ask_size, room, &size);
        connection->unread = error == SC_OK && size == room;
        if (error == SC_E_NOT_READY)
            return 0;
        if (error != SC_OK)
            return -1;
        call->ask_size += size;
        int whole = check_ask(connection, call);
        /* Else to the last byte: the client's end may have come with the same event. */
        if (whole != 0 || connection->attended)
            return whole;
    }
}

/* While a call is under way bytes are out of order, unless asks may wait; the end always
 * is. */
static bool is_quiet(struct connection *connection)
{
    uint8_t byte;
    size_t size;
    if (!connection->protocol->pipelined)
        return os_stream_receive(connection->socket, &byte, 1, &size) == SC_E_NOT_READY;
    connection->unread = true;
    return !os_stream_is_hung_up(connection->socket);
}

static bool have_call(struct connection *connection)
{
    if (connection->call == NULL)
        connection->call = server_take_spare(connection->server);
    if (connection->call == NULL)
        return false;
    connection->call->connection = connection;
    connection->call->protocol = connection->protocol;
    connection->call->session = connection->session;
    connection->call->event = false;
    return call_make_ask_room(connection->call, CALL_ROOM)
           && call_make_reply_room(connection->call, CALL_ROOM);
}

/* An ask whose rest is to come keeps the memory that it needs, for some time. */
void connection_await_rest(struct connection *connection)
{
    struct call *call = connection->call;
    call_wait_for_rest(call);
    connection->gone = !account_charge(connection, call->ask_room);
    if (connection->asking || connection->session == NULL)
        return;
    uint32_t ask_ms = connection->server->options.ask_ms;
    set_deadline(connection, os_now_ms() + (ask_ms != 0 ? ask_ms : ASK_MS));
    connection->asking = true;
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
        else if (!connection->attended)
            connection_await_rest(connection);
        return;
    }
    if (connection->asking)
        set_deadline(connection, OS_FOREVER);
    connection->asking = false;
    struct call *call = connection->call;
    connection->waiting = true;
    connection->asks++;
    if (server_run(call, true))
        begin_reply(connection);
    else /* the client's end may have come with the ask */
        connection->gone = connection->overcharged || !is_quiet(connection);
}

/* All that may be taken now; what comes later is another event. */
static void take_asks(struct connection *connection)
{
    do {
        take_ask(connection);
    } while ((connection->unread || connection->rest != NULL) && connection->call == NULL
             && !connection->gone && connection->protocol->pipelined);
}

/* --- Events ------------------------------------------------------------------------- */

/* The event that was waited for, if it is there and nothing is under way. */
static void tell_news(struct connection *connection)
{
    struct pcscd_peer *peer = &connection->peer;
    struct call *news = peer->news;
    if (news == NULL || connection->call != NULL || connection->gone
        || atomic_load_u32(&news->finished) == 0)
        return;
    if (os_ms_left(peer->hold_ms) > 0) {
        set_deadline(connection, peer->hold_ms);
        peer->holding = true;
        return;
    }
    if (news->reply_size == 0)
        (void)pcscd_news_done(news); /* it was to stop, just when a thread had it */
    peer->news = NULL;
    peer->heard = true;
    connection->call = news;
    begin_reply(connection);
}

/* True: it is over. False: a thread has it. */
static bool drop_news(struct connection *connection)
{
    struct call *news = connection->peer.news;
    if (news != NULL && !server_abandon(news))
        return false;
    call_free(news);
    connection->peer.news = NULL;
    return true;
}

static void hang_up(struct connection *connection)
{
    (void)drop_news(connection); /* else it comes back for that */
    if (os_socket_is_open(connection->socket))
        close_connection(connection);
    if (connection->waiting && !server_abandon(connection->call))
        return; /* comes back when it is finished */
    if (connection->call != NULL)
        connection->protocol->undo(connection->call); /* its reply did not get there */
    connection->waiting = false;
    connection->call = server_keep_spare(connection->call);
}

/* Its time has come: to go, or only to be told what was held back. Or it had come: the
 * timer did not know of a new one. */
static void on_expired(struct connection *connection)
{
    bool passed = os_ms_left(connection->deadline_ms) == 0;
    if (passed && !connection->peer.holding) {
        connection->gone = true;
        return;
    }
    if (passed)
        set_deadline(connection, OS_FOREVER);
    atomic_store_u32(&connection->expired, 0);
}

/* It holds nothing that its client would miss. */
static bool is_idle(const struct connection *connection)
{
    return connection->session == NULL
           || atomic_load_u32(&connection->session->held) == 0;
}

static void work(struct connection *connection)
{
    bool finished =
        connection->waiting && atomic_load_u32(&connection->call->finished) != 0;
    if (atomic_load_u32(&connection->expired) != 0)
        on_expired(connection);
    if (atomic_load_u32(&connection->evicted) != 0 && is_idle(connection))
        connection->gone = true;
    if (connection->gone) {
        hang_up(connection);
        return;
    }
    if (finished) {
        begin_reply(connection);
        if (connection->call == NULL && !connection->gone)
            take_asks(connection);
    } else if (connection->waiting) {
        connection->gone = !is_quiet(connection);
    } else if (connection->call != NULL && connection->call->reply_size > 0) {
        continue_reply(connection);
        if (connection->protocol->pipelined && connection->call == NULL)
            take_asks(connection);
    } else {
        take_asks(connection);
    }
    tell_news(connection);
    if (connection->gone)
        hang_up(connection);
}

/* Its user, until nothing is left to be done. */
static void serve(struct connection *connection)
{
    for (;;) {
        work(connection);
        if (connection->gone && !connection->waiting && connection->peer.news == NULL) {
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
            serve(connection);
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
static bool is_over(struct connection *connection)
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
    struct host *host = host_current();
    if (is_over(connection) && host != NULL) {
        uint32_t card = atomic_load_u32(&connection->running);
        if (card != 0)
            host_hurry_card(host, card);
    }
    connection_event(connection);
}

bool connection_run_card(struct call *call, uint32_t card)
{
    struct connection *connection = call->connection;
    enum request_kind kind = call->op.request.kind;
    bool gives_back = kind == REQUEST_DISCONNECT || kind == REQUEST_END;
    bool done = true;
    (void)atomic_exchange_u32(&connection->running, card);
    if (atomic_load_u32(&connection->over) != 0 && !gives_back)
        call->op.error = SC_E_CANCELLED; /* nobody wants to know any more */
    else
        done = host_op_card(&call->op, card);
    atomic_store_u32(&connection->running, 0);
    return done;
}
