/* SPDX-License-Identifier: BSD-2-Clause */
/* A value as text: digits, sign, padding. */
#include "port/crt/format.h"

#include <stdlib.h>
#include <string.h>

/* Digits of a 64-bit number in octal. */
#define DIGITS_MAX 22

static size_t make_digits(char digits[DIGITS_MAX], uint64_t value, uint32_t letter)
{
    const unsigned base = letter == 'o' ? 8 : letter == 'x' || letter == 'X' ? 16 : 10;
    const char *set = letter == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
    size_t count = 0;
    for (; value != 0; value /= base)
        digits[DIGITS_MAX - ++count] = set[value % base];
    return count;
}

static void put_ascii(struct winport_sink *sink, const char *text, size_t count)
{
    for (size_t i = 0; i < count; i++)
        winport_sink_put(sink, (uint8_t)text[i]);
}

static const char *prefix_of(const struct winport_spec *spec, uint64_t value,
                             bool negative)
{
    if (spec->letter == 'd' || spec->letter == 'i')
        return negative                          ? "-"
               : (spec->flags & FLAG_PLUS) != 0  ? "+"
               : (spec->flags & FLAG_SPACE) != 0 ? " "
                                                 : "";
    if ((spec->flags & FLAG_ALTERNATE) != 0 && value != 0 && spec->letter == 'x')
        return "0x";
    return (spec->flags & FLAG_ALTERNATE) != 0 && value != 0 && spec->letter == 'X' ? "0X"
                                                                                    : "";
}

void winport_format_integer(struct winport_sink *sink, const struct winport_spec *spec,
                            uint64_t value, bool negative)
{
    char digits[DIGITS_MAX];
    const size_t count = make_digits(digits, value, spec->letter);
    const char *prefix = prefix_of(spec, value, negative);
    size_t zeros = 0;
    const size_t least = spec->precision < 0 ? 1 : (size_t)spec->precision;
    if (least > count)
        zeros = least - count;
    if (spec->letter == 'o' && (spec->flags & FLAG_ALTERNATE) != 0 && zeros == 0)
        zeros = 1;
    const size_t length = strlen(prefix) + zeros + count;
    size_t padding = spec->width > length ? spec->width - length : 0;
    if ((spec->flags & FLAG_ZERO) != 0 && (spec->flags & FLAG_LEFT) == 0
        && spec->precision < 0) {
        zeros += padding;
        padding = 0;
    }
    if ((spec->flags & FLAG_LEFT) == 0)
        winport_sink_fill(sink, ' ', padding);
    put_ascii(sink, prefix, strlen(prefix));
    winport_sink_fill(sink, '0', zeros);
    put_ascii(sink, digits + DIGITS_MAX - count, count);
    if ((spec->flags & FLAG_LEFT) != 0)
        winport_sink_fill(sink, ' ', padding);
}

/* More digits than any value has behind its point: the rest are zeros, which need no memory. */
#define PRECISION_MAX 17000

/* The C library's own snprintf knows floating point; the parentheses keep the macro of
 * crt_print.h away. The format is made here, from flags and a letter. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static int print_floating(char *text, size_t room, const struct winport_spec *spec,
                          long double value)
{
    char format[16];
    size_t at = 0;
    format[at++] = '%';
    if ((spec->flags & FLAG_PLUS) != 0)
        format[at++] = '+';
    if ((spec->flags & FLAG_SPACE) != 0)
        format[at++] = ' ';
    if ((spec->flags & FLAG_ALTERNATE) != 0)
        format[at++] = '#';
    memcpy(format + at, ".*L", 3);
    format[at + 3] = (char)spec->letter;
    format[at + 4] = '\0';
    const int precision =
        spec->precision > PRECISION_MAX ? PRECISION_MAX : spec->precision;
    /* %La would show the bits of a long double. */
    const bool hexadecimal = spec->letter == 'a' || spec->letter == 'A';
    if (hexadecimal && spec->prefix != PREFIX_LONG_DOUBLE) {
        format[at + 2] = (char)spec->letter;
        format[at + 3] = '\0';
        return (snprintf)(text, room, format, precision, (double)value);
    }
    return (snprintf)(text, room, format, precision, value);
}

/* A number as it was printed: a sign and 0x, digits, and an exponent. */
struct printed {
    const char *text;
    size_t prefix, digits, length;
    bool finite;
};

static struct printed look_at(const char *text, size_t length, uint32_t letter)
{
    struct printed printed = {.text = text, .length = length};
    const bool hexadecimal = letter == 'a' || letter == 'A';
    printed.prefix = text[0] == '-' || text[0] == '+' || text[0] == ' ';
    printed.finite = text[printed.prefix] != 'i' && text[printed.prefix] != 'I'
                     && text[printed.prefix] != 'n' && text[printed.prefix] != 'N';
    if (printed.finite && hexadecimal)
        printed.prefix += 2;
    printed.digits =
        printed.prefix + strcspn(text + printed.prefix, hexadecimal ? "pP" : "eEiInN");
    return printed;
}

