/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of crt.h share: the C library's headers, and how a call learns what its
 * variable arguments point to. */
#ifndef WINSCARD_CRT_BASE_H
#define WINSCARD_CRT_BASE_H

#include "crt_inttypes.h"
#include "port.h"

/* The C library's own headers come first: below, many of their names become macros, and the
 * C++ library's headers take such macros away again. */
#ifdef __cplusplus
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <cwchar>
#include <cwctype>
#include <string>
#endif
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <wchar.h>
#include <wctype.h>

#ifdef WINSCARD_WITH_PORT

#ifdef __cplusplus
#define WINPORT_C extern "C"
#else
#define WINPORT_C extern
#endif

/* WCHAR is wchar_t, as on Windows: the program is compiled with -fshort-wchar. */
#if WCHAR_MAX <= 0xffff
#define WINPORT_SHORT_WCHAR 1
#endif

/* C++ of 2011 has templates with any number of parameters; older C++ has macros with any
 * number of arguments as an extension, of which it warns outside of system headers. */
#if defined(__cplusplus) && __cplusplus >= 201103L
#define WINPORT_PACKS 1
#endif

typedef int errno_t;
#ifndef __STDC_LIB_EXT1__
typedef size_t rsize_t;
#endif

/* For the count of calls that end in _s: as much as there is room for. */
#define _TRUNCATE ((size_t)-1)
#define STRUNCATE 80 /* what _TRUNCATE cut off: the errno_t of strncpy_s and others */

/* Elements of an array; in C++ it does not compile for a pointer. */
#ifndef _countof
#ifdef __cplusplus
template <class T, size_t N> char (&winport_elements(T (&)[N]))[N];
#define _countof(array) (sizeof(winport_elements(array)))
#else
#define _countof(array) (sizeof(array) / sizeof((array)[0]))
#endif
#endif

#endif
#endif
