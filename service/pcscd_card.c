/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: what is done with cards. */
#include "service/pcscd.h"

#include "host/host.h"
#include "os/time.h"
#include "service/permit.h"
#include "service/server.h"

#include <string.h>

enum {
    CODE_GET_FEATURE_REQUEST = 0x00313520,
    PATIENCE_MS = 200 /* before SCARD_E_SHARING_VIOLATION */
};

/* --- Values ------------------------------------------------------------------------- */

static uint32_t protocols_in(uint32_t mask)
{
    uint32_t made = mask & (PROTOCOL_T0 | PROTOCOL_T1);
    if ((mask & THEIR_PROTOCOL_RAW) != 0)
        made |= PROTOCOL_RAW;
    if ((mask & THEIR_PROTOCOL_ANY_OLD) != 0)
        made |= PROTOCOL_T0 | PROTOCOL_T1;
    return made;
}

static uint32_t protocol_out(uint32_t protocol)
{
    return protocol == PROTOCOL_RAW ? (uint32_t)THEIR_PROTOCOL_RAW : protocol;
}

/* The one to transmit with; 0: the active one. False: there is none of this number. */
static bool one_protocol(uint32_t wanted, uint32_t *protocol)
{
    *protocol = wanted == THEIR_PROTOCOL_ANY_OLD ? 0U : protocols_in(wanted);
    return wanted == PROTOCOL_T0 || wanted == PROTOCOL_T1 || wanted == THEIR_PROTOCOL_RAW
           || wanted == THEIR_PROTOCOL_ANY_OLD;
}

/* --- Calls -------------------------------------------------------------------------- */

/* False: the request is for a handle that is not of this connection. */
static bool has_own_card(const struct call *call)
{
    return session_has_card(call->session, pcscd_word(call, 0));
}

/* libpcsclite holds its context's lock while it waits for an answer, and so would keep
 * the holder of the transaction from ending it, and every other thread from other
 * readers. So nothing waits here for another's transaction but for a moment, and not even
 * that where the connection has another handle. */
static void refuse_soon(struct call *call, uint32_t own_handles)
{
    struct request *request = &call->op.request;
    bool may_wait = session_card_count(call->session) <= own_handles;
    request->patience = PATIENCE_ENDS;
    request->refuse_ms = os_now_ms() + (may_wait ? (uint64_t)PATIENCE_MS : 0);
}

/* For these libpcsclite asks again, 100 ms after it was refused. */
static bool is_asked_again(enum request_kind kind)
{
    return kind == REQUEST_BEGIN || kind == REQUEST_TRANSMIT || kind == REQUEST_RECONNECT;
}

static bool run_request(struct call *call, enum request_kind kind)
{
    assert(call->session != NULL);
    if (kind != REQUEST_DISCONNECT)
        refuse_soon(call, 1);
    if (is_asked_again(kind))
        call->op.request.patience = PATIENCE_RETURNS;
    call->card = pcscd_word(call, 0);
    call->op.request.kind = kind;
    return server_run_card(call, call->card) && pcscd_card_done(call);
}

/* Without the host. */
static bool finish_at_once(struct call *call, enum sc_error error)
{
    call->op.error = error;
    return pcscd_card_done(call);
}

static bool get_reader_name(const struct call *call, char name[WIRE_NAME_MAX])
{
    memcpy(name, call->request + WIRE_HEADER_SIZE + sizeof(uint32_t) * CONNECT_READER,
           WIRE_NAME_MAX);
    name[WIRE_NAME_MAX - 1] = '\0';
    return name[0] != '\0';
}

static bool is_share(uint32_t share)
{
    return share >= SHARE_EXCLUSIVE && share <= SHARE_DIRECT;
}

bool pcscd_take_connect(struct call *call)
{
    struct request *request = &call->op.request;
    char name[WIRE_NAME_MAX];
    uint32_t context = pcscd_word(call, CONNECT_CONTEXT);
    request->share = pcscd_word(call, CONNECT_SHARE);
    request->protocols = protocols_in(pcscd_word(call, CONNECT_PROTOCOLS));
    request->preference = PREFER_T1;
    if (!session_has_context(call->session, context))
        return finish_at_once(call, SC_E_INVALID_HANDLE);
    if (!get_reader_name(call, name))
        return finish_at_once(call, SC_E_UNKNOWN_READER);
    if (!is_share(request->share))
        return finish_at_once(call, SC_E_INVALID_VALUE);
    if (!session_may_have_card(call->session))
        return finish_at_once(call, SC_E_SERVER_TOO_BUSY);
    enum permit permit = permit_reader(call, context, name, POLICY_USE);
    if (permit == PERMIT_NO_READER)
        return finish_at_once(call, SC_E_UNKNOWN_READER);
    if (permit != PERMIT_YES)
        return permit == PERMIT_NO && finish_at_once(call, SC_W_SECURITY_VIOLATION);
    call->context = context;
    refuse_soon(call, 0);
    return host_op_connect(&call->op, context, name) && pcscd_card_done(call);
}

