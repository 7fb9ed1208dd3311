/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers that the policy keeps from a client, also when they come later than its call.
 */
#include "tests/support/raw.h"

#include "os/time.h"
#include "service/permit.h"
#include "tests/support/check.h"
#include "tests/support/fake.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HIDDEN "Fake Reader 0"
#define SHOWN  "Fake Reader 1"

enum {
    WAIT_MS = CHECK_HANG_MS,
    QUIET_MS = 100,
    STATE_NONE = 0x000C,
    STATE_PRESENT = 0x0020
};

static struct running service;
static struct raw client, watcher;
static uint32_t context;

static const char rules[] = "deny everyone use \"" HIDDEN "\"\n"
                            "deny everyone control \"" HIDDEN "\"\n"
                            "allow everyone use any reader\n";

/* In force before the first client comes; for root as for all. */
static void set_rules(void)
{
    static char path[128];
    struct policy_options trust = {.owner = (uint32_t)geteuid()};
    snprintf(path, sizeof(path), "%s/policy", service.directory);
    FILE *file = fopen(path, "w");
    if (file == NULL || fputs(rules, file) < 0 || fclose(file) != 0)
        abort();
    policy_store_destroy(&service.policy);
    policy_store_init(&service.policy, path, &trust);
    CHECK_EQ(policy_store_load(&service.policy), SC_OK);
    unlink(path);
}

static uint32_t try_to_connect(const char *reader)
{
    raw_request_connect(&client, context, reader);
    return raw_receive(&client);
}

/* Until the reader has come or gone, which connecting to it tells. */
static void await(const char *reader, uint32_t error)
{
    uint64_t deadline_ms = os_now_ms() + WAIT_MS;
    while (try_to_connect(reader) != error && os_now_ms() < deadline_ms)
        usleep(1000);
    CHECK_EQ(try_to_connect(reader), error);
}

/* The event of the watcher's one entry. */
static uint32_t event_of(struct message_watch_result *entry)
{
    struct message_response_watch reply;
    CHECK(message_get_response_watch(&watcher.reader, &reply));
    struct message_reader reader = {.bytes = reply.entries.bytes,
                                    .size = reply.entries.size};
    CHECK(message_get_watch_result(&reader, entry));
    return entry->event;
}

static void test_there(void)
{
    struct message_response_list_readers reply;
    struct message_watch_result entry;
    RAW_REQUEST(&client, list_readers, .context = context);
    CHECK_EQ(raw_receive(&client), SC_OK);
    CHECK(message_get_response_list_readers(&client.reader, &reply));
    CHECK_EQ(reply.names.size, sizeof(SHOWN) + 1);
    CHECK_EQ(try_to_connect(HIDDEN), SC_W_SECURITY_VIOLATION);
    raw_request_watch(&watcher, context, HIDDEN, 0, 0);
    (void)raw_receive(&watcher);
    CHECK_EQ(event_of(&entry) & STATE_PRESENT, 0);
    CHECK_EQ(entry.atr.size, 0);
}

/* Who asked before it came is told no more of it. */
static void test_later(void)
{
    struct message_watch_result entry;
    fake_unplug(0);
    await(HIDDEN, SC_E_UNKNOWN_READER);
    raw_request_watch(&watcher, context, HIDDEN, STATE_NONE, OS_FOREVER);
    fake_plug_full(0);
    await(HIDDEN, SC_W_SECURITY_VIOLATION);
    CHECK(!raw_has_reply(&watcher, QUIET_MS));
    fake_remove(0);
    CHECK(!raw_has_reply(&watcher, QUIET_MS));
    CHECK_EQ(raw_simple(&client, MESSAGE_cancel, context), SC_OK);
    CHECK_EQ(raw_receive(&watcher), SC_E_CANCELLED);
    /* One that it may see is told of, when it comes. */
    fake_unplug(1);
    await(SHOWN, SC_E_UNKNOWN_READER);
    raw_request_watch(&watcher, context, SHOWN, STATE_NONE, OS_FOREVER);
    CHECK(!raw_has_reply(&watcher, QUIET_MS));
    fake_plug_full(1);
    CHECK_EQ(raw_receive(&watcher), SC_OK);
    CHECK_EQ(event_of(&entry) & STATE_PRESENT, STATE_PRESENT);
    CHECK_EQ(entry.atr.size, fake_atr_size);
}

/* A reader may come just after the policy was asked whether it may be used: then nothing
 * has been allowed. */
static void test_absent(void)
{
    struct session *session =
        LIST_ENTRY(service.server->sessions.next, struct session, link);
    struct call call = {.server = service.server, .session = session};
    CHECK_EQ(permit_reader(&call, context, "No such reader", POLICY_USE),
             PERMIT_NO_READER);
    CHECK(!permit_visible(session, context, "No such reader"));
    CHECK_EQ(permit_reader(&call, context, HIDDEN, POLICY_USE), PERMIT_NO);
    CHECK_EQ(permit_reader(&call, context, SHOWN, POLICY_USE), PERMIT_YES);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2&cards=1", 1);
    if (!running_start(&service, NULL))
        return 1;
    set_rules();
    CHECK(raw_open(&client, service.path));
    context = raw_establish(&client);
    CHECK(raw_join(&watcher, service.path, &client));
    test_there();
    test_later();
    test_absent();
    raw_close(&client);
    raw_close(&watcher);
    CHECK(running_stop(&service) < WAIT_MS);
    return check_result();
}
