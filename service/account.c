/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/account.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "os/descriptor.h"
#include "os/time.h"
#include "service/connection.h"
#include "service/session.h"

#include <inttypes.h>
#include <stdio.h>

enum {
    DESCRIPTORS_OWN = 256, /* of drivers, files, the bus */
    DESCRIPTORS_LEAST = 16
};

void account_totals_init(struct account_totals *totals)
{
    static const struct policy_limits most = POLICY_LIMITS_MOST;
    uint64_t descriptors = os_descriptor_limit();
    uint64_t own = descriptors / 4 < DESCRIPTORS_OWN ? descriptors / 4 : DESCRIPTORS_OWN;
    descriptors -= own;
    if (descriptors < DESCRIPTORS_LEAST)
        descriptors = DESCRIPTORS_LEAST;
    totals->capacity[ACCOUNT_CONNECTIONS] =
        descriptors < most.connections ? descriptors : most.connections;
    totals->capacity[ACCOUNT_SESSIONS] = most.sessions;
    totals->capacity[ACCOUNT_CONTEXTS] = most.contexts - 1; /* one is the service's */
    totals->capacity[ACCOUNT_HANDLES] = most.handles;
    totals->capacity[ACCOUNT_BYTES] = ACCOUNT_BYTES_TOTAL;
}

/* --- Life --------------------------------------------------------------------------- */

struct account *account_hold(struct server *server, uint32_t uid)
{
    struct list_link *at;
    LIST_FOR_EACH(at, &server->accounts)
    {
        struct account *account = LIST_ENTRY(at, struct account, link);
        if (account->uid == uid) {
            account->owners++;
            return account;
        }
    }
    struct account *account = mem_alloc(sizeof(*account));
    if (account == NULL)
        return NULL;
    account->uid = uid;
    account->trusted =
        uid == 0 || (uid == server->options.owner && uid != ACCOUNT_UNKNOWN);
    account->owners = 1;
    account->limits = (struct policy_limits)POLICY_LIMITS_DEFAULT;
    list_init(&account->connections);
    list_append(&server->accounts, &account->link);
    return account;
}

void account_drop(struct server *server, struct account *account)
{
    assert(account->owners > 0);
    (void)server;
    if (--account->owners > 0)
        return;
    list_remove(&account->link);
    mem_free(account);
}

/* --- Taking and giving -------------------------------------------------------------- */

static uint64_t limit_of(const struct account *account, enum account_resource resource)
{
    assert(resource < ACCOUNT_RESOURCES);
    const uint32_t limits[ACCOUNT_RESOURCES] = {
        [ACCOUNT_SESSIONS] = account->limits.sessions,
        [ACCOUNT_CONNECTIONS] = account->limits.connections,
        [ACCOUNT_CONTEXTS] = account->limits.contexts,
        [ACCOUNT_HANDLES] = account->limits.handles,
        [ACCOUNT_BYTES] = account->limits.bytes};
    return limits[resource];
}

static bool fits_capacity(const struct server *server, const struct account *account,
                          enum account_resource resource, uint64_t amount)
{
    uint64_t capacity = server->totals.capacity[resource];
    uint64_t wanted = account->held[resource] + amount;
    uint64_t all = server->totals.held[resource] + amount;
    if (wanted > limit_of(account, resource) || all > capacity)
        return false;
    return account->trusted || wanted + all <= capacity - capacity / ACCOUNT_RESERVE;
}

static void say_refused(struct account *account, enum account_resource resource)
{
    static const char *const names[ACCOUNT_RESOURCES] = {
        [ACCOUNT_SESSIONS] = "sessions",
        [ACCOUNT_CONNECTIONS] = "connections",
        [ACCOUNT_CONTEXTS] = "contexts",
        [ACCOUNT_HANDLES] = "card handles",
        [ACCOUNT_BYTES] = "bytes of requests and responses under way"};
    uint64_t now_ms = os_now_ms();
    if (account->said_ms != 0 && now_ms - account->said_ms < ACCOUNT_SAY_MS)
        return;
    account->said_ms = now_ms;
    char who[32] = "a client by TCP without a name";
    if (account->uid != ACCOUNT_UNKNOWN)
        (void)snprintf(who, sizeof(who), "user %u", (unsigned)account->uid);
    log_error("%s has as many %s as it may (%" PRIu64
              " now): winscard-policy.conf(5), Limits",
              who, names[resource], account->held[resource]);
}

