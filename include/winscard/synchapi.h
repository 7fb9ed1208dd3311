/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting, and what is waited for. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <synchapi.h>
#endif

#ifndef WINSCARD_SYNCHAPI_H
#define WINSCARD_SYNCHAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "handleapi.h"
#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_WITH_PORT

/* Objects are this process's: those that have a name are found by that name within it, and
 * by no other program; the name goes with the last handle. A name has up to 260 characters
 * (ERROR_FILENAME_EXCED_RANGE), without a backslash after "Local\\" or "Global\\", which say
 * nothing here (ERROR_PATH_NOT_FOUND). The `create` calls give NULL on failure: these,
 * ERROR_INVALID_PARAMETER, ERROR_INVALID_HANDLE (the name is that of an object of another
 * kind), ERROR_NOT_ENOUGH_MEMORY, ERROR_TOO_MANY_OPEN_FILES (16,384 handles); on success the
 * last error is ERROR_SUCCESS, or ERROR_ALREADY_EXISTS where the name was there and gives
 * that object. The `open` calls give NULL and ERROR_FILE_NOT_FOUND for a name that is not
 * there. The handle goes by CloseHandle(). Source: MS-Docs "Synchronization Functions". */
WINPORT_API(HANDLE)
CreateEventA(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset, BOOL initial_state,
             LPCSTR name) WINPORT_NAME(CreateEventA);
WINPORT_API(HANDLE)
CreateEventW(LPSECURITY_ATTRIBUTES attributes, BOOL manual_reset, BOOL initial_state,
             LPCWSTR name) WINPORT_NAME(CreateEventW);
WINPORT_API(HANDLE)
OpenEventA(DWORD access, BOOL inherit, LPCSTR name) WINPORT_NAME(OpenEventA);
WINPORT_API(HANDLE)
OpenEventW(DWORD access, BOOL inherit, LPCWSTR name) WINPORT_NAME(OpenEventW);
/* FALSE, ERROR_INVALID_HANDLE: not an event. */
WINPORT_API(BOOL) SetEvent(HANDLE event) WINPORT_NAME(SetEvent);
WINPORT_API(BOOL) ResetEvent(HANDLE event) WINPORT_NAME(ResetEvent);

/* The thread that has it may take it again, and has to release it as often. */
WINPORT_API(HANDLE)
CreateMutexA(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner, LPCSTR name)
    WINPORT_NAME(CreateMutexA);
WINPORT_API(HANDLE)
CreateMutexW(LPSECURITY_ATTRIBUTES attributes, BOOL initial_owner, LPCWSTR name)
    WINPORT_NAME(CreateMutexW);
WINPORT_API(HANDLE)
OpenMutexA(DWORD access, BOOL inherit, LPCSTR name) WINPORT_NAME(OpenMutexA);
WINPORT_API(HANDLE)
OpenMutexW(DWORD access, BOOL inherit, LPCWSTR name) WINPORT_NAME(OpenMutexW);
/* Errors: ERROR_INVALID_HANDLE, ERROR_NOT_OWNER (another thread has it, or none). */
WINPORT_API(BOOL) ReleaseMutex(HANDLE mutex) WINPORT_NAME(ReleaseMutex);

/* 0 <= initial <= maximum, maximum > 0: ERROR_INVALID_PARAMETER else. */
WINPORT_API(HANDLE)
CreateSemaphoreA(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum,
                 LPCSTR name) WINPORT_NAME(CreateSemaphoreA);
WINPORT_API(HANDLE)
CreateSemaphoreW(LPSECURITY_ATTRIBUTES attributes, LONG initial, LONG maximum,
                 LPCWSTR name) WINPORT_NAME(CreateSemaphoreW);
/* Errors: ERROR_INVALID_HANDLE, ERROR_INVALID_PARAMETER (count below 1),
 * ERROR_TOO_MANY_POSTS (above the maximum: nothing is added). `previous` may be NULL. */
WINPORT_API(BOOL)
ReleaseSemaphore(HANDLE semaphore, LONG count, LPLONG previous)
    WINPORT_NAME(ReleaseSemaphore);

/* Waits for an event, mutex, semaphore or thread, or for the handle of
 * SCardAccessStartedEvent: that is signalled while a context can be established, which is
 * looked at every quarter of a second while somebody waits. WAIT_OBJECT_0, WAIT_ABANDONED
 * (a mutex whose thread ended with it: the caller has it now), WAIT_TIMEOUT after that
 * many milliseconds (INFINITE: never), WAIT_FAILED: ERROR_INVALID_HANDLE. What is signalled
 * while a thread waits ends its wait, though it be reset before the thread runs; a handle
 * that is closed meanwhile leaves it waiting. The process is not waited for. */
WINPORT_API(DWORD)
WaitForSingleObject(HANDLE object, DWORD milliseconds) WINPORT_NAME(WaitForSingleObject);
/* As above; there are no user APCs that could end it earlier. */
WINPORT_API(DWORD)
WaitForSingleObjectEx(HANDLE object, DWORD milliseconds, BOOL alertable)
    WINPORT_NAME(WaitForSingleObjectEx);
/* Waits for one of 1 to 64 different objects, WAIT_OBJECT_0 + its index, the lowest, or
 * for all at once. WAIT_FAILED: ERROR_INVALID_PARAMETER (count, NULL, one twice with
 * `all`), ERROR_INVALID_HANDLE. */
WINPORT_API(DWORD)
WaitForMultipleObjects(DWORD count, const HANDLE *objects, BOOL all, DWORD milliseconds)
    WINPORT_NAME(WaitForMultipleObjects);