/* The zeros behind the point that print_floating() left out. */
static size_t missing_zeros(const struct winport_spec *spec,
                            const struct printed *printed)
{
    const bool shortest = spec->letter == 'g' || spec->letter == 'G';
    if (spec->precision <= PRECISION_MAX || !printed->finite
        || (shortest && (spec->flags & FLAG_ALTERNATE) == 0))
        return 0;
    return (size_t)spec->precision - PRECISION_MAX;
}

static void put_floating(struct winport_sink *sink, const struct winport_spec *spec,
                         const struct printed *printed)
{
    const size_t zeros = missing_zeros(spec, printed);
    const size_t length = printed->length + zeros;
    const size_t padding = spec->width > length ? spec->width - length : 0;
    const bool left = (spec->flags & FLAG_LEFT) != 0;
    const bool by_zeros = (spec->flags & FLAG_ZERO) != 0 && !left && printed->finite;
    if (!left && !by_zeros)
        winport_sink_fill(sink, ' ', padding);
    put_ascii(sink, printed->text, printed->prefix);
    if (by_zeros)
        winport_sink_fill(sink, '0', padding);
    put_ascii(sink, printed->text + printed->prefix, printed->digits - printed->prefix);
    winport_sink_fill(sink, '0', zeros);
    put_ascii(sink, printed->text + printed->digits, printed->length - printed->digits);
    if (left)
        winport_sink_fill(sink, ' ', padding);
}

bool winport_format_floating(struct winport_sink *sink, const struct winport_spec *spec,
                             long double value)
{
    char small[64], *text = small;
    const int length = print_floating(small, sizeof small, spec, value);
    if (length < 0)
        return false;
    if ((size_t)length >= sizeof small) {
        text = malloc((size_t)length + 1);
        if (text == NULL)
            return false;
        print_floating(text, (size_t)length + 1, spec, value);
    }
    const struct printed printed = look_at(text, (size_t)length, spec->letter);
    put_floating(sink, spec, &printed);
    if (text != small)
        free(text);
    return true;
}

/* Units of the character at `at`, of which no more are looked at than its first ones ask
 * for. */
static size_t character_units(const void *text, unsigned unit, size_t at, size_t limit)
{
    const uint32_t first = winport_unit_at(text, unit, at);
    size_t most = 1, count = 1;
    if (unit == UNIT_16)
        most = first >= 0xD800 && first <= 0xDBFF ? 2 : 1;
    else if (unit == UNIT_8 && first >= 0xC2 && first <= 0xF4)
        most = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
    while (count < most && count < limit - at) {
        const uint32_t next = winport_unit_at(text, unit, at + count);
        if (next == 0 || (unit == UNIT_8 && (next & 0xC0) != 0x80))
            break;
        count++;
    }
    return count;
}

/* Units of the text before its NUL. With a precision, no unit is looked at which that does
 * not need: the text may end without a NUL there. */
static size_t text_end(const struct winport_sink *sink, const struct winport_spec *spec,
                       const void *text, unsigned unit, size_t limit, size_t *width)
{
    const size_t most = spec->precision < 0 ? SIZE_MAX : (size_t)spec->precision;
    size_t end = 0, at = 0;
    *width = 0;
    if (sink->unit == unit) {
        while (end < limit && end < most && winport_unit_at(text, unit, end) != 0)
            end++;
        *width = end;
        return end;
    }
    while (at < limit && *width < most && winport_unit_at(text, unit, at) != 0) {
        size_t next = at;
        const uint32_t point = winport_next_point(
            text, unit, &next, at + character_units(text, unit, at, limit));
        const size_t more = winport_sink_width(sink, point);
        if (more > most - *width)
            break;
        *width += more;
        at = next;
    }
    return at;
}

void winport_format_string(struct winport_sink *sink, const struct winport_spec *spec,
                           const void *text, unsigned unit, size_t limit)
{
    size_t width;
    const size_t end = text_end(sink, spec, text, unit, limit, &width);
    const size_t padding = spec->width > width ? spec->width - width : 0;
    if ((spec->flags & FLAG_LEFT) == 0)
        winport_sink_fill(sink, (spec->flags & FLAG_ZERO) != 0 ? '0' : ' ', padding);
    for (size_t at = 0; at < end;) {
        if (sink->unit == unit)
            winport_sink_put(sink, winport_unit_at(text, unit, at++));
        else
            winport_sink_put_point(sink, winport_next_point(text, unit, &at, end));
    }
    if ((spec->flags & FLAG_LEFT) != 0)
        winport_sink_fill(sink, ' ', padding);
}
