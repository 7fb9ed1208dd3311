/* SPDX-License-Identifier: BSD-2-Clause */
/* Questions to polkit: every one is answered once, whatever becomes of polkitd. */
#include "base/log.h"
#include "os/lock.h"
#include "os/time.h"
#include "service/polkit.h"
#include "tests/service/mock_polkitd.h"
#include "tests/support/check.h"

enum { SOON_MS = CHECK_HANG_MS }; /* for a slow machine; what is wanted takes a few */

/* What became of a question. */
struct outcome {
    uint32_t calls;
    bool allowed;
};

static struct os_mutex mutex;
static struct os_cond cond;
static const struct polkit_process process = {4321, 1001, 987654};

static void note(void *context, bool allowed)
{
    struct outcome *outcome = context;
    os_mutex_lock(&mutex);
    outcome->calls++;
    outcome->allowed = allowed;
    os_cond_broadcast(&cond);
    os_mutex_unlock(&mutex);
}

/* Waits for the answer. */
static bool is_allowed(struct outcome *outcome)
{
    uint64_t deadline = os_now_ms() + SOON_MS;
    os_mutex_lock(&mutex);
    while (outcome->calls == 0 && os_cond_wait(&cond, &mutex, deadline))
        continue;
    CHECK_EQ(outcome->calls, 1);
    bool allowed = outcome->allowed;
    os_mutex_unlock(&mutex);
    return allowed;
}

static uint64_t ask(struct polkit *polkit, enum policy_right right,
                    struct outcome *outcome)
{
    uint64_t question = 0;
    *outcome = (struct outcome){0};
    CHECK_EQ(polkit_ask(polkit, &process, right, "A reader 0", note, outcome, &question),
             SC_OK);
    CHECK(question != 0);
    return question;
}

static bool ask_and_wait(struct polkit *polkit, enum policy_right right)
{
    struct outcome outcome;
    (void)ask(polkit, right, &outcome);
    return is_allowed(&outcome);
}

/* Waits until as many were asked, or taken back, as polkitd sees it. */
static void wait_for(uint32_t count, uint32_t cancelled)
{
    struct mock_question seen;
    struct os_cond never;
    uint64_t deadline = os_now_ms() + SOON_MS;
    os_cond_init(&never);
    mock_polkitd_look(&seen);
    while ((seen.count < count || seen.cancelled < cancelled) && os_now_ms() < deadline) {
        os_mutex_lock(&mutex);
        (void)os_cond_wait(&never, &mutex, os_now_ms() + 2);
        os_mutex_unlock(&mutex);
        mock_polkitd_look(&seen);
    }
    os_cond_destroy(&never);
    CHECK(seen.count >= count);
    CHECK(seen.cancelled >= cancelled);
}

static void test_answers(struct polkit *polkit)
{
    struct mock_question seen;
    mock_polkitd_answer(MOCK_YES);
    CHECK(ask_and_wait(polkit, POLICY_USE));
    mock_polkitd_look(&seen);
    CHECK_STR(seen.kind, "unix-process");
    CHECK_STR(seen.action, "org.winscard.use");
    CHECK_STR(seen.reader, "A reader 0");
    CHECK_EQ(seen.pid, process.pid);
    CHECK_EQ(seen.start_time, process.start_time);
    CHECK_EQ(seen.uid, process.uid);
    CHECK_EQ(seen.flags, 1); /* a person may be asked */
    CHECK(ask_and_wait(polkit, POLICY_CONTROL));
    mock_polkitd_look(&seen);
    CHECK_STR(seen.action, "org.winscard.control");
    mock_polkitd_answer(MOCK_NO);
    CHECK(!ask_and_wait(polkit, POLICY_USE));
    mock_polkitd_answer(MOCK_ERROR);
    CHECK(!ask_and_wait(polkit, POLICY_USE));
    wait_for(4, 0);
}