WINPORT_API(DWORD)
WaitForMultipleObjectsEx(DWORD count, const HANDLE *objects, BOOL all, DWORD milliseconds,
                         BOOL alertable) WINPORT_NAME(WaitForMultipleObjectsEx);
/* Signals the first, an event, mutex or semaphore, then waits for the second: who sees the
 * signal finds the caller waiting. WAIT_FAILED as the calls that it stands for. */
WINPORT_API(DWORD)
SignalObjectAndWait(HANDLE signal, HANDLE object, DWORD milliseconds, BOOL alertable)
    WINPORT_NAME(SignalObjectAndWait);

/* Not where a program has a macro of this name, for systems other than Windows. */
#ifndef Sleep
WINPORT_API(void) Sleep(DWORD milliseconds) WINPORT_NAME(Sleep);
#endif
/* 0: there are no user APCs that could end it earlier. */
WINPORT_API(DWORD) SleepEx(DWORD milliseconds, BOOL alertable) WINPORT_NAME(SleepEx);

/* A lock that its thread may take again. What it holds is not to be looked into; it may not
 * be moved. Leaving one that the thread does not have is undefined, as on Windows. */
typedef struct _RTL_CRITICAL_SECTION {
    ULONG_PTR Reserved[10];
} RTL_CRITICAL_SECTION, CRITICAL_SECTION, *PCRITICAL_SECTION, *LPCRITICAL_SECTION;
WINPORT_API(void)
InitializeCriticalSection(LPCRITICAL_SECTION section)
    WINPORT_NAME(InitializeCriticalSection);
/* TRUE. The count of spins is a hint that is not needed. */
WINPORT_API(BOOL)
InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section, DWORD spins)
    WINPORT_NAME(InitializeCriticalSectionAndSpinCount);
WINPORT_API(BOOL)
InitializeCriticalSectionEx(LPCRITICAL_SECTION section, DWORD spins, DWORD flags)
    WINPORT_NAME(InitializeCriticalSectionEx);
WINPORT_API(void)
EnterCriticalSection(LPCRITICAL_SECTION section) WINPORT_NAME(EnterCriticalSection);
WINPORT_API(BOOL)
TryEnterCriticalSection(LPCRITICAL_SECTION section) WINPORT_NAME(TryEnterCriticalSection);
WINPORT_API(void)
LeaveCriticalSection(LPCRITICAL_SECTION section) WINPORT_NAME(LeaveCriticalSection);
WINPORT_API(void)
DeleteCriticalSection(LPCRITICAL_SECTION section) WINPORT_NAME(DeleteCriticalSection);

/* A lock for one writer or several readers. */
typedef struct _RTL_SRWLOCK {
    ULONG_PTR Reserved[8];
} RTL_SRWLOCK, *PRTL_SRWLOCK, SRWLOCK, *PSRWLOCK;
#define SRWLOCK_INIT                                                                     \
    {                                                                                    \
        {                                                                                \
            0, 0, 0, 0, 0, 0, 0, 0                                                       \
        }                                                                                \
    }
#define RTL_SRWLOCK_INIT SRWLOCK_INIT
WINPORT_API(void) InitializeSRWLock(PSRWLOCK lock) WINPORT_NAME(InitializeSRWLock);
WINPORT_API(void)
AcquireSRWLockExclusive(PSRWLOCK lock) WINPORT_NAME(AcquireSRWLockExclusive);
WINPORT_API(void)
ReleaseSRWLockExclusive(PSRWLOCK lock) WINPORT_NAME(ReleaseSRWLockExclusive);
WINPORT_API(void) AcquireSRWLockShared(PSRWLOCK lock) WINPORT_NAME(AcquireSRWLockShared);
WINPORT_API(void) ReleaseSRWLockShared(PSRWLOCK lock) WINPORT_NAME(ReleaseSRWLockShared);

/* Waiting within a critical section. FALSE, ERROR_TIMEOUT: the time ran out. */
typedef struct _RTL_CONDITION_VARIABLE {
    ULONG_PTR Reserved[8];
} RTL_CONDITION_VARIABLE, CONDITION_VARIABLE, *PCONDITION_VARIABLE;
#define CONDITION_VARIABLE_INIT SRWLOCK_INIT
WINPORT_API(void)
InitializeConditionVariable(PCONDITION_VARIABLE variable)
    WINPORT_NAME(InitializeConditionVariable);
WINPORT_API(BOOL)
SleepConditionVariableCS(PCONDITION_VARIABLE variable, PCRITICAL_SECTION section,
                         DWORD milliseconds) WINPORT_NAME(SleepConditionVariableCS);
WINPORT_API(void)
WakeConditionVariable(PCONDITION_VARIABLE variable) WINPORT_NAME(WakeConditionVariable);
WINPORT_API(void)
WakeAllConditionVariable(PCONDITION_VARIABLE variable)
    WINPORT_NAME(WakeAllConditionVariable);

#ifdef UNICODE
#define CreateEvent     CreateEventW
#define OpenEvent       OpenEventW
#define CreateMutex     CreateMutexW
#define OpenMutex       OpenMutexW
#define CreateSemaphore CreateSemaphoreW
#else
#define CreateEvent     CreateEventA
#define OpenEvent       OpenEventA
#define CreateMutex     CreateMutexA
#define OpenMutex       OpenMutexA
#define CreateSemaphore CreateSemaphoreA
#endif

#endif
#endif
#endif
