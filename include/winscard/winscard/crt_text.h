/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's own calls on text, narrow and wide. */
#ifndef WINSCARD_CRT_TEXT_H
#define WINSCARD_CRT_TEXT_H

#include "crt_wide.h"

#ifdef WINSCARD_WITH_PORT

/* Without regard to the case of ASCII letters, or of any letter in WCHAR. */
WINPORT_API(int) _stricmp(const char *left, const char *right) WINPORT_NAME(_stricmp);
WINPORT_API(int) stricmp(const char *left, const char *right) WINPORT_NAME(_stricmp);
WINPORT_API(int) _strcmpi(const char *left, const char *right) WINPORT_NAME(_stricmp);
WINPORT_API(int) strcmpi(const char *left, const char *right) WINPORT_NAME(_stricmp);
WINPORT_API(int) _stricoll(const char *left, const char *right) WINPORT_NAME(_stricmp);
WINPORT_API(int)
_strnicmp(const char *left, const char *right, size_t count) WINPORT_NAME(_strnicmp);
WINPORT_API(int)
strnicmp(const char *left, const char *right, size_t count) WINPORT_NAME(_strnicmp);
WINPORT_API(int)
_memicmp(const void *left, const void *right, size_t count) WINPORT_NAME(_memicmp);
WINPORT_API(int)
memicmp(const void *left, const void *right, size_t count) WINPORT_NAME(_memicmp);
WINPORT_API(int) _wcsicmp(const WCHAR *left, const WCHAR *right) WINPORT_NAME(_wcsicmp);
WINPORT_API(int) wcsicmp(const WCHAR *left, const WCHAR *right) WINPORT_NAME(_wcsicmp);
WINPORT_API(int) _wcsicoll(const WCHAR *left, const WCHAR *right) WINPORT_NAME(_wcsicmp);
WINPORT_API(int)
_wcsnicmp(const WCHAR *left, const WCHAR *right, size_t count) WINPORT_NAME(_wcsnicmp);
WINPORT_API(int)
wcsnicmp(const WCHAR *left, const WCHAR *right, size_t count) WINPORT_NAME(_wcsnicmp);

/* A copy, which free() frees; NULL for NULL. */
WINPORT_API(char *) _strdup(const char *text) WINPORT_NAME(_strdup);
WINPORT_API(WCHAR *) _wcsdup(const WCHAR *text) WINPORT_NAME(_wcsdup);

/* In place; the text is returned. */
WINPORT_API(char *) _strupr(char *text) WINPORT_NAME(_strupr);
WINPORT_API(char *) strupr(char *text) WINPORT_NAME(_strupr);
WINPORT_API(char *) _strlwr(char *text) WINPORT_NAME(_strlwr);
WINPORT_API(char *) strlwr(char *text) WINPORT_NAME(_strlwr);
WINPORT_API(char *) _strrev(char *text) WINPORT_NAME(_strrev);
WINPORT_API(char *) strrev(char *text) WINPORT_NAME(_strrev);
WINPORT_API(WCHAR *) _wcsupr(WCHAR *text) WINPORT_NAME(_wcsupr);
WINPORT_API(WCHAR *) wcsupr(WCHAR *text) WINPORT_NAME(_wcsupr);
WINPORT_API(WCHAR *) _wcslwr(WCHAR *text) WINPORT_NAME(_wcslwr);
WINPORT_API(WCHAR *) wcslwr(WCHAR *text) WINPORT_NAME(_wcslwr);
WINPORT_API(WCHAR *) _wcsrev(WCHAR *text) WINPORT_NAME(_wcsrev);
WINPORT_API(WCHAR *) wcsrev(WCHAR *text) WINPORT_NAME(_wcsrev);

/* At most `most` characters are looked at; 0 for NULL. */
WINPORT_API(size_t) strnlen_s(const char *text, size_t most) WINPORT_NAME(strnlen_s);
WINPORT_API(size_t) wcsnlen_s(const WCHAR *text, size_t most) WINPORT_NAME(wcsnlen_s);

/* Turns the bits of a number. */
static __inline__ unsigned _rotl(unsigned value, int bits)
{
    return value << (bits & 31) | value >> (-bits & 31);
}
static __inline__ unsigned _rotr(unsigned value, int bits)
{
    return value >> (bits & 31) | value << (-bits & 31);
}
static __inline__ uint64_t _rotl64(uint64_t value, int bits)
{
    return value << (bits & 63) | value >> (-bits & 63);
}
static __inline__ uint64_t _rotr64(uint64_t value, int bits)
{
    return value >> (bits & 63) | value << (-bits & 63);
}
#define _lrotl(value, bits) _rotl((value), (bits))
#define _lrotr(value, bits) _rotr((value), (bits))

#define _byteswap_ushort(value) __builtin_bswap16(value)
#define _byteswap_ulong(value)  __builtin_bswap32(value)
#define _byteswap_uint64(value) __builtin_bswap64(value)

#ifndef __max
#define __max(a, b) (((a) > (b)) ? (a) : (b))
#define __min(a, b) (((a) < (b)) ? (a) : (b))
#endif

#endif
#endif
