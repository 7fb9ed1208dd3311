/* SPDX-License-Identifier: BSD-2-Clause */
/* in_service.exe LOG: a program whose cards a service has, which writes to LOG what it is asked.
 * Says "ready" when threads of it were terminated in calls and it has both events; when its
 * input ends the service has stopped. Run by tests/programs/wine_service.sh. */
#include "tests/support/check.h"

#include <stdbool.h>
#include <windows.h>
#include <winscard.h>

enum { ROUNDS = 5, LOOK_MS = 10, LINE_ROOM = 512 };

#define READER "WinSCard Software Card 0"

static SCARDCONTEXT context;
static SCARDHANDLE waiting;
static const char *service_log;

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

/* Lines of the service's log with this in them. */
static unsigned count_lines(const char *word)
{
    char line[LINE_ROOM];
    unsigned count = 0;
    FILE *file = fopen(service_log, "r");
    CHECK(file != NULL);
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        count += strstr(line, word) != NULL;
    if (file != NULL)
        fclose(file);
    return count;
}

/* The card stays in use, so that nothing changes after the first answer. */
static DWORD WINAPI watch(LPVOID argument)
{
    SCARD_READERSTATEA state = {.szReader = READER};
    (void)argument;
    while (SCardGetStatusChangeA(context, INFINITE, &state, 1) == 0)
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    return 0;
}

static DWORD WINAPI begin(LPVOID argument)
{
    (void)argument;
    (void)SCardBeginTransaction(waiting);
    return 0;
}

/* A thread with `function`, when the service has so many lines more with `word`: then it waits
 * for an answer, and its own connection is all that it has. Others' calls go on. */
static void terminate(LPTHREAD_START_ROUTINE function, const char *word, unsigned lines)
{
    unsigned before = count_lines(word);
    HANDLE thread = CreateThread(NULL, 0, function, NULL, 0, NULL);
    CHECK(thread != NULL);
    while (count_lines(word) < before + lines)
        Sleep(LOOK_MS);
    CHECK_EQ(SCardIsValidContext(context), 0);
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK(TerminateThread(thread, 1));
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CloseHandle(thread);
}

static void check_terminated(void)
{
    DWORD count;
    SCARDHANDLE holder = new_card();
    for (unsigned i = 0; i < ROUNDS; i++) {
        terminate(watch, "timeout_ms=0xFFFFFFFFFFFFFFFF", 2);
        CHECK_EQ(look(SCARD_STATE_UNAWARE, 0), 0);
        waiting = new_card();
        CHECK_EQ(SCardBeginTransaction(holder), 0);
        terminate(begin, "begin transaction waits", 1);
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

int main(int count, char **words)
{
    if (count != 2)
        return 2;
    service_log = words[1];
    CHECK_EQ(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
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
