/* SPDX-License-Identifier: BSD-2-Clause */
#include "message/message.h"

#include <string.h>

static uint64_t get_number(struct message_reader *reader, size_t size)
{
    assert(reader->at <= reader->size && size <= sizeof(uint64_t));
    uint64_t value = 0;
    if (reader->bad || size > reader->size - reader->at) {
        reader->bad = true;
        return 0;
    }
    for (size_t i = size; i > 0; i--)
        value = value << 8 | reader->bytes[reader->at + i - 1];
    reader->at += size;
    return value;
}

uint32_t message_get_u32(struct message_reader *reader)
{
    return (uint32_t)get_number(reader, 4);
}

struct message_span message_get_span(struct message_reader *reader, size_t max)
{
    struct message_span span = {NULL, 0};
    size_t size = message_get_u32(reader);
    if (reader->bad || size > max || size > reader->size - reader->at) {
        reader->bad = true;
        return span;
    }
    span.bytes = reader->bytes + reader->at;
    span.size = size;
    reader->at += size;
    return span;
}

/* Text that holds a NUL would be taken for a shorter one. */
static struct message_span get_nul_free(struct message_reader *reader, size_t max)
{
    struct message_span span = message_get_span(reader, max);
    if (span.size > 0 && memchr(span.bytes, 0, span.size) != NULL)
        reader->bad = true;
    return span;
}

static struct message_span get_id(struct message_reader *reader, size_t size)
{
    struct message_span span = message_get_span(reader, size);
    if (span.size != size)
        reader->bad = true;
    return span;
}

static uint32_t get_below(struct message_reader *reader, uint32_t end)
{
    uint32_t value = message_get_u32(reader);
    if (value >= end)
        reader->bad = true;
    return value;
}

static uint32_t get_handle(struct message_reader *reader, enum message_handle kind)
{
    assert(kind == MESSAGE_CONTEXT || kind == MESSAGE_CARD);
    uint32_t number = message_get_u32(reader), handle = number ^ reader->handle_mask;
    if (reader->bad)
        return 0;
    reader->kind = kind;
    reader->handle = handle;
    reader->foreign |=
        number == 0 || number > MESSAGE_HANDLE_MAX || handle == 0
        || (reader->knows != NULL && !reader->knows(reader->owner, kind, handle));
    return handle;
}

void message_get_header(const uint8_t *bytes, struct message_header *header)
{
    struct message_reader reader = {.bytes = bytes, .size = MESSAGE_HEADER_SIZE};
    header->size = message_get_u32(&reader);
    header->call = (uint16_t)get_number(&reader, 2);
    header->status = (uint16_t)get_number(&reader, 2);
    header->serial = message_get_u32(&reader);
}

bool message_get_watch_entry(struct message_reader *reader,
                             struct message_watch_entry *entry)
{
    entry->current = message_get_u32(reader);
    entry->name = get_nul_free(reader, MESSAGE_READER_MAX);
    return !reader->bad;
}

bool message_get_watch_result(struct message_reader *reader,
                              struct message_watch_result *entry)
{
    entry->event = message_get_u32(reader);
    entry->atr = message_get_span(reader, MESSAGE_ATR_MAX);
    return !reader->bad;
}

bool message_get_user(struct message_reader *reader, struct message_user *user)
{
    user->pid = message_get_u32(reader);
    user->uid = message_get_u32(reader);
    user->contexts = message_get_u32(reader);
    user->share = message_get_u32(reader);
    user->flags = message_get_u32(reader);
    user->program = get_nul_free(reader, MESSAGE_TEXT_MAX);
    user->reader = get_nul_free(reader, MESSAGE_NAME_MAX);
    return !reader->bad;
}

/* A message has just its fields: what follows them makes it another one. */
static bool is_whole(const struct message_reader *reader)
{
    assert(reader->at <= reader->size);
    return !reader->bad && reader->at == reader->size;
}

#define FIELD_NONE             message->none = 0;
#define FIELD_U32(name)        message->name = message_get_u32(reader);
#define FIELD_U64(name)        message->name = get_number(reader, 8);
#define FIELD_CONTEXT(name)    message->name = get_handle(reader, MESSAGE_CONTEXT);
#define FIELD_CARD(name)       message->name = get_handle(reader, MESSAGE_CARD);
#define FIELD_BELOW(name, end) message->name = get_below(reader, end);
#define FIELD_TEXT(name, max)  message->name = get_nul_free(reader, max);
#define FIELD_BYTES(name, max) message->name = message_get_span(reader, max);
#define FIELD_ID(name, size)   message->name = get_id(reader, size);
#define CALL(number, name, right, traits, request, response)                             \
    bool message_get_request_##name(struct message_reader *reader,                       \
                                    struct message_request_##name *message)              \
    {                                                                                    \
        MESSAGE_FIELDS request return is_whole(reader);                                  \
    }                                                                                    \
    bool message_get_response_##name(struct message_reader *reader,                      \
                                     struct message_response_##name *message)            \
    {                                                                                    \
        MESSAGE_FIELDS response return is_whole(reader);                                 \
    }
#include "message/api.def"

bool message_get_request(uint16_t call, struct message_reader *reader,
                         union message_request *request)
{
    switch (call) {
#define CALL(number, name, right, traits, fields, response)                              \
    case number:                                                                         \
        return message_get_request_##name(reader, &request->name);
#include "message/api.def"
    default:
        return false;
    }
}
