/* SPDX-License-Identifier: BSD-2-Clause */
/* Sessions: what one client process holds, whatever the number of its connections. A
 * handle of another session is not a handle here. */
#include "service/session.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/secret.h"
#include "host/host.h"
#include "os/process.h"
#include "os/random.h"
#include "service/account.h"
#include "service/connection.h"
#include "service/protocol.h"
#include "service/server.h"

#include <string.h>

enum { FIRST_ROOM = 4 };

/* --- Handle sets -------------------------------------------------------------------- */

static uint32_t handle_place(const struct handle_set *set, uint32_t handle)
{
    assert(set->room > 0 && (set->room & (set->room - 1)) == 0);
    assert(handle != 0);
    uint32_t at = handle * 0x9E3779B1U & (set->room - 1);
    while (set->entries[at].handle != 0 && set->entries[at].handle != handle)
        at = (at + 1) & (set->room - 1);
    return at;
}

static bool has_handle(const struct handle_set *set, uint32_t handle)
{
    return set->room != 0 && handle != 0
           && set->entries[handle_place(set, handle)].handle == handle;
}

/* Half of the room at most is used, so that searches end soon. How many there may be is
 * the account's to say. */
static bool grow_handles(struct handle_set *set)
{
    struct handle_set larger = {.room = set->room == 0 ? FIRST_ROOM : set->room * 2};
    larger.entries = mem_alloc_array(larger.room, sizeof(*larger.entries));
    if (larger.entries == NULL)
        return false;
    for (uint32_t i = 0; i < set->room; i++)
        if (set->entries[i].handle != 0)
            larger.entries[handle_place(&larger, set->entries[i].handle)] =
                set->entries[i];
    larger.count = set->count;
    mem_free(set->entries);
    *set = larger;
    return true;
}

static bool add_handle(struct handle_set *set, uint32_t handle, uint32_t context)
{
    if (set->count * 2 >= set->room && !grow_handles(set))
        return false;
    uint32_t at = handle_place(set, handle);
    set->count += set->entries[at].handle == 0 ? 1 : 0;
    set->entries[at].handle = handle;
    set->entries[at].context = context;
    return true;
}

/* Those that stand behind it because of it move up. */
static void drop_handle(struct handle_set *set, uint32_t handle)
{
    if (!has_handle(set, handle))
        return;
    uint32_t at = handle_place(set, handle);
    set->entries[at].handle = 0;
    set->count--;
    for (;;) {
        at = (at + 1) & (set->room - 1);
        uint32_t moved = set->entries[at].handle, context = set->entries[at].context;
        if (moved == 0)
            return;
        set->entries[at].handle = 0;
        uint32_t to = handle_place(set, moved);
        set->entries[to].handle = moved;
        set->entries[to].context = context;
    }
}

/* --- Handles of a session ----------------------------------------------------------- */

bool session_has_context(struct session *session, uint32_t context)
{
    os_mutex_lock(&session->lock);
    bool found = has_handle(&session->contexts, context);
    os_mutex_unlock(&session->lock);
    return found;
}

bool session_has_card(struct session *session, uint32_t card)
{
    os_mutex_lock(&session->lock);
    bool found = has_handle(&session->cards, card);
    os_mutex_unlock(&session->lock);
    return found;
}

/* Into one of the session's two sets. */
static enum sc_error add_counted(struct session *session, struct handle_set *set,
                                 enum account_resource resource, uint32_t handle,
                                 uint32_t context)
{
    if (!account_take(session->server, session->account, resource, 1))
        return SC_E_SERVER_TOO_BUSY;
    os_mutex_lock(&session->lock);
    bool added = add_handle(set, handle, context);
    atomic_store_u32(&session->held, session->contexts.count);
    os_mutex_unlock(&session->lock);
    if (!added)
        account_give(session->server, session->account, resource, 1);
    return added ? SC_OK : SC_E_NO_MEMORY;
}

enum sc_error session_add_context(struct session *session, uint32_t context)
{
    return add_counted(session, &session->contexts, ACCOUNT_CONTEXTS, context, context);
}

uint32_t session_card_count(struct session *session)
{
    os_mutex_lock(&session->lock);
    uint32_t count = session->cards.count;
    os_mutex_unlock(&session->lock);
    return count;
}

bool session_may_have_card(struct session *session)
{
    return account_may(session->server, session->account, ACCOUNT_HANDLES);
}

enum sc_error session_add_card(struct session *session, uint32_t card, uint32_t context)
{
    return add_counted(session, &session->cards, ACCOUNT_HANDLES, card, context);
}

