/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted output as in Microsoft's C library: in a format, `l` has 32 bits, as DWORD and
 * LONG have, and %s of a wide call is wide. Wide text has the units of the format: of WCHAR,
 * or of wchar_t where that is another type; an argument may have either, in the calls with
 * `...`, which see its type (not in C++ before 2011). Streams get UTF-8.
 *
 * The calls are macros with parameters: &printf and __attribute__((format(printf, 1, 2)))
 * stay what they are. What is called has no such attribute, for a compiler would check
 * formats by the widths of this system and warn of %lx with a DWORD.
 *
 * %n is refused (-1, errno EINVAL), as Windows does. Where Microsoft's calls of the _s kind
 * end the program, these empty the buffer, set errno to EINVAL or ERANGE and return -1. */
#ifndef WINSCARD_CRT_PRINT_H
#define WINSCARD_CRT_PRINT_H

#include "crt_kinds.h"

#ifdef WINSCARD_WITH_PORT

#if !defined(WINPORT_PACKS) && !defined(__STDC_VERSION__)
#pragma GCC system_header
#endif

/* The calls for narrow text, and for wide text of one type of characters; those for WCHAR end
 * in 16, those for a wchar_t of 32 bits in 32. C++ has overloads instead. The rules of each
 * for a buffer that is too small are Microsoft's; snprintf's are those of the C standard. */
#ifdef __cplusplus
#define WINPORT_PRINTER(name, n, parameters)                                             \
    extern int winport_k_##name parameters WINPORT_NAME(k_##name##n);
#else
#define WINPORT_PRINTER(name, n, parameters)                                             \
    extern int winport_k_##name##n parameters WINPORT_NAME(k_##name##n);
#endif
/* clang-format off */
WINPORT_C int winport_k_printf(winport_kinds, const char *, ...);
WINPORT_C int winport_k_vprintf(winport_kinds, const char *, va_list);
WINPORT_C int winport_k_fprintf(winport_kinds, FILE *, const char *, ...);
WINPORT_C int winport_k_vfprintf(winport_kinds, FILE *, const char *, va_list);
WINPORT_C int winport_k_sprintf(winport_kinds, char *, const char *, ...);
WINPORT_C int winport_k_vsprintf(winport_kinds, char *, const char *, va_list);
WINPORT_C int winport_k_snprintf(winport_kinds, char *, size_t, const char *, ...);
WINPORT_C int winport_k_vsnprintf(winport_kinds, char *, size_t, const char *, va_list);
WINPORT_C int winport_k__snprintf(winport_kinds, char *, size_t, const char *, ...);
WINPORT_C int winport_k__vsnprintf(winport_kinds, char *, size_t, const char *, va_list);
WINPORT_C int winport_k_sprintf_s(winport_kinds, char *, size_t, const char *, ...);
WINPORT_C int winport_k_vsprintf_s(winport_kinds, char *, size_t, const char *, va_list);
WINPORT_C int winport_k__snprintf_s(winport_kinds, char *, size_t, size_t, const char *, ...);
WINPORT_C int winport_k__vsnprintf_s(winport_kinds, char *, size_t, size_t, const char *, va_list);
WINPORT_C int winport_k__scprintf(winport_kinds, const char *, ...);
WINPORT_C int winport_k__vscprintf(winport_kinds, const char *, va_list);
#define WINPORT_WIDE_PRINTERS(T, n)                                                      \
    WINPORT_PRINTER(wprintf, n, (winport_kinds, const T *, ...))                         \
    WINPORT_PRINTER(vwprintf, n, (winport_kinds, const T *, va_list))                    \
    WINPORT_PRINTER(fwprintf, n, (winport_kinds, FILE *, const T *, ...))                \
    WINPORT_PRINTER(vfwprintf, n, (winport_kinds, FILE *, const T *, va_list))           \
    WINPORT_PRINTER(swprintf, n, (winport_kinds, T *, size_t, const T *, ...))           \
    WINPORT_PRINTER(vswprintf, n, (winport_kinds, T *, size_t, const T *, va_list))      \
    WINPORT_PRINTER(_swprintf, n, (winport_kinds, T *, const T *, ...))                  \
    WINPORT_PRINTER(_vswprintf, n, (winport_kinds, T *, const T *, va_list))             \
    WINPORT_PRINTER(_snwprintf, n, (winport_kinds, T *, size_t, const T *, ...))         \
    WINPORT_PRINTER(_vsnwprintf, n, (winport_kinds, T *, size_t, const T *, va_list))    \
    WINPORT_PRINTER(swprintf_s, n, (winport_kinds, T *, size_t, const T *, ...))         \
    WINPORT_PRINTER(vswprintf_s, n, (winport_kinds, T *, size_t, const T *, va_list))    \
    WINPORT_PRINTER(_snwprintf_s, n, (winport_kinds, T *, size_t, size_t, const T *, ...))\
    WINPORT_PRINTER(_vsnwprintf_s, n, (winport_kinds, T *, size_t, size_t, const T *, va_list))\
    WINPORT_PRINTER(_scwprintf, n, (winport_kinds, const T *, ...))                      \
    WINPORT_PRINTER(_vscwprintf, n, (winport_kinds, const T *, va_list))
