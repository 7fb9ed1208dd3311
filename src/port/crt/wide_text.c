/* SPDX-License-Identifier: BSD-2-Clause */
/* string.h for WCHAR. */
#include "port/convert.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t winport_wcslen(const WCHAR *text)
{
    return winport_utf16_length(text);
}

size_t winport_wcsnlen(const WCHAR *text, size_t most)
{
    size_t length = 0;
    while (length < most && text[length] != 0)
        length++;
    return length;
}

WCHAR *winport_wmemcpy(WCHAR *to, const WCHAR *from, size_t count)
{
    return memcpy(to, from, count * sizeof *to);
}

WCHAR *winport_wmemmove(WCHAR *to, const WCHAR *from, size_t count)
{
    return memmove(to, from, count * sizeof *to);
}

WCHAR *winport_wmemset(WCHAR *to, WCHAR unit, size_t count)
{
    for (size_t i = 0; i < count; i++)
        to[i] = unit;
    return to;
}

int winport_wmemcmp(const WCHAR *left, const WCHAR *right, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
    return 0;
}

WCHAR *winport_wcscpy(WCHAR *to, const WCHAR *from)
{
    return winport_wmemcpy(to, from, winport_utf16_length(from) + 1);
}

WCHAR *winport_wcsncpy(WCHAR *to, const WCHAR *from, size_t count)
{
    const size_t length = winport_wcsnlen(from, count);
    winport_wmemcpy(to, from, length);
    winport_wmemset(to + length, 0, count - length);
    return to;
}

WCHAR *winport_wcscat(WCHAR *to, const WCHAR *from)
{
    winport_wcscpy(to + winport_utf16_length(to), from);
    return to;
}

WCHAR *winport_wcsncat(WCHAR *to, const WCHAR *from, size_t count)
{
    WCHAR *end = to + winport_utf16_length(to);
    const size_t length = winport_wcsnlen(from, count);
    winport_wmemcpy(end, from, length);
    end[length] = 0;
    return to;
}

int winport_wcsncmp(const WCHAR *left, const WCHAR *right, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (left[i] != right[i])
            return left[i] < right[i] ? -1 : 1;
        if (left[i] == 0)
            break;
    }
    return 0;
}

int winport_wcscmp(const WCHAR *left, const WCHAR *right)
{
    return winport_wcsncmp(left, right, SIZE_MAX);
}

int winport_wcscoll(const WCHAR *left, const WCHAR *right)
{
    return winport_wcscmp(left, right);
}

/* In C++ these are overloads for const and other text; here they are C. */
WCHAR *winport_wcschr(const WCHAR *text, WCHAR unit)
{
    for (;; text++) {
        if (*text == unit)
            return (WCHAR *)(uintptr_t)text;
        if (*text == 0)
            return NULL;
    }
}

WCHAR *winport_wcsrchr(const WCHAR *text, WCHAR unit)
{
    for (size_t i = winport_utf16_length(text) + 1; i-- > 0;)
        if (text[i] == unit)
            return (WCHAR *)(uintptr_t)(text + i);
    return NULL;
}

WCHAR *winport_wcsstr(const WCHAR *text, const WCHAR *part)
{
    const size_t length = winport_utf16_length(part);
    for (;; text++) {
        if (winport_wcsncmp(text, part, length) == 0)
            return (WCHAR *)(uintptr_t)text;
        if (*text == 0)
            return NULL;
    }
}

static size_t span(const WCHAR *text, const WCHAR *set, bool in)
{
    size_t length = 0;
    while (text[length] != 0 && (winport_wcschr(set, text[length]) != NULL) == in)
        length++;
    return length;
}

size_t winport_wcsspn(const WCHAR *text, const WCHAR *set)
{
    return span(text, set, true);
}

size_t winport_wcscspn(const WCHAR *text, const WCHAR *set)
{
    return span(text, set, false);
}

WCHAR *winport_wcspbrk(const WCHAR *text, const WCHAR *set)
{
    text += span(text, set, false);
    return *text == 0 ? NULL : (WCHAR *)(uintptr_t)text;
}

WCHAR *winport_wcstok(WCHAR *text, const WCHAR *delimiters, WCHAR **context)
{
    if (text == NULL)
        text = *context;
    if (text == NULL)
        return NULL;
    text += span(text, delimiters, true);
    if (*text == 0) {
        *context = NULL;
        return NULL;
    }
    WCHAR *end = text + span(text, delimiters, false);
    *context = *end == 0 ? NULL : end + 1;
    *end = 0;
    return text;
}

WCHAR *winport_wcstok_old(WCHAR *text, const WCHAR *delimiters)
{
    static _Thread_local WCHAR *context;
    return winport_wcstok(text, delimiters, &context);
}

int _wcsnicmp(const WCHAR *left, const WCHAR *right, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        const wint_t low = towlower(left[i]), other = towlower(right[i]);
        if (low != other)
            return low < other ? -1 : 1;
        if (low == 0)
            break;
    }
    return 0;
}

int _wcsicmp(const WCHAR *left, const WCHAR *right)
{
    return _wcsnicmp(left, right, SIZE_MAX);
}

WCHAR *_wcsdup(const WCHAR *text)
{
    if (text == NULL)
        return NULL;
    const size_t size = (winport_utf16_length(text) + 1) * sizeof *text;
    WCHAR *copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

WCHAR *_wcsupr(WCHAR *text)
{
    for (WCHAR *at = text; *at != 0; at++)
        *at = (WCHAR)towupper(*at);
    return text;
}

WCHAR *_wcslwr(WCHAR *text)
{
    for (WCHAR *at = text; *at != 0; at++)
        *at = (WCHAR)towlower(*at);
    return text;
}

WCHAR *_wcsrev(WCHAR *text)
{
    const size_t length = winport_utf16_length(text);
    for (size_t i = 0; i < length / 2; i++) {
        const WCHAR unit = text[i];
        text[i] = text[length - 1 - i];
        text[length - 1 - i] = unit;
    }
    return text;
}
