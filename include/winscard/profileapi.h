/* SPDX-License-Identifier: BSD-2-Clause */
/* The fine clock. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <profileapi.h>
#endif

#ifndef WINSCARD_PROFILEAPI_H
#define WINSCARD_PROFILEAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* A clock of nanoseconds: 1,000,000,000 counts in a second. NULL: FALSE,
 * ERROR_NOACCESS. */
WINPORT_API(BOOL)
QueryPerformanceCounter(LARGE_INTEGER *count) WINPORT_NAME(QueryPerformanceCounter);
WINPORT_API(BOOL)
QueryPerformanceFrequency(LARGE_INTEGER *frequency)
    WINPORT_NAME(QueryPerformanceFrequency);

#endif
#endif
#endif
