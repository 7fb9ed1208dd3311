/* SPDX-License-Identifier: BSD-2-Clause */
/* Text from one encoding into another. */
#include "port/convert.h"
#include "port/port.h"

#include <errno.h>
#include <iconv.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is_utf8(UINT page)
{
    return page == CP_UTF8 || page == CP_ACP || page == CP_OEMCP || page == CP_THREAD_ACP;
}

UINT GetACP(void)
{
    return CP_UTF8;
}

UINT GetOEMCP(void)
{
    return CP_UTF8;
}

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define UTF_16 "UTF-16LE"
#else
#define UTF_16 "UTF-16BE"
#endif

/* The C library's names of a code page: "CP1252", and those that it has by another name. */
static iconv_t open_page(UINT page, bool from_it)
{
    char name[32];
    if (page == 20127)
        snprintf(name, sizeof(name), "ASCII");
    else if (page >= 28591 && page <= 28605)
        snprintf(name, sizeof(name), "ISO-8859-%u", page - 28590);
    else
        snprintf(name, sizeof(name), "CP%u", page);
    return from_it ? iconv_open(UTF_16, name) : iconv_open(name, UTF_16);
}

#define NO_PAGE ((iconv_t)-1)

BOOL IsValidCodePage(UINT page)
{
    if (is_utf8(page))
        return TRUE;
    iconv_t converter = open_page(page, true);
    if (converter == NO_PAGE)
        return FALSE;
    iconv_close(converter);
    return TRUE;
}

static int fail_conversion(DWORD code)
{
    winport_fail(code);
    return 0;
}

/* What a call gives for `needed` units in `room`; `bad`: the text is malformed, which is an
 * error where that was asked for. */
static int conversion_result(size_t needed, int room, bool bad)
{
    if (bad)
        return fail_conversion(ERROR_NO_UNICODE_TRANSLATION);
    if (needed > INT_MAX || (room > 0 && needed > (size_t)room))
        return fail_conversion(ERROR_INSUFFICIENT_BUFFER);
    return (int)needed;
}

/* --- By iconv(): one character after the other, so that what is wrong is replaced --- */

/* Converts into memory of malloc(), *made units of `unit` bytes. `replacement` stands for what
 * cannot be converted, of which there is *bad. */
struct conversion {
    iconv_t converter;
    const char *replacement;
    size_t replacement_size, unit;
    char *text;
    size_t made, room; /* bytes */
    bool bad, no_memory;
};

static void append_bytes(struct conversion *this, const char *bytes, size_t size)
{
    if (size == 0)
        return;
    if (this->text == NULL || this->room - this->made < size) {
        size_t room = 2 * (this->made + size) + 64;
        char *more = realloc(this->text, room);
        if (more == NULL) {
            this->no_memory = true;
            return;
        }
        this->text = more;
        this->room = room;
    }
    memcpy(this->text + this->made, bytes, size);
    this->made += size;
}

/* Bytes of what could not be converted: a character of UTF-16 may have two units. */
static size_t character_size(const struct conversion *this, const char *at, size_t size)
{
    if (this->unit == 1)
        return 1;
    WCHAR unit;
    if (size < sizeof(unit))
        return size;
    memcpy(&unit, at, sizeof(unit));
    return (unit & 0xFC00) == 0xD800 && size >= 2 * sizeof(unit) ? 2 * sizeof(unit)
                                                                 : sizeof(unit);
}

static void convert_page(struct conversion *this, const char *bytes, size_t size)
{
    char *at = (char *)(uintptr_t)bytes; /* iconv() does not write there */
    while (size > 0 && !this->no_memory) {
        char out[256], *end = out;
        size_t room = sizeof(out);
        size_t result = iconv(this->converter, &at, &size, &end, &room);
        append_bytes(this, out, sizeof(out) - room);
        if (result != (size_t)-1 || errno == E2BIG)
            continue;
        this->bad = true;
        append_bytes(this, this->replacement, this->replacement_size);
        size_t skipped = character_size(this, at, size);
        at += skipped;
        size -= skipped;
    }
    /* What it keeps back for a character that may follow, and the way back to its first
     * state. */
    char out[64], *end = out;
    size_t room = sizeof(out);
    iconv(this->converter, NULL, NULL, &end, &room);
    append_bytes(this, out, sizeof(out) - room);
}

/* --- The calls ---------------------------------------------------------------------- */

