/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's calls with sizes, and those that no other library has. */
#include <windows.h>

#include "tests/support/check.h"

#include <errno.h>
#include <stdlib.h>

static void test_copies(void)
{
    char text[8] = "x";
    errno = 0;
    CHECK_EQ(strcpy_s(text, 8, "1234567"), 0);
    CHECK_STR(text, "1234567");
    CHECK_EQ(strcpy_s(text, 8, "12345678"), ERANGE);
    CHECK_EQ(errno, ERANGE);
    CHECK_STR(text, "");
    CHECK_EQ(strcpy_s(text, 8, NULL), EINVAL);
    CHECK_EQ(strcpy_s(NULL, 8, "a"), EINVAL);
    CHECK_EQ(strncpy_s(text, 8, "abcdef", 3), 0);
    CHECK_STR(text, "abc");
    CHECK_EQ(strncpy_s(text, 3, "abcdef", 3), ERANGE);
    CHECK_EQ(strncpy_s(text, 3, "abcdef", _TRUNCATE), STRUNCATE);
    CHECK_STR(text, "ab");
    CHECK_EQ(strcat_s(text, 8, "cdefg"), 0);
    CHECK_EQ(strcat_s(text, 8, "h"), ERANGE);
    CHECK_STR(text, "");
    memset(text, 'q', 8);
    CHECK_EQ(strcat_s(text, 8, "h"), EINVAL); /* no NUL in it */
    CHECK_EQ(strncat_s(text, 8, "hello", 2), 0);
    CHECK_STR(text, "he");
    CHECK_EQ(strncat_s(text, 4, "llo", _TRUNCATE), STRUNCATE);
    CHECK_STR(text, "hel");
#ifdef __cplusplus
    CHECK_EQ(strcpy_s(text, "arr"), 0);
    CHECK_EQ(strcat_s(text, "ay"), 0);
    CHECK_STR(text, "array");
    CHECK_EQ(sprintf_s(text, "%d", 12), 2);
    CHECK_EQ(strncpy_s(text, "abc", 2), 0);
    CHECK_STR(text, "ab");
#endif
    CHECK_EQ(memcpy_s(text, 8, "abc", 4), 0);
    CHECK_EQ(memcpy_s(text, 2, "abc", 3), ERANGE);
    CHECK_MEM(text, "\0\0c", 3);
    CHECK_EQ(memmove_s(text, 8, NULL, 1), EINVAL);
    CHECK_EQ(memcpy_s(text, 0, NULL, 0), 0);
}

static void test_text(void)
{
    char text[19] = "Smart Card", *context = NULL;
    CHECK(_stricmp("ABC", "abc") == 0 && _stricmp("a", "B") < 0
          && _strnicmp("abX", "ABY", 2) == 0);
    CHECK(stricmp("x", "X") == 0 && strcmpi("x", "X") == 0
          && strnicmp("xa", "Xb", 1) == 0);
    CHECK_STR(_strupr(text), "SMART CARD");
    CHECK_STR(_strlwr(text), "smart card");
    char *first = strtok_s(text, " ", &context), *second = strtok_s(NULL, " ", &context);
    CHECK_STR(first, "smart");
    CHECK_STR(second, "card");
    CHECK(strtok_s(NULL, " ", &context) == NULL);
    CHECK_STR(_strrev(first), "trams");
    char *copy = _strdup("copy");
    CHECK_STR(copy, "copy");
    free(copy);
    CHECK_EQ(strerror_s(text, sizeof text, EPERM), 0);
    CHECK_STR(text, "Operation not perm");
    CHECK_EQ(_countof(text), 19);
    CHECK_EQ(_rotl(0x80000001u, 1), 3);
}

