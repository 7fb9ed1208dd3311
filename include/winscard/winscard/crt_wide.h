/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls of wchar.h and wctype.h on WCHAR, of 16 bits. Those of the C library take its own
 * wchar_t, which has 32 bits unless a program is compiled with -fshort-wchar, and then they
 * must not be reached: they would read twice as far. So:
 * - with -fshort-wchar the names are macros with parameters for the calls here;
 * - without it, in C, the type of an argument chooses between these and the C library's;
 * - without it, in C++, these are overloads.
 *
 * Characters are classified as Unicode does, whatever the locale is. Streams have UTF-8. */
#ifndef WINSCARD_CRT_WIDE_H
#define WINSCARD_CRT_WIDE_H

#include "crt_print.h"

#ifdef WINSCARD_WITH_PORT

#if !defined(WINPORT_PACKS) && !defined(__STDC_VERSION__)
#pragma GCC system_header
#endif

/* clang-format off */

/* Calls whose arguments tell which characters they are for, and those that do not. */
#define WINPORT_WIDE_CALLS(CALL)                                                         \
    CALL(size_t, wcslen, (const WCHAR *))                                                \
    CALL(WCHAR *, wcscpy, (WCHAR *, const WCHAR *))                                      \
    CALL(WCHAR *, wcsncpy, (WCHAR *, const WCHAR *, size_t))                             \
    CALL(WCHAR *, wcscat, (WCHAR *, const WCHAR *))                                      \
    CALL(WCHAR *, wcsncat, (WCHAR *, const WCHAR *, size_t))                             \
    CALL(int, wcscmp, (const WCHAR *, const WCHAR *))                                    \
    CALL(int, wcsncmp, (const WCHAR *, const WCHAR *, size_t))                           \
    CALL(int, wcscoll, (const WCHAR *, const WCHAR *))                                   \
    CALL(size_t, wcsspn, (const WCHAR *, const WCHAR *))                                 \
    CALL(size_t, wcscspn, (const WCHAR *, const WCHAR *))                                \
    CALL(WCHAR *, wmemcpy, (WCHAR *, const WCHAR *, size_t))                             \
    CALL(WCHAR *, wmemmove, (WCHAR *, const WCHAR *, size_t))                            \
    CALL(WCHAR *, wmemset, (WCHAR *, WCHAR, size_t))                                     \
    CALL(int, wmemcmp, (const WCHAR *, const WCHAR *, size_t))                           \
    CALL(long, wcstol, (const WCHAR *, WCHAR **, int))                                   \
    CALL(unsigned long, wcstoul, (const WCHAR *, WCHAR **, int))                         \
    CALL(int64_t, wcstoll, (const WCHAR *, WCHAR **, int))                               \
    CALL(uint64_t, wcstoull, (const WCHAR *, WCHAR **, int))                             \
    CALL(double, wcstod, (const WCHAR *, WCHAR **))                                      \
    CALL(float, wcstof, (const WCHAR *, WCHAR **))                                       \
    CALL(size_t, wcstombs, (char *, const WCHAR *, size_t))                              \
    CALL(size_t, wcsftime, (WCHAR *, size_t, const WCHAR *, const struct tm *))          \
    CALL(int, fputws, (const WCHAR *, FILE *))                                           \
    CALL(WCHAR *, fgetws, (WCHAR *, int, FILE *))
#define WINPORT_OTHER_WIDE_CALLS(CALL)                                                   \
    CALL(size_t, mbstowcs, (WCHAR *, const char *, size_t))                              \
    CALL(int, mbtowc, (WCHAR *, const char *, size_t))                                   \
    CALL(int, wctomb, (char *, WCHAR))                                                   \
    CALL(size_t, wcsnlen, (const WCHAR *, size_t))                                       \
    CALL(wint_t, fputwc, (wint_t, FILE *))                                               \
    CALL(wint_t, putwc, (wint_t, FILE *))                                                \
    CALL(wint_t, putwchar, (wint_t))                                                     \
    CALL(wint_t, fgetwc, (FILE *))                                                       \
    CALL(wint_t, getwc, (FILE *))                                                        \
    CALL(wint_t, getwchar, (void))                                                       \
    CALL(wint_t, ungetwc, (wint_t, FILE *))

#define WINPORT_DECLARE(type, name, parameters) WINPORT_C type winport_##name parameters;
WINPORT_WIDE_CALLS(WINPORT_DECLARE)
WINPORT_OTHER_WIDE_CALLS(WINPORT_DECLARE)
#undef WINPORT_DECLARE

