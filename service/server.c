/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and what they wait for. */
#include "service/server.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/secret.h"
#include "os/time.h"
#include "service/connection.h"
#include "service/listen.h"
#include "service/polkit.h"
#include "service/session.h"

enum { STUCK_MS = 5, STOP_MS = 5000 };

/* --- Events ------------------------------------------------------------------------- */

static void finish_call(struct call *call)
{
    if (call->connection == NULL) {
        session_end_call(call);
        return;
    }
    struct connection *connection = call->connection;
    atomic_store_u32(&call->finished, 1);
    connection_event(connection);
}

/* The first connection whose time has come, or NULL. */
static struct connection *take_expired(struct server *server, uint64_t now_ms,
                                       uint64_t *next_ms) NEEDS_LOCK(server->lock)
{
    struct list_link *at;
    LIST_FOR_EACH(at, &server->connections)
    {
        struct connection *connection = LIST_ENTRY(at, struct connection, link);
        uint64_t deadline_ms = connection->deadline_ms;
        if (deadline_ms <= now_ms && atomic_exchange_u32(&connection->expired, 1) == 0)
            return connection;
        if (deadline_ms > now_ms)
            *next_ms = deadline_ms < *next_ms ? deadline_ms : *next_ms;
    }
    return NULL;
}

static bool idle_too_long(const struct server *server, uint64_t now_ms, uint64_t *next_ms)
{
    if (server->connection_count > 0 || server->options.idle_ms == OS_FOREVER)
        return false;
    uint64_t end_ms = server->idle_since_ms + server->options.idle_ms;
    *next_ms = end_ms < *next_ms ? end_ms : *next_ms;
    return now_ms >= end_ms;
}

static void on_timer(struct server *server)
{
    uint64_t now_ms = os_now_ms();
    struct connection *connection;
    os_mutex_lock(&server->lock);
    server->timer_ms = OS_FOREVER;
    uint64_t next_ms = OS_FOREVER;
    server_expire_calls(server, now_ms, &next_ms);
    listen_again(server, now_ms, &next_ms);
    while ((connection = take_expired(server, now_ms, &next_ms)) != NULL) {
        os_mutex_unlock(&server->lock);
        connection_event(connection);
        os_mutex_lock(&server->lock);
    }
    if (idle_too_long(server, now_ms, &next_ms)) {
        server->stopping = true;
        os_cond_broadcast(&server->changed);
    }
    server_need(server, next_ms);
    os_mutex_unlock(&server->lock);
}

/* --- Threads ------------------------------------------------------------------------ */

static void serve_events(void *context);
static void start_server_thread(struct server *server);

/* Without a thread to spare at first; then only when all of them have been inside one and
 * the same event for a while: they are in drivers, and more would not be too many. */
static void look_after_threads(struct server *server) NEEDS_LOCK(server->lock)
{
    uint32_t served = atomic_load_u32(&server->served);
    while (!server->stopping && atomic_load_u32(&server->idle_threads) == 0) {
        os_cond_wait(&server->changed, &server->lock, os_now_ms() + STUCK_MS);
        uint32_t now = atomic_load_u32(&server->served);
        if (now == served && atomic_load_u32(&server->idle_threads) == 0) {
            os_mutex_unlock(&server->lock);
            start_server_thread(server);
            os_mutex_lock(&server->lock);
        }
        served = now;
    }
    atomic_store_u32(&server->alarm, 0);
}

/* The last idle thread has something to do: somebody is to see whether it ends. */
static void raise_alarm(struct server *server)
{
    if (atomic_load_u32(&server->alarm) != 0
        || atomic_exchange_u32(&server->alarm, 1) != 0)
        return;
    os_mutex_lock(&server->lock);
    os_cond_broadcast(&server->changed);
    os_mutex_unlock(&server->lock);
}

static void start_server_thread(struct server *server)
{
    os_mutex_lock(&server->lock);
    if (!server->stopping && server->thread_count < SERVER_THREADS_MAX
        && os_thread_start(&server->threads[server->thread_count], "winscardd-serve",
                           serve_events, server)
               == SC_OK)
        server->thread_count++;
    os_mutex_unlock(&server->lock);
}

static bool are_threads_over(struct server *server)
{
    os_mutex_lock(&server->lock);
    bool over = server->over;
    os_mutex_unlock(&server->lock);
    return over;
}

