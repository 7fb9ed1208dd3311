/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: asks as they come, versions and contexts. */
#include "service/pcscd.h"

#include "base/atomic.h"
#include "base/log.h"
#include "service/permit.h"

#include <string.h>

enum { SCOPE_MAX = 3 };

/* --- Words -------------------------------------------------------------------------- */

static uint32_t word_at(const uint8_t *bytes)
{
    uint32_t word;
    memcpy(&word, bytes, sizeof(word));
    return word;
}

uint32_t pcscd_word(const struct call *call, unsigned number)
{
    size_t at = WIRE_HEADER_SIZE + sizeof(uint32_t) * number;
    return at + sizeof(uint32_t) <= call->ask_size ? word_at(call->ask + at) : 0;
}

void pcscd_put(struct call *call, unsigned number, uint32_t word)
{
    memcpy(call->reply + sizeof(word) * number, &word, sizeof(word));
}

uint32_t pcscd_result(enum sc_error error)
{
    if (error == SC_OK)
        return 0;
    /* SCARD_E_UNSUPPORTED_FEATURE has the number there that SCARD_E_UNEXPECTED has. */
    if (error == SC_X_BAD_ATTRIBUTE || error == SC_E_UNSUPPORTED_FEATURE)
        return 0x8010001F;
    return 0x80100000U | (uint32_t)error;
}

bool pcscd_reply(struct call *call, unsigned rv, enum sc_error error)
{
    memcpy(call->reply, call->ask + WIRE_HEADER_SIZE, call->header.size);
    call->reply_size = call->header.size;
    pcscd_put(call, rv, pcscd_result(error));
    return true;
}

bool pcscd_refuse(struct call *call)
{
    log_debug("%u: cut off after command %u", (unsigned)call->connection->pid,
              (unsigned)call->header.call);
    call->connection->gone = true;
    return true;
}

/* --- Contexts ----------------------------------------------------------------------- */

/* A process has a connection for each of its contexts, and each is a session here. */
static bool begin_session(struct connection *connection)
{
    return !connection->crowded && session_new(connection->server, connection) == SC_OK;
}

/* Who asks for a version that we do not have may ask again. */
static bool do_version(struct call *call)
{
    struct connection *connection = call->connection;
    uint32_t minor = pcscd_word(call, VERSION_MINOR);
    bool known = pcscd_word(call, VERSION_MAJOR) == WIRE_MAJOR && minor >= WIRE_MINOR_OLD
                 && minor <= WIRE_MINOR_MAX;
    if (known && connection->session == NULL && !begin_session(connection))
        return pcscd_refuse(call);
    if (known)
        connection->peer.minor = minor;
    connection->peer.hold_ms = 0;
    pcscd_reply(call, VERSION_RV, known ? SC_OK : SC_E_SERVICE_STOPPED);
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
        call->connection->peer.context = context;
    pcscd_reply(call, ESTABLISH_RV, error);
    pcscd_put(call, ESTABLISH_CONTEXT, error == SC_OK ? context : 0);
    return true;
}

static bool do_release(struct call *call)
{
    uint32_t context = pcscd_word(call, 0);
    if (!session_has_context(call->session, context))
        return pcscd_reply(call, PLAIN_RV, SC_E_INVALID_HANDLE);
    session_drop_context(call->session, context);
    if (call->connection->peer.context == context)
        call->connection->peer.context = 0;
    return server_begin_release(call, context)
           && pcscd_reply(call, PLAIN_RV, call->op.error);
}

/* It comes on a connection of its own, which says nothing else. */
static bool do_cancel(struct call *call)
{
    const struct connection *connection = call->connection;
    uint32_t context = pcscd_word(call, 0);
    bool may = connection->uid != UINT32_MAX
               && session_find_context(call->server, context, connection->uid);
    return pcscd_reply(call, PLAIN_RV, may ? host_cancel(context) : SC_E_INVALID_HANDLE);
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

static const struct command commands[] = {
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

static const struct command *find_command(uint32_t number)
{
    bool known =
        number < sizeof(commands) / sizeof(commands[0]) && commands[number].start != NULL;
    return known ? &commands[number] : NULL;
}

/* Up to 4:3 these two have a body, of which nothing is used. */
static bool may_have_body(uint32_t number)
{
    return number == WIRE_WAIT_READER_STATE_CHANGE || number == WIRE_STOP_WAITING;
}

static size_t measure(struct connection *connection, struct call *call)
{
    (void)connection;
    if (call->ask_size < WIRE_HEADER_SIZE)
        return WIRE_HEADER_SIZE;
    uint32_t size = word_at(call->ask), number = word_at(call->ask + sizeof(uint32_t));
    const struct command *command = find_command(number);
    bool fits =
        command != NULL
        && (size == command->size || (size == WIRE_EVENT_SIZE && may_have_body(number)));
    if (!fits)
        return 0;
    call->header.size = size;
    call->header.call = (uint16_t)number;
    size_t whole = WIRE_HEADER_SIZE + size;
    if (call->ask_size < whole || (number != WIRE_TRANSMIT && number != WIRE_CONTROL))
        return whole;
    uint32_t extra = pcscd_word(call, number == WIRE_TRANSMIT ? TRANSMIT_SEND_LENGTH
                                                              : CONTROL_SEND_LENGTH);
    return extra <= WIRE_TRANSFER_MAX ? whole + extra : 0;
}

static bool is_in_order(const struct connection *connection, enum after after)
{
    return after == AFTER_NOTHING
           || (connection->session != NULL
               && (after == AFTER_VERSION || connection->peer.context != 0));
}

static bool begin(struct call *call)
{
    const struct command *command = find_command(call->header.call);
    log_debug("%u: pcscd's %s", (unsigned)call->connection->pid, command->name);
    return is_in_order(call->connection, command->after) ? command->start(call)
                                                         : pcscd_refuse(call);
}

static bool start(struct call *call)
{
    call->op.wake = dispatch_wake;
    call->reply_size = 0;
    call->done = call->begun = false;
    atomic_store_u32(&call->asking, CALL_NOT_ASKING);
    if (call->event)
        return pcscd_news_start(call);
    return begin(call);
}

static bool end(struct call *call)
{
    if (call->event)
        return pcscd_news_done(call);
    switch (call->header.call) {
    case WIRE_RELEASE_CONTEXT:
        return pcscd_reply(call, PLAIN_RV, call->op.error);
    case WIRE_GET_READERS_STATE:
    case WIRE_GET_READERS_STATE_ARRAY:
    case WIRE_WAIT_READER_STATE_CHANGE:
        return true; /* and then pcscd_answer() */
    default:
        return pcscd_card_done(call);
    }
}

static bool resume(struct call *call)
{
    uint32_t asking = atomic_load_u32(&call->asking);
    if (asking == CALL_ASKING)
        return false;
    if (!call->begun && (asking == CALL_ALLOWED || asking == CALL_REFUSED)) {
        call->begun = true; /* from its beginning, now that polkit has said something */
        if (asking == CALL_ALLOWED)
            return begin(call);
        call->op.error = SC_W_SECURITY_VIOLATION;
        return end(call);
    }
    return host_op_resume(&call->op) && end(call);
}

/* All that it got is of its session, which ends with it. */
static void undo(struct call *call)
{
    (void)call;
}

const struct protocol pcscd_protocol = {.measure = measure,
                                        .start = start,
                                        .resume = resume,
                                        .answer = pcscd_answer,
                                        .undo = undo,
                                        .pipelined = true};
