/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of the printing calls (crt_print.h), by which macros call them. */
#include "port/crt/print.h"

/* A call with `...` is the one with a va_list. */
#define CALL(variadic, with_list, parameters, before, last)                              \
    int winport_k_##variadic(winport_kinds kinds, LIST parameters, ...)                  \
    {                                                                                    \
        va_list list;                                                                    \
        va_start(list, last);                                                            \
        const int count = winport_k_##with_list(kinds, LIST before, list);               \
        va_end(list);                                                                    \
        return count;                                                                    \
    }
#define LIST(...) __VA_ARGS__

int winport_k_vprintf(winport_kinds kinds, const char *format, va_list list)
{
    return winport_print_stream(stdout, UNIT_8, kinds, format, list);
}

int winport_k_vfprintf(winport_kinds kinds, FILE *stream, const char *format,
                       va_list list)
{
    return winport_print_stream(stream, UNIT_8, kinds, format, list);
}

int winport_k_vsprintf(winport_kinds kinds, char *text, const char *format, va_list list)
{
    return winport_print_standard(text, SIZE_MAX, UNIT_8, kinds, format, list);
}

int winport_k_vsnprintf(winport_kinds kinds, char *text, size_t size, const char *format,
                        va_list list)
{
    return winport_print_standard(text, size, UNIT_8, kinds, format, list);
}

int winport_k__vsnprintf(winport_kinds kinds, char *text, size_t size, const char *format,
                         va_list list)
{
    return winport_print_old(text, size, UNIT_8, kinds, format, list);
}

int winport_k_vsprintf_s(winport_kinds kinds, char *text, size_t size, const char *format,
                         va_list list)
{
    return winport_print_secure(text, size, UNIT_8, kinds, format, list);
}

int winport_k__vsnprintf_s(winport_kinds kinds, char *text, size_t size, size_t most,
                           const char *format, va_list list)
{
    return winport_print_secure_most(text, size, most, UNIT_8, kinds, format, list);
}

int winport_k__vscprintf(winport_kinds kinds, const char *format, va_list list)
{
    return winport_print_count(UNIT_8, kinds, format, list);
}

CALL(printf, vprintf, (const char *format), (format), format)
CALL(fprintf, vfprintf, (FILE * stream, const char *format), (stream, format), format)
CALL(sprintf, vsprintf, (char *text, const char *format), (text, format), format)
CALL(snprintf, vsnprintf, (char *text, size_t size, const char *format),
     (text, size, format), format)
CALL(_snprintf, _vsnprintf, (char *text, size_t size, const char *format),
     (text, size, format), format)
CALL(sprintf_s, vsprintf_s, (char *text, size_t size, const char *format),
     (text, size, format), format)
CALL(_snprintf_s, _vsnprintf_s,
     (char *text, size_t size, size_t most, const char *format),
     (text, size, most, format), format)
CALL(_scprintf, _vscprintf, (const char *format), (format), format)

int winport_k_vwprintf16(winport_kinds kinds, const WCHAR *format, va_list list)
{
    return winport_print_stream(stdout, UNIT_16, kinds, format, list);
}

int winport_k_vfwprintf16(winport_kinds kinds, FILE *stream, const WCHAR *format,
                          va_list list)
{
    return winport_print_stream(stream, UNIT_16, kinds, format, list);
}

int winport_k_vswprintf16(winport_kinds kinds, WCHAR *text, size_t size,
                          const WCHAR *format, va_list list)
{
    return winport_print_wide(text, size, UNIT_16, kinds, format, list);
}

int winport_k__vswprintf16(winport_kinds kinds, WCHAR *text, const WCHAR *format,
                           va_list list)
{
    return winport_print_standard(text, SIZE_MAX, UNIT_16, kinds, format, list);
}

int winport_k__vsnwprintf16(winport_kinds kinds, WCHAR *text, size_t size,
                            const WCHAR *format, va_list list)
{
    return winport_print_old(text, size, UNIT_16, kinds, format, list);
}

int winport_k_vswprintf_s16(winport_kinds kinds, WCHAR *text, size_t size,
                            const WCHAR *format, va_list list)
{
    return winport_print_secure(text, size, UNIT_16, kinds, format, list);
}

