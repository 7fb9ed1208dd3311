/* SPDX-License-Identifier: BSD-2-Clause */
/* FormatMessage(). Source: MS-Docs FormatMessage, with the example at its end. */
#include <windows.h>

#include "tests/port/fails.h"

#include <stdarg.h>
#include <stdlib.h>

#ifndef ERROR_NO_WORK_DONE /* mingw lacks it */
#define ERROR_NO_WORK_DONE 235
#endif

#define SYSTEM (FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS)
#define STRING FORMAT_MESSAGE_FROM_STRING
#define ARRAY  FORMAT_MESSAGE_ARGUMENT_ARRAY

static char out[500];
static WCHAR wide_out[500];

/* UTF-16 of ASCII, in one of a few places. */
static WCHAR *wide(const char *text)
{
    static WCHAR places[40][500];
    static unsigned next;
    WCHAR *place = places[next++ % 40];
    size_t i = 0;
    do
        place[i] = (unsigned char)text[i];
    while (text[i++] != '\0');
    return place;
}

static BOOL is_text(const WCHAR *got, const char *want)
{
    size_t i = 0;
    while (got[i] != 0 && got[i] == (unsigned char)want[i])
        i++;
    return got[i] == (unsigned char)want[i];
}

/* --- The system's texts ------------------------------------------------------------- */

