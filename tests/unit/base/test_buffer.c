/* SPDX-License-Identifier: BSD-2-Clause */
/* Buffers and cursors: byte orders, limits, errors that stay. */
#include "base/buffer.h"

#include "base/alloc.h"
#include "tests/check.h"

#include <stdlib.h>

static void put_all(struct buffer *buffer)
{
    buffer_put_u8(buffer, 0xF1);
    buffer_put_u16_le(buffer, 0xF201);
    buffer_put_u16_be(buffer, 0xF304);
    buffer_put_u32_le(buffer, 0xF4050607);
    buffer_put_u32_be(buffer, 0xF8090A0B);
    buffer_put_bytes(buffer, "xyz", 3);
    buffer_put_bytes(buffer, NULL, 0);
}

static const uint8_t all[] = {0xF1, 0x01, 0xF2, 0xF3, 0x04, 0x07, 0x06, 0x05,
                              0xF4, 0xF8, 0x09, 0x0A, 0x0B, 'x',  'y',  'z'};

static void test_put(void)
{
    struct buffer buffer;
    buffer_init(&buffer, 1000);
    put_all(&buffer);
    CHECK_EQ(buffer.error, SC_OK);
    CHECK_EQ(buffer.size, sizeof(all));
    CHECK_MEM(buffer.bytes, all, sizeof(all));
    for (unsigned i = 0; i < 40; i++)
        put_all(&buffer);
    CHECK_EQ(buffer.error, SC_OK);
    CHECK_EQ(buffer.size, 41 * sizeof(all));
    for (unsigned i = 0; i <= 40; i++)
        CHECK_MEM(buffer.bytes + i * sizeof(all), all, sizeof(all));
    buffer_clear(&buffer);
    CHECK(buffer.bytes == NULL && buffer.size == 0 && buffer.max == 1000);
    buffer_clear(&buffer);
}

static void test_limit(void)
{
    for (size_t max = 0; max <= 130; max++) {
        struct buffer buffer;
        buffer_init(&buffer, max);
        for (size_t i = 0; i <= max; i++) {
            CHECK_EQ(buffer.error, SC_OK);
            buffer_put_u8(&buffer, (uint8_t)i);
        }
        CHECK_EQ(buffer.error, SC_E_NO_MEMORY);
        CHECK_EQ(buffer.size, max);
        CHECK(buffer.room <= max);
        buffer_clear(&buffer);
        CHECK_EQ(buffer.error, SC_OK);
        buffer_put_bytes(&buffer, all, 4);
        buffer_put_u32_le(&buffer, 1); /* wholly, or not at all */
        CHECK_EQ(buffer.size, max < 4 ? 0 : max < 8 ? 4 : 8);
        buffer_put_bytes(&buffer, all, SIZE_MAX);
        CHECK_EQ(buffer.error, SC_E_NO_MEMORY);
        buffer_clear(&buffer);
    }
}

static void test_error_stays(void)
{
    struct buffer buffer;
    buffer_init(&buffer, 3);
    buffer_put_u16_be(&buffer, 1);
    buffer_put_u16_be(&buffer, 2);
    CHECK_EQ(buffer.error, SC_E_NO_MEMORY);
    buffer_put_u8(&buffer, 3); /* it would fit */
    CHECK_EQ(buffer.size, 2);
    buffer_clear(&buffer);
}

static void test_faults(void)
{
    for (uint32_t n = 1; n <= 3; n++) {
        struct buffer buffer;
        buffer_init(&buffer, 1000);
        mem_fail_at(n);
        for (unsigned i = 0; i < 16; i++)
            put_all(&buffer); /* 256 bytes: rooms of 64, 128 or so, 256 or so */
        mem_fail_at(0);
        CHECK_EQ(buffer.error, SC_E_NO_MEMORY);
        CHECK(n == 1 ? buffer.size == 0 : buffer.size >= 64 && buffer.size < 256);
        for (size_t i = 0; i < buffer.size; i++)
            CHECK_EQ(buffer.bytes[i], all[i % sizeof(all)]);
        buffer_clear(&buffer);
    }
}

/* Reads what put_all wrote; says whether everything was there. */
static enum sc_error get_all(struct cursor *cursor)
{
    uint8_t u8 = cursor_get_u8(cursor);
    uint16_t u16_le = cursor_get_u16_le(cursor);
    uint16_t u16_be = cursor_get_u16_be(cursor);
    uint32_t u32_le = cursor_get_u32_le(cursor);
    uint32_t u32_be = cursor_get_u32_be(cursor);
    struct span rest = cursor_get_bytes(cursor, 3);
    enum sc_error error = cursor_finish(cursor);
    if (error == SC_OK) {
        CHECK_EQ(u8, 0xF1);
        CHECK_EQ(u16_le, 0xF201);
        CHECK_EQ(u16_be, 0xF304);
        CHECK_EQ(u32_le, 0xF4050607);
        CHECK_EQ(u32_be, 0xF8090A0B);
        CHECK_EQ(rest.size, 3);
        CHECK_MEM(rest.bytes, "xyz", 3);
    }
    return error;
}

static void test_get(void)
{
    for (size_t size = 0; size <= sizeof(all) + 1; size++) {
        uint8_t *exact = calloc(1, size != 0 ? size : 1);
        if (exact == NULL)
            abort();
        memcpy(exact, all, size < sizeof(all) ? size : sizeof(all));
        struct cursor cursor;
        cursor_init(&cursor, (struct span){exact, size});
        CHECK_EQ(get_all(&cursor), size == sizeof(all) ? SC_OK : SC_E_INVALID_VALUE);
        free(exact);
    }
}

static void test_cursor_error_stays(void)
{
    struct cursor cursor;
    cursor_init(&cursor, (struct span){all, 3});
    CHECK_EQ(cursor_get_u32_be(&cursor), 0);
    CHECK_EQ(cursor.error, SC_E_INVALID_VALUE);
    CHECK_EQ(cursor_get_u8(&cursor), 0); /* it would be there */
    CHECK_EQ(cursor_get_u16_le(&cursor), 0);
    CHECK_EQ(cursor_get_u16_be(&cursor), 0);
    CHECK_EQ(cursor_get_u32_le(&cursor), 0);
    CHECK_EQ(cursor_get_bytes(&cursor, 1).size, 0);
    CHECK_EQ(cursor_finish(&cursor), SC_E_INVALID_VALUE);

    cursor_init(&cursor, (struct span){NULL, 0});
    CHECK_EQ(cursor_get_bytes(&cursor, 0).size, 0);
    CHECK_EQ(cursor_finish(&cursor), SC_OK);
    CHECK_EQ(cursor_get_bytes(&cursor, SIZE_MAX).size, 0);
    CHECK_EQ(cursor_finish(&cursor), SC_E_INVALID_VALUE);
}

int main(void)
{
    test_put();
    test_limit();
    test_error_stays();
    test_faults();
    test_get();
    test_cursor_error_stays();
    return check_result();
}
