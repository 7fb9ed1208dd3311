/* SPDX-License-Identifier: BSD-2-Clause */
/* For sources that include <windows.h> only for its base types and a few macros: on other
 * systems just these, on Windows the system's own header. */
#if defined(_WIN32)
#pragma GCC system_header
#include_next <windows.h>
#endif

#ifndef WINSCARD_WINDOWS_H
#define WINSCARD_WINDOWS_H

#ifndef _WIN32

#include "errhandlingapi.h"
#include "scarderr.h"
#include "windef.h"

#ifdef WINSCARD_ABI_WINDOWS

#include <string.h>

#include "winscard/crt.h"

/* Status codes of COM, of which the codes of scarderr.h are a part (winerror.h). */
typedef LONG HRESULT;
#define S_OK                   ((HRESULT)0)
#define S_FALSE                ((HRESULT)1)
#define SUCCEEDED(code)        (((HRESULT)(code)) >= 0)
#define FAILED(code)           (((HRESULT)(code)) < 0)
#define HRESULT_CODE(code)     ((code)&0xFFFF)
#define HRESULT_FACILITY(code) (((code) >> 16) & 0x1fff)
#define FACILITY_SCARD         16

#ifndef INFINITE
#define INFINITE 0xFFFFFFFF /* milliseconds */
#endif

#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)

#define ZeroMemory(destination, size)         memset((destination), 0, (size))
#define FillMemory(destination, size, value)  memset((destination), (value), (size))
#define CopyMemory(destination, source, size) memcpy((destination), (source), (size))
#define MoveMemory(destination, source, size) memmove((destination), (source), (size))

/* Elements of an array (winnt.h). */
#ifndef ARRAYSIZE
#define ARRAYSIZE(array) (sizeof(array) / sizeof((array)[0]))
#endif

#define UNREFERENCED_PARAMETER(parameter) ((void)(parameter))

/* Code points of device control codes (winioctl.h). */
#define METHOD_BUFFERED 0
#define FILE_ANY_ACCESS 0
#define CTL_CODE(device, function, method, access)                                       \
    (((device) << 16) | ((access) << 14) | ((function) << 2) | (method))

#endif
#endif
#endif
