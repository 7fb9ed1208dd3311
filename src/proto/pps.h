/* SPDX-License-Identifier: BSD-2-Clause */
/* Protocol and parameters selection, after ISO/IEC 7816-3:2006, 9: which values to ask
 * for, the request, and whether the answer accepts it. */
#ifndef PROTO_PPS_H
#define PROTO_PPS_H

#include "base/compiler.h"
#include "proto/atr.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PPS_SIZE_MAX = 6,       /* PPSS PPS0 PPS1 PPS2 PPS3 PCK */
    PPS_FIDI_DEFAULT = 0x11 /* 372/1 */
};

/* A request or an answer. PPS2 and PPS3 are never sent, and not accepted. */
struct pps {
    uint8_t protocol; /* T, 0 to 14 */
    bool has_pps1;
    uint8_t pps1; /* Fi and Di as in TA1 */
};

/* Bytes of a PPS message in all, given by its second byte: 3 to 6. */
size_t pps_size(uint8_t pps0);

/* Writes a request (or an answer: they look alike); gives its size, 3 or 4. */
size_t pps_build(const struct pps *pps, uint8_t out[PPS_SIZE_MAX]);

/* Reads a message. False if it is not exactly one PPS message with a right check byte, if
 * bit 8 of PPS0 is set, or if it has PPS2 or PPS3. *pps is untouched then. */
bool pps_parse(const uint8_t *bytes, size_t size, struct pps *pps) MUST_CHECK;

/* Whether the card accepts `request` with this answer. If so *fidi holds what is in force
 * from the next character on: PPS1 if it was echoed, else PPS_FIDI_DEFAULT. If not, reset
 * the card (9.3); *fidi is untouched. */
bool pps_accepts(const struct pps *request, const uint8_t *answer, size_t size,
                 uint8_t *fidi) MUST_CHECK;

/* What a reader can do. */
struct pps_limits {
    uint32_t clock_khz;    /* of the card's clock */
    uint32_t default_baud; /* what the reader starts with; 0: that of 372/1 */
    uint32_t max_baud;     /* 0: no limit */
    const uint32_t *bauds; /* the only rates it has, within 1 %; borrowed */
    size_t baud_count;     /* 0: any rate */
};

/* Chooses the Fi and Di to use with a card: those of TA1 if the reader can, else a lower
 * step of the same Fi (0x97 down to 0x94), else PPS_FIDI_DEFAULT; never slower than the
 * default. In specific mode the card leaves no choice. False if so and the reader cannot,
 * or if the values are implicit (TA2 bit 5). */
bool pps_choose(const struct atr *atr, const struct pps_limits *limits,
                uint8_t *fidi) MUST_CHECK;

#endif
