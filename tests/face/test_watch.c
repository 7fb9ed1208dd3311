/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange: what it reports, how it waits, and how it is ended. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>
#ifndef _WIN32
#include <sys/wait.h>
#include <unistd.h>
#endif

#define PNP "\\\\?PnP?\\Notification"

static SCARDCONTEXT context;

static LONG look(SCARD_READERSTATE *state, DWORD current)
{
    state->dwCurrentState = current;
    return SCardGetStatusChange(context, 0, state, 1);
}

static void check_reports(void)
{
    SCARD_READERSTATE state = {.szReader = READER_0, .cbAtr = 12345};
    EXPECT(look(&state, SCARD_STATE_UNAWARE), 0);
    CHECK_EQ(state.dwEventState, SCARD_STATE_CHANGED | SCARD_STATE_EMPTY);
    CHECK_EQ(state.cbAtr, 0);
    EXPECT(look(&state, SCARD_STATE_EMPTY), SCARD_E_TIMEOUT);
    CHECK_EQ(state.dwEventState, SCARD_STATE_EMPTY);
    fake_insert(0);
    EXPECT(look(&state, SCARD_STATE_EMPTY), 0);
    CHECK_EQ(state.dwEventState, SCARD_STATE_CHANGED | SCARD_STATE_PRESENT | 1 << 16);
    CHECK_EQ(state.cbAtr, fake_atr_size);
    CHECK_MEM(state.rgbAtr, fake_atr, fake_atr_size);
    EXPECT(look(&state, state.dwEventState), SCARD_E_TIMEOUT);
    SCARDHANDLE card = new_card(context, READER_0);
    EXPECT(look(&state, SCARD_STATE_PRESENT), EITHER(0, SCARD_E_TIMEOUT));
    CHECK_EQ(state.dwEventState & 0xFFFD, SCARD_STATE_PRESENT | SCARD_STATE_INUSE);
    EXPECT(look(&state, SCARD_STATE_PRESENT | SCARD_STATE_INUSE), SCARD_E_TIMEOUT);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(look(&state, SCARD_STATE_PRESENT | SCARD_STATE_INUSE), 0);
    /* Out and in again since: the counter tells. */
    DWORD before = state.dwEventState;
    fake_remove(0);
    fake_insert(0);
    EXPECT(look(&state, before), 0);
    CHECK_EQ(state.dwEventState >> 16, 3);
    fake_remove(0);
    fake_behaviour(0)->power = SC_W_UNRESPONSIVE_CARD;
    fake_insert(0);
    EXPECT(look(&state, 0), 0);
    CHECK_EQ(state.dwEventState & 0xFFFF,
             SCARD_STATE_CHANGED | SCARD_STATE_PRESENT | SCARD_STATE_MUTE);
    fake_behaviour(0)->power = SC_OK;
    fake_remove(0);
}

static void check_odd_arrays(void)
{
    SCARD_READERSTATE states[2] = {{.szReader = READER_0},
                                   {.szReader = "no such reader"}};
    EXPECT(SCardGetStatusChange(context, INFINITE, NULL, 0), 0);
    EXPECT(SCardGetStatusChange(context, 0, NULL, 1), SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetStatusChange(context, 0, states, 0xFFFFFFFF),
           SCARD_E_INVALID_PARAMETER);
    EXPECT(SCardGetStatusChange(0, 0, states, 1), BAD_HANDLE);
    EXPECT(SCardGetStatusChange(context, 0, &states[1], 1), SCARD_E_UNKNOWN_READER);
    EXPECT(SCardGetStatusChange(context, 0, states, 2),
           EITHER(0, SCARD_E_UNKNOWN_READER));
    if (IS_WINDOWS)
        CHECK_EQ(states[1].dwEventState,
                 SCARD_STATE_UNKNOWN | SCARD_STATE_CHANGED | SCARD_STATE_IGNORE);
    states[1].szReader = NULL;
    EXPECT(SCardGetStatusChange(context, 0, states, 2),
           EITHER(SCARD_E_INVALID_PARAMETER, SCARD_E_INVALID_VALUE));
    states[0].dwCurrentState = SCARD_STATE_IGNORE;
    EXPECT(SCardGetStatusChange(context, INFINITE, states, 1), 0);
}

/* One question for a reader's state and for the number of readers: the first waits for the
 * ATR of a card that nobody has asked for yet, whatever the second would say at once. */
