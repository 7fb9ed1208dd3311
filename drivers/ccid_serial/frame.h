/* SPDX-License-Identifier: BSD-2-Clause */
/* CCID messages on a serial line, as readers of the GemPC Twin's kind carry them (observed:
 * libccid). A frame is SYNC, ACK, the message, and the exclusive or of all that. Between
 * frames a reader may say that a card has moved, in two bytes, and that it needs time, in
 * one. Nothing here trusts what comes. */
#ifndef DRIVERS_CCID_SERIAL_FRAME_H
#define DRIVERS_CCID_SERIAL_FRAME_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    FRAME_MESSAGE_MAX = 271, /* bytes: a header and a TPDU */
    FRAME_MAX = FRAME_MESSAGE_MAX + 3,
    FRAME_NOISE_MAX = 4096 /* bytes that belong to nothing, before a line is given up */
};

enum frame_found {
    FRAME_NOTHING, /* yet */
    FRAME_MESSAGE, /* reader->message has one, of reader->size bytes */
    FRAME_EVENT,   /* reader->present: whether the card is in now */
    FRAME_TIME,    /* the card needs more time */
    FRAME_REFUSED, /* what was sent last came damaged */
    FRAME_BROKEN   /* what came is damaged, or is noise without end */
};

/* What has come so far. Zeros: nothing. */
struct frame_reader {
    uint8_t message[FRAME_MESSAGE_MAX];
    size_t size;
    bool present;

    uint8_t state, check;
    size_t wanted; /* bytes of the message */
    uint32_t noise;
};

/* Takes one byte more. After FRAME_MESSAGE and FRAME_BROKEN the next one begins anew. */
enum frame_found frame_take(struct frame_reader *reader, uint8_t byte) MUST_CHECK;
/* What was begun does not count; it is wiped. */
void frame_forget(struct frame_reader *reader);

/* Writes the frame of a message of FRAME_MESSAGE_MAX bytes at most; its size. */
size_t frame_put(uint8_t frame[FRAME_MAX], const uint8_t *message, size_t size);

#endif
