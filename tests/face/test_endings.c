/* SPDX-License-Identifier: BSD-2-Clause */
/* What ends, and what must not: transactions by those who do not have them, answers that
 * need not wait for others, handles without SCardDisconnect, waits for a card alone, and
 * the power of a card that nobody uses. A transaction is never taken away for being idle
 * here: what waited for one would do so until the test is ended. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>

enum { POWER_OFF_MS = 300 };

static SCARDCONTEXT context;

static LONG status_of(SCARDHANDLE card)
{
    return SCardStatus(card, NULL, NULL, NULL, NULL, NULL, NULL);
}

static LONG try_connect(DWORD share, DWORD protocols, SCARDHANDLE *card)
{
    DWORD active;
    return SCardConnect(context, READER_0, share, protocols, card, &active);
}

static LONG reconnect(SCARDHANDLE card, DWORD share, DWORD initialization)
{
    DWORD active;
    return SCardReconnect(card, share, SCARD_PROTOCOL_T0, initialization, &active);
}

/* --- A thread with one call --------------------------------------------------------- */

struct caller {
    pthread_t thread;
    SCARDHANDLE card;
    LONG (*call)(SCARDHANDLE card);
    LONG status;
    uint32_t ended; /* atomic */
};

static void *run_caller(void *argument)
{
    struct caller *caller = argument;
    caller->status = caller->call(caller->card);
    __atomic_store_n(&caller->ended, 1, __ATOMIC_RELEASE);
    return NULL;
}

/* Until it waits for the reader. */
static void start_caller(struct caller *caller, LONG (*call)(SCARDHANDLE),
                         SCARDHANDLE card)
{
    *caller = (struct caller){.card = card, .call = call};
    uint32_t before = inside_requests();
    CHECK_EQ(pthread_create(&caller->thread, NULL, run_caller, caller), 0);
    while (inside_requests() <= before
           && __atomic_load_n(&caller->ended, __ATOMIC_ACQUIRE) == 0)
        pause_ms(1);
}

static LONG end_caller(struct caller *caller)
{
    pthread_join(caller->thread, NULL);
    return caller->status;
}

static LONG begin(SCARDHANDLE card)
{
    return SCardBeginTransaction(card);
}

static LONG take_alone(SCARDHANDLE card)
{
    return reconnect(card, SCARD_SHARE_EXCLUSIVE, SCARD_LEAVE_CARD);
}

/* --- SCardEndTransaction without a transaction -------------------------------------- */

/* An error at once, whatever the disposition; whose it is keeps it, and the next in turn
 * gets it. */
static void check_end_of_others(void)
{
    SCARDHANDLE holder = new_card(context, READER_0), other = new_card(context, READER_0);
    struct caller waiter;
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    EXPECT(SCardBeginTransaction(holder), 0);
    uint32_t powers = fake_counts(0).power;
    for (DWORD disposition = SCARD_LEAVE_CARD; disposition <= SCARD_EJECT_CARD;
         disposition++)
        EXPECT(SCardEndTransaction(other, disposition),
               EITHER(SCARD_E_NOT_TRANSACTED, SCARD_E_SHARING_VIOLATION));
    EXPECT(command(holder), 0);
    start_caller(&waiter, begin, other);
    EXPECT(SCardEndTransaction(other, SCARD_RESET_CARD),
           EITHER(SCARD_E_NOT_TRANSACTED, SCARD_E_SHARING_VIOLATION));
    EXPECT(command(holder), 0);
    CHECK_EQ(fake_counts(0).power, powers);
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    EXPECT(end_caller(&waiter), 0);
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
}