void session_drop_card(struct session *session, uint32_t card)
{
    os_mutex_lock(&session->lock);
    uint32_t before = session->cards.count;
    drop_handle(&session->cards, card);
    uint32_t gone = before - session->cards.count;
    os_mutex_unlock(&session->lock);
    account_give(session->server, session->account, ACCOUNT_HANDLES, gone);
}

void session_drop_context(struct session *session, uint32_t context)
{
    os_mutex_lock(&session->lock);
    uint32_t contexts = session->contexts.count, cards = session->cards.count;
    drop_handle(&session->contexts, context);
    for (uint32_t i = 0; i < session->cards.room; i++) {
        /* Dropping one may bring another to this place. */
        while (session->cards.entries[i].handle != 0
               && session->cards.entries[i].context == context)
            drop_handle(&session->cards, session->cards.entries[i].handle);
    }
    contexts -= session->contexts.count;
    cards -= session->cards.count;
    atomic_store_u32(&session->held, session->contexts.count);
    os_mutex_unlock(&session->lock);
    account_give(session->server, session->account, ACCOUNT_CONTEXTS, contexts);
    account_give(session->server, session->account, ACCOUNT_HANDLES, cards);
}

/* --- Coming and going --------------------------------------------------------------- */

size_t session_groups(const struct connection *connection,
                      uint32_t gids[SESSION_GROUPS_MAX])
{
    if (connection->origin == CONNECTION_TCP || connection->uid == UINT32_MAX)
        return 0;
    gids[0] = connection->gid;
    return 1 + os_unix_groups(connection->socket, gids + 1, SESSION_GROUPS_MAX - 1);
}

/* Which user and process the client is, and what it may hold: as it is when it comes. */
static void know_client(struct server *server, struct session *session,
                        const struct connection *connection)
{
    session->uid = connection->uid;
    session->pid = connection->pid;
    session->start_time = os_process_start_time(connection->pid);
    session->policy = server->options.policy;
    struct policy_peer peer = {
        .uid = session->uid, .gids = session->gids, .gid_count = session->gid_count};
    struct policy *policy = policy_store_get(session->policy);
    session->limits = policy_limits(policy, &peer);
    policy_release(policy);
}

struct session *session_new(const struct connection *connection)
{
    uint32_t gids[SESSION_GROUPS_MAX];
    size_t gid_count = session_groups(connection, gids);
    struct session *session = mem_alloc(sizeof(*session) + gid_count * sizeof(gids[0]));
    if (session == NULL)
        return NULL;
    session->gid_count = gid_count;
    memcpy(session->gids, gids, gid_count * sizeof(gids[0]));
    session->joinable = !connection->protocol->pipelined;
    if (session->joinable && os_random(session->id, sizeof(session->id)) != SC_OK) {
        mem_free(session);
        return NULL;
    }
    session->server = connection->server;
    know_client(session->server, session, connection);
    session->users = session->connections = 1;
    os_mutex_init(&session->lock);
    return session;
}

void session_begin(struct server *server, struct session *session,
                   struct connection *connection)
{
    assert(session->account == NULL && connection->account != NULL);
    session->account = connection->account;
    session->account->owners++;
    list_append(&server->sessions, &session->link);
    connection->session = session;
}

void session_discard(struct session *session)
{
    os_mutex_destroy(&session->lock);
    mem_free(session->contexts.entries);
    mem_free(session->cards.entries);
    secret_clear(session->id, sizeof(session->id));
    mem_free(session);
}

enum sc_error session_join(struct server *server, const uint8_t *id, uint32_t uid,
                           struct connection *connection)
{
    struct session *found = NULL;
    struct list_link *at;
    enum sc_error error = SC_E_SERVICE_STOPPED;
    os_mutex_lock(&server->lock);
    LIST_FOR_EACH(at, &server->sessions)
    {
        struct session *session = LIST_ENTRY(at, struct session, link);
        if (!session->ended && session->joinable && session->uid == uid
            && memcmp(session->id, id, MESSAGE_SESSION_SIZE) == 0)
            found = session;
    }
    if (found != NULL && found->connections >= found->limits.requests + SESSION_EXTRA) {
        error = SC_E_SERVER_TOO_BUSY;
    } else if (found != NULL) {
        error = SC_OK;
        connection->session = found;
        if (connection->standing == CONNECTION_CROWDED
            || found->connections >= found->limits.requests)
            connection->standing = CONNECTION_EXTRA;
        found->users++;
        found->connections++;
    }
    os_mutex_unlock(&server->lock);
    return error;
}