WINPORT_WIDE_PRINTERS(WCHAR, 16)
#ifndef WINPORT_SHORT_WCHAR
WINPORT_WIDE_PRINTERS(wchar_t, 32)
#endif
#undef WINPORT_WIDE_PRINTERS
#undef WINPORT_PRINTER
/* clang-format on */

#ifdef __cplusplus

/* In C++ the size of an array need not be said, and swprintf is without a size too. */
/* clang-format off */
#define WINPORT_ARRAY_PRINTER(T, name, vname, parameters, arguments)                     \
    template <size_t N>                                                                  \
    inline int winport_k_##vname(winport_kinds kinds, T(&text)[N] parameters,            \
                                 const T *format, va_list list)                          \
    {                                                                                    \
        return winport_k_##vname(kinds, (T *)text, N arguments, format, list);           \
    }                                                                                    \
    template <size_t N>                                                                  \
    inline int winport_k_##name(winport_kinds kinds, T(&text)[N] parameters,             \
                                const T *format, ...)                                    \
    {                                                                                    \
        va_list list;                                                                    \
        va_start(list, format);                                                          \
        const int count =                                                                \
            winport_k_##vname(kinds, (T *)text, N arguments, format, list);              \
        va_end(list);                                                                    \
        return count;                                                                    \
    }
#define WINPORT_NOTHING
#define WINPORT_COUNT_PARAMETER , size_t most
#define WINPORT_COUNT_ARGUMENT  , most
#define WINPORT_ARRAY_PRINTERS(T)                                                        \
    WINPORT_ARRAY_PRINTER(T, swprintf_s, vswprintf_s, WINPORT_NOTHING, WINPORT_NOTHING)  \
    WINPORT_ARRAY_PRINTER(T, _snwprintf_s, _vsnwprintf_s, WINPORT_COUNT_PARAMETER,       \
                          WINPORT_COUNT_ARGUMENT)                                        \
    inline int winport_k_vswprintf(winport_kinds kinds, T *text, const T *format,        \
                                   va_list list)                                         \
    {                                                                                    \
        return winport_k_vswprintf(kinds, text, (size_t)-1, format, list);               \
    }                                                                                    \
    inline int winport_k_swprintf(winport_kinds kinds, T *text, const T *format, ...)    \
    {                                                                                    \
        va_list list;                                                                    \
        va_start(list, format);                                                          \
        const int count =                                                                \
            winport_k_vswprintf(kinds, text, (size_t)-1, format, list);                  \
        va_end(list);                                                                    \
        return count;                                                                    \
    }
WINPORT_ARRAY_PRINTER(char, sprintf_s, vsprintf_s, WINPORT_NOTHING, WINPORT_NOTHING)
WINPORT_ARRAY_PRINTER(char, _snprintf_s, _vsnprintf_s, WINPORT_COUNT_PARAMETER,
                      WINPORT_COUNT_ARGUMENT)
WINPORT_ARRAY_PRINTERS(WCHAR)
#ifndef WINPORT_SHORT_WCHAR
WINPORT_ARRAY_PRINTERS(wchar_t)
#endif
#undef WINPORT_ARRAY_PRINTERS
#undef WINPORT_ARRAY_PRINTER
#undef WINPORT_COUNT_ARGUMENT
#undef WINPORT_COUNT_PARAMETER
#undef WINPORT_NOTHING

