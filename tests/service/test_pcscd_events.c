/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: waiting for events, in all versions. One wait has one answer. */
#include "tests/support/lite_service.h"

#include "host/host_internal.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include <unistd.h>

enum { CLIENTS = 50, STORM = 300 };

enum { STATE_ABSENT = 2, STATE_PRESENT = 4 };

/* A card that does not answer is waited for so long, where nothing else is to be told;
 * and a time that says that it was not, on a busy machine too. */
enum { HOLD_MS = LITE_WAIT_MS, SOON_MS = HOLD_MS / 2, SHORT_HOLD_MS = 300 };

static struct lite_record records[LITE_RECORDS];

static void set_hold(uint32_t ms)
{
    struct host *host = host_current();
    os_mutex_lock(&host->lock);
    host->manager.probe_hold_ms = ms;
    os_mutex_unlock(&host->lock);
}

/* Registers as a client of its version does, with the states that come with it. */
static void wait_as(struct lite *lite, uint32_t minor)
{
    const uint32_t body[2] = {1000, 0};
    uint32_t count;
    CHECK(minor == 3 ? lite_ask(lite, LITE_WAIT, body, sizeof(body))
                     : lite_ask(lite, LITE_WAIT, NULL, 0));
    if (minor == 4 || minor == 5)
        CHECK(lite_receive(lite, records, sizeof(records)));
    if (minor == 6) {
        CHECK(lite_ask(lite, LITE_COUNT, NULL, 0));
        CHECK(lite_receive(lite, &count, sizeof(count)));
        CHECK_EQ(count, LITE_RECORDS);
        CHECK(lite_ask(lite, LITE_ARRAY, NULL, 0));
        CHECK(lite_receive(lite, records, sizeof(records)));
    }
    if (minor >= 4)
        CHECK_STR(records[0].name, READER);
}

/* Up to 4:3 nothing says that a wait has begun, so what is to end it could come before
 * it. */
static void wait_for_sure(struct lite *lite, uint32_t minor)
{
    wait_as(lite, minor);
    CHECK_EQ(lite_version(lite, 4, minor), 0);
}

static void stop_as(struct lite *lite, uint32_t minor)
{
    const uint32_t body[2] = {0, 0};
    CHECK(minor == 3 ? lite_ask(lite, LITE_STOP, body, sizeof(body))
                     : lite_ask(lite, LITE_STOP, NULL, 0));
}

/* Nothing is left in the pipe: the next answer is that of the next request. */
static void check_clean(struct lite *lite)
{
    CHECK_EQ(lite_version(lite, 9, 9), LITE_ERROR + 0x1E);
    CHECK_EQ(lite->words[0], 4);
    CHECK(!lite_hears(lite, 20));
}

static void test_event(uint32_t minor)
{
    struct lite lite;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    wait_for_sure(&lite, minor);
    CHECK(!lite_hears(&lite, 30));
    fake_insert(0);
    CHECK_EQ(lite_event(&lite), 0);
    check_clean(&lite);
    fake_remove(0); /* nobody waits */
    check_clean(&lite);
    wait_as(&lite, minor);
    stop_as(&lite, minor);
    CHECK_EQ(lite_event(&lite), 0);
    check_clean(&lite);
    stop_as(&lite, minor); /* of nothing */
    check_clean(&lite);
    lite_close(&lite);
}

/* The event is on its way, and the client stops waiting: one answer. */
static void test_crossing(uint32_t minor)
{
    struct lite lite;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    for (unsigned i = 0; i < 200; i++) {
        wait_as(&lite, minor);
        if ((i & 1) == 0)
            fake_insert(0);
        else
            fake_remove(0);
        stop_as(&lite, minor);
        CHECK_EQ(lite_event(&lite), 0);
    }
    check_clean(&lite);
    lite_close(&lite);
}

static void test_cancel(uint32_t minor)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_connect(&other, service.pcscd_path)); /* says nothing but this */
    CHECK_EQ(lite_plain(&other, LITE_CANCEL, lite.context), 0); /* nobody waits */
    check_clean(&lite);
    wait_for_sure(&lite, minor);
    CHECK_EQ(lite_plain(&other, LITE_CANCEL, lite.context), 0);
    CHECK_EQ(lite_event(&lite), LITE_ERROR + 0x02);
    check_clean(&lite);
    wait_for_sure(&lite, minor);
    CHECK_EQ(lite_plain(&other, LITE_CANCEL, lite.context), 0);
    stop_as(&lite, minor); /* the answer to both */
    CHECK_EQ(lite_event(&lite), LITE_ERROR + 0x02);
    check_clean(&lite);
    CHECK_EQ(lite_plain(&other, LITE_CANCEL, lite.context ^ 1), LITE_ERROR + 0x03);
    CHECK_EQ(lite_plain(&other, LITE_CANCEL, 0), LITE_ERROR + 0x03);
    lite_close(&lite);
    lite_close(&other);
}

