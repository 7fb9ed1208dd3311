/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers as text, compiled for char and, with UNICODE, for WCHAR. */
#include "port/port.h"

#include <tchar.h>

#include <errno.h>

/* A sign, 64 digits and the NUL. */
#define TEXT_MAX 66

/* Negative numbers have a sign in base 10 alone; `bits` is what others show of them. */
static errno_t make_text(int64_t value, bool has_sign, unsigned bits, TCHAR *text,
                         size_t size, int base)
{
    if (text == NULL || size == 0 || base < 2 || base > 36) {
        if (text != NULL && size != 0)
            text[0] = 0;
        errno = EINVAL;
        return EINVAL;
    }
    TCHAR digits[TEXT_MAX];
    size_t count = 0;
    const bool minus = has_sign && base == 10 && value < 0;
    uint64_t rest = minus ? 0 - (uint64_t)value : (uint64_t)value;
    if (bits == 32 && !minus)
        rest = (uint32_t)rest;
    do {
        digits[count++] =
            (TCHAR) "0123456789abcdefghijklmnopqrstuvwxyz"[rest % (unsigned)base];
        rest /= (unsigned)base;
    } while (rest != 0);
    if (minus)
        digits[count++] = '-';
    if (count >= size) {
        text[0] = 0;
        errno = ERANGE;
        return ERANGE;
    }
    for (size_t i = 0; i < count; i++)
        text[i] = digits[count - 1 - i];
    text[count] = 0;
    return 0;
}

#define NUMBER(type, name, has_sign, bits)                                               \
    errno_t name##_s(type value, TCHAR *text, size_t size, int base)                     \
    {                                                                                    \
        return make_text((int64_t)value, has_sign, bits, text, size, base);              \
    }                                                                                    \
    TCHAR *name(type value, TCHAR *text, int base)                                       \
    {                                                                                    \
        make_text((int64_t)value, has_sign, bits, text, TEXT_MAX, base);                 \
        return text;                                                                     \
    }

#ifdef UNICODE
NUMBER(int, _itow, true, 32)
NUMBER(LONG, _ltow, true, 32)
NUMBER(ULONG, _ultow, false, 32)
NUMBER(int64_t, _i64tow, true, 64)
NUMBER(uint64_t, _ui64tow, false, 64)
#else
NUMBER(int, _itoa, true, 32)
NUMBER(LONG, _ltoa, true, 32)
NUMBER(ULONG, _ultoa, false, 32)
NUMBER(int64_t, _i64toa, true, 64)
NUMBER(uint64_t, _ui64toa, false, 64)
#endif
