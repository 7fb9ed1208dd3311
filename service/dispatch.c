/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to calls of the host, and what came of them to messages. A handle that is not
 * of the session's own is refused before the host sees it. */
#include "service/dispatch.h"

#include "base/atomic.h"
#include "base/compiler.h"
#include "base/log.h"
#include "host/host.h"
#include "service/connection.h"
#include "service/dispatch_internal.h"
#include "service/session.h"

enum { TRACE_ROOM = 256 };

static dispatch_start *const starts[] = {
#define CALL(number, name, ask, reply) [number] = dispatch_do_##name,
#include "message/api.def"
#undef CALL
};

/* Those that the host may park; their results are in call->op. */
static bool dispatch_end(struct call *call)
{
    enum sc_error error = call->op.error;
    call->done = true;
    switch (call->header.call) {
    case MESSAGE_connect:
        return dispatch_end_connect(call, error);
    case MESSAGE_watch:
        return dispatch_end_watch(call, error);
    case MESSAGE_reconnect:
        if (error != SC_OK)
            return dispatch_bare(call, error);
        REPLY(call, SC_OK, reconnect, .active = call->op.request.active);
    case MESSAGE_disconnect:
        session_drop_card(call->session, call->card);
        return dispatch_bare(call, error);
    case MESSAGE_transmit:
    case MESSAGE_control:
        return dispatch_end_transfer(call, error, call->header.call == MESSAGE_transmit);
    case MESSAGE_get_attribute:
        return dispatch_end_attribute(call, error);
    default:
        return dispatch_bare(call, error);
    }
}

static void trace(const struct call *call)
{
    char line[TRACE_ROOM];
    if (!log_is_on(LOG_DEBUG))
        return;
    (void)message_print_ask(call->header.call, call->ask + MESSAGE_HEADER_SIZE,
                            call->header.size, line, sizeof(line));
    log_debug("%u: %s", (unsigned)call->connection->pid, line);
}

/* True: finished. The host's part may have been begun, which leaves no reply so far. */
static bool start(struct call *call)
{
    struct message_reader reader = {.bytes = call->ask + MESSAGE_HEADER_SIZE,
                                    .size = call->header.size};
    uint16_t number = call->header.call;
    bool known = number < ARRAY_SIZE(starts) && starts[number] != NULL;
    if (!known)
        return dispatch_bare(call, SC_E_UNSUPPORTED_FEATURE);
    if (call->header.status != 0)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    /* Nobody does anything before saying who it is. */
    if (call->session == NULL && number != MESSAGE_hello)
        return dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    if (call->connection->standing == CONNECTION_EXTRA && !message_ends_others(number))
        return dispatch_bare(call, SC_E_SERVER_TOO_BUSY);
    return starts[number](call, &reader);
}

static bool dispatch_begin(struct call *call)
{
    if (atomic_load_u32(&call->asking) == CALL_NOT_ASKING)
        trace(call);
    if (!start(call))
        return false;
    return call->reply_size > 0 || dispatch_end(call);
}

static void dispatch_undo(struct call *call)
{
    struct request request = {.kind = REQUEST_END};
    if (!call->done || call->op.error != SC_OK)
        return;
    if (call->header.call == MESSAGE_begin) {
        (void)host_card_call(call->card, &request);
    } else if (call->header.call == MESSAGE_connect) {
        request.kind = REQUEST_DISCONNECT;
        session_drop_card(call->session, call->op.card);
        (void)host_card_call(call->op.card, &request);
    }
}

static size_t dispatch_measure(struct connection *connection, struct call *call)
{
    if (call->ask_size < MESSAGE_HEADER_SIZE)
        return MESSAGE_HEADER_SIZE;
    message_get_header(call->ask, &call->header);
    /* Who has not said hello gets no memory. */
    size_t most = connection->session == NULL ? 256 : MESSAGE_ASK_MAX;
    if (connection->session != NULL && connection->session->limits.bytes < most)
        most = connection->session->limits.bytes;
    return call->header.size > most ? 0 : MESSAGE_HEADER_SIZE + call->header.size;
}

const struct protocol dispatch_protocol = {.measure = dispatch_measure,
                                           .begin = dispatch_begin,
                                           .end = dispatch_end,
                                           .undo = dispatch_undo,
                                           .short_replies = true};