bool account_take_locked(struct server *server, struct account *account,
                         enum account_resource resource, uint64_t amount)
{
    if (!fits_capacity(server, account, resource, amount)) {
        say_refused(account, resource);
        return false;
    }
    account->held[resource] += amount;
    server->totals.held[resource] += amount;
    return true;
}

bool account_take(struct server *server, struct account *account,
                  enum account_resource resource, uint64_t amount)
{
    os_mutex_lock(&server->lock);
    bool taken = account_take_locked(server, account, resource, amount);
    os_mutex_unlock(&server->lock);
    return taken;
}

void account_give_locked(struct server *server, struct account *account,
                         enum account_resource resource, uint64_t amount)
{
    assert(account->held[resource] >= amount);
    assert(server->totals.held[resource] >= amount);
    account->held[resource] -= amount;
    server->totals.held[resource] -= amount;
}

void account_give(struct server *server, struct account *account,
                  enum account_resource resource, uint64_t amount)
{
    if (amount == 0)
        return;
    os_mutex_lock(&server->lock);
    account_give_locked(server, account, resource, amount);
    os_mutex_unlock(&server->lock);
}

bool account_charge(struct connection *connection, uint64_t bytes)
{
    assert(connection->account != NULL);
    struct server *server = connection->server;
    bool may = true;
    if (bytes > connection->charged)
        may = account_take(server, connection->account, ACCOUNT_BYTES,
                           bytes - connection->charged);
    else
        account_give(server, connection->account, ACCOUNT_BYTES,
                     connection->charged - bytes);
    if (may)
        connection->charged = bytes;
    return may;
}

void account_park(struct call *call)
{
    enum { FREE = 4096 }; /* bytes of most that wait: no account is kept of them */
    struct connection *connection = call->connection;
    size_t bytes = call->request_room + call->copied;
    if (connection != NULL && call == connection->call && bytes > FREE)
        call->overcharged = !account_charge(connection, bytes);
}

bool account_may(struct server *server, struct account *account,
                 enum account_resource resource)
{
    os_mutex_lock(&server->lock);
    bool may = fits_capacity(server, account, resource, 1);
    if (!may)
        say_refused(account, resource);
    os_mutex_unlock(&server->lock);
    return may;
}

/* --- Idle ones ---------------------------------------------------------------------- */

static bool is_evictable(const struct connection *connection, bool with_session)
{
    const struct session *session = connection->session;
    if (session == NULL)
        return !with_session;
    return atomic_load_u32(&session->held) == 0;
}

struct connection *account_evict(struct server *server, struct account *account,
                                 enum account_resource resource)
{
    (void)server;
    bool with_session = resource == ACCOUNT_SESSIONS;
    struct list_link *at;
    LIST_FOR_EACH(at, &account->connections)
    {
        struct connection *connection = LIST_ENTRY(at, struct connection, peer_link);
        if (is_evictable(connection, with_session)
            && atomic_exchange_u32(&connection->evicted, 1) == 0)
            return connection;
    }
    return NULL;
}

void account_count(struct server *server, struct account *account,
                   enum account_resource resource)
{
    account->held[resource]++;
    server->totals.held[resource]++;
}

bool account_take_extra(struct server *server, struct account *account)
{
    uint64_t held = account->held[ACCOUNT_CONNECTIONS];
    uint64_t capacity = server->totals.capacity[ACCOUNT_CONNECTIONS];
    if (held >= limit_of(account, ACCOUNT_CONNECTIONS) + ACCOUNT_EXTRA
        || server->totals.held[ACCOUNT_CONNECTIONS] >= capacity)
        return false;
    account_count(server, account, ACCOUNT_CONNECTIONS);
    return true;
}
