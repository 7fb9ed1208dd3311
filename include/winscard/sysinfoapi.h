/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks, and what the machine is. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <sysinfoapi.h>
#endif

#ifndef WINSCARD_SYSINFOAPI_H
#define WINSCARD_SYSINFOAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* Milliseconds of a clock that goes on while the machine sleeps; the first wraps after 49.7
 * days. */
WINPORT_API(DWORD) GetTickCount(void) WINPORT_NAME(GetTickCount);
WINPORT_API(ULONGLONG) GetTickCount64(void) WINPORT_NAME(GetTickCount64);
WINPORT_API(void) GetSystemTime(LPSYSTEMTIME time) WINPORT_NAME(GetSystemTime);
WINPORT_API(void) GetLocalTime(LPSYSTEMTIME time) WINPORT_NAME(GetLocalTime);
WINPORT_API(void)
GetSystemTimeAsFileTime(LPFILETIME time) WINPORT_NAME(GetSystemTimeAsFileTime);

/* There is no folder of the system's libraries: LoadLibrary() takes any before
 * winscard.dll. These give "/usr/lib" and its length; the length with the NUL where `size`
 * characters are too few. */
WINPORT_API(UINT)
GetSystemDirectoryA(LPSTR path, UINT size) WINPORT_NAME(GetSystemDirectoryA);
WINPORT_API(UINT)
GetSystemDirectoryW(LPWSTR path, UINT size) WINPORT_NAME(GetSystemDirectoryW);

WINPORT_API(UINT)
GetWindowsDirectoryA(LPSTR path, UINT size) WINPORT_NAME(GetWindowsDirectoryA);
WINPORT_API(UINT)
GetWindowsDirectoryW(LPWSTR path, UINT size) WINPORT_NAME(GetWindowsDirectoryW);
WINPORT_API(UINT)
GetSystemWindowsDirectoryA(LPSTR path, UINT size)
    WINPORT_NAME(GetSystemWindowsDirectoryA);
WINPORT_API(UINT)
GetSystemWindowsDirectoryW(LPWSTR path, UINT size)
    WINPORT_NAME(GetSystemWindowsDirectoryW);

typedef struct _SYSTEM_INFO {
    WORD wProcessorArchitecture;
    WORD wReserved;
    DWORD dwPageSize;
    LPVOID lpMinimumApplicationAddress;
    LPVOID lpMaximumApplicationAddress;
    DWORD_PTR dwActiveProcessorMask;
    DWORD dwNumberOfProcessors;
    DWORD dwProcessorType;
    DWORD dwAllocationGranularity;
    WORD wProcessorLevel;
    WORD wProcessorRevision;
} SYSTEM_INFO, *LPSYSTEM_INFO;
/* Page size and number of processors; the rest is 0. */
WINPORT_API(void) GetSystemInfo(LPSYSTEM_INFO info) WINPORT_NAME(GetSystemInfo);

#ifdef UNICODE
#define GetSystemDirectory        GetSystemDirectoryW
#define GetWindowsDirectory       GetWindowsDirectoryW
#define GetSystemWindowsDirectory GetSystemWindowsDirectoryW
#else
#define GetSystemDirectory        GetSystemDirectoryA
#define GetWindowsDirectory       GetWindowsDirectoryA
#define GetSystemWindowsDirectory GetSystemWindowsDirectoryA
#endif

#endif
#endif
#endif
