/* SPDX-License-Identifier: BSD-2-Clause */
/* The service's parts among themselves.
 *
 *     server.c      threads, listeners, the queue of calls that can go on, timers
 *     connection.c  bytes of one connection: messages in, replies out
 *     session.c     one client process: its connections, contexts and card handles
 *     dispatch.c    messages to calls of the host and back
 *     pcscd.h       the same for pcscd's protocol
 *
 * Threads: one more than there are processors wait in the poller; each takes an event,
 * serves it to its end, and waits again. Only when all of them have been busy with the
 * same events for some milliseconds, which means in drivers, another is started, up to
 * SERVER_THREADS_MAX; so a driver that hangs holds up one thread, and its own reader's
 * clients. A thread that served a client of pcscd's protocol waits for a moment for that
 * client's next ask alone, as long as another one waits in the poller. A call that has to
 * wait (for a transaction, for an event) leaves its thread;
 * when it can go on, it comes back by the queue.
 *
 * Locks: the server's guards lists, queue and timers; a session's its handles. A
 * connection is used by whoever set it BUSY. None is held while the host is called. */
#ifndef SERVICE_SERVER_H
#define SERVICE_SERVER_H

#include "base/list.h"
#include "host/host_op.h"
#include "message/message.h"
#include "os/lock.h"
#include "os/poller.h"
#include "os/stream.h"
#include "os/thread.h"
#include "os/unix_socket.h"
#include "service/account.h"
#include "service/policy_store.h"

enum {
    SERVER_THREADS_MAX = 1024,
    SERVER_LISTENERS_MAX = 8,
    SERVER_RECORDS_MAX = 1024, /* readers that pcscd's clients up to 4:5 are told of */
    SESSION_ID_SIZE = 16,
    SESSION_SPARE = 4,       /* connections beyond a session's limit: struct connection */
    SESSION_GROUPS_MAX = 64, /* of the user; more are not looked at */
    CALL_ROOM = MESSAGE_HEADER_SIZE + 65548 + 64, /* bytes of most messages, either way */
    WRITE_MS = 10000, /* for a client to read its reply; then it is dropped */
    HELLO_MS = 10000, /* for a new connection to say who it is */
    ASK_MS = 30000    /* for an ask to come whole, from its first byte on */
};

struct server;
struct connection;
struct call;

/* What the clients of a listener speak. */
struct protocol {
    /* How many bytes the ask in call->ask has, as far as it tells by now; more than are
     * there: read on. 0: it can never be one. */
    size_t (*measure)(struct connection *connection, struct call *call);
    /* Begins the call that is in call->ask. True: it is finished, call->reply is made. */
    bool (*start)(struct call *call);
    /* The same after it was woken. */
    bool (*resume)(struct call *call);
    /* The rest of a finished call, before its reply goes: what only the connection's user
     * may do. NULL: nothing. */
    void (*answer)(struct call *call);
    /* A finished call whose client is gone: what it got is given back. */
    void (*undo)(struct call *call);
    /* Asks may come before the reply to the one before. They wait in the socket, and
     * those that came with it in connection->rest. */
    bool pipelined;
};

/* Handles of a session: numbers, and the context that each belongs to. Open addressing.
 */
struct handle_set {
    struct {
        uint32_t handle, context;
    } * entries; /* handle 0: free */
    uint32_t room, count;
};

struct session {
    struct list_link link; /* server->sessions */
    uint8_t id[SESSION_ID_SIZE];
    uint32_t uid, pid;
    uint64_t start_time; /* of the process: os/process.h */
    uint32_t gids[SESSION_GROUPS_MAX];
    size_t gid_count;
    struct policy_store *policy; /* the server's */
    struct server *server;
    struct account *account; /* of its user */
    struct policy_limits limits;
    uint32_t held; /* atomic: how many contexts */
    /* Under the server's lock. */
    uint32_t connections;
    uint32_t users; /* connections, until they are reused, and releases under way */
    bool ended;     /* the last connection is gone */
    struct os_mutex lock;
    struct handle_set contexts, cards; /* under the lock */
};

