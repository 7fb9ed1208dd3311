/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes as hexadecimal text: two digits each, nothing between them. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/compiler.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* 0 to 15, in either case; -1 if it is not a digit. */
int hex_digit(char c);
/* Writes two upper-case digits a byte, and a NUL. Errors: SC_E_INSUFFICIENT_BUFFER: room
 * is below 2 * size + 1; nothing is written. */
enum sc_error hex_encode(const uint8_t *bytes, size_t size, char *text,
                         size_t room) MUST_CHECK;
/* Reads `size` digits; *count is set to the number of bytes. Errors:
 * SC_E_INSUFFICIENT_BUFFER, SC_E_INVALID_VALUE (an odd number, or no digit); then nothing
 * is written. */
enum sc_error hex_decode(const char *text, size_t size, uint8_t *bytes, size_t room,
                         size_t *count) MUST_CHECK;

#endif
