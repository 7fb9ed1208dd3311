/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/crt/format.h"

#include "port/convert.h"

#include <errno.h>
#include <limits.h>

struct reader {
    const void *format;
    unsigned unit;
    size_t at;
    winport_kinds kinds; /* of the arguments yet to come */
    struct winport_arguments *arguments;
};

/* A counted string of the kernel's, ANSI_STRING or UNICODE_STRING. */
struct counted {
    USHORT bytes, room;
    const void *text;
};

static uint32_t peek_format(const struct reader *reader, size_t ahead)
{
    return winport_unit_at(reader->format, reader->unit, reader->at + ahead);
}

static bool take_argument(struct reader *reader, uint32_t letter)
{
    if (peek_format(reader, 0) != letter)
        return false;
    reader->at++;
    return true;
}

static unsigned next_text_kind(struct reader *reader)
{
    const unsigned kind = (unsigned)(reader->kinds & 15);
    reader->kinds >>= 4;
    return kind;
}

static int next_int(struct reader *reader)
{
    next_text_kind(reader);
    return va_arg(reader->arguments->list, int);
}

static void read_flags(struct reader *reader, struct winport_spec *spec)
{
    for (;; reader->at++) {
        switch (peek_format(reader, 0)) {
        case '-':
            spec->flags |= FLAG_LEFT;
            break;
        case '+':
            spec->flags |= FLAG_PLUS;
            break;
        case ' ':
            spec->flags |= FLAG_SPACE;
            break;
        case '#':
            spec->flags |= FLAG_ALTERNATE;
            break;
        case '0':
            spec->flags |= FLAG_ZERO;
            break;
        default:
            return;
        }
    }
}

/* Digits; what is above INT_MAX stays there. */
static int read_number(struct reader *reader)
{
    int number = 0;
    for (; peek_format(reader, 0) >= '0' && peek_format(reader, 0) <= '9'; reader->at++) {
        const int digit = (int)(peek_format(reader, 0) - '0');
        number = number > (INT_MAX - digit) / 10 ? INT_MAX : number * 10 + digit;
    }
    return number;
}

static void read_width(struct reader *reader, struct winport_spec *spec)
{
    if (!take_argument(reader, '*')) {
        spec->width = (size_t)read_number(reader);
        return;
    }
    const int width = next_int(reader);
    spec->flags |= width < 0 ? FLAG_LEFT : 0;
    spec->width = width < 0 ? 0 - (size_t)width : (size_t)width;
}

static void read_precision(struct reader *reader, struct winport_spec *spec)
{
    spec->precision = -1;
    if (!take_argument(reader, '.'))
        return;
    spec->precision = take_argument(reader, '*') ? next_int(reader) : read_number(reader);
    if (spec->precision < 0)
        spec->precision = -1;
}

/* I, I32 and I64. I alone is the size of a pointer. */
static void read_capital_i(struct reader *reader, struct winport_spec *spec)
{
    spec->bytes = sizeof(size_t);
    if (peek_format(reader, 0) == '3' && peek_format(reader, 1) == '2')
        spec->bytes = 4;
    else if (peek_format(reader, 0) == '6' && peek_format(reader, 1) == '4')
        spec->bytes = 8;
    else
        return;
    reader->at += 2;
}

static void read_length(struct reader *reader, struct winport_spec *spec)
{
    if (take_argument(reader, 'h')) {
        spec->prefix = PREFIX_NARROW;
        spec->bytes = take_argument(reader, 'h') ? sizeof(char) : sizeof(short);
    } else if (take_argument(reader, 'l')) {
        spec->prefix = PREFIX_WIDE;
        spec->bytes = take_argument(reader, 'l') ? 8 : 4;
    } else if (take_argument(reader, 'w')) {
        spec->prefix = PREFIX_WIDE;
    } else if (take_argument(reader, 'L')) {
        spec->prefix = PREFIX_LONG_DOUBLE;
        spec->bytes = 8;
    } else if (take_argument(reader, 'z') || take_argument(reader, 't')) {
        spec->bytes = sizeof(size_t);
    } else if (take_argument(reader, 'j')) {
        spec->bytes = sizeof(intmax_t);
    } else if (take_argument(reader, 'I')) {
        read_capital_i(reader, spec);
    }
}

/* An argument of less than 64 bits is read as int: where a program hands over a `long` that
 * has 64, its lower half is what it would be on Windows. */
static void put_integer(struct winport_sink *sink, struct reader *reader,
                        const struct winport_spec *spec)
{
    next_text_kind(reader);
    const bool wide = spec->bytes == 8;
    int64_t value = wide ? va_arg(reader->arguments->list, int64_t)
                         : va_arg(reader->arguments->list, int);
    const bool is_signed = spec->letter == 'd' || spec->letter == 'i';
    if (spec->bytes == 1)
        value = is_signed ? (signed char)value : (unsigned char)value;
    else if (spec->bytes == 2)
        value = is_signed ? (int16_t)value : (uint16_t)value;
    else if (!wide && !is_signed)
        value = (uint32_t)value;
    const bool negative = is_signed && value < 0;
    winport_format_integer(sink, spec, negative ? 0 - (uint64_t)value : (uint64_t)value,
                           negative);
}