/* With Microsoft's older form, which keeps the place for the thread. */
WINPORT_C WCHAR *winport_wcstok(WCHAR *, const WCHAR *, WCHAR **);
WINPORT_C WCHAR *winport_wcstok_old(WCHAR *, const WCHAR *);

#ifdef __cplusplus
#define WINPORT_SEARCH(name, T)                                                          \
    extern const WCHAR *winport_##name(const WCHAR *, T) WINPORT_NAME(name);             \
    extern WCHAR *winport_##name(WCHAR *, T) WINPORT_NAME(name);
#else
#define WINPORT_SEARCH(name, T) extern WCHAR *winport_##name(const WCHAR *, T);
#endif
WINPORT_SEARCH(wcschr, WCHAR)
WINPORT_SEARCH(wcsrchr, WCHAR)
WINPORT_SEARCH(wcsstr, const WCHAR *)
WINPORT_SEARCH(wcspbrk, const WCHAR *)
#undef WINPORT_SEARCH

WINPORT_C int winport_iswalnum(wint_t);
WINPORT_C int winport_iswalpha(wint_t);
WINPORT_C int winport_iswblank(wint_t);
WINPORT_C int winport_iswcntrl(wint_t);
WINPORT_C int winport_iswdigit(wint_t);
WINPORT_C int winport_iswgraph(wint_t);
WINPORT_C int winport_iswlower(wint_t);
WINPORT_C int winport_iswprint(wint_t);
WINPORT_C int winport_iswpunct(wint_t);
WINPORT_C int winport_iswspace(wint_t);
WINPORT_C int winport_iswupper(wint_t);
WINPORT_C int winport_iswxdigit(wint_t);
WINPORT_C wint_t winport_towlower(wint_t);
WINPORT_C wint_t winport_towupper(wint_t);

#if defined(__cplusplus) && !defined(WINPORT_SHORT_WCHAR)

#define WINPORT_OVERLOAD(type, name, parameters) extern type name parameters WINPORT_NAME(name);
WINPORT_WIDE_CALLS(WINPORT_OVERLOAD)
WINPORT_OVERLOAD(WCHAR *, wcstok, (WCHAR *, const WCHAR *, WCHAR **))
extern WCHAR *wcstok(WCHAR *, const WCHAR *) WINPORT_NAME(wcstok_old);
extern size_t wcsnlen(const WCHAR *, size_t) WINPORT_NAME(wcsnlen);
#undef WINPORT_OVERLOAD
#define WINPORT_SEARCH(name, T)                                                          \
    extern const WCHAR *name(const WCHAR *, T) WINPORT_NAME(name);                       \
    extern WCHAR *name(WCHAR *, T) WINPORT_NAME(name);
WINPORT_SEARCH(wcschr, WCHAR)
WINPORT_SEARCH(wcsrchr, WCHAR)
WINPORT_SEARCH(wcsstr, const WCHAR *)
WINPORT_SEARCH(wcspbrk, const WCHAR *)
#undef WINPORT_SEARCH
/* But not wcstol and its kind, of which the C++ library takes addresses in std. */
namespace std
{
using ::wcslen;
using ::wcscpy;
using ::wcsncpy;
using ::wcscat;
using ::wcsncat;
using ::wcscmp;
using ::wcsncmp;
using ::wcscoll;
using ::wcsspn;
using ::wcscspn;
using ::wmemcpy;
using ::wmemmove;
using ::wmemset;
using ::wmemcmp;
using ::wcstombs;
using ::wcsftime;
using ::fputws;
using ::fgetws;
using ::wcschr;
using ::wcsrchr;
using ::wcsstr;
using ::wcspbrk;
using ::wcstok;
} // namespace std

/* mbstowcs(NULL, ...) would be for either kind of characters; a template does not match. */
template <class T> struct winport_wchar_only {
};
template <> struct winport_wchar_only<wchar_t> {
    typedef size_t size;
    typedef int count;
};
template <class T>
inline typename winport_wchar_only<T>::size winport_mbstowcs(T *to, const char *from,
                                                             size_t size)
{
    return ::mbstowcs(to, from, size);
}
template <class T>
inline typename winport_wchar_only<T>::count winport_mbtowc(T *to, const char *from,
                                                            size_t size)
{
    return ::mbtowc(to, from, size);
}

#endif

