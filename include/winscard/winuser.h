/* SPDX-License-Identifier: BSD-2-Clause */
/* Of windows and text, the text. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <winuser.h>
#endif

#ifndef WINSCARD_WINUSER_H
#define WINSCARD_WINUSER_H

#ifndef WINSCARD_ON_WINDOWS

#include "windef.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

#include <stdarg.h>

/* printf() into 1,024 characters, the NUL included, as long as they go; gives the length. */
WINPORT_API(int)
wvsprintfA(LPSTR to, LPCSTR format, va_list arguments) WINPORT_NAME(wvsprintfA);
WINPORT_API(int)
wvsprintfW(LPWSTR to, LPCWSTR format, va_list arguments) WINPORT_NAME(wvsprintfW);
WINPORT_API(int) wsprintfA(LPSTR to, LPCSTR format, ...) WINPORT_NAME(wsprintfA);
WINPORT_API(int) wsprintfW(LPWSTR to, LPCWSTR format, ...) WINPORT_NAME(wsprintfW);

/* The letters A to Z of a text in place, which is given back; or of one character, where the
 * pointer is below 65,536. */
WINPORT_API(LPSTR) CharUpperA(LPSTR text) WINPORT_NAME(CharUpperA);
WINPORT_API(LPWSTR) CharUpperW(LPWSTR text) WINPORT_NAME(CharUpperW);
WINPORT_API(LPSTR) CharLowerA(LPSTR text) WINPORT_NAME(CharLowerA);
WINPORT_API(LPWSTR) CharLowerW(LPWSTR text) WINPORT_NAME(CharLowerW);

#ifdef UNICODE
#define wsprintf  wsprintfW
#define wvsprintf wvsprintfW
#define CharUpper CharUpperW
#define CharLower CharLowerW
#else
#define wsprintf  wsprintfA
#define wvsprintf wvsprintfA
#define CharUpper CharUpperA
#define CharLower CharLowerA
#endif

#endif
#endif
#endif
