/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's calls on text that cut off and say so. Cch: sizes are characters, Cb: bytes.
 * The forms that end in Ex are not there. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <strsafe.h>
#endif

#ifndef WINSCARD_STRSAFE_H
#define WINSCARD_STRSAFE_H

#ifndef WINSCARD_ON_WINDOWS

#include "winerror.h"
#include "winscard/crt.h"

#ifdef WINSCARD_ABI_WINDOWS

#define STRSAFE_MAX_CCH               2147483647
#define STRSAFE_MAX_LENGTH            (STRSAFE_MAX_CCH - 1)
#define STRSAFE_E_INSUFFICIENT_BUFFER ((HRESULT)0x8007007A)
#define STRSAFE_E_INVALID_PARAMETER   ((HRESULT)0x80070057)
#define STRSAFE_E_END_OF_FILE         ((HRESULT)0x80070026)

#ifdef WINSCARD_WITH_PORT

/* S_OK; STRSAFE_E_INSUFFICIENT_BUFFER if the text was cut off, a NUL behind it all the same;
 * STRSAFE_E_INVALID_PARAMETER for a size of 0 or above STRSAFE_MAX_CCH, a NULL, or text that
 * has no NUL within its size. *length may be NULL. Gets reads a line of the standard input
 * without its end, or STRSAFE_E_END_OF_FILE. */
WINPORT_API(HRESULT)
StringCchCopyA(char *to, size_t size, const char *from) WINPORT_NAME(StringCchCopyA);
WINPORT_API(HRESULT)
StringCchCopyW(WCHAR *to, size_t size, const WCHAR *from) WINPORT_NAME(StringCchCopyW);
WINPORT_API(HRESULT)
StringCchCopyNA(char *to, size_t size, const char *from, size_t count)
    WINPORT_NAME(StringCchCopyNA);
WINPORT_API(HRESULT)
StringCchCopyNW(WCHAR *to, size_t size, const WCHAR *from, size_t count)
    WINPORT_NAME(StringCchCopyNW);
WINPORT_API(HRESULT)
StringCchCatA(char *to, size_t size, const char *from) WINPORT_NAME(StringCchCatA);
WINPORT_API(HRESULT)
StringCchCatW(WCHAR *to, size_t size, const WCHAR *from) WINPORT_NAME(StringCchCatW);
WINPORT_API(HRESULT)
StringCchCatNA(char *to, size_t size, const char *from, size_t count)
    WINPORT_NAME(StringCchCatNA);
WINPORT_API(HRESULT)
StringCchCatNW(WCHAR *to, size_t size, const WCHAR *from, size_t count)
    WINPORT_NAME(StringCchCatNW);
WINPORT_API(HRESULT)
StringCchLengthA(const char *text, size_t most, size_t *length)
    WINPORT_NAME(StringCchLengthA);
WINPORT_API(HRESULT)
StringCchLengthW(const WCHAR *text, size_t most, size_t *length)
    WINPORT_NAME(StringCchLengthW);
WINPORT_API(HRESULT)
StringCchGetsA(char *to, size_t size) WINPORT_NAME(StringCchGetsA);
WINPORT_API(HRESULT)
StringCchGetsW(WCHAR *to, size_t size) WINPORT_NAME(StringCchGetsW);
WINPORT_API(HRESULT)
StringCchVPrintfA(char *to, size_t size, const char *format, va_list list)
    WINPORT_NAME(StringCchVPrintfA);
WINPORT_API(HRESULT)
StringCchVPrintfW(WCHAR *to, size_t size, const WCHAR *format, va_list list)
    WINPORT_NAME(StringCchVPrintfW);
WINPORT_API(HRESULT)
StringCchPrintfA(char *to, size_t size, const char *format, ...)
    WINPORT_NAME(StringCchPrintfA);
WINPORT_API(HRESULT)
StringCchPrintfW(WCHAR *to, size_t size, const WCHAR *format, ...)
    WINPORT_NAME(StringCchPrintfW);
