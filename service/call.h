/* SPDX-License-Identifier: BSD-2-Clause */
/* A request from its first byte to the last of its response. */
#ifndef SERVICE_CALL_H
#define SERVICE_CALL_H

#include "base/compiler.h"
#include "base/list.h"
#include "host/host_op.h"
#include "message/message.h"

enum { CALL_ROOM = MESSAGE_ROOM }; /* bytes of a call's request, and of its response */

struct connection;
struct protocol;
struct server;
struct session;

/* RUNNING: some thread is inside the host for it; WOKEN: the same, and it has to look
 * again; PARKED: it waits; READY: it is in the queue. */
enum call_state { CALL_RUNNING, CALL_WOKEN, CALL_PARKED, CALL_READY };

/* Whether polkit is asked whether the call may be made. ALLOWED: it has said yes, and the
 * call is to begin once more; PERMITTED: it has. */
enum call_asking {
    CALL_NOT_ASKING,
    CALL_ASKING,
    CALL_ALLOWED,
    CALL_REFUSED,
    CALL_PERMITTED
};

struct call {
    struct host_op op;
    struct server *server;
    const struct protocol *protocol;
    struct connection *connection; /* NULL: a session's own */
    struct session *session;
    struct list_link link; /* server->ready */
    uint32_t state;        /* atomic, enum call_state */
    uint32_t
        finished; /* atomic: the response is made, for the connection's user to send */
    uint32_t abandoned; /* atomic: its client is gone */
    uint32_t asking;    /* atomic, enum call_asking */
    uint64_t question;  /* the one that polkit is asked */
    bool done;          /* `error` and the results stand: see struct protocol.undo */
    bool event;         /* there is no request: connection->event */
    bool overcharged;   /* parked, it keeps more bytes than its user may have */
    struct message_header header;
    uint8_t *request;
    size_t request_room, request_size;
    size_t wanted; /* bytes of the request, as far as is known while it is not whole */
    uint8_t *response;
    size_t response_room, response_size;
    uint32_t context;            /* of a connect; to be released */
    uint32_t card;               /* that it is made with */
    struct watch_entry *entries; /* of a watch */
    uint32_t entry_count;
    char *names;            /* of its readers */
    size_t copied;          /* bytes of entries and names */
    uint64_t deadline_ms;   /* of a watch, to look again; OS_FOREVER */
    struct list_link timer; /* server->timers, if deadline_ms is set */
};

/* NULL: no memory. */
struct call *call_new(struct server *server);
void call_free(struct call *call);
/* As a new one, with the room that it has for request and response. */
void call_clear(struct call *call);
/* Room for so many bytes at least. False: no memory. */
bool call_make_request_room(struct call *call, size_t wanted) MUST_CHECK;
bool call_make_response_room(struct call *call, size_t wanted) MUST_CHECK;
/* It is about to be parked, nobody knows for how long: it needs little memory then. */
void call_shrink(struct call *call);
/* Its request is not whole: it keeps what is there, and room for what is announced. */
void call_wait_for_rest(struct call *call);

#endif
