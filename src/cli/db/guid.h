/* SPDX-License-Identifier: BSD-2-Clause */
/* GUIDs as people write them, {01234567-89AB-CDEF-0123-456789ABCDEF}; in memory as on
 * Windows: the first three fields little-endian (RFC 4122, 4.1.2, has them big-endian).
 */
#ifndef CLI_DB_GUID_H
#define CLI_DB_GUID_H

#include <stdbool.h>
#include <stdint.h>

enum { GUID_BYTES = 16, GUID_TEXT_MAX = 39 };

/* With or without braces; letters of either case. */
bool guid_read(const char *text, uint8_t guid[GUID_BYTES]);
void guid_write(const uint8_t guid[GUID_BYTES], char text[GUID_TEXT_MAX]);

#endif
