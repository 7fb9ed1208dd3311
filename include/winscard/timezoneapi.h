/* SPDX-License-Identifier: BSD-2-Clause */
/* Times from one form into another. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <timezoneapi.h>
#endif

#ifndef WINSCARD_TIMEZONEAPI_H
#define WINSCARD_TIMEZONEAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* From 1601 to 30827. FALSE, ERROR_INVALID_PARAMETER: not a time. */
WINPORT_API(BOOL)
FileTimeToSystemTime(const FILETIME *file, LPSYSTEMTIME system)
    WINPORT_NAME(FileTimeToSystemTime);
WINPORT_API(BOOL)
SystemTimeToFileTime(const SYSTEMTIME *system, LPFILETIME file)
    WINPORT_NAME(SystemTimeToFileTime);

#endif
#endif
#endif
