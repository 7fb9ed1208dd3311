/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-8 and UTF-16: every code point, every sequence of up to three bytes, those of four
 * at their borders, every pair of units, every room too small. */
#include "base/utf.h"

#include "tests/support/check.h"

#include <stdlib.h>

/* Whether the bytes are one well-formed character: table 3-7 of the Unicode Standard,
 * row by row. */
static bool is_character(const uint8_t *b, size_t size)
{
    static const struct {
        size_t size;
        uint8_t first[2], second[2];
    } rows[] = {
        {1, {0x00, 0x7F}, {0, 0}},       {2, {0xC2, 0xDF}, {0x80, 0xBF}},
        {3, {0xE0, 0xE0}, {0xA0, 0xBF}}, {3, {0xE1, 0xEC}, {0x80, 0xBF}},
        {3, {0xED, 0xED}, {0x80, 0x9F}}, {3, {0xEE, 0xEF}, {0x80, 0xBF}},
        {4, {0xF0, 0xF0}, {0x90, 0xBF}}, {4, {0xF1, 0xF3}, {0x80, 0xBF}},
        {4, {0xF4, 0xF4}, {0x80, 0x8F}},
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        if (size != rows[i].size || b[0] < rows[i].first[0] || b[0] > rows[i].first[1])
            continue;
        bool right =
            size == 1 || (b[1] >= rows[i].second[0] && b[1] <= rows[i].second[1]);
        for (size_t k = 2; k < size; k++)
            right = right && b[k] >= 0x80 && b[k] <= 0xBF;
        return right;
    }
    return false;
}

/* Whether the bytes are any number of characters, by trying all ways to cut them. */
static bool is_text(const uint8_t *b, size_t size)
{
    bool good[5] = {true, false, false, false, false}; /* good[n]: the first n bytes */
    for (size_t end = 1; end <= size; end++)
        for (size_t start = 0; start < end; start++)
            if (good[start] && is_character(b + start, end - start))
                good[end] = true;
    return good[size];
}

static unsigned disagreements;

static void compare(const uint8_t *b, size_t size)
{
    if (utf8_is_valid((const char *)b, size) != is_text(b, size))
        disagreements++;
}

static void test_all_sequences(void)
{
    static const uint8_t edges[] = {0x00, 0x7F, 0x80, 0x8F, 0x90,
                                    0x9F, 0xA0, 0xBF, 0xC0, 0xFF};
    uint8_t b[4];
    for (unsigned i = 0; i < 0x1000000; i++) {
        b[0] = (uint8_t)(i >> 16);
        b[1] = (uint8_t)(i >> 8);
        b[2] = (uint8_t)i;
        if ((i & 0xFFFF) == 0)
            compare(b, 1);
        if ((i & 0xFF) == 0)
            compare(b, 2);
        if (b[0] >= 0xC0 || i % 251 == 0) /* else it is as two bytes after one */
            compare(b, 3);
    }
    for (unsigned i = 0; i < 0x10000; i++) {
        b[0] = (uint8_t)(i >> 8);
        b[1] = (uint8_t)i;
        for (size_t k = 0; k < ARRAY_SIZE(edges) * ARRAY_SIZE(edges); k++) {
            b[2] = edges[k / ARRAY_SIZE(edges)];
            b[3] = edges[k % ARRAY_SIZE(edges)];
            compare(b, 4);
        }
    }
    CHECK_EQ(disagreements, 0);
}

/* The reference encoder of one code point. */
static size_t encode(uint32_t point, uint8_t out[4])
{
    size_t size = point < 0x80 ? 1 : point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    static const uint8_t lead[] = {0, 0x00, 0xC0, 0xE0, 0xF0};
    for (size_t i = 0; i < size; i++)
        out[i] = (uint8_t)(0x80 | (point >> (6 * (size - 1 - i)) & 0x3F));
    out[0] = (uint8_t)(size == 1 ? point : lead[size] | point >> (6 * (size - 1)));
    return size;
}

static void test_all_points(void)
{
    unsigned wrong = 0;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        uint8_t want[4], back[4];
        uint16_t units[2] = {0, 0};
        size_t count = 9, size = encode(point, want);
        enum sc_error error = utf8_to_utf16((const char *)want, size, units, 2, &count);
        if (point >= 0xD800 && point <= 0xDFFF) {
            wrong += error != SC_E_INVALID_VALUE || count != 0;
            continue;
        }
        wrong += error != SC_OK || count != (point < 0x10000 ? 1U : 2U);
        uint32_t read = units[0];
        if (count == 2)
            read = 0x10000 + (((uint32_t)units[0] & 0x3FF) << 10 | (units[1] & 0x3FFU));
        wrong += read != point;
        wrong += count == 2 && (units[0] >> 10 != 0x36 || units[1] >> 10 != 0x37);
        error = utf16_to_utf8(units, count, (char *)back, sizeof(back), &count);
        wrong += error != SC_OK || count != size || memcmp(back, want, size) != 0;
    }
    CHECK_EQ(wrong, 0);
    size_t count;
    CHECK(!utf8_is_valid("\xF4\x90\x80\x80", 4)); /* U+110000 */
    CHECK_EQ(utf8_to_utf16("", 0, NULL, 0, &count), SC_OK);
    CHECK_EQ(count, 0);
}

