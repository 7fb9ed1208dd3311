/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on cards: connecting, transactions, commands, attributes. */
#include "host/host.h"
#include "service/dispatch_internal.h"
#include "service/server.h"
#include "service/session.h"

/* Flags of connect and reconnect. */
enum { FLAG_ALONE = 1, FLAG_PREFER_T1 = 2 };

/* --- Cards -------------------------------------------------------------------------- */

static void set_flags(struct request *request, uint32_t flags)
{
    request->alone = (flags & FLAG_ALONE) != 0;
    request->prefer_t1 = (flags & FLAG_PREFER_T1) != 0;
}

bool dispatch_do_connect(struct call *call, struct message_reader *reader)
{
    struct ask_connect ask;
    char name[DISPATCH_NAME_ROOM + 1];
    if (!message_get_ask_connect(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_context(call, ask.context))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    if (!session_may_have_card(call->session))
        return dispatch_bare(call, SC_E_SERVER_TOO_BUSY);
    switch (
        permit_reader(call, ask.context, dispatch_text(ask.reader, name), POLICY_USE)) {
    case PERMIT_YES:
        break;
    case PERMIT_NO:
        return dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    case PERMIT_NO_READER:
        return dispatch_bare(call, SC_E_UNKNOWN_READER);
    case PERMIT_LATER:
        return false;
    }
    call->context = ask.context;
    call->op.request.share = ask.share;
    call->op.request.protocols = ask.protocols;
    set_flags(&call->op.request, ask.flags);
    return host_op_connect(&call->op, ask.context, name);
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
    REPLY(call, SC_OK, connect, .card = call->op.card, .active = call->op.request.active);
}

/* A request to a card of the session's. */
static bool start_card(struct call *call, uint32_t card, enum request_kind kind)
{
    if (!dispatch_knows_card(call, card))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    call->card = card;
    call->op.request.kind = kind;
    return server_run_card(call, card);
}

bool dispatch_do_reconnect(struct call *call, struct message_reader *reader)
{
    struct ask_reconnect ask;
    if (!message_get_ask_reconnect(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.share = ask.share;
    call->op.request.protocols = ask.protocols;
    call->op.request.disposition = ask.disposition;
    set_flags(&call->op.request, ask.flags);
    return start_card(call, ask.card, REQUEST_RECONNECT);
}

bool dispatch_do_disconnect(struct call *call, struct message_reader *reader)
{
    struct ask_disconnect ask;
    if (!message_get_ask_disconnect(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.disposition = ask.disposition;
    return start_card(call, ask.card, REQUEST_DISCONNECT);
}

bool dispatch_do_begin(struct call *call, struct message_reader *reader)
{
    struct ask_begin ask;
    if (!message_get_ask_begin(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    return start_card(call, ask.card, REQUEST_BEGIN);
}

bool dispatch_do_end(struct call *call, struct message_reader *reader)
{
    struct ask_end ask;
    if (!message_get_ask_end(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.disposition = ask.disposition;
    return start_card(call, ask.card, REQUEST_END);
}

/* The answer is written where it stands in the reply: behind the header and `before`
 * bytes of other fields, and its own length. */
static void set_transfer(struct call *call, struct message_span in, uint32_t room,
                         size_t before)
{
    struct transfer *transfer = &call->op.request.transfer;
    transfer->in = in.bytes;
    transfer->in_size = in.size;
    transfer->out = call->reply + MESSAGE_HEADER_SIZE + before + 4;
    transfer->out_room = room < DRIVER_TRANSFER_MAX ? room : DRIVER_TRANSFER_MAX;
    call->op.request.direct = true; /* CALL_ROOM is for any answer */
}

bool dispatch_do_transmit(struct call *call, struct message_reader *reader)
{
    struct ask_transmit ask;
    if (!message_get_ask_transmit(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.protocols = ask.protocols;
    set_transfer(call, ask.in, ask.room, 8);
    return start_card(call, ask.card, REQUEST_TRANSMIT);
}

/* What is about the reader, not its card. */
static enum permit may_control(struct call *call, uint32_t card)
{
    return dispatch_knows_card(call, card) ? permit_card(call, card, POLICY_CONTROL)
                                           : PERMIT_YES;
}

bool dispatch_do_control(struct call *call, struct message_reader *reader)
{
    struct ask_control ask;
    if (!message_get_ask_control(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    enum permit permit = policy_control_right(ask.code) == POLICY_CONTROL
                             ? may_control(call, ask.card)
                             : PERMIT_YES;
    if (permit != PERMIT_YES)
        return permit == PERMIT_NO && dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    call->op.request.number = ask.code;
    set_transfer(call, ask.in, ask.room, 4);
    return start_card(call, ask.card, REQUEST_CONTROL);
}

/* `size` is told also of an answer that did not fit. */
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

bool dispatch_do_card_status(struct call *call, struct message_reader *reader)
{
    struct ask_card_status ask;
    struct card_status status;
    if (!message_get_ask_card_status(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    if (!dispatch_knows_card(call, ask.card))
        return dispatch_bare(call, SC_E_INVALID_HANDLE);
    enum sc_error error = host_card_status(ask.card, dispatch_style(ask.style), &status);
    if (error == SC_E_INVALID_HANDLE)
        return dispatch_bare(call, error);
    REPLY(call, error, card_status, .name = text_span(status.name),
          .state = (uint32_t)status.state, .protocol = status.protocol,
          .events = status.events, .atr = byte_span(status.atr, status.atr_size),
          .transmissions = status.transmissions);
}

bool dispatch_do_get_attribute(struct call *call, struct message_reader *reader)
{
    static const struct message_span nothing;
    struct ask_get_attribute ask;
    if (!message_get_ask_get_attribute(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    call->op.request.number = ask.id;
    call->op.request.style = dispatch_style(ask.style);
    set_transfer(call, nothing, DRIVER_ATTRIBUTE_MAX, 0);
    return start_card(call, ask.card, REQUEST_GET_ATTRIBUTE);
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

bool dispatch_do_set_attribute(struct call *call, struct message_reader *reader)
{
    struct ask_set_attribute ask;
    if (!message_get_ask_set_attribute(reader, &ask))
        return dispatch_bare(call, SC_E_INVALID_PARAMETER);
    enum permit permit = may_control(call, ask.card);
    if (permit != PERMIT_YES)
        return permit == PERMIT_NO && dispatch_bare(call, SC_W_SECURITY_VIOLATION);
    call->op.request.number = ask.id;
    set_transfer(call, ask.value, 0, 0);
    return start_card(call, ask.card, REQUEST_SET_ATTRIBUTE);
}
