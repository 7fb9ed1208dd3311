/* SPDX-License-Identifier: BSD-2-Clause */
/* A card simulator that connects to a vpcd slot, and does what the test tells it: right
 * or wrong. It runs in a thread of its own. */
#ifndef TESTS_SUPPORT_FAKE_VICC_H
#define TESTS_SUPPORT_FAKE_VICC_H

#include "os/lock.h"
#include "os/socket.h"
#include "os/thread.h"

enum vicc_act {
    VICC_ANSWER,     /* as it should be */
    VICC_EMPTY,      /* a frame of no bytes */
    VICC_ONE_BYTE,   /* a frame of one byte */
    VICC_LONG,       /* a frame of 65535 bytes */
    VICC_GLUED,      /* the answer and another frame behind it */
    VICC_TWICE_LATE, /* the answer, and some ms later another */
    VICC_DRIP,       /* the answer, a byte each 5 ms */
    VICC_HANG,       /* nothing */
    VICC_HALF_HANG,  /* half of the answer, then nothing */
    VICC_HALF_CLOSE, /* half of the answer, then the end */
    VICC_CLOSE,      /* the end instead of an answer */
    VICC_DEAF,       /* reads nothing any more */
    VICC_SHORT_ATR,  /* 3B */
    VICC_BAD_ATR,    /* no ATR, but as long as one */
    VICC_LONG_ATR    /* 34 bytes */
};

enum { VICC_FRAME_MAX = 65535 };

struct fake_vicc {
    uint16_t port;
    enum vicc_act on_atr, on_command;
    bool speaks_first; /* sends a frame as soon as it is connected */
    struct os_socket socket;
    struct os_wake stop;
    struct os_thread thread;
    struct os_mutex lock;

    /* Under the lock: what came. */
    uint32_t ons, offs, resets, commands;
    bool closed; /* by the reader */
    size_t command_size;
    uint8_t command[VICC_FRAME_MAX];
    uint8_t answer[VICC_FRAME_MAX + 2];
};

/* Connects, and runs until it is stopped. Answers to a command: 80 10 P1 P2 gives P1P2
 * bytes 00 01 02 ... and 9000; anything else gives 9000. */
void fake_vicc_start(struct fake_vicc *vicc, uint16_t port, enum vicc_act on_atr,
                     enum vicc_act on_command);
/* Closes the connection, unless it is over already. */
void fake_vicc_stop(struct fake_vicc *vicc);
/* Whether the reader closed it, in the next 5 s. */
bool fake_vicc_wait_closed(struct fake_vicc *vicc);

#endif
