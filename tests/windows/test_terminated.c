/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads that TerminateThread() ends while they wait in a call, whose stacks go with them:
 * what they waited for goes on without them, and nothing of them is left. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <windows.h>

enum { ROUNDS = 20, SCRIBBLED = 48 * 1024 };

static SCARDCONTEXT context;

#ifndef TESTS_WINE_POSIX_H /* the library is the program's own, and so are its threads */
static inline uint64_t unix_thread_number(void)
{
    return 0;
}

static inline bool unix_thread_has_ended(uint64_t number)
{
    return number == 0;
}
#endif

struct caller {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    HANDLE thread;
    uint64_t number; /* of the Unix thread, in the DLL for Wine */
};

static DWORD WINAPI watch(LPVOID argument)
{
    struct caller *caller = argument;
    caller->number = unix_thread_number();
    SCARD_READERSTATE states[2] = {
        {.szReader = READER_0, .dwCurrentState = SCARD_STATE_EMPTY},
        {.szReader = READER_1, .dwCurrentState = SCARD_STATE_EMPTY}};
    (void)SCardGetStatusChange(caller->context, INFINITE, states, 2);
    return 0;
}

static DWORD WINAPI begin(LPVOID argument)
{
    struct caller *caller = argument;
    caller->number = unix_thread_number();
    (void)SCardBeginTransaction(caller->card);
    return 0;
}

/* Where the stack of an ended thread was, the next one has its own. */
static DWORD WINAPI scribble(LPVOID argument)
{
    volatile unsigned char bytes[SCRIBBLED];
    for (unsigned i = 0; i < SCRIBBLED; i++)
        bytes[i] = 0xA5;
    return argument != NULL && bytes[SCRIBBLED / 2] == 0;
}

static void run(LPTHREAD_START_ROUTINE function)
{
    HANDLE thread = CreateThread(NULL, 0, function, NULL, 0, NULL);
    CHECK(thread != NULL && WaitForSingleObject(thread, CHECK_HANG_MS) == WAIT_OBJECT_0);
    CloseHandle(thread);
}

static void start(struct caller *caller, LPTHREAD_START_ROUTINE function)
{
    caller->thread = CreateThread(NULL, 0, function, caller, 0, NULL);
    CHECK(caller->thread != NULL);
}

static void terminate(struct caller *caller)
{
    CHECK(TerminateThread(caller->thread, 1));
    CHECK_EQ(WaitForSingleObject(caller->thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CloseHandle(caller->thread);
    while (!unix_thread_has_ended(caller->number))
        pause_ms(1);
    run(scribble);
}

/* As many calls wait, and their threads sleep, with no lock of ours. */
static bool sleepers_become(uint32_t count)
{
    for (uint64_t end = now_ms() + CHECK_HANG_MS; now_ms() < end; pause_ms(1))
        if (inside_sleepers() == count)
            return true;
    return false;
}

/* Others that wait are told, and the context that it used can be used. */
static void check_watch(void)
{
    struct caller caller = {.context = context};
    SCARD_READERSTATE state = {.szReader = READER_0, .dwCurrentState = SCARD_STATE_EMPTY};
    start(&caller, watch);
    CHECK(sleepers_become(1));
    terminate(&caller);
    EXPECT(SCardGetStatusChange(context, 0, &state, 1), SCARD_E_TIMEOUT);
    fake_insert(0);
    EXPECT(SCardGetStatusChange(context, INFINITE, &state, 1), 0);
    CHECK((state.dwEventState & SCARD_STATE_PRESENT) != 0);
    CHECK(sleepers_become(0)); /* it was told, too, and that was its end */
    fake_remove(0);
    state.dwCurrentState = state.dwEventState;
    EXPECT(SCardGetStatusChange(context, INFINITE, &state, 1), 0);
}

/* Cancelled and released contexts do not care. */
static void check_release(void)
{
    struct caller caller = {.context = new_context()};
    start(&caller, watch);
    CHECK(sleepers_become(1));
    terminate(&caller);
    EXPECT(SCardCancel(caller.context), 0);
    CHECK(sleepers_become(0));
    start(&caller, watch);
    CHECK(sleepers_become(1));
    terminate(&caller);
    EXPECT(SCardReleaseContext(caller.context), 0);
    CHECK(sleepers_become(0));
}

/* The turn that it waited for is the next one's, and its handle is as good as before. */
static void check_transaction(void)
{
    struct caller caller = {.card = new_card(context, READER_1)};
    SCARDHANDLE holder = new_card(context, READER_1), other = new_card(context, READER_1);
    EXPECT(SCardBeginTransaction(holder), 0);
    start(&caller, begin);
    CHECK(sleepers_become(1));
    terminate(&caller);
    EXPECT(command(holder), 0);
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardBeginTransaction(other), 0);
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardEndTransaction(caller.card, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    EXPECT(SCardBeginTransaction(caller.card), 0);
    EXPECT(command(caller.card), 0);
    EXPECT(SCardEndTransaction(caller.card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(caller.card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
}

/* Its handle goes while it stands in the queue. */
static void check_disconnect(void)
{
    struct caller caller = {.card = new_card(context, READER_1)};
    SCARDHANDLE holder = new_card(context, READER_1);
    EXPECT(SCardBeginTransaction(holder), 0);
    start(&caller, begin);
    CHECK(sleepers_become(1));
    terminate(&caller);
    EXPECT(SCardDisconnect(caller.card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardBeginTransaction(holder), 0);
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    context = new_context();
    fake_insert(1);
    EXPECT(SCardDisconnect(new_card(context, READER_1), SCARD_LEAVE_CARD), 0);
    fake_remove(1);
    for (unsigned i = 0; i < ROUNDS; i++) {
        check_watch();
        check_release();
        fake_insert(1);
        check_transaction();
        check_disconnect();
        fake_remove(1);
    }
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
