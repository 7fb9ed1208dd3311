/* SPDX-License-Identifier: BSD-2-Clause */
/* UTF-16 and other encodings. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <stringapiset.h>
#endif

#ifndef WINSCARD_STRINGAPISET_H
#define WINSCARD_STRINGAPISET_H

#ifndef WINSCARD_ON_WINDOWS

#include "winnls.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* Convert `size` bytes or characters, below 0: up to and with the NUL. `room` 0: gives what is
 * needed. CP_ACP, CP_OEMCP, CP_THREAD_ACP: UTF-8, as all text of A calls; other code pages
 * as iconv() of the C library has them. What is malformed is U+FFFD, or with
 * MB_ERR_INVALID_CHARS or WC_ERR_INVALID_CHARS an error. What a code page lacks is
 * `default_char` ("?" for NULL), and *used_default is set, which has to be NULL for
 * UTF-8, as default_char. 0: ERROR_INVALID_PARAMETER (NULL, size 0, a code page that is not
 * there), ERROR_INSUFFICIENT_BUFFER, ERROR_INVALID_FLAGS, ERROR_NO_UNICODE_TRANSLATION.
 * Source: MS-Docs MultiByteToWideChar, WideCharToMultiByte. */
WINPORT_API(int)
MultiByteToWideChar(UINT code_page, DWORD flags, LPCCH text, int size, LPWSTR wide,
                    int room) WINPORT_NAME(MultiByteToWideChar);
WINPORT_API(int)
WideCharToMultiByte(UINT code_page, DWORD flags, LPCWCH wide, int size, LPSTR text,
                    int room, LPCCH default_char, LPBOOL used_default)
    WINPORT_NAME(WideCharToMultiByte);

#endif
#endif
#endif
