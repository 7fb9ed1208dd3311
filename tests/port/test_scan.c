/* SPDX-License-Identifier: BSD-2-Clause */
/* sscanf and its family fill what their arguments point to, and no more. */
#include <windows.h>

#include <tchar.h>

#include "tests/support/check.h"

#include <stdlib.h>

static void test_widths(void)
{
    struct {
        DWORD value, after;
    } code = {0, 0xA5A5A5A5};
    CHECK_EQ(sscanf("80100069", "%lx", &code.value), 1);
    CHECK_EQ(code.value, 0x80100069);
    CHECK_EQ(code.after, 0xA5A5A5A5);
    struct {
        BYTE bytes[4];
        BYTE after;
    } small = {{0}, 0xA5};
    CHECK_EQ(sscanf("3B 8F 80 01", "%2hhx %2hhx %2hhx %2hhx", &small.bytes[0],
                    &small.bytes[1], &small.bytes[2], &small.bytes[3]),
             4);
    CHECK_MEM(small.bytes, "\x3B\x8F\x80\x01", 4);
    CHECK_EQ(small.after, 0xA5);
    CHECK_EQ(sscanf("7", "%x", &small.bytes[3]), 1); /* wrong on Windows, and not here */
    CHECK_EQ(small.after, 0xA5);
    long whole = -1;
    LONGLONG big = 0;
    double real = 0;
    float single = 0;
    CHECK_EQ(sscanf("12 -123456789012 2.5 1e3", "%ld %I64d %lf %f", &whole, &big, &real,
                    &single),
             4);
    CHECK(whole == 12 && big == -123456789012 && real == 2.5 && single == 1000);
    void *pointer = NULL;
    DWORD unknown[2] = {0, 0xA5A5A5A5};
    CHECK_EQ(sscanf("1234 77", "%p %lu", &pointer, (void *)unknown), 2);
    CHECK(pointer == (void *)0x1234 && unknown[0] == 77 && unknown[1] == 0xA5A5A5A5);
}

static void test_fields(void)
{
    char name[10], rest[10], letter = 0;
    int first = 0, second = 0, count = 0;
    CHECK_EQ(sscanf("0x1F,017;abc def", "%i,%i;%s%n", &first, &second, name, &count), 3);
    CHECK(first == 31 && second == 15 && count == 12);
    CHECK_STR(name, "abc");
    CHECK_EQ(sscanf("key = some value", "%[a-z] = %*s %5[^;]", name, rest), 2);
    CHECK_STR(name, "key");
    CHECK_STR(rest, "value");
    CHECK_EQ(sscanf("xy 5", "%c%*c%d", &letter, &first), 2);
    CHECK(letter == 'x' && first == 5);
    CHECK_EQ(sscanf("", "%d", &first), EOF);
    CHECK_EQ(sscanf("abc", "%d", &first), 0);
    CHECK_EQ(sscanf("5 abc", "%d %d", &first, &second), 1);
    CHECK_EQ(sscanf("50%", "%d%%", &first), 1);
    CHECK_EQ(sscanf("12345", "%2d%d", &first, &second), 2);
    CHECK(first == 12 && second == 345);
}

static void test_sizes(void)
{
    char text[4] = "zzz", other[8];
    int value = 0;
    CHECK_EQ(sscanf_s("abc 5", "%s %d", text, (unsigned)sizeof text, &value), 2);
    CHECK_STR(text, "abc");
    CHECK_EQ(value, 5);
    CHECK_EQ(sscanf_s("abcd", "%s", text, (unsigned)sizeof text), 0);
    CHECK_STR(text, "");
    CHECK_EQ(sscanf_s("q word", "%c %s", text, 1u, other, (unsigned)_countof(other)), 2);
    CHECK(text[0] == 'q');
    CHECK_STR(other, "word");
}

