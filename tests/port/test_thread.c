/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: of CreateThread() and of Microsoft's C library. Source: MS-Docs CreateThread,
 * ExitThread, GetExitCodeThread, "_beginthread, _beginthreadex". */
#include <windows.h>

#include <process.h>

#include "tests/port/fails.h"

#ifndef _WIN32
#include <pthread.h>
#endif

static void join(HANDLE thread)
{
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_OBJECT_0); /* it stays so */
    CHECK(CloseHandle(thread));
}

/* --- CreateThread() ----------------------------------------------------------------- */

struct seen {
    DWORD id, last_error;
    HANDLE go_on;
};

static DWORD WINAPI see(LPVOID argument)
{
    struct seen *seen = (struct seen *)argument;
    seen->last_error = GetLastError();
    SetLastError(77);
    seen->id = GetCurrentThreadId();
    CHECK_EQ(GetThreadId(GetCurrentThread()), seen->id);
    WaitForSingleObject(seen->go_on, INFINITE);
    return 0xFFFFFFFE;
}

static void one_thread(void)
{
    struct seen seen = {0, 1, CreateEventA(NULL, TRUE, FALSE, NULL)};
    DWORD id = 0, code = 0;
    SetLastError(5);
    HANDLE thread = CreateThread(NULL, 0, see, &seen, 0, &id);
    CHECK(thread != NULL && id != 0 && id != GetCurrentThreadId());
    CHECK_EQ(GetThreadId(thread), id);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, STILL_ACTIVE);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(seen.go_on));
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 0xFFFFFFFE);
    CHECK_EQ(seen.id, id);
    CHECK_EQ(seen.last_error, 0);
    CHECK_EQ(GetLastError(), 5); /* each has its own */
    CHECK_EQ(GetThreadId(thread), id);
    join(thread);
    CHECK_FAILS(GetThreadId(thread), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetExitCodeThread(thread, &code), ERROR_INVALID_HANDLE);
    CHECK_FAILS_AS(ResumeThread(thread), (DWORD)-1, ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetThreadId(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetThreadId(seen.go_on), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetExitCodeThread(seen.go_on, &code), ERROR_INVALID_HANDLE);
    CHECK_FAILS_AS(ResumeThread(seen.go_on), (DWORD)-1, ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(seen.go_on));
    CHECK_EQ(GetThreadId(GetCurrentThread()), GetCurrentThreadId());
    CHECK(GetCurrentProcessId() != 0);
    SwitchToThread();
}

