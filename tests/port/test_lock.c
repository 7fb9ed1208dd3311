/* SPDX-License-Identifier: BSD-2-Clause */
/* Critical sections, slim locks, condition variables, values of threads and counters of
 * several. Source: MS-Docs "Synchronization Functions", TlsAlloc. */
#if defined(_WIN32) && !defined(_WIN32_WINNT)
#define _WIN32_WINNT 0x0600
#endif
#include <windows.h>

#include "tests/port/fails.h"

enum { THREADS = 4, ROUNDS = 500 };

/* --- Critical sections -------------------------------------------------------------- */

static CRITICAL_SECTION section;
static LONG guarded;

static DWORD WINAPI add_in_section(LPVOID unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        EnterCriticalSection(&section);
        EnterCriticalSection(&section);
        guarded++;
        LeaveCriticalSection(&section);
        LeaveCriticalSection(&section);
    }
    return 0;
}

static DWORD WINAPI try_section(LPVOID unused)
{
    (void)unused;
    BOOL entered = TryEnterCriticalSection(&section);
    if (entered)
        LeaveCriticalSection(&section);
    return (DWORD)entered;
}

static DWORD run(LPTHREAD_START_ROUTINE routine, LPVOID argument)
{
    DWORD code = 0xFFFF;
    HANDLE thread = CreateThread(NULL, 0, routine, argument, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK(CloseHandle(thread));
    return code;
}

static void run_many(LPTHREAD_START_ROUTINE routine)
{
    HANDLE threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, routine, NULL, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(THREADS, threads, TRUE, CHECK_HANG_MS),
             WAIT_OBJECT_0);
    for (int i = 0; i < THREADS; i++)
        CHECK(CloseHandle(threads[i]));
}

static void sections(void)
{
    InitializeCriticalSection(&section);
    run_many(add_in_section);
    CHECK_EQ(guarded, THREADS * ROUNDS);
    CHECK(TryEnterCriticalSection(&section));
    CHECK(TryEnterCriticalSection(&section));
    CHECK_EQ(run(try_section, NULL), FALSE);
    LeaveCriticalSection(&section);
    CHECK_EQ(run(try_section, NULL), FALSE);
    LeaveCriticalSection(&section);
    CHECK_EQ(run(try_section, NULL), TRUE);
    DeleteCriticalSection(&section);
    CHECK_EQ(InitializeCriticalSectionAndSpinCount(&section, 4000), TRUE);
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
    CHECK_EQ(InitializeCriticalSectionEx(&section, 0, 0), TRUE);
    EnterCriticalSection(&section);
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
}

/* --- Slim locks --------------------------------------------------------------------- */

static SRWLOCK slim = SRWLOCK_INIT; /* without InitializeSRWLock() */
static HANDLE both_read;
static LONG readers;

static DWORD WINAPI add_in_slim(LPVOID unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        AcquireSRWLockShared(&slim);
        LONG seen = guarded;
        ReleaseSRWLockShared(&slim);
        AcquireSRWLockExclusive(&slim);
        CHECK(guarded >= seen);
        guarded++;
        ReleaseSRWLockExclusive(&slim);
    }
    return 0;
}

/* Ends when two have it at once. */
static DWORD WINAPI read_together(LPVOID unused)
{
    (void)unused;
    AcquireSRWLockShared(&slim);
    if (InterlockedIncrement(&readers) == 2)
        SetEvent(both_read);
    CHECK_EQ(WaitForSingleObject(both_read, CHECK_HANG_MS), WAIT_OBJECT_0);
    ReleaseSRWLockShared(&slim);
    return 0;
}

static void slim_locks(void)
{
    guarded = 0;
    run_many(add_in_slim);
    CHECK_EQ(guarded, THREADS * ROUNDS);
    both_read = CreateEventA(NULL, TRUE, FALSE, NULL);
    run_many(read_together);
    CHECK(CloseHandle(both_read));
    SRWLOCK other;
    InitializeSRWLock(&other);
    AcquireSRWLockExclusive(&other);
    ReleaseSRWLockExclusive(&other);
    AcquireSRWLockShared(&other);
    ReleaseSRWLockShared(&other);
}