/* 4:6: an event that comes between registering and the states that the client asks for
 * then is not taken for them. */
static void test_held_back(void)
{
    struct lite lite;
    uint32_t count;
    CHECK(lite_open(&lite, service.pcscd_path, 6));
    CHECK(lite_ask(&lite, LITE_WAIT, NULL, 0));
    CHECK(lite_states(&lite, records)); /* it has begun */
    fake_insert(0);
    CHECK(!lite_hears(&lite, 20));
    CHECK(lite_ask(&lite, LITE_COUNT, NULL, 0));
    CHECK(lite_receive(&lite, &count, sizeof(count)));
    CHECK_EQ(count, LITE_RECORDS);
    CHECK(lite_ask(&lite, LITE_ARRAY, NULL, 0));
    CHECK(lite_receive(&lite, records, sizeof(records)));
    CHECK_STR(records[0].name, READER);
    CHECK_EQ(lite_event(&lite), 0);
    check_clean(&lite);
    /* Who does not ask gets it soon. */
    CHECK(lite_version(&lite, 4, 6) == 0);
    CHECK(lite_ask(&lite, LITE_WAIT, NULL, 0));
    CHECK(lite_states(&lite, records));
    fake_remove(0);
    CHECK_EQ(lite_event(&lite), 0);
    check_clean(&lite);
    lite_close(&lite);
}

/* Waits that nobody reads the answers of, or that are asked for twice, or whose client
 * leaves: no harm to others. */
static void test_careless(void)
{
    struct lite lite, lites[CLIENTS];
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    for (unsigned i = 0; i < CLIENTS; i++) {
        CHECK(lite_open(&lites[i], service.pcscd_path, 3 + i % 4));
        for (unsigned j = 0; j < 10; j++)
            CHECK(lite_ask(&lites[i], LITE_WAIT, NULL, 0));
        if (i % 3 == 0)
            lite_close(&lites[i]);
    }
    for (unsigned i = 0; i < 20; i++) {
        uint64_t begin_ms = os_now_ms();
        wait_as(&lite, 4);
        fake_insert(0);
        CHECK_EQ(lite_event(&lite), 0);
        wait_as(&lite, 4); /* its ATR is asked for: that is no event for who asks */
        fake_remove(0);
        CHECK_EQ(lite_event(&lite), 0);
        CHECK(os_now_ms() - begin_ms < SOON_MS);
    }
    for (unsigned i = 0; i < CLIENTS; i++)
        lite_close(&lites[i]);
    lite_close(&lite);
}

/* A transaction is waited for, and an event, which comes `pause_ms` later. False: it came
 * before the service had read what is waited for, and so was told first. */
static bool waits_for_both(unsigned pause_ms)
{
    struct lite lite, other, third;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&other, service.pcscd_path, 4));
    CHECK(lite_open(&third, service.pcscd_path, 4));
    fake_insert(0);
    uint32_t card = lite_card(&lite, READER, 2, 3),
             second = lite_card(&other, READER, 2, 3);
    const uint32_t body[2] = {second, 0};
    uint32_t words[4];
    CHECK_EQ(lite_plain(&lite, LITE_BEGIN, card), 0);
    wait_as(&other, 4);
    CHECK(lite_ask(&other, LITE_BEGIN, body, sizeof(body)));
    usleep(pause_ms * 1000);
    CHECK(lite_card(&third, READER, 2, 3) != 0); /* an event */
    bool heard = lite_hears(&other, 30);
    CHECK_EQ(lite_dispose(&lite, LITE_END, card, 0), 0);
    CHECK(lite_receive(&other, words, sizeof(words)));
    bool waited = words[0] == second; /* while an ask is under way, no event is told */
    CHECK(!waited || !heard);
    CHECK_EQ(words[0], waited ? second : 0);
    CHECK_EQ(words[1], 0);
    CHECK_EQ(words[2], waited ? 0 : second);
    CHECK_EQ(words[3], 0);
    check_clean(&other);
    lite_close(&third);
    lite_close(&lite);
    lite_close(&other);
    fake_remove(0);
    CHECK(running_settles(&service, 1));
    return waited;
}

/* Nothing says that an ask was read which has to wait, so it is tried with longer pauses.
 */
static void test_both(void)
{
    unsigned pause_ms = 0;
    while (pause_ms < 2000 && !waits_for_both(pause_ms))
        pause_ms = 2 * pause_ms + 1;
    CHECK(pause_ms < 2000);
}

/* Until it is heard: nothing says that what is to be cancelled has begun. */
static void cancel_until_heard(struct lite *lite, struct lite *other)
{
    for (unsigned i = 0; i < 20 && !lite_hears(lite, 50); i++)
        CHECK_EQ(lite_plain(other, LITE_CANCEL, lite->context), 0);
}