static void wrong_arguments(void)
{
#ifndef _WIN32
    DWORD id = 1;
    CHECK_FAILS(CreateThread(NULL, 0, NULL, NULL, 0, &id), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CreateThread(NULL, 0, see, NULL, 0x80, &id), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CreateThread(NULL, (SIZE_T)-1, see, NULL, 0, &id),
                ERROR_NOT_ENOUGH_MEMORY);
    CHECK_FAILS(CreateThread(NULL, (SIZE_T)-1 / 2, see, NULL, 0, &id),
                ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQ(id, 1);
    CHECK_FAILS(GetExitCodeThread(GetCurrentThread(), NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(_beginthreadex(NULL, 0, NULL, NULL, 0, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS_AS(_beginthread(NULL, 0, NULL), -1, ERROR_INVALID_PARAMETER);
#endif
}

static DWORD WINAPI use_stack(LPVOID argument)
{
    volatile char room[3000000];
    room[0] = 1;
    room[sizeof(room) - 1] = 1;
    return (DWORD)(ULONG_PTR)argument + (DWORD)(room[0] + room[sizeof(room) - 1]);
}

static void stacks(void)
{
    DWORD code = 0;
    HANDLE thread = CreateThread(NULL, 4000000, use_stack, (LPVOID)5,
                                 STACK_SIZE_PARAM_IS_A_RESERVATION, NULL);
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 7);
    join(thread);
}

static DWORD WINAPI count_up(LPVOID argument)
{
    return (DWORD)InterlockedIncrement((LONG *)argument);
}

static void suspended(void)
{
    LONG count = 0;
    DWORD id = 0;
    HANDLE thread = CreateThread(NULL, 0, count_up, &count, CREATE_SUSPENDED, &id);
    CHECK(thread != NULL && id != 0);
    CHECK_EQ(WaitForSingleObject(thread, 10), WAIT_TIMEOUT);
    CHECK_EQ(InterlockedExchangeAdd(&count, 0), 0);
    CHECK_EQ(ResumeThread(thread), 1);
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(count, 1);
    join(thread);
    /* One that runs. */
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    struct seen seen = {0, 0, event};
    thread = CreateThread(NULL, 0, see, &seen, 0, NULL);
    CHECK_EQ(ResumeThread(thread), 0);
    CHECK(SetEvent(event));
    join(thread);
    CHECK(CloseHandle(event));
}

static DWORD WINAPI exit_deep(LPVOID argument)
{
    ExitThread((DWORD)(ULONG_PTR)argument);
}

/* A thread whose handle is closed goes on. */
static void closed_handle(void)
{
    struct seen seen = {0, 0, CreateEventA(NULL, TRUE, FALSE, NULL)};
    HANDLE done = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, see, &seen, 0, NULL);
    CHECK(CloseHandle(thread));
    CHECK_FAILS_AS(WaitForSingleObject(thread, 0), WAIT_FAILED, ERROR_INVALID_HANDLE);
    CHECK(SetEvent(seen.go_on));
    DWORD code = 0;
    thread = CreateThread(NULL, 0, exit_deep, (LPVOID)259, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK_EQ(code, 259);
    join(thread);
    while (InterlockedExchangeAdd((LONG *)&seen.id, 0) == 0)
        Sleep(1);
    CHECK(CloseHandle(done));
}

static DWORD WINAPI hand_over(LPVOID argument)
{
    HANDLE *own = (HANDLE *)argument;
    CHECK(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(), GetCurrentProcess(),
                          &own[0], 0, FALSE, DUPLICATE_SAME_ACCESS));
    SetEvent(own[1]);
    CHECK_EQ(WaitForSingleObject(own[2], INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(GetCurrentThread(), 0), WAIT_TIMEOUT);
    DWORD code = 0;
    CHECK(GetExitCodeThread(GetCurrentThread(), &code));
    CHECK_EQ(code, STILL_ACTIVE);
    return 9;
}

static void own_handle(void)
{
    HANDLE own[3] = {NULL, CreateEventA(NULL, TRUE, FALSE, NULL),
                     CreateEventA(NULL, TRUE, FALSE, NULL)};
    HANDLE thread = CreateThread(NULL, 0, hand_over, own, 0, NULL);
    CHECK_EQ(WaitForSingleObject(own[1], CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(own[0] != NULL && own[0] != thread);
    CHECK_EQ(GetThreadId(own[0]), GetThreadId(thread));
    CHECK(CloseHandle(thread));
    CHECK(SetEvent(own[2]));
    DWORD code = 0;
    CHECK_EQ(WaitForSingleObject(own[0], CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(own[0], &code));
    CHECK_EQ(code, 9);
    CHECK(CloseHandle(own[0]) && CloseHandle(own[1]) && CloseHandle(own[2]));
#ifndef _WIN32
    /* The first thread was not made by these calls. */
    CHECK_FAILS(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(),
                                GetCurrentProcess(), &own[0], 0, FALSE, 0),
                ERROR_INVALID_HANDLE);
#endif
}

/* --- Microsoft's C library ---------------------------------------------------------- */

static unsigned __stdcall count_ex(void *argument)
{
    InterlockedIncrement((LONG *)argument);
    _endthreadex(12);
    return 13;
}

static void __cdecl count_plain(void *argument)
{
    InterlockedIncrement((LONG *)argument);
    _endthread();
}

static void __cdecl count_and_return(void *argument)
{
    InterlockedIncrement((LONG *)argument);
}

static void of_the_c_library(void)
{
    LONG count = 0;
    unsigned id = 0;
    DWORD code = 0;
    uintptr_t thread = _beginthreadex(NULL, 0, count_ex, &count, CREATE_SUSPENDED, &id);
    CHECK(thread != 0 && id != 0);
    CHECK_EQ(GetThreadId((HANDLE)thread), id);
    CHECK_EQ(ResumeThread((HANDLE)thread), 1);
    CHECK_EQ(WaitForSingleObject((HANDLE)thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread((HANDLE)thread, &code));
    CHECK_EQ(code, 12);
    CHECK_EQ(count, 1);
    join((HANDLE)thread);
    thread = _beginthreadex(NULL, 100000, count_ex, &count, 0, NULL);
    join((HANDLE)thread);
    for (int i = 0; i < 20; i++) {
        uintptr_t plain = _beginthread(i % 2 ? count_plain : count_and_return, 0, &count);
        CHECK(plain != 0 && plain != (uintptr_t)-1);
    }
    while (InterlockedExchangeAdd(&count, 0) != 22)
        Sleep(1);
}

/* --- Many --------------------------------------------------------------------------- */

static void many(void)
{
    HANDLE threads[64];
    LONG count = 0;
    for (int i = 0; i < 64; i++)
        threads[i] = CreateThread(NULL, 0, count_up, &count, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(64, threads, TRUE, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(count, 64);
    DWORD sum = 0;
    for (int i = 0; i < 64; i++) {
        DWORD code = 0;
        CHECK(GetExitCodeThread(threads[i], &code));
        sum += code;
        CHECK(CloseHandle(threads[i]));
    }
    CHECK_EQ(sum, 64 * 65 / 2);
}

#ifndef _WIN32
static void no_handle_left(void)
{
    static HANDLE handles[16384];
    DWORD count = 0;
    LONG ran = 0;
    while (count < 16384 && (handles[count] = CreateEventA(NULL, 0, 0, NULL)) != NULL)
        count++;
    CHECK_FAILS(CreateThread(NULL, 0, count_up, &ran, 0, NULL),
                ERROR_TOO_MANY_OPEN_FILES);
    CHECK_FAILS(_beginthreadex(NULL, 0, count_ex, &ran, 0, NULL),
                ERROR_TOO_MANY_OPEN_FILES);
    CHECK_FAILS_AS(_beginthread(count_plain, 0, &ran), -1, ERROR_TOO_MANY_OPEN_FILES);
    for (DWORD i = 0; i < count; i++)
        CloseHandle(handles[i]);
    CHECK_EQ(ran, 0);
}
#endif

#ifndef _WIN32
static pthread_key_t late_key;
static HANDLE late;

/* In the last round of destructors: the thread has ended, and its object may be gone. */
static void ask_late(void *rounds)
{
    DWORD code = 0;
    HANDLE copy = NULL;
    if ((uintptr_t)rounds < 3) {
        pthread_setspecific(late_key, (void *)((uintptr_t)rounds + 1));
        return;
    }
    CHECK_FAILS(GetExitCodeThread(GetCurrentThread(), &code), ERROR_INVALID_HANDLE);
    CHECK_FAILS(DuplicateHandle(GetCurrentProcess(), GetCurrentThread(),
                                GetCurrentProcess(), &copy, 0, FALSE, 0),
                ERROR_INVALID_HANDLE);
    CHECK(SetEvent(late));
}

static DWORD WINAPI end_with_destructor(LPVOID unused)
{
    (void)unused;
    pthread_setspecific(late_key, (void *)(uintptr_t)1);
    return 0;
}

static void asked_after_its_end(void)
{
    late = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(pthread_key_create(&late_key, ask_late) == 0);
    CHECK(CloseHandle(CreateThread(NULL, 0, end_with_destructor, NULL, 0, NULL)));
    CHECK_EQ(WaitForSingleObject(late, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(late));
}
#endif

int main(void)
{
    one_thread();
    wrong_arguments();
    stacks();
    suspended();
    closed_handle();
    own_handle();
    of_the_c_library();
    many();
#ifndef _WIN32
    no_handle_left();
#endif
#ifndef _WIN32
    asked_after_its_end();
#endif
    return check_result();
}
