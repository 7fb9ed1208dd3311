/* SPDX-License-Identifier: BSD-2-Clause */
/* The last error of a thread. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <errhandlingapi.h>
#endif

#ifndef WINSCARD_ERRHANDLINGAPI_H
#define WINSCARD_ERRHANDLINGAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "windef.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* Each thread has its own, 0 at first. Calls of windows.h that fail set it to a code of
 * winerror.h; those that succeed may leave it as it was. SCard calls do not set it: they
 * return their code. Source: MS-Docs GetLastError, SetLastError. */
WINPORT_API(DWORD) GetLastError(void) WINPORT_NAME(GetLastError);
WINPORT_API(void) SetLastError(DWORD code) WINPORT_NAME(SetLastError);

#endif
#endif
#endif