static void test_cancel(struct polkit *polkit)
{
    struct outcome outcome;
    mock_polkitd_answer(MOCK_SILENT);
    uint64_t question = ask(polkit, POLICY_USE, &outcome);
    wait_for(5, 0);
    polkit_cancel(polkit, question);
    polkit_cancel(polkit, question);
    polkit_cancel(polkit, 12345678);
    CHECK(!is_allowed(&outcome));
    wait_for(5, 1);
    question = ask(polkit, POLICY_USE, &outcome);
    polkit_cancel(polkit, question); /* before it is on its way */
    CHECK(!is_allowed(&outcome));
}

/* One that is taken back at once harms no other. */
static void test_neighbours(struct polkit *polkit)
{
    mock_polkitd_answer(MOCK_YES);
    for (int i = 0; i < 50; i++) {
        struct outcome gone, kept;
        uint64_t question = ask(polkit, POLICY_USE, &gone);
        polkit_cancel(polkit, question);
        (void)ask(polkit, POLICY_USE, &kept);
        (void)is_allowed(&gone); /* either: yes may have been faster */
        CHECK(is_allowed(&kept));
    }
    mock_polkitd_answer(MOCK_SILENT);
}

static void test_too_late(void)
{
    struct polkit *polkit = NULL;
    struct mock_question before;
    CHECK_EQ(polkit_start(200, &polkit), SC_OK);
    mock_polkitd_look(&before);
    uint64_t began = os_now_ms();
    CHECK(!ask_and_wait(polkit, POLICY_USE));
    CHECK(os_now_ms() - began >= 190);
    wait_for(before.count + 1, before.cancelled + 1);
    polkit_stop(polkit);
}

/* As many as there may be, and then the end of it all. */
static void test_many(void)
{
    static struct outcome outcomes[POLKIT_PENDING_MAX];
    struct polkit *polkit = NULL;
    struct outcome refused = {0};
    uint64_t question = 0;
    CHECK_EQ(polkit_start(POLKIT_WAIT_MS, &polkit), SC_OK);
    for (int i = 0; i < POLKIT_PENDING_MAX; i++)
        (void)ask(polkit, POLICY_USE, &outcomes[i]);
    CHECK_EQ(polkit_ask(polkit, &process, POLICY_USE, "x", note, &refused, &question),
             SC_E_SERVER_TOO_BUSY);
    polkit_stop(polkit);
    for (int i = 0; i < POLKIT_PENDING_MAX; i++)
        CHECK(!is_allowed(&outcomes[i]));
    CHECK_EQ(refused.calls, 0);
}

static void test_unknown_process(struct polkit *polkit)
{
    struct polkit_process gone = {4321, 1001, 0};
    struct outcome outcome = {0};
    uint64_t question = 0;
    CHECK_EQ(polkit_ask(polkit, &gone, POLICY_USE, "x", note, &outcome, &question),
             SC_E_NO_ACCESS);
    CHECK_EQ(outcome.calls, 0);
}

int main(void)
{
    struct polkit *polkit = NULL;
    os_mutex_init(&mutex);
    os_cond_init(&cond);
    log_set_level(LOG_INFO);
    mock_bus_start();
    CHECK_EQ(polkit_start(POLKIT_WAIT_MS, &polkit), SC_OK);
    CHECK(!ask_and_wait(polkit, POLICY_USE)); /* there is no polkitd */
    mock_polkitd_start();
    test_answers(polkit);
    test_cancel(polkit);
    test_unknown_process(polkit);
    test_neighbours(polkit);
    test_too_late();
    test_many();
    mock_polkitd_stop();
    CHECK(!ask_and_wait(polkit, POLICY_USE)); /* it is gone again */
    polkit_stop(polkit);
    polkit_stop(NULL);
    mock_bus_stop();
    os_cond_destroy(&cond);
    os_mutex_destroy(&mutex);
    return check_result();
}
