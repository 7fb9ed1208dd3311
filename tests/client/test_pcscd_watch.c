/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange by pcscd: what it reports, and how waits begin and end. */
#include "os/cancel.h"
#include "os/time.h"
#include "tests/support/pcscd_setup.h"

#include <pthread.h>
#include <unistd.h>

enum { CHANGED = 2, EMPTY = 0x10, IN = 0x20, INUSE = 0x100, EXCLUSIVE = 0x80 };

#define FIRST "Acme Reader [CCID] (0815) 00 00"

struct wait {
    pthread_t thread;
    uint32_t context;
    enum watch_rule rule;
    uint64_t timeout_ms;
    struct watch_entry entries[2];
    uint32_t count;
    enum sc_error error;
    uint64_t took_ms;
};

static void *run_wait(void *argument)
{
    struct wait *wait = argument;
    uint64_t start_ms = os_now_ms();
    os_cancel_off(); /* as the faces do: it takes effect only where the call waits */
    wait->error = pcscd->watch(wait->context, wait->rule, wait->timeout_ms, wait->entries,
                               wait->count);
    os_cancel_restore();
    wait->took_ms = os_now_ms() - start_ms;
    return NULL;
}

static void start_wait(struct wait *wait, uint32_t context, const char *name,
                       uint32_t current)
{
    memset(wait, 0, sizeof(*wait));
    wait->context = context;
    wait->timeout_ms = OS_FOREVER;
    wait->entries[0].name = name;
    wait->entries[0].current = current;
    wait->count = 1;
    pthread_create(&wait->thread, NULL, run_wait, wait);
}

static void end_wait(struct wait *wait, enum sc_error error, uint32_t event)
{
    pthread_join(wait->thread, NULL);
    CHECK_EQ(wait->error, error);
    if (error == SC_OK)
        CHECK_EQ(wait->entries[0].event, event);
}

static void test_now(uint32_t minor)
{
    struct fake_pcscd *fake = start_fake(minor);
    uint32_t context = establish();
    struct watch_entry entries[2] = {{.name = "Acme Reader 0"}, {.name = "No Reader"}};
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, 0, entries, 2), SC_OK);
    CHECK_EQ(entries[0].event, 1 << 16 | IN | CHANGED);
    CHECK_EQ(entries[0].atr_size, sizeof(test_atr));
    CHECK_EQ(entries[1].event, 4 | CHANGED | 1);
    CHECK_EQ(pcscd->watch(context, WATCH_PCSCLITE, 0, entries, 2), SC_E_UNKNOWN_READER);
    entries[0].current = entries[0].event & ~(uint32_t)CHANGED;
    CHECK_EQ(pcscd->watch(context, WATCH_PCSCLITE, 0, entries, 1), SC_E_TIMEOUT);
    CHECK_EQ(entries[0].event, 1 << 16 | IN);
    uint64_t start_ms = os_now_ms();
    CHECK_EQ(pcscd->watch(context, WATCH_PCSCLITE, 60, entries, 1), SC_E_TIMEOUT);
    CHECK(os_now_ms() - start_ms >= 60);
    /* Shared, then exclusive: that is told at once, whoever it is. */
    fake_reader(fake, 0, FIRST, CARD_IN, 1, -1, test_atr, sizeof(test_atr));
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, 0, entries, 1), SC_OK);
    CHECK_EQ(entries[0].event, 1 << 16 | IN | INUSE | EXCLUSIVE | CHANGED);
    CHECK_EQ(pcscd->watch(context, WATCH_PCSCLITE, 0, entries, 1), SC_E_TIMEOUT);
    CHECK_EQ(entries[0].event, 1 << 16 | IN | EXCLUSIVE);
    CHECK_EQ(pcscd->watch(0, WATCH_WINDOWS, 0, entries, 1), SC_E_INVALID_HANDLE);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

