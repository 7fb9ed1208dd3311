/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the service made of a socket: it can say what no library would. */
#ifndef TESTS_SUPPORT_RAW_H
#define TESTS_SUPPORT_RAW_H

#include "message/message.h"
#include "service/session.h"
#include "tests/support/hang.h"
#include "tests/support/running.h"

enum { RAW_ROOM = 65536 + 1024, RAW_WAIT_MS = CHECK_HANG_MS, RAW_GONE = 0xFFFF };

struct raw {
    int fd;
    int pipe_out, pipe_in; /* used in its place if they are not 0 */
    uint32_t serial;
    uint8_t session[MESSAGE_SESSION_SIZE];
    uint8_t out[RAW_ROOM];
    struct message_writer writer;
    struct message_reader reader; /* the fields of the last reply */
    uint8_t *in;
    uint32_t size;
};

/* All of it, to any socket. */
bool raw_send_all(int fd, const void *bytes, size_t size);
/* A connection, without a word. */
bool raw_connect(struct raw *raw, const char *path);
bool raw_connect_tcp(struct raw *raw, uint16_t port);
void raw_close(struct raw *raw);
/* Bytes as they are. False: the other end is closed. */
bool raw_send(struct raw *raw, const void *bytes, size_t size);
/* Writes the header; the fields go into raw->writer. */
void raw_begin(struct raw *raw);
/* Sets the header right and sends the message. */
bool raw_end(struct raw *raw, uint16_t call);
/* The next reply's error, the flag of bare replies taken away; RAW_GONE: the connection
 * was closed. Ends the program after RAW_WAIT_MS. */
uint32_t raw_receive(struct raw *raw);
/* True: a reply, or the end, is there within so many ms. */
bool raw_has_reply(const struct raw *raw, int ms);
/* Connects and says hello; `session`: the one to join, or NULL. The reply's error. */
uint32_t raw_hello(struct raw *raw, const uint8_t *session, const char *token);
/* By TCP: asks for a challenge, and says hello with the proof for the token. The first
 * error; SC_E_COMM_DATA_LOST: the service proved that it has another token, or none. */
uint32_t raw_prove(struct raw *raw, const uint8_t *session, const char *token);
/* Asks for pipes and opens them; what is said after that goes through them. The error. */
uint32_t raw_pipes(struct raw *raw);
bool raw_open(struct raw *raw, const char *path);
/* A further connection of the same client. */
bool raw_join(struct raw *raw, const char *path, const struct raw *first);

/* RAW_REQUEST(raw, name, fields...): sends it. */
#define RAW_REQUEST(raw, name, ...)                                                      \
    do {                                                                                 \
        struct message_request_##name raw_fields = {__VA_ARGS__};                        \
        raw_begin(raw);                                                                  \
        message_put_request_##name(&(raw)->writer, &raw_fields);                         \
        (void)raw_end(raw, MESSAGE_##name);                                              \
    } while (false)

/* Calls that are needed everywhere. 0: refused. */
uint32_t raw_establish(struct raw *raw);
void raw_request_connect(struct raw *raw, uint32_t context, const char *reader);
uint32_t raw_card(struct raw *raw, uint32_t context, const char *reader);
/* A call with nothing but a handle: its error. */
uint32_t raw_simple(struct raw *raw, uint16_t call, uint32_t handle);
void raw_request_transmit(struct raw *raw, uint32_t card, const void *command,
                          size_t size);
uint32_t raw_transmit(struct raw *raw, uint32_t card);
/* Watches one reader for something else than `current`. */
void raw_request_watch(struct raw *raw, uint32_t context, const char *reader,
                       uint32_t current, uint64_t timeout_ms);

#endif