struct program session_program(const struct session *session, enum program_abi abi)
{
    enum { PID_BITS = 22 }; /* of Linux, at most */
    struct program program = {.abi = abi, .user = session->uid};
    if (session->start_time == 0) { /* not known: the session stands for it */
        program.process = UINT64_C(1) << 63 | (uint64_t)(uintptr_t)session;
        return program;
    }
    program.process = session->start_time << PID_BITS | session->pid;
    program.pid = session->pid;
    program.start_time = session->start_time;
    return program;
}

bool session_find_context(struct server *server, uint32_t context, uint32_t uid)
{
    bool found = false;
    struct list_link *at;
    os_mutex_lock(&server->lock);
    LIST_FOR_EACH(at, &server->sessions)
    {
        struct session *session = LIST_ENTRY(at, struct session, link);
        found |= !session->ended && (session->uid == uid || uid == 0)
                 && session_has_context(session, context);
    }
    os_mutex_unlock(&server->lock);
    return found;
}

/* One session's part of session_list(), from `count` on. */
static size_t list_one(struct session *session, struct session_use *uses, size_t room,
                       size_t count)
{
    struct session_use use = {.uid = session->uid,
                              .pid = session->pid,
                              .start_time = session->start_time,
                              .session = session};
    os_mutex_lock(&session->lock);
    use.contexts = session->contexts.count;
    for (uint32_t i = 0; i < session->cards.room; i++) {
        use.card = session->cards.entries[i].handle;
        if (use.card != 0 && count++ < room)
            uses[count - 1] = use;
    }
    use.card = 0;
    if (session->cards.count == 0 && count++ < room)
        uses[count - 1] = use;
    os_mutex_unlock(&session->lock);
    return count;
}

size_t session_list(struct server *server, struct session_use *uses, size_t room)
{
    size_t count = 0;
    struct list_link *at;
    os_mutex_lock(&server->lock);
    LIST_FOR_EACH(at, &server->sessions)
    {
        struct session *session = LIST_ENTRY(at, struct session, link);
        if (!session->ended)
            count = list_one(session, uses, room, count);
    }
    os_mutex_unlock(&server->lock);
    return count;
}

static uint32_t any_context(struct session *session)
{
    uint32_t context = 0;
    os_mutex_lock(&session->lock);
    for (uint32_t i = 0; i < session->contexts.room && context == 0; i++)
        context = session->contexts.entries[i].handle;
    os_mutex_unlock(&session->lock);
    return context;
}

void session_free(struct server *server, struct session *session)
{
    os_mutex_lock(&server->lock);
    assert(session->users > 0);
    bool last = --session->users == 0;
    if (last) {
        list_remove(&session->link);
        account_give_locked(server, session->account, ACCOUNT_SESSIONS, 1);
        account_drop(server, session->account);
        server_tell_end(server);
    }
    os_mutex_unlock(&server->lock);
    if (last)
        session_discard(session);
}

/* --- Releasing ---------------------------------------------------------------------- */

/* Calls of a session's own: each releases a context, and has no client. */
static bool begin_release(struct call *call)
{
    return server_begin_release(call, call->context);
}

static void end_release(struct call *call)
{
    (void)call;
}

static const struct protocol release_protocol = {.begin = begin_release,
                                                 .end = end_release};

void session_end_call(struct call *call)
{
    struct session *session = call->session;
    call_free(call);
    session_free(session->server, session);
}

/* The call becomes the server's. */
static void release_context(struct session *session, uint32_t context, struct call *call)
{
    struct server *server = session->server;
    call->protocol = &release_protocol;
    call->context = context;
    call->session = session;
    os_mutex_lock(&server->lock);
    session->users++;
    os_mutex_unlock(&server->lock);
    if (server_run(call, true))
        session_end_call(call);
}

/* Its cards may be in use by jobs that take their time: a call without a connection waits
 * for them, while the next context is seen to. */
static void release_all(struct server *server, struct session *session)
{
    uint32_t context;
    bool worker = server_set_worker(false);
    while ((context = any_context(session)) != 0) {
        session_drop_context(session, context);
        struct call *call = call_new(server);
        if (call != NULL)
            release_context(session, context, call);
        else
            (void)host_release(context); /* blocks, but nothing stays behind */
    }
    (void)server_set_worker(worker);
}

void session_leave(struct server *server, struct session *session)
{
    os_mutex_lock(&server->lock);
    assert(session->connections > 0);
    bool last = --session->connections == 0;
    session->ended |= last;
    os_mutex_unlock(&server->lock);
    if (last)
        release_all(server, session);
}
