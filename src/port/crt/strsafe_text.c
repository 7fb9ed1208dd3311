/* SPDX-License-Identifier: BSD-2-Clause */
/* strsafe.h, compiled for char and, with UNICODE, for WCHAR. */
#include "port/crt/print.h"

#include <strsafe.h>
#include <tchar.h>

#include <string.h>

#ifdef UNICODE
#define UNIT UNIT_16
#else
#define UNIT UNIT_8
#endif

static size_t safe_length(const TCHAR *text, size_t most)
{
    size_t length = 0;
    while (length < most && text[length] != 0)
        length++;
    return length;
}

static bool is_size(size_t size)
{
    return size != 0 && size <= STRSAFE_MAX_CCH;
}

/* Behind the first `used` units. */
static HRESULT append_safely(TCHAR *to, size_t size, size_t used, const TCHAR *from,
                             size_t count)
{
    if (from == NULL || count > STRSAFE_MAX_CCH) {
        to[used] = 0;
        return STRSAFE_E_INVALID_PARAMETER;
    }
    const size_t room = size - used;
    const size_t length = safe_length(from, count < room ? count : room);
    const size_t fits = length < room ? length : room - 1;
    memcpy(to + used, from, fits * sizeof *to);
    to[used + fits] = 0;
    return length < room ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

HRESULT StringCchCopyN(TCHAR *to, size_t size, const TCHAR *from, size_t count)
{
    if (to == NULL || !is_size(size))
        return STRSAFE_E_INVALID_PARAMETER;
    return append_safely(to, size, 0, from, count);
}

HRESULT StringCchCopy(TCHAR *to, size_t size, const TCHAR *from)
{
    return StringCchCopyN(to, size, from, STRSAFE_MAX_CCH);
}

HRESULT StringCchCatN(TCHAR *to, size_t size, const TCHAR *from, size_t count)
{
    if (to == NULL || !is_size(size))
        return STRSAFE_E_INVALID_PARAMETER;
    const size_t used = safe_length(to, size);
    return used == size ? STRSAFE_E_INVALID_PARAMETER
                        : append_safely(to, size, used, from, count);
}

HRESULT StringCchCat(TCHAR *to, size_t size, const TCHAR *from)
{
    return StringCchCatN(to, size, from, STRSAFE_MAX_CCH);
}

HRESULT StringCchLength(const TCHAR *text, size_t most, size_t *length)
{
    size_t found = 0;
    bool good = text != NULL && most <= STRSAFE_MAX_CCH;
    if (good) {
        found = safe_length(text, most);
        good = found < most;
    }
    if (length != NULL)
        *length = good ? found : 0;
    return good ? S_OK : STRSAFE_E_INVALID_PARAMETER;
}

HRESULT StringCchVPrintf(TCHAR *to, size_t size, const TCHAR *format, va_list list)
{
    if (to == NULL || !is_size(size))
        return STRSAFE_E_INVALID_PARAMETER;
    const int count = winport_print_standard(to, size, UNIT, 0, format, list);
    if (count < 0)
        return STRSAFE_E_INVALID_PARAMETER;
    return (size_t)count < size ? S_OK : STRSAFE_E_INSUFFICIENT_BUFFER;
}

HRESULT StringCchPrintf(TCHAR *to, size_t size, const TCHAR *format, ...)
{
    va_list list;
    va_start(list, format);
    const HRESULT result = StringCchVPrintf(to, size, format, list);
    va_end(list);
    return result;
}

/* The end of input is told by what is no unit. */
static bool next_unit(TCHAR *unit)
{
    const _TINT next = _gettchar();
    *unit = (TCHAR)next;
    return next != _TEOF;
}

HRESULT StringCchGets(TCHAR *to, size_t size)
{
    if (to == NULL || !is_size(size))
        return STRSAFE_E_INVALID_PARAMETER;
    to[0] = 0;
    if (size == 1)
        return STRSAFE_E_INSUFFICIENT_BUFFER;
    size_t count = 0;
    TCHAR unit = 0;
    bool some = false;
    while (count < size - 1 && next_unit(&unit)) {
        some = true;
        if (unit == '\n')
            break;
        to[count++] = unit;
    }
    to[count] = 0;
    return some ? S_OK : STRSAFE_E_END_OF_FILE;
}

/* The same with bytes. */
HRESULT StringCbCopy(TCHAR *to, size_t size, const TCHAR *from)
{
    return StringCchCopy(to, size / sizeof *to, from);
}

HRESULT StringCbCopyN(TCHAR *to, size_t size, const TCHAR *from, size_t count)
{
    return StringCchCopyN(to, size / sizeof *to, from, count / sizeof *from);
}

HRESULT StringCbCat(TCHAR *to, size_t size, const TCHAR *from)
{
    return StringCchCat(to, size / sizeof *to, from);
}

HRESULT StringCbCatN(TCHAR *to, size_t size, const TCHAR *from, size_t count)
{
    return StringCchCatN(to, size / sizeof *to, from, count / sizeof *from);
}

HRESULT StringCbLength(const TCHAR *text, size_t most, size_t *length)
{
    const HRESULT result = StringCchLength(text, most / sizeof *text, length);
    if (length != NULL)
        *length *= sizeof *text;
    return result;
}

HRESULT StringCbGets(TCHAR *to, size_t size)
{
    return StringCchGets(to, size / sizeof *to);
}

HRESULT StringCbVPrintf(TCHAR *to, size_t size, const TCHAR *format, va_list list)
{
    return StringCchVPrintf(to, size / sizeof *to, format, list);
}

HRESULT StringCbPrintf(TCHAR *to, size_t size, const TCHAR *format, ...)
{
    va_list list;
    va_start(list, format);
    const HRESULT result = StringCbVPrintf(to, size, format, list);
    va_end(list);
    return result;
}