bool pcscd_reconnect(struct call *call)
{
    struct request *request = &call->op.request;
    request->share = pcscd_word(call, RECONNECT_SHARE);
    request->protocols = protocols_in(pcscd_word(call, RECONNECT_PROTOCOLS));
    request->disposition = pcscd_word(call, RECONNECT_INITIALIZATION);
    request->preference = PREFER_T1;
    if (!has_own_card(call))
        return pcscd_refuse(call);
    if (!is_share(request->share) || request->disposition > DISPOSITION_UNPOWER)
        return finish_at_once(call, SC_E_INVALID_VALUE);
    return run_request(call, REQUEST_RECONNECT);
}

static bool dispose(struct call *call, enum request_kind kind)
{
    call->op.request.disposition = pcscd_word(call, DISPOSE_DISPOSITION);
    if (!has_own_card(call))
        return pcscd_refuse(call);
    if (call->op.request.disposition > DISPOSITION_EJECT)
        return finish_at_once(call, SC_E_INVALID_VALUE);
    return run_request(call, kind);
}

bool pcscd_disconnect(struct call *call)
{
    return dispose(call, REQUEST_DISCONNECT);
}

bool pcscd_end(struct call *call)
{
    return dispose(call, REQUEST_END);
}

bool pcscd_begin(struct call *call)
{
    return has_own_card(call) ? run_request(call, REQUEST_BEGIN) : pcscd_refuse(call);
}

/* What is sent stands behind the body, and what is received goes behind that of the
 * response. */
static void place_transfer(struct call *call, uint32_t send, uint32_t room)
{
    assert(call->header.size + WIRE_TRANSFER_MAX <= call->response_room);
    struct transfer *transfer = &call->op.request.transfer;
    transfer->in = call->request + WIRE_HEADER_SIZE + call->header.size;
    transfer->in_size = send;
    transfer->out = call->response + call->header.size;
    transfer->out_room = room < WIRE_TRANSFER_MAX ? room : (uint32_t)WIRE_TRANSFER_MAX;
}

bool pcscd_transmit(struct call *call)
{
    struct request *request = &call->op.request;
    if (!has_own_card(call))
        return pcscd_refuse(call);
    if (!one_protocol(pcscd_word(call, TRANSMIT_SEND_PROTOCOL), &request->protocols))
        return finish_at_once(call, SC_E_PROTO_MISMATCH);
    place_transfer(call, pcscd_word(call, TRANSMIT_SEND_LENGTH),
                   pcscd_word(call, TRANSMIT_LENGTH));
    return run_request(call, REQUEST_TRANSMIT);
}

bool pcscd_control(struct call *call)
{
    uint32_t card = pcscd_word(call, 0), code = pcscd_word(call, CONTROL_CODE);
    if (!has_own_card(call))
        return pcscd_refuse(call);
    /* What is about the reader, not its card. */
    enum permit permit = policy_control_right(code) == POLICY_CONTROL
                             ? permit_card(call, card, POLICY_CONTROL)
                             : PERMIT_YES;
    if (permit != PERMIT_YES)
        return permit == PERMIT_NO && finish_at_once(call, SC_W_SECURITY_VIOLATION);
    call->op.request.number = wire_control_in(code);
    call->op.request.style = NAME_PCSCLITE;
    place_transfer(call, pcscd_word(call, CONTROL_SEND_LENGTH),
                   pcscd_word(call, CONTROL_ROOM));
    return run_request(call, REQUEST_CONTROL);
}

bool pcscd_status(struct call *call)
{
    struct card_status status;
    if (!has_own_card(call))
        return pcscd_refuse(call);
    return finish_at_once(call,
                          host_card_status(pcscd_word(call, 0), NAME_PCSCLITE, &status));
}

/* --- Attributes --------------------------------------------------------------------- */

/* What the host finds stands behind the response until it is known to fit. */
bool pcscd_get_attrib(struct call *call)
{
    struct request *request = &call->op.request;
    if (!has_own_card(call) || pcscd_word(call, ATTRIB_LENGTH) > WIRE_ATTRIBUTE_MAX)
        return pcscd_refuse(call);
    request->number = pcscd_word(call, ATTRIB_ID);
    request->style = NAME_PCSCLITE;
    assert(call->header.size + DRIVER_ATTRIBUTE_MAX <= call->response_room);
    request->transfer.out = call->response + call->header.size;
    request->transfer.out_room = DRIVER_ATTRIBUTE_MAX;
    return run_request(call, REQUEST_GET_ATTRIBUTE);
}