#ifdef WINPORT_PACKS

/* The calls with `...`: the compiler makes the kinds of what follows the format. */
#define WINPORT_LIST(...) __VA_ARGS__
#define WINPORT_PACK(name, parameters, arguments)                                        \
    template <class... A> inline int winport_##name(WINPORT_LIST parameters, A... a)     \
    {                                                                                    \
        return winport_k_##name(winport_kinds_of<A...>::text, WINPORT_LIST arguments,    \
                                a...);                                                   \
    }
#define WINPORT_ARRAY_PACK(name, T)                                                      \
    template <size_t N, class... A>                                                      \
    inline int winport_##name(T(&text)[N], const T *format, A... a)                      \
    {                                                                                    \
        return winport_k_##name(winport_kinds_of<A...>::text, (T *)text, N, format, a...);\
    }
#define WINPORT_ARRAY_COUNT_PACK(name, T)                                                \
    template <size_t N, class... A>                                                      \
    inline int winport_##name(T(&text)[N], size_t most, const T *format, A... a)         \
    {                                                                                    \
        return winport_k_##name(winport_kinds_of<A...>::text, (T *)text, N, most, format,\
                                a...);                                                   \
    }
WINPORT_PACK(printf, (const char *format), (format))
WINPORT_PACK(fprintf, (FILE *stream, const char *format), (stream, format))
WINPORT_PACK(sprintf, (char *text, const char *format), (text, format))
WINPORT_PACK(snprintf, (char *text, size_t size, const char *format), (text, size, format))
WINPORT_PACK(_snprintf, (char *text, size_t size, const char *format), (text, size, format))
WINPORT_PACK(sprintf_s, (char *text, size_t size, const char *format), (text, size, format))
WINPORT_PACK(_snprintf_s, (char *text, size_t size, size_t most, const char *format),
             (text, size, most, format))
WINPORT_PACK(_scprintf, (const char *format), (format))
WINPORT_ARRAY_PACK(sprintf_s, char)
WINPORT_ARRAY_COUNT_PACK(_snprintf_s, char)
#define WINPORT_WIDE_PACKS(T)                                                            \
    WINPORT_PACK(wprintf, (const T *format), (format))                                   \
    WINPORT_PACK(fwprintf, (FILE *stream, const T *format), (stream, format))            \
    WINPORT_PACK(swprintf, (T *text, size_t size, const T *format), (text, size, format))\
    WINPORT_PACK(swprintf, (T *text, const T *format), (text, format))                   \
    WINPORT_PACK(_snwprintf, (T *text, size_t size, const T *format), (text, size, format))\
    WINPORT_PACK(swprintf_s, (T *text, size_t size, const T *format), (text, size, format))\
    WINPORT_PACK(_snwprintf_s, (T *text, size_t size, size_t most, const T *format),     \
                 (text, size, most, format))                                             \
    WINPORT_PACK(_scwprintf, (const T *format), (format))                                \
    WINPORT_ARRAY_PACK(swprintf_s, T)                                                    \
    WINPORT_ARRAY_COUNT_PACK(_snwprintf_s, T)
WINPORT_WIDE_PACKS(WCHAR)
#ifndef WINPORT_SHORT_WCHAR
WINPORT_WIDE_PACKS(wchar_t)
#endif
#undef WINPORT_WIDE_PACKS
#undef WINPORT_ARRAY_COUNT_PACK
#undef WINPORT_ARRAY_PACK
#undef WINPORT_PACK
#undef WINPORT_LIST

#endif
/* clang-format on */

inline int winport_vprintf(const char *format, va_list list)
{
    return winport_k_vprintf(0, format, list);
}

inline int winport_vfprintf(FILE *stream, const char *format, va_list list)
{
    return winport_k_vfprintf(0, stream, format, list);
}

inline int winport_vsprintf(char *text, const char *format, va_list list)
{
    return winport_k_vsprintf(0, text, format, list);
}

inline int winport_vsnprintf(char *text, size_t size, const char *format, va_list list)
{
    return winport_k_vsnprintf(0, text, size, format, list);
}

