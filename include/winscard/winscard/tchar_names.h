/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of tchar.h, as Microsoft's pages of the routines list them. */
#ifndef WINSCARD_TCHAR_NAMES_H
#define WINSCARD_TCHAR_NAMES_H

#include "crt.h"

#include <ctype.h>

#if !defined(WINPORT_PACKS) && !defined(__STDC_VERSION__)
#pragma GCC system_header
#endif

#ifdef _UNICODE

typedef wint_t _TINT;
typedef WCHAR _TUCHAR;
typedef WCHAR _TSCHAR;
typedef WCHAR _TXCHAR;

#define _tprintf      wprintf
#define _tprintf_s    wprintf_s
#define _ftprintf     fwprintf
#define _ftprintf_s   fwprintf_s
#define _stprintf_s   swprintf_s
#define _sntprintf    _snwprintf
#define _sntprintf_s  _snwprintf_s
#define _sctprintf    _scwprintf
#define _vtprintf     vwprintf
#define _vtprintf_s   vwprintf_s
#define _vftprintf    vfwprintf
#define _vftprintf_s  vfwprintf_s
#define _vstprintf_s  vswprintf_s
#define _vsntprintf   _vsnwprintf
#define _vsntprintf_s _vsnwprintf_s
#define _vsctprintf   _vscwprintf
#define _tscanf       wscanf
#define _tscanf_s     wscanf_s
#define _ftscanf      fwscanf
#define _ftscanf_s    fwscanf_s
#define _stscanf      swscanf
#define _stscanf_s    swscanf_s

#define _tcslen     winport_wcslen
#define _tcsclen    winport_wcslen
#define _tcsnlen    wcsnlen_s
#define _tcscpy     winport_wcscpy
#define _tcsncpy    winport_wcsncpy
#define _tcsnccpy   winport_wcsncpy
#define _tcscat     winport_wcscat
#define _tcsncat    winport_wcsncat
#define _tcsnccat   winport_wcsncat
#define _tcscmp     winport_wcscmp
#define _tcsncmp    winport_wcsncmp
#define _tcsnccmp   winport_wcsncmp
#define _tcscoll    winport_wcscoll
#define _tcsicmp    _wcsicmp
#define _tcsicoll   _wcsicoll
#define _tcsnicmp   _wcsnicmp
#define _tcsncicmp  _wcsnicmp
#define _tcschr     winport_wcschr
#define _tcsrchr    winport_wcsrchr
#define _tcsstr     winport_wcsstr
#define _tcspbrk    winport_wcspbrk
#define _tcsspn     winport_wcsspn
#define _tcscspn    winport_wcscspn
#define _tcsdup     _wcsdup
#define _tcsupr     _wcsupr
#define _tcslwr     _wcslwr
#define _tcsrev     _wcsrev
#define _tcscpy_s   wcscpy_s
#define _tcsncpy_s  wcsncpy_s
#define _tcscat_s   wcscat_s
#define _tcsncat_s  wcsncat_s
#define _tcstok_s   wcstok_s
#define _tcsupr_s   _wcsupr_s
#define _tcslwr_s   _wcslwr_s
#define _tcserror_s _wcserror_s

#define _tcstol    winport_wcstol
#define _tcstoul   winport_wcstoul
#define _tcstoll   winport_wcstoll
#define _tcstoull  winport_wcstoull
#define _tcstoi64  _wcstoi64
#define _tcstoui64 _wcstoui64
#define _tcstod    winport_wcstod
#define _tstoi     _wtoi
#define _ttoi      _wtoi
#define _tstol     _wtol
#define _ttol      _wtol
#define _tstof     _wtof
#define _ttof      _wtof
#define _tstoi64   _wtoi64
#define _ttoi64    _wtoi64
#define _itot      _itow
#define _ltot      _ltow
#define _ultot     _ultow
#define _i64tot    _i64tow
#define _ui64tot   _ui64tow
#define _itot_s    _itow_s
#define _ltot_s    _ltow_s
#define _ultot_s   _ultow_s
#define _i64tot_s  _i64tow_s
#define _ui64tot_s _ui64tow_s

