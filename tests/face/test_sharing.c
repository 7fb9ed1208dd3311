/* SPDX-License-Identifier: BSD-2-Clause */
/* Share modes, protocols, dispositions, transactions, and what the other handles see. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>

static SCARDCONTEXT context;

static LONG try_connect(DWORD share, DWORD protocols, SCARDHANDLE *card, DWORD *active)
{
    return SCardConnect(context, READER_0, share, protocols, card, active);
}

static void check_share_modes(void)
{
    SCARDHANDLE first = new_card(context, READER_0), second, direct;
    DWORD active;
    EXPECT(try_connect(SCARD_SHARE_EXCLUSIVE, T01, &second, &active),
           SCARD_E_SHARING_VIOLATION);
    EXPECT(try_connect(SCARD_SHARE_DIRECT, 0, &direct, &active),
           EITHER(SCARD_E_SHARING_VIOLATION, 0));
    if (!IS_WINDOWS)
        EXPECT(SCardDisconnect(direct, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardReconnect(first, SCARD_SHARE_EXCLUSIVE, T01, SCARD_LEAVE_CARD, &active),
           0);
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &second, &active),
           SCARD_E_SHARING_VIOLATION);
    EXPECT(SCardReconnect(first, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active), 0);
    second = new_card(context, READER_0);
    if (IS_WINDOWS) /* with pcsc-lite it waits: check_alone() */
        EXPECT(
            SCardReconnect(first, SCARD_SHARE_EXCLUSIVE, T01, SCARD_LEAVE_CARD, &active),
            SCARD_E_SHARING_VIOLATION);
    EXPECT(SCardDisconnect(second, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(first, SCARD_LEAVE_CARD), 0);
}

/* SCARD_SHARE_DIRECT negotiates nothing, whatever protocols are named; it is told the one
 * that is in force, and can then be used for commands too. */
static void check_direct(void)
{
    const DWORD named[] = {0, SCARD_PROTOCOL_T0, T01};
    for (size_t i = 0; i < 3; i++) {
        SCARDHANDLE card = new_card(context, READER_0);
        DWORD active = 77;
        EXPECT(SCardDisconnect(card, SCARD_UNPOWER_CARD), 0);
        uint32_t powers = fake_counts(0).power;
        EXPECT(try_connect(SCARD_SHARE_DIRECT, named[i], &card, &active), 0);
        CHECK_EQ(active, SCARD_PROTOCOL_UNDEFINED);
        EXPECT(command(card), SCARD_W_UNPOWERED_CARD);
        CHECK_EQ(fake_counts(0).power, powers);
        /* From here to a card that is used, and back: what is in force stays. */
        EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0,
                              SCARD_LEAVE_CARD, &active),
               0);
        CHECK_EQ(active, SCARD_PROTOCOL_T0);
        EXPECT(
            SCardReconnect(card, SCARD_SHARE_DIRECT, named[i], SCARD_LEAVE_CARD, &active),
            0);
        CHECK_EQ(active, SCARD_PROTOCOL_T0);
        EXPECT(command(card), 0);
        EXPECT(
            SCardReconnect(card, SCARD_SHARE_DIRECT, named[i], SCARD_RESET_CARD, &active),
            0);
        CHECK_EQ(active, SCARD_PROTOCOL_UNDEFINED);
        EXPECT(command(card), SCARD_E_PROTO_MISMATCH);
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
        card = new_card(context, READER_0);
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
        EXPECT(try_connect(SCARD_SHARE_DIRECT, named[i], &card, &active), 0);
        CHECK_EQ(active, SCARD_PROTOCOL_T0);
        EXPECT(command(card), 0);
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    }
}

static void check_protocols(void)
{
    SCARDHANDLE first, second;
    DWORD active;
    EXPECT(try_connect(SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &first, &active), 0);
    CHECK_EQ(active, SCARD_PROTOCOL_T1);
    EXPECT(try_connect(SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &second, &active),
           SCARD_E_PROTO_MISMATCH);
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &second, &active), 0);
    CHECK_EQ(active, SCARD_PROTOCOL_T1);
    EXPECT(SCardReconnect(second, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_LEAVE_CARD,
                          &active),
           SCARD_E_PROTO_MISMATCH);
    EXPECT(SCardReconnect(second, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_RESET_CARD,
                          &active),
           0);
    CHECK_EQ(active, SCARD_PROTOCOL_T0);
    EXPECT(command(first), SCARD_W_RESET_CARD);
    EXPECT(SCardDisconnect(first, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(second, SCARD_LEAVE_CARD), 0);
    /* Nobody relies on T=0 any more: the card is reset to speak T=1. */
    EXPECT(try_connect(SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &first, &active), 0);
    EXPECT(SCardDisconnect(first, SCARD_RESET_CARD), 0);
    fake_behaviour(0)->protocol = SC_E_PROTO_MISMATCH;
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &first, &active), SCARD_E_PROTO_MISMATCH);
    fake_behaviour(0)->protocol = SC_OK;
    EXPECT(try_connect(SCARD_SHARE_SHARED, SCARD_PROTOCOL_RAW, &first, &active), 0);
    CHECK_EQ(active, SCARD_PROTOCOL_RAW);
    EXPECT(SCardDisconnect(first, SCARD_LEAVE_CARD), 0);
}

