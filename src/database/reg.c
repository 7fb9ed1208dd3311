/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading .reg files: the text is made UTF-8 (reg_text.c) and walked over once. */
#include "database/reg.h"

#include "base/alloc.h"
#include "base/hex.h"
#include "database/reg_text.h"

#include <assert.h>
#include <string.h>

struct reader {
    const char *at, *end;
    uint32_t line;
    bool ansi;   /* REGEDIT4: bytes of texts are not UTF-16 */
    bool in_key; /* values may follow */
    char key[REG_KEY_LIMIT], name[REG_NAME_LIMIT];
    struct reg_bytes value, converted;
    reg_take *take;
    void *context;
};

static char peek_character(const struct reader *reader)
{
    assert(reader->at <= reader->end);
    if (reader->at >= reader->end)
        return '\n';
    return *reader->at;
}

static void skip_blanks(struct reader *reader)
{
    while (peek_character(reader) == ' ' || peek_character(reader) == '\t')
        reader->at++;
}

static bool take_char(struct reader *reader, char wanted)
{
    if (reader->at >= reader->end || *reader->at != wanted)
        return false;
    reader->at++;
    return true;
}

static bool read_word(struct reader *reader, const char *word)
{
    size_t size = strlen(word);
    if ((size_t)(reader->end - reader->at) < size || memcmp(reader->at, word, size) != 0)
        return false;
    reader->at += size;
    return true;
}

/* The LF that ends the line, or the end of all. */
static const char *line_end(const struct reader *reader)
{
    const char *at = reader->at;
    while (at < reader->end && *at != '\n')
        at++;
    return at;
}

/* To the next line, over its end (LF or CR LF). */
static void skip_rest_of_line(struct reader *reader)
{
    const char *stop = line_end(reader);
    reader->at = stop < reader->end ? stop + 1 : stop;
    reader->line++;
}

/* What stands behind an item: nothing, or a comment. */
static enum sc_error expect_line_end(struct reader *reader)
{
    skip_blanks(reader);
    take_char(reader, '\r');
    if (peek_character(reader) != '\n' && peek_character(reader) != ';')
        return SC_E_INVALID_VALUE;
    skip_rest_of_line(reader);
    return SC_OK;
}

static enum sc_error give(struct reader *reader, enum reg_kind kind, uint32_t type,
                          const struct reg_bytes *bytes, uint32_t line)
{
    struct reg_item item = {.kind = kind, .key = reader->key, .line = line, .type = type};
    assert(line > 0 && line <= reader->line);
    item.name =
        kind == REG_ITEM_VALUE || kind == REG_ITEM_VALUE_REMOVED ? reader->name : NULL;
    item.bytes = bytes != NULL ? bytes->at : NULL;
    item.size = bytes != NULL ? bytes->size : 0;
    return reader->take(reader->context, &item);
}

/* A key may have brackets in its name: the last one of the line ends it. */
static enum sc_error read_key(struct reader *reader)
{
    uint32_t line = reader->line;
    bool removed = take_char(reader, '-');
    const char *last = line_end(reader);
    while (last > reader->at && last[-1] != ']')
        last--;
    if (last == reader->at)
        return SC_E_INVALID_VALUE;
    size_t size = (size_t)(last - reader->at) - 1;
    if (size == 0)
        return SC_E_INVALID_VALUE;
    if (size >= sizeof(reader->key))
        return SC_E_NO_MEMORY;
    memcpy(reader->key, reader->at, size);
    reader->key[size] = '\0';
    reader->at = last;
    reader->in_key = !removed;
    enum sc_error error = expect_line_end(reader);
    if (error == SC_OK)
        error =
            give(reader, removed ? REG_ITEM_KEY_REMOVED : REG_ITEM_KEY, 0, NULL, line);
    return error;
}

/* What stands behind the backslash of an escape; 0: not an escape. */
static char unescape(char c)
{
    if (c == 'n')
        return '\n';
    if (c == 'r')
        return '\r';
    if (c == '\\' || c == '"')
        return c;
    return '\0';
}

