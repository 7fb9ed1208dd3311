/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/crt/scan.h"

#include "port/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool winport_is_blank(uint32_t unit)
{
    return unit == ' ' || (unit >= '\t' && unit <= '\r');
}

static uint32_t peek_conversion(const struct winport_scan *scan, size_t at)
{
    return winport_unit_at(scan->format, scan->source->unit, at);
}

static void skip_space(struct winport_source *source)
{
    while (winport_is_blank(winport_source_peek(source)))
        winport_source_take(source);
}

static unsigned next_number_kind(struct winport_scan *scan)
{
    const unsigned kind = (unsigned)(scan->kinds & 15);
    scan->kinds >>= 4;
    return kind;
}

static void read_modifier(const struct winport_scan *scan, size_t *at,
                          struct winport_field *field)
{
    const uint32_t letter = peek_conversion(scan, *at),
                   next = letter == 0 ? 0 : peek_conversion(scan, *at + 1);
    size_t taken = 1;
    if (letter == 'h') {
        field->prefix = PREFIX_NARROW;
        field->bytes = next == 'h' ? 1 : 2;
        taken += next == 'h';
    } else if (letter == 'l') {
        field->prefix = PREFIX_WIDE;
        field->bytes = next == 'l' ? 8 : 4;
        taken += next == 'l';
    } else if (letter == 'w') {
        field->prefix = PREFIX_WIDE;
    } else if (letter == 'L') {
        field->prefix = PREFIX_LONG_DOUBLE;
        field->bytes = 8;
    } else if (letter == 'j') {
        field->bytes = 8;
    } else if (letter == 'z' || letter == 't' || letter == 'I') {
        field->bytes = sizeof(size_t);
        if (letter == 'I'
            && ((next == '6' && peek_conversion(scan, *at + 2) == '4')
                || (next == '3' && peek_conversion(scan, *at + 2) == '2'))) {
            field->bytes = next == '6' ? 8 : 4;
            taken = 3;
        }
    } else {
        return;
    }
    *at += taken;
}

/* The field behind a %; *at is past its letter then. */
static struct winport_field read_field(const struct winport_scan *scan, size_t *at)
{
    struct winport_field field = {.width = 0};
    if (peek_conversion(scan, *at) == '*') {
        field.skip = true;
        (*at)++;
    }
    for (; peek_conversion(scan, *at) >= '0' && peek_conversion(scan, *at) <= '9';
         (*at)++)
        if (field.width < SIZE_MAX / 10 - 1)
            field.width = field.width * 10 + (peek_conversion(scan, *at) - '0');
    read_modifier(scan, at, &field);
    field.letter = peek_conversion(scan, *at);
    if (field.letter != 0)
        (*at)++;
    return field;
}

/* The units between [ and ]. */
struct set {
    size_t begin, end;
    bool inverse;
};

static struct set read_set(const struct winport_scan *scan, size_t *at)
{
    struct set set = {.inverse = false};
    if (peek_conversion(scan, *at) == '^') {
        set.inverse = true;
        (*at)++;
    }
    set.begin = *at;
    if (peek_conversion(scan, *at) == ']')
        (*at)++;
    while (peek_conversion(scan, *at) != 0 && peek_conversion(scan, *at) != ']')
        (*at)++;
    set.end = *at;
    if (peek_conversion(scan, *at) != 0)
        (*at)++;
    return set;
}

static bool in_set(const struct winport_scan *scan, const struct set *set, uint32_t unit)
{
    for (size_t at = set->begin; at < set->end; at++) {
        uint32_t low = peek_conversion(scan, at), high = low;
        if (at + 2 < set->end && peek_conversion(scan, at + 1) == '-') {
            high = peek_conversion(scan, at + 2);
            at += 2;
        }
        if (low > high) {
            const uint32_t swapped = low;
            low = high;
            high = swapped;
        }
        if (unit >= low && unit <= high)
            return !set->inverse;
    }
    return set->inverse;
}

/* Units that were taken, each as a number. */
struct taken {
    void *units; /* of the source's kind */
    size_t count, room;
};

