/* SPDX-License-Identifier: BSD-2-Clause */
/* Formatted input as in Microsoft's C library. Integers and floating point numbers are stored
 * with the width of what the argument points to, so that %lx fills a DWORD and no more. Where
 * the compiler does not tell it (the argument is a void * or points to a structure; beyond 16
 * arguments), the format does, by Windows' widths: `l` has 32 bits.
 *
 * %n is supported. The calls that end in _s want the size after each buffer of %s, %c and %[;
 * what does not fit ends the scan, and the buffer is empty. */
#ifndef WINSCARD_CRT_SCAN_H
#define WINSCARD_CRT_SCAN_H

#include "crt_kinds.h"

#ifdef WINSCARD_WITH_PORT

#if !defined(WINPORT_PACKS) && !defined(__STDC_VERSION__)
#pragma GCC system_header
#endif

/* clang-format off */
WINPORT_C int winport_k_scanf(winport_kinds, const char *, ...);
WINPORT_C int winport_k_fscanf(winport_kinds, FILE *, const char *, ...);
WINPORT_C int winport_k_sscanf(winport_kinds, const char *, const char *, ...);
WINPORT_C int winport_k_scanf_s(winport_kinds, const char *, ...);
WINPORT_C int winport_k_fscanf_s(winport_kinds, FILE *, const char *, ...);
WINPORT_C int winport_k_sscanf_s(winport_kinds, const char *, const char *, ...);
WINPORT_C int winport_k_vscanf(winport_kinds, const char *, va_list);
WINPORT_C int winport_k_vfscanf(winport_kinds, FILE *, const char *, va_list);
WINPORT_C int winport_k_vsscanf(winport_kinds, const char *, const char *, va_list);

#ifdef __cplusplus
#define WINPORT_SCANNER(name, n, parameters)                                             \
    extern int winport_k_##name parameters WINPORT_NAME(k_##name##n);
#else
#define WINPORT_SCANNER(name, n, parameters)                                             \
    extern int winport_k_##name##n parameters WINPORT_NAME(k_##name##n);
#endif
#define WINPORT_WIDE_SCANNERS(T, n)                                                      \
    WINPORT_SCANNER(wscanf, n, (winport_kinds, const T *, ...))                          \
    WINPORT_SCANNER(fwscanf, n, (winport_kinds, FILE *, const T *, ...))                 \
    WINPORT_SCANNER(swscanf, n, (winport_kinds, const T *, const T *, ...))              \
    WINPORT_SCANNER(wscanf_s, n, (winport_kinds, const T *, ...))                        \
    WINPORT_SCANNER(fwscanf_s, n, (winport_kinds, FILE *, const T *, ...))               \
    WINPORT_SCANNER(swscanf_s, n, (winport_kinds, const T *, const T *, ...))            \
    WINPORT_SCANNER(vwscanf, n, (winport_kinds, const T *, va_list))                     \
    WINPORT_SCANNER(vfwscanf, n, (winport_kinds, FILE *, const T *, va_list))            \
    WINPORT_SCANNER(vswscanf, n, (winport_kinds, const T *, const T *, va_list))
WINPORT_WIDE_SCANNERS(WCHAR, 16)
#ifndef WINPORT_SHORT_WCHAR
WINPORT_WIDE_SCANNERS(wchar_t, 32)
#endif
#undef WINPORT_WIDE_SCANNERS
#undef WINPORT_SCANNER

#ifdef WINPORT_PACKS
#define WINPORT_SCAN1(name, T)                                                           \
    template <class... A> inline int winport_##name(const T *format, A... a)             \
    {                                                                                    \
        return winport_k_##name(winport_kinds_of<A...>::number, format, a...);           \
    }
#define WINPORT_SCAN2(name, U, T)                                                        \
    template <class... A> inline int winport_##name(U *from, const T *format, A... a)    \
    {                                                                                    \
        return winport_k_##name(winport_kinds_of<A...>::number, from, format, a...);     \
    }
WINPORT_SCAN1(scanf, char)
WINPORT_SCAN2(fscanf, FILE, char)
WINPORT_SCAN2(sscanf, const char, char)
WINPORT_SCAN1(scanf_s, char)
WINPORT_SCAN2(fscanf_s, FILE, char)
WINPORT_SCAN2(sscanf_s, const char, char)
#define WINPORT_WIDE_SCANS(T)                                                            \
    WINPORT_SCAN1(wscanf, T)                                                             \
    WINPORT_SCAN2(fwscanf, FILE, T)                                                      \
    WINPORT_SCAN2(swscanf, const T, T)                                                   \
    WINPORT_SCAN1(wscanf_s, T)                                                           \
    WINPORT_SCAN2(fwscanf_s, FILE, T)                                                    \
    WINPORT_SCAN2(swscanf_s, const T, T)
WINPORT_WIDE_SCANS(WCHAR)
#ifndef WINPORT_SHORT_WCHAR
WINPORT_WIDE_SCANS(wchar_t)
#endif
#undef WINPORT_WIDE_SCANS
#undef WINPORT_SCAN2
#undef WINPORT_SCAN1
#endif
/* clang-format on */

