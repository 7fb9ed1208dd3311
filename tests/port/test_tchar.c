/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic text names, compiled for char, for WCHAR and for WCHAR that is wchar_t; in C and
 * in C++. The program's main is _tmain, which gets its arguments from the test. */
#include <windows.h>

#include <tchar.h>

#include <strsafe.h>

#include "tests/support/check.h"

#include <errno.h>
#include <stdlib.h>

#define CHECK_TEXT(got, want) CHECK(_tcscmp((got), (want)) == 0)

static void test_text(void)
{
    TCHAR text[20], *context = NULL;
    CHECK_EQ(_tcslen(_T("abc")), 3);
    CHECK(_tcscpy(text, _T("Read")) == text);
    CHECK_TEXT(_tcscat(text, _T("er")), _T("Reader"));
    CHECK_EQ(_tcsicmp(text, _T("READER")), 0);
    CHECK(_tcsnicmp(text, _T("REAL"), 3) == 0 && _tcscmp(text, _T("Ready")) < 0);
    CHECK(_tcschr(text, _T('d')) == text + 3 && _tcsrchr(text, _T('e')) == text + 4);
    CHECK(_tcsstr(text, _T("der")) == text + 3 && _tcspbrk(text, _T("zd")) == text + 3);
    CHECK_TEXT(_tcsupr(text), _T("READER"));
    CHECK_TEXT(_tcslwr(text), _T("reader"));
    CHECK(_tcsinc(text) == text + 1 && _tcsdec(text, text + 1) == text);
    CHECK_EQ(_tcsnextc(text), 'r');
    CHECK_EQ(_tcscpy_s(text, _countof(text), _T("one two")), 0);
    CHECK_TEXT(_tcstok_s(text, _T(" "), &context), _T("one"));
    CHECK_TEXT(_tcstok_s(NULL, _T(" "), &context), _T("two"));
    CHECK(_tcstok_s(NULL, _T(" "), &context) == NULL);
    CHECK_EQ(_tcscpy_s(text, 3, _T("abc")), ERANGE);
    CHECK_EQ(text[0], 0);
    CHECK_EQ(_tcsncpy_s(text, 3, _T("abc"), _TRUNCATE), STRUNCATE);
    CHECK_TEXT(text, _T("ab"));
    CHECK_EQ(_tcscat_s(text, 20, _T("cd")), 0);
    CHECK_TEXT(text, _T("abcd"));
    TCHAR *copy = _tcsdup(text);
    CHECK(copy != NULL && copy != text && _tcscmp(copy, text) == 0);
    free(copy);
}

static void test_numbers(void)
{
    TCHAR text[40];
    DWORD value = 0;
    CHECK_EQ(_stprintf(text, _T("%s-%ld-%lX"), _T("x"), (LONG)-5, (DWORD)0x8010000A), 13);
    CHECK_TEXT(text, _T("x--5-8010000A"));
    CHECK_EQ(_stprintf_s(text, _countof(text), _T("%lu"), (DWORD)7), 1);
    CHECK_EQ(_sntprintf(text, 3, _T("%d"), 1234), -1);
    CHECK_EQ(_sntprintf_s(text, 3, _TRUNCATE, _T("%d"), 1234), -1);
    CHECK_TEXT(text, _T("12"));
    CHECK_EQ(_sctprintf(_T("%hs"), "four"), 4);
    CHECK_EQ(_stscanf(_T("80100069 rest"), _T("%lx"), &value), 1);
    CHECK_EQ(value, 0x80100069);
    CHECK_EQ(_tcstoul(_T("0x10"), NULL, 0), 16);
    TCHAR number[] = _T("  -12x"), *end = NULL;
    CHECK_EQ(_tcstol(number, &end, 10), -12);
    CHECK(end == number + 5);
    CHECK(_ttoi(_T("42")) == 42 && _tstol(_T("-3")) == -3);
    CHECK_TEXT(_itot(255, text, 16), _T("ff"));
    CHECK_TEXT(_ltot(-1, text, 10), _T("-1"));
    CHECK(_istdigit(_T('5')) && !_istdigit(_T('x')) && _istxdigit(_T('f')));
    CHECK(_istspace(_T(' ')) && _totupper(_T('a')) == _T('A')
          && _totlower(_T('B')) == _T('b'));
}

static void test_streams(void)
{
    TCHAR line[20];
    FILE *stream = tmpfile();
    CHECK(stream != NULL);
    if (stream == NULL)
        return;
    CHECK_EQ(_ftprintf(stream, _T("%s %lu\n"), _T("text"), (DWORD)5), 7);
    CHECK(_fputts(_T("line"), stream) >= 0);
    CHECK_EQ(_fputtc(_T('!'), stream), '!');
    rewind(stream);
    CHECK(_fgetts(line, 20, stream) == line);
    CHECK_TEXT(line, _T("text 5\n"));
    CHECK(_fgetts(line, 20, stream) == line);
    CHECK_TEXT(line, _T("line!"));
    CHECK(_fgetts(line, 20, stream) == NULL);
    fclose(stream);
    CHECK_EQ(_tprintf(_T("%s\n"), _T("done")), 5);
}

static void test_strsafe(void)
{
    TCHAR text[6];
    size_t length = 0;
    CHECK_EQ(StringCchCopy(text, 6, _T("abc")), S_OK);
    CHECK_EQ(StringCchCat(text, 6, _T("defg")), STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK_TEXT(text, _T("abcde"));
    CHECK_EQ(StringCchLength(text, 6, &length), S_OK);
    CHECK_EQ(length, 5);
    CHECK_EQ(StringCchLength(text, 5, &length), STRSAFE_E_INVALID_PARAMETER);
    CHECK_EQ(StringCbPrintf(text, sizeof text, _T("%ld"), (LONG)12), S_OK);
    CHECK_TEXT(text, _T("12"));
    CHECK_EQ(StringCchPrintf(text, 3, _T("%d"), 123), STRSAFE_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(StringCchCopy(text, 0, _T("")), STRSAFE_E_INVALID_PARAMETER);
}

int _tmain(int argc, TCHAR *argv[])
{
    CHECK_EQ(argc, 2);
    if (argc == 2) {
        const TCHAR *want = _T("gr\u00FC\u00DFe");
        CHECK_TEXT(argv[1], want);
    }
    CHECK(_tgetenv(_T("PATH")) != NULL);
    test_text();
    test_numbers();
    test_streams();
    test_strsafe();
    return check_result();
}
