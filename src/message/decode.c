/* SPDX-License-Identifier: BSD-2-Clause */
#include "message/message.h"

#include <string.h>

static uint64_t get_number(struct message_reader *reader, size_t size)
{
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
static struct message_span get_text(struct message_reader *reader, size_t max)
{
    struct message_span span = message_get_span(reader, max);
    if (span.size > 0 && memchr(span.bytes, 0, span.size) != NULL)
        reader->bad = true;
    return span;
}

void message_get_header(const uint8_t *bytes, struct message_header *header)
{
    struct message_reader reader = {.bytes = bytes, .size = MESSAGE_HEADER_SIZE};
    header->size = message_get_u32(&reader);
    header->call = (uint16_t)get_number(&reader, 2);
    header->status = (uint16_t)get_number(&reader, 2);
    header->serial = message_get_u32(&reader);
}

enum {
    ENTRY_NAME_MAX = 512,
    ENTRY_ATR_MAX = 33,
    USER_PROGRAM_MAX = 64,
    USER_READER_MAX = 128
};

bool message_get_watch_ask(struct message_reader *reader, struct message_watch_ask *entry)
{
    entry->current = message_get_u32(reader);
    entry->name = get_text(reader, ENTRY_NAME_MAX);
    return !reader->bad;
}

bool message_get_watch_reply(struct message_reader *reader,
                             struct message_watch_reply *entry)
{
    entry->event = message_get_u32(reader);
    entry->atr = message_get_span(reader, ENTRY_ATR_MAX);
    return !reader->bad;
}

bool message_get_user(struct message_reader *reader, struct message_user *user)
{
    user->pid = message_get_u32(reader);
    user->uid = message_get_u32(reader);
    user->contexts = message_get_u32(reader);
    user->share = message_get_u32(reader);
    user->flags = message_get_u32(reader);
    user->program = get_text(reader, USER_PROGRAM_MAX);
    user->reader = get_text(reader, USER_READER_MAX);
    return !reader->bad;
}

/* A message has just its fields: what follows them makes it another one. */
static bool is_whole(const struct message_reader *reader)
{
    return !reader->bad && reader->at == reader->size;
}

#define FIELD_NONE              message->none = 0;
#define FIELD_U32(name)         message->name = message_get_u32(reader);
#define FIELD_U64(name)         message->name = get_number(reader, 8);
#define FIELD_TEXT(name, max)   message->name = get_text(reader, max);
#define FIELD_BYTES(name, max)  message->name = message_get_span(reader, max);
#define FIELD_SECRET(name, max) FIELD_BYTES(name, max)
#define CALL(number, name, ask, reply)                                                   \
    bool message_get_ask_##name(struct message_reader *reader,                           \
                                struct ask_##name *message)                              \
    {                                                                                    \
        MESSAGE_FIELDS ask return is_whole(reader);                                      \
    }                                                                                    \
    bool message_get_reply_##name(struct message_reader *reader,                         \
                                  struct reply_##name *message)                          \
    {                                                                                    \
        MESSAGE_FIELDS reply return is_whole(reader);                                    \
    }
#include "message/api.def"
