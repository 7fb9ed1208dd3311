/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the dispatcher among themselves: dispatch.c has the table of calls,
 * dispatch_context.c the calls on contexts and readers, dispatch_card.c those on cards,
 * users.c those about the service itself, dispatch_reply.c what they share. */
#ifndef SERVICE_DISPATCH_INTERNAL_H
#define SERVICE_DISPATCH_INTERNAL_H

#include "service/call.h"
#include "service/permit.h"

#include <string.h>

enum { DISPATCH_NAME_ROOM = 512 };

/* A reply without fields. True: the call is finished. */
bool dispatch_bare(struct call *call, enum sc_error error);
/* A reply with fields: begin, write them, end. */
void dispatch_begin_fields(struct call *call, struct message_writer *writer);
bool dispatch_end_fields(struct call *call, struct message_writer *writer,
                         enum sc_error error);

/* REPLY(call, error, name, fields...): the fields of reply_NAME, by their designators. */
#define REPLY(call, error, name, ...)                                                    \
    do {                                                                                 \
        struct reply_##name fields = {__VA_ARGS__};                                      \
        struct message_writer writer;                                                    \
        dispatch_begin_fields(call, &writer);                                            \
        message_put_reply_##name(&writer, &fields);                                      \
        return dispatch_end_fields(call, &writer, error);                                \
    } while (false)

static inline struct message_span text_span(const char *text)
{
    struct message_span span = {(const uint8_t *)text, strlen(text)};
    return span;
}

static inline struct message_span byte_span(const void *bytes, size_t size)
{
    struct message_span span = {bytes, size};
    return span;
}

/* Text with a NUL at its end, in room that is enough for any field. */
const char *dispatch_text(struct message_span span, char text[DISPATCH_NAME_ROOM + 1]);
/* Is it a handle of the session's own? */
bool dispatch_knows_context(const struct call *call, uint32_t context);
bool dispatch_knows_card(const struct call *call, uint32_t card);
enum name_style dispatch_style(uint32_t style);

/* Each call of the table: true if it is finished, or, with no reply made so far, the
 * host's part of it is (dispatch.c). */
typedef bool dispatch_start(struct call *call, struct message_reader *reader);
#define CALL(number, name, ask, reply) dispatch_start dispatch_do_##name;
#include "message/api.def"
#undef CALL

/* The replies of those whose results are in call->op. */
bool dispatch_end_watch(struct call *call, enum sc_error error);
bool dispatch_end_connect(struct call *call, enum sc_error error);
bool dispatch_end_transfer(struct call *call, enum sc_error error, bool transmit);
bool dispatch_end_attribute(struct call *call, enum sc_error error);

#endif
