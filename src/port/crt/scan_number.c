/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in a text that is scanned, of which one unit can be looked at in advance. */
#include "port/crt/scan.h"

#include <stdlib.h>
#include <string.h>

/* Takes a unit of the field if it is one of two letters. */
static bool take_unit(struct winport_source *source, size_t *width, uint32_t lower,
                      uint32_t upper)
{
    if (*width == 0)
        return false;
    const uint32_t unit = winport_source_peek(source);
    if (unit != lower && unit != upper)
        return false;
    winport_source_take(source);
    (*width)--;
    return true;
}

static unsigned digit_of(uint32_t unit)
{
    if (unit >= '0' && unit <= '9')
        return unit - '0';
    if (unit >= 'a' && unit <= 'z')
        return unit - 'a' + 10;
    return unit >= 'A' && unit <= 'Z' ? unit - 'A' + 10 : 99;
}

void winport_store(void *to, unsigned bytes, uint64_t value)
{
    const uint8_t byte = (uint8_t)value;
    const uint16_t word = (uint16_t)value;
    const uint32_t half = (uint32_t)value;
    if (bytes == 1)
        memcpy(to, &byte, sizeof byte);
    else if (bytes == 2)
        memcpy(to, &word, sizeof word);
    else if (bytes == 8)
        memcpy(to, &value, sizeof value);
    else
        memcpy(to, &half, sizeof half);
}

static unsigned base_of(uint32_t letter)
{
    switch (letter) {
    case 'i':
        return 0;
    case 'o':
        return 8;
    case 'x':
    case 'X':
    case 'p':
        return 16;
    default:
        return 10;
    }
}

/* What the argument's type says, else the format. */
static unsigned bytes_of(const struct winport_field *field)
{
    if (field->letter == 'p')
        return sizeof(void *);
    if (field->kind != 0)
        return field->kind;
    return field->bytes != 0 ? field->bytes : 4;
}

enum winport_match winport_scan_integer(struct winport_source *source,
                                        const struct winport_field *field, void *to)
{
    size_t width = field->width;
    if (winport_source_peek(source) == WINPORT_END)
        return ENDED;
    const bool minus = take_unit(source, &width, '-', '-');
    if (!minus)
        take_unit(source, &width, '+', '+');
    unsigned base = base_of(field->letter);
    bool some = false;
    if ((base == 0 || base == 16) && take_unit(source, &width, '0', '0')) {
        some = true;
        if (take_unit(source, &width, 'x', 'X')) {
            base = 16;
            some = false;
        } else if (base == 0) {
            base = 8;
        }
    }
    if (base == 0)
        base = 10;
    uint64_t value = 0;
    for (; width > 0; width--) {
        const unsigned digit = digit_of(winport_source_peek(source));
        if (digit >= base)
            break;
        winport_source_take(source);
        value = value * base + digit;
        some = true;
    }
    if (!some)
        return MISMATCHED;
    if (!field->skip)
        winport_store(to, bytes_of(field), minus ? 0 - value : value);
    return MATCHED;
}

/* A floating point number's text, all of it: no digit or exponent of a long one is left out. */
struct number {
    char *text;
    size_t length, room;
    bool no_memory;
};

static void keep_digit(struct number *number, uint32_t unit)
{
    if (number->length == number->room) {
        const size_t room = 2 * number->room + 64;
        char *more = number->no_memory ? NULL : realloc(number->text, room);
        if (more == NULL) {
            number->no_memory = true;
            return;
        }
        number->text = more;
        number->room = room;
    }
    number->text[number->length++] = (char)unit;
}

static bool take_digits(struct winport_source *source, size_t *width, unsigned base,
                        struct number *number)
{
    bool some = false;
    for (; *width > 0; (*width)--) {
        const uint32_t unit = winport_source_peek(source);
        if (digit_of(unit) >= base)
            break;
        keep_digit(number, unit);
        winport_source_take(source);
        some = true;
    }
    return some;
}

/* inf, infinity and nan, in any case. */
static bool take_run(struct winport_source *source, size_t *width, struct number *number)
{
    const char *word = NULL;
    const uint32_t first = winport_source_peek(source) | 0x20;
    if (first == 'i')
        word = "infinity";
    else if (first == 'n')
        word = "nan";
    if (word == NULL)
        return false;
    size_t count = 0;
    while (
        word[count] != '\0'
        && take_unit(source, width, (uint8_t)word[count], (uint8_t)word[count] - 0x20u))
        keep_digit(number, (uint8_t)word[count++]);
    return count == 3 || count == 8;
}

static bool take_floating(struct winport_source *source, size_t width,
                          struct number *number)
{
    if (take_unit(source, &width, '-', '-'))
        keep_digit(number, '-');
    else
        take_unit(source, &width, '+', '+');
    if (take_run(source, &width, number))
        return true;
    unsigned base = 10;
    bool some = false;
    if (take_unit(source, &width, '0', '0')) {
        some = true;
        keep_digit(number, '0');
        if (take_unit(source, &width, 'x', 'X')) {
            base = 16;
            some = false;
            keep_digit(number, 'x');
        }
    }
    some |= take_digits(source, &width, base, number);
    if (take_unit(source, &width, '.', '.')) {
        keep_digit(number, '.');
        some |= take_digits(source, &width, base, number);
    }
    if (!some)
        return false;
    const uint32_t exponent = base == 10 ? 'e' : 'p';
    if (!take_unit(source, &width, exponent, exponent - 0x20))
        return true;
    keep_digit(number, exponent);
    if (take_unit(source, &width, '-', '-'))
        keep_digit(number, '-');
    else
        take_unit(source, &width, '+', '+');
    return take_digits(source, &width, 10, number);
}

static void store_floating(const char *text, const struct winport_field *field, void *to)
{
    const bool is_float =
        field->kind == sizeof(float) || (field->kind == 0 && field->bytes != 4);
    const bool is_long = field->kind > sizeof(double)
                         || (field->kind == 0 && field->prefix == PREFIX_LONG_DOUBLE);
    if (is_long) {
        const long double value = strtold(text, NULL);
        memcpy(to, &value, sizeof value);
    } else if (is_float) {
        const float single = strtof(text, NULL);
        memcpy(to, &single, sizeof single);
    } else {
        const double twice = strtod(text, NULL);
        memcpy(to, &twice, sizeof twice);
    }
}

enum winport_match winport_scan_floating(struct winport_source *source,
                                         const struct winport_field *field, void *to)
{
    struct number number = {.text = NULL};
    if (winport_source_peek(source) == WINPORT_END)
        return ENDED;
    bool matched = take_floating(source, field->width, &number);
    keep_digit(&number, '\0');
    matched = matched && !number.no_memory;
    if (matched && !field->skip)
        store_floating(number.text, field, to);
    free(number.text);
    return matched ? MATCHED : MISMATCHED;
}
