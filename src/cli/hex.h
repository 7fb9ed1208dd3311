/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as people write them: "00A4 0400", "00:a4:04:00". */
#ifndef CLI_HEX_H
#define CLI_HEX_H

#include <stddef.h>
#include <stdint.h>

enum hex_result {
    HEX_OK,
    HEX_EMPTY,   /* no digit at all */
    HEX_ODD,     /* a byte of one digit only */
    HEX_NOT_HEX, /* something that is neither a digit nor a separator */
    HEX_TOO_LONG /* more bytes than there is room */
};

/* Reads pairs of hex digits; white space, ':', '.', ',' and '-' may stand between bytes
 * and are skipped, "0x" may stand before a byte. A pair is never split. *size is set on
 * HEX_OK; `out` may be partly written otherwise. */
enum hex_result hex_read(const char *text, uint8_t *out, size_t room, size_t *size);

/* What is wrong, in words that continue "the command ". Never NULL. */
const char *hex_result_words(enum hex_result result);

/* Overwrites bytes that may hold a PIN, in a way the compiler keeps. */
void hex_wipe(void *bytes, size_t size);

#endif
