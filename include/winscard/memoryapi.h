/* SPDX-License-Identifier: BSD-2-Clause */
/* Pages of memory. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <memoryapi.h>
#endif

#ifndef WINSCARD_MEMORYAPI_H
#define WINSCARD_MEMORYAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* Keep pages in memory, so that what is secret in them does not reach a disk, and let them
 * go. FALSE: ERROR_INVALID_PARAMETER (size 0), ERROR_WORKING_SET_QUOTA (RLIMIT_MEMLOCK),
 * ERROR_INVALID_ADDRESS. */
WINPORT_API(BOOL) VirtualLock(LPVOID address, SIZE_T bytes) WINPORT_NAME(VirtualLock);
WINPORT_API(BOOL) VirtualUnlock(LPVOID address, SIZE_T bytes) WINPORT_NAME(VirtualUnlock);

#endif
#endif
#endif
