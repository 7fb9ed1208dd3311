/* SPDX-License-Identifier: BSD-2-Clause */
/* What the clients of a listener speak, and how a call of any protocol goes:
 *
 *     measure    its request is whole
 *     begin      what it wants is begun; polkit may have to be asked first, and then it
 *                begins once more
 *     end        the host is done with it: the response
 *     answer     what only the connection's user may do, before the response goes
 *
 * dispatch.c has our own protocol, pcscd.h that of pcscd. */
#ifndef SERVICE_PROTOCOL_H
#define SERVICE_PROTOCOL_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

struct call;
struct connection;

struct protocol {
    /* How many bytes the request in call->request has, as far as it tells by now; more
     * than are there: read on. 0: it can never be one. */
    size_t (*measure)(struct connection *connection, struct call *call);
    /* Begins the call that is in call->request. True: it is finished, call->response is
     * made. False: the host or polkit has it. */
    bool (*begin)(struct call *call);
    /* The host is done, or polkit refused: call->op.error and the results stand. Makes
     * the response. */
    void (*end)(struct call *call);
    /* The rest of a finished call, before its response goes: what only the connection's
     * user may do. NULL: nothing. */
    void (*answer)(struct call *call);
    /* A finished call whose client is gone: what it got is given back. */
    void (*undo)(struct call *call);
    /* Nothing is under way on the connection, and connection->event is finished: whether
     * it may be reported to the client now. NULL: there are no events. */
    bool (*idle)(struct connection *connection);
    /* Bytes that a connection has for the protocol's own use (connection->peer), zeroed
     * at its beginning. */
    size_t peer_size;
    /* Requests may come before the response to the one before. They wait in the socket,
     * and those that came with it in connection->rest. */
    bool pipelined;
};

/* Begins a call. True: it is finished. */
bool protocol_start(struct call *call) MUST_CHECK;
/* The same after it was woken. */
bool protocol_resume(struct call *call) MUST_CHECK;

#endif
