/* SPDX-License-Identifier: BSD-2-Clause */
/* Command APDUs: which of the seven cases of ISO/IEC 7816-3:2006, 12.1 a byte string is,
 * its parts, and the way back. */
#ifndef PROTO_APDU_H
#define PROTO_APDU_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    APDU_COMMAND_MAX = 4 + 3 + 65535 + 2, /* header, Lc, data, Le */
    APDU_RESPONSE_MAX = 65536 + 2,        /* data, SW1 SW2 */
    APDU_SHORT_COMMAND_MAX = 4 + 1 + 255 + 1,
    APDU_SHORT_RESPONSE_MAX = 256 + 2,
    APDU_HEADER_SIZE = 4
};

enum apdu_case {
    APDU_MALFORMED,
    APDU_CASE_1,  /* no data either way */
    APDU_CASE_2S, /* the card gives data */
    APDU_CASE_3S, /* the card takes data */
    APDU_CASE_4S, /* both */
    APDU_CASE_2E, /* the same with extended lengths */
    APDU_CASE_3E,
    APDU_CASE_4E
};

struct apdu {
    enum apdu_case shape;
    uint8_t cla, ins, p1, p2;
    const uint8_t *data; /* borrowed from the bytes parsed; NULL if there is none */
    size_t data_size;    /* Nc: 0 to 65535 */
    uint32_t le;         /* Ne: most bytes wanted back, 0 (none) to 65536 */
};

/* Tells the case of a command of `size` bytes. `bytes` may be NULL if size is 0. */
enum apdu_case apdu_classify(const uint8_t *bytes, size_t size);

/* Takes a command apart. False, with *apdu untouched, if it is malformed. */
bool apdu_parse(const uint8_t *bytes, size_t size, struct apdu *apdu) MUST_CHECK;

bool apdu_is_extended(enum apdu_case shape);

/* The case that fits these sizes; APDU_MALFORMED if none does. Without data and Le this
 * is case 1 also if `extended`. */
enum apdu_case apdu_shape(size_t data_size, uint32_t le, bool extended);

/* Changes an extended command to the short case that says the same. True if the command
 * is short now (or was), false if its lengths need more than one byte. */
bool apdu_shorten(struct apdu *apdu) MUST_CHECK;

/* Writes the command in the form of apdu->shape. Gives its size; 0 if it needs more than
 * `room` bytes, or if the shape does not fit the sizes. */
size_t apdu_build(const struct apdu *apdu, uint8_t *out, size_t room) MUST_CHECK;

#endif
