/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, and this process. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <processthreadsapi.h>
#endif

#ifndef WINSCARD_PROCESSTHREADSAPI_H
#define WINSCARD_PROCESSTHREADSAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "handleapi.h"
#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

#define CREATE_SUSPENDED                  0x00000004
#define STACK_SIZE_PARAM_IS_A_RESERVATION 0x00010000
#define THREAD_PRIORITY_LOWEST            (-2)
#define THREAD_PRIORITY_BELOW_NORMAL      (-1)
#define THREAD_PRIORITY_NORMAL            0
#define THREAD_PRIORITY_ABOVE_NORMAL      1
#define THREAD_PRIORITY_HIGHEST           2

/* A thread of POSIX below it: it may use all of libc. `stack_bytes` 0: as usual, else at
 * least so much. CREATE_SUSPENDED: it begins with ResumeThread(). `thread_id` may be NULL.
 * The handle is signalled when the thread has ended. NULL: ERROR_INVALID_PARAMETER (no
 * routine, other flags), ERROR_NOT_ENOUGH_MEMORY, ERROR_TOO_MANY_OPEN_FILES.
 * A thread can not be ended or suspended from outside (TerminateThread, SuspendThread): it
 * would keep what it has locked. Let it wait for an event besides. */
WINPORT_API(HANDLE)
CreateThread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack_bytes,
             LPTHREAD_START_ROUTINE routine, LPVOID argument, DWORD flags,
             LPDWORD thread_id) WINPORT_NAME(CreateThread);
/* 1: it was suspended and begins; 0: it runs. (DWORD)-1: ERROR_INVALID_HANDLE. */
WINPORT_API(DWORD) ResumeThread(HANDLE thread) WINPORT_NAME(ResumeThread);
/* Destructors of C++ on the thread's stack are run. */
WINPORT_API(DECLSPEC_NORETURN void) ExitThread(DWORD code) WINPORT_NAME(ExitThread);
/* STILL_ACTIVE (259) while it runs. ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER. */
WINPORT_API(BOOL)
GetExitCodeThread(HANDLE thread, LPDWORD code) WINPORT_NAME(GetExitCodeThread);
/* Stands for the calling thread wherever it is used: DuplicateHandle() makes a handle for
 * others of it, if the thread was made by these calls. */
WINPORT_API(HANDLE) GetCurrentThread(void) WINPORT_NAME(GetCurrentThread);
WINPORT_API(DWORD) GetCurrentThreadId(void) WINPORT_NAME(GetCurrentThreadId);
/* 0: ERROR_INVALID_HANDLE. */
WINPORT_API(DWORD) GetThreadId(HANDLE thread) WINPORT_NAME(GetThreadId);
WINPORT_API(BOOL) SwitchToThread(void) WINPORT_NAME(SwitchToThread);

WINPORT_API(HANDLE) GetCurrentProcess(void) WINPORT_NAME(GetCurrentProcess);
WINPORT_API(DWORD) GetCurrentProcessId(void) WINPORT_NAME(GetCurrentProcessId);
/* As exit(); Unix has the low 8 bits of the code. */
WINPORT_API(DECLSPEC_NORETURN void) ExitProcess(UINT code) WINPORT_NAME(ExitProcess);

/* Values of a thread's own: up to 1,024 indices. TLS_OUT_OF_INDEXES:
 * ERROR_NO_MORE_ITEMS. FALSE, and NULL with a last error: ERROR_INVALID_PARAMETER. */
#define TLS_OUT_OF_INDEXES ((DWORD)0xFFFFFFFF)
WINPORT_API(DWORD) TlsAlloc(void) WINPORT_NAME(TlsAlloc);
WINPORT_API(BOOL) TlsFree(DWORD index) WINPORT_NAME(TlsFree);
WINPORT_API(LPVOID) TlsGetValue(DWORD index) WINPORT_NAME(TlsGetValue);
WINPORT_API(BOOL) TlsSetValue(DWORD index, LPVOID value) WINPORT_NAME(TlsSetValue);

#endif
#endif
#endif
