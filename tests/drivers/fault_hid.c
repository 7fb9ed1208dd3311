/* SPDX-License-Identifier: BSD-2-Clause */
/* hid: with tokens that misbehave: each fault is one error, and the next command works. */
#include "tests/drivers/hid_tests.h"

#include "base/log.h"

enum { LONG_MS = 240000 };

static struct fake_host host, other;

/* Lines of the log that have this in them. */
static const char *wanted;
static unsigned seen;

static void watch(enum log_level level, const char *line)
{
    if (level == LOG_ERROR && wanted != NULL && strstr(line, wanted) != NULL)
        __atomic_add_fetch(&seen, 1, __ATOMIC_RELAXED);
}

static void expect_line(const char *text)
{
    wanted = text;
    __atomic_store_n(&seen, 0, __ATOMIC_RELAXED);
}

static bool was_logged(void)
{
    return __atomic_load_n(&seen, __ATOMIC_RELAXED) > 0;
}

/* What follows a fault is sound. */
static void check_sound(void)
{
    CHECK_EQ(send(&host, 0, GET_INFO "00"), SC_OK);
    check_answer("00 A1 01 81 68 4649444F5F325F30 9000");
}

/* --- Answers that are none ---------------------------------------------------------- */

static void check_faults(void)
{
    static const struct {
        enum peer_fault fault;
        const char *line;
    } faults[] = {{PEER_SHORT_REPORT, "not of 64 bytes (63 bytes came)"},
                  {PEER_LONG_REPORT, "not of 64 bytes (80 bytes came)"},
                  {PEER_EMPTY_LENGTH, "a length that none has"},
                  {PEER_SKIPS, "another packet than the next one"},
                  {PEER_STARTS_TWICE, "another packet than the next one"},
                  {PEER_OTHER_ANSWER, "what was not asked"},
                  {PEER_NO_STATUS, "without a status"},
                  {PEER_BAD_KEEPALIVE, "a length that none has"}};
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    peer->answer_size = 3000;
    start_selected(&host, "hid:");
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        expect_line(faults[i].line);
        peer->fault = faults[i].fault;
        peer->faults = 1;
        CHECK_EQ(send(&host, 0, "80100000 000001 0C 0000"), SC_F_COMM_ERROR);
        CHECK(was_logged());
        check_sound();
        CHECK_EQ(send(&host, 0, "80100000 000001 0C 0000"), SC_OK);
        CHECK_EQ(out_size, 3002);
    }
    CHECK_EQ(peer->channels, 1); /* its channel is still the same */
    /* Other programs' packets change nothing. */
    peer->fault = PEER_FOREIGN;
    peer->faults = 1;
    CHECK_EQ(send(&host, 0, "80100000 000001 0C 0000"), SC_OK);
    CHECK_EQ(out_size, 3002);
    fake_host_stop(&host);
}

/* A token that says nothing, or nothing to us. */
static void check_silence(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    start_selected(&host, "hid:");
    static const enum peer_fault faults[] = {PEER_SILENT, PEER_FLOOD};
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        peer->fault = faults[i];
        peer->faults = 1;
        expect_line("silent for 5000 ms");
        uint64_t begin_ms = os_now_ms();
        CHECK_EQ(send(&host, 0, GET_INFO), SC_E_TIMEOUT);
        CHECK(os_now_ms() - begin_ms >= 5000);
        CHECK(was_logged());
        check_sound();
    }
    peer->fault = PEER_SILENT;
    peer->faults = 1;
    CHECK_EQ(send_in(&host, 0, 300, GET_INFO), SC_E_TIMEOUT); /* the job's own deadline */
    check_sound();
    /* No channel. */
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    peer->faults = 1;
    expect_line("gives no channel");
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_W_UNRESPONSIVE_CARD);
    CHECK(was_logged());
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    fake_host_stop(&host);
    CHECK_EQ(peer->opens, peer->closes);
}

/* What the token itself refuses. */
static void check_errors(void)
{
    static const struct {
        uint8_t error;
        const char *sw;
    } errors[] = {{CTAPHID_ERR_COMMAND, "6D00"},
                  {CTAPHID_ERR_PARAMETER, "6A80"},
                  {CTAPHID_ERR_LENGTH, "6700"}};
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    start_selected(&host, "hid:");
    for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
        peer->error = errors[i].error;
        peer->errors = 1;
        CHECK_EQ(send(&host, 0, GET_INFO), SC_OK);
        check_answer(errors[i].sw);
        check_sound();
    }
    peer->error = CTAPHID_ERR_TIMEOUT;
    peer->errors = 1;
    CHECK_EQ(send(&host, 0, GET_INFO), SC_F_COMM_ERROR);
    check_sound();
    /* It has forgotten the channel: there is another, once. */
    peer->error = CTAPHID_ERR_CHANNEL;
    peer->errors = 1;
    CHECK_EQ(send(&host, 0, GET_INFO), SC_OK);
    CHECK_EQ(sw(), 0x9000);
    CHECK_EQ(peer->channels, 2);
    peer->errors = 2;
    CHECK_EQ(send(&host, 0, GET_INFO), SC_F_COMM_ERROR);
    check_sound();
    fake_host_stop(&host);
}

