/* SPDX-License-Identifier: BSD-2-Clause */
/* How text is built within its room, and what of a device's text reaches a terminal. */
#include "cli/text.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

void text_start(struct text *text, char *at, size_t room)
{
    assert(room > 0);
    text->at = at;
    text->room = room;
    text->size = 0;
    at[0] = '\0';
}

void text_add(struct text *text, const char *format, ...)
{
    assert(text->size < text->room);
    size_t left = text->room - text->size;
    va_list values;
    va_start(values, format);
    int size = vsnprintf(text->at + text->size, left, format, values);
    va_end(values);
    if (size < 0)
        text->at[text->size] = '\0';
    else
        text->size += (size_t)size < left ? (size_t)size : left - 1;
}

void text_add_hex(struct text *text, const uint8_t *bytes, size_t size,
                  const char *between)
{
    for (size_t i = 0; i < size; i++)
        text_add(text, "%s%02X", i > 0 ? between : "", bytes[i]);
}

/* The smallest code point that needs this many bytes; anything below is overlong. */
static const uint32_t utf8_least[5] = {0, 0, 0x80, 0x800, 0x10000};

size_t utf8_next(const char *at, uint32_t *code_point)
{
    const uint8_t *byte = (const uint8_t *)at;
    size_t size = 0;
    uint32_t value = byte[0];
    assert(value != 0); /* a step would go over the end */
    if (value < 0x80) {
        *code_point = value;
        return 1;
    }
    *code_point = 0xFFFD;
    if (value >= 0xC2 && value <= 0xDF)
        size = 2;
    else if (value >= 0xE0 && value <= 0xEF)
        size = 3;
    else if (value >= 0xF0 && value <= 0xF4)
        size = 4;
    else
        return 1;
    value &= 0xFFU >> (size + 1);
    for (size_t i = 1; i < size; i++) {
        if ((byte[i] & 0xC0) != 0x80)
            return 1;
        value = value << 6 | (byte[i] & 0x3FU);
    }
    if (value < utf8_least[size] || value > 0x10FFFF || (value & 0xFFFFF800U) == 0xD800)
        return 1;
    *code_point = value;
    return size;
}

/* C0 and C1 controls and DEL; and the marks that turn the writing direction around. */
static bool is_control_or_mark(uint32_t code_point)
{
    return code_point < 0x20 || (code_point >= 0x7F && code_point < 0xA0)
           || (code_point >= 0x202A && code_point <= 0x202E)
           || (code_point >= 0x2066 && code_point <= 0x2069);
}

static size_t print_character(FILE *out, const char *at)
{
    uint32_t code_point = 0;
    size_t size = utf8_next(at, &code_point);
    if (is_control_or_mark(code_point))
        fputc('?', out);
    else if (code_point == 0xFFFD)
        fputs("\xEF\xBF\xBD", out);
    else
        fwrite(at, 1, size, out);
    return size;
}

void text_print(FILE *out, const char *text)
{
    while (*text != '\0')
        text += print_character(out, text);
}

void text_print_width(FILE *out, const char *text, unsigned width)
{
    for (; *text != '\0' && width > 0; width--)
        text += print_character(out, text);
    for (; width > 0; width--)
        fputc(' ', out);
}

static int ascii_lower(char letter)
{
    return letter >= 'A' && letter <= 'Z' ? letter - 'A' + 'a' : letter;
}

static bool begins_with_any_case(const char *text, const char *part)
{
    while (*part != '\0' && ascii_lower(*text) == ascii_lower(*part)) {
        text++;
        part++;
    }
    return *part == '\0';
}

bool text_contains(const char *text, const char *part)
{
    for (;; text++) {
        if (begins_with_any_case(text, part))
            return true;
        if (*text == '\0')
            return false;
    }
}

bool text_number(const char *text, uint32_t most, uint32_t *number)
{
    uint64_t value = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9')
            return false;
        value = value * 10 + (uint64_t)(*text - '0');
        if (value > most)
            return false;
    }
    *number = (uint32_t)value;
    return true;
}
