/* SPDX-License-Identifier: BSD-2-Clause */
/* The service's side of pcscd's protocol: what a client sends, cut into asks and carried
 * out. The host, sessions and readers are the harness's own: what they do is in the input
 * too, whose first 32 bytes are decisions. */
#include "host/host.h"
#include "tests/fuzz/property.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "os/lock.h"
#include "service/pcscd.h"
#include "service/permit.h"
#include "service/protocol.h"
#include "service/server.h"

enum { DECISIONS = 32, CONTEXT = 5, CARD = 9, OTHERS_CARD = 11, READERS = 3, TOLD = 77 };

static const uint8_t *decisions;
static size_t decided;
static bool has_context, has_card;
static struct call *parked; /* one of these is in the host */
static bool asked_polkit;
static uint32_t answers, waits;

static unsigned decide(unsigned choices)
{
    return decisions[decided++ % DECISIONS] % choices;
}

static enum sc_error any_error(void)
{
    static const enum sc_error errors[] = {SC_OK,
                                           SC_OK,
                                           SC_OK,
                                           SC_E_INVALID_HANDLE,
                                           SC_E_TIMEOUT,
                                           SC_E_CANCELLED,
                                           SC_E_NO_MEMORY,
                                           SC_E_INSUFFICIENT_BUFFER,
                                           SC_OK,
                                           SC_W_RESET_CARD,
                                           SC_X_NOT_SUPPORTED};
    return errors[decide(sizeof(errors) / sizeof(errors[0]))];
}

/* --- The host ----------------------------------------------------------------------- */

/* The memory that a job reads and writes is there. */
static void do_transfer(struct host_op *op)
{
    struct transfer *transfer = &op->request.transfer;
    const struct call *call = (const struct call *)(const void *)op;
    uint32_t sum = 0;
    for (size_t i = 0; i < transfer->in_size; i++)
        sum += transfer->in[i];
    PROPERTY(transfer->in_size <= WIRE_TRANSFER_MAX && sum != UINT32_MAX);
    if (transfer->out == NULL)
        return;
    PROPERTY(transfer->out_room <= WIRE_TRANSFER_MAX);
    PROPERTY(transfer->out + transfer->out_room <= call->response + call->response_room);
    if (transfer->out_room > 0)
        memset(transfer->out, (int)decide(7), transfer->out_room);
    transfer->out_size = decide(3) == 0 ? 12 : transfer->out_room;
    if (op->error == SC_OK && transfer->out_size > transfer->out_room)
        op->error = SC_E_INSUFFICIENT_BUFFER;
}

/* True: it is finished. */
static bool begin_op(struct host_op *op)
{
    op->error = any_error();
    if (decide(4) == 0) {
        parked = (struct call *)(void *)op;
        return false;
    }
    do_transfer(op);
    return true;
}

bool host_op_connect(struct host_op *op, uint32_t context, const char *reader)
{
    PROPERTY(context == CONTEXT && strlen(reader) < WIRE_NAME_MAX);
    op->card = CARD;
    op->request.active = decide(2) == 0 ? PROTOCOL_T1 : PROTOCOL_RAW;
    return begin_op(op);
}

bool server_run_card(struct call *call, uint32_t card)
{
    PROPERTY(card == CARD && has_card);
    return begin_op(&call->op);
}

bool server_begin_release(struct call *call, uint32_t context)
{
    PROPERTY(context == CONTEXT);
    return begin_op(&call->op);
}

bool host_op_news(struct host_op *op, uint32_t context, uint64_t since)
{
    PROPERTY(context == CONTEXT && (since == 0 || since == TOLD));
    op->error = any_error();
    return decide(4) == 0;
}

bool host_op_states(struct host_op *op, uint32_t context, uint64_t since)
{
    PROPERTY(context == CONTEXT && (since == 0 || since == TOLD));
    memset(&op->request, 0, sizeof(op->request));
    return begin_op(op);
}

bool host_op_resume(struct host_op *op)
{
    do_transfer(op);
    return true;
}

struct program session_program(const struct session *of, enum program_abi abi)
{
    const struct program program = {.abi = abi};
    (void)of;
    return program;
}

enum sc_error host_establish_for(const struct program *program, uint32_t *context)
{
    PROPERTY(program->abi == ABI_PCSCLITE);
    *context = CONTEXT;
    return any_error();
}