/* Bytes of before, and of nobody, before a command and between channels. */
static void check_leftovers(void)
{
    static const uint8_t answer[50] = {0};
    uint8_t report[64];
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    start_selected(&host, "hid:");
    for (int i = 0; i < 64; i++) {
        ctaphid_build(0x01020304, CTAPHID_CBOR, answer, sizeof(answer), 0, report);
        hid_peer_say(peer, report, sizeof(report));
    }
    check_sound();
    memset(report, 0, sizeof(report));
    hid_peer_say(peer, report, 1);
    check_sound();
    fake_host_stop(&host);
}

/* --- Unplugging and aborting --------------------------------------------------------- */

static void check_pulled(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "9");
    peer->answer_size = 3000;
    start_selected(&host, "hid:");
    for (uint32_t round = 0; round < 3; round++) {
        uint32_t reader = host.count - 1;
        peer->pull_after = 20; /* within an answer of 51 packets */
        CHECK_EQ(send(&host, reader, "80100000 000001 0C 0000"), SC_E_READER_UNAVAILABLE);
        CHECK(fake_wait_gone(&host, reader));
        hid_peer_plug(peer, true);
        CHECK(fake_wait_readers(&host, reader + 2));
        CHECK_EQ(power(&host, reader + 1, POWER_COLD_RESET), SC_OK);
        CHECK_EQ(send(&host, reader + 1, SELECT_FIDO), SC_OK);
    }
    /* Pulled and put back while nobody looks: the first job notices. */
    hid_peer_plug(peer, false);
    CHECK_EQ(send(&host, host.count - 1, GET_INFO), SC_E_READER_UNAVAILABLE);
    fake_host_stop(&host);
    CHECK_EQ(peer->opens, peer->closes);
}

struct aborter {
    struct os_thread thread;
    uint32_t after_ms;
    struct hid_peer *pull;
};

static void run_aborter(void *context)
{
    struct aborter *aborter = context;
    uint64_t until_ms = os_now_ms() + aborter->after_ms;
    while (os_now_ms() < until_ms)
        os_thread_yield();
    if (aborter->pull != NULL)
        hid_peer_plug(aborter->pull, false);
    else
        fake_abort(&host, 0);
}

static enum sc_error send_aborted(const char *command, struct hid_peer *pull)
{
    struct aborter aborter = {.after_ms = 300, .pull = pull};
    CHECK_EQ(os_thread_start(&aborter.thread, "aborter", run_aborter, &aborter), SC_OK);
    enum sc_error error = send(&host, 0, command);
    os_thread_join(&aborter.thread);
    return error;
}

static void check_abort(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    start_selected(&host, "hid:");
    peer->touch_ms = 30000;
    uint64_t begin_ms = os_now_ms();
    CHECK_EQ(send_aborted("801000000101", NULL), SC_E_CANCELLED);
    CHECK(os_now_ms() - begin_ms < 30000);
    CHECK_EQ(peer->cancels, 1);
    check_sound(); /* and the answer to what was cancelled is not taken for its own */
    fake_stop_next(&host, 0);
    CHECK_EQ(send(&host, 0, GET_INFO), SC_E_CANCELLED);
    check_sound();
    /* The deadline is such an end, too. */
    CHECK_EQ(send_in(&host, 0, 500, "801000000101"), SC_E_TIMEOUT);
    check_sound();
    /* Pulled while a person is waited for, and in nobody's answer. */
    CHECK_EQ(send_aborted("801000000101", peer), SC_E_READER_UNAVAILABLE);
    CHECK(fake_wait_gone(&host, 0));
    fake_host_stop(&host);
}

/* Shared with one that is aborted all the time. */
static void check_beside(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    peer->answer_size = 3000;
    start_selected(&host, "hid:");
    start_selected(&other, "hid:");
    peer->touch_ms = 5000;
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(send_in(&host, 0, 200, "801000000101"), SC_E_TIMEOUT);
        CHECK_EQ(send(&other, 0, "80100000 000001 0C 0000"), SC_OK);
        CHECK_EQ(out_size, 3002);
    }
    fake_host_stop(&host);
    fake_host_stop(&other);
}

/* --- Rights and room ------------------------------------------------------------------ */