static void test_all_pairs(void)
{
    unsigned wrong = 0;
    for (uint32_t i = 0xD780; i <= 0xE07F; i++) {
        bool high = i >= 0xD800 && i <= 0xDBFF, low = i >= 0xDC00 && i <= 0xDFFF;
        for (uint32_t j = 0xD780; j <= 0xE07F; j++) {
            const uint16_t units[2] = {(uint16_t)i, (uint16_t)j};
            bool next_low = j >= 0xDC00 && j <= 0xDFFF;
            bool next_high = j >= 0xD800 && j <= 0xDBFF;
            bool right = high ? next_low : !low && !next_low && !next_high;
            char out[8];
            size_t count = 9;
            enum sc_error error = utf16_to_utf8(units, 2, out, sizeof(out), &count);
            wrong += error != (right ? SC_OK : SC_E_INVALID_VALUE);
            wrong += count != (!right ? 0U : high ? 4U : 6U);
        }
    }
    CHECK_EQ(wrong, 0);
    const uint16_t lone = 0xD800;
    size_t count;
    CHECK_EQ(utf16_to_utf8(&lone, 1, NULL, 0, &count), SC_E_INVALID_VALUE);
}

/* Text with characters of 1, 2, 3 and 4 bytes. */
static const char text[] = "A\xC3\xA9\xE2\x82\xAC\xF0\x9F\x82\xA1z";
static const uint16_t wide[] = {'A', 0xE9, 0x20AC, 0xD83C, 0xDCA1, 'z'};

static void test_rooms(void)
{
    const size_t size = sizeof(text) - 1, units = ARRAY_SIZE(wide);
    size_t count = 0;
    CHECK_EQ(utf8_to_utf16(text, size, NULL, 0, &count), SC_OK);
    CHECK_EQ(count, units);
    CHECK_EQ(utf16_to_utf8(wide, units, NULL, 0, &count), SC_OK);
    CHECK_EQ(count, size);
    for (size_t room = 0; room <= units + 1; room++) {
        uint16_t *out = malloc(room * sizeof(*out) + 1); /* exact for a sanitizer */
        if (out == NULL)
            abort();
        CHECK_EQ(utf8_to_utf16(text, size, out, room, &count),
                 room >= units ? SC_OK : SC_E_INSUFFICIENT_BUFFER);
        CHECK_EQ(count, units);
        CHECK_MEM(out, wide, (room < units ? room : units) * sizeof(*out));
        free(out);
    }
    for (size_t room = 0; room <= size + 1; room++) {
        char *out = malloc(room + 1);
        if (out == NULL)
            abort();
        out[room] = 'x';
        CHECK_EQ(utf16_to_utf8(wide, units, out, room, &count),
                 room >= size ? SC_OK : SC_E_INSUFFICIENT_BUFFER);
        CHECK_EQ(count, size);
        CHECK_EQ(out[room], 'x');
        if (room >= size)
            CHECK_MEM(out, text, size);
        free(out);
    }
    char tiny[1];
    CHECK_EQ(utf8_to_utf16("ab\xFF", 3, (uint16_t[1]){0}, 1, &count), SC_E_INVALID_VALUE);
    CHECK_EQ(utf16_to_utf8((const uint16_t[]){0xE9, 0xDC00}, 2, tiny, 1, &count),
             SC_E_INVALID_VALUE); /* malformed rather than too small */
}

static void test_lengths(void)
{
    static const uint16_t units[] = {'a', 0x100, 0xD83C, 0, 'b'};
    for (size_t max = 0; max <= 5; max++) {
        CHECK_EQ(utf16_length(units, max), max < 3 ? max : 3);
        CHECK_EQ(utf8_length("abc\0d", max), max < 3 ? max : 3);
    }
    CHECK_EQ(utf8_length("", SIZE_MAX), 0);
}

/* Wide text of a program may begin at an odd address. */
static void test_unaligned(void)
{
    unsigned char bytes[sizeof(wide) + 1], made[sizeof(wide) + 1];
    char out[16];
    size_t count = 0;
    memcpy(bytes + 1, wide, sizeof(wide));
    const uint16_t *odd = (const uint16_t *)(const void *)(bytes + 1);
    CHECK_EQ(utf16_length(odd, ARRAY_SIZE(wide)), ARRAY_SIZE(wide));
    CHECK_EQ(utf16_to_utf8(odd, ARRAY_SIZE(wide), out, sizeof(out), &count), SC_OK);
    CHECK_EQ(count, sizeof(text) - 1);
    CHECK_MEM(out, text, count);
    uint16_t *odd_out = (uint16_t *)(void *)(made + 1);
    CHECK_EQ(utf8_to_utf16(text, count, odd_out, ARRAY_SIZE(wide), &count), SC_OK);
    CHECK_MEM(made + 1, wide, sizeof(wide));
}

int main(void)
{
    test_all_sequences();
    test_all_points();
    test_all_pairs();
    test_rooms();
    test_lengths();
    test_unaligned();
    return check_result();
}
