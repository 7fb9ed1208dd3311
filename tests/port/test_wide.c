/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of wchar.h and wctype.h on WCHAR, and on wchar_t where that is another type. */
#include <windows.h>

#include "tests/support/check.h"

#include <errno.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

/* A literal of WCHAR, whatever that is. */
#if WCHAR_MAX <= 0xffff
#define W(literal) L##literal
#else
#define W(literal) u##literal
#endif

static void test_text(void)
{
    WCHAR text[20] = {0};
    const WCHAR *constant = W("a-b");
    CHECK_EQ(wcslen(W("caf\u00E9")), 4);
    CHECK_EQ(wcslen(W("\U0001F600")), 2);
    CHECK(wcscpy(text, W("abc")) == text && wcscat(text, W("def")) == text);
    CHECK(wcscmp(text, W("abcdef")) == 0 && wcscmp(text, W("abd")) < 0);
    CHECK(wcsncmp(text, W("abcx"), 3) == 0 && wcsncmp(text, W("abcx"), 4) < 0);
    CHECK(wcschr(text, 'c') == text + 2 && wcschr(text, 'z') == NULL);
    CHECK(wcschr(constant, '-') == constant + 1 && wcsrchr(text, 'f') == text + 5);
    CHECK(wcsstr(text, W("cd")) == text + 2 && wcsstr(text, W("dc")) == NULL);
    CHECK(wcspbrk(text, W("xd")) == text + 3);
    CHECK(wcsspn(text, W("cba")) == 3 && wcscspn(text, W("fe")) == 4);
    wcsncpy(text, W("xy"), 4);
    CHECK(text[2] == 0 && text[3] == 0 && text[4] == 'e');
    wcsncat(text, W("12345"), 2);
    CHECK(wcscmp(text, W("xy12")) == 0);
    WCHAR copy[5];
    wmemcpy(copy, text, 5);
    CHECK(wmemcmp(copy, text, 5) == 0);
    wmemset(copy, 'q', 4);
    CHECK(wcscmp(copy, W("qqqq")) == 0);
    CHECK(_wcsicmp(W("\u00C4bc"), W("\u00E4BC")) == 0
          && _wcsnicmp(W("abX"), W("ABy"), 2) == 0);
    WCHAR *twin = _wcsdup(text);
    CHECK(twin != NULL && wcscmp(_wcsupr(twin), W("XY12")) == 0);
    CHECK(twin != NULL && wcscmp(_wcsrev(twin), W("21YX")) == 0);
    free(twin);
    WCHAR list[] = W(",one,,two"), *context = NULL;
    WCHAR *first = wcstok(list, W(","), &context),
          *second = wcstok(NULL, W(","), &context);
    CHECK(first != NULL && wcscmp(first, W("one")) == 0);
    CHECK(second != NULL && wcscmp(second, W("two")) == 0);
    CHECK(wcstok(NULL, W(","), &context) == NULL);
    WCHAR old[] = W("x y");
    CHECK(wcstok(old, W(" ")) == old && wcstok(NULL, W(" ")) == old + 2);
}

static void test_numbers(void)
{
    const WCHAR *text = W(" 0x1Fz");
    WCHAR *end = NULL;
    CHECK_EQ(wcstol(text, &end, 16), 31);
    CHECK(end == text + 5);
    CHECK_EQ(wcstoul(W("4294967295"), NULL, 10), 4294967295u);
    CHECK_EQ(wcstoll(W("-123456789012"), NULL, 10), -123456789012);
    CHECK(wcstod(W("2.5e1"), NULL) == 25.0);
    text = W("x");
    CHECK_EQ(wcstol(text, &end, 10), 0);
    CHECK(end == text);
    CHECK(_wtoi(W("12ab")) == 12 && _wtol(W("-7")) == -7);
    CHECK_EQ(_wtoi(W("99999999999")), 2147483647);
}

static void test_classes(void)
{
    CHECK(iswdigit('7') && !iswdigit('a') && iswxdigit('f') && !iswxdigit('g'));
    CHECK(iswspace(' ') && iswalpha(0xE4) && iswprint(0x20AC) && iswupper(0xC4));
    CHECK(!iswalpha(0xD83D));
    CHECK(towupper('a') == 'A' && towlower(0xC4) == 0xE4 && towupper(0x44F) == 0x42F);
}