/* A request from its first byte to the last of its reply. */
struct call {
    struct host_op op;
    struct server *server;
    const struct protocol *protocol;
    struct connection *connection; /* NULL: a session's own */
    struct session *session;
    struct list_link link; /* server->ready */
    uint32_t state;        /* atomic, enum call_state */
    uint32_t finished;  /* atomic: the reply is made, for the connection's user to send */
    uint32_t abandoned; /* atomic: its client is gone */
    uint32_t asking;    /* atomic, enum call_asking */
    uint64_t question;  /* the one that polkit is asked */
    bool begun;         /* for the second time, after polkit said yes */
    bool done;          /* `error` and the results stand: see dispatch_undo() */
    bool event;         /* no ask: pcscd_peer.news */
    struct message_header header;
    uint8_t *ask;
    size_t ask_room, ask_size;
    size_t wanted; /* bytes of the ask, as far as is known while it is not whole */
    uint8_t *reply;
    size_t reply_room, reply_size;
    struct watch_entry *entries; /* of a watch */
    char *names;                 /* of its readers */
    size_t copied;               /* bytes of both */
    uint32_t number;        /* context of a connect or release, handle of a disconnect */
    uint64_t deadline_ms;   /* of a watch, to look again; OS_FOREVER */
    struct list_link timer; /* server->timers, if deadline_ms is set */
};

/* RUNNING: some thread is inside the host for it; WOKEN: the same, and it has to look
 * again; PARKED: it waits; READY: it is in the queue. */
enum call_state { CALL_RUNNING, CALL_WOKEN, CALL_PARKED, CALL_READY };

/* Whether polkit is asked whether the call may be made. */
enum call_asking { CALL_NOT_ASKING, CALL_ASKING, CALL_ALLOWED, CALL_REFUSED };

/* What happens at the other end of a connection is noted while its user works, and seen
 * to afterwards. */
enum connection_state {
    CONNECTION_IDLE,
    CONNECTION_BUSY, /* a thread has it */
    CONNECTION_MORE  /* and something happened meanwhile */
};

/* What pcscd's protocol has to know of a connection (pcscd.h). Used by its user alone. */
struct pcscd_peer {
    struct call *news; /* it waits for an event; finished: that is to be told */
    uint64_t hold_ms;  /* not before this time */
    bool holding;      /* connection->deadline_ms is that time */
    uint32_t minor;    /* of the version that it speaks */
    uint32_t context;  /* its last one */
    uint32_t records;  /* readers announced by GET_READERS_STATE_SIZE */
    bool heard;        /* an event, and asked for no states since */
    uint64_t told;     /* which states it was told last, for host_op_states(); 0: none */
    uint64_t cancelled_ms; /* a wait that begins until then is cancelled already */
};

struct connection {
    struct list_link link; /* server->connections */
    struct server *server;
    struct os_socket socket;
    /* NULL until hello. Changed by its user under the server's lock. */
    struct session *session;
    uint32_t uid, pid;
    struct account *account;    /* of its user; changed under the server's lock */
    struct list_link peer_link; /* account->connections */
    uint64_t charged;           /* bytes that its account has for it */
    bool crowded;      /* its user has as many as it may: for calls that end others */
    uint32_t evicted;  /* atomic: it is to go, if it is idle */
    bool needs_token;  /* came by TCP */
    bool spare;        /* beyond the session's limit: for calls that end others */
    uint32_t state;    /* atomic, enum connection_state */
    uint32_t over;     /* atomic: the client is gone */
    uint32_t running;  /* atomic: the card that its user runs a job on; 0: none */
    uint32_t expired;  /* atomic: its time has come */
    bool gone;         /* to be closed by its user */
    struct call *call; /* parked, or its reply is not sent yet, or its ask is not whole */
    bool waiting;      /* the call is parked */
    size_t sent;       /* of call->reply */
    /* For hello, for a whole ask, or for the client to read; OS_FOREVER. */
    uint64_t deadline_ms;
    bool asking;      /* it is that for a whole ask */
    bool overcharged; /* its parked call needs more bytes than its user may have */
    const struct protocol *protocol;
    /* Of protocols that are pipelined. */
    uint8_t *rest; /* asks that came with another, at most CALL_ROOM bytes; or NULL */
    size_t rest_size;
    bool unread;            /* more may be in the socket */
    uint32_t asks;          /* so far, and since it waited for an event */
    uint32_t parts;         /* of the ask that is not whole yet */
    bool attended;          /* its user waits for asks, and the poller does not */
    struct pcscd_peer peer; /* pcscd's protocol */
};