static void check_shut(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    peer->locked_away = true;
    expect_line("cannot be opened");
    CHECK_EQ(start(&host, "hid:"), SC_OK);
    hid_driver.settle(host.self, true, os_now_ms() + HID_TEST_SOON_MS);
    CHECK_EQ(host.count, 0);
    CHECK_EQ(__atomic_load_n(&seen, __ATOMIC_RELAXED), 1);
    hid_peer_lock();
    peer->locked_away = false;
    hid_peer_unlock();
    CHECK(fake_wait_readers(&host, 1));
    /* It is taken away later. */
    hid_peer_lock();
    peer->locked_away = true;
    hid_peer_unlock();
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_E_READER_UNAVAILABLE);
    CHECK(fake_wait_gone(&host, 0));
    fake_host_stop(&host);
}

static void check_many(void)
{
    hid_peers_begin();
    for (int i = 0; i < 18; i++)
        (void)hid_peer_add(PEER_U2F, "");
    expect_line("more than 16 tokens");
    CHECK_EQ(start(&host, "hid:"), SC_OK);
    CHECK(fake_wait_readers(&host, 16));
    hid_driver.settle(host.self, true, os_now_ms() + HID_TEST_SOON_MS);
    CHECK(was_logged());
    CHECK_EQ(power(&host, 15, POWER_COLD_RESET), SC_OK);
    fake_host_stop(&host);
    CHECK_EQ(host.count, 16);
}

/* --- Ledger --------------------------------------------------------------------------- */

static void check_ledger(void)
{
    static const struct {
        enum peer_fault fault;
        const char *line;
    } faults[] = {{PEER_SHORT_REPORT, "not of 64 bytes (63 bytes came)"},
                  {PEER_OTHER_ANSWER, "not of an APDU"},
                  {PEER_SKIPS, "another packet than the next one"},
                  {PEER_NO_STATUS, "without a status word"}};
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_LEDGER, "");
    peer->answer_size = 100;
    CHECK_EQ(start(&host, "hid:"), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
        expect_line(faults[i].line);
        peer->fault = faults[i].fault;
        peer->faults = 1;
        CHECK_EQ(send(&host, 0, "B0010000"), SC_F_COMM_ERROR);
        CHECK(was_logged());
        CHECK_EQ(send(&host, 0, "B0010000"), SC_OK);
        CHECK_EQ(out_size, 102);
    }
    peer->fault = PEER_FOREIGN;
    peer->faults = 1;
    CHECK_EQ(send(&host, 0, "B0010000"), SC_OK);
    CHECK_EQ(out_size, 102);
    /* A command that is given up is still answered: not in the next one's place, and the
     * device stays open for it. */
    peer->answer_ms = 1500;
    CHECK_EQ(send_aborted("E0020000", NULL), SC_E_CANCELLED);
    CHECK_EQ(power(&host, 0, POWER_OFF), SC_OK);
    CHECK_EQ(peer->opens, peer->closes + 1);
    CHECK_EQ(power(&host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send_in(&host, 0, 300, "B0010000"), SC_E_TIMEOUT);
    CHECK_EQ(peer->last[0], 0xE0); /* it was not even sent */
    peer->answer_ms = 0;
    peer->answer_size = 10;
    CHECK_EQ(send(&host, 0, "B0010000"), SC_OK);
    CHECK_EQ(out_size, 12);
    CHECK_EQ(peer->last[0], 0xB0);
    peer->pull_after = 1;
    peer->answer_size = 100;
    CHECK_EQ(send(&host, 0, "B0010000"), SC_E_READER_UNAVAILABLE);
    fake_host_stop(&host);
    CHECK_EQ(peer->opens, peer->closes);
}

/* --- Time ----------------------------------------------------------------------------- */

/* A token that waits for a minute is waited for; a message of U2F is not. */
static void check_minute(void)
{
    hid_peers_begin();
    struct hid_peer *peer = hid_peer_add(PEER_FIDO2, "");
    start_selected(&host, "hid:");
    peer->touch_ms = 61000;
    uint64_t begin_ms = os_now_ms();
    CHECK_EQ(send_in(&host, 0, LONG_MS, "801000000101"), SC_OK);
    check_answer("00A0 9000");
    CHECK(os_now_ms() - begin_ms >= 61000);
    begin_ms = os_now_ms();
    CHECK_EQ(send_in(&host, 0, LONG_MS, "00010000 02 AABB 00"), SC_OK);
    check_answer("6985");
    CHECK(os_now_ms() - begin_ms >= 30000);
    CHECK_EQ(peer->cancels, 1);
    check_sound();
    fake_host_stop(&host);
}

int main(void)
{
    log_set_sink(watch);
    log_set_level(LOG_ERROR);
    check_faults();
    check_silence();
    check_errors();
    check_leftovers();
    check_pulled();
    check_abort();
    check_beside();
    check_shut();
    check_many();
    check_ledger();
    check_minute();
    return check_result();
}
