/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/convert.h"

#include <stdlib.h>
#include <string.h>

static bool is_high(uint32_t unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(uint32_t unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

static uint32_t malformed(bool *bad)
{
    if (bad != NULL)
        *bad = true;
    return WINPORT_REPLACEMENT;
}

/* The bytes that follow a first one, and which the second may be: this leaves out overlong
 * forms, surrogates and what is above U+10FFFF (Unicode, table 3-7). */
static unsigned following(uint8_t first, uint8_t *low, uint8_t *high)
{
    *low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    *high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
        return 1;
    if (first >= 0xE0 && first <= 0xEF)
        return 2;
    return first >= 0xF0 && first <= 0xF4 ? 3 : 0;
}

uint32_t winport_utf8_next(const char **at, const char *end, bool *bad)
{
    const uint8_t first = (uint8_t) * (*at)++;
    if (first < 0x80)
        return first;
    uint8_t low, high;
    const unsigned more = following(first, &low, &high);
    if (more == 0)
        return malformed(bad);
    uint32_t point = first & (0x3Fu >> more);
    for (unsigned i = 0; i < more; i++) {
        if (*at == end)
            return malformed(bad);
        const uint8_t next = (uint8_t) * *at;
        if (next < low || next > high)
            return malformed(bad);
        point = point << 6 | (next & 0x3Fu);
        (*at)++;
        low = 0x80;
        high = 0xBF;
    }
    return point;
}

uint32_t winport_utf16_next(const WCHAR **at, const WCHAR *end, bool *bad)
{
    const uint32_t unit = *(*at)++;
    if (!is_high(unit) && !is_low(unit))
        return unit;
    if (is_low(unit) || *at == end || !is_low(**at))
        return malformed(bad);
    return 0x10000u + ((unit & 0x3FFu) << 10) + (*(*at)++ & 0x3FFu);
}

static uint32_t valid(uint32_t point)
{
    const bool surrogate = is_high(point) || is_low(point);
    return surrogate || point > WINPORT_LAST_POINT ? WINPORT_REPLACEMENT : point;
}

unsigned winport_utf8_put(uint32_t point, char out[4])
{
    point = valid(point);
    if (point < 0x80) {
        out[0] = (char)point;
        return 1;
    }
    const unsigned more = point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;
    const uint32_t mark = more == 1 ? 0xC0 : more == 2 ? 0xE0 : 0xF0;
    out[0] = (char)(mark | point >> (6 * more));
    for (unsigned i = 1; i <= more; i++)
        out[i] = (char)(0x80 | (point >> (6 * (more - i)) & 0x3F));
    return more + 1;
}

unsigned winport_utf16_put(uint32_t point, WCHAR out[2])
{
    point = valid(point);
    if (point < 0x10000) {
        out[0] = (WCHAR)point;
        return 1;
    }
    out[0] = (WCHAR)(0xD800 | (point - 0x10000) >> 10);
    out[1] = (WCHAR)(0xDC00 | (point & 0x3FF));
    return 2;
}

size_t winport_utf8_to_utf16(const char *text, size_t size, WCHAR *out, size_t room,
                             bool *bad)
{
    const char *end = size == 0 ? text : text + size;
    size_t length = 0, written = 0;
    while (text != end) {
        WCHAR units[2];
        const unsigned count =
            winport_utf16_put(winport_utf8_next(&text, end, bad), units);
        if (out != NULL && written == length && count <= room - written) {
            memcpy(out + written, units, count * sizeof *units);
            written += count;
        }
        length += count;
    }
    return length;
}

size_t winport_utf16_to_utf8(const WCHAR *text, size_t size, char *out, size_t room,
                             bool *bad)
{
    const WCHAR *end = size == 0 ? text : text + size;
    size_t length = 0, written = 0;
    while (text != end) {
        char bytes[4];
        const unsigned count =
            winport_utf8_put(winport_utf16_next(&text, end, bad), bytes);
        if (out != NULL && written == length && count <= room - written) {
            memcpy(out + written, bytes, count);
            written += count;
        }
        length += count;
    }
    return length;
}

size_t winport_utf16_length(const WCHAR *text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

WCHAR *winport_utf16_copy(const char *text)
{
    const size_t size = strlen(text) + 1; /* the NUL is converted too */
    const size_t length = winport_utf8_to_utf16(text, size, NULL, 0, NULL);
    WCHAR *copy = malloc(length * sizeof *copy);
    if (copy != NULL)
        winport_utf8_to_utf16(text, size, copy, length, NULL);
    return copy;
}

char *winport_utf8_copy(const WCHAR *text)
{
    const size_t size = winport_utf16_length(text) + 1;
    const size_t length = winport_utf16_to_utf8(text, size, NULL, 0, NULL);
    char *copy = malloc(length);
    if (copy != NULL)
        winport_utf16_to_utf8(text, size, copy, length, NULL);
    return copy;
}
