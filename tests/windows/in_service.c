/* SPDX-License-Identifier: BSD-2-Clause */
/* in_service.exe: a program whose cards a service has. Says "ready" when threads of it were
 * terminated in calls and it has both events; when its input ends the service has stopped.
 * Run by tests/programs/wine_service.sh. */
#include "tests/support/check.h"

#include <stdbool.h>
#include <windows.h>
#include <winscard.h>

enum { ROUNDS = 5 };

#define READER "WinSCard Software Card 0"

static SCARDCONTEXT context;
static SCARDHANDLE waiting;
static HANDLE about_to_wait;

static SCARDHANDLE new_card(void)
{
    SCARDHANDLE card = 0;
    DWORD active;
    CHECK_EQ(SCardConnectA(context, READER, SCARD_SHARE_SHARED,
                           SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &active),
             0);
    return card;
}

static LONG look(DWORD current, DWORD timeout)
{
    SCARD_READERSTATEA state = {.szReader = READER, .dwCurrentState = current};
    return SCardGetStatusChangeA(context, timeout, &state, 1);
}

/* The card stays in use, so that nothing changes. */
static DWORD WINAPI watch(LPVOID argument)
{
    SCARD_READERSTATEA state = {.szReader = READER};
    (void)argument;
    while (SCardGetStatusChangeA(context, INFINITE, &state, 1) == 0) {
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        SetEvent(about_to_wait);
    }
    return 0;
}

static DWORD WINAPI begin(LPVOID argument)
{
    (void)argument;
    SetEvent(about_to_wait);
    (void)SCardBeginTransaction(waiting);
    return 0;
}

/* It waits for its answer, or is about to. Whatever it is at, others' calls go on: its own
 * connection is all that it has. */
static void terminate(LPTHREAD_START_ROUTINE function)
{
    HANDLE thread = CreateThread(NULL, 0, function, NULL, 0, NULL);
    CHECK(thread != NULL);
    CHECK_EQ(WaitForSingleObject(about_to_wait, CHECK_HANG_MS), WAIT_OBJECT_0);
    while (SCardIsValidContext(context) == 0
           && WaitForSingleObject(thread, 20) == WAIT_OBJECT_0)
        CHECK(false); /* it waits, and does not end */
    CHECK(TerminateThread(thread, 1));
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
}

static void check_terminated(void)
{
    DWORD count;
    SCARDHANDLE holder = new_card();
    for (unsigned i = 0; i < ROUNDS; i++) {
        terminate(watch);
        CHECK_EQ(look(SCARD_STATE_UNAWARE, 0), 0);
        waiting = new_card();
        CHECK_EQ(SCardBeginTransaction(holder), 0);
        terminate(begin);
        CHECK_EQ(SCardGetTransmitCount(holder, &count), 0);
        CHECK_EQ(SCardDisconnect(waiting, SCARD_LEAVE_CARD), 0);
        CHECK_EQ(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
        CHECK_EQ(SCardBeginTransaction(holder), 0);
        CHECK_EQ(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    }
    CHECK_EQ(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
}

/* The started event tells of the library, which can be called; what becomes of a service is
 * for the calls to say. */
static void check_stopped(HANDLE started, HANDLE readers)
{
    HANDLE both[2] = {readers, started};
    SCARDCONTEXT other = 1;
    CHECK_EQ(look(SCARD_STATE_UNAWARE, 0), SCARD_E_SERVICE_STOPPED);
    CHECK_EQ(WaitForMultipleObjects(2, both, FALSE, CHECK_HANG_MS), WAIT_OBJECT_0 + 1);
    CHECK_EQ(WaitForSingleObject(readers, 0), WAIT_TIMEOUT);
    SCardReleaseStartedEvent();
    SCardReleaseNewReaderEvent();
    CHECK(SCardAccessStartedEvent() == started);
    CHECK(SCardAccessNewReaderEvent() == readers);
    CHECK_EQ(WaitForSingleObject(readers, 0), WAIT_TIMEOUT);
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &other),
             SCARD_E_NO_SERVICE);
    CHECK_EQ(SCardReleaseContext(context), ERROR_INVALID_HANDLE);
    SCardReleaseAllEvents();
}

int main(void)
{
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    about_to_wait = CreateEventW(NULL, FALSE, FALSE, NULL);
    HANDLE started = SCardAccessStartedEvent(), readers = SCardAccessNewReaderEvent();
    CHECK_EQ(WaitForSingleObject(started, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(readers, 0), WAIT_TIMEOUT);
    check_terminated();
    printf("ready\n");
    fflush(stdout);
    while (getchar() != EOF)
        continue;
    check_stopped(started, readers);
    return check_result();
}
