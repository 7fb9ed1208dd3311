/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the scanning calls of libwinport. Input: a byte that says what; then a format, a NUL
 * and a text, each in memory of its own size. */
#include <windows.h>

#include "tests/fuzz/property.h"

#include <errno.h>
#include <stdbool.h>

#pragma GCC diagnostic ignored "-Wformat-nonliteral"

enum { FORMAT_MAX = 24, ARGUMENTS = 12 };

/* Any format: its arguments have room for all of the text. */
static void check_format(const char *format, const char *text, bool wide)
{
    const size_t size = strlen(text), room = 4 * size + 16;
    void *to[ARGUMENTS];
    for (size_t i = 0; i < ARGUMENTS; i++)
        to[i] = property_room(room);
    int count;
    if (wide) {
        WCHAR *wide_text = (WCHAR *)(void *)property_room((size + 1) * sizeof(WCHAR));
        WCHAR wide_format[FORMAT_MAX + 1];
        for (size_t i = 0; i <= size; i++) /* halves of surrogate pairs among it */
            wide_text[i] =
                (WCHAR)((text[i] & 0x80) != 0 ? 0xD800 | (text[i] & 0x7F) << 4 : text[i]);
        for (size_t i = 0; i <= strlen(format); i++)
            wide_format[i] = (unsigned char)format[i];
        count =
            winport_k_swscanf16(0, wide_text, wide_format, to[0], to[1], to[2], to[3],
                                to[4], to[5], to[6], to[7], to[8], to[9], to[10], to[11]);
        free(wide_text);
    } else {
        count = winport_k_sscanf(0, text, format, to[0], to[1], to[2], to[3], to[4],
                                 to[5], to[6], to[7], to[8], to[9], to[10], to[11]);
    }
    PROPERTY(count >= EOF && count <= ARGUMENTS);
    for (size_t i = 0; i < ARGUMENTS; i++)
        free(to[i]);
}

/* One text, into memory of exactly what its size, or its width, says. */
static void check_sizes(const char *text, size_t room, unsigned how)
{
    static const char *const letters[] = {"s",  "hs", "ls",   "c",
                                          "hc", "lc", "[^,]", "h[a-z]"};
    const char *letter = letters[how % 8];
    const bool character = strchr(letter, 'c') != NULL, by_width = (how & 8) != 0;
    const bool wide = (how & 16) != 0;
    bool wide_to = letter[0] == 'l' || (wide && letter[0] != 'h');
    const size_t width = room + (by_width && !character && room != 0 ? (size_t)-1 : 0);
    if (width == 0)
        return;
    char format[FORMAT_MAX];
    (snprintf)(format, sizeof format, "%%%zu%s", width, letter);
    char *to = (char *)property_room(room * (wide_to ? sizeof(WCHAR) : 1));
    WCHAR wide_format[FORMAT_MAX], wide_text[300];
    size_t i = 0;
    for (; text[i] != '\0' && i < 299; i++)
        wide_text[i] =
            (WCHAR)((text[i] & 0x80) != 0 ? 0xD800 | (text[i] & 0x7F) << 4 : text[i]);
    wide_text[i] = 0;
    for (i = 0; i == 0 || format[i - 1] != '\0'; i++)
        wide_format[i] = (unsigned char)format[i];
    int count;
    if (wide)
        count = by_width ? winport_k_swscanf16(0, wide_text, wide_format, to)
                         : winport_k_swscanf_s16(0, wide_text, wide_format, to,
                                                 (unsigned)room);
    else
        count = by_width ? winport_k_sscanf(0, text, format, to)
                         : winport_k_sscanf_s(0, text, format, to, (unsigned)room);
    PROPERTY(count >= EOF && count <= 1);
    if (count == 1 && !character && !wide_to)
        PROPERTY(strlen(to) < room);
    free(to);
}

/* A number as the C library reads it, which ends at the limits of the type where ours is
 * what the last bits say. */
static void check_number(const char *text, unsigned how)
{
    static const char *const letters[] = {"d", "u", "o", "i", "x"};
    static const char *const widths[] = {"", "1", "3", "9", "17"};
    char format[FORMAT_MAX];
    int64_t ours = -5, theirs = -5;
    double real = -5, other = -5;
    const size_t digits =
        strspn(text + strspn(text, " \t\n\v\f\r"), "+-0123456789abcdefABCDEF");
    if (strcspn(text, "xX") < strlen(text) || digits > 14)
        return; /* where "0x" alone stands, libraries differ */
    (snprintf)(format, sizeof format, "%%%s%s%s", widths[how % 5], "ll",
               letters[how / 5 % 5]);
    const int count = winport_k_sscanf(0, text, format, &ours);
    PROPERTY(count == (sscanf)(text, format, &theirs) && ours == theirs);
    if (strcspn(text, "nNiIeEpP") < strlen(text))
        return;
    (snprintf)(format, sizeof format, "%%%slf", widths[how % 5]);
    const int real_count = winport_k_sscanf(0, text, format, &real);
    PROPERTY(real_count == (sscanf)(text, format, &other));
    PROPERTY(memcmp(&real, &other, sizeof real) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    const unsigned what = input_byte(&input), how = input_byte(&input);
    char format[FORMAT_MAX + 1];
    size_t length = 0, left;
    if (what % 4 < 2) {
        while (length < FORMAT_MAX && input.left != 0
               && (format[length] = (char)input_byte(&input)) != '\0')
            length++;
        format[length] = '\0';
    }
    uint8_t *rest = input_copy(&input, input.left, &left);
    char *text = (char *)property_room(left + 1);
    if (left != 0)
        memcpy(text, rest, left);
    text[left] = '\0';
    if (what % 4 < 2)
        check_format(format, text, what % 4 == 1);
    else if (what % 4 == 2)
        check_sizes(text, what / 4, how);
    else
        check_number(text, how);
    free(text);
    free(rest);
    return 0;
}
