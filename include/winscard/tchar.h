/* SPDX-License-Identifier: BSD-2-Clause */
/* The generic text names of Microsoft's tchar.h: of calls on char, or with _UNICODE on WCHAR.
 * On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <tchar.h>
#endif

#ifndef WINSCARD_TCHAR_H
#define WINSCARD_TCHAR_H

#ifndef WINSCARD_ON_WINDOWS

/* tchar.h follows _UNICODE, windows.h UNICODE; a program must set both or neither. */
#if defined(_UNICODE) && !defined(UNICODE) || defined(UNICODE) && !defined(_UNICODE)
#error "define both UNICODE and _UNICODE, or neither"
#endif

#include "windef.h"

#ifdef WINSCARD_ABI_WINDOWS

#include <stddef.h>

typedef TCHAR _TCHAR;

#define _T(literal)    TEXT(literal)
#define _TEXT(literal) TEXT(literal)
#define __T(literal)   TEXT(literal)

#include "winscard/crt.h"

#ifdef WINSCARD_WITH_PORT
#include "winscard/tchar_names.h"
#else

/* Without libwinport there are no calls for WCHAR, so input, output and main() have a generic
 * name only without _UNICODE. */
#ifndef _UNICODE
#include <stdio.h>
#define _tmain    main
#define _tprintf  printf
#define _ftprintf fprintf
#define _fputts   fputs
#define _puttchar putchar
#endif

/* Characters before the NUL. */
static __inline__ size_t _tcslen(const TCHAR *text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

/* Below, equal to or above 0, as strcmp; compares code units. */
static __inline__ int _tcscmp(const TCHAR *left, const TCHAR *right)
{
    while (*left != 0 && *left == *right) {
        left++;
        right++;
    }
    return (*left > *right) - (*left < *right);
}

#endif
#endif
#endif
#endif