static bool keep_text(struct taken *taken, unsigned unit, uint32_t value)
{
    if (taken->count == taken->room) {
        const size_t room = taken->room == 0 ? 64 : taken->room * 2;
        void *more = malloc(room * unit);
        if (more == NULL)
            return false;
        if (taken->room != 0) {
            memcpy(more, taken->units, taken->room * unit);
            RtlSecureZeroMemory(taken->units, taken->room * unit);
            free(taken->units);
        }
        taken->units = more;
        taken->room = room;
    }
    if (unit == UNIT_8)
        ((uint8_t *)taken->units)[taken->count++] = (uint8_t)value;
    else if (unit == UNIT_16)
        ((WCHAR *)taken->units)[taken->count++] = (WCHAR)value;
    else
        ((uint32_t *)taken->units)[taken->count++] = value;
    return true;
}

static bool belongs(const struct winport_scan *scan, const struct winport_field *field,
                    const struct set *set, uint32_t unit)
{
    if (unit == WINPORT_END)
        return false;
    if (field->letter == '[')
        return in_set(scan, set, unit);
    return field->letter == 'c' || field->letter == 'C' || !winport_is_blank(unit);
}

/* Units of what the argument points to. */
static unsigned unit_of(const struct winport_scan *scan,
                        const struct winport_field *field)
{
    const unsigned own = scan->source->unit;
    bool wide = field->prefix == PREFIX_WIDE;
    if (field->prefix != PREFIX_NARROW && field->prefix != PREFIX_WIDE) {
        const bool capital = field->letter == 'S' || field->letter == 'C';
        wide = (own == UNIT_8) == capital;
    }
    if (!wide)
        return UNIT_8;
    if (field->kind == UNIT_16 || field->kind == UNIT_32)
        return field->kind;
    return own == UNIT_32 ? UNIT_32 : UNIT_16;
}

/* Stores the text, with a NUL unless it is of %c. */
static enum winport_match store_text(struct winport_scan *scan,
                                     const struct winport_field *field,
                                     const struct taken *taken)
{
    void *to = va_arg(scan->arguments->list, void *);
    size_t room = SIZE_MAX;
    if (scan->sizes) {
        next_number_kind(scan);
        room = va_arg(scan->arguments->list, unsigned);
    }
    struct winport_sink sink;
    winport_sink_buffer(&sink, unit_of(scan, field), to, room);
    for (size_t at = 0; at < taken->count;) {
        if (sink.unit == scan->source->unit)
            winport_sink_put(&sink, winport_unit_at(taken->units, sink.unit, at++));
        else
            winport_sink_put_point(
                &sink,
                winport_next_point(taken->units, scan->source->unit, &at, taken->count));
    }
    if (field->letter != 'c' && field->letter != 'C')
        winport_sink_put(&sink, 0);
    if (sink.count <= room)
        return MATCHED;
    winport_sink_buffer(&sink, sink.unit, to, room);
    winport_sink_put(&sink, 0);
    errno = ENOMEM; /* as Microsoft's scanf_s says it */
    return MISMATCHED;
}

static bool is_first_half(unsigned unit_bytes, uint32_t unit)
{
    return unit_bytes == UNIT_16 && unit >= 0xD800 && unit <= 0xDBFF;
}

/* Units that one more takes where it is stored, which are more than one of a narrower kind:
 * the width is what the program has room for. A first half takes as many as both. */
static size_t stored_units(unsigned from, unsigned to, uint32_t unit, uint32_t before)
{
    char bytes[4];
    WCHAR units[2];
    if (from <= to)
        return 1;
    if (to == UNIT_16)
        return winport_utf16_put(unit, units);
    if (is_first_half(from, unit))
        return 4;
    const bool second = is_first_half(from, before) && unit >= 0xDC00 && unit <= 0xDFFF;
    return second ? 0 : winport_utf8_put(unit, bytes);
}

