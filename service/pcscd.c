/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: requests as they come, versions and contexts. */
#include "service/pcscd.h"

#include "base/compiler.h"
#include "base/log.h"
#include "host/host.h"
#include "service/connection.h"
#include "service/protocol.h"
#include "service/server.h"
#include "service/session.h"

enum { SCOPE_MAX = 3 };

/* --- Contexts ----------------------------------------------------------------------- */

/* A process has a connection for each of its contexts, and each is a session here. A
 * client that asks for a version that we do not have may ask again. */
static bool do_version(struct call *call)
{
    struct connection *connection = call->connection;
    uint32_t minor = pcscd_word(call, VERSION_MINOR);
    bool known = pcscd_word(call, VERSION_MAJOR) == WIRE_MAJOR && minor >= WIRE_MINOR_OLD
                 && minor <= WIRE_MINOR_MAX;
    if (known && connection->session == NULL
        && connection_begin_session(connection) != SC_OK)
        return pcscd_refuse(call);
    if (known)
        pcscd_peer(connection)->minor = minor;
    pcscd_peer(connection)->hold_ms = 0;
    pcscd_respond(call, VERSION_RV, known ? SC_OK : SC_E_SERVICE_STOPPED);
    pcscd_put(call, VERSION_MAJOR, WIRE_MAJOR);
    pcscd_put(call, VERSION_MINOR, WIRE_MINOR_MAX);
    return true;
}

static bool do_establish(struct call *call)
{
    uint32_t context = 0;
    struct program program = session_program(call->session, ABI_PCSCLITE);
    enum sc_error error = pcscd_word(call, ESTABLISH_SCOPE) > SCOPE_MAX
                              ? SC_E_INVALID_VALUE
                              : host_establish_for(&program, &context);
    if (error == SC_OK && (error = session_add_context(call->session, context)) != SC_OK)
        (void)host_release(context);
    if (error == SC_OK)
        pcscd_peer(call->connection)->context = context;
    pcscd_respond(call, ESTABLISH_RV, error);
    pcscd_put(call, ESTABLISH_CONTEXT, error == SC_OK ? context : 0);
    return true;
}

static bool do_release(struct call *call)
{
    uint32_t context = pcscd_word(call, 0);
    if (!session_has_context(call->session, context))
        return pcscd_respond(call, PLAIN_RV, SC_E_INVALID_HANDLE);
    session_drop_context(call->session, context);
    if (pcscd_peer(call->connection)->context == context)
        pcscd_peer(call->connection)->context = 0;
    return server_begin_release(call, context)
           && pcscd_respond(call, PLAIN_RV, call->op.error);
}

/* It comes on a connection of its own, which says nothing else. */
static bool do_cancel(struct call *call)
{
    const struct connection *connection = call->connection;
    uint32_t context = pcscd_word(call, 0);
    bool may = connection->uid != UINT32_MAX
               && session_find_context(call->server, context, connection->uid);
    return pcscd_respond(call, PLAIN_RV,
                         may ? host_cancel(context) : SC_E_INVALID_HANDLE);
}

/* --- All of them -------------------------------------------------------------------- */

/* What must have been before. */
enum after { AFTER_NOTHING, AFTER_VERSION, AFTER_CONTEXT };

struct command {
    const char *name;
    bool (*start)(struct call *call);
    uint32_t size;
    enum after after;
};