/* As many digits as a pointer has, upper case. */
static void put_pointer(struct winport_sink *sink, struct reader *reader,
                        struct winport_spec *spec)
{
    next_text_kind(reader);
    spec->letter = 'X';
    spec->precision = 2 * sizeof(void *);
    winport_format_integer(sink, spec, (uintptr_t)va_arg(reader->arguments->list, void *),
                           false);
}

/* %s and %c are of the format's own kind, %S and %C of the other one. */
static bool is_wide(const struct reader *reader, const struct winport_spec *spec)
{
    if (spec->prefix == PREFIX_NARROW || spec->prefix == PREFIX_WIDE)
        return spec->prefix == PREFIX_WIDE;
    const bool capital = spec->letter == 'S' || spec->letter == 'C';
    return (reader->unit == UNIT_8) == capital;
}

/* Wide text has the units that the argument's type says, else those of the format. */
static unsigned wide_unit(const struct reader *reader, unsigned kind)
{
    if (kind == UNIT_16 || kind == UNIT_32)
        return kind;
    return reader->unit == UNIT_32 ? UNIT_32 : UNIT_16;
}

static void format_text(struct winport_sink *sink, struct reader *reader,
                        const struct winport_spec *spec)
{
    const unsigned kind = next_text_kind(reader);
    const unsigned unit = is_wide(reader, spec) ? wide_unit(reader, kind) : UNIT_8;
    const void *text = va_arg(reader->arguments->list, const void *);
    if (text == NULL)
        winport_format_string(sink, spec, "(null)", UNIT_8, SIZE_MAX);
    else
        winport_format_string(sink, spec, text, unit, SIZE_MAX);
}

static void put_counted(struct winport_sink *sink, struct reader *reader,
                        const struct winport_spec *spec)
{
    next_text_kind(reader);
    const struct counted *string = va_arg(reader->arguments->list, const void *);
    const unsigned unit = is_wide(reader, spec) ? UNIT_16 : UNIT_8;
    if (string == NULL || string->text == NULL)
        winport_format_string(sink, spec, "(null)", UNIT_8, SIZE_MAX);
    else
        winport_format_string(sink, spec, string->text, unit, string->bytes / unit);
}

/* A character of the sink's own kind is a unit as it is, be it half of a character. */
static void put_character(struct winport_sink *sink, struct reader *reader,
                          const struct winport_spec *spec)
{
    const int value = next_int(reader);
    const bool wide = is_wide(reader, spec);
    uint32_t unit = wide ? (uint32_t)value : (uint8_t)value;
    if (wide && reader->unit != UNIT_32)
        unit = (WCHAR)unit;
    const bool own = wide == (sink->unit != UNIT_8);
    if (!own && !wide && unit > 0x7F)
        unit = WINPORT_REPLACEMENT; /* a byte of a UTF-8 character */
    const size_t width = own ? 1 : winport_sink_width(sink, unit);
    const size_t padding = spec->width > width ? spec->width - width : 0;
    if ((spec->flags & FLAG_LEFT) == 0)
        winport_sink_fill(sink, (spec->flags & FLAG_ZERO) != 0 ? '0' : ' ', padding);
    if (own)
        winport_sink_put(sink, unit);
    else
        winport_sink_put_point(sink, unit);
    if ((spec->flags & FLAG_LEFT) != 0)
        winport_sink_fill(sink, ' ', padding);
}

static bool put_floating(struct winport_sink *sink, struct reader *reader,
                         const struct winport_spec *spec)
{
    next_text_kind(reader);
    const long double value = spec->prefix == PREFIX_LONG_DOUBLE
                                  ? va_arg(reader->arguments->list, long double)
                                  : (long double)va_arg(reader->arguments->list, double);
    return winport_format_floating(sink, spec, value);
}

static bool put_conversion(struct winport_sink *sink, struct reader *reader,
                           struct winport_spec *spec)
{
    switch (spec->letter) {
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
        put_integer(sink, reader, spec);
        return true;
    case 'p':
        put_pointer(sink, reader, spec);
        return true;
    case 'c':
    case 'C':
        put_character(sink, reader, spec);
        return true;
    case 's':
    case 'S':
        format_text(sink, reader, spec);
        return true;
    case 'Z':
        put_counted(sink, reader, spec);
        return true;
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        return put_floating(sink, reader, spec);
    case 'n':
        errno = EINVAL;
        return false;
    default: /* %%, and a letter that means nothing is copied */
        winport_sink_put(sink, spec->letter);
        return true;
    }
}

bool winport_format(struct winport_sink *sink, winport_kinds kinds, const void *format,
                    struct winport_arguments *arguments)
{
    if (format == NULL) {
        errno = EINVAL;
        return false;
    }
    struct reader reader = {format, sink->unit, 0, kinds, arguments};
    uint32_t unit;
    while ((unit = peek_format(&reader, 0)) != 0) {
        reader.at++;
        if (unit != '%') {
            winport_sink_put(sink, unit);
            continue;
        }
        struct winport_spec spec = {.flags = 0};
        read_flags(&reader, &spec);
        read_width(&reader, &spec);
        read_precision(&reader, &spec);
        read_length(&reader, &spec);
        spec.letter = peek_format(&reader, 0);
        if (spec.letter == 0)
            break;
        reader.at++;
        if (!put_conversion(sink, &reader, &spec))
            return false;
    }
    return true;
}