/* std::printf is the same call. */
namespace std
{
using ::winport_k_fprintf;
using ::winport_k_fwprintf;
using ::winport_k_printf;
using ::winport_k_snprintf;
using ::winport_k_sprintf;
using ::winport_k_swprintf;
using ::winport_k_vfprintf;
using ::winport_k_vfwprintf;
using ::winport_k_vprintf;
using ::winport_k_vsnprintf;
using ::winport_k_vsprintf;
using ::winport_k_vswprintf;
using ::winport_k_vwprintf;
using ::winport_k_wprintf;
using ::winport_vfprintf;
using ::winport_vprintf;
using ::winport_vsnprintf;
using ::winport_vsprintf;
#ifdef WINPORT_PACKS
using ::winport_fprintf;
using ::winport_fwprintf;
using ::winport_printf;
using ::winport_snprintf;
using ::winport_sprintf;
using ::winport_swprintf;
using ::winport_wprintf;
#endif
} // namespace std

#endif

/* How a macro calls one of them: `place` arguments stand before those that have kinds, and
 * argument `typed` tells, in C, which characters a wide call is for. */
#if defined(WINPORT_PACKS)
#define WINPORT_PRINT(name, place, ...)         winport_##name(__VA_ARGS__)
#define WINPORT_WPRINT(name, place, typed, ...) winport_##name(__VA_ARGS__)
#define WINPORT_VPRINT(name, typed, ...)        winport_k_##name((winport_kinds)0, __VA_ARGS__)
/* By the name alone: classes of others have members of these names. */
#define WINPORT_VNARROW(name, ...) winport_##name(__VA_ARGS__)
#elif defined(__cplusplus)
#define WINPORT_PRINT(name, place, ...) winport_k_##name((winport_kinds)0, __VA_ARGS__)
#define WINPORT_WPRINT(name, place, typed, ...)                                          \
    winport_k_##name((winport_kinds)0, __VA_ARGS__)
#define WINPORT_VPRINT(name, typed, ...) winport_k_##name((winport_kinds)0, __VA_ARGS__)
#elif defined(WINPORT_SHORT_WCHAR)
#define WINPORT_PRINT(name, place, ...) winport_k_##name((winport_kinds)0, __VA_ARGS__)
#define WINPORT_WPRINT(name, place, typed, ...)                                          \
    winport_k_##name##16((winport_kinds)0, __VA_ARGS__)
#define WINPORT_VPRINT(name, typed, ...)                                                 \
    winport_k_##name##16((winport_kinds)0, __VA_ARGS__)
#else
#define WINPORT_PRINT(name, place, ...)                                                  \
    winport_k_##name(WINPORT_KINDS##place(WINPORT_TEXT, __VA_ARGS__), __VA_ARGS__)
