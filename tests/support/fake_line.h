/* SPDX-License-Identifier: BSD-2-Clause */
/* A line to a card (drivers/iso/line.h) that follows a script, and checks that it is
 * followed. */
#ifndef TESTS_SUPPORT_FAKE_LINE_H
#define TESTS_SUPPORT_FAKE_LINE_H

#include "drivers/iso/card.h"

enum { LINE_BYTES_MAX = 300, LINE_CALLS_MAX = 8, LINE_DEADLINE_MS = 4711 };

/* One call of the line. `out` begins with the call: "" an exchange, "P" set_parameters,
 * with protocol and FiDi, "R" a reset, with the ATR that the card has then. */
struct line_call {
    const char *out; /* hexadecimal */
    size_t expect;
    const char *in;
    enum sc_error error;
    enum iso_fault fault;
};
/* clang-format off */
#define CALL(out, expect, in) {out, expect, in, SC_OK, ISO_FAULT_OTHER}
/* clang-format on */

struct fake_line {
    struct iso_line line; /* first: the calls get back from it to here */
    struct iso_card *card;
    const struct line_call *calls;
    size_t count, done;
    unsigned failures; /* of checks, before the first call */
    uint8_t in[LINE_BYTES_MAX];
    uint32_t timeout_ms; /* of the last exchange */
    uint8_t wait_multiplier;
    bool case_1;
};

extern const struct driver_job fake_line_job;
/* What a UART leaves to the host. */
extern const struct iso_terms fake_line_terms;

/* A card that has just said this, at a line of this kind. */
void fake_line_make(struct fake_line *fake, struct iso_card *card,
                    enum iso_line_kind kind, const char *atr);
/* The same, in the protocol at the default rate; nothing was sent. 0: in none. */
void fake_line_begin(struct fake_line *fake, struct iso_card *card,
                     enum iso_line_kind kind, uint32_t protocol);
/* The calls that are to come. */
void fake_line_script(struct fake_line *fake, const struct line_call *calls,
                      size_t count);
/* All of them came, and every call of this line was as it was to be; if not, stderr has
 * which was not. */
bool fake_line_followed(const struct fake_line *fake);
/* Those of an array that is not full. */
size_t fake_line_count(const struct line_call *calls);

#define TPDU  ISO_LINE_TPDU
#define CHARS ISO_LINE_CHARACTERS
#define ALL   ISO_NEGOTIATE_ALL

/* TA1 is 96; T=1 is all that there is. */
#define ATR_T0      "3B 10 96"
#define ATR_T1_ONLY "3B 80 01 81"

#endif
