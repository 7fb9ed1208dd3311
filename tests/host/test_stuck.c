/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver that stays in a job: whoever does not need it goes on. */
#include "tests/face/face_test.h"
#include "tests/support/inside.h"

#include <pthread.h>

enum { SOON_MS = CHECK_HANG_MS };

static SCARDCONTEXT context;

static void set(uint32_t *behaviour, uint32_t value)
{
    __atomic_store_n(behaviour, value, __ATOMIC_RELEASE);
}

struct sender {
    pthread_t thread;
    SCARDHANDLE card;
    LONG status;
};

static void *run_sender(void *argument)
{
    struct sender *sender = argument;
    sender->status = command(sender->card);
    return NULL;
}

/* Until it is at the reader, or waits for it. */
static void send_command(struct sender *sender, SCARDHANDLE card)
{
    uint32_t before = inside_requests();
    sender->card = card;
    CHECK_EQ(pthread_create(&sender->thread, NULL, run_sender, sender), 0);
    while (inside_requests() <= before)
        pause_ms(1);
}

static void *release(void *argument)
{
    EXPECT(SCardReleaseContext(*(SCARDCONTEXT *)argument), 0);
    return NULL;
}

/* A context is released while its command waits behind another's: that command ends now,
 * not when its turn would have come. */
static void check_withdrawn(void)
{
    struct sender first, second;
    pthread_t releasing;
    SCARDCONTEXT other = new_context();
    SCARDHANDLE card = new_card(context, READER_0), behind = new_card(other, READER_0);
    set(&fake_behaviour(0)->hang, 1);
    send_command(&first, card);
    send_command(&second, behind);
    uint64_t since_ms = now_ms();
    CHECK_EQ(pthread_create(&releasing, NULL, release, &other), 0);
    pthread_join(second.thread, NULL);
    CHECK(now_ms() - since_ms < SOON_MS);
    CHECK(second.status != 0);
    set(&fake_behaviour(0)->hang, 0);
    fake_answer(0); /* wakes it */
    pthread_join(first.thread, NULL);
    pthread_join(releasing, NULL);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* The driver does not even abort, and the host stops without it. When it starts again,
 * all other readers work, those too that came meanwhile; and the stuck one, when it has
 * recovered while the host stood still, or else with the next start. */
static void check_left_running(bool early)
{
    struct sender stuck;
    SCARDHANDLE card = new_card(context, READER_0);
    SCARD_READERSTATE state = {.szReader = READER_1};
    set(&fake_behaviour(0)->ignore_stop, 1);
    set(&fake_behaviour(0)->hang, 1);
    send_command(&stuck, card);
    EXPECT(SCardReleaseContext(context), 0);
    fake_unplug(1);
    fake_plug(1);
    if (early) {
        set(&fake_behaviour(0)->hang, 0);
        fake_answer(0);
        pthread_join(stuck.thread, NULL);
        context = new_context();
        EXPECT(command(new_card(context, READER_0)), 0);
        return;
    }
    context = new_context();
    fake_insert(1);
    EXPECT(SCardGetStatusChange(context, 0, &state, 1), 0);
    CHECK_EQ(state.cbAtr, fake_atr_size);
    card = new_card(context, READER_1);
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    set(&fake_behaviour(0)->hang, 0);
    fake_answer(0);
    pthread_join(stuck.thread, NULL);
    EXPECT(SCardReleaseContext(context), 0);
    context = new_context();
    EXPECT(command(new_card(context, READER_0)), 0);
}

/* The reader goes while its job is being stopped, and the driver comes out of it late or in
 * time: the call ends, the reader is closed once, and a new one in its place works. */
static void check_parting(bool heeds)
{
    struct sender sender;
    pthread_t releasing;
    SCARDCONTEXT other = new_context();
    uint32_t closed = fake_counts(0).close;
    set(&fake_behaviour(0)->ignore_stop, heeds ? 0 : 1);
    set(&fake_behaviour(0)->hang, 1);
    send_command(&sender, new_card(other, READER_0));
    CHECK_EQ(pthread_create(&releasing, NULL, release, &other), 0);
    fake_unplug(0);
    if (!heeds) {
        pause_ms(50);
        set(&fake_behaviour(0)->hang, 0);
        fake_answer(0); /* and the card's answer is still there */
    }
    pthread_join(sender.thread, NULL);
    pthread_join(releasing, NULL);
    CHECK(!heeds || sender.status != 0);
    set(&fake_behaviour(0)->hang, 0);
    CHECK_EQ(fake_counts(0).close, closed + 1);
    set(&fake_behaviour(0)->ignore_stop, 0);
    fake_plug_full(0);
    SCARDHANDLE card = new_card(context, READER_0);
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

/* A driver that goes on although its job was stopped loses its reader (JOB_ABORT_MS): a
 * call that waits for it ends, other readers work, and it is used again when it is plugged
 * in anew. */
static void check_lost(void)
{
    struct sender stuck;
    pthread_t releasing;
    SCARDCONTEXT other = new_context();
    SCARDHANDLE card = 0;
    DWORD protocol = 0;
    set(&fake_behaviour(0)->ignore_stop, 1);
    set(&fake_behaviour(0)->hang, 1);
    send_command(&stuck, new_card(other, READER_0));
    CHECK_EQ(pthread_create(&releasing, NULL, release, &other), 0);
    EXPECT(SCardConnect(context, READER_0, SCARD_SHARE_SHARED, T01, &card, &protocol),
           SCARD_E_READER_UNAVAILABLE);
    card = new_card(context, READER_1);
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    set(&fake_behaviour(0)->hang, 0);
    fake_answer(0);
    pthread_join(stuck.thread, NULL);
    pthread_join(releasing, NULL);
    set(&fake_behaviour(0)->ignore_stop, 0);
    fake_unplug(0);
    fake_plug_full(0);
    card = new_card(context, READER_0);
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
    context = new_context();
    check_withdrawn();
    check_parting(true);
    check_parting(false);
    check_lost();
    check_left_running(false);
    EXPECT(SCardReleaseContext(context), 0);
    context = new_context();
    check_left_running(true);
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
