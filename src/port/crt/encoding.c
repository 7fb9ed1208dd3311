/* SPDX-License-Identifier: BSD-2-Clause */
/* Multibyte text, which is UTF-8, and WCHAR, for the calls of stdlib.h. */
#include "port/convert.h"

#include <errno.h>
#include <string.h>

static size_t failed(void)
{
    errno = EILSEQ;
    return (size_t)-1;
}

/* Where whole characters end within `most` units of the destination. */
static size_t end_within(bool to_wide, const void *from, size_t most)
{
    size_t end = 0;
    const char *bytes = from;
    const WCHAR *units = from;
    const char *last_byte = to_wide ? bytes + strlen(bytes) : NULL;
    const WCHAR *last_unit = to_wide ? NULL : units + winport_utf16_length(units);
    while (to_wide ? bytes != last_byte : units != last_unit) {
        char as_bytes[4];
        WCHAR as_units[2];
        const size_t count =
            to_wide
                ? winport_utf16_put(winport_utf8_next(&bytes, last_byte, NULL), as_units)
                : winport_utf8_put(winport_utf16_next(&units, last_unit, NULL), as_bytes);
        if (count > most - end)
            break;
        end += count;
    }
    return end;
}

/* A NUL is written where there is room for it; whole characters are. */
size_t winport_mbstowcs(WCHAR *to, const char *from, size_t size)
{
    bool bad = false;
    const size_t length = strlen(from), room = to == NULL ? 0 : size;
    const size_t needed = winport_utf8_to_utf16(from, length, to, room, &bad);
    if (bad)
        return failed();
    if (to == NULL)
        return needed;
    if (needed < size)
        to[needed] = 0;
    return needed <= size ? needed : end_within(true, from, size);
}

size_t winport_wcstombs(char *to, const WCHAR *from, size_t size)
{
    bool bad = false;
    const size_t length = winport_utf16_length(from), room = to == NULL ? 0 : size;
    const size_t needed = winport_utf16_to_utf8(from, length, to, room, &bad);
    if (bad)
        return failed();
    if (to == NULL)
        return needed;
    if (needed < size)
        to[needed] = '\0';
    return needed <= size ? needed : end_within(false, from, size);
}

int winport_mbtowc(WCHAR *to, const char *from, size_t size)
{
    bool bad = false;
    if (from == NULL)
        return 0;
    if (size == 0)
        return (int)failed();
    const char *at = from;
    const uint32_t point =
        winport_utf8_next(&at, from + strnlen_s(from, size - 1) + 1, &bad);
    if (bad || point > 0xFFFF)
        return (int)failed();
    if (to != NULL)
        *to = (WCHAR)point;
    return point == 0 ? 0 : (int)(at - from);
}

int winport_wctomb(char *to, WCHAR unit)
{
    bool bad = false;
    const WCHAR *at = &unit;
    if (to == NULL)
        return 0;
    const uint32_t point = winport_utf16_next(&at, &unit + 1, &bad);
    return bad ? (int)failed() : (int)winport_utf8_put(point, to);
}

static errno_t refused(void *to, size_t bytes, errno_t code)
{
    if (to != NULL && bytes != 0)
        memset(to, 0, bytes);
    errno = code;
    return code;
}

/* Units of the result, or SIZE_MAX for malformed text. */
static size_t convert_text(void *to, size_t room, bool to_wide, const void *from)
{
    bool bad = false;
    const size_t needed =
        to_wide ? winport_utf8_to_utf16(from, strlen(from), to, room, &bad)
                : winport_utf16_to_utf8(from, winport_utf16_length(from), to, room, &bad);
    return bad ? SIZE_MAX : needed;
}

static errno_t convert_secure(size_t *length, void *to, size_t size, bool to_wide,
                              const void *from, size_t count)
{
    const size_t unit = to_wide ? sizeof(WCHAR) : sizeof(char);
    if (length != NULL)
        *length = 0;
    if ((to == NULL) != (size == 0) || from == NULL)
        return refused(to, size == 0 ? 0 : unit, EINVAL);
    const size_t all = convert_text(NULL, 0, to_wide, from);
    if (all == SIZE_MAX)
        return refused(to, unit, EILSEQ);
    if (to == NULL) {
        if (length != NULL)
            *length = all + 1;
        return 0;
    }
    size_t end = all <= count ? all : end_within(to_wide, from, count);
    errno_t code = 0;
    if (end >= size && count != _TRUNCATE)
        return refused(to, unit, ERANGE);
    if (end >= size) {
        end = end_within(to_wide, from, size - 1);
        code = STRUNCATE;
    }
    convert_text(to, end, to_wide, from);
    memset((char *)to + end * unit, 0, unit);
    if (length != NULL)
        *length = end + 1;
    return code;
}

errno_t mbstowcs_s(size_t *length, WCHAR *to, size_t size, const char *from, size_t count)
{
    return convert_secure(length, to, size, true, from, count);
}

errno_t wcstombs_s(size_t *length, char *to, size_t size, const WCHAR *from, size_t count)
{
    return convert_secure(length, to, size, false, from, count);
}
