/* SPDX-License-Identifier: BSD-2-Clause */
/* MultiByteToWideChar() and WideCharToMultiByte(). Source: MS-Docs of both, "Code Page
 * Identifiers". */
#include <windows.h>

#include "tests/port/fails.h"

#include <limits.h>

static const char narrow[] = "a\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80";
static const WCHAR wide[] = {'a', 0x00E9, 0x4E2D, 0xD83D, 0xDE00, 0};

static void to_wide(void)
{
    WCHAR out[50];
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, narrow, -1, NULL, 0), 6);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, narrow, -1, out, 6), 6);
    CHECK_MEM(out, wide, sizeof(wide));
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, narrow, 10, out, 50), 5);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, narrow, 3, NULL, 0), 2);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "\0x", 2, out, 50), 2); /* a NUL within */
    CHECK_EQ(out[1], 'x');
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, narrow, -1, out, 5),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, narrow, 10, out, 4),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, NULL, -1, out, 50),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, narrow, 0, out, 50),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, narrow, -1, NULL, 5),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, narrow, -1, out, -1),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0, (LPCCH)out, -1, out, 50),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, 0x80000000, narrow, -1, out, 50),
                ERROR_INVALID_FLAGS);
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, MB_PRECOMPOSED, narrow, -1, out, 50),
                ERROR_INVALID_FLAGS);
    CHECK_FAILS(MultiByteToWideChar(4711, 0, narrow, -1, out, 50),
                ERROR_INVALID_PARAMETER);
    /* Below 0 is up to the NUL. */
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, narrow, -2, NULL, 0), 6);
}

static void malformed(void)
{
    WCHAR out[20];
    char bytes[20];
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "a\xFFz", -1, out, 20), 4);
    CHECK_EQ(out[1], 0xFFFD);
    CHECK_EQ(out[2], 'z');
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "\xC0\x80", 2, out, 20), 2); /* overlong */
    CHECK_EQ(out[0], 0xFFFD);
    CHECK_EQ(MultiByteToWideChar(CP_UTF8, 0, "\xE4\xB8", 2, out, 20), 1); /* cut */
    CHECK_FAILS(MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "a\xFF", -1, out, 20),
                ERROR_NO_UNICODE_TRANSLATION);
    CHECK_FAILS(
        MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, "\xED\xA0\x80", 3, NULL, 0),
        ERROR_NO_UNICODE_TRANSLATION); /* a surrogate */
    const WCHAR lone[] = {'a', 0xD83D, 'z', 0}, low[] = {0xDE00, 0};
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, lone, -1, bytes, 20, NULL, NULL), 6);
    CHECK_STR(bytes, "a\xEF\xBF\xBDz");
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, lone, -1, bytes, 20,
                                    NULL, NULL),
                ERROR_NO_UNICODE_TRANSLATION);
    CHECK_FAILS(
        WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, low, 1, NULL, 0, NULL, NULL),
        ERROR_NO_UNICODE_TRANSLATION);
}

