/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls with sizes, compiled for char and, with UNICODE, for WCHAR. */
#include "port/port.h"

#include <tchar.h>

#include <errno.h>
#include <string.h>

/* Empties the destination. */
static errno_t refuse_text(TCHAR *to, size_t size, errno_t code)
{
    if (to != NULL && size != 0)
        to[0] = 0;
    errno = code;
    return code;
}

static size_t length_within(const TCHAR *text, size_t most)
{
    size_t length = 0;
    while (length < most && text[length] != 0)
        length++;
    return length;
}

/* Puts `from`, or the first `count` of it, behind the first `used` units. */
static errno_t append_text(TCHAR *to, size_t size, size_t used, const TCHAR *from,
                           size_t count)
{
    const bool truncate = count == _TRUNCATE;
    const size_t room = size - used; /* with that of the NUL */
    const size_t length = length_within(from, truncate || count > room ? room : count);
    if (length < room) {
        memmove(to + used, from, length * sizeof *to);
        to[used + length] = 0;
        return 0;
    }
    if (!truncate)
        return refuse_text(to, size, ERANGE);
    memmove(to + used, from, (room - 1) * sizeof *to);
    to[size - 1] = 0;
    return STRUNCATE;
}

errno_t _tcsncpy_s(TCHAR *to, rsize_t size, const TCHAR *from, rsize_t count)
{
    if (to == NULL && size == 0 && count == 0)
        return 0;
    if (to == NULL || size == 0 || (from == NULL && count != 0))
        return refuse_text(to, size, EINVAL);
    if (count == 0) {
        to[0] = 0;
        return 0;
    }
    return append_text(to, size, 0, from, count);
}

errno_t _tcscpy_s(TCHAR *to, rsize_t size, const TCHAR *from)
{
    if (to == NULL || size == 0 || from == NULL)
        return refuse_text(to, size, EINVAL);
    return append_text(to, size, 0, from, _TRUNCATE - 1);
}

errno_t _tcsncat_s(TCHAR *to, rsize_t size, const TCHAR *from, rsize_t count)
{
    if (to == NULL && size == 0 && count == 0)
        return 0;
    if (to == NULL || size == 0 || (from == NULL && count != 0))
        return refuse_text(to, size, EINVAL);
    const size_t used = length_within(to, size);
    if (used == size)
        return refuse_text(to, size, EINVAL);
    return count == 0 ? 0 : append_text(to, size, used, from, count);
}

errno_t _tcscat_s(TCHAR *to, rsize_t size, const TCHAR *from)
{
    if (from == NULL)
        return refuse_text(to, size, EINVAL);
    return _tcsncat_s(to, size, from, _TRUNCATE - 1);
}

static bool is_delimiter(const TCHAR *set, TCHAR unit)
{
    while (*set != 0 && *set != unit)
        set++;
    return *set != 0;
}

TCHAR *_tcstok_s(TCHAR *text, const TCHAR *delimiters, TCHAR **context)
{
    if (delimiters == NULL || context == NULL || (text == NULL && *context == NULL)) {
        errno = EINVAL;
        return NULL;
    }
    if (text == NULL)
        text = *context;
    while (*text != 0 && is_delimiter(delimiters, *text))
        text++;
    TCHAR *end = text;
    while (*end != 0 && !is_delimiter(delimiters, *end))
        end++;
    const bool some = end != text;
    if (*end != 0) /* the text's own NUL is not written: it may be a constant */
        *end++ = 0;
    *context = end;
    return some ? text : NULL;
}

static errno_t check_text(TCHAR *text, rsize_t size)
{
    if (text == NULL || length_within(text, size) == size)
        return refuse_text(text, size, EINVAL);
    return 0;
}

errno_t _tcsupr_s(TCHAR *text, rsize_t size)
{
    const errno_t code = check_text(text, size);
    if (code == 0)
        _tcsupr(text);
    return code;
}

errno_t _tcslwr_s(TCHAR *text, rsize_t size)
{
    const errno_t code = check_text(text, size);
    if (code == 0)
        _tcslwr(text);
    return code;
}
