/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on cards: connecting, transactions, commands, attributes. */
#include "host/host.h"
#include "service/dispatch_internal.h"
#include "service/server.h"
#include "service/session.h"

/* --- Cards -------------------------------------------------------------------------- */

static void set_connect_flags(struct request *request, uint32_t flags)
{
    request->alone = (flags & MESSAGE_FLAG_ALONE) != 0;
    request->preference =
        (flags & MESSAGE_FLAG_PREFER_T1) != 0 ? PREFER_T1 : PREFER_FIRST;
}

bool dispatch_do_connect(struct call *call, const struct message_request_connect *request)
{
    char name[DISPATCH_NAME_ROOM];
    call->op.request.share = request->share;
    call->op.request.protocols = request->protocols;
    set_connect_flags(&call->op.request, request->flags);
    return host_op_connect(&call->op, request->context,
                           dispatch_text(request->reader, name));
}

bool dispatch_end_connect(struct call *call, enum sc_error error)
{
    if (error != SC_OK)
        return dispatch_bare(call, error);
    error = session_add_card(call->session, call->op.card, call->context);
    if (error != SC_OK) {
        struct request request = {.kind = REQUEST_DISCONNECT};
        (void)host_card_call(call->op.card, &request);
        return dispatch_bare(call, error);
    }
    RESPOND(call, SC_OK, connect, .card = call->op.card,
            .active = call->op.request.active);
}

static bool start_card(struct call *call, enum request_kind kind)
{
    assert(call->card != 0);
    call->op.request.kind = kind;
    return server_run_card(call, call->card);
}

bool dispatch_do_reconnect(struct call *call,
                           const struct message_request_reconnect *request)
{
    call->op.request.share = request->share;
    call->op.request.protocols = request->protocols;
    call->op.request.disposition = request->disposition;
    set_connect_flags(&call->op.request, request->flags);
    return start_card(call, REQUEST_RECONNECT);
}

bool dispatch_do_disconnect(struct call *call,
                            const struct message_request_disconnect *request)
{
    call->op.request.disposition = request->disposition;
    return start_card(call, REQUEST_DISCONNECT);
}

bool dispatch_do_begin(struct call *call, const struct message_request_begin *request)
{
    (void)request;
    return start_card(call, REQUEST_BEGIN);
}

bool dispatch_do_end(struct call *call, const struct message_request_end *request)
{
    call->op.request.disposition = request->disposition;
    return start_card(call, REQUEST_END);
}

/* The answer is written where it stands in the response: behind the header and `before`
 * bytes of other fields, and its own length. */
static void set_span_transfer(struct call *call, struct message_span in, uint32_t room,
                              size_t before)
{
    assert(MESSAGE_HEADER_SIZE + before + 4 + DRIVER_TRANSFER_MAX <= call->response_room);
    struct transfer *transfer = &call->op.request.transfer;
    transfer->in = in.bytes;
    transfer->in_size = in.size;
    transfer->out = call->response + MESSAGE_HEADER_SIZE + before + 4;
    transfer->out_room = room < DRIVER_TRANSFER_MAX ? room : DRIVER_TRANSFER_MAX;
    call->op.request.direct = true; /* CALL_ROOM is for any answer */
}

bool dispatch_do_transmit(struct call *call,
                          const struct message_request_transmit *request)
{
    call->op.request.protocols = request->protocols;
    set_span_transfer(call, request->in, request->room, 8);
    return start_card(call, REQUEST_TRANSMIT);
}

bool dispatch_do_control(struct call *call, const struct message_request_control *request)
{
    call->op.request.number = request->code;
    set_span_transfer(call, request->in, request->room, 4);
    return start_card(call, REQUEST_CONTROL);
}

/* `size` is reported for an answer that did not fit, too. */
bool dispatch_end_transfer(struct call *call, enum sc_error error, bool transmit)
{
    const struct request *request = &call->op.request;
    size_t size = request->transfer.out_size;
    struct message_writer writer;
    if (error != SC_OK && error != SC_E_INSUFFICIENT_BUFFER)
        return dispatch_bare(call, error);
    dispatch_begin_fields(call, &writer);
    if (transmit)
        message_put_u32(&writer, request->active);
    message_put_u32(&writer, (uint32_t)size);
    message_put_u32(&writer, error == SC_OK ? (uint32_t)size : 0);
    if (error == SC_OK)
        writer.size += size; /* it is there already */
    return dispatch_end_fields(call, &writer, error);
}

bool dispatch_do_card_status(struct call *call,
                             const struct message_request_card_status *request)
{
    struct card_status status;
    enum sc_error error =
        host_card_status(request->card, dispatch_style(request->style), &status);
    if (error == SC_E_INVALID_HANDLE)
        return dispatch_bare(call, error);
    RESPOND(call, error, card_status, .name = message_text(status.name),
            .state = (uint32_t)status.state, .protocol = status.protocol,
            .events = status.events, .atr = message_bytes(status.atr, status.atr_size),
            .transmissions = status.transmissions);
}

bool dispatch_do_get_attribute(struct call *call,
                               const struct message_request_get_attribute *request)
{
    static const struct message_span nothing;
    call->op.request.number = request->id;
    call->op.request.style = dispatch_style(request->style);
    set_span_transfer(call, nothing, DRIVER_ATTRIBUTE_MAX, 0);
    return start_card(call, REQUEST_GET_ATTRIBUTE);
}

bool dispatch_end_attribute(struct call *call, enum sc_error error)
{
    size_t size = call->op.request.transfer.out_size;
    struct message_writer writer;
    if (error != SC_OK)
        return dispatch_bare(call, error);
    dispatch_begin_fields(call, &writer);
    message_put_u32(&writer, (uint32_t)size);
    writer.size += size; /* it is there already */
    return dispatch_end_fields(call, &writer, SC_OK);
}

bool dispatch_do_set_attribute(struct call *call,
                               const struct message_request_set_attribute *request)
{
    call->op.request.number = request->id;
    set_span_transfer(call, request->value, 0, 0);
    return start_card(call, REQUEST_SET_ATTRIBUTE);
}
