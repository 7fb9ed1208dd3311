/* SPDX-License-Identifier: BSD-2-Clause */
/* A card is exchanged for another at once, as when its reader is reset: who watches is
 * told by the counter, and who connects never finds the reader empty. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>

enum { SHOWN = 0xFFFF & ~SCARD_STATE_CHANGED };

static SCARDCONTEXT context;

/* --- Calls under way ---------------------------------------------------------------- */

struct call {
    pthread_t thread;
    SCARDCONTEXT context;
    SCARD_READERSTATE state;
    SCARDHANDLE card;
    LONG status;
};

static void *watch(void *argument)
{
    struct call *call = argument;
    call->status = SCardGetStatusChange(call->context, INFINITE, &call->state, 1);
    return NULL;
}

static void *transmit(void *argument)
{
    struct call *call = argument;
    call->status = command(call->card);
    return NULL;
}

static void *connect_card(void *argument)
{
    struct call *call = argument;
    DWORD active;
    call->status = SCardConnect(call->context, READER_0, SCARD_SHARE_SHARED,
                                SCARD_PROTOCOL_T0, &call->card, &active);
    return NULL;
}

/* Returns when `count` has become `want` by the call. */
static void start(struct call *call, void *(*run)(void *), uint32_t (*count)(void),
                  uint32_t want)
{
    uint64_t hang_ms = now_ms() + CHECK_HANG_MS;
    CHECK_EQ(pthread_create(&call->thread, NULL, run, call), 0);
    while (count() != want && now_ms() < hang_ms)
        pause_ms(1);
    CHECK_EQ(count(), want);
}

/* --- Tests -------------------------------------------------------------------------- */

static void check_watch(void)
{
    struct call call = {.context = context, .state.szReader = READER_0};
    EXPECT(SCardGetStatusChange(context, 0, &call.state, 1), 0);
    DWORD before = call.state.dwEventState;
    CHECK_EQ(before & SHOWN, SCARD_STATE_PRESENT);
    call.state.dwCurrentState = before;
    start(&call, watch, inside_watches, 1);
    fake_exchange(0);
    pthread_join(call.thread, NULL);
    EXPECT(call.status, 0);
    CHECK_EQ(call.state.dwEventState & SHOWN, SCARD_STATE_PRESENT);
    CHECK_EQ(call.state.dwEventState >> 16, (before >> 16) + 2);
    CHECK_EQ(call.state.cbAtr, fake_atr_size);
}

static void check_handles(void)
{
    SCARDHANDLE card = new_card(context, READER_0);
    EXPECT(command(card), 0);
    fake_exchange(0);
    EXPECT(command(card), SCARD_W_REMOVED_CARD);
    SCARDHANDLE other = new_card(context, READER_0);
    EXPECT(command(other), 0);
    EXPECT(command(card), SCARD_W_REMOVED_CARD);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
}

/* One connects while another's command is under way; it waits for the end of that. */
static void check_connecting(void)
{
    struct call sending = {.context = new_context()};
    struct call connecting = {.context = new_context()};
    sending.card = new_card(sending.context, READER_0);
    __atomic_store_n(&fake_behaviour(0)->hang, 1, __ATOMIC_RELEASE);
    start(&sending, transmit, inside_requests, 1);
    start(&connecting, connect_card, inside_requests, 2);
    fake_exchange(0);
    CHECK_EQ(inside_requests(), 2);
    EXPECT(SCardReleaseContext(sending.context), 0); /* which ends the command */
    pthread_join(sending.thread, NULL);
    __atomic_store_n(&fake_behaviour(0)->hang, 0, __ATOMIC_RELEASE);
    pthread_join(connecting.thread, NULL);
    EXPECT(connecting.status, 0);
    EXPECT(command(connecting.card), 0);
    EXPECT(SCardReleaseContext(connecting.context), 0);
}

/* Where there is no card, it is no news. */
static void check_empty(void)
{
    SCARD_READERSTATE state = {.szReader = READER_1};
    EXPECT(SCardGetStatusChange(context, 0, &state, 1), 0);
    CHECK_EQ(state.dwEventState & SHOWN, SCARD_STATE_EMPTY);
    state.dwCurrentState = state.dwEventState;
    fake_exchange(1);
    EXPECT(SCardGetStatusChange(context, 0, &state, 1), SCARD_E_TIMEOUT);
    CHECK_EQ(state.dwEventState & SHOWN, SCARD_STATE_EMPTY);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    context = new_context();
    fake_insert(0);
    check_watch();
    check_handles();
    check_connecting();
    check_empty();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
