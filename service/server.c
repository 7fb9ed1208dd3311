/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads and what they wait for. */
#include "service/pcscd.h"
#include "service/permit.h"
#include "service/polkit.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "base/secret.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include <stdio.h>
#include <string.h>

enum { STUCK_MS = 5, STOP_MS = 5000 };

/* Of this thread: it serves events, and a call for reuse. */
static _Thread_local bool in_worker;
static _Thread_local struct call *spare;
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

/* --- Calls -------------------------------------------------------------------------- */

struct call *server_take_spare(struct server *server)
{
    struct call *call = spare;
    spare = NULL;
    return call != NULL ? call : call_new(server);
}

/* Only one is kept: the others were of calls that waited. */
struct call *server_keep_spare(struct call *call)
{
    if (call == NULL)
        return NULL;
    if (spare != NULL || call->ask_room != CALL_ROOM || call->reply_room != CALL_ROOM
        || !in_worker) {
        call_free(call);
        return NULL;
    }
    struct call clean = {.server = call->server,
                         .protocol = &dispatch_protocol,
                         .ask = call->ask,
                         .ask_room = call->ask_room,
                         .reply = call->reply,
                         .reply_room = call->reply_room,
                         .deadline_ms = OS_FOREVER};
    secret_clear(call->ask, call->ask_size);
    mem_free(call->entries);
    mem_free(call->names);
    *call = clean;
    list_init(&call->link);
    list_init(&call->timer);
    spare = call;
    return NULL;
}

/* The server is locked. */
static void queue(struct server *server, struct call *call)
{
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

/* The call may take its time: what this thread has queued is another's. */
static void pass_on(struct server *server)
{
    if (queued)
        os_poller_wake(&server->poller);
    queued = false;
}

/* A release makes others ready between its jobs. */
static bool resume(struct call *call)
{
    bool worker = in_worker;
    in_worker = worker && call->op.kind != HOST_OP_RELEASE;
    bool done = call->protocol->resume(call);
    in_worker = worker;
    return done;
}

bool server_begin_release(struct call *call, uint32_t context)
{
    bool worker = server_set_worker(false);
    bool done = host_op_release(&call->op, context);
    (void)server_set_worker(worker);
    return done;
}

static void set_timer(struct call *call, uint64_t deadline_ms)
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

/* Whether the host has it, and not polkit. */
static bool is_in_host(const struct call *call)
{
    return atomic_load_u32(&call->asking) == CALL_NOT_ASKING || call->begun;
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
    while (!done) {
        if (atomic_load_u32(&call->abandoned) != 0 && abandon(call))
            break;
        if (is_in_host(call))
            set_timer(call, host_op_until(&call->op));
        if (atomic_compare_exchange_u32(&call->state, CALL_RUNNING, CALL_PARKED))
            return false;
        atomic_store_u32(&call->state, CALL_RUNNING);
        done = resume(call);
    }
    set_timer(call, OS_FOREVER);
    return true;
}

bool server_run(struct call *call, bool first)
{
    if (first)
        atomic_store_u32(&call->abandoned, 0);
    atomic_store_u32(&call->finished, 0);
    atomic_store_u32(&call->state, CALL_RUNNING);
    pass_on(call->server);
    bool done = first ? call->protocol->start(call) : resume(call);
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
    /* Parked, it is taken; else who has it looks again before it is parked. */
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

static void finish(struct call *call)
{
    struct server *server = call->server;
    if (call->connection != NULL) {
        struct connection *connection = call->connection;
        atomic_store_u32(&call->finished, 1);
        connection_event(connection);
        return;
    }
    struct session *session = call->session;
    call_free(call);
    session_free(server, session);
}

void server_release(struct call *call)
{
    struct server *server = call->server;
    os_mutex_lock(&server->lock);
    call->session->users++;
    os_mutex_unlock(&server->lock);
    if (server_run(call, true))
        finish(call);
}

/* --- The queue and the clock -------------------------------------------------------- */

static struct call *take_ready(struct server *server)
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

void server_need(struct server *server, uint64_t deadline_ms)
{
    if (deadline_ms >= server->timer_ms)
        return;
    server->timer_ms = deadline_ms;
    os_poller_set_timer(&server->poller, deadline_ms);
}

/* The server is locked. */
static void expire_calls(struct server *server, uint64_t now_ms, uint64_t *next_ms)
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

/* The first connection whose time has come, or NULL. The server is locked. */
static struct connection *expired(struct server *server, uint64_t now_ms,
                                  uint64_t *next_ms)
{
    struct list_link *at;
    LIST_FOR_EACH(at, &server->connections)
    {
        struct connection *connection = LIST_ENTRY(at, struct connection, link);
        uint64_t deadline_ms = connection->deadline_ms;
        if (deadline_ms <= now_ms && atomic_load_u32(&connection->expired) == 0)
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
    expire_calls(server, now_ms, &next_ms);
    listen_again(server, now_ms, &next_ms);
    while ((connection = expired(server, now_ms, &next_ms)) != NULL) {
        atomic_store_u32(&connection->expired, 1);
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
static void start_thread(struct server *server);

/* Without a thread to spare at first; then only when all of them have been inside one and
 * the same event for a while: they are in drivers, and more would not be too many. */
static void look_after_threads(struct server *server)
{
    uint32_t served = atomic_load_u32(&server->served);
    while (!server->stopping && atomic_load_u32(&server->idle_threads) == 0) {
        os_cond_wait(&server->changed, &server->lock, os_now_ms() + STUCK_MS);
        uint32_t now = atomic_load_u32(&server->served);
        if (now == served && atomic_load_u32(&server->idle_threads) == 0) {
            os_mutex_unlock(&server->lock);
            start_thread(server);
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

static void start_thread(struct server *server)
{
    os_mutex_lock(&server->lock);
    if (!server->stopping && server->thread_count < SERVER_THREADS_MAX
        && os_thread_start(&server->threads[server->thread_count], "winscardd-serve",
                           serve_events, server)
               == SC_OK)
        server->thread_count++;
    os_mutex_unlock(&server->lock);
}

static bool is_over(struct server *server)
{
    os_mutex_lock(&server->lock);
    bool over = server->over;
    os_mutex_unlock(&server->lock);
    return over;
}

static void serve_events(void *context)
{
    struct server *server = context;
    in_worker = true;
    while (!is_over(server)) {
        struct call *call;
        void *item = NULL;
        while ((call = take_ready(server)) != NULL)
            if (server_run(call, false))
                finish(call);
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
    call_free(spare);
    spare = NULL;
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
    list_init(&server->spare);
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
        start_thread(server);
    os_mutex_lock(&server->lock);
    bool running = server->thread_count > 0;
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
    return running ? SC_OK : SC_E_NO_MEMORY;
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
    free_list(&server->spare);
    os_poller_destroy(&server->poller);
    os_cond_destroy(&server->changed);
    os_mutex_destroy(&server->lock);
    secret_clear(server->options.token, sizeof(server->options.token));
    mem_free(server);
}