bool pcscd_set_attrib(struct call *call)
{
    struct transfer *transfer = &call->op.request.transfer;
    uint32_t size = pcscd_word(call, ATTRIB_LENGTH);
    if (!has_own_card(call) || size > WIRE_ATTRIBUTE_MAX)
        return pcscd_refuse(call);
    enum permit permit = permit_card(call, pcscd_word(call, 0), POLICY_CONTROL);
    if (permit != PERMIT_YES)
        return permit == PERMIT_NO && finish_at_once(call, SC_W_SECURITY_VIOLATION);
    call->op.request.number = pcscd_word(call, ATTRIB_ID);
    transfer->in = call->request + WIRE_HEADER_SIZE + sizeof(uint32_t) * ATTRIB_DATA;
    transfer->in_size = size;
    return run_request(call, REQUEST_SET_ATTRIBUTE);
}

/* --- Results ------------------------------------------------------------------------ */

static bool respond_connect(struct call *call, enum sc_error error)
{
    if (error == SC_OK
        && (error = session_add_card(call->session, call->op.card, call->context))
               != SC_OK) {
        struct request request = {.kind = REQUEST_DISCONNECT};
        (void)host_card_call(call->op.card, &request);
    }
    pcscd_respond(call, CONNECT_RV, error);
    pcscd_put(call, CONNECT_CARD, error == SC_OK ? call->op.card : 0);
    pcscd_put(call, CONNECT_ACTIVE,
              error == SC_OK ? protocol_out(call->op.request.active) : 0);
    return true;
}

static bool respond_reconnect(struct call *call, enum sc_error error)
{
    pcscd_respond(call, RECONNECT_RV, error);
    pcscd_put(call, RECONNECT_ACTIVE,
              error == SC_OK ? protocol_out(call->op.request.active) : 0);
    return true;
}

/* `length` is reported for an answer that did not fit, too. */
static bool respond_transfer(struct call *call, unsigned length, unsigned rv,
                             enum sc_error error)
{
    const struct transfer *transfer = &call->op.request.transfer;
    bool told = error == SC_OK || error == SC_E_INSUFFICIENT_BUFFER;
    pcscd_respond(call, rv, error);
    pcscd_put(call, length, told ? (uint32_t)transfer->out_size : 0);
    if (error == SC_OK)
        call->response_size += transfer->out_size; /* it is there already */
    return true;
}

static bool respond_transmit(struct call *call, enum sc_error error)
{
    respond_transfer(call, TRANSMIT_LENGTH, TRANSMIT_RV, error);
    if (error == SC_OK)
        pcscd_put(call, TRANSMIT_PROTOCOL, protocol_out(call->op.request.active));
    return true;
}

/* IOCTL_GET_LAST_ERROR gives an error of ours. */
static void put_result(uint8_t *bytes)
{
    uint32_t result;
    memcpy(&result, bytes, sizeof(result));
    result = pcscd_result((enum sc_error)result);
    memcpy(bytes, &result, sizeof(result));
}

static bool respond_control(struct call *call, enum sc_error error)
{
    const struct request *request = &call->op.request;
    if (error == SC_OK && request->number == CODE_GET_FEATURE_REQUEST)
        wire_features_out(request->transfer.out, request->transfer.out_size);
    if (error == SC_OK && request->number == IOCTL_GET_LAST_ERROR)
        put_result(request->transfer.out);
    return respond_transfer(call, CONTROL_LENGTH, CONTROL_RV, error);
}

static bool respond_attribute(struct call *call, enum sc_error error)
{
    const struct transfer *transfer = &call->op.request.transfer;
    if (error != SC_OK)
        return pcscd_respond(call, ATTRIB_RV, error);
    if (transfer->out_size > pcscd_word(call, ATTRIB_LENGTH))
        error = SC_E_INSUFFICIENT_BUFFER;
    pcscd_respond(call, ATTRIB_RV, error);
    pcscd_put(call, ATTRIB_LENGTH, (uint32_t)transfer->out_size);
    if (error == SC_OK)
        memcpy(call->response + sizeof(uint32_t) * ATTRIB_DATA, transfer->out,
               transfer->out_size);
    return true;
}

bool pcscd_card_done(struct call *call)
{
    enum sc_error error = call->op.error;
    switch (call->header.call) {
    case WIRE_CONNECT:
        return respond_connect(call, error);
    case WIRE_RECONNECT:
        return respond_reconnect(call, error);
    case WIRE_DISCONNECT:
        if (error == SC_OK)
            session_drop_card(call->session, call->card);
        return pcscd_respond(call, DISPOSE_RV, error);
    case WIRE_END_TRANSACTION:
        return pcscd_respond(call, DISPOSE_RV, error);
    case WIRE_TRANSMIT:
        return respond_transmit(call, error);
    case WIRE_CONTROL:
        return respond_control(call, error);
    case WIRE_GET_ATTRIB:
        return respond_attribute(call, error);
    case WIRE_SET_ATTRIB:
        return pcscd_respond(call, ATTRIB_RV, error);
    default:
        return pcscd_respond(call, PLAIN_RV, error);
    }
}