static void system_text(DWORD code)
{
    char *text = NULL;
    DWORD length =
        FormatMessageA(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, code,
                       MAKELANGID(LANG_NEUTRAL, SUBLANG_DEFAULT), (LPSTR)&text, 0, NULL);
    CHECK(length > 2 && text != NULL);
    if (text == NULL)
        return;
    CHECK_EQ(length, strlen(text));
    CHECK_STR(text + length - 2, "\r\n");
    CHECK(strchr(text, '%') == NULL);
    WCHAR *same = NULL;
    CHECK_EQ(FormatMessageW(SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL, code, 0,
                            (LPWSTR)&same, 0, NULL),
             length);
    CHECK(same != NULL && is_text(same, text));
    CHECK(LocalFree(same) == NULL);
    /* As one line. */
    CHECK_EQ(FormatMessageA(SYSTEM | FORMAT_MESSAGE_MAX_WIDTH_MASK, NULL, code, 0, out,
                            sizeof(out), NULL),
             length - 1);
    CHECK_EQ(strncmp(out, text, length - 2), 0);
    CHECK_STR(out + length - 2, " ");
    /* Room for just it, and for one less. */
    CHECK_EQ(FormatMessageA(SYSTEM, NULL, code, 0, out, length + 1, NULL), length);
    CHECK_STR(out, text);
    CHECK_FAILS(FormatMessageA(SYSTEM, NULL, code, 0, out, length, NULL),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_FAILS(FormatMessageW(SYSTEM, NULL, code, 0, wide_out, length, NULL),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(FormatMessageW(SYSTEM, NULL, code, 0, wide_out, length + 1, NULL), length);
    CHECK(is_text(wide_out, text));
    CHECK(LocalFree(text) == NULL);
}

#ifndef _WIN32
static void system_texts(void)
{
    static const DWORD codes[] = {
#define MESSAGE(name, words) (DWORD)(name),
#include "src/port/message.def"
#undef MESSAGE
    };
    static const char *const texts[] = {
#define MESSAGE(name, words) words,
#include "src/port/message.def"
#undef MESSAGE
    };
    const size_t count = sizeof(codes) / sizeof(codes[0]);
    CHECK(count > 190);
    for (size_t i = 0; i < count; i++) {
        system_text(codes[i]);
        FormatMessageA(SYSTEM, NULL, codes[i], 0, out, sizeof(out), NULL);
        CHECK_EQ(strncmp(out, texts[i], strlen(texts[i])), 0);
        for (size_t k = 0; k < i; k++)
            CHECK(codes[k] != codes[i]);
    }
    /* A code within a HRESULT. */
    FormatMessageA(SYSTEM, NULL, (DWORD)HRESULT_FROM_WIN32(ERROR_INVALID_HANDLE), 0, out,
                   sizeof(out), NULL);
    CHECK_STR(out, "The handle is not valid.\r\n");
}
#endif

static void no_system_text(void)
{
    system_text(ERROR_ACCESS_DENIED);
    system_text((DWORD)SCARD_E_TIMEOUT);
    CHECK_FAILS(FormatMessageA(SYSTEM, NULL, 0x1234567, 0, out, sizeof(out), NULL),
                ERROR_MR_MID_NOT_FOUND);
    CHECK_FAILS(FormatMessageW(SYSTEM, NULL, 0xFFFFFFFF, 0, wide_out, 500, NULL),
                ERROR_MR_MID_NOT_FOUND);
    CHECK(FormatMessageA(SYSTEM, NULL, 5, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US),
                         out, sizeof(out), NULL)
          > 2);
#ifndef _WIN32
    CHECK(FormatMessageA(SYSTEM, NULL, 5, MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_UK),
                         out, sizeof(out), NULL)
          > 2);
    CHECK_FAILS(FormatMessageA(SYSTEM, NULL, 5, MAKELANGID(LANG_GERMAN, SUBLANG_DEFAULT),
                               out, 500, NULL),
                ERROR_RESOURCE_LANG_NOT_FOUND);
    CHECK_FAILS(FormatMessageA(FORMAT_MESSAGE_FROM_HMODULE, NULL, 5, 0, out, 500, NULL),
                ERROR_NOT_SUPPORTED);
    /* A library has no messages here, the system has. */
    CHECK(FormatMessageA(SYSTEM | FORMAT_MESSAGE_FROM_HMODULE, NULL, 5, 0, out, 500, NULL)
          > 2);
    CHECK_FAILS(FormatMessageA(SYSTEM, NULL, 5, 0, NULL, 0, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(FormatMessageW(SYSTEM, NULL, 5, 0, NULL, 0, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(FormatMessageA(STRING, NULL, 0, 0, out, 500, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(FormatMessageW(STRING, NULL, 0, 0, wide_out, 500, NULL),
                ERROR_INVALID_PARAMETER);
#endif
    CHECK_FAILS(FormatMessageA(0, NULL, 5, 0, out, 500, NULL), ERROR_INVALID_PARAMETER);
}

/* --- Inserts ------------------------------------------------------------------------ */

/* The format in both encodings, and arguments as an array. */
static void formats_to(unsigned line, DWORD flags, const char *format, DWORD_PTR *narrow,
                       DWORD_PTR *wider, const char *want)
{
    const DWORD length = (DWORD)strlen(want);
    memset(out, '#', sizeof(out));
    DWORD got = FormatMessageA(STRING | ARRAY | flags, format, 0, 0, out, sizeof(out),
                               (va_list *)(void *)narrow);
    if (got != length || strcmp(out, want) != 0)
        CHECK_FAILED("line %u: \"%s\" gives %u, \"%s\", want \"%s\"", line, format,
                     (unsigned)got, got == 0 ? "" : out, want);
    got = FormatMessageW(STRING | ARRAY | flags, wide(format), 0, 0, wide_out, 500,
                         (va_list *)(void *)wider);
    if (got != length || !is_text(wide_out, want))
        CHECK_FAILED("line %u: \"%s\" gives %u when it is wide", line, format,
                     (unsigned)got);
    check_add(&check_count);
}

#define FORMATS(format, narrow, wider, want)                                             \
    formats_to(__LINE__, 0, format, narrow, wider, want)

static void inserts(void)
{
    DWORD_PTR narrow[] = {(DWORD_PTR) "Bill", (DWORD_PTR)-42, 0x8010000A, 'c',
                          (DWORD_PTR) "Bob"};
    DWORD_PTR wider[] = {(DWORD_PTR)wide("Bill"), (DWORD_PTR)-42, 0x8010000A, 'c',
                         (DWORD_PTR)wide("Bob")};
    FORMATS("plain", NULL, NULL, "plain");
    FORMATS("Hello %1 and %5.", narrow, wider, "Hello Bill and Bob.");
    FORMATS("%5%1%5", narrow, wider, "BobBillBob");
    FORMATS("%1!s!.%1!10s!.%1!-10s!.%1!.2s!", narrow, wider,
            "Bill.      Bill.Bill      .Bi");
    FORMATS("%2!d! %2!i! %2!+d! %2!08d!", narrow, wider, "-42 -42 -42 -0000042");
    FORMATS("%3!08lX! %3!lx! %3!#x! %3!u! %3!o!", narrow, wider,
            "8010000A 8010000a 0x8010000a 2148532234 20004000012");
    FORMATS("%4!c!%4!3c!", narrow, wider, "c  c");
    FORMATS("%%1 %%%1%% %.%!%  %n%r%t", narrow, wider, "%1 %Bill% .!  \r\n\r\t");
    FORMATS("ends here%0 and not there", narrow, wider, "ends here");
    FORMATS("line\nline\r\nline", narrow, wider, "line\r\nline\r\nline");
    /* Of the other encoding. */
    DWORD_PTR other[] = {(DWORD_PTR)wide("wide"), (DWORD_PTR) "narrow"};
    FORMATS("%1!ls! %2!hs! %1!ws!", other, other, "wide narrow wide");
    DWORD_PTR narrow_s[] = {(DWORD_PTR)wide("x")}, wide_s[] = {(DWORD_PTR) "x"};
    FORMATS("%1!S! %1!4S!", narrow_s, wide_s, "x    x");
}

/* A width and a precision that are arguments; the next insert follows them. */
static void stars(void)
{
    DWORD_PTR narrow[] = {
        4, 2, (DWORD_PTR) "Bill", (DWORD_PTR) "Bob", 6, (DWORD_PTR) "Bill"};
    DWORD_PTR wider[] = {4,
                         2,
                         (DWORD_PTR)wide("Bill"),
                         (DWORD_PTR)wide("Bob"),
                         6,
                         (DWORD_PTR)wide("Bill")};
    FORMATS("%1!*.*s! %4 %5!*s!", narrow, wider, "  Bi Bob   Bill");
    DWORD_PTR numbers[] = {5, 42, (DWORD_PTR)-5};
    FORMATS("[%1!*d!]", numbers, numbers, "[   42]");
    FORMATS("[%1!0*d!]", numbers, numbers, "[00042]");
    DWORD_PTR left[] = {(DWORD_PTR)-5, 42};
    FORMATS("[%1!*d!]", left, left, "[42   ]");
}

static DWORD by_list(DWORD flags, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    DWORD length =
        FormatMessageA(STRING | flags, format, 0, 0, out, sizeof(out), &arguments);
    va_end(arguments);
    return length;
}

static DWORD by_wide_list(DWORD flags, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    DWORD length =
        FormatMessageW(STRING | flags, wide(format), 0, 0, wide_out, 500, &arguments);
    va_end(arguments);
    return length;
}

static void lists(void)
{
    CHECK_EQ(by_list(0, "%1 %2!d! %3!08lX! %2!x!", "one", 2, (DWORD)0xABCD), 16);
    CHECK_STR(out, "one 2 0000ABCD 2");
    CHECK_EQ(by_list(0, "%3 %1 %2", "one", "two", "three"), 13);
    CHECK_STR(out, "three one two");
    CHECK_EQ(by_wide_list(0, "%3 %1!hs! %2", "one", wide("two"), wide("three")), 13);
    CHECK(is_text(wide_out, "three one two"));
    CHECK_EQ(by_list(0, "%1!*.*s! %4", 4, 2, "Bill", "Bob"), 8);
    CHECK_STR(out, "  Bi Bob");
    CHECK_EQ(by_list(FORMAT_MESSAGE_IGNORE_INSERTS, "%1 %2!d!"), 8);
    CHECK_STR(out, "%1 %2!d!");
    /* All 99. */
    DWORD_PTR numbers[99];
    for (unsigned i = 0; i < 99; i++)
        numbers[i] = i + 1;
    FORMATS("%1!d! %9!d! %10!d! %99!d!", numbers, numbers, "1 9 10 99");
}

static void ignored_inserts(void)
{
    const DWORD ignore = FORMAT_MESSAGE_IGNORE_INSERTS;
    formats_to(__LINE__, ignore, "%1 %2!d! %99", NULL, NULL, "%1 %2!d! %99");
    CHECK_EQ(FormatMessageA(STRING | ignore, "a %1 b", 0, 0, out, 7, NULL), 6);
    CHECK_FAILS(FormatMessageA(STRING, "a %1 b", 0, 0, out, 500, NULL),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(FormatMessageW(STRING, wide("a %1 b"), 0, 0, wide_out, 500, NULL),
                ERROR_INVALID_PARAMETER);
}

/* Lines of the text are joined, those of %n stay. */
static void one_line(void)
{
    const DWORD join = FORMAT_MESSAGE_MAX_WIDTH_MASK;
    formats_to(__LINE__, join, "one\r\ntwo\nthree%nfour", NULL, NULL,
               "one two three\r\nfour");
}

/* --- Where it goes ------------------------------------------------------------------ */

static void buffers(void)
{
    const DWORD allocate = STRING | FORMAT_MESSAGE_ALLOCATE_BUFFER;
    char *text = NULL;
    CHECK_EQ(FormatMessageA(allocate, "text", 0, 0, (LPSTR)&text, 100, NULL), 4);
    CHECK_STR(text, "text");
    CHECK(LocalSize(text) >= 100);
    CHECK(LocalFree(text) == NULL);
    WCHAR *wide_text = NULL;
    CHECK_EQ(FormatMessageW(allocate, wide("text"), 0, 0, (LPWSTR)&wide_text, 100, NULL),
             4);
    CHECK(is_text(wide_text, "text"));
    CHECK(LocalSize(wide_text) >= 100 * sizeof(WCHAR));
    CHECK(LocalFree(wide_text) == NULL);
    /* Nothing is no text: there is nothing to free. */
    text = out;
    CHECK_FAILS(FormatMessageA(allocate, "", 0, 0, (LPSTR)&text, 100, NULL),
                ERROR_NO_WORK_DONE);
    CHECK(text == NULL);
    wide_text = wide_out;
    CHECK_FAILS(FormatMessageW(allocate, wide("%0x"), 0, 0, (LPWSTR)&wide_text, 0, NULL),
                ERROR_NO_WORK_DONE);
    CHECK(wide_text == NULL);
    CHECK_FAILS(FormatMessageA(STRING, "", 0, 0, out, 1, NULL), ERROR_NO_WORK_DONE);
    CHECK_FAILS(FormatMessageA(STRING, "text", 0, 0, out, 4, NULL),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_FAILS(FormatMessageA(STRING, "text", 0, 0, out, 0, NULL),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(FormatMessageA(STRING, "text", 0, 0, out, 5, NULL), 4);
    /* A failure leaves no memory. */
    text = out;
    CHECK_FAILS(
        FormatMessageA(FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_ALLOCATE_BUFFER, NULL,
                       0x1234567, 0, (LPSTR)&text, 0, NULL),
        ERROR_MR_MID_NOT_FOUND);
    CHECK(text == NULL);
}

#ifndef _WIN32
static void not_ascii(void)
{
    static const WCHAR format[] = {0x00E9, '%', '1', 0xD83D, 0xDE00, '%', 0x4E2D, 0};
    static const WCHAR insert[] = {0x4E2D, 0};
    static const WCHAR want[] = {0x00E9, 0x4E2D, 0xD83D, 0xDE00, 0x4E2D, 0};
    DWORD_PTR wider[] = {(DWORD_PTR)insert};
    CHECK_EQ(FormatMessageW(STRING | ARRAY, format, 0, 0, wide_out, 6,
                            (va_list *)(void *)wider),
             5);
    CHECK_MEM(wide_out, want, sizeof(want));
    CHECK_FAILS(FormatMessageW(STRING | ARRAY, format, 0, 0, wide_out, 5,
                               (va_list *)(void *)wider),
                ERROR_INSUFFICIENT_BUFFER);
    DWORD_PTR narrow[] = {(DWORD_PTR) "\xE4\xB8\xAD", (DWORD_PTR)insert};
    CHECK_EQ(FormatMessageA(STRING | ARRAY, "\xC3\xA9%1%2!ls!", 0, 0, out, sizeof(out),
                            (va_list *)(void *)narrow),
             8);
    CHECK_STR(out, "\xC3\xA9\xE4\xB8\xAD\xE4\xB8\xAD");
    DWORD_PTR letter[] = {0x00E9};
    CHECK_EQ(FormatMessageW(STRING | ARRAY, wide("%1!c!"), 0, 0, wide_out, 500,
                            (va_list *)(void *)letter),
             1);
    CHECK_EQ(wide_out[0], 0x00E9);
}
#endif

/* --- Formats that are wrong --------------------------------------------------------- */

static DWORD_PTR hostile_arguments[10] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10};

#define REFUSED(format, code)                                                            \
    do {                                                                                 \
        CHECK_FAILS(FormatMessageA(STRING | ARRAY, format, 0, 0, out, sizeof(out),       \
                                   (va_list *)(void *)hostile_arguments),                \
                    code);                                                               \
        CHECK_FAILS(FormatMessageW(STRING | ARRAY, wide(format), 0, 0, wide_out, 500,    \
                                   (va_list *)(void *)hostile_arguments),                \
                    code);                                                               \
    } while (0)

static void hostile(void)
{
    REFUSED("at the end %", ERROR_INVALID_PARAMETER);
    REFUSED("%", ERROR_INVALID_PARAMETER);
    REFUSED("not closed: %2!", ERROR_INVALID_PARAMETER);
#ifndef _WIN32
    REFUSED("%1!n!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!hn!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!d", ERROR_INVALID_PARAMETER);
    REFUSED("%1!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!%!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!d %s!", ERROR_INVALID_PARAMETER); /* one conversion alone */
    REFUSED("%1!d%d!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!%s!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!ds!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!f!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!Lf!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!Z!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!***d!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!5*d!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!.5.5d!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!$d!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!llld!", ERROR_INVALID_PARAMETER);
    REFUSED("%1!-------------------------------------------------------------------------"
            "-----------------------------------------------------------------------5d!",
            ERROR_INVALID_PARAMETER);
    REFUSED("%99!*.*d!", ERROR_INVALID_PARAMETER); /* insert 101 */
    /* More than a message may have. */
    REFUSED("%1!65536d!", ERROR_INSUFFICIENT_BUFFER);
    REFUSED("%1!.65536d!", ERROR_INSUFFICIENT_BUFFER);
    REFUSED("%1!2147483647d!", ERROR_INSUFFICIENT_BUFFER);
    REFUSED("%1!99999999999999999999d!", ERROR_INSUFFICIENT_BUFFER);
    REFUSED("%1!.99999999999999999999d!", ERROR_INSUFFICIENT_BUFFER);
    REFUSED("%1!65000d!%1!65000d!", ERROR_INSUFFICIENT_BUFFER);
    hostile_arguments[0] = 0x7FFFFFFF;
    REFUSED("%1!*d!", ERROR_INSUFFICIENT_BUFFER);
    hostile_arguments[0] = (DWORD_PTR)(LONG_PTR)(-0x7FFFFFFF - 1);
    REFUSED("%1!*d!", ERROR_INSUFFICIENT_BUFFER);
    hostile_arguments[0] = 0;
    FORMATS("%1 %1!ls! %1!hs!", hostile_arguments, hostile_arguments,
            "(null) (null) (null)");
    hostile_arguments[0] = 1;
#endif
    REFUSED("%1!400d!%1!400d!", ERROR_INSUFFICIENT_BUFFER);
}

/* 65,535 characters and not one more. */
static void longest(void)
{
#ifndef _WIN32
    char *text = NULL;
    DWORD_PTR one[] = {1};
    const DWORD flags = STRING | ARRAY | FORMAT_MESSAGE_ALLOCATE_BUFFER;
    CHECK_EQ(FormatMessageA(flags, "%1!65535d!", 0, 0, (LPSTR)&text, 0,
                            (va_list *)(void *)one),
             65535);
    CHECK(text != NULL && strlen(text) == 65535);
    CHECK(LocalFree(text) == NULL);
    WCHAR *wide_text = NULL;
    CHECK_EQ(FormatMessageW(flags, wide("%1!65535d!"), 0, 0, (LPWSTR)&wide_text, 0,
                            (va_list *)(void *)one),
             65535);
    CHECK(wide_text != NULL && wide_text[65534] == '1' && wide_text[65535] == 0);
    CHECK(LocalFree(wide_text) == NULL);
    CHECK_FAILS(FormatMessageA(flags, "%1!65535d!x", 0, 0, (LPSTR)&text, 0,
                               (va_list *)(void *)one),
                ERROR_INSUFFICIENT_BUFFER);
    CHECK_FAILS(FormatMessageW(flags, wide("%1!65535d!x"), 0, 0, (LPWSTR)&wide_text, 0,
                               (va_list *)(void *)one),
                ERROR_INSUFFICIENT_BUFFER);
    /* Characters count, not bytes. */
    static WCHAR many[65537];
    for (size_t i = 0; i < 65535; i++)
        many[i] = 0x4E2D;
    CHECK_EQ(FormatMessageW(flags, many, 0, 0, (LPWSTR)&wide_text, 0, NULL), 65535);
    CHECK(LocalFree(wide_text) == NULL);
    many[65535] = 'x';
    CHECK_FAILS(FormatMessageW(flags, many, 0, 0, (LPWSTR)&wide_text, 0, NULL),
                ERROR_INSUFFICIENT_BUFFER);
#endif
}

/* An insert that is empty is no error, be it all that there is so far. */
static void empty_insert(void)
{
    const DWORD_PTR inserts[] = {(DWORD_PTR) "x"};
    char text[10] = "?";
    CHECK_EQ(FormatMessageA(FORMAT_MESSAGE_FROM_STRING | FORMAT_MESSAGE_ARGUMENT_ARRAY,
                            "%1!.0s!|", 0, 0, text, sizeof(text),
                            (va_list *)(void *)(uintptr_t)inserts),
             1);
    CHECK_STR(text, "|");
}

int main(void)
{
#ifndef _WIN32
    system_texts();
    not_ascii();
#endif
    no_system_text();
    inserts();
    stars();
    lists();
    ignored_inserts();
    one_line();
    buffers();
    hostile();
    longest();
    empty_insert();
    return check_result();
}