static int page_to_wide(UINT page, bool strict, LPCCH text, size_t size, LPWSTR wide,
                        int room)
{
    static const WCHAR replacement[] = {WINPORT_REPLACEMENT};
    struct conversion this = {.converter = open_page(page, true),
                              .replacement = (const char *)replacement,
                              .replacement_size = sizeof(replacement),
                              .unit = 1};
    if (this.converter == NO_PAGE)
        return fail_conversion(ERROR_INVALID_PARAMETER);
    convert_page(&this, text, size);
    iconv_close(this.converter);
    int result = this.no_memory ? fail_conversion(ERROR_NOT_ENOUGH_MEMORY)
                                : conversion_result(this.made / sizeof(WCHAR), room,
                                                    strict && this.bad);
    if (result > 0 && room > 0)
        memcpy(wide, this.text, this.made);
    free(this.text);
    return result;
}

int MultiByteToWideChar(UINT page, DWORD flags, LPCCH text, int size, LPWSTR wide,
                        int room)
{
    const DWORD known =
        MB_PRECOMPOSED | MB_COMPOSITE | MB_USEGLYPHCHARS | MB_ERR_INVALID_CHARS;
    if (text == NULL || size == 0 || room < 0 || (room > 0 && wide == NULL)
        || (const void *)text == (const void *)wide)
        return fail_conversion(ERROR_INVALID_PARAMETER);
    if ((flags & ~known) != 0
        || (page == CP_UTF8 && (flags & ~(DWORD)MB_ERR_INVALID_CHARS) != 0))
        return fail_conversion(ERROR_INVALID_FLAGS);
    size_t units = size < 0 ? strlen(text) + 1 : (size_t)size;
    bool strict = (flags & MB_ERR_INVALID_CHARS) != 0;
    if (!is_utf8(page))
        return page_to_wide(page, strict, text, units, wide, room);
    bool bad = false;
    size_t needed = winport_utf8_to_utf16(text, units, wide, (size_t)room, &bad);
    return conversion_result(needed, room, strict && bad);
}

static int wide_to_page(UINT page, LPCWCH wide, size_t size, LPSTR text, int room,
                        const char *default_char, BOOL *used_default)
{
    struct conversion this = {.converter = open_page(page, false),
                              .replacement = default_char,
                              .replacement_size = strlen(default_char),
                              .unit = sizeof(WCHAR)};
    if (this.converter == NO_PAGE)
        return fail_conversion(ERROR_INVALID_PARAMETER);
    convert_page(&this, (const char *)wide, size * sizeof(WCHAR));
    iconv_close(this.converter);
    if (used_default != NULL)
        *used_default = this.bad;
    int result = this.no_memory ? fail_conversion(ERROR_NOT_ENOUGH_MEMORY)
                                : conversion_result(this.made, room, false);
    if (result > 0 && room > 0)
        memcpy(text, this.text, this.made);
    free(this.text);
    return result;
}

int WideCharToMultiByte(UINT page, DWORD flags, LPCWCH wide, int size, LPSTR text,
                        int room, LPCCH default_char, LPBOOL used_default)
{
    const DWORD known = WC_COMPOSITECHECK | WC_DISCARDNS | WC_SEPCHARS | WC_DEFAULTCHAR
                        | WC_ERR_INVALID_CHARS | WC_NO_BEST_FIT_CHARS;
    if (wide == NULL || size == 0 || room < 0 || (room > 0 && text == NULL)
        || (const void *)wide == (const void *)text
        || (page == CP_UTF8 && (default_char != NULL || used_default != NULL)))
        return fail_conversion(ERROR_INVALID_PARAMETER);
    if ((flags & ~known) != 0
        || (page == CP_UTF8 && (flags & ~(DWORD)WC_ERR_INVALID_CHARS) != 0))
        return fail_conversion(ERROR_INVALID_FLAGS);
    size_t units = size < 0 ? winport_utf16_length(wide) + 1 : (size_t)size;
    if (!is_utf8(page))
        return wide_to_page(page, wide, units, text, room,
                            default_char == NULL ? "?" : default_char, used_default);
    bool bad = false;
    size_t needed = winport_utf16_to_utf8(wide, units, text, (size_t)room, &bad);
    if (used_default != NULL)
        *used_default = FALSE; /* UTF-8 has every character */
    return conversion_result(needed, room, (flags & WC_ERR_INVALID_CHARS) != 0 && bad);
}
