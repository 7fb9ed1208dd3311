/* SPDX-License-Identifier: BSD-2-Clause */
/* printf and its family as in Microsoft's library; what is expected stands on Microsoft's
 * pages "Format specification syntax", "_snprintf", "_snprintf_s" and "swprintf". */
#include <windows.h>

#include <tchar.h>

#include "tests/support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

static char out[500];

#define PRINTS(want, ...)                                                                \
    do {                                                                                 \
        CHECK_EQ(sprintf(out, __VA_ARGS__), strlen(want));                               \
        CHECK_STR(out, want);                                                            \
    } while (0)

static void test_integers(void)
{
    const DWORD code = 0x8010000A;
    const LONG status = (LONG)0x80100069;
    PRINTS("8010000A -2146434967 2148532234", "%lX %ld %lu", code, status, code);
    PRINTS("7 8 9", "%ld %lx %lu", (DWORD)7, (DWORD)8, (DWORD)9);
    PRINTS("-5 4", "%ld %lu", (long)-5, (unsigned long)4); /* 64 bits each, on most */
    PRINTS("1 2 3 4 5 6 7", "%ld %ld %ld %ld %ld %ld %ld", 1L, (DWORD)2, 3L, (DWORD)4, 5L,
           (DWORD)6, 7L); /* beyond the registers */
    PRINTS("123456789012 fedcba9876543210", "%lld %I64x", (LONGLONG)123456789012,
           (ULONGLONG)0xFEDCBA9876543210);
    PRINTS("-1 4294967295 -1", "%I32d %I32u %Id", -1, -1, (INT_PTR)-1);
    PRINTS("-1 5 6", "%Ii %zu %td", (SIZE_T)-1, (size_t)5, (ptrdiff_t)6);
    PRINTS("-1 65535 -1 255", "%hd %hu %hhd %hhu", -1, -1, -1, -1);
    PRINTS("00ff|FF  |   42|-0042|0x2a|052| 7|+7", "%04x|%-4X|%5d|%05d|%#x|%#o|% d|%+d",
           255, 255, 42, -42, 42, 42, 7, 7);
    PRINTS("|0|00012|   12|0|", "%.0d|%d|%.5d|%5.2d|%#x|", 0, 0, 12, 12, 0);
    PRINTS("   -7|7    |", "%*d|%*d|", 5, -7, -5, 7);
    PRINTS("9223372036854775807 fedcba9876543210", "%jd %" PRIx64, (intmax_t)INT64_MAX,
           (uint64_t)0xFEDCBA9876543210);
    PRINTS("100% y", "%d%% %y", 100); /* no meaning: copied */
}

static void test_others(void)
{
    PRINTS("A|  bc|de  |gh", "%c|%4s|%-4s|%.2s", 'A', "bc", "de", "ghij");
    PRINTS("(null)", "%s", (char *)NULL);
    PRINTS("3.1416 1.000000e+10 0.5 2.50", "%.4f %e %g %.2lf", 3.14159265, 1e10, 0.5,
           2.5);
    const char open_end[3] = {'a', 'b', 'c'};
    PRINTS("abc", "%.3s", open_end);
    CHECK_EQ(sprintf(out, "%p", (void *)(uintptr_t)0x1234abcd), 2 * sizeof(void *));
    CHECK_STR(out + 2 * sizeof(void *) - 8, "1234ABCD");
    int count = 7;
    errno = 0;
    CHECK_EQ(sprintf(out, "ab%n", &count), -1);
    CHECK_EQ(errno, EINVAL);
    CHECK_EQ(count, 7);
    CHECK_EQ(sprintf(out, "%.400f", 1.5), 402);
}

static const WCHAR wide[] = {0x20AC, 'x', 0xD83D, 0xDE00, 0};
static const WCHAR half[] = {'a', 0xD83D, 'b', 0};

static void test_wide_arguments(void)
{
    PRINTS("\xE2\x82\xACx\xF0\x9F\x98\x80", "%S", wide);
    PRINTS("\xE2\x82\xACx\xF0\x9F\x98\x80|", "%ls|", wide);
    PRINTS("\xE2\x82\xAC  |\xE2\x82\xACx", "%-5.3ws|%.6ls", wide, wide);
    PRINTS("a\xEF\xBF\xBD"
           "b",
           "%ls", half);
    PRINTS("q \xE2\x82\xAC", "%hc %lc", 'q', 0x20AC);
    struct {
        USHORT length, room;
        const void *text;
    } counted = {2, 2, "xyz"}, counted_wide = {4, 4, wide};
    PRINTS("xy \xE2\x82\xACx", "%Z %wZ", (void *)&counted, (void *)&counted_wide);
}