int winport_k__vsnwprintf_s16(winport_kinds kinds, WCHAR *text, size_t size, size_t most,
                              const WCHAR *format, va_list list)
{
    return winport_print_secure_most(text, size, most, UNIT_16, kinds, format, list);
}

int winport_k__vscwprintf16(winport_kinds kinds, const WCHAR *format, va_list list)
{
    return winport_print_count(UNIT_16, kinds, format, list);
}

CALL(wprintf16, vwprintf16, (const WCHAR *format), (format), format)
CALL(fwprintf16, vfwprintf16, (FILE * stream, const WCHAR *format), (stream, format),
     format)
CALL(swprintf16, vswprintf16, (WCHAR * text, size_t size, const WCHAR *format),
     (text, size, format), format)
CALL(_swprintf16, _vswprintf16, (WCHAR * text, const WCHAR *format), (text, format),
     format)
CALL(_snwprintf16, _vsnwprintf16, (WCHAR * text, size_t size, const WCHAR *format),
     (text, size, format), format)
CALL(swprintf_s16, vswprintf_s16, (WCHAR * text, size_t size, const WCHAR *format),
     (text, size, format), format)
CALL(_snwprintf_s16, _vsnwprintf_s16,
     (WCHAR * text, size_t size, size_t most, const WCHAR *format),
     (text, size, most, format), format)
CALL(_scwprintf16, _vscwprintf16, (const WCHAR *format), (format), format)

int winport_k_vwprintf32(winport_kinds kinds, const wchar_t *format, va_list list)
{
    return winport_print_stream(stdout, UNIT_32, kinds, format, list);
}

int winport_k_vfwprintf32(winport_kinds kinds, FILE *stream, const wchar_t *format,
                          va_list list)
{
    return winport_print_stream(stream, UNIT_32, kinds, format, list);
}

int winport_k_vswprintf32(winport_kinds kinds, wchar_t *text, size_t size,
                          const wchar_t *format, va_list list)
{
    return winport_print_wide(text, size, UNIT_32, kinds, format, list);
}

int winport_k__vswprintf32(winport_kinds kinds, wchar_t *text, const wchar_t *format,
                           va_list list)
{
    return winport_print_standard(text, SIZE_MAX, UNIT_32, kinds, format, list);
}

int winport_k__vsnwprintf32(winport_kinds kinds, wchar_t *text, size_t size,
                            const wchar_t *format, va_list list)
{
    return winport_print_old(text, size, UNIT_32, kinds, format, list);
}

int winport_k_vswprintf_s32(winport_kinds kinds, wchar_t *text, size_t size,
                            const wchar_t *format, va_list list)
{
    return winport_print_secure(text, size, UNIT_32, kinds, format, list);
}

int winport_k__vsnwprintf_s32(winport_kinds kinds, wchar_t *text, size_t size,
                              size_t most, const wchar_t *format, va_list list)
{
    return winport_print_secure_most(text, size, most, UNIT_32, kinds, format, list);
}

int winport_k__vscwprintf32(winport_kinds kinds, const wchar_t *format, va_list list)
{
    return winport_print_count(UNIT_32, kinds, format, list);
}

CALL(wprintf32, vwprintf32, (const wchar_t *format), (format), format)
CALL(fwprintf32, vfwprintf32, (FILE * stream, const wchar_t *format), (stream, format),
     format)
CALL(swprintf32, vswprintf32, (wchar_t * text, size_t size, const wchar_t *format),
     (text, size, format), format)
CALL(_swprintf32, _vswprintf32, (wchar_t * text, const wchar_t *format), (text, format),
     format)
CALL(_snwprintf32, _vsnwprintf32, (wchar_t * text, size_t size, const wchar_t *format),
     (text, size, format), format)
CALL(swprintf_s32, vswprintf_s32, (wchar_t * text, size_t size, const wchar_t *format),
     (text, size, format), format)
CALL(_snwprintf_s32, _vsnwprintf_s32,
     (wchar_t * text, size_t size, size_t most, const wchar_t *format),
     (text, size, most, format), format)
CALL(_scwprintf32, _vscwprintf32, (const wchar_t *format), (format), format)
