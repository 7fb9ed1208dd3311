/* SPDX-License-Identifier: BSD-2-Clause */
/* What each user of the machine holds of the service, over all of its programs: so that
 * no one user, whatever it does, keeps others from their cards.
 *
 * Three bounds. A user's own limits (policy.h). The service's capacity. And fairness: a
 * user that is neither root nor the service's own user gets no more if that were more
 * than is then left for others, a sixteenth of the capacity apart, which is root's; so
 * one user alone gets not quite half of it, two get a third each, and each further one
 * finds less. A person who may use many user numbers (subordinate ones, subuid(5)) is as
 * many users here, who together can leave next to nothing for others: fairness holds
 * between user numbers, not between people. The part that is root's remains.
 *
 * A user that has as many connections, or sessions, as it may, loses the one that is idle
 * longest to a new one: those that never said hello or hold no context. */
#ifndef SERVICE_ACCOUNT_H
#define SERVICE_ACCOUNT_H

#include "base/list.h"
#include "service/policy.h"
#include "service/resource.h"
#include "service/server.h"

enum {
    ACCOUNT_EXTRA = 16,     /* connections beyond a user's limit: for calls that end
                             * others, and to be told that there are too many */
    ACCOUNT_RESERVE = 16,   /* this part of the capacity is root's alone */
    ACCOUNT_SAY_MS = 60000, /* between two lines of the log on one user */
    ACCOUNT_BYTES_TOTAL = 268435456
};

struct connection;

/* The user of a connection that says no name: by TCP, before the token. */
#define ACCOUNT_UNKNOWN UINT32_MAX

struct account {
    struct list_link link;        /* server->accounts */
    struct list_link connections; /* struct connection.peer_link, in order of arrival */
    uint32_t uid;
    bool trusted;    /* root, or the service's own user: no fairness for it */
    uint32_t owners; /* connections and sessions that point here */
    struct policy_limits limits;
    uint64_t held[ACCOUNT_RESOURCES];
    uint64_t said_ms; /* the log had a line on it; 0: never */
};

/* The account of a user, made if need be; one owner more. NULL: no memory. */
struct account *account_hold(struct server *server, uint32_t uid) MUST_CHECK
    NEEDS_LOCK(server->lock);
/* One owner less; the last one frees it. */
void account_drop(struct server *server, struct account *account)
    NEEDS_LOCK(server->lock);
/* One more, or so many bytes more. False: it may not; that is logged, now and then. With
 * the server locked, and without. */
bool account_take_locked(struct server *server, struct account *account,
                         enum account_resource resource, uint64_t amount) MUST_CHECK
    NEEDS_LOCK(server->lock);
bool account_take(struct server *server, struct account *account,
                  enum account_resource resource, uint64_t amount) MUST_CHECK;
/* Where a new connection or session has no place: the user's connection that is idle
 * longest, which is to go (its user sees connection->evicted); NULL: there is none. */
struct connection *account_evict(struct server *server, struct account *account,
                                 enum account_resource resource) MUST_CHECK
    NEEDS_LOCK(server->lock);
/* One more, whether it fits or not. */
void account_count(struct server *server, struct account *account,
                   enum account_resource resource) NEEDS_LOCK(server->lock);
/* A connection beyond the user's limit: ACCOUNT_EXTRA of them. */
bool account_take_extra(struct server *server, struct account *account) MUST_CHECK
    NEEDS_LOCK(server->lock);
/* Gives back. */
void account_give_locked(struct server *server, struct account *account,
                         enum account_resource resource, uint64_t amount)
    NEEDS_LOCK(server->lock);
void account_give(struct server *server, struct account *account,
                  enum account_resource resource, uint64_t amount);
/* So many bytes of a connection's memory count against its user, in place of those
 * before: what it needs while no thread has it. By its user. False: the user may not have
 * so much.
 */
bool account_charge(struct connection *connection, uint64_t bytes);
/* Its call is about to be parked: what that keeps counts; call->overcharged says if
 * it is too much. */
void account_park(struct call *call);
/* Whether it may have one more. */
bool account_may(struct server *server, struct account *account,
                 enum account_resource resource) MUST_CHECK;

#endif