#define WINPORT_WPRINT(name, place, typed, ...)                                          \
    WINPORT_BY_TYPE(typed(__VA_ARGS__, 0, 0), winport_k_##name)                          \
    (WINPORT_KINDS##place(WINPORT_TEXT, __VA_ARGS__), __VA_ARGS__)
#define WINPORT_VPRINT(name, typed, ...)                                                 \
    WINPORT_BY_TYPE(typed(__VA_ARGS__, 0, 0), winport_k_##name)                          \
    ((winport_kinds)0, __VA_ARGS__)
#define WINPORT_BY_TYPE(typed, name)                                                     \
    __extension__ _Generic(*(WINPORT_TYPE(typed) *)0, wchar_t *                          \
                           : name##32, const wchar_t *                                   \
                           : name##32, default                                           \
                           : name##16)
#define WINPORT_FIRST(a, ...)     a
#define WINPORT_SECOND(a, b, ...) b
#endif

#ifndef WINPORT_VNARROW
#define WINPORT_VNARROW(name, ...) winport_k_##name((winport_kinds)0, __VA_ARGS__)
#endif

/* The C library's headers may have macros of these names. */
#undef printf
#undef fprintf
#undef sprintf
#undef snprintf
#undef vprintf
#undef vfprintf
#undef vsprintf
#undef vsnprintf
#undef wprintf
#undef fwprintf
#undef swprintf
#undef vwprintf
#undef vfwprintf
#undef vswprintf
#define printf(...)        WINPORT_PRINT(printf, 1, __VA_ARGS__)
#define fprintf(...)       WINPORT_PRINT(fprintf, 2, __VA_ARGS__)
#define sprintf(...)       WINPORT_PRINT(sprintf, 2, __VA_ARGS__)
#define snprintf(...)      WINPORT_PRINT(snprintf, 3, __VA_ARGS__)
#define _snprintf(...)     WINPORT_PRINT(_snprintf, 3, __VA_ARGS__)
#define sprintf_s(...)     WINPORT_PRINT(sprintf_s, 3, __VA_ARGS__)
#define _snprintf_s(...)   WINPORT_PRINT(_snprintf_s, 4, __VA_ARGS__)
#define _scprintf(...)     WINPORT_PRINT(_scprintf, 1, __VA_ARGS__)
#define printf_s(...)      WINPORT_PRINT(printf, 1, __VA_ARGS__)
#define fprintf_s(...)     WINPORT_PRINT(fprintf, 2, __VA_ARGS__)
#define vprintf(...)       WINPORT_VNARROW(vprintf, __VA_ARGS__)
#define vfprintf(...)      WINPORT_VNARROW(vfprintf, __VA_ARGS__)
#define vsprintf(...)      WINPORT_VNARROW(vsprintf, __VA_ARGS__)
#define vsnprintf(...)     WINPORT_VNARROW(vsnprintf, __VA_ARGS__)
#define _vsnprintf(...)    winport_k__vsnprintf((winport_kinds)0, __VA_ARGS__)
#define vsprintf_s(...)    winport_k_vsprintf_s((winport_kinds)0, __VA_ARGS__)
#define _vsnprintf_s(...)  winport_k__vsnprintf_s((winport_kinds)0, __VA_ARGS__)
#define _vscprintf(...)    winport_k__vscprintf((winport_kinds)0, __VA_ARGS__)
#define vprintf_s(...)     WINPORT_VNARROW(vprintf, __VA_ARGS__)
#define vfprintf_s(...)    WINPORT_VNARROW(vfprintf, __VA_ARGS__)
#define wprintf(...)       WINPORT_WPRINT(wprintf, 1, WINPORT_FIRST, __VA_ARGS__)
#define fwprintf(...)      WINPORT_WPRINT(fwprintf, 2, WINPORT_SECOND, __VA_ARGS__)
#define swprintf(...)      WINPORT_WPRINT(swprintf, 3, WINPORT_FIRST, __VA_ARGS__)
#define _snwprintf(...)    WINPORT_WPRINT(_snwprintf, 3, WINPORT_FIRST, __VA_ARGS__)
#define swprintf_s(...)    WINPORT_WPRINT(swprintf_s, 3, WINPORT_FIRST, __VA_ARGS__)
#define _snwprintf_s(...)  WINPORT_WPRINT(_snwprintf_s, 4, WINPORT_FIRST, __VA_ARGS__)
#define _scwprintf(...)    WINPORT_WPRINT(_scwprintf, 1, WINPORT_FIRST, __VA_ARGS__)
#define wprintf_s(...)     WINPORT_WPRINT(wprintf, 1, WINPORT_FIRST, __VA_ARGS__)
#define fwprintf_s(...)    WINPORT_WPRINT(fwprintf, 2, WINPORT_SECOND, __VA_ARGS__)
#define vwprintf(...)      WINPORT_VPRINT(vwprintf, WINPORT_FIRST, __VA_ARGS__)
#define vfwprintf(...)     WINPORT_VPRINT(vfwprintf, WINPORT_SECOND, __VA_ARGS__)
#define vswprintf(...)     WINPORT_VPRINT(vswprintf, WINPORT_FIRST, __VA_ARGS__)
#define _vsnwprintf(...)   WINPORT_VPRINT(_vsnwprintf, WINPORT_FIRST, __VA_ARGS__)
#define vswprintf_s(...)   WINPORT_VPRINT(vswprintf_s, WINPORT_FIRST, __VA_ARGS__)
#define _vsnwprintf_s(...) WINPORT_VPRINT(_vsnwprintf_s, WINPORT_FIRST, __VA_ARGS__)
#define _vscwprintf(...)   WINPORT_VPRINT(_vscwprintf, WINPORT_FIRST, __VA_ARGS__)
#define vwprintf_s(...)    WINPORT_VPRINT(vwprintf, WINPORT_FIRST, __VA_ARGS__)
#define vfwprintf_s(...)   WINPORT_VPRINT(vfwprintf, WINPORT_SECOND, __VA_ARGS__)

#endif
#endif
