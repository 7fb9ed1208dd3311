/* SPDX-License-Identifier: BSD-2-Clause */
/* The connection to who uses the lent reader, a virtual machine: VSCard's messages over
 * TCP. What is sent and received may be PINs, and does not stay in memory. */
#ifndef CLI_LEND_LINK_H
#define CLI_LEND_LINK_H

#include "base/compiler.h"
#include "base/error.h"
#include "os/socket.h"
#include "proto/vscard.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LEND_CONNECT_MS = 5000, /* how long the other side may take for a connection, */
    LEND_ANSWER_MS =
        10000 /* and for an answer to Init and ReaderAdd, or to take a message */
};

struct lend_link {
    struct os_socket socket;
    struct vscard_stream stream;
};

/* What has come of the other side's next message. */
enum lend_message {
    LEND_MESSAGE_NONE,   /* nothing more is there now */
    LEND_MESSAGE_WHOLE,  /* link->stream.header, and vscard_data() */
    LEND_MESSAGE_WRONG,  /* this is not VSCard */
    LEND_MESSAGE_CLOSED, /* the other side closed the connection after a message, */
    LEND_MESSAGE_CUT,    /* or in the middle of one */
    LEND_MESSAGE_BROKEN  /* the connection failed */
};

/* Errors as os_socket_connect(). */
enum sc_error lend_link_open(struct lend_link *link, const char *address,
                             uint16_t port) MUST_CHECK;
/* Also if it is not open. What is in memory of messages is wiped. */
void lend_link_close(struct lend_link *link);

/* Errors as os_socket_write(), without a wake-up. `size` fits the type (vscard.h). */
enum sc_error lend_link_send(struct lend_link *link, enum vscard_type type,
                             uint32_t reader_id, const void *data,
                             size_t size) MUST_CHECK;
enum sc_error lend_link_send_code(struct lend_link *link, uint32_t reader_id,
                                  uint32_t code) MUST_CHECK;

/* Takes what is there, up to the end of one message. Never waits. */
enum lend_message lend_link_receive(struct lend_link *link) MUST_CHECK;
/* The message that was whole is done with: its data is wiped. */
void lend_link_forget(struct lend_link *link);

#endif
