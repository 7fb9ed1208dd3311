/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-8, which text of A calls is, and UTF-16, which that of W calls is. What is malformed
 * reads as U+FFFD, one for each maximal part of a sequence, as Unicode recommends. */
#ifndef PORT_CONVERT_H
#define PORT_CONVERT_H

#include "port/port.h"

/* What is read for malformed text, and the highest code point. */
#define WINPORT_REPLACEMENT 0xFFFDu
#define WINPORT_LAST_POINT  0x10FFFFu

/* Reads one code point at *at, which is below end, and goes past it. Sets *bad, which may be
 * NULL, where the text is malformed. */
uint32_t winport_utf8_next(const char **at, const char *end, bool *bad);
uint32_t winport_utf16_next(const WCHAR **at, const WCHAR *end, bool *bad);

/* Writes a code point and tells how many units it took. What is none is U+FFFD. */
unsigned winport_utf8_put(uint32_t point, char out[4]);
unsigned winport_utf16_put(uint32_t point, WCHAR out[2]);

/* Convert `size` units and tell how many units the result has, whatever `room` is. Whole
 * characters are written as long as they fit; `out` may be NULL if room is 0. No NUL is
 * added: one that is among the units is converted as any other. */
size_t winport_utf8_to_utf16(const char *text, size_t size, WCHAR *out, size_t room,
                             bool *bad);
size_t winport_utf16_to_utf8(const WCHAR *text, size_t size, char *out, size_t room,
                             bool *bad);

/* The same for text that ends with a NUL, into memory that the caller frees; NULL without
 * memory, and errno ENOMEM. */
WCHAR *winport_utf16_copy(const char *text);
char *winport_utf8_copy(const WCHAR *text);

/* Units before the NUL. */
size_t winport_utf16_length(const WCHAR *text);

#endif