static void check_resets(void)
{
    const DWORD dispositions[] = {SCARD_RESET_CARD, SCARD_UNPOWER_CARD, SCARD_EJECT_CARD};
    for (size_t i = 0; i < 3; i++) {
        SCARDHANDLE first = new_card(context, READER_0),
                    second = new_card(context, READER_0);
        DWORD active, state = 0;
        EXPECT(SCardDisconnect(first, dispositions[i]), 0);
        EXPECT(command(second), SCARD_W_RESET_CARD);
        EXPECT(command(second), SCARD_W_RESET_CARD);
        EXPECT(SCardStatus(second, NULL, NULL, &state, NULL, NULL, NULL),
               SCARD_W_RESET_CARD);
        CHECK(state != 0);
        EXPECT(SCardBeginTransaction(second), SCARD_W_RESET_CARD);
        EXPECT(SCardReconnect(second, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0,
                              SCARD_LEAVE_CARD, &active),
               0);
        EXPECT(command(second), 0);
        EXPECT(SCardDisconnect(second, SCARD_LEAVE_CARD), 0);
    }
    SCARDHANDLE last = new_card(context, READER_0);
    uint32_t powers = fake_counts(0).power;
    EXPECT(SCardDisconnect(last, SCARD_UNPOWER_CARD), 0);
    CHECK_EQ(fake_counts(0).power, powers + 1);
}

/* Of two protocols pcscd takes T=1, Windows the one that the ATR names first. A reset at
 * the end of a transaction is one for the handle that asked for it, too: both do so. */
static void check_choice(void)
{
    SCARDHANDLE card;
    DWORD active;
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &card, &active), 0);
    CHECK_EQ(active, EITHER(SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1));
    EXPECT(SCardBeginTransaction(card), 0);
    EXPECT(SCardEndTransaction(card, SCARD_RESET_CARD), 0);
    EXPECT(command(card), SCARD_W_RESET_CARD);
    EXPECT(SCardBeginTransaction(card), SCARD_W_RESET_CARD);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active), 0);
    CHECK_EQ(active, EITHER(SCARD_PROTOCOL_T0, SCARD_PROTOCOL_T1));
    EXPECT(SCardDisconnect(card, SCARD_RESET_CARD), 0);
}

static void check_removal(void)
{
    SCARDHANDLE card = new_card(context, READER_0), other;
    DWORD active, state = 0;
    EXPECT(SCardBeginTransaction(card), 0);
    fake_remove(0);
    EXPECT(command(card), SCARD_W_REMOVED_CARD);
    EXPECT(SCardStatus(card, NULL, NULL, &state, NULL, NULL, NULL), SCARD_W_REMOVED_CARD);
    EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), SCARD_W_REMOVED_CARD);
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active),
           SCARD_E_NO_SMARTCARD);
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &other, &active), SCARD_E_NO_SMARTCARD);
    EXPECT(try_connect(SCARD_SHARE_DIRECT, T01, &other, &active),
           EITHER(SCARD_E_SHARING_VIOLATION, 0));
    if (!IS_WINDOWS)
        EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
    fake_insert(0);
    EXPECT(command(card), SCARD_W_REMOVED_CARD); /* it is another card */
    EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, SCARD_LEAVE_CARD,
                          &active),
           0);
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    fake_remove(0);
    fake_behaviour(0)->power = SC_W_UNRESPONSIVE_CARD;
    fake_insert(0);
    EXPECT(try_connect(SCARD_SHARE_SHARED, T01, &other, &active),
           SCARD_W_UNRESPONSIVE_CARD);
    fake_behaviour(0)->power = SC_OK;
    EXPECT(SCardDisconnect(new_card(context, READER_0), SCARD_LEAVE_CARD), 0);
}

