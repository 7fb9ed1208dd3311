/* SPDX-License-Identifier: BSD-2-Clause */
/* A client of the service that speaks pcscd's protocol by itself. Written from the
 * description of the protocol, with numbers of its own, so that a mistake in the
 * service's is seen. */
#ifndef TESTS_SUPPORT_LITE_H
#define TESTS_SUPPORT_LITE_H

#include "tests/support/hang.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    LITE_ESTABLISH = 1,
    LITE_RELEASE,
    LITE_CONNECT = 4,
    LITE_RECONNECT,
    LITE_DISCONNECT,
    LITE_BEGIN,
    LITE_END,
    LITE_TRANSMIT,
    LITE_CONTROL,
    LITE_STATUS,
    LITE_CANCEL = 13,
    LITE_GET_ATTRIB = 15,
    LITE_SET_ATTRIB,
    LITE_VERSION,
    LITE_STATES,
    LITE_WAIT,
    LITE_STOP,
    LITE_EVENTS,
    LITE_COUNT,
    LITE_ARRAY
};

enum { LITE_RECORDS = 16, LITE_WAIT_MS = CHECK_HANG_MS };

#define LITE_GONE  0xFFFF0000U /* the service hung up */
#define LITE_ERROR 0x80100000U

struct lite_record {
    char name[128];
    uint32_t events, state;
    int32_t sharing;
    uint8_t atr[33], padding[3];
    uint32_t atr_size, protocol;
};

struct lite {
    int fd;
    uint32_t context;
    uint32_t words[70]; /* the body of the last answer */
};

/* Connects and says nothing. */
bool lite_connect(struct lite *lite, const char *path);
/* And agrees on 4:minor, and has a context. */
bool lite_open(struct lite *lite, const char *path, uint32_t minor);
void lite_close(struct lite *lite);

bool lite_send(struct lite *lite, const void *bytes, size_t size);
/* False: the service hung up. Ends the program when nothing comes. */
bool lite_receive(struct lite *lite, void *bytes, size_t size);
/* Whether bytes come, or the end, within that time. */
bool lite_hears(const struct lite *lite, int ms);
/* The service hangs up, soon. */
bool lite_is_gone(struct lite *lite);
/* Header and body. */
bool lite_ask(struct lite *lite, uint32_t command, const void *body, uint32_t size);
/* The same, and the answer of the same size, in lite->words. Gives its last word, or
 * LITE_GONE. */
uint32_t lite_call(struct lite *lite, uint32_t command, const void *body, uint32_t size);

uint32_t lite_version(struct lite *lite, uint32_t major, uint32_t minor);
/* A handle, or 0; the result is in lite->words[37]. */
uint32_t lite_card(struct lite *lite, const char *reader, uint32_t share,
                   uint32_t protocols);
/* A command with a handle, a second word if there is one (size 12), and the result. */
uint32_t lite_plain(struct lite *lite, uint32_t command, uint32_t handle);
uint32_t lite_dispose(struct lite *lite, uint32_t command, uint32_t handle,
                      uint32_t disposition);
/* `out` has room for 65548 bytes; *size: of the answer's length word. */
uint32_t lite_transmit(struct lite *lite, uint32_t card, uint32_t protocol,
                       const void *in, uint32_t in_size, uint32_t room, void *out,
                       uint32_t *size);
uint32_t lite_control(struct lite *lite, uint32_t card, uint32_t code, const void *in,
                      uint32_t in_size, uint32_t room, void *out, uint32_t *size);
/* The states of all readers by GET_READERS_STATE. */
bool lite_states(struct lite *lite, struct lite_record records[LITE_RECORDS]);
/* A wait's answer: its result, or LITE_GONE. */
uint32_t lite_event(struct lite *lite);

#endif