/* Text behind its first quote, which may go over several lines. */
static enum sc_error read_quoted(struct reader *reader, struct reg_bytes *out)
{
    enum sc_error error = SC_OK;
    out->size = 0;
    while (error == SC_OK && reader->at < reader->end && *reader->at != '"') {
        char c = *reader->at++;
        if (c == '\\') {
            c = unescape(peek_character(reader));
            if (c == '\0')
                return SC_E_INVALID_VALUE;
            reader->at++;
        } else if (c == '\n') {
            reader->line++;
        }
        error = reg_bytes_add(out, (uint8_t)c);
    }
    if (error == SC_OK && !take_char(reader, '"'))
        error = SC_E_INVALID_VALUE;
    return error == SC_OK ? reg_bytes_end(out) : error;
}

/* A backslash at the end of a line, behind a comma, and the blanks of the next line. */
static enum sc_error continue_line(struct reader *reader)
{
    skip_blanks(reader);
    if (!take_char(reader, '\\'))
        return SC_OK;
    enum sc_error error = expect_line_end(reader);
    skip_blanks(reader);
    while (error == SC_OK && peek_character(reader) == ';') {
        skip_rest_of_line(reader);
        skip_blanks(reader);
    }
    return error;
}

static int take_digit(struct reader *reader)
{
    int digit = hex_digit(peek_character(reader));
    if (digit >= 0)
        reader->at++;
    return digit;
}

/* Bytes of one or two digits, with commas between them; none at all is fine. */
static enum sc_error read_hex_value(struct reader *reader, struct reg_bytes *out)
{
    out->size = 0;
    enum sc_error error = continue_line(reader);
    int high = take_digit(reader);
    while (error == SC_OK && high >= 0) {
        int low = take_digit(reader);
        error = reg_bytes_add(out, (uint8_t)(low < 0 ? high : high << 4 | low));
        skip_blanks(reader);
        if (!take_char(reader, ','))
            break;
        if (error == SC_OK)
            error = continue_line(reader);
        high = take_digit(reader);
    }
    return error;
}

/* At most eight digits. */
static bool read_dword_digits(struct reader *reader, uint32_t *number)
{
    int digit = take_digit(reader), count = 0;
    *number = 0;
    for (; digit >= 0 && count < 8; count++) {
        *number = *number << 4 | (uint32_t)digit;
        digit = take_digit(reader);
    }
    return count > 0 && digit < 0;
}

static enum sc_error read_dword(struct reader *reader, struct reg_bytes *out)
{
    uint32_t number;
    enum sc_error error = SC_OK;
    out->size = 0;
    skip_blanks(reader);
    if (!read_dword_digits(reader, &number))
        return SC_E_INVALID_VALUE;
    for (unsigned i = 0; error == SC_OK && i < 4; i++)
        error = reg_bytes_add(out, (uint8_t)(number >> 8 * i));
    return error;
}

/* hex: and hex(type): */
static enum sc_error read_binary(struct reader *reader, uint32_t *type)
{
    *type = REG_TYPE_BINARY;
    if (take_char(reader, '(')
        && !(read_dword_digits(reader, type) && take_char(reader, ')')))
        return SC_E_INVALID_VALUE;
    if (!take_char(reader, ':'))
        return SC_E_INVALID_VALUE;
    return read_hex_value(reader, &reader->value);
}

/* Gives a value that was read up to its line's end. */
static enum sc_error give_value(struct reader *reader, uint32_t type, bool quoted,
                                uint32_t line)
{
    const struct reg_bytes *bytes = &reader->value;
    enum sc_error error = SC_OK;
    bool texts = type == REG_TYPE_TEXTS;
    if (!quoted && (texts || type == REG_TYPE_TEXT || type == REG_TYPE_EXPAND)) {
        error = reg_text_from_value(bytes, reader->ansi, texts, &reader->converted);
        bytes = &reader->converted;
    } else if (!quoted && type == REG_TYPE_NUMBER && bytes->size != 4) {
        return SC_E_INVALID_VALUE;
    }
    return error == SC_OK ? give(reader, REG_ITEM_VALUE, type, bytes, line) : error;
}

static enum sc_error read_name(struct reader *reader)
{
    reader->name[0] = '\0';
    if (take_char(reader, '@'))
        return SC_OK;
    if (!take_char(reader, '"'))
        return SC_E_INVALID_VALUE;
    enum sc_error error = read_quoted(reader, &reader->value);
    if (error == SC_OK && reader->value.size >= sizeof(reader->name))
        error = SC_E_NO_MEMORY;
    if (error == SC_OK)
        memcpy(reader->name, reader->value.at, reader->value.size + 1);
    return error;
}

