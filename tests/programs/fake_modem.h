/* SPDX-License-Identifier: BSD-2-Clause */
/* What fake_modem.c says to phoenix_peer_main.c, at the socket FAKE_MODEM: a message, and its
 * answer. */
#ifndef TESTS_PROGRAMS_FAKE_MODEM_H
#define TESTS_PROGRAMS_FAKE_MODEM_H

#include <stdint.h>

enum fake_modem_word {
    FAKE_MODEM_SET,   /* these lines are asserted */
    FAKE_MODEM_CLEAR, /* these are not */
    FAKE_MODEM_GET,   /* which are? */
    FAKE_MODEM_FORMAT /* the rate and the parity of the line */
};

struct fake_modem_message {
    uint32_t word;
    uint32_t lines;  /* TIOCM_... */
    uint32_t rate;   /* bit/s */
    uint32_t parity; /* PARENB and PARODD of <termios.h> */
};

#endif
