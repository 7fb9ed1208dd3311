/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes that are put together and taken apart: a buffer that grows, and a cursor over
 * borrowed bytes. In both the first error stays, so that a whole message may be written
 * or read before anybody looks. Numbers are little-endian (le) or big-endian (be). */
#ifndef BASE_BUFFER_H
#define BASE_BUFFER_H

#include "base/compiler.h"
#include "base/error.h"

#include <stddef.h>
#include <stdint.h>

/* Bytes that somebody else owns. */
struct span {
    const uint8_t *bytes; /* may be NULL when size is 0 */
    size_t size;
};

/* --- Writing --------------------------------------------------------------------------
 */

/* What it held is wiped before the memory goes back: messages carry PINs. */
struct buffer {
    uint8_t *bytes; /* owned */
    size_t size;
    size_t room, max;
    enum sc_error error; /* the first: SC_E_NO_MEMORY, also past `max` */
};

/* An empty buffer that never holds more than `max` bytes. */
void buffer_init(struct buffer *buffer, size_t max);
/* Frees what it owns; it is then as after buffer_init. */
void buffer_clear(struct buffer *buffer);

/* These add at the end, wholly or, after an error, not at all. */
void buffer_put_u8(struct buffer *buffer, uint8_t value);
void buffer_put_u16_le(struct buffer *buffer, uint16_t value);
void buffer_put_u16_be(struct buffer *buffer, uint16_t value);
void buffer_put_u32_le(struct buffer *buffer, uint32_t value);
void buffer_put_u32_be(struct buffer *buffer, uint32_t value);
/* `bytes` may be NULL when size is 0, and must not point into the buffer. */
void buffer_put_bytes(struct buffer *buffer, const void *bytes, size_t size);

/* --- Reading --------------------------------------------------------------------------
 */

struct cursor {
    struct span left;
    enum sc_error error; /* SC_E_INVALID_VALUE once more was asked for than is left */
};

void cursor_init(struct cursor *cursor, struct span bytes);

/* The next number; 0 after an error. */
uint8_t cursor_get_u8(struct cursor *cursor);
uint16_t cursor_get_u16_le(struct cursor *cursor);
uint16_t cursor_get_u16_be(struct cursor *cursor);
uint32_t cursor_get_u32_le(struct cursor *cursor);
uint32_t cursor_get_u32_be(struct cursor *cursor);
/* The next `size` bytes, borrowed from what the cursor was made of; {NULL, 0} after an
 * error. */
struct span cursor_get_bytes(struct cursor *cursor, size_t size);
/* The verdict on the whole. Errors: SC_E_INVALID_VALUE: bytes were missing, or some are
 * left over. */
enum sc_error cursor_finish(const struct cursor *cursor) MUST_CHECK;

#endif