struct listener {
    struct os_socket socket;
    char path[OS_UNIX_PATH_MAX]; /* to be removed in the end; "" if not ours */
    const struct protocol *protocol;
    bool tcp;
};

struct server_options {
    uint8_t token[64]; /* of TCP clients */
    size_t token_size;
    uint32_t owner;              /* the user that the service runs as */
    struct policy_store *policy; /* borrowed */
    uint32_t pcscd_records;      /* that pcscd's clients up to 4:5 expect; 0: 16 */
    uint64_t idle_ms; /* without a client for so long: the server ends; OS_FOREVER */
    uint32_t ask_ms;  /* instead of ASK_MS; 0: that */
};

struct polkit;

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
    struct list_link spare; /* closed connections, for reuse */
    uint32_t connection_count;
    struct list_link ready;  /* struct call.link */
    struct list_link timers; /* struct call.timer, in no order */
    uint64_t timer_ms;       /* the poller's timer is set to */
    uint64_t accept_ms; /* when the listeners are listened at again; OS_FOREVER: now */
    uint64_t idle_since_ms;
    uint32_t pcscd_records; /* readers that pcscd's clients are told there are */
};

/* --- server.c ----------------------------------------------------------------------- */

/* A call can go on: into the queue. From any thread, under any lock. */
void server_ready(struct server *server, struct call *call);
/* Something is to be looked at, at this time. The server is locked. */
void server_need(struct server *server, uint64_t deadline_ms);
/* Takes a call as far as it goes now. True: it is finished. False: it is parked, and may
 * be finished by another thread at any time: connection_event() comes then. */
bool server_run(struct call *call, bool first) MUST_CHECK;
/* Its client is gone. True: the call is over, finished or not. False: a thread has it,
 * and connection_event() comes when it is finished. */
bool server_abandon(struct call *call) MUST_CHECK;
/* Releases call->number, a context of a session that ended; the call is the server's. */
void server_release(struct call *call);
/* Whether this thread looks into the queue soon, so that nobody else need be woken for
 * it: not while it does many things one after another. Gives what it was. */
bool server_set_worker(bool worker);
/* Whether this thread may wait for a single client for a moment: it has queued nothing,
 * and another one waits in the poller. */
bool server_may_attend(const struct server *server);
/* Calls for reuse, one for each thread. keep gives NULL, take NULL if there is no memory.
 */
struct call *server_take_spare(struct server *server);
struct call *server_keep_spare(struct call *call);

/* Life. NULL: no memory. run() returns when stop() was called, by any thread or a signal
 * handler's thread, or when the server was idle for long enough. */
struct server *server_create(const struct server_options *options);
enum sc_error server_run_until_stopped(struct server *server) MUST_CHECK;
void server_stop(struct server *server);
void server_destroy(struct server *server);

/* --- listen.c ----------------------------------------------------------------------- */

/* Listens: "unix:PATH" with permissions `mode`, "tcp:ADDRESS:PORT", or an open socket. */
enum sc_error server_listen_unix(struct server *server, const char *path,
                                 uint32_t mode) MUST_CHECK;
/* The same for clients that speak pcscd's protocol. */
enum sc_error server_listen_pcscd(struct server *server, const char *path,
                                  uint32_t mode) MUST_CHECK;
enum sc_error server_listen_tcp(struct server *server, const char *address, uint16_t port,
                                uint16_t *port_got) MUST_CHECK;
enum sc_error server_adopt(struct server *server, int number,
                           const struct protocol *protocol) MUST_CHECK;

/* True: the poller's item is one of the listeners. */
bool listen_has(const struct server *server, const void *item);
/* Somebody waits there. */
void listen_accept(struct server *server, struct listener *listener);
/* Listeners that rested for want of descriptors, at their time. The server is locked. */
void listen_again(struct server *server, uint64_t now_ms, uint64_t *next_ms);
void listen_stop(struct server *server);

/* --- connection.c ------------------------------------------------------------------- */

