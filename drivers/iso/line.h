/* SPDX-License-Identifier: BSD-2-Clause */
/* What is between the host and a card where the host speaks ISO/IEC 7816-3 itself: the
 * port between that (card.h) and what moves the bytes. A CCID reader at TPDU or character
 * level is such a line (drivers/ccid/line.c), and a UART with a card behind it.
 *
 * A line is used by one thread at a time. Errors of all calls: SC_E_READER_UNAVAILABLE
 * (it is gone), SC_E_NO_SMARTCARD and SC_W_REMOVED_CARD (the card is), SC_F_COMM_ERROR,
 * SC_E_TIMEOUT (the deadline has come), SC_E_CANCELLED (the job is to end). */
#ifndef DRIVERS_ISO_LINE_H
#define DRIVERS_ISO_LINE_H

#include "base/compiler.h"
#include "base/error.h"
#include "manager/driver.h"
#include "proto/atr.h"
#include "proto/timing.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum iso_line_kind {
    /* Carries a TPDU of T=0 or a block of T=1 whole, and what the card answers to it:
     * procedure bytes and the length of a block are its business. */
    ISO_LINE_TPDU,
    /* Carries bytes, and is told how many come back. */
    ISO_LINE_CHARACTERS
};

/* Why an exchange ended with SC_F_COMM_ERROR, if the card or the contacts are to blame.
 */
enum iso_fault {
    ISO_FAULT_OTHER, /* or nothing is known: the exchange is given up */
    ISO_FAULT_MUTE,  /* the card did not answer in time */
    ISO_FAULT_PARITY /* a character of its answer was wrong */
};

/* Bytes to the card, and its answer. All but the results is set by the caller. */
struct iso_exchange {
    const uint8_t *out; /* may hold a PIN */
    size_t out_size;    /* 0: only receive */
    /* The last byte of `out` is the P3 of a command that has none (case 1), 00: T=0 sends
     * it, and a reader that adds it by itself is not given it. */
    bool case_1;
    /* How many bytes are to come, of an ISO_LINE_CHARACTERS. Fewer may, if the line has
     * not the room, or if nothing more comes: the rest is asked for next. */
    size_t expect;
    uint32_t timeout_ms;     /* that the line may be silent */
    uint8_t wait_multiplier; /* T=1: of the block waiting time; 0: one */
    const struct driver_job *job;
    /* After SC_OK, until the next call of the line. */
    const uint8_t *in;
    size_t in_size;
    enum iso_fault fault; /* after SC_F_COMM_ERROR */
};

/* How the card is spoken to from now on. */
struct iso_parameters {
    uint8_t protocol; /* 0 or 1 */
    uint8_t fidi;     /* Fi and Di as in TA1 */
    bool agreed;      /* the card has this rate already, by a PPS of the host */
    struct timing timing;
    const struct atr *atr;
};

struct iso_line {
    enum iso_line_kind kind;
    enum sc_error (*exchange)(struct iso_line *line,
                              struct iso_exchange *exchange) MUST_CHECK;
    /* Also SC_E_PROTO_MISMATCH: the reader, or the card by way of it, refuses. */
    enum sc_error (*set_parameters)(struct iso_line *line,
                                    const struct iso_parameters *parameters,
                                    const struct driver_job *job) MUST_CHECK;
    /* A cold reset; what the card says then is in iso_card.atr. Also
     * SC_W_UNRESPONSIVE_CARD. */
    enum sc_error (*reset)(struct iso_line *line,
                           const struct driver_job *job) MUST_CHECK;
};

#endif
