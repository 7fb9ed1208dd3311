/* SPDX-License-Identifier: BSD-2-Clause */
/* Closing and copying handles. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <handleapi.h>
#endif

#ifndef WINSCARD_HANDLEAPI_H
#define WINSCARD_HANDLEAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* Ends the use of an object by this handle; the object stays for its other handles, and a
 * thread goes on. FALSE, ERROR_INVALID_HANDLE: not a handle, or closed before, or that of
 * SCardAccessStartedEvent, which stays. A process has up to 16,384 handles. */
WINPORT_API(BOOL) CloseHandle(HANDLE object) WINPORT_NAME(CloseHandle);

/* Another handle for the object of `source`. Both processes have to be this one:
 * ERROR_NOT_SUPPORTED else. Access and inheritance are not looked at.
 * Errors: ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER (target NULL),
 * ERROR_TOO_MANY_OPEN_FILES (16,384 handles). */
WINPORT_API(BOOL)
DuplicateHandle(HANDLE source_process, HANDLE source, HANDLE target_process,
                LPHANDLE target, DWORD access, BOOL inherit, DWORD options)
    WINPORT_NAME(DuplicateHandle);

#endif
#endif
#endif
