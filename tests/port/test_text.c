/* SPDX-License-Identifier: BSD-2-Clause */
/* lstrlen() and its like, wsprintf(), CharUpper(). Source: MS-Docs "Strings". */
#include <windows.h>

#include "tests/port/fails.h"

#include <stdarg.h>
#include <stdlib.h>

static const WCHAR empty[] = {0}, abc[] = {'a', 'b', 'c', 0},
                   upper_abc[] = {'A', 'B', 'C', 0}, abd[] = {'a', 'b', 'd', 0},
                   ab[] = {'a', 'b', 0};

static int sign(int order)
{
    return (order > 0) - (order < 0);
}

static void lengths(void)
{
    CHECK_EQ(lstrlenA("abc"), 3);
    CHECK_EQ(lstrlenA(""), 0);
    CHECK_EQ(lstrlenA(NULL), 0);
    CHECK_EQ(lstrlenW(abc), 3);
    CHECK_EQ(lstrlenW(empty), 0);
    CHECK_EQ(lstrlenW(NULL), 0);
    CHECK_EQ(lstrlenA("\xC3\xA9"), 2);
    CHECK_EQ(lstrlen(TEXT("text")), 4);
}

static void orders(void)
{
    CHECK_EQ(lstrcmpA("abc", "abc"), 0);
    CHECK_EQ(sign(lstrcmpA("abc", "abd")), -1);
    CHECK_EQ(sign(lstrcmpA("abd", "abc")), 1);
    CHECK_EQ(sign(lstrcmpA("ab", "abc")), -1);
    CHECK_EQ(sign(lstrcmpA("abc", "ab")), 1);
    CHECK_EQ(lstrcmpA("", ""), 0);
    CHECK(lstrcmpA("abc", "ABC") != 0);
    CHECK_EQ(lstrcmpiA("abc", "ABC"), 0);
    CHECK_EQ(sign(lstrcmpiA("ABC", "abd")), -1);
    CHECK_EQ(sign(lstrcmpiA("b", "A")), 1);
    CHECK_EQ(lstrcmpW(abc, abc), 0);
    CHECK_EQ(sign(lstrcmpW(abc, abd)), -1);
    CHECK_EQ(sign(lstrcmpW(abc, ab)), 1);
    CHECK(lstrcmpW(abc, upper_abc) != 0);
    CHECK_EQ(lstrcmpiW(abc, upper_abc), 0);
    CHECK_EQ(sign(lstrcmpiW(abd, upper_abc)), 1);
    /* NULL is below all. */
    CHECK_EQ(sign(lstrcmpA(NULL, "a")), -1);
    CHECK_EQ(sign(lstrcmpA("a", NULL)), 1);
    CHECK_EQ(lstrcmpA(NULL, NULL), 0);
    CHECK_EQ(sign(lstrcmpiA(NULL, "a")), -1);
    CHECK_EQ(sign(lstrcmpW(NULL, abc)), -1);
    CHECK_EQ(sign(lstrcmpiW(abc, NULL)), 1);
    CHECK_EQ(lstrcmpiW(NULL, NULL), 0);
}

#ifndef _WIN32
/* By code points, in both encodings alike: U+FFFD before U+1F600. */
static void orders_beyond_ascii(void)
{
    const WCHAR smile[] = {0xD83D, 0xDE00, 0}, mark[] = {0xFFFD, 0};
    CHECK_EQ(sign(lstrcmpW(mark, smile)), -1);
    CHECK_EQ(sign(lstrcmpA("\xEF\xBF\xBD", "\xF0\x9F\x98\x80")), -1);
    CHECK_EQ(sign(lstrcmpA("\xC3\xA9", "z")), 1);
    CHECK_EQ(sign(lstrcmpA("\xFF", "\xFF")), 0); /* malformed */
}
#endif