/* A card that does not answer to reset: no event, and no delay of others. */
static void test_mute(uint32_t minor)
{
    struct lite lite, late, other;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_open(&late, service.pcscd_path, minor));
    CHECK(lite_connect(&other, service.pcscd_path));
    CHECK(lite_states(&lite, records));
    wait_for_sure(&lite, minor);
    fake_hang(0);
    fake_insert(0);
    uint64_t since_ms = os_now_ms();
    CHECK(!lite_hears(&lite, 50));
    fake_insert(1);
    CHECK_EQ(lite_event(&lite), 0);
    CHECK(lite_states(&lite, records));
    CHECK_EQ(records[0].state & STATE_PRESENT, 0);
    CHECK((records[0].state & STATE_ABSENT) != 0 && records[0].atr_size == 0);
    CHECK((records[1].state & STATE_PRESENT) != 0 && records[1].atr_size > 0);
    CHECK(os_now_ms() - since_ms < SOON_MS);
    /* Who comes now would wait for it, as for his first states; not if he is cancelled.
     */
    const uint32_t body[2] = {1000, 0};
    CHECK(lite_ask(&late, LITE_WAIT, body, minor == 3 ? sizeof(body) : 0));
    CHECK(!lite_hears(&late, 100));
    cancel_until_heard(&late, &other);
    if (minor == 4 || minor == 5)
        CHECK(lite_receive(&late, records, sizeof(records)));
    CHECK_EQ(lite_event(&late), LITE_ERROR + 0x02);
    CHECK(os_now_ms() - since_ms < SOON_MS);
    check_clean(&late);
    /* Who knows the rest waits for it, if he asks: then it is shown. */
    CHECK(lite_ask(&lite, LITE_STATES, NULL, 0));
    CHECK(!lite_hears(&lite, 50));
    fake_answer(0);
    CHECK(lite_receive(&lite, records, sizeof(records)));
    CHECK((records[0].state & STATE_PRESENT) != 0 && records[0].atr_size > 0);
    lite_close(&lite);
    lite_close(&late);
    lite_close(&other);
    fake_remove(0);
    fake_remove(1);
    CHECK(running_settles(&service, 1));
}

/* A wait begins though a card does not answer, after states that wait for it a while; and
 * what comes after the states that the client has is an event. */
static void test_wait_begins(uint32_t minor)
{
    struct lite lite;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_states(&lite, records));
    set_hold(SHORT_HOLD_MS);
    fake_hang(0);
    fake_insert(0);
    wait_as(&lite, minor);
    stop_as(&lite, minor);
    CHECK_EQ(lite_event(&lite), 0);
    wait_as(&lite, minor);
    CHECK(!lite_hears(&lite, 50));
    fake_answer(0);
    CHECK_EQ(lite_event(&lite), 0);
    CHECK(lite_states(&lite, records));
    CHECK((records[0].state & STATE_PRESENT) != 0 && records[0].atr_size > 0);
    if (minor == 3) { /* between the states and the wait */
        fake_remove(0);
        wait_as(&lite, minor);
        CHECK_EQ(lite_event(&lite), 0);
        fake_insert(0);
    }
    check_clean(&lite);
    lite_close(&lite);
    fake_remove(0);
    set_hold(HOLD_MS);
    CHECK(running_settles(&service, 1));
}

/* A card hangs, `lite` asks for states, which wait for it, and is cancelled. */
static void cancel_states(struct lite *lite, struct lite *other)
{
    fake_hang(0);
    fake_insert(0);
    CHECK(lite_ask(lite, LITE_STATES, NULL, 0));
    CHECK(!lite_hears(lite, 50));
    cancel_until_heard(lite, other);
    CHECK(lite_receive(lite, records, sizeof(records)));
}

/* A cancel that comes while the client asks for states that have to wait is that of the
 * wait, which follows. */
static void test_cancelled_states(void)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, 3));
    CHECK(lite_connect(&other, service.pcscd_path));
    uint64_t since_ms = os_now_ms();
    cancel_states(&lite, &other);
    wait_as(&lite, 3);
    CHECK_EQ(lite_event(&lite), LITE_ERROR + 0x02);
    CHECK(os_now_ms() - since_ms < SOON_MS);
    wait_for_sure(&lite, 3); /* once */
    CHECK(!lite_hears(&lite, 30));
    fake_answer(0);
    CHECK_EQ(lite_event(&lite), 0);
    lite_close(&lite);
    lite_close(&other);
    fake_remove(0);
    CHECK(running_settles(&service, 1));
}

/* From 4:4 on a wait is the first request of a client that waits, so states that were
 * cancelled are another's. */
