/* SPDX-License-Identifier: BSD-2-Clause */
/* Bounded text building, and UTF-8 that may come from a device and be anything. */
#ifndef CLI_TEXT_H
#define CLI_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#if defined(__GNUC__) || defined(__clang__)
#define TEXT_PRINTF(f, a) __attribute__((format(printf, f, a)))
#else
#define TEXT_PRINTF(f, a)
#endif

#define TEXT_COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Text that grows inside room of the caller's, always NUL-terminated; what does not fit
 * is dropped. */
struct text {
    char *at;
    size_t room; /* with the final NUL; at least 1 */
    size_t size; /* without it */
};

void text_start(struct text *text, char *at, size_t room);
void text_add(struct text *text, const char *format, ...) TEXT_PRINTF(2, 3);
/* Bytes as upper-case hex, `between` (may be "") between them. */
void text_add_hex(struct text *text, const uint8_t *bytes, size_t size,
                  const char *between);

/* The length in bytes of the character at `at` (1 to 4), and its code point; a byte that
 * begins no valid character (RFC 3629) has length 1 and code point U+FFFD. `at` is not at
 * the final NUL. */
size_t utf8_next(const char *at, uint32_t *code_point);

/* Prints text for people: control characters, with which a device could steer the
 * terminal, as "?", bytes that are not UTF-8 as U+FFFD. */
void text_print(FILE *out, const char *text);
/* The same cut or filled with spaces to `width` characters. */
void text_print_width(FILE *out, const char *text, unsigned width);

/* True if `part` occurs in `text`, letters A to Z and a to z taken as the same. */
bool text_contains(const char *text, const char *part);

/* Decimal digits only, at most `most`. */
bool text_number(const char *text, uint32_t most, uint32_t *number);

#endif