static void check_first_question(void)
{
    for (unsigned place = 0; place < 2; place++) {
        SCARD_READERSTATE states[2];
        memset(states, 0, sizeof(states));
        states[place].szReader = READER_0;
        states[1 - place].szReader = PNP;
        fake_insert(0);
        EXPECT(SCardGetStatusChange(context, INFINITE, states, 2), 0);
        CHECK_EQ(states[place].dwEventState & 0xFFFF,
                 SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
        CHECK_EQ(states[place].cbAtr, fake_atr_size);
        fake_remove(0);
    }
}

/* --- Waiting ------------------------------------------------------------------------ */

struct waiter {
    pthread_t thread;
    SCARDCONTEXT context;
    SCARD_READERSTATE state;
    LONG status;
};

static void *wait_for_change(void *argument)
{
    struct waiter *waiter = argument;
    waiter->status = SCardGetStatusChange(waiter->context, INFINITE, &waiter->state, 1);
    return NULL;
}

static void await(uint32_t (*count)(void), uint32_t want)
{
    uint64_t hang_ms = now_ms() + CHECK_HANG_MS;
    while (count() != want && now_ms() < hang_ms)
        pause_ms(1);
    CHECK_EQ(count(), want);
}

/* Returns when it waits, beside so many others. */
static void start(struct waiter *waiter, uint32_t others, SCARDCONTEXT of,
                  const char *reader, DWORD current)
{
    await(inside_watches, others); /* those that have ended have left */
    memset(waiter, 0, sizeof(*waiter));
    waiter->context = of;
    waiter->state.szReader = reader;
    waiter->state.dwCurrentState = current;
    CHECK_EQ(pthread_create(&waiter->thread, NULL, wait_for_change, waiter), 0);
    await(inside_watches, others + 1);
}

static void check_waiting(void)
{
    struct waiter waiter;
    SCARD_READERSTATE state = {.szReader = READER_0, .dwCurrentState = SCARD_STATE_EMPTY};
    EXPECT(SCardGetStatusChange(context, 30, &state, 1), SCARD_E_TIMEOUT);
    start(&waiter, 0, context, READER_0, SCARD_STATE_EMPTY);
    /* Another call on the same context is not held up by it. */
    EXPECT(look(&state, SCARD_STATE_UNAWARE), 0);
    fake_insert(0);
    pthread_join(waiter.thread, NULL);
    EXPECT(waiter.status, 0);
    CHECK_EQ(waiter.state.dwEventState & 0xFFFF,
             SCARD_STATE_CHANGED | SCARD_STATE_PRESENT);
    CHECK_EQ(waiter.state.cbAtr, fake_atr_size);
    start(&waiter, 0, context, READER_0, SCARD_STATE_PRESENT);
    EXPECT(SCardCancel(context), 0);
    pthread_join(waiter.thread, NULL);
    EXPECT(waiter.status, SCARD_E_CANCELLED);
    SCARDCONTEXT dying = new_context();
    start(&waiter, 0, dying, READER_0, SCARD_STATE_PRESENT);
    EXPECT(SCardReleaseContext(dying), 0);
    pthread_join(waiter.thread, NULL);
    EXPECT(waiter.status, SCARD_E_CANCELLED);
}

static void check_unplugging(void)
{
    struct waiter waiter, pnp;
    SCARD_READERSTATE state = {.szReader = PNP};
    SCARDHANDLE card;
    DWORD active;
    fake_insert(1);
    card = new_card(context, READER_1);
    EXPECT(SCardGetStatusChange(context, 0, &state, 1), EITHER(0, SCARD_E_TIMEOUT));
    CHECK_EQ(state.dwEventState >> 16, 2);
    start(&waiter, 0, context, READER_1, SCARD_STATE_PRESENT | SCARD_STATE_INUSE);
    start(&pnp, 1, context, PNP, state.dwEventState);
    fake_behaviour(1)->parting = true;
    EXPECT(command(card), 0); /* what the card has done is told */
    pthread_join(waiter.thread, NULL);
    EXPECT(waiter.status, 0);
    CHECK_EQ(waiter.state.dwEventState,
             SCARD_STATE_UNKNOWN | SCARD_STATE_UNAVAILABLE | SCARD_STATE_CHANGED);
    pthread_join(pnp.thread, NULL);
    EXPECT(pnp.status, 0);
    CHECK((pnp.state.dwEventState & SCARD_STATE_CHANGED) != 0);
    EXPECT(command(card), SCARD_E_READER_UNAVAILABLE);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active),
           SCARD_E_READER_UNAVAILABLE);
    EXPECT(SCardDisconnect(card, SCARD_RESET_CARD), 0);
    EXPECT(SCardConnect(context, READER_1, SCARD_SHARE_SHARED, T01, &card, &active),
           SCARD_E_UNKNOWN_READER);
}

/* --- Hung jobs ---------------------------------------------------------------------- */

static void *transmit(void *argument)
{
    struct waiter *waiter = argument;
    waiter->status = command((SCARDHANDLE)waiter->state.dwCurrentState);
    return NULL;
}

