/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes FormatMessage() and the calls that convert text of code pages. Input: bytes that say
 * which, then text. */
#include <windows.h>

#include "tests/fuzz/property.h"

#include <stdbool.h>

enum { ERROR_UNSET = 0x20ABCDEF, INSERTS = 101 };

static char *terminated(struct input *input, size_t *size)
{
    char *text = (char *)property_room(input->left + 1);
    *size = input->left;
    if (*size != 0)
        memcpy(text, input->at, *size);
    text[*size] = '\0';
    return text;
}

/* All that the text asks for are numbers: "%1" alone is a text. */
static bool asks_for_numbers(const char *text)
{
    for (const char *at = text; (at = strchr(at, '%')) != NULL;) {
        at++;
        size_t digits = strspn(at, "0123456789");
        if (digits != 0 && at[digits < 2 ? digits : 2] != '!' && at[1] != '!')
            return false;
        at += *at == '%';
    }
    return strpbrk(text, "sScC") == NULL;
}

/* The text asks for any of 99 inserts, with two more for a width and a precision. All of them
 * are an address of a text, which as a number is only a number. */
static void check_message(struct input *input)
{
    static const WCHAR insert[] = {'1', 0xD83D, 'b', 0xDE00, 0x20AC, 0};
    static const DWORD widths[] = {0, 1, FORMAT_MESSAGE_MAX_WIDTH_MASK};
    DWORD_PTR inserts[INSERTS];
    const unsigned how = input_byte(input), numbers = input_byte(input);
    const DWORD room = input_byte(input);
    for (unsigned i = 0; i < INSERTS; i++)
        inserts[i] = (DWORD_PTR)insert;
    size_t size;
    char *text = terminated(input, &size);
    WCHAR *wide = (WCHAR *)(void *)property_room((size + 1) * sizeof *wide);
    for (size_t i = 0; i <= size; i++)
        wide[i] = (unsigned char)text[i];
    for (unsigned i = 0; (numbers & 1) != 0 && i < INSERTS; i++)
        inserts[i] = asks_for_numbers(text) ? numbers * i : inserts[i];
    DWORD flags =
        FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY | widths[how % 3];
    if (how & 4)
        flags |= FORMAT_MESSAGE_IGNORE_INSERTS;
    va_list *arguments = how & 8 ? NULL : (va_list *)(void *)inserts;
    char *out = (char *)property_room(room);
    char none[1];
    SetLastError(ERROR_UNSET);
    const DWORD count =
        FormatMessageA(flags, text, 0, 0, out != NULL ? out : none, room, arguments);
    if (count == 0)
        PROPERTY(GetLastError() != ERROR_UNSET);
    else
        PROPERTY(count < room && out[count] == '\0');
    free(out);
    LPSTR made = NULL;
    const DWORD all = FormatMessageA(flags | FORMAT_MESSAGE_ALLOCATE_BUFFER, text, 0, 0,
                                     (LPSTR)(void *)&made, 0, arguments);
    PROPERTY((all != 0) == (made != NULL) && (count == 0 || count == all));
    PROPERTY(made == NULL || (made[all] == '\0' && LocalSize(made) == all + 1));
    LocalFree(made);
    WCHAR *wide_out = (WCHAR *)(void *)property_room(room * sizeof *wide_out);
    WCHAR wide_none[1];
    const DWORD wide_count = FormatMessageW(
        flags, wide, 0, 0, wide_out != NULL ? wide_out : wide_none, room, arguments);
    PROPERTY(wide_count == 0 || (wide_count < room && wide_out[wide_count] == 0));
    free(wide_out);
    free(wide);
    free(text);
}

static const UINT pages[] = {CP_UTF8, CP_ACP, 437,   850,   874,   932,   936,   949,
                             950,     1250,   1252,  1255,  1256,  1258,  1361,  20127,
                             28591,   28605,  50220, 50221, 54936, 65000, 65001, 7};

/* What is asked for is what is written, and what converts without loss comes back. */
static void check_page(struct input *input)
{
    const UINT page = pages[input_byte(input) % (sizeof pages / sizeof pages[0])];
    const bool utf8 = page == CP_UTF8 || page == CP_ACP;
    const int room = input_byte(input) % 40;
    size_t size;
    uint8_t *text = input_copy(input, input->left, &size);
    if (size == 0) {
        free(text);
        return;
    }
    const char *from = (const char *)text;
    const int units = MultiByteToWideChar(page, 0, from, (int)size, NULL, 0);
    const int strict =
        MultiByteToWideChar(page, MB_ERR_INVALID_CHARS, from, (int)size, NULL, 0);
    PROPERTY(strict == 0 || strict == units);
    WCHAR *wide = (WCHAR *)(void *)property_room((size_t)room * sizeof *wide);
    const int some = MultiByteToWideChar(page, 0, from, (int)size, wide, room);
    PROPERTY(some == units || (units > room && some == 0));
    free(wide);
    if (units > 0) {
        wide = (WCHAR *)(void *)property_room((size_t)units * sizeof *wide);
        PROPERTY(MultiByteToWideChar(page, 0, from, (int)size, wide, units) == units);
        const int bytes = WideCharToMultiByte(page, 0, wide, units, NULL, 0, NULL, NULL);
        char *back = (char *)property_room((size_t)bytes);
        PROPERTY(bytes > 0);
        PROPERTY(WideCharToMultiByte(page, 0, wide, units, back, bytes, NULL, NULL)
                 == bytes);
        if (utf8 && strict != 0)
            PROPERTY((size_t)bytes == size && memcmp(back, text, size) == 0);
        free(back);
        free(wide);
    }
    const int wide_size = (int)(size / sizeof(WCHAR));
    if (wide_size != 0) {
        char *out = (char *)property_room((size_t)room);
        BOOL lost = 2;
        const int needed = WideCharToMultiByte(page, 0, (const WCHAR *)(const void *)text,
                                               wide_size, NULL, 0, NULL, NULL);
        const int made =
            WideCharToMultiByte(page, 0, (const WCHAR *)(const void *)text, wide_size,
                                out, room, NULL, page == CP_UTF8 ? NULL : &lost);
        PROPERTY(made == needed || (needed > room && made == 0));
        free(out);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    if (input_byte(&input) % 2 == 0)
        check_message(&input);
    else
        check_page(&input);
    return 0;
}
