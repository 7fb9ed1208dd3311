/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the dispatcher among themselves: dispatch.c has the table of calls,
 * dispatch_context.c the calls on contexts and readers, dispatch_card.c those on cards,
 * users.c those about the service itself, dispatch_response.c what they share. */
#ifndef SERVICE_DISPATCH_INTERNAL_H
#define SERVICE_DISPATCH_INTERNAL_H

#include "service/call.h"
#include "service/permit.h"

#include <string.h>

enum { DISPATCH_NAME_ROOM = MESSAGE_READER_MAX + 1 };

/* A response without fields. True: the call is finished. */
bool dispatch_bare(struct call *call, enum sc_error error);
/* A response with fields: begin, write them, end. */
void dispatch_begin_fields(struct call *call, struct message_writer *writer);
bool dispatch_end_fields(struct call *call, struct message_writer *writer,
                         enum sc_error error);

/* RESPOND(call, error, name, fields...): the fields of struct message_response_NAME, by
 * their designators. */
#define RESPOND(call, error, name, ...)                                                  \
    do {                                                                                 \
        struct message_response_##name fields = {__VA_ARGS__};                           \
        struct message_writer writer;                                                    \
        dispatch_begin_fields(call, &writer);                                            \
        message_put_response_##name(&writer, &fields);                                   \
        return dispatch_end_fields(call, &writer, error);                                \
    } while (false)

/* Text with a NUL at its end, in room that is enough for any field. */
const char *dispatch_text(struct message_span span, char text[DISPATCH_NAME_ROOM]);
enum name_style dispatch_style(uint32_t style);

/* Each call of the table, whose handles are the session's own, and whose right is given:
 * call->context or call->card is its handle. True if it is finished, or, with no response
 * made so far, the host's part of it is (dispatch.c). */
#define CALL(number, name, right, traits, request, response)                             \
    bool dispatch_do_##name(struct call *call, const struct message_request_##name *);
#include "message/api.def"

/* The responses of those whose results are in call->op. */
bool dispatch_end_watch(struct call *call, enum sc_error error);
bool dispatch_end_connect(struct call *call, enum sc_error error);
bool dispatch_end_transfer(struct call *call, enum sc_error error, bool transmit);
bool dispatch_end_attribute(struct call *call, enum sc_error error);

#endif
