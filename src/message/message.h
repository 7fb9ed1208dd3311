/* SPDX-License-Identifier: BSD-2-Clause */
/* Messages between client and service: api.def as structures, to bytes and back.
 *
 *     header  u32 size of what follows  u16 call  u16 status  u32 serial
 *
 * A client has one call under way on a connection; the response carries its serial
 * number. `status` is 0 in a request; in a response it is the error (enum sc_error), with
 * MESSAGE_BARE set if no fields follow. Decoded text and bytes point into the message. */
#ifndef MESSAGE_MESSAGE_H
#define MESSAGE_MESSAGE_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/sizes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Sizes in bytes: _SIZE exactly, _MAX at most. */
enum {
    MESSAGE_VERSION = 1,
    MESSAGE_HEADER_SIZE = 12,
    MESSAGE_BARE = 0x8000, /* in status */
    MESSAGE_SESSION_SIZE = 16,
    MESSAGE_TOKEN_MAX = 64,
    MESSAGE_NONCE_SIZE = 32,
    MESSAGE_PROOF_SIZE = 32,
    MESSAGE_PIPE_MAX = 255,      /* a pipe's path */
    MESSAGE_READER_MAX = 512,    /* a reader's name that is asked for: anything */
    MESSAGE_NAME_MAX = 128,      /* one that there is */
    MESSAGE_TEXT_MAX = 64,       /* vendor, product, serial number */
    MESSAGE_DEVICE_MAX = 200,    /* a device's name in its system */
    MESSAGE_NAMES_MAX = 1048576, /* of all readers */
    MESSAGE_LIST_MAX = 1048576,  /* entries of a response */
    MESSAGE_WATCH_MAX = 4194304, /* entries of a watch of many readers */
    MESSAGE_ATR_MAX = 33,
    MESSAGE_TRANSFER_MAX =
        TRANSFER_MAX, /* a command to a card or reader, or its answer */
    MESSAGE_ATTRIBUTE_MAX = 264,
    MESSAGE_CARD_ID_SIZE = 16,
    MESSAGE_CACHE_NAME_MAX = 256,
    MESSAGE_CACHE_ITEM_MAX = 65536,
    MESSAGE_FAULT_MAX = 256,
    MESSAGE_FIELDS_MAX = 64, /* of a long message beside its longest one */
    MESSAGE_REQUEST_MAX = MESSAGE_WATCH_MAX + MESSAGE_FIELDS_MAX, /* after the header */
    MESSAGE_RESPONSE_MAX = MESSAGE_LIST_MAX + MESSAGE_FIELDS_MAX, /* the same */
    /* All of most messages, either way. */
    MESSAGE_ROOM = MESSAGE_HEADER_SIZE + MESSAGE_TRANSFER_MAX + MESSAGE_FIELDS_MAX,
    MESSAGE_HANDLE_MAX = 0x7FFFFFFF /* a context's or card's number; never 0 */
};

/* --- Values ------------------------------------------------------------------------- */

/* Numbers on the wire, whatever the manager's are called (client/service_values.c). */
enum message_abi { MESSAGE_ABI_WINDOWS = 0, MESSAGE_ABI_PCSCLITE = 1, MESSAGE_ABI_END };
enum message_style { MESSAGE_STYLE_WINDOWS = 0, MESSAGE_STYLE_PCSCLITE = 1 };
enum message_rule { MESSAGE_RULE_WINDOWS = 0, MESSAGE_RULE_PCSCLITE = 1 };
enum message_state {
    MESSAGE_STATE_ABSENT = 0,
    MESSAGE_STATE_UNKNOWN = 1,
    MESSAGE_STATE_MUTE = 2,
    MESSAGE_STATE_OFF = 3,
    MESSAGE_STATE_NEGOTIABLE = 4,
    MESSAGE_STATE_SPECIFIC = 5,
    MESSAGE_STATE_END
};
enum { MESSAGE_FLAG_ALONE = 1, MESSAGE_FLAG_PREFER_T1 = 2 }; /* of connect, reconnect */

/* --- Calls -------------------------------------------------------------------------- */

enum message_call {
#define CALL(number, name, right, traits, request, response) MESSAGE_##name = (number),
#include "message/api.def"
    MESSAGE_CALL_END
};

/* See api.def. */
enum message_right { MESSAGE_FREE, MESSAGE_USE, MESSAGE_CONTROL };
enum { MESSAGE_QUICK = 1, MESSAGE_WAITS = 2, MESSAGE_ENDS_OTHERS = 4 };

bool message_is_call(uint16_t number);
/* Of a number that is not a call's: "?", FREE, 0. */
const char *message_call_name(uint16_t call);
enum message_right message_call_right(uint16_t call);
uint32_t message_call_traits(uint16_t call);

struct message_span {
    const uint8_t *bytes; /* may be NULL if size is 0 */
    size_t size;
};

static inline struct message_span message_text(const char *text)
{
    struct message_span span = {(const uint8_t *)text, strlen(text)};
    return span;
}

static inline struct message_span message_bytes(const void *bytes, size_t size)
{
    struct message_span span = {bytes, size};
    return span;
}

struct message_header {
    uint32_t size;
    uint16_t call;
    uint16_t status;
    uint32_t serial;
};

