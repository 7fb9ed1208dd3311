/* SPDX-License-Identifier: BSD-2-Clause */
/* Debuggers. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <debugapi.h>
#endif

#ifndef WINSCARD_DEBUGAPI_H
#define WINSCARD_DEBUGAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* For a debugger, of which there is none that listens: as on Windows without one, nothing
 * is written. */
WINPORT_API(void) OutputDebugStringA(LPCSTR text) WINPORT_NAME(OutputDebugStringA);
WINPORT_API(void) OutputDebugStringW(LPCWSTR text) WINPORT_NAME(OutputDebugStringW);
#define DebugBreak() __builtin_trap()

#ifdef UNICODE
#define OutputDebugString OutputDebugStringW
#else
#define OutputDebugString OutputDebugStringA
#endif

#endif
#endif
#endif
