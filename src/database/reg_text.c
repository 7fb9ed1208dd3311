/* SPDX-License-Identifier: BSD-2-Clause */
/* Encodings of .reg files. */
#include "database/reg_text.h"

#include "base/alloc.h"
#include "base/utf.h"

#include <string.h>

static enum sc_error reserve_text(struct reg_bytes *bytes, size_t size)
{
    if (size > bytes->limit)
        return SC_E_NO_MEMORY;
    if (size < bytes->room)
        return SC_OK;
    /* One more than asked for: there is always room for a NUL. */
    size_t room = size < 64 ? 64 : size < SIZE_MAX / 4 ? size + size / 2 + 1 : size;
    uint8_t *at = room > size ? mem_resize(bytes->at, room) : NULL;
    if (at == NULL)
        return SC_E_NO_MEMORY;
    bytes->at = at;
    bytes->room = room;
    return SC_OK;
}

enum sc_error reg_bytes_add(struct reg_bytes *bytes, uint8_t byte)
{
    enum sc_error error = reserve_text(bytes, bytes->size + 1);
    if (error == SC_OK)
        bytes->at[bytes->size++] = byte;
    return error;
}

enum sc_error reg_bytes_end(struct reg_bytes *bytes)
{
    enum sc_error error = reserve_text(bytes, bytes->size);
    if (error == SC_OK)
        bytes->at[bytes->size] = 0;
    return error;
}

void reg_bytes_free(struct reg_bytes *bytes)
{
    mem_free(bytes->at);
    *bytes = (struct reg_bytes){.limit = bytes->limit};
}

/* Lines up to `count` bytes. */
static uint32_t count_lines(const uint8_t *bytes, size_t count)
{
    uint32_t lines = 1;
    for (size_t i = 0; i < count; i++)
        lines += bytes[i] == '\n';
    return lines;
}

/* The line of the first malformed piece of UTF-8. */
static uint32_t bad_line(const uint8_t *bytes, size_t size)
{
    const char *at = (const char *)bytes, *end = at + size;
    uint32_t line = 1;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        size_t length = stop != NULL ? (size_t)(stop - at) : (size_t)(end - at);
        if (!utf8_is_valid(at, length) || stop == NULL)
            break;
        at = stop + 1;
        line++;
    }
    return line;
}

static enum sc_error append_utf8(const uint8_t *bytes, size_t size,
                                 struct reg_bytes *text)
{
    enum sc_error error = reserve_text(text, text->size + size);
    if (error == SC_OK && size > 0) {
        memcpy(text->at + text->size, bytes, size);
        text->size += size;
    }
    return error;
}

/* Bytes without a mark: UTF-8, else ISO 8859-1, whose bytes are the code points. */
static enum sc_error append_bytes(const uint8_t *bytes, size_t size,
                                  struct reg_bytes *text)
{
    enum sc_error error = SC_OK;
    if (utf8_is_valid((const char *)bytes, size))
        return append_utf8(bytes, size, text);
    for (size_t i = 0; error == SC_OK && i < size; i++) {
        if (bytes[i] >= 0x80)
            error = reg_bytes_add(text, (uint8_t)(0xC0 | bytes[i] >> 6));
        if (error == SC_OK)
            error = reg_bytes_add(
                text, bytes[i] < 0x80 ? bytes[i] : (uint8_t)(0x80 | (bytes[i] & 0x3F)));
    }
    return error;
}

static uint32_t bad_unit_line(const uint16_t *units, size_t count)
{
    uint32_t line = 1;
    size_t from = 0, made;
    for (size_t i = 0; i < count; i++) {
        if (units[i] != '\n')
            continue;
        if (utf16_to_utf8(units + from, i - from, NULL, 0, &made) != SC_OK)
            break;
        from = i + 1;
        line++;
    }
    return line;
}

/* Little-endian units, whatever this machine's are. */
static enum sc_error append_utf16(const uint8_t *bytes, size_t size,
                                  struct reg_bytes *text, uint32_t *line)
{
    size_t count = size / 2, made = 0;
    uint16_t *units = mem_alloc_array(count + 1, sizeof(*units));
    if (units == NULL)
        return SC_E_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        units[i] = (uint16_t)(bytes[2 * i] | bytes[2 * i + 1] << 8);
    enum sc_error error = utf16_to_utf8(units, count, NULL, 0, &made);
    if (error != SC_OK)
        *line = bad_unit_line(units, count);
    else
        error = reserve_text(text, text->size + made);
    if (error == SC_OK && made > 0)
        error = utf16_to_utf8(units, count, (char *)text->at + text->size, made, &made);
    if (error == SC_OK)
        text->size += made;
    if (error == SC_OK && size % 2 != 0) {
        error = SC_E_INVALID_VALUE;
        *line = count_lines(text->at, text->size);
    }
    mem_free(units);
    return error;
}

enum sc_error reg_text_decode(const uint8_t *bytes, size_t size, struct reg_bytes *text,
                              uint32_t *line)
{
    enum sc_error error;
    *line = 1;
    if (size >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE) {
        error = append_utf16(bytes + 2, size - 2, text, line);
    } else if (size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0) {
        bool valid = utf8_is_valid((const char *)bytes + 3, size - 3);
        if (!valid)
            *line = bad_line(bytes + 3, size - 3);
        error = valid ? append_utf8(bytes + 3, size - 3, text) : SC_E_INVALID_VALUE;
    } else {
        error = append_bytes(bytes, size, text);
    }
    if (error == SC_OK)
        error = reg_bytes_end(text);
    if (error != SC_OK)
        return error;
    const uint8_t *nul = text->size != 0 ? memchr(text->at, 0, text->size) : NULL;
    if (nul == NULL)
        return SC_OK;
    *line = count_lines(text->at, (size_t)(nul - text->at));
    return SC_E_INVALID_VALUE;
}

/* A text ends at its first NUL, whatever stands behind it. */
static void cut_text(struct reg_bytes *text)
{
    text->size = utf8_length((const char *)text->at, text->size);
}

/* Moves the texts of a list together and ends it. There is room for two NULs more. */
static enum sc_error close_list(struct reg_bytes *text)
{
    size_t kept = 0;
    for (size_t i = 0; i < text->size; i++)
        if (text->at[i] != 0 || (kept > 0 && text->at[kept - 1] != 0))
            text->at[kept++] = text->at[i];
    text->size = kept;
    enum sc_error error = SC_OK;
    if (kept > 0 && text->at[kept - 1] != 0)
        error = reg_bytes_add(text, 0);
    return error == SC_OK ? reg_bytes_add(text, 0) : error;
}

enum sc_error reg_text_from_value(const struct reg_bytes *value, bool ansi, bool list,
                                  struct reg_bytes *text)
{
    uint32_t line;
    text->size = 0;
    enum sc_error error = reg_bytes_end(text);
    if (error == SC_OK && value->size > 0)
        error = ansi ? append_bytes(value->at, value->size, text)
                     : append_utf16(value->at, value->size, text, &line);
    if (error != SC_OK)
        return error;
    if (list)
        error = close_list(text);
    else
        cut_text(text);
    return error == SC_OK ? reg_bytes_end(text) : error;
}