/* The reader is busy with a command that takes its time; these need not wait for it. */
static void check_answers_at_once(void)
{
    const BYTE bytes[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    BYTE answer[300];
    DWORD size = sizeof(answer);
    SCARDCONTEXT own = new_context();
    SCARDHANDLE busy = new_card(own, READER_0), other = new_card(context, READER_0),
                leaver = new_card(context, READER_0), none;
    struct caller sender;
    EXPECT(SCardBeginTransaction(busy), 0);
    __atomic_store_n(&fake_behaviour(0)->hang, 1, __ATOMIC_RELEASE);
    start_caller(&sender, command, busy);
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD),
           EITHER(SCARD_E_NOT_TRANSACTED, SCARD_E_SHARING_VIOLATION));
    EXPECT(SCardTransmit(other, SCARD_PCI_T1, bytes, sizeof(bytes), NULL, answer, &size),
           SCARD_E_PROTO_MISMATCH);
    EXPECT(try_connect(SCARD_SHARE_EXCLUSIVE, T01, &none), SCARD_E_SHARING_VIOLATION);
    if (IS_WINDOWS)
        EXPECT(take_alone(other), SCARD_E_SHARING_VIOLATION);
    EXPECT(SCardDisconnect(leaver, SCARD_RESET_CARD),
           0); /* not under the holder's feet */
    fake_remove(0);
    EXPECT(SCardBeginTransaction(other), SCARD_W_REMOVED_CARD);
    EXPECT(command(other), SCARD_W_REMOVED_CARD);
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &none), SCARD_E_NO_SMARTCARD);
    EXPECT(SCardDisconnect(other, SCARD_RESET_CARD), 0);
    EXPECT(SCardReleaseContext(own), 0); /* ends the command */
    (void)end_caller(&sender);
    CHECK(sender.status != 0);
    __atomic_store_n(&fake_behaviour(0)->hang, 0, __ATOMIC_RELEASE);
    fake_insert(0);
}

/* On Windows SCardReconnect gives the transaction back, however often it was begun. */
static void check_end_by_reconnect(void)
{
    const DWORD initializations[] = {SCARD_LEAVE_CARD, SCARD_RESET_CARD,
                                     SCARD_UNPOWER_CARD};
    for (size_t i = 0; i < 3; i++) {
        SCARDHANDLE card = new_card(context, READER_0), other;
        struct caller waiter;
        EXPECT(SCardBeginTransaction(card), 0);
        EXPECT(SCardBeginTransaction(card), 0);
        EXPECT(reconnect(card, SCARD_SHARE_SHARED, initializations[i]), 0);
        if (!IS_WINDOWS) {
            EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
            EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
        }
        EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
        /* Lock, reset, lock, unlock: then it is free for others. */
        EXPECT(SCardBeginTransaction(card), 0);
        EXPECT(reconnect(card, SCARD_SHARE_SHARED, initializations[i]), 0);
        EXPECT(SCardBeginTransaction(card), 0);
        other = new_card(context, READER_0);
        start_caller(&waiter, begin, other);
        EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
        if (!IS_WINDOWS)
            EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
        EXPECT(end_caller(&waiter), 0);
        EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    }
    /* One that fails, for the card is shared, ends nothing. */
    SCARDHANDLE card = new_card(context, READER_0), other = new_card(context, READER_0);
    EXPECT(SCardBeginTransaction(card), 0);
    if (IS_WINDOWS)
        EXPECT(take_alone(card), SCARD_E_SHARING_VIOLATION);
    EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* --- Handles without SCardDisconnect ------------------------------------------------ */

/* A context that is released with them resets their cards: at once, or when another's
 * transaction is over, which is not disturbed. */
static void check_released(void)
{
    SCARDHANDLE stays = new_card(context, READER_0);
    SCARDCONTEXT going = new_context();
    (void)new_card(going, READER_0);
    EXPECT(SCardReleaseContext(going), 0);
    EXPECT(status_of(stays), SCARD_W_RESET_CARD);
    EXPECT(command(stays), SCARD_W_RESET_CARD);
    EXPECT(reconnect(stays, SCARD_SHARE_SHARED, SCARD_LEAVE_CARD), 0);

    going = new_context();
    (void)new_card(going, READER_0);
    EXPECT(SCardBeginTransaction(stays), 0);
    uint32_t powers = fake_counts(0).power;
    EXPECT(SCardReleaseContext(going), 0);
    EXPECT(status_of(stays), 0);
    EXPECT(command(stays), 0);
    CHECK_EQ(fake_counts(0).power, powers);
    EXPECT(SCardEndTransaction(stays, SCARD_LEAVE_CARD), 0);
    EXPECT(status_of(stays), SCARD_W_RESET_CARD);
    while (fake_counts(0).power == powers) /* without anybody asking for it */
        pause_ms(1);
    EXPECT(SCardBeginTransaction(stays), SCARD_W_RESET_CARD);
    EXPECT(SCardDisconnect(stays, SCARD_LEAVE_CARD), 0);
    /* SCardDisconnect says itself what becomes of the card. */
    stays = new_card(context, READER_0);
    EXPECT(SCardDisconnect(new_card(context, READER_0), SCARD_LEAVE_CARD), 0);
    EXPECT(command(stays), 0);
    EXPECT(SCardDisconnect(stays, SCARD_LEAVE_CARD), 0);
}

/* --- A card alone ------------------------------------------------------------------- */

/* pcsc-lite's SCardReconnect waits until the other handles are gone. */
static void check_alone(void)
{
    SCARDHANDLE card = new_card(context, READER_0), other = new_card(context, READER_0);
    SCARDCONTEXT own = new_context();
    SCARDHANDLE released = new_card(own, READER_0);
    struct caller caller;
    start_caller(&caller, take_alone, released);
    EXPECT(SCardReleaseContext(own), 0);
    CHECK(end_caller(&caller) != 0);
    EXPECT(reconnect(card, SCARD_SHARE_SHARED, SCARD_LEAVE_CARD), 0);
    EXPECT(reconnect(other, SCARD_SHARE_SHARED, SCARD_LEAVE_CARD), 0);

    start_caller(&caller, take_alone, card);
    EXPECT(command(other), 0); /* in nobody's way */
    EXPECT(SCardBeginTransaction(other), 0);
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardCancel(context), 0);
    EXPECT(end_caller(&caller), SCARD_E_CANCELLED);

    start_caller(&caller, take_alone, card);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(end_caller(&caller), 0);
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &other), SCARD_E_SHARING_VIOLATION);
    EXPECT(reconnect(card, SCARD_SHARE_SHARED, SCARD_LEAVE_CARD), 0);

    other = new_card(context, READER_0);
    start_caller(&caller, take_alone, card);
    fake_remove(0);
    EXPECT(end_caller(&caller), SCARD_E_NO_SMARTCARD);
    fake_insert(0);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* --- A card that nobody is connected to --------------------------------------------- */

