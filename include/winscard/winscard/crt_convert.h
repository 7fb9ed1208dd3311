/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers and text, and one encoding from the other, as in Microsoft's C library. */
#ifndef WINSCARD_CRT_CONVERT_H
#define WINSCARD_CRT_CONVERT_H

#include "crt_secure.h"

#ifdef WINSCARD_WITH_PORT

/* A number as text; the base is 2 to 36. Those without _s trust that the buffer has 33 units,
 * 65 with 64 bits. */
WINPORT_API(char *) _itoa(int value, char *text, int base) WINPORT_NAME(_itoa);
WINPORT_API(errno_t)
_itoa_s(int value, char *text, size_t size, int base) WINPORT_NAME(_itoa_s);
WINPORT_API(char *) _ltoa(LONG value, char *text, int base) WINPORT_NAME(_ltoa);
WINPORT_API(errno_t)
_ltoa_s(LONG value, char *text, size_t size, int base) WINPORT_NAME(_ltoa_s);
WINPORT_API(char *) _ultoa(ULONG value, char *text, int base) WINPORT_NAME(_ultoa);
WINPORT_API(errno_t)
_ultoa_s(ULONG value, char *text, size_t size, int base) WINPORT_NAME(_ultoa_s);
WINPORT_API(char *) _i64toa(int64_t value, char *text, int base) WINPORT_NAME(_i64toa);
WINPORT_API(errno_t)
_i64toa_s(int64_t value, char *text, size_t size, int base) WINPORT_NAME(_i64toa_s);
WINPORT_API(char *) _ui64toa(uint64_t value, char *text, int base) WINPORT_NAME(_ui64toa);
WINPORT_API(errno_t)
_ui64toa_s(uint64_t value, char *text, size_t size, int base) WINPORT_NAME(_ui64toa_s);
WINPORT_API(WCHAR *) _itow(int value, WCHAR *text, int base) WINPORT_NAME(_itow);
WINPORT_API(errno_t)
_itow_s(int value, WCHAR *text, size_t size, int base) WINPORT_NAME(_itow_s);
WINPORT_API(WCHAR *) _ltow(LONG value, WCHAR *text, int base) WINPORT_NAME(_ltow);
WINPORT_API(errno_t)
_ltow_s(LONG value, WCHAR *text, size_t size, int base) WINPORT_NAME(_ltow_s);
WINPORT_API(WCHAR *) _ultow(ULONG value, WCHAR *text, int base) WINPORT_NAME(_ultow);
WINPORT_API(errno_t)
_ultow_s(ULONG value, WCHAR *text, size_t size, int base) WINPORT_NAME(_ultow_s);
WINPORT_API(WCHAR *) _i64tow(int64_t value, WCHAR *text, int base) WINPORT_NAME(_i64tow);
WINPORT_API(errno_t)
_i64tow_s(int64_t value, WCHAR *text, size_t size, int base) WINPORT_NAME(_i64tow_s);
WINPORT_API(WCHAR *)
_ui64tow(uint64_t value, WCHAR *text, int base) WINPORT_NAME(_ui64tow);
WINPORT_API(errno_t)
_ui64tow_s(uint64_t value, WCHAR *text, size_t size, int base) WINPORT_NAME(_ui64tow_s);
WINPORT_API(char *) itoa(int value, char *text, int base) WINPORT_NAME(_itoa);
WINPORT_API(char *) ltoa(LONG value, char *text, int base) WINPORT_NAME(_ltoa);
WINPORT_API(char *) ultoa(ULONG value, char *text, int base) WINPORT_NAME(_ultoa);

/* Text as a number. What is beyond the type is its limit, and errno ERANGE. (strtol and
 * strtoul are the C library's, and have as many bits as `long` has here.) */
WINPORT_API(int) _wtoi(const WCHAR *text) WINPORT_NAME(_wtoi);
WINPORT_API(LONG) _wtol(const WCHAR *text) WINPORT_NAME(_wtol);
WINPORT_API(int64_t) _wtoi64(const WCHAR *text) WINPORT_NAME(_wtoi64);
WINPORT_API(double) _wtof(const WCHAR *text) WINPORT_NAME(_wtof);
WINPORT_API(int64_t) _atoi64(const char *text) WINPORT_NAME(_atoi64);
WINPORT_API(int64_t)
_strtoi64(const char *text, char **end, int base) WINPORT_NAME(_strtoi64);
WINPORT_API(uint64_t)
_strtoui64(const char *text, char **end, int base) WINPORT_NAME(_strtoui64);
WINPORT_API(int64_t)
_wcstoi64(const WCHAR *text, WCHAR **end, int base) WINPORT_NAME(_wcstoi64);
WINPORT_API(uint64_t)
_wcstoui64(const WCHAR *text, WCHAR **end, int base) WINPORT_NAME(_wcstoui64);

/* UTF-8 and UTF-16. *length, which may be NULL, is what was needed, the NUL included; `count`
 * is the most to convert, or _TRUNCATE. Malformed text is EILSEQ. */
WINPORT_API(errno_t)
mbstowcs_s(size_t *length, WCHAR *to, size_t size, const char *from, size_t count)
    WINPORT_NAME(mbstowcs_s);
WINPORT_API(errno_t)
wcstombs_s(size_t *length, char *to, size_t size, const WCHAR *from, size_t count)
    WINPORT_NAME(wcstombs_s);

#ifdef __cplusplus
template <size_t N>
inline errno_t mbstowcs_s(size_t *length, WCHAR (&to)[N], const char *from, size_t count)
{
    return mbstowcs_s(length, (WCHAR *)to, N, from, count);
}
template <size_t N>
inline errno_t wcstombs_s(size_t *length, char (&to)[N], const WCHAR *from, size_t count)
{
    return wcstombs_s(length, (char *)to, N, from, count);
}
#define WINPORT_ARRAY_NUMBER(name, V, T)                                                 \
    template <size_t N> inline errno_t name(V value, T(&text)[N], int base)              \
    {                                                                                    \
        return name(value, (T *)text, N, base);                                          \
    }
WINPORT_ARRAY_NUMBER(_itoa_s, int, char)
WINPORT_ARRAY_NUMBER(_ltoa_s, LONG, char)
WINPORT_ARRAY_NUMBER(_ultoa_s, ULONG, char)
WINPORT_ARRAY_NUMBER(_i64toa_s, int64_t, char)
WINPORT_ARRAY_NUMBER(_ui64toa_s, uint64_t, char)
WINPORT_ARRAY_NUMBER(_itow_s, int, WCHAR)
WINPORT_ARRAY_NUMBER(_ltow_s, LONG, WCHAR)
WINPORT_ARRAY_NUMBER(_ultow_s, ULONG, WCHAR)
WINPORT_ARRAY_NUMBER(_i64tow_s, int64_t, WCHAR)
WINPORT_ARRAY_NUMBER(_ui64tow_s, uint64_t, WCHAR)
#undef WINPORT_ARRAY_NUMBER
#endif

#endif
#endif
