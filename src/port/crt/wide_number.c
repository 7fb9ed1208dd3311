/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers in WCHAR: read by the C library from a copy of what is ASCII, the characters of
 * which stand at the same places. */
#include "port/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct ascii {
    char small[128];
    char *text; /* NULL without memory */
};

static void make_ascii(struct ascii *ascii, const WCHAR *text)
{
    size_t length = 0;
    while (text[length] == ' ' || (text[length] >= '\t' && text[length] <= '\r'))
        length++;
    while (text[length] > ' ' && text[length] < 0x7F)
        length++;
    ascii->text = length < sizeof ascii->small ? ascii->small : malloc(length + 1);
    if (ascii->text == NULL)
        return;
    for (size_t i = 0; i < length; i++)
        ascii->text[i] = (char)text[i];
    ascii->text[length] = '\0';
}

static void end_ascii(struct ascii *ascii, const WCHAR *text, const char *at, WCHAR **end)
{
    if (end != NULL)
        *end = (WCHAR *)(uintptr_t)(text + (at == NULL ? 0 : at - ascii->text));
    if (ascii->text != ascii->small)
        free(ascii->text);
}

#define NUMBER(type, name, read, parameters, ...)                                        \
    type name parameters                                                                 \
    {                                                                                    \
        struct ascii ascii;                                                              \
        char *at = NULL;                                                                 \
        type value = 0;                                                                  \
        make_ascii(&ascii, text);                                                        \
        if (ascii.text != NULL)                                                          \
            value = (type)read(ascii.text, &at __VA_ARGS__);                             \
        end_ascii(&ascii, text, at, end);                                                \
        return value;                                                                    \
    }
#define INTEGER(type, name, read)                                                        \
    NUMBER(type, name, read, (const WCHAR *text, WCHAR **end, int base), , base)
#define FLOATING(type, name, read)                                                       \
    NUMBER(type, name, read, (const WCHAR *text, WCHAR **end), )

INTEGER(long, winport_wcstol, strtol)
INTEGER(unsigned long, winport_wcstoul, strtoul)
INTEGER(int64_t, winport_wcstoll, strtoll)
INTEGER(uint64_t, winport_wcstoull, strtoull)
INTEGER(int64_t, _wcstoi64, strtoll)
INTEGER(uint64_t, _wcstoui64, strtoull)
FLOATING(double, winport_wcstod, strtod)
FLOATING(float, winport_wcstof, strtof)

/* Microsoft's atoi and its kind end at the limits of the type. */
static int clamp(int64_t value)
{
    if (value <= INT32_MAX && value >= INT32_MIN)
        return (int)value;
    errno = ERANGE;
    return value < 0 ? INT32_MIN : INT32_MAX;
}

int _wtoi(const WCHAR *text)
{
    return text == NULL ? 0 : clamp(winport_wcstoll(text, NULL, 10));
}

LONG _wtol(const WCHAR *text)
{
    return _wtoi(text);
}

int64_t _wtoi64(const WCHAR *text)
{
    return text == NULL ? 0 : winport_wcstoll(text, NULL, 10);
}

double _wtof(const WCHAR *text)
{
    return text == NULL ? 0 : winport_wcstod(text, NULL);
}

int64_t _atoi64(const char *text)
{
    return text == NULL ? 0 : strtoll(text, NULL, 10);
}

int64_t _strtoi64(const char *text, char **end, int base)
{
    return strtoll(text, end, base);
}

uint64_t _strtoui64(const char *text, char **end, int base)
{
    return strtoull(text, end, base);
}
