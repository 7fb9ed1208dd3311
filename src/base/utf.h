/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-8 and UTF-16, strictly as in the Unicode Standard, 3.9: overlong forms, surrogates
 * in UTF-8, lone surrogates in UTF-16 and values above U+10FFFF are malformed. */
#ifndef BASE_UTF_H
#define BASE_UTF_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Converts `size` bytes. *count is set to the number of 16-bit units needed, also when
 * they do not fit. `out` may be NULL: then nothing is written and only *count is made.
 * Errors: SC_E_INVALID_VALUE (malformed; *count is 0), SC_E_INSUFFICIENT_BUFFER. */
enum sc_error utf8_to_utf16(const char *text, size_t size, uint16_t *out, size_t room,
                            size_t *count) MUST_CHECK;
/* The other way; `size` counts units, *count and `room` count bytes. */
enum sc_error utf16_to_utf8(const uint16_t *text, size_t size, char *out, size_t room,
                            size_t *count) MUST_CHECK;
bool utf8_is_valid(const char *text, size_t size);
/* Bytes before the NUL, at most `max`; `max` if there is none. */
size_t utf8_length(const char *text, size_t max);
/* Units before the NUL, at most `max`; `max` if there is none. `text` need not be
 * aligned. */
size_t utf16_length(const uint16_t *text, size_t max);

#endif
