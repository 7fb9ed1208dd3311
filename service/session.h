/* SPDX-License-Identifier: BSD-2-Clause */
/* What one client process holds, whatever the number of its connections: contexts and
 * card handles. */
#ifndef SERVICE_SESSION_H
#define SERVICE_SESSION_H

#include "base/list.h"
#include "host/host_op.h"
#include "message/message.h"
#include "os/lock.h"
#include "service/server.h"

enum {
    SESSION_EXTRA = 4,      /* connections beyond a session's limit: CONNECTION_EXTRA */
    SESSION_GROUPS_MAX = 64 /* of the user; more are not looked at */
};

struct account;
struct call;
struct connection;

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
    bool joinable;         /* by a connection that knows the id */
    uint8_t id[MESSAGE_SESSION_SIZE];
    uint32_t uid, pid;
    uint64_t start_time;         /* of the process: os/process.h */
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
    size_t gid_count;
    uint32_t gids[]; /* the user's groups */
};

/* The groups of a connection's client; gives their number. */
size_t session_groups(const struct connection *connection,
                      uint32_t gids[SESSION_GROUPS_MAX]);
/* For a client's first connection: what it may hold is known. NULL: no memory. */
struct session *session_new(const struct connection *connection);
/* The account has taken it: it is connection->session now. */
void session_begin(struct server *server, struct session *session,
                   struct connection *connection) NEEDS_LOCK(server->lock);
/* One that has not begun, or has ended. */
void session_discard(struct session *session);
/* A further one: the same user must ask. Errors: SC_E_SERVICE_STOPPED (there is none),
 * SC_E_SERVER_TOO_BUSY (it has as many as it may). */
enum sc_error session_join(struct server *server, const uint8_t *id, uint32_t uid,
                           struct connection *connection) MUST_CHECK;
/* A connection ends; with the last all that the session holds is released. */
void session_leave(struct server *server, struct session *session);
/* It has no more use for the session; the last one frees it. */
void session_free(struct server *server, struct session *session);
/* A call of a session's own, which has no connection, is finished: frees it. */
void session_end_call(struct call *call);

bool session_has_context(struct session *session, uint32_t context);
bool session_has_card(struct session *session, uint32_t card);
/* Errors: SC_E_SERVER_TOO_BUSY (the user has as many as it may), SC_E_NO_MEMORY. */
enum sc_error session_add_context(struct session *session, uint32_t context) MUST_CHECK;
enum sc_error session_add_card(struct session *session, uint32_t card,
                               uint32_t context) MUST_CHECK;
bool session_may_have_card(struct session *session);
uint32_t session_card_count(struct session *session);
void session_drop_context(struct session *session, uint32_t context);
void session_drop_card(struct session *session, uint32_t card);

/* Whose its contexts are, for the manager. */
struct program session_program(const struct session *session, enum program_abi abi);
/* Whether a session of this user has it; those of all users are root's. */
bool session_find_context(struct server *server, uint32_t context, uint32_t uid);
/* Which client holds what, for list_users: each card handle, and each session without
 * one. */
struct session_use {
    uint32_t uid, pid, contexts;
    uint64_t start_time;           /* of the process: os/process.h */
    uint32_t card;                 /* 0: the session has no card handle */
    const struct session *session; /* to compare with; not to be looked into */
};
/* Writes at most `room`, and gives how many there are, which may be more. */
size_t session_list(struct server *server, struct session_use *uses, size_t room);

#endif
