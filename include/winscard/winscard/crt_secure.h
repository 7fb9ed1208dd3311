/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's calls with a size. Where theirs end the program, for a NULL or a size that is
 * too small, these empty the destination, set errno and return it: EINVAL or ERANGE. */
#ifndef WINSCARD_CRT_SECURE_H
#define WINSCARD_CRT_SECURE_H

#include "crt_text.h"

#ifdef WINSCARD_WITH_PORT

WINPORT_API(errno_t)
strcpy_s(char *to, rsize_t size, const char *from) WINPORT_NAME(strcpy_s);
WINPORT_API(errno_t)
strcat_s(char *to, rsize_t size, const char *from) WINPORT_NAME(strcat_s);
WINPORT_API(errno_t)
strncpy_s(char *to, rsize_t size, const char *from, rsize_t count)
    WINPORT_NAME(strncpy_s);
WINPORT_API(errno_t)
strncat_s(char *to, rsize_t size, const char *from, rsize_t count)
    WINPORT_NAME(strncat_s);
WINPORT_API(char *)
strtok_s(char *text, const char *delimiters, char **context) WINPORT_NAME(strtok_s);
WINPORT_API(errno_t) _strupr_s(char *text, rsize_t size) WINPORT_NAME(_strupr_s);
WINPORT_API(errno_t) _strlwr_s(char *text, rsize_t size) WINPORT_NAME(_strlwr_s);
WINPORT_API(errno_t)
wcscpy_s(WCHAR *to, rsize_t size, const WCHAR *from) WINPORT_NAME(wcscpy_s);
WINPORT_API(errno_t)
wcscat_s(WCHAR *to, rsize_t size, const WCHAR *from) WINPORT_NAME(wcscat_s);
WINPORT_API(errno_t)
wcsncpy_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count)
    WINPORT_NAME(wcsncpy_s);
WINPORT_API(errno_t)
wcsncat_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count)
    WINPORT_NAME(wcsncat_s);
WINPORT_API(WCHAR *)
wcstok_s(WCHAR *text, const WCHAR *delimiters, WCHAR **context) WINPORT_NAME(wcstok_s);
WINPORT_API(errno_t) _wcsupr_s(WCHAR *text, rsize_t size) WINPORT_NAME(_wcsupr_s);
WINPORT_API(errno_t) _wcslwr_s(WCHAR *text, rsize_t size) WINPORT_NAME(_wcslwr_s);

/* The destination is zeroed if the source does not fit. */
WINPORT_API(errno_t)
memcpy_s(void *to, rsize_t size, const void *from, rsize_t count) WINPORT_NAME(memcpy_s);
WINPORT_API(errno_t)
memmove_s(void *to, rsize_t size, const void *from, rsize_t count)
    WINPORT_NAME(memmove_s);
WINPORT_API(errno_t)
wmemcpy_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count)
    WINPORT_NAME(wmemcpy_s);
WINPORT_API(errno_t)
wmemmove_s(WCHAR *to, rsize_t size, const WCHAR *from, rsize_t count)
    WINPORT_NAME(wmemmove_s);

/* What an errno means; cut off where it does not fit. */
WINPORT_API(errno_t)
strerror_s(char *text, rsize_t size, int code) WINPORT_NAME(strerror_s);
WINPORT_API(errno_t)
_wcserror_s(WCHAR *text, rsize_t size, int code) WINPORT_NAME(_wcserror_s);

/* A line of the standard input, without its end; NULL at the end of input, and where it does
 * not fit. gets() has no limit, as on Windows. */
WINPORT_API(char *) gets_s(char *text, rsize_t size) WINPORT_NAME(gets_s);
WINPORT_API(WCHAR *) _getws(WCHAR *text) WINPORT_NAME(_getws);
WINPORT_API(WCHAR *) _getws_s(WCHAR *text, rsize_t size) WINPORT_NAME(_getws_s);
WINPORT_C char *winport_gets(char *text);
#undef gets
#define gets(text) winport_gets(text)

#ifdef __cplusplus
namespace std
{
using ::winport_gets;
}

/* In C++ the size of an array need not be said. */
#define WINPORT_ARRAY1(type, name, T, P1)                                                \
    template <size_t N> inline type name(T(&to)[N], P1 a)                                \
    {                                                                                    \
        return name((T *)to, N, a);                                                      \
    }
#define WINPORT_ARRAY2(type, name, T, P1, P2)                                            \
    template <size_t N> inline type name(T(&to)[N], P1 a, P2 b)                          \
    {                                                                                    \
        return name((T *)to, N, a, b);                                                   \
    }
#define WINPORT_ARRAY0(type, name, T)                                                    \
    template <size_t N> inline type name(T(&to)[N])                                      \
    {                                                                                    \
        return name((T *)to, N);                                                         \
    }
WINPORT_ARRAY1(errno_t, strcpy_s, char, const char *)
WINPORT_ARRAY1(errno_t, strcat_s, char, const char *)
WINPORT_ARRAY2(errno_t, strncpy_s, char, const char *, rsize_t)
WINPORT_ARRAY2(errno_t, strncat_s, char, const char *, rsize_t)
WINPORT_ARRAY0(errno_t, _strupr_s, char)
WINPORT_ARRAY0(errno_t, _strlwr_s, char)
WINPORT_ARRAY1(errno_t, wcscpy_s, WCHAR, const WCHAR *)
WINPORT_ARRAY1(errno_t, wcscat_s, WCHAR, const WCHAR *)
WINPORT_ARRAY2(errno_t, wcsncpy_s, WCHAR, const WCHAR *, rsize_t)
WINPORT_ARRAY2(errno_t, wcsncat_s, WCHAR, const WCHAR *, rsize_t)
WINPORT_ARRAY0(errno_t, _wcsupr_s, WCHAR)
WINPORT_ARRAY0(errno_t, _wcslwr_s, WCHAR)
WINPORT_ARRAY1(errno_t, strerror_s, char, int)
WINPORT_ARRAY1(errno_t, _wcserror_s, WCHAR, int)
WINPORT_ARRAY0(char *, gets_s, char)
WINPORT_ARRAY0(WCHAR *, _getws_s, WCHAR)
#endif

#endif
#endif
