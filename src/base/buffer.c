/* SPDX-License-Identifier: BSD-2-Clause */
/* A buffer that grows by doubling up to its limit, and a cursor over bytes. */
#include "base/buffer.h"

#include "base/alloc.h"
#include "base/secret.h"

#include <string.h>

enum { ROOM_MIN = 64 };

void buffer_init(struct buffer *buffer, size_t max)
{
    memset(buffer, 0, sizeof(*buffer));
    buffer->max = max;
}

static void free_bytes(struct buffer *buffer)
{
    if (buffer->bytes != NULL)
        secret_clear(buffer->bytes, buffer->size);
    mem_free(buffer->bytes);
}

void buffer_clear(struct buffer *buffer)
{
    free_bytes(buffer);
    buffer_init(buffer, buffer->max);
}

/* Room for at least `size` bytes, which is at most max. Not by mem_resize, which leaves
 * copies behind. */
static enum sc_error grow(struct buffer *buffer, size_t size)
{
    size_t room = size < buffer->max / 2 ? size * 2 : buffer->max;
    if (room < ROOM_MIN && buffer->max >= ROOM_MIN)
        room = ROOM_MIN;
    uint8_t *bytes = mem_alloc(room);
    if (bytes == NULL)
        return SC_E_NO_MEMORY;
    if (buffer->size != 0)
        memcpy(bytes, buffer->bytes, buffer->size);
    free_bytes(buffer);
    buffer->bytes = bytes;
    buffer->room = room;
    return SC_OK;
}

void buffer_put_bytes(struct buffer *buffer, const void *bytes, size_t size)
{
    if (buffer->error != SC_OK || size == 0)
        return;
    if (size > buffer->max - buffer->size)
        buffer->error = SC_E_NO_MEMORY;
    else if (size > buffer->room - buffer->size)
        buffer->error = grow(buffer, buffer->size + size);
    if (buffer->error != SC_OK)
        return;
    memcpy(buffer->bytes + buffer->size, bytes, size);
    buffer->size += size;
}

void buffer_put_u8(struct buffer *buffer, uint8_t value)
{
    buffer_put_bytes(buffer, &value, 1);
}

void buffer_put_u16_le(struct buffer *buffer, uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8)};
    buffer_put_bytes(buffer, bytes, sizeof(bytes));
}

void buffer_put_u16_be(struct buffer *buffer, uint16_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 8), (uint8_t)value};
    buffer_put_bytes(buffer, bytes, sizeof(bytes));
}

void buffer_put_u32_le(struct buffer *buffer, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)value, (uint8_t)(value >> 8),
                             (uint8_t)(value >> 16), (uint8_t)(value >> 24)};
    buffer_put_bytes(buffer, bytes, sizeof(bytes));
}

void buffer_put_u32_be(struct buffer *buffer, uint32_t value)
{
    const uint8_t bytes[] = {(uint8_t)(value >> 24), (uint8_t)(value >> 16),
                             (uint8_t)(value >> 8), (uint8_t)value};
    buffer_put_bytes(buffer, bytes, sizeof(bytes));
}

void cursor_init(struct cursor *cursor, struct span bytes)
{
    cursor->left = bytes;
    cursor->error = SC_OK;
}

struct span cursor_get_bytes(struct cursor *cursor, size_t size)
{
    struct span taken = {NULL, 0};
    if (size > cursor->left.size)
        cursor->error = SC_E_INVALID_VALUE;
    if (cursor->error != SC_OK || size == 0)
        return taken;
    taken.bytes = cursor->left.bytes;
    taken.size = size;
    cursor->left.bytes += size;
    cursor->left.size -= size;
    return taken;
}

uint8_t cursor_get_u8(struct cursor *cursor)
{
    struct span taken = cursor_get_bytes(cursor, 1);
    return taken.size != 0 ? taken.bytes[0] : 0;
}

uint16_t cursor_get_u16_le(struct cursor *cursor)
{
    struct span taken = cursor_get_bytes(cursor, 2);
    unsigned value = taken.size != 0 ? taken.bytes[0] | (unsigned)taken.bytes[1] << 8 : 0;
    return (uint16_t)value;
}

uint16_t cursor_get_u16_be(struct cursor *cursor)
{
    struct span taken = cursor_get_bytes(cursor, 2);
    unsigned value = taken.size != 0 ? (unsigned)taken.bytes[0] << 8 | taken.bytes[1] : 0;
    return (uint16_t)value;
}

uint32_t cursor_get_u32_le(struct cursor *cursor)
{
    struct span taken = cursor_get_bytes(cursor, 4);
    uint32_t value = 0;
    for (size_t i = taken.size; i > 0; i--)
        value = value << 8 | taken.bytes[i - 1];
    return value;
}

uint32_t cursor_get_u32_be(struct cursor *cursor)
{
    struct span taken = cursor_get_bytes(cursor, 4);
    uint32_t value = 0;
    for (size_t i = 0; i < taken.size; i++)
        value = value << 8 | taken.bytes[i];
    return value;
}

enum sc_error cursor_finish(const struct cursor *cursor)
{
    if (cursor->error == SC_OK && cursor->left.size != 0)
        return SC_E_INVALID_VALUE;
    return cursor->error;
}