#define _totupper  towupper
#define _totlower  towlower
#define _istalnum  iswalnum
#define _istalpha  iswalpha
#define _istcntrl  iswcntrl
#define _istdigit  iswdigit
#define _istgraph  iswgraph
#define _istlower  iswlower
#define _istprint  iswprint
#define _istpunct  iswpunct
#define _istspace  iswspace
#define _istupper  iswupper
#define _istxdigit iswxdigit

#define _fputts   winport_fputws
#define _fgetts   winport_fgetws
#define _putts    _putws
#define _getts    _getws
#define _getts_s  _getws_s
#define _puttchar putwchar
#define _puttc    putwc
#define _fputtc   fputwc
#define _gettchar getwchar
#define _gettc    getwc
#define _fgettc   fgetwc
#define _ungettc  ungetwc

#define _tfopen     _wfopen
#define _tfopen_s   _wfopen_s
#define _tfreopen   _wfreopen
#define _tfreopen_s _wfreopen_s
#define _tremove    _wremove
#define _trename    _wrename
#define _taccess    _waccess
#define _taccess_s  _waccess_s
#define _tgetcwd    _wgetcwd
#define _tgetenv    _wgetenv
#define _tgetenv_s  _wgetenv_s
#define _tdupenv_s  _wdupenv_s
#define _tputenv    _wputenv
#define _tputenv_s  _wputenv_s
#define _tsystem    _wsystem
#define _tcsftime   winport_wcsftime
#define _tctime_s   _wctime_s
#define _tasctime_s _wasctime_s

#define _tmain wmain
#define _TEOF  WEOF

/* With or without a size: on Windows the older form has none. In C the second argument's type
 * tells. */
#ifdef __cplusplus
#define _stprintf  swprintf
#define _vstprintf vswprintf
#else
/* clang-format off */
#define WINPORT_STPRINTF(second, old, sized)                                             \
    __extension__ _Generic(*(WINPORT_TYPE(second) *)0,                                   \
        WCHAR *: old, const WCHAR *: old, default: sized)
/* clang-format on */
#define _stprintf(...)                                                                   \
    WINPORT_STPRINTF(WINPORT_AT2(__VA_ARGS__, 0), winport_k__swprintf16,                 \
                     winport_k_swprintf16)                                               \
    ((winport_kinds)0, __VA_ARGS__)
#define _vstprintf(...)                                                                  \
    WINPORT_STPRINTF(WINPORT_AT2(__VA_ARGS__, 0), winport_k__vswprintf16,                \
                     winport_k_vswprintf16)                                              \
    ((winport_kinds)0, __VA_ARGS__)
#define WINPORT_AT2(a, b, ...) b
#endif
#define _tcstok(...) WINPORT_TOKENS(__VA_ARGS__)(__VA_ARGS__)

#else

typedef int _TINT;
typedef unsigned char _TUCHAR;
typedef signed char _TSCHAR;
typedef char _TXCHAR;

#define _tprintf      printf
#define _tprintf_s    printf_s
#define _ftprintf     fprintf
#define _ftprintf_s   fprintf_s
#define _stprintf_s   sprintf_s
#define _sntprintf    _snprintf
#define _sntprintf_s  _snprintf_s
#define _sctprintf    _scprintf
#define _vtprintf     vprintf
#define _vtprintf_s   vprintf_s
#define _vftprintf    vfprintf
#define _vftprintf_s  vfprintf_s
#define _vstprintf_s  vsprintf_s
#define _vsntprintf   _vsnprintf
#define _vsntprintf_s _vsnprintf_s
#define _vsctprintf   _vscprintf
#define _tscanf       scanf
#define _tscanf_s     scanf_s
#define _ftscanf      fscanf
#define _ftscanf_s    fscanf_s
#define _stscanf      sscanf
#define _stscanf_s    sscanf_s

