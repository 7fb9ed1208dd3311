/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between client and service: api.def as structures, to bytes and back.
 *
 *     header  u32 size of what follows  u16 call  u16 status  u32 serial
 *
 * A client has one call under way on a connection; the reply carries its serial number.
 * `status` is 0 in an ask; in a reply it is the error (enum sc_error), with MESSAGE_BARE
 * set if no fields follow. Decoded text and bytes point into the message. */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    MESSAGE_VERSION = 1,
    MESSAGE_HEADER_SIZE = 12,
    MESSAGE_ASK_MAX = 4194304 + 64, /* bytes after the header: a watch of many readers */
    MESSAGE_REPLY_MAX = 1048576 + 64, /* the list of all readers */
    MESSAGE_BARE = 0x8000             /* in status */
};

struct message_span {
    const uint8_t *bytes; /* may be NULL if size is 0 */
    size_t size;
};

enum message_call {
#define CALL(number, name, ask, reply) MESSAGE_##name = (number),
#include "message/api.def"
#undef CALL
    MESSAGE_CALL_END
};

struct message_header {
    uint32_t size;
    uint16_t call;
    uint16_t status;
    uint32_t serial;
};

/* --- struct ask_NAME and struct reply_NAME ------------------------------------------ */

#define MESSAGE_FIELDS(...)     __VA_ARGS__
#define FIELD_NONE              char none;
#define FIELD_U32(name)         uint32_t name;
#define FIELD_U64(name)         uint64_t name;
#define FIELD_TEXT(name, max)   struct message_span name;
#define FIELD_BYTES(name, max)  struct message_span name;
#define FIELD_SECRET(name, max) struct message_span name;
#define CALL(number, name, ask, reply)                                                   \
    struct ask_##name {                                                                  \
        MESSAGE_FIELDS ask                                                               \
    };                                                                                   \
    struct reply_##name {                                                                \
        MESSAGE_FIELDS reply                                                             \
    };
#include "message/api.def"
#undef CALL
#undef FIELD_NONE
#undef FIELD_U32
#undef FIELD_U64
#undef FIELD_TEXT
#undef FIELD_BYTES
#undef FIELD_SECRET

/* --- To bytes ----------------------------------------------------------------------- */

/* Writes into `bytes`, `room` of them. `size` goes on counting when they are full, so
 * that writing to no room at all tells how many are needed. */
struct message_writer {
    uint8_t *bytes;
    size_t room, size;
};

void message_put_bytes(struct message_writer *writer, const void *bytes, size_t size);
void message_put_u32(struct message_writer *writer, uint32_t value);
void message_put_span(struct message_writer *writer, const void *bytes, size_t size);
void message_put_header(struct message_writer *writer,
                        const struct message_header *header);

/* --- From bytes --------------------------------------------------------------------- */

/* `bad` is set by the first field that is not there or too long; all after it are 0. */
struct message_reader {
    const uint8_t *bytes;
    size_t size, at;
    bool bad;
};

uint32_t message_get_u32(struct message_reader *reader);
struct message_span message_get_span(struct message_reader *reader, size_t max);
/* Of MESSAGE_HEADER_SIZE bytes. */
void message_get_header(const uint8_t *bytes, struct message_header *header);

#define CALL(number, name, ask, reply)                                                   \
    void message_put_ask_##name(struct message_writer *writer,                           \
                                const struct ask_##name *message);                       \
    void message_put_reply_##name(struct message_writer *writer,                         \
                                  const struct reply_##name *message);                   \
    bool message_get_ask_##name(struct message_reader *reader,                           \
                                struct ask_##name *message) MUST_CHECK;                  \
    bool message_get_reply_##name(struct message_reader *reader,                         \
                                  struct reply_##name *message) MUST_CHECK;
#include "message/api.def"
#undef CALL

/* The name of a call, "?" if there is none with this number. */
const char *message_call_name(uint16_t call);
/* One line for a log: names and values; of text its size and start, of bytes their
 * number, of secrets nothing but that. Gives the length of the line, cut to room - 1;
 * there is room for one at least. */
size_t message_print_ask(uint16_t call, const uint8_t *bytes, size_t size, char *line,
                         size_t room);

/* --- Lists within messages ---------------------------------------------------------- */

/* An entry of a watch: asked { current, name }, answered { event, atr }. */
struct message_watch_ask {
    uint32_t current;
    struct message_span name;
};
struct message_watch_reply {
    uint32_t event;
    struct message_span atr;
};
void message_put_watch_ask(struct message_writer *writer,
                           const struct message_watch_ask *entry);
void message_put_watch_reply(struct message_writer *writer,
                             const struct message_watch_reply *entry);
bool message_get_watch_ask(struct message_reader *reader,
                           struct message_watch_ask *entry) MUST_CHECK;
bool message_get_watch_reply(struct message_reader *reader,
                             struct message_watch_reply *entry) MUST_CHECK;

/* policy_state's flags. */
enum {
    MESSAGE_POLICY_BROKEN = 1, /* its file has a fault */
    MESSAGE_POLICY_HIDES = 2,  /* there is a reader that it does not show to this user */
    MESSAGE_POLICY_KEPT = 4    /* of a file with a fault: an earlier one is in force */
};

/* An entry of list_users: the card handles of a session to one reader that are alike, or
 * a session that has none. */
enum {
    MESSAGE_USERS_MAX = 4096, /* entries of a reply */
    MESSAGE_USER_HOLDS = 1    /* flag: it has the transaction */
};
struct message_user {
    uint32_t pid, uid;
    uint32_t contexts; /* of its session; 0: not told */
    uint32_t share;    /* 1 alone, 2 shared, 3 direct; 0: no card handle */
    uint32_t flags;
    struct message_span program, reader;
};
void message_put_user(struct message_writer *writer, const struct message_user *user);
bool message_get_user(struct message_reader *reader,
                      struct message_user *user) MUST_CHECK;

/* What a session's spare connections take, so that a client with as many calls waiting as
 * it may have can still end them: winscard-protocol(7), hello. */
static inline bool message_ends_others(uint16_t call)
{
    return call == MESSAGE_cancel || call == MESSAGE_release || call == MESSAGE_disconnect
           || call == MESSAGE_end;
}

#endif
