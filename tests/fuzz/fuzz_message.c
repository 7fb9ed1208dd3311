/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the messages of the service. Input: a call, then its fields. What is understood
 * comes out of the encoder as the same bytes; a log's line stays within its room. */
#include "message/message.h"
#include "tests/fuzz/property.h"

enum { LINE_MAX_SIZE = 300 };

static const uint8_t *fields;
static size_t fields_size;

static struct message_reader reader_of_fields(void)
{
    struct message_reader reader = {.bytes = fields, .size = fields_size};
    return reader;
}

static struct message_writer writer_of_room(void)
{
    struct message_writer writer = {.bytes = property_room(fields_size),
                                    .room = fields_size};
    return writer;
}

static void check_same(struct message_writer *writer, size_t size)
{
    PROPERTY(writer->size == size);
    PROPERTY(size == 0 || memcmp(writer->bytes, fields, size) == 0);
    free(writer->bytes);
}

#define CALL(number, name, right, traits, asked, replied)                                \
    static void try_##name(void)                                                         \
    {                                                                                    \
        struct message_request_##name ask;                                               \
        struct message_response_##name reply;                                            \
        struct message_reader reader = reader_of_fields();                               \
        if (message_get_request_##name(&reader, &ask)) {                                 \
            struct message_writer writer = writer_of_room();                             \
            message_put_request_##name(&writer, &ask);                                   \
            check_same(&writer, fields_size);                                            \
        }                                                                                \
        reader = reader_of_fields();                                                     \
        if (message_get_response_##name(&reader, &reply)) {                              \
            struct message_writer writer = writer_of_room();                             \
            message_put_response_##name(&writer, &reply);                                \
            check_same(&writer, fields_size);                                            \
        }                                                                                \
    }
#include "message/api.def"

static void try_call(unsigned number)
{
    switch (number) {
#define CALL(number, name, right, traits, asked, replied)                                \
    case number:                                                                         \
        try_##name();                                                                    \
        break;
#include "message/api.def"
    default:
        break;
    }
}

static void try_lists(void)
{
    struct message_reader reader = reader_of_fields();
    struct message_watch_entry ask;
    struct message_watch_result reply;
    struct message_writer writer = writer_of_room();
    size_t at = 0;
    while (reader.at < reader.size && message_get_watch_entry(&reader, &ask)) {
        PROPERTY(reader.at >= at + 8); /* so a list is never longer than its bytes */
        at = reader.at;
        message_put_watch_entry(&writer, &ask);
    }
    check_same(&writer, at);
    reader = reader_of_fields();
    writer = writer_of_room();
    at = 0;
    while (reader.at < reader.size && message_get_watch_result(&reader, &reply)) {
        PROPERTY(reader.at >= at + 8 && reply.atr.size <= 33);
        at = reader.at;
        message_put_watch_result(&writer, &reply);
    }
    check_same(&writer, at);
}

static void try_line(uint16_t call, size_t room)
{
    char *line = (char *)property_room(room);
    size_t size = message_print_request(call, fields, fields_size, line, room);
    PROPERTY(size < room && line[size] == '\0' && strlen(line) == size);
    for (size_t i = 0; i < size; i++)
        PROPERTY((uint8_t)line[i] >= 0x20 && line[i] != 0x7F);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    unsigned call = input_byte(&input);
    size_t room = 1 + input_word(&input) % LINE_MAX_SIZE;
    uint8_t *copy = input_copy(&input, input.left, &fields_size);
    fields = copy;
    try_call(call);
    try_lists();
    try_line((uint16_t)call, room);
    free(copy);
    return 0;
}