static void test_events(uint32_t minor, bool early, unsigned built_for)
{
    struct fake_pcscd *fake = start_fake(minor);
    fake_build_for(fake, built_for);
    uint32_t context = establish();
    struct wait wait, other;
    fake_events_early(fake, early);
    start_wait(&wait, context, "Acme Reader 0", 1 << 16 | IN);
    start_wait(&other, context, FIRST, 1 << 16 | IN);
    CHECK(fake_wait(fake, 0x13, 1));
    if (!early)
        CHECK(fake_wait_armed(fake));
    fake_event(fake); /* of something that does not matter */
    if (!early)
        CHECK(fake_wait_armed(fake));
    fake_reader(fake, 0, FIRST, ABSENT, 2, 0, NULL, 0);
    end_wait(&wait, SC_OK, 2 << 16 | EMPTY | CHANGED);
    end_wait(&other, SC_OK, 2 << 16 | EMPTY | CHANGED);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* A pcscd that was built for any number of readers: the last of them is one as well. */
static void test_built_for(uint32_t minor, unsigned readers)
{
    struct fake_pcscd *fake = start_fake(minor);
    struct multistring names;
    fake_build_for(fake, readers);
    fake_reader(fake, readers - 1, "Last 02 00", ABSENT, 0, 0, NULL, 0);
    uint32_t context = establish();
    for (int i = 0; i < 3; i++) {
        multistring_init(&names, 1000);
        CHECK_EQ(pcscd->list_readers(context, NAME_PCSCLITE, &names), SC_OK);
        CHECK_EQ(multistring_count(names.bytes), 3);
        CHECK(multistring_contains(names.bytes, "Last 02 00"));
        multistring_clear(&names);
    }
    CHECK_EQ(transmit(connect_card(context)), SC_OK);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
    test_events(minor, false, readers);
    test_events(minor, true, readers);
}

/* Until it really waits: it has asked for the states, and an event will come. */
static void begin(struct fake_pcscd *fake, struct wait *wait, uint32_t context,
                  const char *name, uint32_t current)
{
    unsigned asked = fake_count(fake, 0x12);
    start_wait(wait, context, name, current);
    CHECK(fake_wait(fake, 0x12, asked + 1));
    /* The question may still have been that of the wait before: its own comes then. */
    usleep(100000);
    CHECK(fake_wait_armed(fake));
}

static void test_pnp(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish();
    struct wait wait;
    struct watch_entry entry = {.name = "\\\\?PnP?\\Notification"};
    /* Who knows of no reader, or of another number, is told at once. */
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, OS_FOREVER, &entry, 1), SC_OK);
    CHECK_EQ(entry.event, 2 << 16 | CHANGED);
    entry.current = 1 << 16;
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, OS_FOREVER, &entry, 1), SC_OK);
    entry.current = 2 << 16;
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, 0, &entry, 1), SC_E_TIMEOUT);
    CHECK_EQ(entry.event, 2 << 16);
    begin(fake, &wait, context, "\\\\?PnP?\\Notification", 2 << 16);
    fake_reader(fake, 2, "Other Reader 02 00", ABSENT, 0, 0, NULL, 0);
    end_wait(&wait, SC_OK, 3 << 16 | CHANGED);
    /* A reader goes while it is watched. */
    begin(fake, &wait, context, "Other Reader 0", EMPTY);
    fake_reader(fake, 2, "", 0, 0, 0, NULL, 0);
    end_wait(&wait, SC_OK, 4 | 8 | CHANGED);
    /* And comes back, under the same name. */
    begin(fake, &wait, context, "Other Reader 0", 4);
    fake_reader(fake, 3, "Other Reader 03 00", ABSENT, 0, 0, NULL, 0);
    end_wait(&wait, SC_OK, 1 << 16 | EMPTY | CHANGED);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* A reader that was away is not as before, although pcscd counts its cards anew. */
