/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages for people. */
#include "message/message.h"

#include <stdio.h>
#include <string.h>

enum { SHOWN_MAX = 64 }; /* bytes of a text */

struct line {
    char *text;
    size_t room, size;
};

/* What there is no room for is left out. */
static void append(struct line *line, const char *text)
{
    size_t size = strlen(text), left = line->room - line->size - 1;
    if (size > left)
        size = left;
    memcpy(line->text + line->size, text, size);
    line->size += size;
    line->text[line->size] = '\0';
}

static void add_field(struct line *line, const char *name, const char *value)
{
    assert(line->size < line->room);
    append(line, " ");
    append(line, name);
    append(line, "=");
    append(line, value);
}

static void add_number(struct line *line, const char *name, uint64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), value < 4096 ? "%llu" : "0x%llX",
             (unsigned long long)value);
    add_field(line, name, text);
}

static void add_text_field(struct line *line, const char *name, struct message_span span)
{
    char start[SHOWN_MAX + 1], text[SHOWN_MAX + 8];
    size_t size = span.size < SHOWN_MAX ? span.size : SHOWN_MAX;
    /* A client must not write lines of the log, nor drive the terminal it is read in. */
    for (size_t i = 0; i < size; i++)
        start[i] = (char)(span.bytes[i] < 0x20 || span.bytes[i] == 0x7F ? (uint8_t)'?'
                                                                        : span.bytes[i]);
    start[size] = '\0';
    snprintf(text, sizeof(text), "\"%s\"%s", start, span.size > size ? "..." : "");
    add_field(line, name, text);
}

static void add_bytes(struct line *line, const char *name, struct message_span span)
{
    char text[32];
    snprintf(text, sizeof(text), "<%zu bytes>", span.size);
    add_field(line, name, text);
}

#define FIELD_NONE             (void)line, (void)m;
#define FIELD_U32(name)        add_number(line, #name, m->name);
#define FIELD_U64(name)        add_number(line, #name, m->name);
#define FIELD_TEXT(name, max)  add_text_field(line, #name, m->name);
#define FIELD_BYTES(name, max) add_bytes(line, #name, m->name);
#define CALL(number, name, right, traits, request, response)                             \
    static void print_##name(struct line *line, const struct message_request_##name *m)  \
    {                                                                                    \
        MESSAGE_FIELDS request                                                           \
    }
#include "message/api.def"

static void print_request(struct line *line, uint16_t call,
                          const union message_request *request)
{
    switch (call) {
#define CALL(number, name, right, traits, fields, response)                              \
    case number:                                                                         \
        print_##name(line, &request->name);                                              \
        break;
#include "message/api.def"
    default:
        break;
    }
}

size_t message_print_request(uint16_t call, const uint8_t *bytes, size_t size, char *line,
                             size_t room)
{
    struct message_reader reader = {.bytes = bytes, .size = size};
    struct line out = {line, room, 0};
    union message_request request;
    int more = snprintf(line, room, "%s", message_call_name(call));
    out.size = more > 0 ? (size_t)more : 0;
    if (out.size >= room)
        out.size = room - 1;
    if (!message_is_call(call))
        add_number(&out, "number", call);
    else if (!message_get_request(call, &reader, &request))
        add_field(&out, "fields", "malformed");
    else
        print_request(&out, call, &request);
    return out.size;
}
