/* SPDX-License-Identifier: BSD-2-Clause */
/* Every call of api.def: to bytes and back, cut short at every byte, and too long; what a
 * log shows of it. */
#include "message/message.h"

#include "base/alloc.h"
#include "tests/support/check.h"

#include <stdlib.h>

enum { ROOM = MESSAGE_HEADER_SIZE + MESSAGE_REQUEST_MAX, CUTS_MAX = 96 };

static uint8_t bytes[ROOM];
static const char secret[] = "SeCrEt 31323334 SeCrEt 31323334 SeCrEt";

/* Fields get what `fill` says; the sizes of texts and bytes are those of api.def at most.
 */
enum fill { FILL_EMPTY, FILL_SOME, FILL_MOST };

static uint8_t *content;
static uint64_t next_number;

static struct message_span some_bytes(enum fill fill, size_t max)
{
    struct message_span span = {content, fill == FILL_MOST ? max : max < 7 ? max : 7};
    if (fill == FILL_EMPTY)
        span.size = 0;
    return span;
}

/* --- Filling, comparing, the end of fields in bytes --------------------------------- */

#define FIELD_NONE             m->none = 0;
#define FIELD_U32(name)        m->name = (uint32_t)(next_number += 0x01234567);
#define FIELD_U64(name)        m->name = next_number += 0x0123456789ABCDEF;
#define FIELD_BELOW(name, end) m->name = fill == FILL_MOST ? (end)-1 : 0;
#define FIELD_BYTES(name, max) m->name = some_bytes(fill, max);
#define FIELD_ID(name, size)   m->name = some_bytes(FILL_MOST, size);
#define CALL(number, name, right, traits, request, response)                             \
    static void fill_request_##name(struct message_request_##name *m, enum fill fill)    \
    {                                                                                    \
        (void)fill;                                                                      \
        MESSAGE_FIELDS request                                                           \
    }                                                                                    \
    static void fill_response_##name(struct message_response_##name *m, enum fill fill)  \
    {                                                                                    \
        (void)fill;                                                                      \
        MESSAGE_FIELDS response                                                          \
    }
#include "message/api.def"