static void test_wide(void)
{
    static const WCHAR text[] = {'7', ' ', 0x20AC, 'x', 0},
                       format[] = {'%', 'l', 'd', ' ', '%', 's', 0};
    WCHAR word[5];
    LONG value = 0;
    CHECK_EQ(swscanf(text, format, &value, word), 2);
    CHECK(value == 7 && word[0] == 0x20AC && word[1] == 'x' && word[2] == 0);
    CHECK_EQ(sscanf("\xE2\x82\xACx", "%S", word), 1);
    CHECK(word[0] == 0x20AC && word[1] == 'x' && word[2] == 0);
}

static void test_streams(void)
{
    DWORD first = 0, second = 0;
    WCHAR line[8];
    FILE *stream = tmpfile();
    CHECK(stream != NULL);
    if (stream == NULL)
        return;
    fputs("8010002E,12\n\xE2\x82\xAC\xF0\x9F\x98\x80\nend", stream);
    rewind(stream);
    CHECK_EQ(fscanf(stream, "%lx,%lu", &first, &second), 2);
    CHECK(first == 0x8010002E && second == 12);
    CHECK_EQ(getc(stream), '\n');
    CHECK(fgetws(line, 8, stream) == line);
    CHECK(line[0] == 0x20AC && line[1] == 0xD83D && line[2] == 0xDE00 && line[3] == '\n');
    CHECK(line[4] == 0);
    CHECK_EQ(fgetwc(stream), 'e');
    CHECK_EQ(ungetwc(0x20AC, stream), 0x20AC);
    CHECK_EQ(fgetwc(stream), 0x20AC);
    CHECK(fgetws(line, 8, stream) == line && line[1] == 'd' && line[2] == 0);
    CHECK(fgetws(line, 8, stream) == NULL);
    CHECK_EQ(fgetwc(stream), WEOF);
    fclose(stream);
}

/* All digits of a number count, and its exponent does however many there are. */
static void test_long_numbers(void)
{
    char text[1000];
    double real = 0;
    memset(text, '0', sizeof text);
    memcpy(text, "0.", 2);
    strcpy(text + 502, "15e501");
    CHECK_EQ(sscanf(text, "%lf", &real), 1);
    CHECK(real == 1.5);
    memset(text, '0', sizeof text);
    text[0] = '2';
    strcpy(text + 401, "e-400,");
    CHECK_EQ(sscanf(text, "%lf,", &real), 1);
    CHECK(real == 2);
}

/* The width is that of the argument: UTF-8 may have more units than what is read. */
static void test_width_of_argument(void)
{
    static const WCHAR euros[] = {0x20AC, 0x20AC, 'x', 0xD83D, 0xDE00, 'y', 0};
    static const WCHAR format[] = {'%', '4', 'h', 's', '%', '3', 'h', 's',
                                   '%', '4', 'h', 's', '%', 'c', 0};
    static const WCHAR one[] = {'%', 'h', 'c', 0};
    char first[5], second[4], third[5], letter = '?';
    WCHAR last = 0;
    memset(first, '?', sizeof first);
    CHECK_EQ(swscanf(euros, format, first, second, third, &last), 4);
    CHECK_STR(first, "\xE2\x82\xAC");
    CHECK(first[4] == '?' && last == 0xD83D);
    CHECK_STR(second, first);
    CHECK_STR(third, "x");
    CHECK_EQ(swscanf(euros + 2, format, first, second, third, &last), 1);
    CHECK_EQ(swscanf(euros + 3, format, first, second, third, &last), 2);
    CHECK_STR(first, "\xF0\x9F\x98\x80");
    CHECK_STR(second, "y");
    CHECK_EQ(swscanf(euros, one, &letter), 0);
    CHECK_EQ(letter, '?');
}

int main(void)
{
    test_widths();
    test_fields();
    test_sizes();
    test_wide();
    test_streams();
    test_long_numbers();
    test_width_of_argument();
    return check_result();
}
