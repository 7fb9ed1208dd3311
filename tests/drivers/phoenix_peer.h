/* SPDX-License-Identifier: BSD-2-Clause */
/* A card behind a Phoenix reader: the other end of a pseudoterminal, which sends back what
 * comes, as one data line does, and answers it. The card is the simulated one of
 * tests/rig/sim, which takes noise for noise. A pseudoterminal has no modem's lines, no rate
 * and no parity: the calls of os/serial.h for these end here (the linker's --wrap). */
#ifndef TESTS_DRIVERS_PHOENIX_PEER_H
#define TESTS_DRIVERS_PHOENIX_PEER_H

#include "os/lock.h"
#include "os/serial.h"
#include "os/thread.h"
#include "tests/rig/sim/card.h"

enum { PHOENIX_LINK_MAX = 64 };

/* What is done once, at the next answer of the card. */
enum phoenix_fault {
    PHOENIX_WELL,
    PHOENIX_PARITY,  /* a character of it is damaged */
    PHOENIX_LOST,    /* one is missing */
    PHOENIX_DOUBLED, /* one comes twice */
    PHOENIX_SILENT,  /* there is none */
    PHOENIX_DEAF,    /* what is sent does not come back */
    PHOENIX_PULLED,  /* the card is pulled instead */
    PHOENIX_HANG_UP  /* the adapter is */
};

/* One for the process. Set before phoenix_peer_start(): */
extern struct phoenix_peer {
    char link[PHOENIX_LINK_MAX]; /* the path by which the line is found */
    struct sim_card_options options;
    uint32_t clock_hz;
    /* The wires, and what of them is asserted: */
    uint32_t reset, power, detect; /* OS_SERIAL_...; 0: there is none */
    bool reset_inverted, power_inverted, detect_inverted;
    bool paced; /* each character takes its time on the line, both ways */

    struct os_mutex lock;
    /* Under the lock. */
    uint32_t lines; /* that the driver has asserted */
    bool present, has_lines;
    uint32_t resets; /* of the card */
    struct os_serial_format format;
    enum phoenix_fault fault;
    bool damage; /* the next bytes that the driver reads */
    bool stopping;
    int master, slave;
    struct sim_card *card;
    uint8_t in[300];
    size_t in_size;
    bool heard;       /* the line was right for the card so far */
    uint8_t out[700]; /* paced: what is still to be sent */
    size_t out_size, out_sent;
    uint64_t free_ns; /* when the line's last character has gone over it */
    uint64_t busy_ns; /* what the characters have taken so far */
    struct os_thread thread;
} phoenix_peer;

bool phoenix_peer_start(void) MUST_CHECK;
void phoenix_peer_stop(void);
bool phoenix_peer_plug(void) MUST_CHECK;
void phoenix_peer_fault(enum phoenix_fault fault);
/* Whether it is still to come. */
bool phoenix_peer_is_due(void);
void phoenix_peer_move(bool present);

#endif