/* --- struct message_request_NAME, struct message_response_NAME ---------------------- */

#define MESSAGE_FIELDS(...)    __VA_ARGS__
#define FIELD_NONE             char none;
#define FIELD_U32(name)        uint32_t name;
#define FIELD_U64(name)        uint64_t name;
#define FIELD_BYTES(name, max) struct message_span name;
#define CALL(number, name, right, traits, request, response)                             \
    struct message_request_##name {                                                      \
        MESSAGE_FIELDS request                                                           \
    };                                                                                   \
    struct message_response_##name {                                                     \
        MESSAGE_FIELDS response                                                          \
    };
#include "message/api.def"

union message_request {
#define CALL(number, name, right, traits, request, response)                             \
    struct message_request_##name name;
#include "message/api.def"
};

/* --- To bytes ----------------------------------------------------------------------- */

/* Writes into `bytes`, `room` of them. `size` goes on counting when they are full, so
 * that writing to no room at all tells how many are needed. */
struct message_writer {
    uint8_t *bytes;
    size_t room, size;
    uint32_t handle_mask; /* handles are written as their numbers ^ this */
};

void message_put_bytes(struct message_writer *writer, const void *bytes, size_t size);
void message_put_u32(struct message_writer *writer, uint32_t value);
void message_put_span(struct message_writer *writer, const void *bytes, size_t size);
void message_put_header(struct message_writer *writer,
                        const struct message_header *header);

/* --- From bytes --------------------------------------------------------------------- */

enum message_handle { MESSAGE_NO_HANDLE, MESSAGE_CONTEXT, MESSAGE_CARD };

/* Whether a handle of this kind is one of the owner's. */
typedef bool message_knows(void *owner, enum message_handle kind, uint32_t handle);

/* `bad` is set by the first field that is not there, too long, or of a value that it
 * cannot have; all after it are 0. `foreign` is set by a handle that cannot be one, or
 * that knows(), if there is one, does not know. */
struct message_reader {
    const uint8_t *bytes;
    size_t size, at;
    bool bad, foreign;
    enum message_handle kind; /* of the last handle that was read */
    uint32_t handle;
    uint32_t handle_mask; /* handles are read as their numbers ^ this */
    message_knows *knows;
    void *owner;
};

uint32_t message_get_u32(struct message_reader *reader);
struct message_span message_get_span(struct message_reader *reader, size_t max);
/* Of MESSAGE_HEADER_SIZE bytes. */
void message_get_header(const uint8_t *bytes, struct message_header *header);

#define CALL(number, name, right, traits, request, response)                             \
    void message_put_request_##name(struct message_writer *writer,                       \
                                    const struct message_request_##name *message);       \
    void message_put_response_##name(struct message_writer *writer,                      \
                                     const struct message_response_##name *message);     \
    bool message_get_request_##name(struct message_reader *reader,                       \
                                    struct message_request_##name *message) MUST_CHECK;  \
    bool message_get_response_##name(struct message_reader *reader,                      \
                                     struct message_response_##name *message)            \
        MUST_CHECK;
#include "message/api.def"
/* The request of any call: true also if there is a foreign handle in it. */
bool message_get_request(uint16_t call, struct message_reader *reader,
                         union message_request *request) MUST_CHECK;

/* One line for a log: names and values; of text its size and start, of bytes their
 * number, of secrets nothing but that. Gives the length of the line, cut to room - 1;
 * there is room for one at least. */
size_t message_print_request(uint16_t call, const uint8_t *bytes, size_t size, char *line,
                             size_t room);

/* --- Lists within messages ---------------------------------------------------------- */

/* An entry of a watch in the request, and in the response. */
struct message_watch_entry {
    uint32_t current;
    struct message_span name;
};
struct message_watch_result {
    uint32_t event;
    struct message_span atr;
};
void message_put_watch_entry(struct message_writer *writer,
                             const struct message_watch_entry *entry);
void message_put_watch_result(struct message_writer *writer,
                              const struct message_watch_result *entry);
bool message_get_watch_entry(struct message_reader *reader,
                             struct message_watch_entry *entry) MUST_CHECK;
bool message_get_watch_result(struct message_reader *reader,
                              struct message_watch_result *entry) MUST_CHECK;

/* policy_state's flags. */
enum {
    MESSAGE_POLICY_BROKEN = 1, /* its file has a fault */
    MESSAGE_POLICY_HIDES = 2,  /* there is a reader that it does not show to this user */
    MESSAGE_POLICY_KEPT = 4    /* of a file with a fault: an earlier one is in force */
};

/* An entry of list_users: the card handles of a session to one reader that are alike, or
 * a session that has none. */
enum {
    MESSAGE_USERS_MAX = 4096, /* entries of a response */
    MESSAGE_USER_HOLDS = 1    /* flag: it has the transaction */
};
struct message_user {
    uint32_t pid, uid;
    uint32_t contexts; /* of its session; 0: not to be known */
    uint32_t share;    /* 1 alone, 2 shared, 3 direct; 0: no card handle */
    uint32_t flags;
    struct message_span program, reader;
};
void message_put_user(struct message_writer *writer, const struct message_user *user);
bool message_get_user(struct message_reader *reader,
                      struct message_user *user) MUST_CHECK;

#endif
