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

/* Those that the host may park; their results are in call->op. True. */
static bool end_host_call(struct call *call)
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
        RESPOND(call, SC_OK, reconnect, .active = call->op.request.active);
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

static void trace_request(const struct call *call)
{
    assert(call->request_size == MESSAGE_HEADER_SIZE + call->header.size);
    char line[TRACE_ROOM];
    if (!log_is_on(LOG_DEBUG))
        return;
    (void)message_print_request(call->header.call, call->request + MESSAGE_HEADER_SIZE,
                                call->header.size, line, sizeof(line));
    log_debug("%u: %s", (unsigned)call->connection->pid, line);
}

static bool knows(void *session, enum message_handle kind, uint32_t handle)
{
    return kind == MESSAGE_CARD ? session_has_card(session, handle)
                                : session_has_context(session, handle);
}

/* Fields of the right kind, and handles of the session: the one place that says so. */
static enum sc_error get_request(struct call *call, union message_request *request)
{
    struct message_reader reader = {.bytes = call->request + MESSAGE_HEADER_SIZE,
                                    .size = call->header.size,
                                    .knows = knows,
                                    .owner = call->session};
    if (call->header.call == MESSAGE_establish && reader.size == 0) {
        request->establish.abi = MESSAGE_ABI_WINDOWS; /* without a field it is this one */
        return SC_OK;
    }
    if (!message_get_request(call->header.call, &reader, request))
        return SC_E_INVALID_PARAMETER;
    if (reader.foreign)
        return SC_E_INVALID_HANDLE;
    call->context = reader.kind == MESSAGE_CONTEXT ? reader.handle : 0;
    call->card = reader.kind == MESSAGE_CARD ? reader.handle : 0;
    return SC_OK;
}

/* Whether the call may be made now, whatever its fields. */
static enum sc_error check_order(const struct call *call)
{
    uint16_t number = call->header.call;
    if (!message_is_call(number))
        return SC_E_UNSUPPORTED_FEATURE;
    if (call->header.status != 0)
        return SC_E_INVALID_PARAMETER;
    /* Nothing is done for a client before it has said hello, for which it may have to
     * prove something first. */
    bool first =
        number == MESSAGE_hello
        || (number == MESSAGE_challenge && call->connection->origin == CONNECTION_TCP);
    if (call->session == NULL && !first)
        return SC_W_SECURITY_VIOLATION;
    if (call->connection->standing == CONNECTION_EXTRA
        && (message_call_traits(number) & MESSAGE_ENDS_OTHERS) == 0)
        return SC_E_SERVER_TOO_BUSY;
    return SC_OK;
}

static enum permit check_right(struct call *call, const union message_request *request)
{
    assert(call->session != NULL || call->header.call == MESSAGE_hello
           || call->header.call == MESSAGE_challenge);
    uint16_t number = call->header.call;
    char name[DISPATCH_NAME_ROOM];
    switch (message_call_right(number)) {
    case MESSAGE_FREE:
        break;
    case MESSAGE_USE:
        if (number == MESSAGE_connect)
            return permit_reader(call, call->context,
                                 dispatch_text(request->connect.reader, name),
                                 POLICY_USE);
        break; /* it has a card handle */
    case MESSAGE_CONTROL:
        if (number != MESSAGE_control
            || policy_control_right(request->control.code) == POLICY_CONTROL)
            return permit_card(call, call->card, POLICY_CONTROL);
        break;
    }
    return PERMIT_YES;
}

static bool start_call(struct call *call, const union message_request *request)
{
    switch (call->header.call) {
#define CALL(number, name, right, traits, fields, response)                              \
    case number:                                                                         \
        return dispatch_do_##name(call, &request->name);
#include "message/api.def"
    default:
        return dispatch_bare(call, SC_E_UNSUPPORTED_FEATURE);
    }
}

/* True: finished. The host's part may have been begun, which leaves no response so far.
 */
static bool check_and_start(struct call *call)
{
    union message_request request;
    enum sc_error error = check_order(call);
    if (error == SC_OK)
        error = get_request(call, &request);
    if (error == SC_OK && call->header.call == MESSAGE_connect
        && !session_may_have_card(call->session))
        error = SC_E_SERVER_TOO_BUSY; /* before anybody is asked */
    if (error != SC_OK)
        return dispatch_bare(call, error);
    switch (check_right(call, &request)) {
    case PERMIT_YES:
        return start_call(call, &request);
    case PERMIT_NO:
        return dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    case PERMIT_NO_READER:
        return dispatch_bare(call, SC_E_UNKNOWN_READER);
    case PERMIT_LATER:
        break;
    }
    return false;
}

static bool dispatch_begin(struct call *call)
{
    if (atomic_load_u32(&call->asking) == CALL_NOT_ASKING)
        trace_request(call);
    if (!check_and_start(call))
        return false;
    return call->response_size > 0 || end_host_call(call);
}

static void dispatch_end(struct call *call)
{
    (void)end_host_call(call);
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
    if (call->request_size < MESSAGE_HEADER_SIZE)
        return MESSAGE_HEADER_SIZE;
    message_get_header(call->request, &call->header);
    /* A client that has not said hello gets no memory. */
    size_t most = connection->session == NULL ? 256 : MESSAGE_REQUEST_MAX;
    if (connection->session != NULL && connection->session->limits.bytes < most)
        most = connection->session->limits.bytes;
    return call->header.size > most ? 0 : MESSAGE_HEADER_SIZE + call->header.size;
}

const struct protocol dispatch_protocol = {.measure = dispatch_measure,
                                           .begin = dispatch_begin,
                                           .end = dispatch_end,
                                           .undo = dispatch_undo};