/* --- Transactions ------------------------------------------------------------------- */

struct waiter {
    pthread_t thread;
    SCARDHANDLE card;
    LONG status;
    unsigned place; /* in the order in which they got it */
};

static unsigned places;

static void *begin_and_end(void *argument)
{
    struct waiter *waiter = argument;
    waiter->status = SCardBeginTransaction(waiter->card);
    waiter->place = __atomic_add_fetch(&places, 1, __ATOMIC_ACQ_REL);
    if (waiter->status == 0)
        SCardEndTransaction(waiter->card, SCARD_LEAVE_CARD);
    return NULL;
}

/* Until it waits for its turn. */
static void start_waiter(struct waiter *waiter)
{
    waiter->card = new_card(context, READER_0);
    uint32_t before = inside_requests();
    CHECK_EQ(pthread_create(&waiter->thread, NULL, begin_and_end, waiter), 0);
    while (inside_requests() <= before)
        pause_ms(1);
}

static void check_order(void)
{
    struct waiter waiters[4];
    SCARDHANDLE holder = new_card(context, READER_0);
    EXPECT(SCardBeginTransaction(holder), 0);
    EXPECT(SCardBeginTransaction(holder), 0);
    for (unsigned i = 0; i < 4; i++) {
        start_waiter(&waiters[i]);
        EXPECT(command(holder), 0); /* it is not idle */
    }
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    pause_ms(30);
    CHECK_EQ(__atomic_load_n(&places, __ATOMIC_ACQUIRE),
             0); /* it is nested: still held */
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), 0);
    for (unsigned i = 0; i < 4; i++) {
        pthread_join(waiters[i].thread, NULL);
        EXPECT(waiters[i].status, 0);
        CHECK_EQ(waiters[i].place, i + 1);
        EXPECT(SCardDisconnect(waiters[i].card, SCARD_LEAVE_CARD), 0);
    }
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), SCARD_E_NOT_TRANSACTED);
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
}

/* Disconnecting, and releasing the context, end a transaction; the latter by a reset. */
static void check_end_with_owner(void)
{
    SCARDHANDLE holder = new_card(context, READER_0), other = new_card(context, READER_0);
    EXPECT(SCardBeginTransaction(holder), 0);
    EXPECT(SCardDisconnect(other, SCARD_RESET_CARD), 0); /* not under the holder's feet */
    EXPECT(command(holder), 0);
    other = new_card(context, READER_0);
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardBeginTransaction(other), 0);
    EXPECT(SCardEndTransaction(other, SCARD_LEAVE_CARD), 0);
    SCARDCONTEXT dying = new_context();
    holder = new_card(dying, READER_0);
    EXPECT(SCardBeginTransaction(holder), 0);
    EXPECT(SCardReleaseContext(dying), 0);
    EXPECT(command(holder), BAD_HANDLE);
    EXPECT(SCardBeginTransaction(other), SCARD_W_RESET_CARD);
    EXPECT(SCardDisconnect(other, SCARD_LEAVE_CARD), 0);
}

/* Without a command for WINSCARD_TRANSACTION_MS while others wait, the holder loses it.
 */
static void check_idle_holder(void)
{
    struct waiter waiter = {.card = new_card(context, READER_0)};
    SCARDHANDLE holder = new_card(context, READER_0);
    DWORD active;
    EXPECT(SCardBeginTransaction(holder), 0);
    pause_ms(400); /* nobody waits: it stays */
    EXPECT(command(holder), 0);
    CHECK_EQ(pthread_create(&waiter.thread, NULL, begin_and_end, &waiter), 0);
    pthread_join(waiter.thread, NULL);
    EXPECT(waiter.status, SCARD_W_RESET_CARD);
    EXPECT(command(holder), SCARD_W_RESET_CARD);
    EXPECT(SCardEndTransaction(holder, SCARD_LEAVE_CARD), SCARD_W_RESET_CARD);
    EXPECT(SCardReconnect(holder, SCARD_SHARE_SHARED, T01, SCARD_LEAVE_CARD, &active), 0);
    EXPECT(SCardBeginTransaction(holder), 0);
    EXPECT(SCardDisconnect(waiter.card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardDisconnect(holder, SCARD_LEAVE_CARD), 0);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
    setenv("WINSCARD_TRANSACTION_MS", "300", 1);
    context = new_context();
    check_share_modes();
    check_direct();
    check_protocols();
    check_resets();
    check_choice();
    check_removal();
    check_order();
    check_end_with_owner();
    check_idle_holder();
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