static void test_conversions(void)
{
    WCHAR wide[10];
    char narrow[10];
    size_t length = 0;
    CHECK_EQ(mbstowcs(wide, "\xE2\x82\xAC\xF0\x9F\x98\x80", 10), 3);
    CHECK(wide[0] == 0x20AC && wide[1] == 0xD83D && wide[2] == 0xDE00 && wide[3] == 0);
    CHECK_EQ(wcstombs(narrow, wide, 10), 7);
    CHECK_STR(narrow, "\xE2\x82\xAC\xF0\x9F\x98\x80");
    CHECK_EQ(wcstombs(narrow, wide, 5), 3); /* no half of a character */
    CHECK_EQ(wcstombs(NULL, wide, 0), 7);
    CHECK_EQ(mbstowcs(wide, "a\xF0\x9F\x98\x80", 2), 1); /* no character is cut */
    CHECK_EQ(mbstowcs(NULL, "abc", 0), 3);
    CHECK_EQ(mbstowcs(wide, "a\xFFz", 10), (size_t)-1);
    CHECK_EQ(mbstowcs_s(&length, wide, 10, "abc", _TRUNCATE), 0);
    CHECK(length == 4 && wcscmp(wide, W("abc")) == 0);
    CHECK_EQ(mbstowcs_s(&length, wide, 3, "abc", 3), ERANGE);
    CHECK(wide[0] == 0);
    CHECK_EQ(mbstowcs_s(&length, wide, 3, "abc", _TRUNCATE), STRUNCATE);
    CHECK(length == 3 && wcscmp(wide, W("ab")) == 0);
    CHECK_EQ(wcstombs_s(&length, narrow, sizeof narrow, W("\u20ACx"), sizeof narrow), 0);
    CHECK_EQ(length, 5);
    CHECK_STR(narrow, "\xE2\x82\xACx");
    CHECK_EQ(wcstombs_s(&length, NULL, 0, W("\u20ACx"), 0), 0);
    CHECK_EQ(length, 5);
}

static void test_printing(void)
{
    WCHAR text[20];
    CHECK_EQ(swprintf(text, 20, W("%s|%S|%hs|%ld"), W("\u20AC"), "a", "b", (DWORD)5), 7);
    CHECK(wcscmp(text, W("\u20AC|a|b|5")) == 0);
    CHECK_EQ(swprintf(text, 4, W("%d"), 12345), -1);
    CHECK(wcscmp(text, W("123")) == 0);
    CHECK_EQ(_snwprintf(text, 20, W("%5c|%-3d|"), 'x', 7), 10);
    CHECK(wcscmp(text, W("    x|7  |")) == 0);
    CHECK_EQ(_scwprintf(W("%s"), W("four")), 4);
    CHECK_EQ(swprintf_s(text, 3, W("%d"), 123), -1);
    CHECK_EQ(text[0], 0);
    CHECK_EQ(_snwprintf_s(text, 3, _TRUNCATE, W("%d"), 123), -1);
    CHECK(wcscmp(text, W("12")) == 0);
#ifdef __cplusplus
    CHECK_EQ(swprintf(text, W("%d"), 42), 2); /* without a size, as Microsoft's */
    CHECK_EQ(swprintf_s(text, W("%d"), 421), 3);
    CHECK_EQ(std::wcslen(text), 3);
#endif
    struct tm day;
    memset(&day, 0, sizeof day);
    day.tm_mday = 2;
    day.tm_year = 120;
    CHECK_EQ(wcsftime(text, 20, W("%Y-%m-%d"), &day), 10);
    CHECK(wcscmp(text, W("2020-01-02")) == 0);
}

/* The other kind of characters still has the C library's calls. */
static void test_wchar_t(void)
{
    wchar_t text[20];
    CHECK_EQ(wcslen(L"abc"), 3);
    CHECK(wcscmp(wcscpy(text, L"abc"), L"abc") == 0 && wcschr(text, L'c') == text + 2);
    CHECK_EQ(wcstol(L"12", NULL, 10), 12);
    CHECK_EQ(swprintf(text, 20, L"%s %ld %S", L"w", (DWORD)7, "n"), 5);
    CHECK(wcscmp(text, L"w 7 n") == 0);
#if WCHAR_MAX > 0xffff && (!defined(__cplusplus) || __cplusplus >= 201103L)
    CHECK_EQ(swprintf(text, 20, L"%s", W("\U0001F600")), 1); /* each as its type says */
    CHECK(text[0] == (wchar_t)0x1F600 && text[1] == 0);
    WCHAR wide[8];
    CHECK_EQ(swprintf(wide, 8, W("%s"), L"\U0001F600"), 2);
    CHECK(wide[0] == 0xD83D && wide[1] == 0xDE00 && wide[2] == 0);
    char narrow[20];
    CHECK_EQ(sprintf(narrow, "%ls%ls", L"\u20AC", W("\u20AC")), 6);
#endif
}

/* Half of a character that is left behind belongs to its stream, which may be closed. */
static void test_half_of_closed(void)
{
    FILE *first = tmpfile(), *second = tmpfile();
    CHECK(first != NULL && second != NULL);
    if (first == NULL || second == NULL)
        return;
    CHECK(fputwc(0xD83D, first) == 0xD83D);
    fclose(first);
    CHECK(fputwc('x', second) == 'x');
    rewind(second);
    CHECK(getc(second) == 'x' && getc(second) == EOF);
    fclose(second);
}

int main(void)
{
    test_text();
    test_numbers();
    test_classes();
    test_conversions();
    test_printing();
    test_wchar_t();
    test_half_of_closed();
    return check_result();
}