#ifdef __cplusplus
namespace std
{
using ::winport_wcslen;
using ::winport_wcscpy;
using ::winport_wcsncpy;
using ::winport_wcscat;
using ::winport_wcsncat;
using ::winport_wcscmp;
using ::winport_wcsncmp;
using ::winport_wcscoll;
using ::winport_wcsspn;
using ::winport_wcscspn;
using ::winport_wmemcpy;
using ::winport_wmemmove;
using ::winport_wmemset;
using ::winport_wmemcmp;
using ::winport_wcstol;
using ::winport_wcstoul;
using ::winport_wcstoll;
using ::winport_wcstoull;
using ::winport_wcstod;
using ::winport_wcstof;
using ::winport_wcstombs;
using ::winport_wcsftime;
using ::winport_fputws;
using ::winport_fgetws;
using ::winport_wcschr;
using ::winport_wcsrchr;
using ::winport_wcsstr;
using ::winport_wcspbrk;
using ::winport_mbstowcs;
using ::winport_mbtowc;
using ::winport_wctomb;
using ::winport_wcsnlen;
using ::winport_fputwc;
using ::winport_putwc;
using ::winport_putwchar;
using ::winport_fgetwc;
using ::winport_getwc;
using ::winport_getwchar;
using ::winport_ungetwc;
using ::winport_wcstok;
using ::winport_wcstok_old;
using ::winport_iswalnum;
using ::winport_iswalpha;
using ::winport_iswblank;
using ::winport_iswcntrl;
using ::winport_iswdigit;
using ::winport_iswgraph;
using ::winport_iswlower;
using ::winport_iswprint;
using ::winport_iswpunct;
using ::winport_iswspace;
using ::winport_iswupper;
using ::winport_iswxdigit;
using ::winport_towlower;
using ::winport_towupper;
} // namespace std
#endif

#define WINPORT_THIRD(a, b, c, ...) c
#define WINPORT_TOKENS(...) WINPORT_TOKENS_(__VA_ARGS__, winport_wcstok, winport_wcstok_old, 0)
#define WINPORT_TOKENS_(a, b, c, name, ...) name

#if defined(WINPORT_SHORT_WCHAR)

#undef wcslen
#undef wcscpy
#undef wcsncpy
#undef wcscat
#undef wcsncat
#undef wcscmp
#undef wcsncmp
#undef wcscoll
#undef wcsspn
#undef wcscspn
#undef wmemcpy
#undef wmemmove
#undef wmemset
#undef wmemcmp
#undef wcstol
#undef wcstoul
#undef wcstoll
#undef wcstoull
#undef wcstod
#undef wcstof
#undef wcstombs
#undef wcsftime
#undef fputws
#undef fgetws
#undef wcschr
#undef wcsrchr
#undef wcsstr
#undef wcspbrk
#undef wcstok
#define wcslen(...) winport_wcslen(__VA_ARGS__)
#define wcscpy(...) winport_wcscpy(__VA_ARGS__)
#define wcsncpy(...) winport_wcsncpy(__VA_ARGS__)
#define wcscat(...) winport_wcscat(__VA_ARGS__)
#define wcsncat(...) winport_wcsncat(__VA_ARGS__)
#define wcscmp(...) winport_wcscmp(__VA_ARGS__)
#define wcsncmp(...) winport_wcsncmp(__VA_ARGS__)
#define wcscoll(...) winport_wcscoll(__VA_ARGS__)
#define wcsspn(...) winport_wcsspn(__VA_ARGS__)
#define wcscspn(...) winport_wcscspn(__VA_ARGS__)
#define wmemcpy(...) winport_wmemcpy(__VA_ARGS__)
#define wmemmove(...) winport_wmemmove(__VA_ARGS__)
#define wmemset(...) winport_wmemset(__VA_ARGS__)
#define wmemcmp(...) winport_wmemcmp(__VA_ARGS__)
#define wcstol(...) winport_wcstol(__VA_ARGS__)
#define wcstoul(...) winport_wcstoul(__VA_ARGS__)
#define wcstoll(...) winport_wcstoll(__VA_ARGS__)
#define wcstoull(...) winport_wcstoull(__VA_ARGS__)
#define wcstod(...) winport_wcstod(__VA_ARGS__)
#define wcstof(...) winport_wcstof(__VA_ARGS__)
#define wcstombs(...) winport_wcstombs(__VA_ARGS__)
#define wcsftime(...) winport_wcsftime(__VA_ARGS__)
#define fputws(...) winport_fputws(__VA_ARGS__)
#define fgetws(...) winport_fgetws(__VA_ARGS__)
#define wcschr(...) winport_wcschr(__VA_ARGS__)
#define wcsrchr(...) winport_wcsrchr(__VA_ARGS__)
#define wcsstr(...) winport_wcsstr(__VA_ARGS__)
#define wcspbrk(...) winport_wcspbrk(__VA_ARGS__)
#define wcstok(...) WINPORT_TOKENS(__VA_ARGS__)(__VA_ARGS__)