static DWORD event_state(DWORD current, DWORD timeout_ms, LONG want)
{
    SCARD_READERSTATE state = {.szReader = READER_0, .dwCurrentState = current};
    EXPECT(SCardGetStatusChange(context, timeout_ms, &state, 1), want);
    return state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
}

static void await_power_job(uint32_t powers)
{
    while (fake_counts(0).power == powers)
        pause_ms(1);
}

static void check_power_off(void)
{
    SCARDHANDLE card = new_card(context, READER_0);
    uint32_t powers = fake_counts(0).power;
    pause_ms(2 * POWER_OFF_MS);
    CHECK_EQ(fake_counts(0).power, powers); /* somebody is connected to it */
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    DWORD state = event_state(SCARD_STATE_UNAWARE, 0, 0);
    await_power_job(powers);
    /* That is no news for anybody, and whoever connects gets a card that was reset. */
    (void)event_state(state, 100, SCARD_E_TIMEOUT);
    CHECK_EQ(fake_counts(0).power, powers + 1);
    card = new_card(context, READER_0);
    CHECK_EQ(fake_counts(0).power, powers + 2);
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    /* A card that is powered for its ATR alone is powered off, too. */
    fake_remove(0);
    (void)event_state(SCARD_STATE_UNAWARE, 0, 0);
    powers = fake_counts(0).power;
    fake_insert(0);
    while ((event_state(SCARD_STATE_UNAWARE, 0, 0) & SCARD_STATE_PRESENT) == 0)
        pause_ms(1);
    await_power_job(powers);
    await_power_job(powers + 1);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=1&cards=1", 1);
    setenv("WINSCARD_TRANSACTION_MS", "0", 1);
    setenv("WINSCARD_POWER_OFF_MS", "300", 1);
    context = new_context();
    check_end_of_others();
    check_answers_at_once();
    check_end_by_reconnect();
    check_released();
    if (!IS_WINDOWS)
        check_alone();
    check_power_off();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
