/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, the queue of calls that can go on, and the clock. The rest of the service:
 *
 *     listen.h      the sockets that clients come to
 *     connection.h  bytes of one client: requests in, responses out
 *     call.h        one request and what becomes of it
 *     protocol.h    what clients speak: ours is dispatch.h, pcscd's is pcscd.h
 *     session.h     one client process: its connections, contexts and card handles
 *     account.h     one user: how much of all that it may have
 *     permit.h      what the policy says to a call
 *
 * A call goes one way: the poller wakes a thread (server.c), which reads the request
 * (connection.c) and begins it (server_run.c) by its protocol (dispatch.c, pcscd.c).
 * What ends it goes into the queue (server_queue.c), for a thread to take up.
 *
 * Threads: one more than there are processors wait in the poller; each takes an event,
 * serves it to its end, and waits again. Only when all of them have been busy with the
 * same events for some milliseconds, which means in drivers, another is started, up to
 * SERVER_THREADS_MAX; so a driver that hangs holds up one thread, and its own reader's
 * clients. A thread that served a client of pcscd's protocol waits for a moment for that
 * client's next request alone, as long as another one waits in the poller and few others
 * ask for something. A call that has to wait (for a transaction, for an event) leaves its
 * thread; when it can go on, it comes back by the queue.
 *
 * Locks: the server's guards lists, queue and timers; a session's its handles. None is
 * held while the host is called. */
#ifndef SERVICE_SERVER_H
#define SERVICE_SERVER_H

#include "os/lock.h"
#include "os/poller.h"
#include "os/thread.h"
#include "os/unix_socket.h"
#include "service/call.h"
#include "service/policy_store.h"
#include "service/resource.h"

enum {
    SERVER_THREADS_MAX = 1024,
    SERVER_LISTENERS_MAX = 8,
    SERVER_RECORDS_MAX = 1024 /* readers that are reported to pcscd's clients up to 4:5 */
};

struct server_options {
    uint8_t token[64]; /* of TCP clients */
    size_t token_size;
    const char *pipes; /* the directory of pipes for TCP clients; borrowed; NULL: none */
    uint32_t owner;    /* the user that the service runs as */
    struct policy_store *policy; /* borrowed */
    uint32_t pcscd_records;      /* that pcscd's clients up to 4:5 expect; 0: 16 */
    uint64_t idle_ms;    /* without a client for so long: the server ends; OS_FOREVER */
    uint32_t request_ms; /* instead of REQUEST_MS; 0: that */
};

struct polkit;
struct protocol;

/* A socket that clients come to (listen.h). */
struct listener {
    struct os_socket socket;
    char path[OS_UNIX_PATH_MAX]; /* to be removed in the end; "" if not ours */
    const struct protocol *protocol;
    bool tcp;
};

struct server {
    struct server_options options;
    struct polkit *polkit; /* NULL: not built, or not there */
    struct os_poller poller;
    struct listener listeners[SERVER_LISTENERS_MAX];
    uint32_t listener_count;
    uint32_t idle_threads; /* atomic: waiting in the poller */
    uint32_t served;       /* atomic: events so far */
    uint32_t alarm;        /* atomic: there was no idle thread; server_run_until_stopped()
                            * looks whether there need be another one */
    struct os_mutex lock;
    struct os_cond changed;
    /* Under the lock. */
    struct os_thread threads[SERVER_THREADS_MAX];
    uint32_t thread_count;
    bool stopping; /* no new connections */
    bool over;     /* threads end */
    struct list_link connections, sessions, accounts;
    struct account_totals totals;
    struct list_link closed; /* connections, for reuse */
    uint32_t connection_count;
    struct list_link ready;  /* struct call.link */
    struct list_link timers; /* struct call.timer, in no order */
    uint64_t timer_ms;       /* the poller's timer is set to */
    uint64_t accept_ms; /* when the listeners are listened at again; OS_FOREVER: now */
    uint64_t idle_since_ms;
    uint32_t pcscd_records; /* number of readers that is reported to pcscd's clients */
};

/* --- server.c: threads -------------------------------------------------------------- */

/* Life. NULL: no memory. run() returns when stop() was called, by any thread or a signal
 * handler's thread, or when the server was idle for long enough. */
struct server *server_create(const struct server_options *options);
enum sc_error server_run_until_stopped(struct server *server) MUST_CHECK;
void server_stop(struct server *server);
void server_destroy(struct server *server);

/* --- server_queue.c: calls that can go on, and the clock ---------------------------- */

/* A call can go on: into the queue. From any thread, under any lock. */
void server_ready(struct server *server, struct call *call);
/* The same: struct host_op.wake of every call. */
void server_wake(struct host_op *op);
/* The first in the queue, or NULL. */
struct call *server_take_ready(struct server *server);
/* Something is to be looked at, at this time. */
void server_need(struct server *server, uint64_t deadline_ms) NEEDS_LOCK(server->lock);
/* Calls whose time has come go into the queue. */
void server_expire_calls(struct server *server, uint64_t now_ms, uint64_t *next_ms)
    NEEDS_LOCK(server->lock);
/* When the call is to be looked at again; OS_FOREVER: when it is ready. */
void server_set_timer(struct call *call, uint64_t deadline_ms);
/* The call that comes now may take its time: what this thread has queued is another's. */
void server_pass_on(struct server *server);
/* Whether this thread looks into the queue soon, so that nobody else need be woken for
 * it: not while it does many things one after another. Gives what it was. */
bool server_set_worker(bool worker);
/* Whether this thread may wait for a single client for a moment: it has queued nothing,
 * and another one waits in the poller. */
bool server_may_attend(const struct server *server);
/* Calls for reuse, one for each thread. keep gives NULL, take NULL if there is no memory.
 */
struct call *server_take_call(struct server *server);
struct call *server_keep_call(struct call *call);
/* The thread ends. */
void server_drop_call(void);

/* A connection or session has ended: the server's own end may wait for that. */
void server_tell_end(struct server *server) NEEDS_LOCK(server->lock);

/* --- server_run.c: one call --------------------------------------------------------- */

/* Takes a call as far as it goes now. True: it is finished. False: it is parked, and may
 * be finished by another thread at any time: connection_event() comes then. */
bool server_run(struct call *call, bool first) MUST_CHECK;
/* Its client is gone. True: the call is over, finished or not. False: a thread has it,
 * and connection_event() comes when it is finished. */
bool server_abandon(struct call *call) MUST_CHECK;
/* host_op_card(), by the connection's user. */
bool server_run_card(struct call *call, uint32_t card) MUST_CHECK;
/* host_op_release(), by whatever thread. */
bool server_begin_release(struct call *call, uint32_t context) MUST_CHECK;

#endif
