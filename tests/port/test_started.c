/* SPDX-License-Identifier: BSD-2-Clause */
/* The handle of SCardAccessStartedEvent, by a program that is linked with the library, or
 * with PORT_LOADS one that loads it: signalled while a service answers. Source: MS-Docs
 * SCardAccessStartedEvent. */
#include <windows.h>
#include <winscard.h>

#include "tests/port/fails.h"
#include "tests/support/daemon.h"

#include <stdlib.h>
#include <unistd.h>

typedef HANDLE(WINAPI *started_call)(void);
typedef LONG(WINAPI *establish_call)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
typedef LONG(WINAPI *release_call)(SCARDCONTEXT);

#ifdef PORT_LOADS
static HMODULE library;

static FARPROC found(const char *name)
{
    if (library == NULL)
        library = LoadLibraryA("C:\\Windows\\System32\\WinSCard.dll");
    FARPROC address = GetProcAddress(library, name);
    CHECK(library != NULL && address != NULL);
    return address;
}
#define CALL(type, name) ((type)(void (*)(void))found(#name))
#else
#define CALL(type, name) (name)
#endif

struct waiter {
    HANDLE ready, started;
    DWORD result;
};

static DWORD WINAPI wait_for_start(LPVOID argument)
{
    struct waiter *waiter = (struct waiter *)argument;
    HANDLE both[2] = {waiter->ready, waiter->started};
    SetEvent(waiter->ready);
    waiter->result = WaitForMultipleObjects(2, both, TRUE, CHECK_HANG_MS);
    return 0;
}

int main(void)
{
    struct daemon service;
    CHECK(daemon_place(&service));
    setenv("WINSCARD_CARRIER", "service", 1);
    setenv("WINSCARD_SERVICE", service.endpoint, 1);
    SCARDCONTEXT context = 0;
    establish_call establish = CALL(establish_call, SCardEstablishContext);
    release_call release = CALL(release_call, SCardReleaseContext);
    started_call access_started = CALL(started_call, SCardAccessStartedEvent);
    HANDLE started = access_started();
    CHECK(started != NULL && access_started() == started);
    CHECK(establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != SCARD_S_SUCCESS);
    CHECK_EQ(WaitForSingleObject(started, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(started, 1), WAIT_TIMEOUT);
    /* It is the library's. */
    CHECK_FAILS(CloseHandle(started), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetEvent(started), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ResetEvent(started), ERROR_INVALID_HANDLE);
    HANDLE event = CreateEventA(NULL, TRUE, TRUE, NULL);
    HANDLE both[2] = {started, event}, twice[2] = {started, started};
    CHECK_EQ(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_OBJECT_0 + 1);
    CHECK_EQ(WaitForMultipleObjects(2, both, TRUE, 0), WAIT_TIMEOUT);
    CHECK_EQ(SignalObjectAndWait(event, started, 0, FALSE), WAIT_TIMEOUT);
    CHECK_FAILS_AS(WaitForMultipleObjects(2, twice, TRUE, 0), WAIT_FAILED,
                   ERROR_INVALID_PARAMETER);

    struct waiter waiter = {CreateEventA(NULL, TRUE, FALSE, NULL), started, WAIT_FAILED};
    HANDLE thread = CreateThread(NULL, 0, wait_for_start, &waiter, 0, NULL);
    CHECK_EQ(WaitForSingleObject(waiter.ready, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(daemon_start(&service, WINSCARDD, "soft:", NULL, NULL));
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(waiter.result, WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(started, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(started, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(2, both, FALSE, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(2, both, TRUE, 0), WAIT_OBJECT_0);
    CHECK_EQ(establish(SCARD_SCOPE_SYSTEM, NULL, NULL, &context), SCARD_S_SUCCESS);
    CHECK_EQ(release(context), SCARD_S_SUCCESS);
    CHECK(daemon_stop(&service));
    CHECK_EQ(WaitForSingleObject(started, 0), WAIT_TIMEOUT);
    rmdir(service.directory);
    CHECK(CloseHandle(event) && CloseHandle(waiter.ready) && CloseHandle(thread));
#ifdef PORT_LOADS
    CHECK(FreeLibrary(library));
    CHECK_FAILS_AS(WaitForSingleObject(started, 0), WAIT_FAILED, ERROR_INVALID_HANDLE);
#endif
    return check_result();
}
