/* SPDX-License-Identifier: BSD-2-Clause */
/* Structures that several calls share. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <minwinbase.h>
#endif

#ifndef WINSCARD_MINWINBASE_H
#define WINSCARD_MINWINBASE_H

#ifndef WINSCARD_ON_WINDOWS

#include "winnt.h"

#ifdef WINSCARD_OWN_WINDOWS

/* Accepted and not looked at: an object made by these calls is the process's own. */
typedef struct _SECURITY_ATTRIBUTES {
    DWORD nLength;
    LPVOID lpSecurityDescriptor;
    BOOL bInheritHandle;
} SECURITY_ATTRIBUTES, *PSECURITY_ATTRIBUTES, *LPSECURITY_ATTRIBUTES;

/* Taken by ReadFile() and WriteFile(), which refuse all but NULL. */
typedef struct _OVERLAPPED {
    ULONG_PTR Internal;
    ULONG_PTR InternalHigh;
    DWORD Offset;
    DWORD OffsetHigh;
    HANDLE hEvent;
} OVERLAPPED, *LPOVERLAPPED;

typedef struct _SYSTEMTIME {
    WORD wYear;
    WORD wMonth;     /* 1 to 12 */
    WORD wDayOfWeek; /* 0: Sunday */
    WORD wDay;
    WORD wHour;
    WORD wMinute;
    WORD wSecond;
    WORD wMilliseconds;
} SYSTEMTIME, *PSYSTEMTIME, *LPSYSTEMTIME;

typedef DWORD(WINAPI *PTHREAD_START_ROUTINE)(LPVOID argument);
typedef PTHREAD_START_ROUTINE LPTHREAD_START_ROUTINE;

#define STILL_ACTIVE         STATUS_PENDING
#define WAIT_FAILED          ((DWORD)0xFFFFFFFF)
#define WAIT_OBJECT_0        (STATUS_WAIT_0 + 0)
#define WAIT_ABANDONED       (STATUS_ABANDONED_WAIT_0 + 0)
#define WAIT_ABANDONED_0     (STATUS_ABANDONED_WAIT_0 + 0)
#define WAIT_IO_COMPLETION   STATUS_USER_APC
#define MAXIMUM_WAIT_OBJECTS 64
#ifndef INFINITE
#define INFINITE 0xFFFFFFFF /* milliseconds */
#endif
#define INVALID_HANDLE_VALUE ((HANDLE)(LONG_PTR)-1)

#endif
#endif
#endif