static void test_numbers(void)
{
    char text[70];
    CHECK_STR(_itoa(-12, text, 10), "-12");
    CHECK_STR(_itoa(-1, text, 16), "ffffffff");
    CHECK_STR(itoa(5, text, 2), "101");
    CHECK_STR(_ltoa(-7, text, 10), "-7");
    CHECK_STR(_ultoa(0xFFFFFFFF, text, 10), "4294967295");
    CHECK_STR(_i64toa(-123456789012, text, 10), "-123456789012");
    CHECK_EQ(_itoa_s(255, text, sizeof text, 16), 0);
    CHECK_STR(text, "ff");
    CHECK_EQ(_itoa_s(255, text, 3, 10), ERANGE);
    CHECK_EQ(_itoa_s(255, text, sizeof text, 1), EINVAL);
    CHECK_EQ(_atoi64("123456789012"), 123456789012);
    CHECK_EQ(_strtoui64("0xFFFFFFFFFFFFFFFF", NULL, 16), UINT64_MAX);
}

static void test_system(void)
{
    char text[60], *value = NULL;
    size_t length = 0;
    FILE *stream = NULL;
    CHECK_EQ(fopen_s(&stream, "/nonexistent/x", "rt"), ENOENT);
    CHECK(stream == NULL);
    CHECK_EQ(fopen_s(&stream, "/dev/null", "rb"), 0);
    if (stream != NULL) {
        CHECK(_fileno(stream) > 2 && !_isatty(_fileno(stream)));
        CHECK_EQ(_setmode(_fileno(stream), _O_BINARY), _O_TEXT);
        CHECK_EQ(_setmode(_fileno(stream), _O_U16TEXT), _O_BINARY);
        CHECK_EQ(_setmode(_fileno(stream), 5), -1);
        fclose(stream);
    }
    CHECK(_access("/dev/null", 0) == 0 && _access("/nonexistent", 0) == -1);
    CHECK_EQ(_putenv("WINPORT_TEST=value"), 0);
    CHECK_EQ(getenv_s(&length, text, sizeof text, "WINPORT_TEST"), 0);
    CHECK_EQ(length, 6);
    CHECK_STR(text, "value");
    CHECK_EQ(getenv_s(&length, text, 3, "WINPORT_TEST"), ERANGE);
    CHECK_EQ(_dupenv_s(&value, &length, "WINPORT_TEST"), 0);
    CHECK_STR(value, "value");
    free(value);
    CHECK_EQ(_putenv_s("WINPORT_TEST", ""), 0);
    CHECK_EQ(getenv_s(&length, text, sizeof text, "WINPORT_TEST"), 0);
    CHECK_EQ(length, 0);
    const time_t at = 86400;
    struct tm fields;
    CHECK_EQ(gmtime_s(&fields, &at), 0);
    CHECK(fields.tm_mday == 2 && fields.tm_year == 70);
    CHECK_EQ(asctime_s(text, sizeof text, &fields), 0);
    CHECK_STR(text, "Fri Jan 02 00:00:00 1970\n");
    CHECK_EQ(asctime_s(text, 25, &fields), EINVAL);
    fields.tm_wday = 7;
    CHECK_EQ(asctime_s(text, sizeof text, &fields), EINVAL);
    fields.tm_wday = 0;
    CHECK_EQ(localtime_s(NULL, &at), EINVAL);
    char *path = _getcwd(NULL, 0);
    CHECK(path != NULL && path[0] == '/');
    free(path);
    CHECK(_time64(NULL) > 1500000000);
}

/* The NUL of a text is not written: a constant is no place for it. */
static void test_constant_tokens(void)
{
    static const char text[] = "one";
    char *context = NULL, *start = (char *)(uintptr_t)text;
    CHECK(strtok_s(start, ",", &context) == text);
    CHECK(strtok_s(NULL, ",", &context) == NULL);
    CHECK(strtok_s(NULL, ",", &context) == NULL);
}

int main(void)
{
    test_copies();
    test_text();
    test_numbers();
    test_system();
    test_constant_tokens();
    return check_result();
}