#elif !defined(__cplusplus)

#define WINPORT_CHOSEN(typed, name, ...)                                                 \
    __extension__ _Generic(*(WINPORT_TYPE(typed(__VA_ARGS__, 0, 0)) *)0,                 \
        wchar_t *: name, const wchar_t *: name, default: winport_##name)(__VA_ARGS__)
#undef wcslen
#undef wcscpy
#undef wcsncpy
#undef wcscat
#undef wcsncat
#undef wcscmp
#undef wcsncmp
#undef wcscoll
#undef wcsspn
#undef wcscspn
#undef wmemcpy
#undef wmemmove
#undef wmemset
#undef wmemcmp
#undef wcstol
#undef wcstoul
#undef wcstoll
#undef wcstoull
#undef wcstod
#undef wcstof
#undef wcstombs
#undef wcsftime
#undef fputws
#undef fgetws
#undef wcschr
#undef wcsrchr
#undef wcsstr
#undef wcspbrk
#undef wcstok
#define wcslen(...) WINPORT_CHOSEN(WINPORT_FIRST, wcslen, __VA_ARGS__)
#define wcscpy(...) WINPORT_CHOSEN(WINPORT_FIRST, wcscpy, __VA_ARGS__)
#define wcsncpy(...) WINPORT_CHOSEN(WINPORT_FIRST, wcsncpy, __VA_ARGS__)
#define wcscat(...) WINPORT_CHOSEN(WINPORT_FIRST, wcscat, __VA_ARGS__)
#define wcsncat(...) WINPORT_CHOSEN(WINPORT_FIRST, wcsncat, __VA_ARGS__)
#define wcscmp(...) WINPORT_CHOSEN(WINPORT_FIRST, wcscmp, __VA_ARGS__)
#define wcsncmp(...) WINPORT_CHOSEN(WINPORT_FIRST, wcsncmp, __VA_ARGS__)
#define wcscoll(...) WINPORT_CHOSEN(WINPORT_FIRST, wcscoll, __VA_ARGS__)
#define wcsspn(...) WINPORT_CHOSEN(WINPORT_FIRST, wcsspn, __VA_ARGS__)
#define wcscspn(...) WINPORT_CHOSEN(WINPORT_FIRST, wcscspn, __VA_ARGS__)
#define wmemcpy(...) WINPORT_CHOSEN(WINPORT_FIRST, wmemcpy, __VA_ARGS__)
#define wmemmove(...) WINPORT_CHOSEN(WINPORT_FIRST, wmemmove, __VA_ARGS__)
#define wmemset(...) WINPORT_CHOSEN(WINPORT_FIRST, wmemset, __VA_ARGS__)
#define wmemcmp(...) WINPORT_CHOSEN(WINPORT_FIRST, wmemcmp, __VA_ARGS__)
#define wcstol(...) WINPORT_CHOSEN(WINPORT_FIRST, wcstol, __VA_ARGS__)
#define wcstoul(...) WINPORT_CHOSEN(WINPORT_FIRST, wcstoul, __VA_ARGS__)
#define wcstoll(...) WINPORT_CHOSEN(WINPORT_FIRST, wcstoll, __VA_ARGS__)
#define wcstoull(...) WINPORT_CHOSEN(WINPORT_FIRST, wcstoull, __VA_ARGS__)
#define wcstod(...) WINPORT_CHOSEN(WINPORT_FIRST, wcstod, __VA_ARGS__)
#define wcstof(...) WINPORT_CHOSEN(WINPORT_FIRST, wcstof, __VA_ARGS__)
#define wcstombs(...) WINPORT_CHOSEN(WINPORT_SECOND, wcstombs, __VA_ARGS__)
#define wcsftime(...) WINPORT_CHOSEN(WINPORT_FIRST, wcsftime, __VA_ARGS__)
#define fputws(...) WINPORT_CHOSEN(WINPORT_FIRST, fputws, __VA_ARGS__)
#define fgetws(...) WINPORT_CHOSEN(WINPORT_FIRST, fgetws, __VA_ARGS__)
#define wcschr(...) WINPORT_CHOSEN(WINPORT_FIRST, wcschr, __VA_ARGS__)
#define wcsrchr(...) WINPORT_CHOSEN(WINPORT_FIRST, wcsrchr, __VA_ARGS__)
#define wcsstr(...) WINPORT_CHOSEN(WINPORT_FIRST, wcsstr, __VA_ARGS__)
#define wcspbrk(...) WINPORT_CHOSEN(WINPORT_FIRST, wcspbrk, __VA_ARGS__)
#define wcstok(...)                                                                      \
    __extension__ _Generic(*(WINPORT_TYPE(WINPORT_SECOND(__VA_ARGS__, 0)) *)0,           \
        wchar_t *: wcstok, const wchar_t *: wcstok,                                      \
        default: WINPORT_TOKENS(__VA_ARGS__))(__VA_ARGS__)

#endif

/* Nothing tells these apart: they are always for WCHAR, and for characters as such. */
#undef mbstowcs
#undef mbtowc
#undef wctomb
#undef wcsnlen
#undef fputwc
#undef putwc
#undef putwchar
#undef fgetwc
#undef getwc
#undef getwchar
#undef ungetwc
#if defined(__cplusplus) && !defined(WINPORT_SHORT_WCHAR)
#define mbstowcs(...) winport_mbstowcs(__VA_ARGS__)
#define mbtowc(...) winport_mbtowc(__VA_ARGS__)
#elif defined(WINPORT_SHORT_WCHAR)
#define mbstowcs(...) winport_mbstowcs(__VA_ARGS__)
#define mbtowc(...) winport_mbtowc(__VA_ARGS__)
#define wcsnlen(...) winport_wcsnlen(__VA_ARGS__)
#else
#define mbstowcs(...) WINPORT_CHOSEN(WINPORT_FIRST, mbstowcs, __VA_ARGS__)
#define mbtowc(...) WINPORT_CHOSEN(WINPORT_FIRST, mbtowc, __VA_ARGS__)
#define wcsnlen(...) winport_wcsnlen(__VA_ARGS__)
#endif
#define wctomb(...) winport_wctomb(__VA_ARGS__)
#define fputwc(...) winport_fputwc(__VA_ARGS__)
#define putwc(...) winport_putwc(__VA_ARGS__)
#define putwchar(...) winport_putwchar(__VA_ARGS__)
#define fgetwc(...) winport_fgetwc(__VA_ARGS__)
#define getwc(...) winport_getwc(__VA_ARGS__)
#define getwchar(...) winport_getwchar(__VA_ARGS__)
#define ungetwc(...) winport_ungetwc(__VA_ARGS__)
#undef iswalnum
#undef iswalpha
#undef iswblank
#undef iswcntrl
#undef iswdigit
#undef iswgraph
#undef iswlower
#undef iswprint
#undef iswpunct
#undef iswspace
#undef iswupper
#undef iswxdigit
#undef towlower
#undef towupper
#define iswalnum(...) winport_iswalnum(__VA_ARGS__)
#define iswalpha(...) winport_iswalpha(__VA_ARGS__)
#define iswblank(...) winport_iswblank(__VA_ARGS__)
#define iswcntrl(...) winport_iswcntrl(__VA_ARGS__)
#define iswdigit(...) winport_iswdigit(__VA_ARGS__)
#define iswgraph(...) winport_iswgraph(__VA_ARGS__)
#define iswlower(...) winport_iswlower(__VA_ARGS__)
#define iswprint(...) winport_iswprint(__VA_ARGS__)
#define iswpunct(...) winport_iswpunct(__VA_ARGS__)
#define iswspace(...) winport_iswspace(__VA_ARGS__)
#define iswupper(...) winport_iswupper(__VA_ARGS__)
#define iswxdigit(...) winport_iswxdigit(__VA_ARGS__)
#define towlower(...) winport_towlower(__VA_ARGS__)
#define towupper(...) winport_towupper(__VA_ARGS__)

#undef WINPORT_OTHER_WIDE_CALLS
#undef WINPORT_WIDE_CALLS
/* clang-format on */

/* main() with UTF-16: libwinport has a main that calls it, for programs without one. */
#define wmain winport_wmain

#endif
#endif