static enum sc_error read_value(struct reader *reader)
{
    uint32_t line = reader->line, type = REG_TYPE_TEXT;
    bool removed = false, quoted = false;
    enum sc_error error = reader->in_key ? read_name(reader) : SC_E_INVALID_VALUE;
    if (error != SC_OK)
        return error;
    skip_blanks(reader);
    if (!take_char(reader, '='))
        return SC_E_INVALID_VALUE;
    skip_blanks(reader);
    if (take_char(reader, '-')) {
        removed = true;
    } else if (take_char(reader, '"')) {
        quoted = true;
        error = read_quoted(reader, &reader->value);
    } else if (read_word(reader, "dword:")) {
        type = REG_TYPE_NUMBER;
        error = read_dword(reader, &reader->value);
    } else if (read_word(reader, "hex")) {
        error = read_binary(reader, &type);
    } else {
        error = SC_E_INVALID_VALUE;
    }
    if (error == SC_OK)
        error = expect_line_end(reader);
    if (error != SC_OK)
        return error;
    return removed ? give(reader, REG_ITEM_VALUE_REMOVED, 0, NULL, line)
                   : give_value(reader, type, quoted, line);
}

static enum sc_error read_reg_line(struct reader *reader)
{
    skip_blanks(reader);
    if (peek_character(reader) == ';' || peek_character(reader) == '\n') {
        skip_rest_of_line(reader);
        return SC_OK;
    }
    if (peek_character(reader) == '\r')
        return expect_line_end(reader);
    return take_char(reader, '[') ? read_key(reader) : read_value(reader);
}

static const char ansi_header[] = "REGEDIT4",
                  wide_header[] = "Windows Registry Editor Version 5.00";

/* ASCII in bytes, or in the lower bytes of units. */
static bool begins_with_word(const uint8_t *bytes, size_t size, size_t unit,
                             const char *word)
{
    size_t length = strlen(word);
    if (size / unit < length)
        return false;
    for (size_t i = 0; i < length; i++)
        if (bytes[unit * i] != (uint8_t)word[i])
            return false;
    return true;
}

bool reg_is_begun(const uint8_t *bytes, size_t size)
{
    bool wide = size >= 2 && bytes[0] == 0xFF && bytes[1] == 0xFE;
    size_t mark = wide ? 2 : size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    size_t unit = wide ? 2 : 1;
    if (size == 0)
        return false;
    return begins_with_word(bytes + mark, size - mark, unit, ansi_header)
           || begins_with_word(bytes + mark, size - mark, unit, wide_header);
}

static enum sc_error read_header(struct reader *reader)
{
    reader->ansi = read_word(reader, ansi_header);
    if (!reader->ansi && !read_word(reader, wide_header))
        return SC_E_INVALID_VALUE;
    return expect_line_end(reader);
}

enum sc_error reg_read(const uint8_t *bytes, size_t size, reg_take *take, void *context,
                       uint32_t *line)
{
    struct reg_bytes text = {.limit = 2 * (size_t)REG_FILE_LIMIT};
    uint32_t wrong = 1;
    struct reader *reader = NULL;
    enum sc_error error = size <= REG_FILE_LIMIT
                              ? reg_text_decode(bytes, size, &text, &wrong)
                              : SC_E_NO_MEMORY;
    if (error == SC_OK) {
        reader = mem_alloc(sizeof(*reader));
        error = reader != NULL ? SC_OK : SC_E_NO_MEMORY;
    }
    if (error == SC_OK) {
        reader->at = (const char *)text.at;
        reader->end = reader->at + text.size;
        reader->take = take;
        reader->context = context;
        reader->value.limit = reader->converted.limit = REG_VALUE_LIMIT;
        reader->line = 1;
        error = read_header(reader);
        while (error == SC_OK && reader->at < reader->end) {
            wrong = reader->line;
            error = read_reg_line(reader);
        }
        reg_bytes_free(&reader->value);
        reg_bytes_free(&reader->converted);
    }
    mem_free(reader);
    reg_bytes_free(&text);
    if (line != NULL)
        *line = error == SC_OK ? 0 : wrong;
    return error;
}