static void to_narrow(void)
{
    char out[50];
    BOOL used = TRUE;
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 0, NULL, NULL), 11);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, 11, NULL, NULL), 11);
    CHECK_STR(out, narrow);
    CHECK_EQ(
        WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, 3, out, 50, NULL, NULL),
        6);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, 10, NULL, NULL),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, NULL, -1, out, 50, NULL, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, wide, 0, out, 50, NULL, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, wide, -1, NULL, 50, NULL, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, -1, NULL, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, 50, "?", NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0, wide, -1, out, 50, NULL, &used),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WideCharToMultiByte(CP_UTF8, 0x80000000, wide, -1, out, 50, NULL, NULL),
                ERROR_INVALID_FLAGS);
    CHECK_FAILS(WideCharToMultiByte(4711, 0, wide, -1, out, 50, NULL, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_EQ(WideCharToMultiByte(CP_UTF8, 0, wide, -2, NULL, 0, NULL, NULL), 11);
    union {
        WCHAR wide[20];
        char narrow[40];
    } same = {{'a', 0}};
    CHECK_FAILS(
        WideCharToMultiByte(CP_UTF8, 0, same.wide, -1, same.narrow, 40, NULL, NULL),
        ERROR_INVALID_PARAMETER);
}

/* Those of Western Europe, as IsValidCodePage() knows them everywhere. */
static void code_pages(void)
{
    WCHAR out[20];
    char bytes[20];
    BOOL used = TRUE;
    CHECK(IsValidCodePage(CP_UTF8) && IsValidCodePage(1252) && IsValidCodePage(437)
          && IsValidCodePage(28591) && IsValidCodePage(20127));
    CHECK(!IsValidCodePage(4711));
    CHECK_EQ(MultiByteToWideChar(1252, 0, "\xE9\x80", -1, out, 20), 3);
    CHECK_EQ(out[0], 0xE9);
    CHECK_EQ(out[1], 0x20AC);
    CHECK_EQ(MultiByteToWideChar(1252, MB_PRECOMPOSED, "\xE9", 1, out, 20), 1);
    CHECK_EQ(MultiByteToWideChar(437, 0, "\x82", 1, out, 20), 1);
    CHECK_EQ(out[0], 0xE9);
    CHECK_EQ(MultiByteToWideChar(28591, 0, "\xE9", 1, out, 20), 1);
    CHECK_EQ(out[0], 0xE9);
    CHECK_FAILS(MultiByteToWideChar(1252, 0, "abc", -1, out, 3),
                ERROR_INSUFFICIENT_BUFFER);
    const WCHAR euro[] = {0x20AC, 'x', 0},
                foreign[] = {'a', 0x4E2D, 0xD83D, 0xDE00, 'b', 0};
    CHECK_EQ(WideCharToMultiByte(1252, 0, euro, -1, bytes, 20, NULL, &used), 3);
    CHECK_STR(bytes, "\x80x");
    CHECK_EQ(used, FALSE);
    CHECK_EQ(WideCharToMultiByte(1252, 0, foreign, 2, bytes, 20, NULL, &used), 2);
    CHECK_MEM(bytes, "a?", 2);
    CHECK_EQ(used, TRUE);
    CHECK_EQ(WideCharToMultiByte(1252, 0, foreign, 2, bytes, 20, "#", NULL), 2);
    CHECK_MEM(bytes, "a#", 2);
    CHECK_FAILS(WideCharToMultiByte(1252, 0, foreign, -1, bytes, 2, NULL, NULL),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(WideCharToMultiByte(1252, 0, foreign, -1, NULL, 0, NULL, NULL),
             WideCharToMultiByte(1252, 0, foreign, -1, bytes, 20, NULL, NULL));
#ifndef _WIN32
    CHECK_EQ(GetACP(), CP_UTF8);
    CHECK_EQ(GetOEMCP(), CP_UTF8);
    CHECK(IsValidCodePage(CP_ACP) && IsValidCodePage(CP_OEMCP));
    static const UINT utf8[] = {CP_ACP, CP_OEMCP, CP_THREAD_ACP};
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(MultiByteToWideChar(utf8[i], 0, narrow, -1, out, 20), 6);
        CHECK_EQ(MultiByteToWideChar(utf8[i], MB_PRECOMPOSED, narrow, -1, out, 20), 6);
        CHECK_EQ(WideCharToMultiByte(utf8[i], 0, wide, -1, bytes, 20, "?", &used), 11);
        CHECK_STR(bytes, narrow);
        CHECK_EQ(used, FALSE);
        CHECK_EQ(WideCharToMultiByte(utf8[i], WC_NO_BEST_FIT_CHARS, wide, -1, NULL, 0,
                                     NULL, NULL),
                 11);
    }
    CHECK_FAILS(MultiByteToWideChar(20127, MB_ERR_INVALID_CHARS, "\xE9", 1, out, 20),
                ERROR_NO_UNICODE_TRANSLATION);
#endif
}

#ifndef _WIN32
/* What a converter keeps back for a character that may follow comes at the end. */
static void states(void)
{
    static const WCHAR alef = 0x05D0;
    WCHAR text[4] = {0};
    if (IsValidCodePage(1255)) {
        CHECK_EQ(MultiByteToWideChar(1255, 0, "\xE0", 1, NULL, 0), 1);
        CHECK_EQ(MultiByteToWideChar(1255, 0, "a\xE0", 2, text, 4), 2);
        CHECK(text[0] == 'a' && text[1] == alef);
    }
    if (IsValidCodePage(1258)) {
        CHECK_EQ(MultiByteToWideChar(1258, 0, "ba", 2, text, 4), 2);
        CHECK(text[0] == 'b' && text[1] == 'a');
    }
}
#endif

int main(void)
{
    to_wide();
    malformed();
    to_narrow();
    code_pages();
#ifndef _WIN32
    states();
#endif
    return check_result();
}