#define _tcslen     strlen
#define _tcsclen    strlen
#define _tcsnlen    strnlen_s
#define _tcscpy     strcpy
#define _tcsncpy    strncpy
#define _tcsnccpy   strncpy
#define _tcscat     strcat
#define _tcsncat    strncat
#define _tcsnccat   strncat
#define _tcscmp     strcmp
#define _tcsncmp    strncmp
#define _tcsnccmp   strncmp
#define _tcscoll    strcoll
#define _tcsicmp    _stricmp
#define _tcsicoll   _stricoll
#define _tcsnicmp   _strnicmp
#define _tcsncicmp  _strnicmp
#define _tcschr     strchr
#define _tcsrchr    strrchr
#define _tcsstr     strstr
#define _tcspbrk    strpbrk
#define _tcsspn     strspn
#define _tcscspn    strcspn
#define _tcsdup     _strdup
#define _tcsupr     _strupr
#define _tcslwr     _strlwr
#define _tcsrev     _strrev
#define _tcscpy_s   strcpy_s
#define _tcsncpy_s  strncpy_s
#define _tcscat_s   strcat_s
#define _tcsncat_s  strncat_s
#define _tcstok_s   strtok_s
#define _tcsupr_s   _strupr_s
#define _tcslwr_s   _strlwr_s
#define _tcserror_s strerror_s

#define _tcstol    strtol
#define _tcstoul   strtoul
#define _tcstoll   strtoll
#define _tcstoull  strtoull
#define _tcstoi64  _strtoi64
#define _tcstoui64 _strtoui64
#define _tcstod    strtod
#define _tstoi     atoi
#define _ttoi      atoi
#define _tstol     atol
#define _ttol      atol
#define _tstof     atof
#define _ttof      atof
#define _tstoi64   _atoi64
#define _ttoi64    _atoi64
#define _itot      _itoa
#define _ltot      _ltoa
#define _ultot     _ultoa
#define _i64tot    _i64toa
#define _ui64tot   _ui64toa
#define _itot_s    _itoa_s
#define _ltot_s    _ltoa_s
#define _ultot_s   _ultoa_s
#define _i64tot_s  _i64toa_s
#define _ui64tot_s _ui64toa_s

#define _totupper  toupper
#define _totlower  tolower
#define _istalnum  isalnum
#define _istalpha  isalpha
#define _istcntrl  iscntrl
#define _istdigit  isdigit
#define _istgraph  isgraph
#define _istlower  islower
#define _istprint  isprint
#define _istpunct  ispunct
#define _istspace  isspace
#define _istupper  isupper
#define _istxdigit isxdigit

#define _fputts   fputs
#define _fgetts   fgets
#define _putts    puts
#define _getts    gets
#define _getts_s  gets_s
#define _puttchar putchar
#define _puttc    putc
#define _fputtc   fputc
#define _gettchar getchar
#define _gettc    getc
#define _fgettc   fgetc
#define _ungettc  ungetc

#define _tfopen     fopen
#define _tfopen_s   fopen_s
#define _tfreopen   freopen
#define _tfreopen_s freopen_s
#define _tremove    remove
#define _trename    rename
#define _taccess    _access
#define _taccess_s  _access_s
#define _tgetcwd    _getcwd
#define _tgetenv    getenv
#define _tgetenv_s  getenv_s
#define _tdupenv_s  _dupenv_s
#define _tputenv    _putenv
#define _tputenv_s  _putenv_s
#define _tsystem    system
#define _tcsftime   strftime
#define _tctime_s   ctime_s
#define _tasctime_s asctime_s

#define _tmain main
#define _TEOF  EOF

#define _stprintf  sprintf
#define _vstprintf vsprintf
#define _tcstok    strtok

#endif

/* A character is a unit here: bytes of UTF-8 are not told apart, as with no multibyte code
 * page on Windows. */
#define _tcsinc(text)         ((text) + 1)
#define _tcsdec(start, text)  ((start) >= (text) ? NULL : (text)-1)
#define _tcsninc(text, count) ((text) + (count))
#define _tcsnextc(text)       ((_TUCHAR) * (text))
#define _tclen(text)          ((size_t)1)
#define _tccpy(to, from)      ((void)(*(to) = *(from)))
#define _tccmp(left, right)   ((int)(_TUCHAR) * (left) - (int)(_TUCHAR) * (right))

#endif