static const struct command wire_commands[] = {
    [WIRE_ESTABLISH_CONTEXT] = {"establish context", do_establish, WIRE_ESTABLISH_SIZE,
                                AFTER_VERSION},
    [WIRE_RELEASE_CONTEXT] = {"release context", do_release, WIRE_PLAIN_SIZE,
                              AFTER_VERSION},
    [WIRE_CONNECT] = {"connect", pcscd_take_connect, WIRE_CONNECT_SIZE, AFTER_VERSION},
    [WIRE_RECONNECT] = {"reconnect", pcscd_reconnect, WIRE_RECONNECT_SIZE, AFTER_VERSION},
    [WIRE_DISCONNECT] = {"disconnect", pcscd_disconnect, WIRE_DISPOSE_SIZE,
                         AFTER_VERSION},
    [WIRE_BEGIN_TRANSACTION] = {"begin transaction", pcscd_begin, WIRE_PLAIN_SIZE,
                                AFTER_VERSION},
    [WIRE_END_TRANSACTION] = {"end transaction", pcscd_end, WIRE_DISPOSE_SIZE,
                              AFTER_VERSION},
    [WIRE_TRANSMIT] = {"transmit", pcscd_transmit, WIRE_TRANSMIT_SIZE, AFTER_VERSION},
    [WIRE_CONTROL] = {"control", pcscd_control, WIRE_CONTROL_SIZE, AFTER_VERSION},
    [WIRE_STATUS] = {"status", pcscd_status, WIRE_PLAIN_SIZE, AFTER_VERSION},
    [WIRE_CANCEL] = {"cancel", do_cancel, WIRE_PLAIN_SIZE, AFTER_NOTHING},
    [WIRE_GET_ATTRIB] = {"get attribute", pcscd_get_attrib, WIRE_ATTRIB_SIZE,
                         AFTER_VERSION},
    [WIRE_SET_ATTRIB] = {"set attribute", pcscd_set_attrib, WIRE_ATTRIB_SIZE,
                         AFTER_VERSION},
    [WIRE_VERSION] = {"version", do_version, WIRE_VERSION_SIZE, AFTER_NOTHING},
    [WIRE_GET_READERS_STATE] = {"get states", pcscd_take_states, 0, AFTER_CONTEXT},
    [WIRE_WAIT_READER_STATE_CHANGE] = {"wait", pcscd_take_states, 0, AFTER_CONTEXT},
    [WIRE_STOP_WAITING] = {"stop waiting", pcscd_stop_waiting, 0, AFTER_CONTEXT},
    [WIRE_GET_READER_EVENTS] = {"get events", pcscd_get_events, 0, AFTER_CONTEXT},
    [WIRE_GET_READERS_STATE_SIZE] = {"get number", pcscd_get_count, 0, AFTER_CONTEXT},
    [WIRE_GET_READERS_STATE_ARRAY] = {"get array", pcscd_take_states, 0, AFTER_CONTEXT}};

static const struct command *find_wire_command(uint32_t number)
{
    bool known =
        number < ARRAY_SIZE(wire_commands) && wire_commands[number].start != NULL;
    return known ? &wire_commands[number] : NULL;
}

/* Up to 4:3 these two have a body, of which nothing is used. */
static bool may_have_body(uint32_t number)
{
    return number == WIRE_WAIT_READER_STATE_CHANGE || number == WIRE_STOP_WAITING;
}

static size_t measure_command(struct connection *connection, struct call *call)
{
    (void)connection;
    if (call->request_size < WIRE_HEADER_SIZE)
        return WIRE_HEADER_SIZE;
    uint32_t size = pcscd_word_at(call->request),
             number = pcscd_word_at(call->request + sizeof(uint32_t));
    const struct command *command = find_wire_command(number);
    bool fits =
        command != NULL
        && (size == command->size || (size == WIRE_EVENT_SIZE && may_have_body(number)));
    if (!fits)
        return 0;
    call->header.size = size;
    call->header.call = (uint16_t)number;
    size_t whole = WIRE_HEADER_SIZE + size;
    if (call->request_size < whole || (number != WIRE_TRANSMIT && number != WIRE_CONTROL))
        return whole;
    uint32_t extra = pcscd_word(call, number == WIRE_TRANSMIT ? TRANSMIT_SEND_LENGTH
                                                              : CONTROL_SEND_LENGTH);
    return extra <= WIRE_TRANSFER_MAX ? whole + extra : 0;
}

static bool is_in_order(const struct connection *connection, enum after after)
{
    return after == AFTER_NOTHING
           || (connection->session != NULL
               && (after == AFTER_VERSION || pcscd_peer(connection)->context != 0));
}

static bool begin_command(struct call *call)
{
    if (call->event)
        return pcscd_event_begin(call);
    const struct command *command = find_wire_command(call->header.call);
    log_debug("%u: pcscd's %s", (unsigned)call->connection->pid, command->name);
    return is_in_order(call->connection, command->after) ? command->start(call)
                                                         : pcscd_refuse(call);
}

static void end_command(struct call *call)
{
    if (call->event) {
        (void)pcscd_event_end(call);
        return;
    }
    switch (call->header.call) {
    case WIRE_RELEASE_CONTEXT:
        (void)pcscd_respond(call, PLAIN_RV, call->op.error);
        break;
    case WIRE_GET_READERS_STATE:
    case WIRE_GET_READERS_STATE_ARRAY:
    case WIRE_WAIT_READER_STATE_CHANGE:
        break; /* and then pcscd_answer() */
    default:
        (void)pcscd_card_done(call);
        break;
    }
}

/* All that it got is of its session, which ends with it. */
static void undo_command(struct call *call)
{
    (void)call;
}

const struct protocol pcscd_protocol = {.measure = measure_command,
                                        .begin = begin_command,
                                        .end = end_command,
                                        .answer = pcscd_answer,
                                        .undo = undo_command,
                                        .idle = pcscd_idle,
                                        .peer_size = sizeof(struct pcscd_peer),
                                        .pipelined = true};
