/* SPDX-License-Identifier: BSD-2-Clause */
/* A reader at the other end of a serial line: a pseudoterminal with a simulated reader
 * (tests/rig/sim) behind it, whose messages it frames by itself, as the reader's maker
 * describes that, and wrongly where it is told to. */
#ifndef TESTS_DRIVERS_SERIAL_PEER_H
#define TESTS_DRIVERS_SERIAL_PEER_H

#include "os/lock.h"
#include "os/thread.h"
#include "tests/rig/sim/direct.h"

#include <stdbool.h>
#include <stdint.h>

/* What is done to the next answers, or commands. */
enum serial_fault {
    SERIAL_WELL,
    SERIAL_NOISE,   /* bytes that belong to nothing before the answer */
    SERIAL_SLOWLY,  /* the answer byte by byte */
    SERIAL_CHECK,   /* its last byte is another one */
    SERIAL_LOST,    /* a byte of it is missing */
    SERIAL_DOUBLED, /* a byte of it comes twice */
    SERIAL_SILENT,  /* there is none */
    SERIAL_REFUSED, /* the command is said to have come damaged, and not carried out */
    SERIAL_LONG,    /* its header promises more than any message has */
    SERIAL_TIME,    /* it is announced by a request for time, three times */
    SERIAL_EVENTS, /* instead of it comes one event after another, until the next command */
    SERIAL_SYNC,   /* the same, of the first byte of a frame */
    SERIAL_HANG_UP /* the line goes when the command has come */
};

struct serial_peer {
    char link[64];      /* the path by which it is found; a symbolic link */
    bool echoes;        /* each command comes back before its answer */
    const char *reader; /* of tests/rig/sim */
    /* Under the lock, but for the thread's own end. */
    struct os_mutex lock;
    int master, slave; /* -1: hung up. The slave keeps the line there between openings */
    enum serial_fault fault;
    uint32_t faults; /* how many times more */
    uint32_t commands;
    bool event, present; /* a card has moved, and that was not told */
    bool stopping;
    struct sim_direct *direct;
    struct os_thread thread;
};

/* Sets link, echoes and reader before. */
bool serial_peer_start(struct serial_peer *peer) MUST_CHECK;
void serial_peer_stop(struct serial_peer *peer);
/* From now on, `times` times. */
void serial_peer_fault(struct serial_peer *peer, enum serial_fault fault, uint32_t times);
/* Faults that have not struck yet. */
uint32_t serial_peer_faults_left(struct serial_peer *peer);
/* It is plugged in again, after SERIAL_HANG_UP. */
bool serial_peer_plug(struct serial_peer *peer) MUST_CHECK;
/* A card goes or comes, which is told with the next answer. */
void serial_peer_move(struct serial_peer *peer, bool present);

#endif