/* --- Condition variables ------------------------------------------------------------ */

static CONDITION_VARIABLE variable = CONDITION_VARIABLE_INIT;
static CONDITION_VARIABLE came = CONDITION_VARIABLE_INIT;
static LONG tickets, waiting, served;

static DWORD WINAPI take_ticket(LPVOID unused)
{
    (void)unused;
    EnterCriticalSection(&section);
    waiting++;
    WakeConditionVariable(&came);
    while (tickets == 0)
        CHECK(SleepConditionVariableCS(&variable, &section, INFINITE));
    tickets--;
    served++;
    WakeConditionVariable(&came);
    LeaveCriticalSection(&section);
    return 0;
}

static void conditions(void)
{
    HANDLE threads[THREADS];
    InitializeCriticalSection(&section);
    for (int i = 0; i < THREADS; i++)
        threads[i] = CreateThread(NULL, 0, take_ticket, NULL, 0, NULL);
    EnterCriticalSection(&section);
    while (waiting < THREADS)
        CHECK(SleepConditionVariableCS(&came, &section, CHECK_HANG_MS));
    tickets = 1;
    WakeConditionVariable(&variable);
    while (served < 1)
        CHECK(SleepConditionVariableCS(&came, &section, CHECK_HANG_MS));
    CHECK_EQ(served, 1);
    tickets = THREADS - 1;
    LeaveCriticalSection(&section);
    WakeAllConditionVariable(&variable);
    CHECK_EQ(WaitForMultipleObjects(THREADS, threads, TRUE, CHECK_HANG_MS),
             WAIT_OBJECT_0);
    CHECK_EQ(served, THREADS);
    for (int i = 0; i < THREADS; i++)
        CHECK(CloseHandle(threads[i]));
    CONDITION_VARIABLE other;
    InitializeConditionVariable(&other);
    WakeConditionVariable(&other); /* nobody waits */
    WakeAllConditionVariable(&other);
    EnterCriticalSection(&section);
    CHECK_FAILS(SleepConditionVariableCS(&other, &section, 0), ERROR_TIMEOUT);
    CHECK_FAILS(SleepConditionVariableCS(&other, &section, 1), ERROR_TIMEOUT);
    LeaveCriticalSection(&section);
    DeleteCriticalSection(&section);
}

/* --- Values of threads -------------------------------------------------------------- */

static DWORD WINAPI other_value(LPVOID argument)
{
    DWORD index = *(DWORD *)argument;
    CHECK(TlsGetValue(index) == NULL);
    CHECK(TlsSetValue(index, &index));
    CHECK(TlsGetValue(index) == &index);
    return 0;
}

