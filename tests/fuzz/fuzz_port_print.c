/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the printing calls of libwinport. Input: bytes that make up one conversion, whose
 * text is that of the C library's snprintf where both mean the same; then a format as it is,
 * whose integers are printed in every way. */
#include <windows.h>

#include "tests/fuzz/property.h"

#include <errno.h>
#include <stdbool.h>

#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wformat-security"

enum { ROOM = 70000, FORMAT_MAX = 15, MORE = 40 };

static char ours[ROOM], theirs[ROOM];

/* Both have all of the text, or its length and what fits. */
static void check_same(int count, int want, size_t room)
{
    PROPERTY(count == want && count >= 0);
    PROPERTY(room == 0 || strcmp(ours, theirs) == 0);
}

static size_t put_start(struct input *input, char *format)
{
    size_t at = 0;
    const unsigned flags = input_byte(input), shape = input_byte(input);
    format[at++] = '%';
    for (unsigned i = 0; i < 5; i++)
        if (flags >> i & 1)
            format[at++] = "-+ #0"[i];
    if (shape & 1)
        at += (size_t)(snprintf)(format + at, 8, "%u", (unsigned)input_word(input) % 700);
    if (shape & 2)
        at += (size_t)(snprintf)(format + at, 8, ".%u", input_byte(input) * 3u);
    return at;
}

static void check_integer(struct input *input)
{
    char format[MORE], other[MORE];
    const size_t at = put_start(input, format);
    static const char *const sizes[][2] = {{"", ""},     {"l", ""},     {"h", "h"},
                                           {"hh", "hh"}, {"I64", "ll"}, {"ll", "ll"}};
    const char *const *size = sizes[input_byte(input) % 6];
    const char letter = "diouxX"[input_byte(input) % 6];
    memcpy(other, format, at);
    (snprintf)(format + at, sizeof format - at, "%s%c", size[0], letter);
    (snprintf)(other + at, sizeof other - at, "%s%c", size[1], letter);
    uint64_t value = 0;
    for (unsigned i = 0; i < 8; i++)
        value = value << 8 | input_byte(input);
    const size_t room = input_byte(input) % 2 ? sizeof ours : input_byte(input) % 40;
    if (size[1][0] == 'l')
        check_same(winport_k_snprintf(0, ours, room, format, value),
                   (snprintf)(theirs, room, other, value), room);
    else
        check_same(winport_k_snprintf(0, ours, room, format, (int)value),
                   (snprintf)(theirs, room, other, (int)value), room);
}

static void check_floating(struct input *input)
{
    char format[MORE];
    const size_t at = put_start(input, format);
    format[at] = "aAeEfFgG"[input_byte(input) % 8];
    format[at + 1] = '\0';
    uint64_t bits = 0;
    for (unsigned i = 0; i < 8; i++)
        bits = bits << 8 | input_byte(input);
    double value;
    memcpy(&value, &bits, sizeof value);
    const size_t room = input_byte(input) % 2 ? sizeof ours : input_byte(input) % 40;
    check_same(winport_k_snprintf(0, ours, room, format, value),
               (snprintf)(theirs, room, format, value), room);
}

/* A text that ends with its memory, as far as a precision says. */
static void check_text(struct input *input)
{
    size_t size;
    const size_t width = input_byte(input), most = input_byte(input);
    char *text = (char *)input_copy(input, most, &size);
    if (size != 0) {
        const int end = (int)size;
        if ((unsigned char)text[size - 1] >= 0x80)
            text[size - 1] = 'x'; /* no character is cut short by the end */
        check_same(
            winport_k_snprintf(0, ours, sizeof ours, "%*.*s", (int)width, end, text),
            (snprintf)(theirs, sizeof theirs, "%*.*s", (int)width, end, text), 1);
        /* As wide text has at most as many units, and so it does not end there. */
        WCHAR *wide = (WCHAR *)(void *)property_room((size + 1) * sizeof *wide);
        size_t units = 1, same;
        for (char *at = text; at < text + size && *at != '\0'; at++)
            units += ((unsigned char)*at & 0xC0) != 0x80;
        const int got =
            winport_k_swprintf16(0, wide, size + 1, u"%.*hs", (int)(units - 1), text);
        PROPERTY(got >= 0 && (size_t)got <= size && wide[got] == 0);
        /* It comes back as it is, or with U+FFFD. */
        char *exact = (char *)property_room(3 * size + 1);
        const int back = winport_k_sprintf_s(0, exact, 3 * size + 1, "%S", wide);
        PROPERTY(back >= 0 && (same = strlen(exact)) == (size_t)back);
        free(exact);
        free(wide);
    }
    free(text);
}

/* The format prints integers alone: as many as its letters can ask for are given. */
static size_t tame(char *format, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (strchr("sSZaAeEfFgG", format[i]) != NULL)
            format[i] = '%';
    format[size] = '\0';
    return strlen(format);
}

#define VALUES                                                                           \
    values[0], values[1], values[2], values[3], values[4], values[5], values[6],         \
        values[7], values[8], values[9], values[10], values[11], values[12], values[13], \
        values[14], values[15]

static void check_format(struct input *input)
{
    char format[FORMAT_MAX + 1];
    WCHAR wide_format[FORMAT_MAX + 1];
    uint64_t values[FORMAT_MAX + 1];
    const size_t room = input_byte(input) % 50;
    for (size_t i = 0; i <= FORMAT_MAX; i++)
        values[i] = (i * 0x0101010101010101 - input_byte(input)) & 0xFF0000FF000000FF;
    size_t size = input->left < FORMAT_MAX ? input->left : FORMAT_MAX;
    if (size != 0)
        memcpy(format, input->at, size);
    size = tame(format, size);
    for (size_t i = 0; i <= size; i++)
        wide_format[i] = (unsigned char)format[i];
    const int count = winport_k__scprintf(0, format, VALUES);
    PROPERTY(count >= 0 || errno == EINVAL || errno == EOVERFLOW);
    char *text = (char *)property_room(room);
    WCHAR *wide = (WCHAR *)(void *)property_room(room * sizeof *wide);
    const bool fits = count >= 0 && (size_t)count < room;
    const int cut = winport_k_snprintf(0, text, room, format, VALUES);
    PROPERTY(cut == count && (room == 0 || strlen(text) < room));
    const int secure = winport_k_sprintf_s(0, text, room, format, VALUES);
    PROPERTY(secure == (fits ? count : -1) && (fits || room == 0 || text[0] == '\0'));
    const int old = winport_k__snprintf(0, text, room, format, VALUES);
    PROPERTY(room == 0 || old == ((size_t)count <= room ? count : -1));
    const int most = winport_k__snprintf_s(0, text, room, (size_t)-1, format, VALUES);
    PROPERTY(most == (fits ? count : room == 0 ? most : -1));
    const int wide_count = winport_k_swprintf16(0, wide, room, wide_format, VALUES);
    PROPERTY(wide_count == -1 || (wide_count < (int)room && wide[wide_count] == 0));
    winport_k__snwprintf_s16(0, wide, room, (size_t)-1, wide_format, VALUES);
    winport_k__snwprintf16(0, wide, room, wide_format, VALUES);
    free(wide);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    switch (input_byte(&input) % 4) {
    case 0:
        check_integer(&input);
        break;
    case 1:
        check_floating(&input);
        break;
    case 2:
        check_text(&input);
        break;
    default:
        check_format(&input);
    }
    return 0;
}