static enum winport_match scan_text(struct winport_scan *scan,
                                    const struct winport_field *field,
                                    const struct set *set)
{
    const bool character = field->letter == 'c' || field->letter == 'C';
    const size_t width = field->width != 0 ? field->width : character ? 1 : SIZE_MAX;
    const unsigned from = scan->source->unit, to = unit_of(scan, field);
    struct taken taken = {.units = NULL};
    size_t used = 0;
    uint32_t before = 0;
    enum winport_match match = MATCHED;
    if (winport_source_peek(scan->source) == WINPORT_END)
        return ENDED;
    while (used < width || (to == UNIT_8 && is_first_half(from, before))) {
        const uint32_t unit = winport_source_peek(scan->source);
        if (!belongs(scan, field, set, unit))
            break;
        const size_t more = stored_units(from, to, unit, before);
        if (more > width - used)
            break;
        used += more;
        before = unit;
        if (!keep_text(&taken, scan->source->unit, unit)) {
            match = MISMATCHED;
            break;
        }
        winport_source_take(scan->source);
    }
    if (taken.count == 0 || (character && used < width))
        match = MISMATCHED;
    if (match == MATCHED && !field->skip)
        match = store_text(scan, field, &taken);
    if (taken.units != NULL) /* it may be a PIN */
        RtlSecureZeroMemory(taken.units, taken.room * from);
    free(taken.units);
    return match;
}

static enum winport_match scan_count(struct winport_scan *scan,
                                     const struct winport_field *field)
{
    if (field->skip)
        return MATCHED;
    const unsigned bytes = field->kind != 0    ? field->kind
                           : field->bytes != 0 ? field->bytes
                                               : 4;
    winport_store(va_arg(scan->arguments->list, void *), bytes, scan->source->count);
    return MATCHED;
}

/* A unit that is to be there as it is. */
static enum winport_match scan_literal(struct winport_source *source, uint32_t unit)
{
    const uint32_t found = winport_source_peek(source);
    if (found != unit)
        return found == WINPORT_END ? ENDED : MISMATCHED;
    winport_source_take(source);
    return MATCHED;
}

static enum winport_match scan_number(struct winport_scan *scan,
                                      struct winport_field *field, bool floating)
{
    if (field->width == 0)
        field->width = SIZE_MAX;
    void *to = field->skip ? NULL : va_arg(scan->arguments->list, void *);
    return floating ? winport_scan_floating(scan->source, field, to)
                    : winport_scan_integer(scan->source, field, to);
}

static enum winport_match scan_field(struct winport_scan *scan,
                                     struct winport_field *field, const struct set *set)
{
    const uint32_t letter = field->letter;
    if (letter != 'c' && letter != 'C' && letter != '[' && letter != 'n')
        skip_space(scan->source);
    if (letter == '%')
        return scan_literal(scan->source, '%');
    if (!field->skip)
        field->kind = next_number_kind(scan);
    switch (letter) {
    case 'd':
    case 'i':
    case 'o':
    case 'u':
    case 'x':
    case 'X':
    case 'p':
        return scan_number(scan, field, false);
    case 'a':
    case 'A':
    case 'e':
    case 'E':
    case 'f':
    case 'F':
    case 'g':
    case 'G':
        return scan_number(scan, field, true);
    case 'c':
    case 'C':
    case 's':
    case 'S':
    case '[':
        return scan_text(scan, field, set);
    case 'n':
        return scan_count(scan, field);
    default:
        return MISMATCHED;
    }
}

int winport_scan(struct winport_scan *scan)
{
    int stored = 0;
    enum winport_match match = MATCHED;
    for (size_t at = 0; match == MATCHED && peek_conversion(scan, at) != 0;) {
        const uint32_t unit = peek_conversion(scan, at++);
        if (winport_is_blank(unit)) {
            skip_space(scan->source);
        } else if (unit != '%') {
            match = scan_literal(scan->source, unit);
        } else {
            struct winport_field field = read_field(scan, &at);
            struct set set = {.inverse = false};
            if (field.letter == '[')
                set = read_set(scan, &at);
            match = scan_field(scan, &field, &set);
            const bool counts = field.letter != 'n' && field.letter != '%';
            stored += match == MATCHED && counts && !field.skip;
        }
    }
    return match == ENDED && stored == 0 ? EOF : stored;
}