static void serve_events(void *context)
{
    struct server *server = context;
    (void)server_set_worker(true);
    while (!are_threads_over(server)) {
        struct call *call;
        void *item = NULL;
        while ((call = server_take_ready(server)) != NULL)
            if (server_run(call, false))
                finish_call(call);
        atomic_add_u32(&server->idle_threads, 1);
        enum os_poller_event event = os_poller_wait(&server->poller, &item);
        if (atomic_sub_u32(&server->idle_threads, 1) == 0)
            raise_alarm(server);
        atomic_add_u32(&server->served, 1);
        if (event == OS_POLLER_TIMER)
            on_timer(server);
        else if (event != OS_POLLER_WAKE && listen_has(server, item))
            listen_accept(server, item);
        else if (event == OS_POLLER_SOCKET)
            connection_event(item);
        else if (event == OS_POLLER_END)
            connection_end(item);
    }
    server_drop_call();
}

/* --- Life --------------------------------------------------------------------------- */

struct server *server_create(const struct server_options *options)
{
    struct server *server = mem_alloc(sizeof(*server));
    if (server == NULL)
        return NULL;
    server->options = *options;
#if POLKIT_BUILT
    if (polkit_start(POLKIT_WAIT_MS, &server->polkit) != SC_OK)
        server->polkit = NULL;
#endif
    server->accept_ms = OS_FOREVER;
    server->timer_ms = OS_FOREVER;
    list_init(&server->connections);
    list_init(&server->sessions);
    list_init(&server->accounts);
    account_totals_init(&server->totals);
    list_init(&server->closed);
    list_init(&server->ready);
    list_init(&server->timers);
    os_mutex_init(&server->lock);
    os_cond_init(&server->changed);
    if (os_poller_init(&server->poller) == SC_OK)
        return server;
    os_cond_destroy(&server->changed);
    os_mutex_destroy(&server->lock);
    mem_free(server);
    return NULL;
}

void server_stop(struct server *server)
{
    os_mutex_lock(&server->lock);
    server->stopping = true;
    os_cond_broadcast(&server->changed);
    os_mutex_unlock(&server->lock);
}

/* Clients are cut off; what they held is released as if they had gone by themselves. */
static void drop_all(struct server *server)
{
    uint64_t deadline_ms = os_now_ms() + STOP_MS;
    struct list_link *at;
    os_mutex_lock(&server->lock);
    LIST_FOR_EACH(at, &server->connections)
    {
        struct connection *connection = LIST_ENTRY(at, struct connection, link);
        if (os_socket_is_open(connection->socket))
            os_socket_shut(connection->socket);
    }
    while ((server->connection_count > 0 || !list_empty(&server->sessions))
           && os_cond_wait(&server->changed, &server->lock, deadline_ms)) {
    }
    server->over = true;
    os_mutex_unlock(&server->lock);
}

static void join_all(struct server *server)
{
    for (uint32_t i = 0; i < server->thread_count; i++)
        os_poller_wake(&server->poller);
    for (uint32_t i = 0; i < server->thread_count; i++)
        os_thread_join(&server->threads[i]);
    server->thread_count = 0;
}

enum sc_error server_run_until_stopped(struct server *server)
{
    os_mutex_lock(&server->lock);
    server->idle_since_ms = os_now_ms();
    if (server->options.idle_ms != OS_FOREVER)
        server_need(server, server->idle_since_ms + server->options.idle_ms);
    os_mutex_unlock(&server->lock);
    for (uint32_t i = 0; i < os_processor_count() + 1; i++)
        start_server_thread(server);
    os_mutex_lock(&server->lock);
    bool running = server->thread_count > 0;
    bool well = running || server->stopping; /* told to end before it began */
    while (running && !server->stopping) {
        if (atomic_load_u32(&server->alarm) != 0)
            look_after_threads(server);
        else
            os_cond_wait(&server->changed, &server->lock, OS_FOREVER);
    }
    server->stopping = true;
    os_mutex_unlock(&server->lock);
    listen_stop(server);
    if (running)
        drop_all(server);
    join_all(server);
    return well ? SC_OK : SC_E_NO_MEMORY;
}

static void free_list(struct list_link *head)
{
    while (!list_empty(head)) {
        struct connection *connection = LIST_ENTRY(head->next, struct connection, link);
        list_remove(&connection->link);
        mem_free(connection);
    }
}

void server_destroy(struct server *server)
{
    listen_stop(server);
#if POLKIT_BUILT
    polkit_stop(server->polkit);
#endif
    free_list(&server->closed);
    os_poller_destroy(&server->poller);
    os_cond_destroy(&server->changed);
    os_mutex_destroy(&server->lock);
    secret_clear(server->options.token, sizeof(server->options.token));
    mem_free(server);
}