/* Takes a new connection. The socket becomes the server's. */
void connection_new(struct server *server, struct os_socket socket,
                    const struct listener *listener);
/* A client by TCP has shown the token, which only the service's own user can read: it is
 * that user. False: who has as many connections as may be. */
bool connection_name(struct connection *connection) MUST_CHECK;
/* Something happened to it: from the poller. */
void connection_event(struct connection *connection);
/* The same, and the client is gone: what its user runs for it is aborted. */
void connection_end(struct connection *connection);
/* An ask has begun, and is to become whole in time. */
void connection_await_rest(struct connection *connection);
/* host_op_card(), by the connection's user. */
bool connection_run_card(struct call *call, uint32_t card) MUST_CHECK;

/* --- call.c ------------------------------------------------------------------------- */

/* NULL: no memory. */
struct call *call_new(struct server *server);
void call_free(struct call *call);
/* Room for so many bytes at least. False: no memory. */
bool call_make_ask_room(struct call *call, size_t wanted) MUST_CHECK;
bool call_make_reply_room(struct call *call, size_t wanted) MUST_CHECK;
/* It is about to be parked, for who knows how long: it needs little memory then. */
void call_shrink(struct call *call);
/* Its ask is not whole: it keeps what is there, and room for what is announced. */
void call_wait_for_rest(struct call *call);

/* --- attend.c ----------------------------------------------------------------------- */

/* Waits for a moment for the connection's next bytes, as its user, if that is wanted and
 * another thread waits in the poller. True: there are some, or its end. */
bool connection_attend(struct connection *connection) MUST_CHECK;
/* Bytes are the poller's again, before the connection has no user. True: the connection
 * is to be closed, for it may not have an ask that is not whole. */
bool connection_leave(struct connection *connection) MUST_CHECK;

/* --- session.c ---------------------------------------------------------------------- */

/* A client's first connection: a new session, which is connection->session then. Errors:
 * SC_E_NO_MEMORY, SC_E_SERVER_TOO_BUSY (its user has as many as it may). */
enum sc_error session_new(struct server *server,
                          struct connection *connection) MUST_CHECK;
/* A further one: the same user must ask. Errors: SC_E_SERVICE_STOPPED (there is none),
 * SC_E_SERVER_TOO_BUSY (it has as many as it may). */
enum sc_error session_join(struct server *server, const uint8_t *id, uint32_t uid,
                           struct connection *connection) MUST_CHECK;
/* A connection ends; with the last all that the session holds is released. */
void session_leave(struct server *server, struct session *session);
/* It has no more use for the session; the last one frees it. */
void session_free(struct server *server, struct session *session);
bool session_has_context(struct session *session, uint32_t context);
bool session_has_card(struct session *session, uint32_t card);
/* Errors: SC_E_SERVER_TOO_BUSY (the user has as many as it may), SC_E_NO_MEMORY. */
enum sc_error session_add_context(struct session *session, uint32_t context) MUST_CHECK;
enum sc_error session_add_card(struct session *session, uint32_t card,
                               uint32_t context) MUST_CHECK;
bool session_may_have_card(struct session *session);
uint32_t session_card_count(struct session *session);
/* Whose its contexts are, for the manager. */
struct program session_program(const struct session *session, enum program_abi abi);
/* Whether a session of this user has it; those of all users are root's. */
bool session_find_context(struct server *server, uint32_t context, uint32_t uid);
/* Who holds what, for list_users: each card handle, and each session without one. */
struct session_use {
    uint32_t uid, pid, contexts;
    uint64_t start_time;           /* of the process: os/process.h */
    uint32_t card;                 /* 0: the session has no card handle */
    const struct session *session; /* to compare with; not to be looked into */
};
/* Writes at most `room`, and gives how many there are, which may be more. */
size_t session_list(struct server *server, struct session_use *uses, size_t room);
void session_drop_context(struct session *session, uint32_t context);
void session_drop_card(struct session *session, uint32_t card);

/* --- dispatch.c --------------------------------------------------------------------- */

extern const struct protocol dispatch_protocol;
/* host_op_release(), by whatever thread. */
bool server_begin_release(struct call *call, uint32_t context) MUST_CHECK;
/* struct host_op.wake of every call. */
void dispatch_wake(struct host_op *op);

#endif
