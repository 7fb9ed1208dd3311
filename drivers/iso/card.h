/* SPDX-License-Identifier: BSD-2-Clause */
/* A card in a protocol, over a line (line.h): PPS and parameters after the reset, then
 * commands in T=0 or T=1.
 *
 *     card.line = ..., card.atr = what it said at the reset
 *     iso_negotiate(&card, PROTOCOL_T1, &terms, job)
 *     iso_transmit(&card, &transfer, ...)
 *
 * One thread at a time. */
#ifndef DRIVERS_ISO_CARD_H
#define DRIVERS_ISO_CARD_H

#include "drivers/iso/line.h"
#include "manager/driver.h"
#include "proto/pps.h"
#include "proto/t1.h"

enum {
    ISO_EXCHANGE_MAX_MS = 300000 /* most that a card may stay silent, whatever it says */
};

struct iso_card {
    struct iso_line *line; /* borrowed */
    struct atr atr;        /* of the last reset; set by whoever resets the card */
    uint32_t protocol;     /* PROTOCOL_..., in force; 0 until iso_negotiate() */
    uint8_t fidi;          /* the same */
    struct timing timing;
    struct t1 t1;
};

/* What is left to the host between the ATR and the first command. */
enum iso_negotiation {
    ISO_NEGOTIATE_ALL,        /* the PPS, then set_parameters() */
    ISO_NEGOTIATE_PARAMETERS, /* set_parameters(), and the line sends the PPS */
    ISO_NEGOTIATE_NOTHING     /* the line has read the ATR, and done both */
};

/* The same for the largest block of T=1 that the host's side takes (11.4.2). */
enum iso_ifs {
    ISO_IFS_DEFAULT, /* nobody says anything */
    ISO_IFS_REQUEST, /* the host says terms.ifsd in S(IFS request) */
    ISO_IFS_TOLD     /* the line has told the card terms.ifsd */
};

/* What the line can. */
struct iso_terms {
    uint32_t protocols; /* PROTOCOL_T0, PROTOCOL_T1 or both */
    enum iso_negotiation negotiation;
    bool default_only; /* no rate but 372/1, and no PPS */
    struct pps_limits rates;
    enum iso_ifs ifs;
    uint8_t ifsd;
    uint8_t inf_max; /* bytes of a block's INF that it has room for, both ways */
};

/* After a reset: `protocol` is PROTOCOL_T0 or PROTOCOL_T1. May reset the card once more.
 * Errors: SC_E_PROTO_MISMATCH (the ATR does not offer it, or card or reader refuse), and
 * those of the line. */
enum sc_error iso_negotiate(struct iso_card *card, uint32_t protocol,
                            const struct iso_terms *terms,
                            const struct driver_job *job) MUST_CHECK;

/* One command in the protocol in force; contract of struct driver's transmit().
 * `whole_apdus`: over T=0, GET RESPONSE, 6Cxx and ENVELOPE are done here. */
enum sc_error iso_transmit(struct iso_card *card, bool whole_apdus,
                           struct transfer *t) MUST_CHECK;

/* t1_line.c, for an exchange of which the reader does a part: what stands in
 * card->t1.block goes out, and what comes is handed to the engine. */
enum sc_error iso_t1_block(struct iso_card *card, const struct driver_job *job,
                           enum t1_step *step) MUST_CHECK;

/* True: RESYNCH has failed, and only a reset helps. */
bool iso_card_is_dead(const struct iso_card *card) MUST_CHECK;
/* The card is not in a protocol any more; what it was sent is wiped. */
void iso_card_clear(struct iso_card *card);

/* --- Parts among themselves --------------------------------------------------------- */

/* t1_line.c: sends what the engine has ready until it is done. `step`: of the start. */
enum sc_error iso_t1_run(struct iso_card *card, enum t1_step step,
                         const struct driver_job *job) MUST_CHECK;
enum sc_error iso_t1_transmit(struct iso_card *card, struct transfer *t) MUST_CHECK;
/* t0_line.c */
enum sc_error iso_t0_transmit(struct iso_card *card, bool whole_apdus,
                              struct transfer *t) MUST_CHECK;
/* `ms`, but no less than TIMING_MINIMUM_MS and no more than ISO_EXCHANGE_MAX_MS. */
static inline uint32_t iso_bounded_ms(uint64_t ms)
{
    if (ms < TIMING_MINIMUM_MS)
        return TIMING_MINIMUM_MS;
    return ms < ISO_EXCHANGE_MAX_MS ? (uint32_t)ms : ISO_EXCHANGE_MAX_MS;
}

#endif