static void copies(void)
{
    char narrow[20];
    WCHAR wide[20];
    CHECK(lstrcpyA(narrow, "abc") == narrow);
    CHECK(lstrcatA(narrow, "def") == narrow);
    CHECK_STR(narrow, "abcdef");
    CHECK(lstrcpynA(narrow, "12345", 4) == narrow);
    CHECK_STR(narrow, "123");
    CHECK(lstrcpynA(narrow, "12345", 6) == narrow);
    CHECK_STR(narrow, "12345");
    CHECK(lstrcpynA(narrow, "xyz", 1) == narrow);
    CHECK_STR(narrow, "");
    CHECK(lstrcpyW(wide, abc) == wide);
    CHECK(lstrcatW(wide, ab) == wide);
    CHECK_EQ(lstrlenW(wide), 5);
    CHECK_EQ(wide[4], 'b');
    CHECK(lstrcpynW(wide, abc, 3) == wide);
    CHECK_EQ(lstrcmpW(wide, ab), 0);
    CHECK(lstrcpynW(wide, abc, 20) == wide);
    CHECK_EQ(lstrcmpW(wide, abc), 0);
    CHECK(lstrcpyA(narrow, NULL) == NULL);
    CHECK(lstrcpyA(NULL, "a") == NULL);
    CHECK(lstrcatA(narrow, NULL) == NULL);
    CHECK(lstrcatA(NULL, "a") == NULL);
    CHECK(lstrcpyW(NULL, abc) == NULL);
    CHECK(lstrcpyW(wide, NULL) == NULL);
    CHECK(lstrcatW(NULL, abc) == NULL);
    CHECK(lstrcatW(wide, NULL) == NULL);
    CHECK(lstrcpynA(NULL, "a", 5) == NULL);
    CHECK(lstrcpynA(narrow, NULL, 5) == NULL);
    CHECK(lstrcpynW(NULL, abc, 5) == NULL);
    CHECK(lstrcpynW(wide, NULL, 5) == NULL);
#ifndef _WIN32
    CHECK(lstrcpynA(narrow, "x", 0) == NULL);
    CHECK(lstrcpynA(narrow, "x", -1) == NULL);
    CHECK(lstrcpynW(wide, abc, 0) == NULL);
#endif
}

static void letters(void)
{
    char narrow[] = "aZ1[`{z";
    WCHAR wide[] = {'a', 'Z', '[', 'z', 0};
    CHECK(CharUpperA(narrow) == narrow);
    CHECK_STR(narrow, "AZ1[`{Z");
    CHECK(CharLowerA(narrow) == narrow);
    CHECK_STR(narrow, "az1[`{z");
    CHECK(CharUpperW(wide) == wide);
    CHECK_EQ(wide[0], 'A');
    CHECK_EQ(wide[2], '[');
    CHECK_EQ(wide[3], 'Z');
    CHECK(CharLowerW(wide) == wide);
    CHECK_EQ(wide[1], 'z');
    /* One character. */
    CHECK_EQ((ULONG_PTR)CharUpperA((LPSTR)(ULONG_PTR)'q'), 'Q');
    CHECK_EQ((ULONG_PTR)CharLowerW((LPWSTR)(ULONG_PTR)'Q'), 'q');
    CHECK_EQ((ULONG_PTR)CharUpperW((LPWSTR)(ULONG_PTR)'1'), '1');
    CHECK_EQ((ULONG_PTR)CharUpperA(NULL), 0);
#ifndef _WIN32
    char utf8[] = "\xC3\xA9"
                  "a"; /* the letters A to Z alone */
    CHECK_STR(CharUpperA(utf8), "\xC3\xA9"
                                "A");
#endif
}

static int by_list(char *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int length = wvsprintfA(to, format, arguments);
    va_end(arguments);
    return length;
}

static void printing(void)
{
    char narrow[1100];
    WCHAR wide[1100];
    const WCHAR format[] = {'%', 's', ' ', '%', 'd', ' ', '%', '0', '8', 'l', 'X', 0};
    CHECK_EQ(wsprintfA(narrow, "%s %d %08lX %c", "text", -5, 0xABCDUL, 'c'), 18);
    CHECK_STR(narrow, "text -5 0000ABCD c");
    CHECK_EQ(by_list(narrow, "%u-%S", 7u, abc), 5);
    CHECK_STR(narrow, "7-abc");
    CHECK_EQ(wsprintfW(wide, format, abc, 12, (DWORD)0x8010000A), 15);
    CHECK_EQ(wide[3], ' ');
    CHECK_EQ(wide[7], '8');
    CHECK_EQ(wide[15], 0);
    /* 1,024 characters with the NUL. */
    static char long_text[2000];
    memset(long_text, 'x', sizeof(long_text) - 1);
    memset(narrow, '#', sizeof(narrow));
    wsprintfA(narrow, "%s", long_text);
    CHECK_EQ(narrow[1022], 'x');
    CHECK_EQ(narrow[1025], '#');
#ifndef _WIN32
    CHECK_EQ(wsprintfA(narrow, "%s", long_text), 1023);
    CHECK_EQ(strlen(narrow), 1023);
    CHECK_EQ(wsprintfA(NULL, "x"), 0);
    CHECK_EQ(wsprintfA(narrow, NULL), 0);
    CHECK_EQ(wsprintfW(NULL, abc), 0);
    CHECK_EQ(wsprintfA(narrow, "%n", (int *)NULL), 0);
    CHECK_STR(narrow, "");
#endif
}

int main(void)
{
    lengths();
    orders();
    copies();
    letters();
    printing();
#ifndef _WIN32
    orders_beyond_ascii();
#endif
    return check_result();
}
