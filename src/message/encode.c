/* SPDX-License-Identifier: BSD-2-Clause */
#include "message/message.h"

#include <string.h>

void message_put_bytes(struct message_writer *writer, const void *bytes, size_t size)
{
    assert(size == 0 || bytes != NULL);
    if (writer->size <= writer->room && size <= writer->room - writer->size && size > 0)
        memcpy(writer->bytes + writer->size, bytes, size);
    writer->size += size;
}

static void put_little_endian(struct message_writer *writer, uint64_t value, size_t size)
{
    assert(size <= sizeof(value));
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> (8 * i));
    message_put_bytes(writer, bytes, size);
}

void message_put_u32(struct message_writer *writer, uint32_t value)
{
    put_little_endian(writer, value, 4);
}

static void put_u64(struct message_writer *writer, uint64_t value)
{
    put_little_endian(writer, value, 8);
}

void message_put_span(struct message_writer *writer, const void *bytes, size_t size)
{
    message_put_u32(writer, (uint32_t)size);
    message_put_bytes(writer, bytes, size);
}

void message_put_header(struct message_writer *writer,
                        const struct message_header *header)
{
    message_put_u32(writer, header->size);
    put_little_endian(writer, header->call, 2);
    put_little_endian(writer, header->status, 2);
    message_put_u32(writer, header->serial);
}

void message_put_watch_entry(struct message_writer *writer,
                             const struct message_watch_entry *entry)
{
    message_put_u32(writer, entry->current);
    message_put_span(writer, entry->name.bytes, entry->name.size);
}

void message_put_watch_result(struct message_writer *writer,
                              const struct message_watch_result *entry)
{
    message_put_u32(writer, entry->event);
    message_put_span(writer, entry->atr.bytes, entry->atr.size);
}

void message_put_user(struct message_writer *writer, const struct message_user *user)
{
    message_put_u32(writer, user->pid);
    message_put_u32(writer, user->uid);
    message_put_u32(writer, user->contexts);
    message_put_u32(writer, user->share);
    message_put_u32(writer, user->flags);
    message_put_span(writer, user->program.bytes, user->program.size);
    message_put_span(writer, user->reader.bytes, user->reader.size);
}

#define FIELD_NONE         (void)writer, (void)message;
#define FIELD_U32(name)    message_put_u32(writer, message->name);
#define FIELD_U64(name)    put_u64(writer, message->name);
#define FIELD_HANDLE(name) message_put_u32(writer, message->name ^ writer->handle_mask);
#define FIELD_BYTES(name, max)                                                           \
    message_put_span(writer, message->name.bytes, message->name.size);
#define CALL(number, name, right, traits, request, response)                             \
    void message_put_request_##name(struct message_writer *writer,                       \
                                    const struct message_request_##name *message)        \
    {                                                                                    \
        MESSAGE_FIELDS request                                                           \
    }                                                                                    \
    void message_put_response_##name(struct message_writer *writer,                      \
                                     const struct message_response_##name *message)      \
    {                                                                                    \
        MESSAGE_FIELDS response                                                          \
    }
#include "message/api.def"