static void test_replugged(void)
{
    static const char token[] = "Token 02 00";
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish();
    struct watch_entry entry = {.name = token, .current = 1 << 16 | IN};
    fake_reader(fake, 2, token, CARD_IN, 1, 0, test_atr, sizeof(test_atr));
    CHECK_EQ(pcscd->watch(context, WATCH_PCSCLITE, 0, &entry, 1), SC_E_TIMEOUT);
    fake_reader(fake, 2, "", 0, 0, 0, NULL, 0);
    CHECK_EQ(pcscd->watch(context, WATCH_PCSCLITE, 0, &entry, 1), SC_E_UNKNOWN_READER);
    fake_reader(fake, 2, token, CARD_IN, 1, 0, test_atr, sizeof(test_atr));
    CHECK_EQ(pcscd->watch(context, WATCH_PCSCLITE, 0, &entry, 1), SC_OK);
    CHECK_EQ(entry.event, 2 << 16 | IN | CHANGED);
    fake_reader(fake, 2, token, ABSENT, 2, 3, NULL, 0);
    entry.current = 2 << 16 | IN;
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, 0, &entry, 1), SC_OK);
    CHECK_EQ(entry.event, 3 << 16 | EMPTY | CHANGED);
    /* Between two contexts nobody looks, and nothing is said to have happened. */
    CHECK_EQ(pcscd->release(context), SC_OK);
    context = establish();
    entry.current = 3 << 16 | EMPTY;
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, 0, &entry, 1), SC_E_TIMEOUT);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* SCardCancel ends the waits of its context, not those of others; a release too. */
static void test_cancel(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish(), other_context = establish();
    struct wait wait, second, other;
    start_wait(&wait, context, "Acme Reader 0", 1 << 16 | IN);
    start_wait(&second, context, "Acme Reader 1", EMPTY);
    start_wait(&other, other_context, "Acme Reader 1", EMPTY);
    CHECK(fake_wait_armed(fake));
    /* Not before they wait: each asks for states once, the thread once or twice. */
    usleep(50000);
    CHECK_EQ(pcscd->cancel(context), SC_OK);
    end_wait(&wait, SC_E_CANCELLED, 0);
    end_wait(&second, SC_E_CANCELLED, 0);
    CHECK_EQ(pcscd->release(other_context), SC_OK);
    end_wait(&other, SC_E_CANCELLED, 0);
    /* The next wait is not cancelled. */
    struct watch_entry entry = {.name = "Acme Reader 1", .current = EMPTY};
    CHECK_EQ(pcscd->watch(context, WATCH_WINDOWS, 20, &entry, 1), SC_E_TIMEOUT);
    CHECK_EQ(pcscd->cancel(context), SC_OK);
    CHECK_EQ(pcscd->cancel(other_context), SC_E_INVALID_HANDLE);
    if (CAN_CANCEL) {
        start_wait(&wait, context, "Acme Reader 1", EMPTY);
        usleep(50000);
        pthread_cancel(wait.thread);
        pthread_join(wait.thread, NULL);
    }
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

/* Waits of many threads and contexts need one connection. */
static void test_many(void)
{
    enum { MANY = 30 };
    struct fake_pcscd *fake = start_fake(4);
    static struct wait waits[MANY];
    uint32_t contexts[MANY];
    for (int i = 0; i < MANY; i++) {
        contexts[i] = establish();
        start_wait(&waits[i], contexts[i], FIRST, 1 << 16 | IN);
    }
    CHECK(fake_wait_armed(fake));
    CHECK_EQ(fake_connections(fake), 2);
    fake_reader(fake, 0, FIRST, ABSENT, 2, 0, NULL, 0);
    for (int i = 0; i < MANY; i++) {
        end_wait(&waits[i], SC_OK, 2 << 16 | EMPTY | CHANGED);
        CHECK_EQ(pcscd->release(contexts[i]), SC_OK);
    }
    fake_stop(fake);
}

/* pcscd gives no connection for events: states are looked at from time to time. */
static void test_without_events(void)
{
    struct fake_pcscd *fake = start_fake(4);
    uint32_t context = establish();
    struct wait wait;
    fake_script(fake, 0x13, FAKE_CLOSE, 0, 1000);
    start_wait(&wait, context, FIRST, 1 << 16 | IN);
    CHECK(fake_wait(fake, 0x13, 1));
    fake_reader(fake, 0, FIRST, ABSENT, 2, 0, NULL, 0);
    end_wait(&wait, SC_OK, 2 << 16 | EMPTY | CHANGED);
    CHECK_EQ(pcscd->check_context(context), SC_OK);
    CHECK_EQ(pcscd->release(context), SC_OK);
    fake_stop(fake);
}

int main(void)
{
    static const unsigned readers[] = {3, 15, 17, 48, FAKE_READERS};
    set_up();
    for (uint32_t minor = 4; minor <= 6; minor++) {
        test_now(minor);
        test_events(minor, false, 16);
        test_events(minor, true, 16);
    }
    for (size_t i = 0; i < sizeof(readers) / sizeof(readers[0]); i++) {
        test_built_for(4, readers[i]);
        test_built_for(5, readers[i]);
    }
    test_pnp();
    test_replugged();
    test_cancel();
    test_many();
    test_without_events();
    rmdir(directory);
    return check_result();
}
