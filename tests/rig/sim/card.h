/* SPDX-License-Identifier: BSD-2-Clause */
/* The card in a slot of a simulated reader: drivers/soft's card, behind a line that works
 * only if both ends agree, after ISO/IEC 7816-3:2006. */
#ifndef RIG_SIM_CARD_H
#define RIG_SIM_CARD_H

#include "drivers/soft/session.h"
#include "tests/rig/sim/fault.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { SIM_ATR_MAX = 64, SIM_CARD_ANSWER_MAX = 300 };

struct sim_card_options {
    struct soft_options soft;
    uint8_t atr[SIM_ATR_MAX];
    size_t atr_size; /* 0: the soft card's own */
    uint8_t voltage; /* bPowerSelect that it works with, 1 to 3; 0: any */
    bool no_pps;     /* it does not know PPS */
};

struct sim_card {
    struct soft_session *session;
    const struct sim_card_options *options;
    uint8_t fidi;     /* in force */
    uint8_t protocol; /* 0 or 1, the same */
    bool fresh;       /* nothing but the ATR went by */
    bool dead;        /* heard what it did not understand: silent until the next reset */
};

/* The reader's end of the line. */
struct sim_line {
    uint8_t protocol;
    uint8_t fidi, guard, waiting; /* as in SetParameters */
    uint32_t clock_khz;
};

/* NULL: no memory. `options` are borrowed. */
struct sim_card *sim_card_new(const struct sim_card_options *options,
                              uint32_t number) MUST_CHECK;
void sim_card_free(struct sim_card *card);

/* A reset, cold or warm. */
void sim_card_reset(struct sim_card *card);
void sim_card_off(struct sim_card *card);

/* The parsed ATR; the raw one. */
const struct atr *sim_card_atr(const struct sim_card *card);
const uint8_t *sim_card_atr_bytes(const struct sim_card *card, size_t *size);

/* Whether the card understands this line. What comes at another speed, too dense, or as
 * another protocol is noise to it: it is silent then until it is reset. */
bool sim_card_hears(struct sim_card *card, const struct sim_line *line);

/* A PPS request; the size of the answer, 0: silent. */
size_t sim_card_pps(struct sim_card *card, const struct sim_line *line,
                    const uint8_t *bytes, size_t size, uint8_t out[SIM_CARD_ANSWER_MAX]);

/* A block of T=1 or a TPDU of T=0 (header and P3, data), as line->protocol says. A fault
 * command is taken out, and *fault set. The size of the answer, 0: silent. */
size_t sim_card_tpdu(struct sim_card *card, const struct sim_line *line,
                     const uint8_t *bytes, size_t size, uint8_t out[SIM_CARD_ANSWER_MAX],
                     uint32_t *delay_ms, struct sim_fault *fault);

/* `size` bytes in session->card.command, as one command; the answer is in
 * session->card.response. Its size, 0: silent. */
size_t sim_card_apdu(struct sim_card *card, const struct sim_line *line, size_t size,
                     uint32_t *delay_ms, struct sim_fault *fault);

/* What the reader waits for the card's block: BWT times `multiplier`; T=0: WWT. */
uint64_t sim_line_wait_ms(const struct sim_line *line, uint32_t multiplier);

#endif