static void values(void)
{
    DWORD index = TlsAlloc(), second = TlsAlloc();
    CHECK(index != TLS_OUT_OF_INDEXES && second != TLS_OUT_OF_INDEXES && index != second);
    CHECK_FAILS_AS(TlsGetValue(index), 0, ERROR_SUCCESS); /* NULL is a value, too */
    CHECK(TlsSetValue(index, &index));
    run(other_value, &index);
    CHECK(TlsGetValue(index) == &index);
    CHECK(TlsGetValue(second) == NULL);
    CHECK(TlsFree(index));
    CHECK_FAILS(TlsFree(index), ERROR_INVALID_PARAMETER);
    DWORD again = TlsAlloc();
    CHECK(TlsGetValue(again) == NULL); /* nothing of the old one */
    CHECK(TlsFree(again) && TlsFree(second));
    CHECK_FAILS(TlsFree(TLS_OUT_OF_INDEXES), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(TlsGetValue(5000), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(TlsSetValue(5000, NULL), ERROR_INVALID_PARAMETER);
#ifndef _WIN32
    /* There, an index that is not in use is not told from one that is. */
    CHECK_FAILS(TlsGetValue(again), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(TlsSetValue(again, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(TlsFree(1024), ERROR_INVALID_PARAMETER);
#endif
}

/* At least 64, as a program may rely on. */
static void all_indices(void)
{
    DWORD indices[1200], count = 0;
    while (count < 1200 && (indices[count] = TlsAlloc()) != TLS_OUT_OF_INDEXES)
        count++;
    CHECK(count >= 64 && count < 1200);
    CHECK_FAILS_AS(TlsAlloc(), TLS_OUT_OF_INDEXES, ERROR_NO_MORE_ITEMS);
    CHECK(TlsSetValue(indices[count - 1], &count));
    CHECK(TlsGetValue(indices[count - 1]) == &count);
    while (count > 0)
        CHECK(TlsFree(indices[--count]));
}

/* --- Counters ----------------------------------------------------------------------- */

static volatile LONG counter;
static volatile LONGLONG wide_counter;

static DWORD WINAPI add_to_counters(LPVOID unused)
{
    (void)unused;
    for (int i = 0; i < ROUNDS; i++) {
        InterlockedIncrement(&counter);
        InterlockedExchangeAdd(&counter, 2);
        InterlockedDecrement(&counter);
        InterlockedExchangeAdd64(&wide_counter, 0x100000000);
    }
    return 0;
}

static void counters(void)
{
    run_many(add_to_counters);
    CHECK_EQ(counter, 2 * THREADS * ROUNDS);
    CHECK_EQ(wide_counter, 0x100000000 * THREADS * ROUNDS);
    counter = 5;
    CHECK_EQ(InterlockedIncrement(&counter), 6);
    CHECK_EQ(InterlockedDecrement(&counter), 5);
    CHECK_EQ(InterlockedExchange(&counter, 7), 5);
    CHECK_EQ(InterlockedExchangeAdd(&counter, -10), 7);
    CHECK_EQ(counter, -3);
    CHECK_EQ(InterlockedCompareExchange(&counter, 1, 0), -3);
    CHECK_EQ(InterlockedCompareExchange(&counter, 12, -3), -3);
    CHECK_EQ(InterlockedAnd(&counter, 10), 12);
    CHECK_EQ(InterlockedOr(&counter, 3), 8);
    CHECK_EQ(counter, 11);
    wide_counter = 0x7FFFFFFF;
    CHECK_EQ(InterlockedIncrement64(&wide_counter), 0x80000000);
    CHECK_EQ(InterlockedDecrement64(&wide_counter), 0x7FFFFFFF);
    CHECK_EQ(InterlockedCompareExchange64(&wide_counter, 0x123456789A, 0x7FFFFFFF),
             0x7FFFFFFF);
    CHECK_EQ(wide_counter, 0x123456789A);
    PVOID volatile pointer = NULL;
    CHECK(InterlockedExchangePointer(&pointer, &section) == NULL);
    CHECK(InterlockedCompareExchangePointer(&pointer, NULL, NULL) == &section);
    CHECK(InterlockedCompareExchangePointer(&pointer, NULL, &section) == &section);
    CHECK(pointer == NULL);
    MemoryBarrier();
}

#ifndef _WIN32
static DWORD WINAPI keep_mutex(LPVOID mutex)
{
    return WaitForSingleObject(mutex, INFINITE);
}

/* A program that takes all indices has its values, and threads end all the same. First of
 * all here: the library has no key of its own yet. */
static void indices_before_threads(void)
{
    static DWORD indices[1200];
    DWORD count = 0;
    while (count < 1200 && (indices[count] = TlsAlloc()) != TLS_OUT_OF_INDEXES)
        TlsSetValue(indices[count++], indices);
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, keep_mutex, mutex, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_ABANDONED_0);
    CHECK(ReleaseMutex(mutex) && CloseHandle(mutex) && CloseHandle(thread));
    for (DWORD i = 0; i < count; i++)
        CHECK(TlsGetValue(indices[i]) == indices && TlsFree(indices[i]));
    CHECK_FAILS(TlsFree(indices[0]), ERROR_INVALID_PARAMETER);
}
#endif

int main(void)
{
#ifndef _WIN32
    indices_before_threads();
#endif
    sections();
    slim_locks();
    conditions();
    values();
    all_indices();
    counters();
    return check_result();
}