#ifdef __cplusplus
namespace std
{
using ::winport_k_fscanf;
using ::winport_k_fwscanf;
using ::winport_k_scanf;
using ::winport_k_sscanf;
using ::winport_k_swscanf;
using ::winport_k_vfscanf;
using ::winport_k_vscanf;
using ::winport_k_vsscanf;
using ::winport_k_wscanf;
#ifdef WINPORT_PACKS
using ::winport_fscanf;
using ::winport_fwscanf;
using ::winport_scanf;
using ::winport_sscanf;
using ::winport_swscanf;
using ::winport_wscanf;
#endif
} // namespace std
#endif

#if defined(WINPORT_PACKS)
#define WINPORT_SCAN(name, place, ...)         winport_##name(__VA_ARGS__)
#define WINPORT_WSCAN(name, place, typed, ...) winport_##name(__VA_ARGS__)
#define WINPORT_VSCAN(name, typed, ...)        winport_k_##name((winport_kinds)0, __VA_ARGS__)
#else
#define WINPORT_SCAN(name, place, ...)                                                   \
    winport_k_##name(WINPORT_KINDS##place(WINPORT_NUMBER, __VA_ARGS__), __VA_ARGS__)
#if defined(__cplusplus)
#define WINPORT_WSCAN(name, place, typed, ...) WINPORT_SCAN(name, place, __VA_ARGS__)
#define WINPORT_VSCAN(name, typed, ...)        winport_k_##name((winport_kinds)0, __VA_ARGS__)
#elif defined(WINPORT_SHORT_WCHAR)
#define WINPORT_WSCAN(name, place, typed, ...) WINPORT_SCAN(name##16, place, __VA_ARGS__)
#define WINPORT_VSCAN(name, typed, ...)                                                  \
    winport_k_##name##16((winport_kinds)0, __VA_ARGS__)
#else
#define WINPORT_WSCAN(name, place, typed, ...)                                           \
    WINPORT_BY_TYPE(typed(__VA_ARGS__, 0, 0), winport_k_##name)                          \
    (WINPORT_KINDS##place(WINPORT_NUMBER, __VA_ARGS__), __VA_ARGS__)
#define WINPORT_VSCAN(name, typed, ...)                                                  \
    WINPORT_BY_TYPE(typed(__VA_ARGS__, 0, 0), winport_k_##name)                          \
    ((winport_kinds)0, __VA_ARGS__)
#endif
#endif

/* The C library's headers may have macros of these names. */
#undef scanf
#undef fscanf
#undef sscanf
#undef vscanf
#undef vfscanf
#undef vsscanf
#undef wscanf
#undef fwscanf
#undef swscanf
#undef vwscanf
#undef vfwscanf
#undef vswscanf
#define scanf(...)     WINPORT_SCAN(scanf, 1, __VA_ARGS__)
#define fscanf(...)    WINPORT_SCAN(fscanf, 2, __VA_ARGS__)
#define sscanf(...)    WINPORT_SCAN(sscanf, 2, __VA_ARGS__)
#define scanf_s(...)   WINPORT_SCAN(scanf_s, 1, __VA_ARGS__)
#define fscanf_s(...)  WINPORT_SCAN(fscanf_s, 2, __VA_ARGS__)
#define sscanf_s(...)  WINPORT_SCAN(sscanf_s, 2, __VA_ARGS__)
#define vscanf(...)    winport_k_vscanf((winport_kinds)0, __VA_ARGS__)
#define vfscanf(...)   winport_k_vfscanf((winport_kinds)0, __VA_ARGS__)
#define vsscanf(...)   winport_k_vsscanf((winport_kinds)0, __VA_ARGS__)
#define wscanf(...)    WINPORT_WSCAN(wscanf, 1, WINPORT_FIRST, __VA_ARGS__)
#define fwscanf(...)   WINPORT_WSCAN(fwscanf, 2, WINPORT_SECOND, __VA_ARGS__)
#define swscanf(...)   WINPORT_WSCAN(swscanf, 2, WINPORT_FIRST, __VA_ARGS__)
#define wscanf_s(...)  WINPORT_WSCAN(wscanf_s, 1, WINPORT_FIRST, __VA_ARGS__)
#define fwscanf_s(...) WINPORT_WSCAN(fwscanf_s, 2, WINPORT_SECOND, __VA_ARGS__)
#define swscanf_s(...) WINPORT_WSCAN(swscanf_s, 2, WINPORT_FIRST, __VA_ARGS__)
#define vwscanf(...)   WINPORT_VSCAN(vwscanf, WINPORT_FIRST, __VA_ARGS__)
#define vfwscanf(...)  WINPORT_VSCAN(vfwscanf, WINPORT_SECOND, __VA_ARGS__)
#define vswscanf(...)  WINPORT_VSCAN(vswscanf, WINPORT_FIRST, __VA_ARGS__)

#endif
#endif