static void check_hung_job(void)
{
    struct waiter waiter = {.context = new_context()};
    waiter.state.dwCurrentState = (DWORD)new_card(waiter.context, READER_0);
    __atomic_store_n(&fake_behaviour(0)->hang, 1, __ATOMIC_RELEASE);
    CHECK_EQ(pthread_create(&waiter.thread, NULL, transmit, &waiter), 0);
    await(inside_requests, 1);
    EXPECT(SCardReleaseContext(waiter.context), 0);
    pthread_join(waiter.thread, NULL);
    EXPECT(waiter.status, SCARD_E_CANCELLED);
    __atomic_store_n(&fake_behaviour(0)->hang, 0, __ATOMIC_RELEASE);
    EXPECT(SCardDisconnect(new_card(context, READER_0), SCARD_LEAVE_CARD), 0);
}

/* --- Cancelled threads, forks ------------------------------------------------------- */

/* Windows has neither; how threads end there is told by tests/windows. */
#ifndef _WIN32
static void *begin(void *argument)
{
    SCardBeginTransaction(*(SCARDHANDLE *)argument);
    return NULL;
}

static uint32_t turns_waited_for(void)
{
    return inside_waits_for_turn() ? 1 : 0;
}

enum { MANY = 20 /* entries that do not fit on the stack */ };

static void *watch_many(void *argument)
{
    SCARD_READERSTATE states[MANY] = {{.szReader = NULL}};
    for (unsigned i = 0; i < MANY; i++) {
        states[i].szReader = READER_0;
        states[i].dwCurrentState = SCARD_STATE_PRESENT;
    }
    (void)SCardGetStatusChange(context, INFINITE, states, MANY);
    return argument;
}

#if defined(__SANITIZE_ADDRESS__)
/* gcc's address sanitizer takes the unwinding of a cancelled thread, whose stack it has
 * marked, for a stack underflow; the plain and the thread sanitizer's builds run it. */
static void check_cancelled_threads(void)
{
    (void)begin;
    (void)watch_many;
    (void)turns_waited_for;
    puts("skipped: cancelled threads, which this sanitizer cannot follow");
}
#else
static void check_cancelled_threads(void)
{
    struct waiter waiter;
    pthread_t thread;
    void *result;
    start(&waiter, 0, context, READER_0, SCARD_STATE_PRESENT);
    CHECK_EQ(pthread_cancel(waiter.thread), 0);
    pthread_join(waiter.thread, &result);
    CHECK(result == PTHREAD_CANCELED);
    await(inside_watches, 0);
    CHECK_EQ(pthread_create(&thread, NULL, watch_many, NULL), 0);
    await(inside_watches, 1);
    CHECK_EQ(pthread_cancel(thread), 0);
    pthread_join(thread, &result);
    CHECK(result == PTHREAD_CANCELED);
    SCARDHANDLE holder = new_card(context, READER_0), other = new_card(context, READER_0);
    EXPECT(SCardBeginTransaction(holder), 0);
    CHECK_EQ(pthread_create(&thread, NULL, begin, &other), 0);
    await(turns_waited_for, 1);
    CHECK_EQ(pthread_cancel(thread), 0);
    pthread_join(thread, &result);
    CHECK(result == PTHREAD_CANCELED);
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardBeginTransaction(holder), 0); /* nobody stands in the queue */
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
    EXPECT(command(other), 0);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
}
#endif

static int child(SCARDHANDLE card)
{
    SCARDCONTEXT own;
    check_failures = 0;
    EXPECT(SCardIsValidContext(context), BAD_HANDLE);
    EXPECT(command(card), BAD_HANDLE);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), BAD_HANDLE);
    EXPECT(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &own), 0);
    CHECK(own != context);
    EXPECT(SCardIsValidContext(context), BAD_HANDLE);
    EXPECT(SCardReleaseContext(own), 0);
    return check_failures == 0 ? 0 : 1;
}

/* While another thread is inside a call, as it will be in real programs. */
static void check_fork(void)
{
    struct waiter waiter;
    SCARDHANDLE card = new_card(context, READER_0);
    int status = -1;
    start(&waiter, 0, context, READER_0, SCARD_STATE_PRESENT | SCARD_STATE_INUSE);
    pid_t pid = fork();
    if (pid == 0)
        _exit(child(card));
    CHECK(pid > 0 && waitpid(pid, &status, 0) == pid);
    CHECK_EQ(status, 0);
    EXPECT(command(card), 0);
    EXPECT(SCardCancel(context), 0);
    pthread_join(waiter.thread, NULL);
    EXPECT(waiter.status, SCARD_E_CANCELLED);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}
#endif

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    context = new_context();
    check_reports();
    check_odd_arrays();
    check_first_question();
    check_waiting();
    check_unplugging();
    check_hung_job();
#ifndef _WIN32
    check_cancelled_threads();
    check_fork();
#endif
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