static void test_sizes(void)
{
    char text[5];
    CHECK_EQ(snprintf(text, 5, "%s", "abcdef"), 6);
    CHECK_STR(text, "abcd");
    CHECK_EQ(snprintf(NULL, 0, "%d", 123), 3);
    memset(text, 'z', 5);
    CHECK_EQ(_snprintf(text, 4, "%s", "abcd"), 4); /* no NUL */
    CHECK_MEM(text, "abcdz", 5);
    CHECK(_snprintf(text, 4, "%s", "abcde") < 0);
    CHECK_EQ(_snprintf(text, 5, "%s", "abcd"), 4);
    CHECK_EQ(_snprintf(NULL, 0, "%d", 12345), 5);
    CHECK_EQ(_scprintf("%ld", (LONG)-12), 3);
    CHECK_EQ(sprintf_s(text, 5, "%d", 1234), 4);
    errno = 0;
    CHECK_EQ(sprintf_s(text, 5, "%d", 12345), -1);
    CHECK_EQ(errno, ERANGE);
    CHECK_STR(text, "");
    CHECK_EQ(_snprintf_s(text, 5, _TRUNCATE, "%s", "abcdef"), -1);
    CHECK_STR(text, "abcd");
    CHECK_EQ(_snprintf_s(text, 5, 2, "%s", "abcdef"), -1);
    CHECK_STR(text, "ab");
    CHECK_EQ(_snprintf_s(text, 5, 4, "%s", "abcd"), 4);
    CHECK_EQ(_snprintf_s(text, 5, 9, "%s", "abcdef"), -1);
    CHECK_STR(text, "");
}

static int list_of(char *text, size_t size, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
static int list_of(char *text, size_t size, const char *format, ...)
{
    va_list list;
    va_start(list, format);
    const int count = vsnprintf(text, size, format, list);
    va_end(list);
    return count;
}

static void test_streams(void)
{
    char read[60] = "";
    FILE *stream = tmpfile();
    CHECK(stream != NULL);
    if (stream == NULL)
        return;
    CHECK_EQ(fprintf(stream, "%lx %S\n", (DWORD)0x80100001, wide), 8 + 1 + 8 + 1);
    CHECK_EQ(fputws(half, stream), 0);
    CHECK_EQ(fputwc(0xD83D, stream), 0xD83D);
    CHECK_EQ(fputwc(0xDE00, stream), 0xDE00);
    rewind(stream);
    CHECK_EQ(fread(read, 1, sizeof read - 1, stream), 18 + 5 + 4);
    CHECK_STR(read, "80100001 \xE2\x82\xACx\xF0\x9F\x98\x80\na\xEF\xBF\xBD"
                    "b\xF0\x9F\x98\x80");
    fclose(stream);
    CHECK_EQ(list_of(out, sizeof out, "%d-%s", 5, "x"), 3);
    CHECK_EQ((printf)("%s", ""), 0); /* the C library's own */
}

/* Numbers of any size in small buffers cost no time and no memory; what is longer than an int
 * can tell fails. */
static void test_huge(void)
{
    char text[10];
    memset(text, 'x', sizeof text);
    CHECK_EQ(snprintf(text, sizeof text, "%2147483647d", 7), 2147483647);
    CHECK_STR(text, "         ");
    CHECK_EQ(snprintf(text, sizeof text, "%-*.*f|", 2147483640, 3, 1.5), 2147483641);
    CHECK_STR(text, "1.500    ");
    CHECK_EQ(snprintf(text, sizeof text, "%.2147483000f", 0.1), 2147483002);
    CHECK_STR(text, "0.1000000");
    CHECK_EQ(snprintf(text, sizeof text, "%#.2147483000g", 2.0), 2147483001);
    CHECK_EQ(snprintf(text, sizeof text, "%.2147483000g", 2.0), 1);
    errno = 0;
    CHECK_EQ(snprintf(text, sizeof text, "%2147483647d%1000000000d", 1, 2), -1);
    CHECK_EQ(errno, EOVERFLOW);
    CHECK_STR(text, "");
    CHECK_EQ(sprintf_s(text, sizeof text, "%2147483647d%2147483647d%2d", 1, 2, 3), -1);
    CHECK_STR(text, "");
    CHECK_EQ(sprintf_s(text, sizeof text, "%.*s", INT_MIN, "abc"), 3);
    static char large[40000];
    CHECK_EQ(snprintf(large, sizeof large, "%020010.20000e", 1.5), 20010);
    CHECK(strncmp(large, "00001.50", 8) == 0 && strcmp(large + 20004, "00e+00") == 0);
    CHECK_EQ(snprintf(large, sizeof large, "%+.20000a", -1.5), 20008);
    CHECK(strncmp(large, "-0x1.80", 7) == 0 && strcmp(large + 20004, "0p+0") == 0);
    PRINTS("-0001.5|  inf|+1e+00", "%07.1f|%05f|%+.0e", -1.5, strtod("inf", NULL), 1.0);
    PRINTS("0x01.8p+0|1.5  |-inf ", "%#09.1a|%-5.1f|%-05f", 1.5, 1.5,
           strtod("-inf", NULL));
}

/* A text that is counted ends where its memory does. */
static void test_no_nul(void)
{
    static const char bad[] = {'\xFF', '\xE2', 'a'};
    static const WCHAR one[] = {'%', '.', '1', 'h', 's', 0};
    static const WCHAR two[] = {'%', '.', '2', 'h', 's', 0};
    WCHAR out_wide[4];
    char *end = (char *)malloc(3);
    CHECK(end != NULL);
    if (end == NULL)
        return;
    memcpy(end, bad, 3);
    CHECK_EQ(swprintf_s(out_wide, 4, one, end), 1);
    CHECK(out_wide[0] == 0xFFFD);
    CHECK_EQ(swprintf_s(out_wide, 4, two, end + 1), 2);
    CHECK(out_wide[0] == 0xFFFD && out_wide[1] == 'a');
    free(end);
}

int main(void)
{
    test_integers();
    test_others();
    test_wide_arguments();
    test_sizes();
    test_streams();
    test_huge();
    test_no_nul();
    return check_result();
}