WINPORT_API(HRESULT)
StringCbCopyA(char *to, size_t size, const char *from) WINPORT_NAME(StringCbCopyA);
WINPORT_API(HRESULT)
StringCbCopyW(WCHAR *to, size_t size, const WCHAR *from) WINPORT_NAME(StringCbCopyW);
WINPORT_API(HRESULT)
StringCbCopyNA(char *to, size_t size, const char *from, size_t count)
    WINPORT_NAME(StringCbCopyNA);
WINPORT_API(HRESULT)
StringCbCopyNW(WCHAR *to, size_t size, const WCHAR *from, size_t count)
    WINPORT_NAME(StringCbCopyNW);
WINPORT_API(HRESULT)
StringCbCatA(char *to, size_t size, const char *from) WINPORT_NAME(StringCbCatA);
WINPORT_API(HRESULT)
StringCbCatW(WCHAR *to, size_t size, const WCHAR *from) WINPORT_NAME(StringCbCatW);
WINPORT_API(HRESULT)
StringCbCatNA(char *to, size_t size, const char *from, size_t count)
    WINPORT_NAME(StringCbCatNA);
WINPORT_API(HRESULT)
StringCbCatNW(WCHAR *to, size_t size, const WCHAR *from, size_t count)
    WINPORT_NAME(StringCbCatNW);
WINPORT_API(HRESULT)
StringCbLengthA(const char *text, size_t most, size_t *length)
    WINPORT_NAME(StringCbLengthA);
WINPORT_API(HRESULT)
StringCbLengthW(const WCHAR *text, size_t most, size_t *length)
    WINPORT_NAME(StringCbLengthW);
WINPORT_API(HRESULT)
StringCbGetsA(char *to, size_t size) WINPORT_NAME(StringCbGetsA);
WINPORT_API(HRESULT)
StringCbGetsW(WCHAR *to, size_t size) WINPORT_NAME(StringCbGetsW);
WINPORT_API(HRESULT)
StringCbVPrintfA(char *to, size_t size, const char *format, va_list list)
    WINPORT_NAME(StringCbVPrintfA);
WINPORT_API(HRESULT)
StringCbVPrintfW(WCHAR *to, size_t size, const WCHAR *format, va_list list)
    WINPORT_NAME(StringCbVPrintfW);
WINPORT_API(HRESULT)
StringCbPrintfA(char *to, size_t size, const char *format, ...)
    WINPORT_NAME(StringCbPrintfA);
WINPORT_API(HRESULT)
StringCbPrintfW(WCHAR *to, size_t size, const WCHAR *format, ...)
    WINPORT_NAME(StringCbPrintfW);

#define StringCchCopy    WINSCARD_NAME_AW(StringCchCopy)
#define StringCchCopyN   WINSCARD_NAME_AW(StringCchCopyN)
#define StringCchCat     WINSCARD_NAME_AW(StringCchCat)
#define StringCchCatN    WINSCARD_NAME_AW(StringCchCatN)
#define StringCchLength  WINSCARD_NAME_AW(StringCchLength)
#define StringCchGets    WINSCARD_NAME_AW(StringCchGets)
#define StringCchVPrintf WINSCARD_NAME_AW(StringCchVPrintf)
#define StringCchPrintf  WINSCARD_NAME_AW(StringCchPrintf)
#define StringCbCopy     WINSCARD_NAME_AW(StringCbCopy)
#define StringCbCopyN    WINSCARD_NAME_AW(StringCbCopyN)
#define StringCbCat      WINSCARD_NAME_AW(StringCbCat)
#define StringCbCatN     WINSCARD_NAME_AW(StringCbCatN)
#define StringCbLength   WINSCARD_NAME_AW(StringCbLength)
#define StringCbGets     WINSCARD_NAME_AW(StringCbGets)
#define StringCbVPrintf  WINSCARD_NAME_AW(StringCbVPrintf)
#define StringCbPrintf   WINSCARD_NAME_AW(StringCbPrintf)

#endif
#endif
#endif
#endif
