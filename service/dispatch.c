/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages to calls of the host, and what came of them to messages. A handle that is not
 * of the session's own is refused before the host sees it. */
#include "base/atomic.h"
#include "base/log.h"
#include "service/dispatch_internal.h"

enum { TRACE_ROOM = 256 };

/* --- Replies ------------------------------------------------------------------------ */

/* A reply without fields. */
bool dispatch_bare(struct call *call, enum sc_error error)
{
    struct message_header header = {.call = call->header.call,
                                    .status = (uint16_t)error | MESSAGE_BARE,
                                    .serial = call->header.serial};
    struct message_writer writer = {.bytes = call->reply, .room = call->reply_room};
    message_put_header(&writer, &header);
    call->reply_size = writer.size;
    return true;
}

void dispatch_begin_fields(struct call *call, struct message_writer *writer)
{
    struct message_header none = {0};
    memset(writer, 0, sizeof(*writer));
    writer->bytes = call->reply;
    writer->room = call->reply_room;
    message_put_header(writer, &none);
}

/* The header goes before the fields that are there now. */
bool dispatch_end_fields(struct call *call, struct message_writer *writer,
                         enum sc_error error)
{
    struct message_header header = {.size =
                                        (uint32_t)(writer->size - MESSAGE_HEADER_SIZE),
                                    .call = call->header.call,
                                    .status = (uint16_t)error,
                                    .serial = call->header.serial};
    struct message_writer front = {.bytes = call->reply, .room = MESSAGE_HEADER_SIZE};
    if (writer->size > writer->room)
        return dispatch_bare(call, SC_E_NO_MEMORY);
    message_put_header(&front, &header);
    call->reply_size = writer->size;
    return true;
}

/* --- Asks --------------------------------------------------------------------------- */

void dispatch_wake(struct host_op *op)
{
    struct call *call = (struct call *)(void *)op; /* op is first */
    server_ready(call->server, call);
}

/* Text with a NUL at its end, in room that is enough for any field. */
const char *dispatch_text(struct message_span span, char text[DISPATCH_NAME_ROOM + 1])
{
    size_t size = span.size <= DISPATCH_NAME_ROOM ? span.size : DISPATCH_NAME_ROOM;
    if (size > 0)
        memcpy(text, span.bytes, size);
    text[size] = '\0';
    return text;
}

bool dispatch_knows_context(const struct call *call, uint32_t context)
{
    return session_has_context(call->session, context);
}

bool dispatch_knows_card(const struct call *call, uint32_t card)
{
    return session_has_card(call->session, card);
}

enum name_style dispatch_style(uint32_t style)
{
    return style == NAME_PCSCLITE ? NAME_PCSCLITE : NAME_WINDOWS;
}

/* --- All of them -------------------------------------------------------------------- */

static dispatch_start *const starts[] = {
#define CALL(number, name, ask, reply) [number] = dispatch_do_##name,
#include "message/api.def"
#undef CALL
};

/* Those that the host may park; their results are in call->op. */
static bool end_call(struct call *call)
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
        session_drop_card(call->session, call->number);
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
    bool known = number < sizeof(starts) / sizeof(starts[0]) && starts[number] != NULL;
    if (!known)
        return dispatch_bare(call, SC_E_UNSUPPORTED_FEATURE);
    if (call->header.status != 0)
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    /* Nobody does anything before saying who it is. */
    if (call->session == NULL && number != MESSAGE_hello)
        return dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    if (call->connection->spare && !message_ends_others(number))
        return dispatch_bare(call, SC_E_SERVER_TOO_BUSY);
    return starts[number](call, &reader);
}

static bool begin_call(struct call *call)
{
    if (!start(call))
        return false;
    return call->reply_size > 0 || end_call(call);
}

static bool start_call(struct call *call)
{
    call->op.wake = dispatch_wake;
    call->reply_size = 0;
    call->done = call->begun = false;
    atomic_store_u32(&call->asking, CALL_NOT_ASKING);
    if (call->connection == NULL)
        return server_begin_release(call, call->number);
    trace(call);
    return begin_call(call);
}

static bool dispatch_resume(struct call *call)
{
    switch (atomic_load_u32(&call->asking)) {
    case CALL_ASKING:
        return false;
    case CALL_REFUSED:
        return dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    case CALL_ALLOWED:
        if (!call->begun) { /* from its beginning, now that it may */
            call->begun = true;
            return begin_call(call);
        }
        break;
    default:
        break;
    }
    if (!host_op_resume(&call->op))
        return false;
    return call->connection == NULL || end_call(call);
}

static void dispatch_undo(struct call *call)
{
    struct request request = {.kind = REQUEST_END};
    if (!call->done || call->op.error != SC_OK)
        return;
    if (call->header.call == MESSAGE_begin) {
        (void)host_card_call(call->number, &request);
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
                                           .start = start_call,
                                           .resume = dispatch_resume,
                                           .undo = dispatch_undo};
