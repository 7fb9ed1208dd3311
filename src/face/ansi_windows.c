/* SPDX-License-Identifier: BSD-2-Clause */
/* The ANSI code page of a Windows program. Text of ASCII alone, which is the same in all
 * of them, never goes to the system. */
#include "face/ansi.h"

#include "base/alloc.h"
#include "base/utf.h"
#include "face/kernel32.h"

#include <stdio.h>

enum {
    ESCAPE_MAX = 10,    /* bytes of <U+10FFFF> */
    CHARACTER_MAX = 16, /* bytes of one character in a code page, or of its escape */
    BYTES_FOR_BYTE = 4  /* of a caller's text for one of UTF-8, at most: <U+00A0> */
};

static const char escape_start[] = "<U+";

static bool is_ascii(const char *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if ((unsigned char)bytes[i] >= 0x80)
            return false;
    return true;
}

/* Every character is in these; and the system wants neither flags nor a substitute. */
static bool has_every_character(UINT page)
{
    return page == CODE_PAGE_UTF8 || page == CODE_PAGE_GB18030;
}

/* UTF-16 into the code page; `text` NULL: how many bytes. False: some character is not in
 * it, or there is no room. */
static bool to_page(const uint16_t *wide, size_t count, char *text, size_t room,
                    size_t *size)
{
    bool all = has_every_character(GetACP());
    BOOL substituted = 0;
    int made =
        WideCharToMultiByte(CODE_PAGE_ANSI, all ? 0 : TEXT_NO_BEST_FIT, (LPCWSTR)wide,
                            (int)count, text, (int)room, NULL, all ? NULL : &substituted);
    *size = made > 0 ? (size_t)made : 0;
    return made > 0 && !substituted;
}

/* --- From the caller ---------------------------------------------------------------- */

static int hex_value(uint16_t unit)
{
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    return unit >= 'A' && unit <= 'F' ? unit - 'A' + 10 : -1;
}

/* The units of an escape at `wide`, which ends with a NUL, and what it stands for; 0: it
 * is text. Only what face_ansi_out() writes is one: four digits or as many as it takes. */
static size_t read_escape(const uint16_t *wide, uint16_t units[2], size_t *unit_count)
{
    uint32_t point = 0;
    size_t at = sizeof(escape_start) - 1, digits = at, ignored;
    char character[CHARACTER_MAX], again[ESCAPE_MAX + 1];
    for (size_t i = 0; i < at; i++)
        if (wide[i] != (uint16_t)escape_start[i])
            return 0;
    for (; at - digits < 6 && hex_value(wide[at]) >= 0; at++)
        point = point << 4 | (uint32_t)hex_value(wide[at]);
    if (wide[at] != '>' || point < 0x80 || point > 0x10FFFF)
        return 0;
    if ((size_t)snprintf(again, sizeof(again), "<U+%04X>", (unsigned)point) != at + 1)
        return 0; /* leading zeros */
    *unit_count = point >= 0x10000 ? 2 : 1;
    units[0] = (uint16_t)(point >= 0x10000 ? 0xD800 + ((point - 0x10000) >> 10) : point);
    units[1] = (uint16_t)(0xDC00 + (point & 0x3FF));
    bool in_page = to_page(units, *unit_count, character, sizeof(character), &ignored);
    return in_page ? 0 : at + 1;
}

/* In place, as an escape is longer than what it stands for. Gives how many units are left;
 * a NUL follows them. */
static size_t replace_escapes(uint16_t *wide)
{
    size_t from = 0, to = 0;
    while (wide[from] != 0) {
        uint16_t units[2];
        size_t count = 0, size = read_escape(wide + from, units, &count);
        if (size == 0) {
            wide[to++] = wide[from++];
            continue;
        }
        memcpy(wide + to, units, count * sizeof(*units));
        to += count;
        from += size;
    }
    wide[to] = 0;
    return to;
}

/* `wide` has room for as many units and a NUL. */
static enum sc_error from_page(const char *text, size_t size, uint16_t *wide, char *out,
                               size_t room)
{
    size_t made;
    int count = MultiByteToWideChar(CODE_PAGE_ANSI, TEXT_MUST_BE_VALID, text, (int)size,
                                    (LPWSTR)wide, (int)size);
    if (count <= 0)
        return SC_E_INVALID_VALUE;
    wide[count] = 0;
    size_t units = replace_escapes(wide);
    if (utf16_to_utf8(wide, units, out, room - 1, &made) != SC_OK)
        return SC_E_INVALID_VALUE;
    out[made] = '\0';
    return SC_OK;
}

enum sc_error face_ansi_in(const char *text, char *out, size_t room)
{
    size_t most = room * BYTES_FOR_BYTE, size = utf8_length(text, most);
    if (size == most)
        return SC_E_INVALID_VALUE;
    if (is_ascii(text, size) && strstr(text, escape_start) == NULL) {
        if (size >= room)
            return SC_E_INVALID_VALUE;
        memcpy(out, text, size + 1);
        return SC_OK;
    }
    uint16_t *wide = mem_alloc_array(size + 1, sizeof(*wide));
    if (wide == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = from_page(text, size, wide, out, room);
    mem_free(wide);
    return error;
}

/* --- To the caller ------------------------------------------------------------------ */

/* One character at a time, for text with some that the page lacks. `text` has
 * CHARACTER_MAX bytes for each unit. Gives the bytes used. */
static size_t write_characters(const uint16_t *wide, size_t count, char *text)
{
    size_t at = 0, size;
    for (size_t i = 0; i < count;) {
        bool pair = wide[i] >= 0xD800 && wide[i] <= 0xDBFF && i + 1 < count;
        size_t units = pair ? 2 : 1;
        uint32_t point =
            pair ? 0x10000 + ((wide[i] - 0xD800U) << 10) + (wide[i + 1] - 0xDC00U)
                 : wide[i];
        if (!to_page(wide + i, units, text + at, CHARACTER_MAX, &size))
            size =
                (size_t)snprintf(text + at, CHARACTER_MAX, "<U+%04X>", (unsigned)point);
        at += size;
        i += units;
    }
    return at;
}

static enum sc_error from_wide(const uint16_t *wide, size_t count, struct face_ansi *text)
{
    size_t size;
    bool all = to_page(wide, count, NULL, 0, &size);
    size_t room = all ? size : count * CHARACTER_MAX;
    text->memory = mem_alloc(room);
    if (text->memory == NULL)
        return SC_E_NO_MEMORY;
    if (!all)
        text->size = write_characters(wide, count, text->memory);
    else if (!to_page(wide, count, text->memory, room, &text->size))
        return SC_E_INVALID_VALUE;
    text->bytes = text->memory;
    return SC_OK;
}

enum sc_error face_ansi_out(const char *bytes, size_t size, struct face_ansi *text)
{
    size_t count;
    *text = (struct face_ansi){bytes, size, NULL};
    if (is_ascii(bytes, size))
        return SC_OK;
    if (size > FACE_ANSI_MAX)
        return SC_E_NO_MEMORY;
    uint16_t *wide = mem_alloc_array(size, sizeof(*wide));
    if (wide == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = utf8_to_utf16(bytes, size, wide, size, &count);
    if (error == SC_OK)
        error = from_wide(wide, count, text);
    if (error != SC_OK) {
        mem_free(text->memory);
        text->memory = NULL;
    }
    mem_free(wide);
    return error;
}