static void test_cancelled_list(uint32_t minor)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_connect(&other, service.pcscd_path));
    cancel_states(&lite, &other);
    set_hold(SHORT_HOLD_MS);
    wait_for_sure(&lite, minor);
    set_hold(HOLD_MS);
    CHECK(!lite_hears(&lite, 30));
    fake_answer(0);
    CHECK_EQ(lite_event(&lite), 0);
    lite_close(&lite);
    lite_close(&other);
    fake_remove(0);
    CHECK(running_settles(&service, 1));
}

/* A single look shows a card that was put in while nobody looked, though its ATR has yet
 * to be asked for, and something else has happened since. */
static void test_look(uint32_t minor)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_open(&other, service.pcscd_path, minor));
    CHECK(lite_states(&lite, records));
    CHECK((records[0].state & STATE_ABSENT) != 0);
    uint32_t events = records[0].events;
    fake_insert(0);
    CHECK(lite_card(&other, "Fake Reader 01 00", 3, 0) != 0);
    if (minor == 3) {
        CHECK(lite_states(&lite, records));
    } else { /* the states come with the wait */
        wait_as(&lite, minor);
        stop_as(&lite, minor);
        CHECK_EQ(lite_event(&lite), 0);
    }
    CHECK((records[0].state & STATE_PRESENT) != 0 && records[0].atr_size > 0);
    CHECK_EQ(records[0].events, events + 1);
    lite_close(&lite);
    lite_close(&other);
    fake_remove(0);
    CHECK(running_settles(&service, 1));
}

/* A reader comes with a card that does not answer: that it is there is news. */
static void test_full_reader(uint32_t minor)
{
    struct lite lite;
    fake_unplug(1);
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_states(&lite, records));
    CHECK_STR(records[1].name, "");
    wait_for_sure(&lite, minor);
    uint64_t since_ms = os_now_ms();
    fake_hang(1);
    fake_plug_full(1);
    CHECK_EQ(lite_event(&lite), 0);
    CHECK(lite_states(&lite, records));
    CHECK(os_now_ms() - since_ms < SOON_MS);
    CHECK_STR(records[1].name, "Fake Reader 01 00");
    CHECK(records[1].atr_size == 0);
    set_hold(SHORT_HOLD_MS);
    wait_for_sure(&lite, minor);
    set_hold(HOLD_MS);
    fake_answer(1);
    CHECK_EQ(lite_event(&lite), 0);
    lite_close(&lite);
    fake_remove(1);
    CHECK(running_settles(&service, 1));
}

/* The end of a client is seen, also with a request that has no answer. */
static void test_last_words(void)
{
    struct lite lite;
    for (unsigned i = 0; i < CLIENTS; i++) {
        CHECK(lite_open(&lite, service.pcscd_path, 4));
        stop_as(&lite, 4); /* of nothing */
        lite_close(&lite);
    }
    CHECK(running_settles(&service, 1));
}

static void flip(void *context)
{
    (void)context;
    for (unsigned i = 0; i < STORM; i++) {
        fake_insert(0);
        fake_remove(0);
    }
}

/* Events all the time: every wait has one answer, and every request its own. */
static void test_storm(uint32_t minor)
{
    struct os_thread thread;
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_connect(&other, service.pcscd_path));
    CHECK_EQ(os_thread_start(&thread, "flip", flip, NULL), SC_OK);
    for (unsigned i = 0; i < STORM; i++) {
        wait_as(&lite, minor);
        if (i % 3 == 0)
            CHECK_EQ(lite_plain(&other, LITE_CANCEL, lite.context), 0);
        if (i % 3 != 1 || !lite_hears(&lite, 1))
            stop_as(&lite, minor);
        uint32_t result = lite_event(&lite);
        CHECK(result == 0 || result == LITE_ERROR + 0x02);
    }
    os_thread_join(&thread);
    check_clean(&lite);
    lite_close(&lite);
    lite_close(&other);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    if (!running_start(&service, NULL))
        return 1;
    struct lite first; /* with it the readers start */
    CHECK(lite_open(&first, service.pcscd_path, 4));
    set_hold(HOLD_MS);
    for (uint32_t minor = 3; minor <= 6; minor++) {
        test_event(minor);
        test_crossing(minor);
        test_cancel(minor);
        test_storm(minor);
        if (minor != 5) /* as 4, and a wait for a card costs its time */
            test_wait_begins(minor);
        test_look(minor);
    }
    test_last_words();
    test_cancelled_states();
    test_cancelled_list(4);
    test_full_reader(3);
    test_full_reader(6);
    test_mute(3);
    test_mute(4);
    test_mute(6);
    test_held_back();
    test_careless();
    test_both();
    lite_close(&first);
    CHECK(running_stop(&service) < STOPS_IN_VAIN_MS);
    return check_result();
}
