/* SPDX-License-Identifier: BSD-2-Clause */
/* Writing .reg files. */
#include "database/reg.h"

#include "base/alloc.h"
#include "base/utf.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { COLUMNS = 80 }; /* regedit breaks lines of bytes before they are longer */

struct writer {
    reg_put *put;
    void *context;
    size_t column;
};

static void put_size(struct writer *writer, const char *text, size_t size)
{
    writer->put(writer->context, text, size);
    writer->column += size;
}

static void put_text(struct writer *writer, const char *text)
{
    put_size(writer, text, strlen(text));
}

static void put_line_end(struct writer *writer)
{
    put_text(writer, "\r\n");
    writer->column = 0;
}

static void put_quoted(struct writer *writer, const char *text, size_t size)
{
    put_text(writer, "\"");
    for (size_t i = 0; i < size; i++) {
        if (text[i] == '"' || text[i] == '\\')
            put_text(writer, "\\");
        put_size(writer, text + i, 1);
    }
    put_text(writer, "\"");
}

static void put_bytes(struct writer *writer, const uint8_t *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        char text[4];
        bool last = i + 1 == size;
        snprintf(text, sizeof(text), "%02x", (unsigned)bytes[i]);
        put_text(writer, text);
        if (!last)
            put_text(writer, ",");
        if (!last && writer->column + 4 > COLUMNS) {
            put_text(writer, "\\");
            put_line_end(writer);
            put_text(writer, "  ");
        }
    }
}

/* Text as UTF-16's bytes, each with its NUL as the registry has it. */
static enum sc_error put_wide(struct writer *writer, const char *text, size_t size)
{
    size_t count;
    enum sc_error error = utf8_to_utf16(text, size, NULL, 0, &count);
    if (error != SC_OK)
        return error;
    uint16_t *units = mem_alloc_array(count + 1, sizeof(*units));
    uint8_t *bytes = mem_alloc_array(count + 1, 2);
    if (units == NULL || bytes == NULL)
        error = SC_E_NO_MEMORY;
    else
        error = utf8_to_utf16(text, size, units, count, &count);
    for (size_t i = 0; error == SC_OK && i < count; i++) {
        bytes[2 * i] = (uint8_t)(units[i] & 0xFF);
        bytes[2 * i + 1] = (uint8_t)(units[i] >> 8);
    }
    if (error == SC_OK)
        put_bytes(writer, bytes, 2 * count);
    mem_free(units);
    mem_free(bytes);
    return error;
}

/* Control characters cannot stand between quotes. */
static bool is_quotable(const uint8_t *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] < 0x20)
            return false;
    return true;
}

static enum sc_error put_value(struct writer *writer, const struct reg_item *item)
{
    char prefix[24];
    const char *text = (const char *)item->bytes;
    bool is_text = item->type == REG_TYPE_TEXT || item->type == REG_TYPE_EXPAND;
    if (item->type == REG_TYPE_TEXT && is_quotable(item->bytes, item->size)) {
        if (!utf8_is_valid(text, item->size))
            return SC_E_INVALID_VALUE;
        put_quoted(writer, text, item->size);
        return SC_OK;
    }
    if (item->type == REG_TYPE_NUMBER && item->size == 4) {
        uint32_t number = (uint32_t)item->bytes[3] << 24 | (uint32_t)item->bytes[2] << 16
                          | (uint32_t)item->bytes[1] << 8 | item->bytes[0];
        snprintf(prefix, sizeof(prefix), "dword:%08" PRIx32, number);
        put_text(writer, prefix);
        return SC_OK;
    }
    if (item->type == REG_TYPE_BINARY)
        snprintf(prefix, sizeof(prefix), "hex:");
    else
        snprintf(prefix, sizeof(prefix), "hex(%" PRIx32 "):", item->type);
    put_text(writer, prefix);
    if (is_text) /* with the NUL that follows it */
        return put_wide(writer, text, item->size + 1);
    if (item->type == REG_TYPE_TEXTS)
        return put_wide(writer, text, item->size);
    put_bytes(writer, item->bytes, item->size);
    return SC_OK;
}

void reg_write_header(reg_put *put, void *context)
{
    static const char header[] = "Windows Registry Editor Version 5.00\r\n";
    put(context, header, sizeof(header) - 1);
}

enum sc_error reg_write_item(const struct reg_item *item, reg_put *put, void *context)
{
    struct writer writer = {.put = put, .context = context};
    enum sc_error error = SC_OK;
    if (item->kind == REG_ITEM_KEY || item->kind == REG_ITEM_KEY_REMOVED) {
        put_line_end(&writer);
        put_text(&writer, item->kind == REG_ITEM_KEY ? "[" : "[-");
        put_text(&writer, item->key);
        put_text(&writer, "]");
    } else {
        if (item->name[0] == '\0')
            put_text(&writer, "@");
        else
            put_quoted(&writer, item->name, strlen(item->name));
        put_text(&writer, "=");
        if (item->kind == REG_ITEM_VALUE_REMOVED)
            put_text(&writer, "-");
        else
            error = put_value(&writer, item);
    }
    put_line_end(&writer);
    return error;
}

/* --- UTF-16 ------------------------------------------------------------------------- */

enum { WIDE_ROOM = 256 };

/* UTF-16's bytes, until there are enough to give. */
struct wide_bytes {
    char at[WIDE_ROOM];
    size_t size;
};

static void add_unit(struct wide_bytes *bytes, uint16_t unit)
{
    bytes->at[bytes->size++] = (char)(unit & 0xFF);
    bytes->at[bytes->size++] = (char)(unit >> 8);
}

/* How long the character is that begins with this byte (RFC 3629). */
static size_t character_size(char first)
{
    uint8_t byte = (uint8_t)first;
    return byte < 0xC0 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

static void end_character(struct reg_wide *wide, struct wide_bytes *bytes)
{
    uint16_t units[2] = {0xFFFD};
    size_t count;
    if (utf8_to_utf16(wide->pending, wide->have, units, ARRAY_SIZE(units), &count)
        != SC_OK) {
        units[0] = 0xFFFD;
        count = 1;
    }
    for (size_t i = 0; i < count; i++)
        add_unit(bytes, units[i]);
    wide->have = 0;
}

void reg_put_wide(void *context, const char *text, size_t size)
{
    struct reg_wide *wide = context;
    struct wide_bytes bytes = {.size = 0};
    if (!wide->begun)
        add_unit(&bytes, 0xFEFF);
    wide->begun = true;
    for (size_t i = 0; i < size; i++) {
        wide->pending[wide->have++] = text[i];
        if (wide->have == character_size(wide->pending[0]))
            end_character(wide, &bytes);
        if (bytes.size + 4 > sizeof(bytes.at) || i + 1 == size) {
            wide->put(wide->context, bytes.at, bytes.size);
            bytes.size = 0;
        }
    }
}
