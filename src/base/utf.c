/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-8 and UTF-16, one code point at a time. */
#include "base/utf.h"

#include <string.h>

#define MALFORMED UINT32_MAX

/* The code point at *at, which moves on; table 3-7 of the Unicode Standard. */
static uint32_t take_utf8(const char *text, size_t size, size_t *at)
{
    unsigned first = (unsigned char)text[(*at)++];
    if (first < 0x80)
        return first;
    unsigned more = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1;
    static const uint32_t smallest[] = {0, 0x80, 0x800, 0x10000};
    if (first < 0xC2 || first > 0xF4 || size - *at < more)
        return MALFORMED;
    uint32_t point = first & (0x3FU >> more);
    for (unsigned i = 0; i < more; i++) {
        unsigned next = (unsigned char)text[(*at)++];
        if ((next & 0xC0) != 0x80)
            return MALFORMED;
        point = point << 6 | (next & 0x3F);
    }
    bool surrogate = point >= 0xD800 && point <= 0xDFFF;
    if (point < smallest[more] || surrogate || point > 0x10FFFF)
        return MALFORMED;
    return point;
}

static void put_unit(uint16_t *out, size_t room, size_t at, uint32_t unit)
{
    uint16_t narrow = (uint16_t)unit;
    if (out != NULL && at < room)
        memcpy((char *)out + at * sizeof(narrow), &narrow, sizeof(narrow));
}

enum sc_error utf8_to_utf16(const char *text, size_t size, uint16_t *out, size_t room,
                            size_t *count)
{
    size_t units = 0;
    *count = 0;
    for (size_t at = 0; at < size;) {
        uint32_t point = take_utf8(text, size, &at);
        if (point == MALFORMED)
            return SC_E_INVALID_VALUE;
        if (point >= 0x10000) {
            put_unit(out, room, units++, 0xD800 + ((point - 0x10000) >> 10));
            put_unit(out, room, units++, 0xDC00 + (point & 0x3FF));
        } else {
            put_unit(out, room, units++, point);
        }
    }
    *count = units;
    return out != NULL && units > room ? SC_E_INSUFFICIENT_BUFFER : SC_OK;
}

static uint32_t unit_at(const uint16_t *text, size_t at)
{
    uint16_t unit;
    memcpy(&unit, (const char *)text + at * sizeof(unit), sizeof(unit));
    return unit;
}

static uint32_t take_utf16(const uint16_t *text, size_t size, size_t *at)
{
    uint32_t first = unit_at(text, (*at)++);
    if (first < 0xD800 || first > 0xDFFF)
        return first;
    if (first > 0xDBFF || *at >= size)
        return MALFORMED;
    uint32_t second = unit_at(text, *at);
    if (second < 0xDC00 || second > 0xDFFF)
        return MALFORMED;
    (*at)++;
    return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

static size_t make_utf8(uint32_t point, char bytes[4])
{
    if (point < 0x80) {
        bytes[0] = (char)point;
        return 1;
    }
    size_t size = point < 0x800 ? 2 : point < 0x10000 ? 3 : 4;
    for (size_t i = size - 1; i > 0; i--, point >>= 6)
        bytes[i] = (char)(0x80 | (point & 0x3F));
    static const unsigned lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    bytes[0] = (char)(lead[size] | point);
    return size;
}

enum sc_error utf16_to_utf8(const uint16_t *text, size_t size, char *out, size_t room,
                            size_t *count)
{
    size_t total = 0;
    *count = 0;
    for (size_t at = 0; at < size;) {
        char bytes[4];
        uint32_t point = take_utf16(text, size, &at);
        if (point == MALFORMED)
            return SC_E_INVALID_VALUE;
        size_t made = make_utf8(point, bytes);
        if (out != NULL && total + made <= room)
            memcpy(out + total, bytes, made);
        total += made;
    }
    *count = total;
    return out != NULL && total > room ? SC_E_INSUFFICIENT_BUFFER : SC_OK;
}

bool utf8_is_valid(const char *text, size_t size)
{
    size_t count;
    return utf8_to_utf16(text, size, NULL, 0, &count) == SC_OK;
}

size_t utf8_length(const char *text, size_t max)
{
    size_t count = 0;
    while (count < max && text[count] != '\0')
        count++;
    return count;
}

size_t utf16_length(const uint16_t *text, size_t max)
{
    size_t count = 0;
    while (count < max && unit_at(text, count) != 0)
        count++;
    return count;
}
