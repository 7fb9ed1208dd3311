/* SPDX-License-Identifier: BSD-2-Clause */
/* Our protocol: responses, and values of requests. */
#include "service/dispatch_internal.h"

/* --- Responses ---------------------------------------------------------------------- */

/* A response without fields. */
bool dispatch_bare(struct call *call, enum sc_error error)
{
    assert(call->response_room >= MESSAGE_HEADER_SIZE);
    struct message_header header = {.call = call->header.call,
                                    .status = (uint16_t)error | MESSAGE_BARE,
                                    .serial = call->header.serial};
    struct message_writer writer = {.bytes = call->response, .room = call->response_room};
    message_put_header(&writer, &header);
    call->response_size = writer.size;
    return true;
}

void dispatch_begin_fields(struct call *call, struct message_writer *writer)
{
    struct message_header none = {0};
    memset(writer, 0, sizeof(*writer));
    writer->bytes = call->response;
    writer->room = call->response_room;
    message_put_header(writer, &none);
}

/* The header goes before the fields that are there now. */
bool dispatch_end_fields(struct call *call, struct message_writer *writer,
                         enum sc_error error)
{
    assert(writer->size >= MESSAGE_HEADER_SIZE);
    assert(writer->bytes == call->response);
    struct message_header header = {.size =
                                        (uint32_t)(writer->size - MESSAGE_HEADER_SIZE),
                                    .call = call->header.call,
                                    .status = (uint16_t)error,
                                    .serial = call->header.serial};
    struct message_writer front = {.bytes = call->response, .room = MESSAGE_HEADER_SIZE};
    if (writer->size > writer->room)
        return dispatch_bare(call, SC_E_NO_MEMORY);
    message_put_header(&front, &header);
    call->response_size = writer->size;
    return true;
}

/* --- Requests ----------------------------------------------------------------------- */

const char *dispatch_text(struct message_span span, char text[DISPATCH_NAME_ROOM])
{
    size_t size = span.size < DISPATCH_NAME_ROOM ? span.size : DISPATCH_NAME_ROOM - 1;
    if (size > 0)
        memcpy(text, span.bytes, size);
    text[size] = '\0';
    return text;
}

enum name_style dispatch_style(uint32_t style)
{
    return style == MESSAGE_STYLE_PCSCLITE ? NAME_PCSCLITE : NAME_WINDOWS;
}