static bool same_bytes(struct message_span a, struct message_span b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

#define FIELD_NONE             (void)a, (void)b;
#define FIELD_U32(name)        same &= a->name == b->name;
#define FIELD_U64(name)        same &= a->name == b->name;
#define FIELD_BYTES(name, max) same &= same_bytes(a->name, b->name);
#define CALL(number, name, right, traits, request, response)                             \
    static bool same_request_##name(const struct message_request_##name *a,              \
                                    const struct message_request_##name *b)              \
    {                                                                                    \
        bool same = true;                                                                \
        MESSAGE_FIELDS request return same;                                              \
    }                                                                                    \
    static bool same_response_##name(const struct message_response_##name *a,            \
                                     const struct message_response_##name *b)            \
    {                                                                                    \
        bool same = true;                                                                \
        MESSAGE_FIELDS response return same;                                             \
    }
#include "message/api.def"

/* --- Round trips -------------------------------------------------------------------- */

/* Exactly `size` bytes on the heap, so that a sanitizer sees a byte read too many. */
static struct message_reader reader_of(const uint8_t *from, size_t size, uint8_t **copy)
{
    struct message_reader reader = {.size = size};
    *copy = malloc(size > 0 ? size : 1);
    if (*copy == NULL)
        abort();
    memcpy(*copy, from, size);
    reader.bytes = *copy;
    return reader;
}

/* The cuts of a long message that are tried: all at its ends. */
static bool is_tried(size_t cut, size_t size)
{
    return size <= 2 * CUTS_MAX || cut < CUTS_MAX || cut > size - CUTS_MAX
           || cut % 262139 == 0;
}

#define TRIP(kind, name)                                                                 \
    static void trip_##kind##_##name(enum fill fill)                                     \
    {                                                                                    \
        struct message_##kind##_##name in, out;                                          \
        struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)}, none;    \
        uint8_t *copy;                                                                   \
        memset(&none, 0, sizeof(none));                                                  \
        fill_##kind##_##name(&in, fill);                                                 \
        message_put_##kind##_##name(&writer, &in);                                       \
        message_put_##kind##_##name(&none, &in);                                         \
        CHECK(writer.size <= writer.room);                                               \
        CHECK_EQ(none.size, writer.size);                                                \
        struct message_reader reader = reader_of(bytes, writer.size, &copy);             \
        CHECK(message_get_##kind##_##name(&reader, &out));                               \
        CHECK(same_##kind##_##name(&in, &out));                                          \
        free(copy);                                                                      \
        for (size_t cut = 0; cut < writer.size; cut++) {                                 \
            if (!is_tried(cut, writer.size))                                             \
                continue;                                                                \
            reader = reader_of(bytes, cut, &copy);                                       \
            CHECK(!message_get_##kind##_##name(&reader, &out));                          \
            free(copy);                                                                  \
        }                                                                                \
        bytes[writer.size] = 0;                                                          \
        reader = reader_of(bytes, writer.size + 1, &copy);                               \
        CHECK(!message_get_##kind##_##name(&reader, &out));                              \
        free(copy);                                                                      \
    }
#define CALL(number, name, right, traits, asked, replied)                                \
    TRIP(request, name) TRIP(response, name)
#include "message/api.def"

static void test_round_trips(void)
{
    for (enum fill fill = FILL_EMPTY; fill <= FILL_MOST; fill++) {
#define CALL(number, name, right, traits, asked, replied)                                \
    trip_request_##name(fill);                                                           \
    trip_response_##name(fill);
#include "message/api.def"
    }
}

/* --- Limits ------------------------------------------------------------------------- */

/* One byte more than `max` in one field is too many, whichever field it is; so is one less
 * of what has a certain size, and a number that is none of its values. */
#define FIELD_NONE
#define FIELD_U32(field)
#define FIELD_U64(field)
#define FIELD_BELOW(field, end) REFUSED(in.field = (end))
#define FIELD_BYTES(field, max) REFUSED(in.field = message_bytes(content, (max) + 1))
#define FIELD_ID(field, size)                                                            \
    REFUSED(in.field = message_bytes(content, (size) + 1))                               \
    REFUSED(in.field = message_bytes(content, (size)-1))
#define REFUSED(set)                                                                     \
    do {                                                                                 \
        memset(&writer, 0, sizeof(writer));                                              \
        writer.bytes = bytes;                                                            \
        writer.room = sizeof(bytes);                                                     \
        fill(&in, FILL_SOME);                                                            \
        set;                                                                             \
        put(&writer, &in);                                                               \
        memset(&reader, 0, sizeof(reader));                                              \
        reader.bytes = bytes;                                                            \
        reader.size = writer.size;                                                       \
        CHECK(!get(&reader, &out));                                                      \
    } while (false);
#define LIMITS(kind, name, fields)                                                       \
    static void limit_##kind##_##name(void)                                              \
    {                                                                                    \
        struct message_##kind##_##name in, out;                                          \
        struct message_writer writer;                                                    \
        struct message_reader reader;                                                    \
        void (*fill)(struct message_##kind##_##name *, enum fill) =                      \
            fill_##kind##_##name;                                                        \
        void (*put)(struct message_writer *, const struct message_##kind##_##name *) =   \
            message_put_##kind##_##name;                                                 \
        bool (*get)(struct message_reader *, struct message_##kind##_##name *) =         \
            message_get_##kind##_##name;                                                 \
        (void)in, (void)out, (void)writer, (void)reader;                                 \
        (void)fill, (void)put, (void)get;                                                \
        MESSAGE_FIELDS fields                                                            \
    }
#define CALL(number, name, right, traits, asked, replied)                                \
    LIMITS(request, name, asked) LIMITS(response, name, replied)
#include "message/api.def"

static void test_limits(void)
{
#define CALL(number, name, right, traits, asked, replied)                                \
    limit_request_##name();                                                              \
    limit_response_##name();
#include "message/api.def"
}

/* A size near 2^32 must not wrap around. */
static void test_sizes_that_wrap(void)
{
    static const uint32_t sizes[] = {0xFFFFFFFF, 0xFFFFFFFC, 0x80000000, 0x7FFFFFFF, 5};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
        message_put_u32(&writer, sizes[i]);
        message_put_u32(&writer, 0);
        struct message_reader reader = {.bytes = bytes, .size = writer.size};
        struct message_span span = message_get_span(&reader, SIZE_MAX);
        CHECK(reader.bad);
        CHECK_EQ(span.size, 0);
        CHECK_EQ(message_get_u32(&reader), 0); /* nothing after a bad field */
    }
}

/* Text has no NUL: a name that is another one where C reads it. */
static void test_text(void)
{
    struct message_request_connect in = {.reader = {(const uint8_t *)"a\0b", 3}}, out;
    struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
    message_put_request_connect(&writer, &in);
    struct message_reader reader = {.bytes = bytes, .size = writer.size};
    CHECK(!message_get_request_connect(&reader, &out));
}

static void test_header(void)
{
    struct message_header in = {0x01020304, 0x0506, 0x8708, 0x090A0B0C}, out;
    static const uint8_t want[MESSAGE_HEADER_SIZE] = {4, 3,    2,    1,    6,    5,
                                                      8, 0x87, 0x0C, 0x0B, 0x0A, 9};
    struct message_writer writer = {.bytes = bytes, .room = MESSAGE_HEADER_SIZE};
    message_put_header(&writer, &in);
    CHECK_EQ(writer.size, MESSAGE_HEADER_SIZE);
    CHECK_MEM(bytes, want, sizeof(want));
    message_get_header(bytes, &out);
    CHECK_EQ(out.size, in.size);
    CHECK_EQ(out.call, in.call);
    CHECK_EQ(out.status, in.status);
    CHECK_EQ(out.serial, in.serial);
}

/* Writing stops at the end of the room, at each end there can be. */
static void test_room(void)
{
    struct message_request_hello ask = {.session = {content, 16}, .token = {content, 64}};
    struct message_writer whole = {0};
    message_put_request_hello(&whole, &ask);
    for (size_t room = 0; room < whole.size; room++) {
        uint8_t *some = malloc(room > 0 ? room : 1);
        struct message_writer writer = {.bytes = some, .room = room};
        message_put_request_hello(&writer, &ask);
        CHECK_EQ(writer.size, whole.size);
        free(some);
    }
}

static void test_lists(void)
{
    struct message_watch_entry ask = {7, {content, 512}}, ask_back;
    struct message_watch_result reply = {9, {content, 33}}, reply_back;
    struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
    message_put_watch_entry(&writer, &ask);
    size_t middle = writer.size;
    message_put_watch_result(&writer, &reply);
    struct message_reader reader = {.bytes = bytes, .size = writer.size};
    CHECK(message_get_watch_entry(&reader, &ask_back));
    CHECK_EQ(reader.at, middle);
    CHECK(message_get_watch_result(&reader, &reply_back));
    CHECK_EQ(ask_back.current, 7);
    CHECK_EQ(ask_back.name.size, 512);
    CHECK_EQ(reply_back.event, 9);
    CHECK_EQ(reply_back.atr.size, 33);
    CHECK(!message_get_watch_entry(&reader, &ask_back)); /* there are no more */
    ask.name.size = 513;
    reply.atr.size = 34;
    memset(&writer, 0, sizeof(writer));
    writer.bytes = bytes;
    writer.room = sizeof(bytes);
    message_put_watch_entry(&writer, &ask);
    struct message_reader long_name = {.bytes = bytes, .size = writer.size};
    CHECK(!message_get_watch_entry(&long_name, &ask_back));
    writer.size = 0;
    message_put_watch_result(&writer, &reply);
    struct message_reader long_atr = {.bytes = bytes, .size = writer.size};
    CHECK(!message_get_watch_result(&long_atr, &reply_back));
}

/* --- Handles ------------------------------------------------------------------------ */

static const uint32_t mine = 0x20000007;
static enum message_handle asked_for;

static bool knows_mine(void *owner, enum message_handle kind, uint32_t handle)
{
    CHECK(owner == &asked_for);
    asked_for = kind;
    return handle == mine;
}

/* A card's handle as `written` by a client whose numbers have `mask`, as the other end
 * reads it. */
static struct message_reader read_card(uint32_t written, uint32_t mask, bool with_owner)
{
    const struct message_request_begin in = {.card = written};
    struct message_request_begin out;
    struct message_writer writer = {
        .bytes = bytes, .room = sizeof(bytes), .handle_mask = mask};
    message_put_request_begin(&writer, &in);
    struct message_reader reader = {.bytes = bytes, .size = writer.size};
    if (with_owner) {
        reader.knows = knows_mine;
        reader.owner = &asked_for;
    }
    CHECK(message_get_request_begin(&reader, &out)); /* foreign or not */
    CHECK_EQ(out.card, written ^ mask);
    CHECK_EQ(reader.handle, out.card);
    CHECK_EQ(reader.kind, MESSAGE_CARD);
    return reader;
}

static void test_handles(void)
{
    CHECK(!read_card(mine, 0, true).foreign);
    CHECK_EQ(asked_for, MESSAGE_CARD);
    CHECK(read_card(mine + 1, 0, true).foreign);
    CHECK(!read_card(mine + 1, 0, false).foreign);
    CHECK(!read_card(mine ^ 5, 5, true).foreign);
    CHECK(read_card(mine, 5, true).foreign);
    CHECK(read_card(0, 0, false).foreign);
    CHECK(read_card(5, 5, false).foreign);
    CHECK(read_card(MESSAGE_HANDLE_MAX, 0, false).foreign == false);
    CHECK(read_card(MESSAGE_HANDLE_MAX + 1U, 0, false).foreign);
}

/* What a client reads with a mask is what it writes with it; 0 is never one. */
static void test_handle_masks(void)
{
    struct message_response_connect in = {.card = mine}, out;
    struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
    message_put_response_connect(&writer, &in);
    struct message_reader reader = {
        .bytes = bytes, .size = writer.size, .handle_mask = 0x1234};
    CHECK(message_get_response_connect(&reader, &out) && !reader.foreign);
    CHECK_EQ(out.card, mine ^ 0x1234);
    memset(&reader, 0, sizeof(reader));
    reader.bytes = bytes;
    reader.size = writer.size;
    reader.handle_mask = mine;
    CHECK(message_get_response_connect(&reader, &out) && reader.foreign);
}

/* --- Lines for a log ---------------------------------------------------------------- */

/* Every field holds the secret; those that must not be shown have to keep it. */
static struct message_span secret_bytes(size_t max)
{
    struct message_span span = {(const uint8_t *)secret, sizeof(secret) - 1};
    span.size = span.size < max ? span.size : max;
    return span;
}

#define FIELD_NONE             m.none = 0;
#define FIELD_U32(name)        m.name = 1;
#define FIELD_U64(name)        m.name = 1;
#define FIELD_TEXT(name, max)  m.name = some_bytes(FILL_EMPTY, 0);
#define FIELD_BYTES(name, max) m.name = secret_bytes(max);
#define FIELD_ID(name, size)                                                             \
    _Static_assert((size) <= sizeof(secret), "");                                        \
    m.name = message_bytes(secret, size);
#define CALL(number, name, right, traits, request, response)                             \
    {                                                                                    \
        struct message_request_##name m;                                                 \
        struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};          \
        char line[256];                                                                  \
        MESSAGE_FIELDS request message_put_request_##name(&writer, &m);                  \
        size_t size =                                                                    \
            message_print_request(number, bytes, writer.size, line, sizeof(line));       \
        CHECK_EQ(size, strlen(line));                                                    \
        CHECK(strncmp(line, #name, strlen(#name)) == 0);                                 \
        CHECK(strstr(line, "malformed") == NULL);                                        \
        CHECK(strstr(line, "SeCr") == NULL);                                             \
        CHECK(strstr(line, "53") == NULL && strstr(line, "3132") == NULL);               \
    }

static void test_secrets_are_not_shown(void)
{
#include "message/api.def"
}

/* A client chooses names; it must not choose lines of the log. */
static void test_lines_stay_lines(void)
{
    static const char name[] = "x\n1: release context=7\x1b[2J\x7f\r\xC3\xA9";
    struct message_request_connect ask = {
        .reader = {(const uint8_t *)name, sizeof(name) - 1}};
    struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
    char line[256];
    message_put_request_connect(&writer, &ask);
    size_t size = message_print_request(MESSAGE_connect, bytes, writer.size, line, 256);
    CHECK_EQ(size, strlen(line));
    for (size_t i = 0; i < size; i++)
        CHECK((uint8_t)line[i] >= 0x20 && line[i] != 0x7F);
    CHECK(strstr(line, "release context=7") != NULL);
}

static void test_line_room(void)
{
    struct message_request_connect ask = {.reader = {content, 512}};
    struct message_writer writer = {.bytes = bytes, .room = sizeof(bytes)};
    message_put_request_connect(&writer, &ask);
    for (size_t room = 1; room < 200; room++) {
        char *line = malloc(room);
        if (line == NULL)
            abort();
        size_t size =
            message_print_request(MESSAGE_connect, bytes, writer.size, line, room);
        CHECK(size < room);
        CHECK_EQ(strlen(line), size);
        size = message_print_request(999, bytes, writer.size, line, room);
        CHECK(size < room);
        CHECK_EQ(strlen(line), size);
        size = message_print_request(MESSAGE_connect, bytes, 3, line, room);
        CHECK(size < room);
        CHECK_EQ(strlen(line), size);
        free(line);
    }
}

static void test_names(void)
{
    CHECK_STR(message_call_name(0), "?");
    CHECK_STR(message_call_name(0xFFFF), "?");
    CHECK_STR(message_call_name(MESSAGE_hello), "hello");
    CHECK_STR(message_call_name(MESSAGE_write_cache), "write_cache");
}

int main(void)
{
    content = malloc(MESSAGE_REQUEST_MAX);
    if (content == NULL)
        return 1;
    memset(content, 'A', MESSAGE_REQUEST_MAX);
    test_round_trips();
    test_limits();
    test_sizes_that_wrap();
    test_text();
    test_header();
    test_room();
    test_lists();
    test_handles();
    test_handle_masks();
    test_secrets_are_not_shown();
    test_lines_stay_lines();
    test_line_room();
    test_names();
    free(content);
    return check_result();
}