enum sc_error host_release(uint32_t context)
{
    PROPERTY(context == CONTEXT);
    return SC_OK;
}

enum sc_error host_cancel(uint32_t context)
{
    PROPERTY(context == CONTEXT);
    return any_error();
}

enum sc_error host_card_call(uint32_t id, struct request *request)
{
    PROPERTY(id == CARD && request->kind == REQUEST_DISCONNECT);
    return SC_OK;
}

enum sc_error host_card_status(uint32_t id, enum name_style style,
                               struct card_status *status)
{
    PROPERTY(id == CARD && style == NAME_PCSCLITE);
    memset(status, 0, sizeof(*status));
    return any_error();
}

enum sc_error host_get_attribute(uint32_t card, enum name_style style, uint32_t id,
                                 uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size)
{
    PROPERTY(card == CARD && style == NAME_PCSCLITE);
    *size = id % (DRIVER_ATTRIBUTE_MAX + 1);
    memset(value, 7, *size);
    return any_error();
}

enum sc_error host_visit_readers(reader_visit *visit, void *context, uint64_t *changes)
{
    uint32_t count = decide(2) == 0 ? READERS : READERS * 40;
    *changes = TOLD;
    for (uint32_t i = 0; i < count; i++) {
        char name[DRIVER_NAME_MAX] = "";
        memset(name, 'x', i < DRIVER_NAME_MAX ? i : DRIVER_NAME_MAX - 1);
        const struct slot_view view = {.card = (enum card_state)(i % 6),
                                       .state =
                                           i % 7 == 0 ? VIEW_UNAVAILABLE : VIEW_EXCLUSIVE,
                                       .atr_size = i % (DRIVER_ATR_MAX + 1)};
        const struct reader_state state = {.names = {name, name}, .view = &view};
        visit(context, &state);
    }
    return decide(8) != 0 ? SC_OK : SC_E_INVALID_HANDLE;
}

uint32_t host_reader_changes(void)
{
    return decide(200);
}

/* --- The service -------------------------------------------------------------------- */

enum sc_error connection_begin_session(struct connection *connection)
{
    static struct session session;
    if (decide(5) == 0)
        return SC_E_SERVER_TOO_BUSY;
    connection->session = &session;
    return SC_OK;
}

bool session_find_context(struct server *server, uint32_t context, uint32_t uid)
{
    (void)server;
    (void)uid;
    return has_context && context == CONTEXT;
}

bool session_has_context(struct session *session, uint32_t context)
{
    PROPERTY(session != NULL);
    return has_context && context == CONTEXT;
}

bool session_has_card(struct session *session, uint32_t card)
{
    PROPERTY(session != NULL);
    return has_card && card == CARD;
}

bool session_may_have_card(struct session *session)
{
    return session != NULL && decide(5) != 0;
}

uint32_t session_card_count(struct session *session)
{
    return session != NULL ? decide(3) : 0;
}

enum sc_error session_add_context(struct session *session, uint32_t context)
{
    PROPERTY(session != NULL && context == CONTEXT);
    has_context = decide(5) != 0;
    return has_context ? SC_OK : SC_E_SERVER_TOO_BUSY;
}

enum sc_error session_add_card(struct session *session, uint32_t card, uint32_t context)
{
    PROPERTY(session != NULL && card == CARD && context == CONTEXT);
    has_card = decide(5) != 0;
    return has_card ? SC_OK : SC_E_SERVER_TOO_BUSY;
}

void session_drop_context(struct session *session, uint32_t context)
{
    PROPERTY(session != NULL && context == CONTEXT);
    has_context = has_card = false;
}

void session_drop_card(struct session *session, uint32_t card)
{
    PROPERTY(session != NULL && card == CARD);
    has_card = false;
}

static enum permit any_permit(struct call *call)
{
    if (atomic_load_u32(&call->asking) == CALL_PERMITTED)
        return PERMIT_YES;
    switch (decide(6)) {
    case 0:
        return PERMIT_NO;
    case 1:
        atomic_store_u32(&call->asking, CALL_ASKING);
        asked_polkit = true;
        parked = call;
        return PERMIT_LATER;
    default:
        return PERMIT_YES;
    }
}

enum permit permit_reader(struct call *call, uint32_t context, const char *reader,
                          enum policy_right right)
{
    PROPERTY(context == CONTEXT && reader[0] != '\0' && right == POLICY_USE);
    return any_permit(call);
}

