/* SPDX-License-Identifier: BSD-2-Clause */
/* How long a card may take: waiting times of ISO/IEC 7816-3:2006, 8.1, 10.2 and 11.4, and
 * the sums for readers that do the waiting themselves. */
#ifndef PROTO_TIMING_H
#define PROTO_TIMING_H

#include <stddef.h>
#include <stdint.h>

enum {
    TIMING_FALLBACK_MS = 60000, /* total if clock, F or D is 0, that is unknown */
    TIMING_MINIMUM_MS = 3000,   /* wait no less than this: readers take time too */
    TIMING_MARGIN_MS = 1000     /* for the way between host and reader */
};

struct timing {
    uint32_t clock_khz; /* of the card; 1000 to 20000 in practice */
    uint16_t f;         /* 372 to 2048 */
    uint8_t d;          /* 1 to 64 */
    uint8_t n;          /* TC1; 255 adds no guard time */
    uint8_t wi;         /* T=0 */
    uint8_t bwi;        /* T=1, 0 to 9; higher values are taken as 9 */
    uint8_t cwi;        /* T=1, 0 to 15 */
    uint16_t guard_f;   /* F and D for the extra guard time alone, struct atr has them; */
    uint8_t guard_d;    /* 0: those above */
};

/* All of these are 0 if clock, F or D is 0, and round down unless they say otherwise. */

/* Elementary time unit, in nanoseconds: F / (D * clock). */
uint64_t timing_etu_ns(const struct timing *timing);
/* From one character to the next, host to card: 12 etu and the extra guard time. */
uint64_t timing_character_us(const struct timing *timing);
/* T=1 block waiting time (11.4.3). */
uint64_t timing_bwt_us(const struct timing *timing);
/* T=1 character waiting time (11.4.3). */
uint64_t timing_cwt_us(const struct timing *timing);
/* T=1 block guard time: 22 etu. */
uint64_t timing_bgt_us(const struct timing *timing);
/* T=0 work waiting time (10.2). */
uint64_t timing_wwt_us(const struct timing *timing);

/* For one T=1 block: BWT times the multiplier (0 is taken as 1, 255 is the most), a CWT
 * for each of `block_size` characters (at most 260), and the margin. TIMING_FALLBACK_MS
 * if unknown. Rounds up. */
uint64_t timing_t1_block_ms(const struct timing *timing, uint32_t multiplier,
                            size_t block_size);

/* The most an exchange of one TPDU may take, for readers that do the waiting themselves:
 * T=1 a block of 260 characters each way, T=0 the worse of sending and receiving 260.
 * The caller waits TIMING_MINIMUM_MS at least. TIMING_FALLBACK_MS if unknown.
 * Round to the nearest. */
uint64_t timing_t1_total_ms(const struct timing *timing);
uint64_t timing_t0_total_ms(const struct timing *timing);

/* Bits per second on the line: 1000 * clock_khz * D / F, rounded down; 0 if F is 0. */
uint32_t timing_baud(uint32_t clock_khz, uint16_t f, uint8_t d);

#endif