enum permit permit_card(struct call *call, uint32_t card, enum policy_right right)
{
    PROPERTY(card == CARD && right == POLICY_CONTROL);
    return any_permit(call);
}

bool permit_visible_names(const struct session *session, const char *const names[2])
{
    PROPERTY(session != NULL);
    return names[NAME_PCSCLITE][0] != '\0';
}

enum policy_right policy_control_right(uint32_t code)
{
    return (code & 1) != 0 ? POLICY_USE : POLICY_CONTROL;
}

void server_wake(struct host_op *op)
{
    (void)op;
}

struct call *call_new(struct server *server)
{
    struct call *call = calloc(1, sizeof(*call));
    if (call == NULL)
        abort();
    call->server = server;
    return call;
}

void call_free(struct call *call)
{
    if (call == NULL)
        return;
    free(call->request);
    mem_free(call->response);
    free(call);
}

bool call_make_response_room(struct call *call, size_t wanted)
{
    if (call->response_room >= wanted)
        return true;
    uint8_t *larger = mem_resize(call->response, wanted);
    if (larger == NULL)
        return false;
    call->response = larger;
    call->response_room = wanted;
    return true;
}

bool server_run(struct call *call, bool first)
{
    PROPERTY(first && call->connection->event == call);
    waits++;
    return protocol_start(call);
}

/* Only pcscd_idle() sets one, and here nothing becomes idle. */
void connection_set_deadline(struct connection *connection, enum connection_limit limit,
                             uint64_t deadline_ms)
{
    (void)connection;
    (void)limit;
    (void)deadline_ms;
    PROPERTY(false);
}

bool server_abandon(struct call *call)
{
    return call->response_size > 0 || decide(3) != 0;
}

/* --- The client --------------------------------------------------------------------- */

/* Takes a call to its end; the reply is of the size that its client expects. */
static void carry_out(struct connection *connection, struct call *call)
{
    bool done = protocol_start(call);
    while (!done) {
        PROPERTY(parked == call);
        parked = NULL;
        if (asked_polkit)
            atomic_store_u32(&call->asking, decide(2) == 0 ? CALL_REFUSED : CALL_ALLOWED);
        asked_polkit = false;
        done = protocol_resume(call);
    }
    if (!connection->gone)
        connection->protocol->answer(call);
    PROPERTY(call->response_size <= call->response_room);
    bool moves = call->header.call >= WIRE_GET_READERS_STATE;
    bool sends = call->header.call == WIRE_TRANSMIT || call->header.call == WIRE_CONTROL;
    if (!connection->gone && !moves)
        PROPERTY(call->response_size >= call->header.size
                 && (sends || call->response_size == call->header.size));
    if (call->response_size > 0)
        answers++;
}

/* Gives the ask at the beginning of `data` its memory; 0: it is not whole, or none. */
static size_t take_ask(struct connection *connection, struct call *call,
                       const uint8_t *data, size_t size)
{
    size_t known = 0;
    for (;;) {
        free(call->request);
        call->request = property_copy(data, known);
        call->request_size = known;
        size_t wanted = connection->protocol->measure(connection, call);
        PROPERTY(wanted == 0 || wanted >= known);
        PROPERTY(wanted <= CALL_ROOM);
        if (wanted == 0 || wanted > size)
            return 0;
        if (wanted == known)
            return known;
        known = wanted;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct server server;
    static bool ready;
    struct connection connection;
    if (size < DECISIONS)
        return 0;
    if (!ready)
        os_mutex_init(&server.lock);
    ready = true;
    decisions = data;
    decided = 0;
    has_context = has_card = asked_polkit = false;
    memset(&connection, 0, sizeof(connection));
    connection.server = &server;
    connection.protocol = &pcscd_protocol;
    connection.peer = calloc(1, pcscd_protocol.peer_size);
    if (connection.peer == NULL)
        abort();
    data += DECISIONS;
    size -= DECISIONS;
    for (size_t whole = 1; whole > 0 && !connection.gone;) {
        struct call *call = call_new(&server);
        call->protocol = connection.protocol;
        call->connection = &connection;
        call->session = connection.session;
        whole = take_ask(&connection, call, data, size);
        if (whole > 0 && call_make_response_room(call, CALL_ROOM))
            carry_out(&connection, call);
        call_free(call);
        data += whole;
        size -= whole;
    }
    call_free(connection.event);
    free(connection.peer);
    return 0;
}
