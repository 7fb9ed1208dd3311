/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard: with clients that behave: readers and cards that come and go, commands, those
 * that are given up, two readers of one connection. */
#include "tests/support/check.h"

#include "drivers/vscard/vscard.h"
#include "os/time.h"
#include "tests/drivers/vscard_peer.h"

enum { SHORT_MS = 150 };

static struct fake_host host;
static struct vscard_peer peer;
static struct peer_job job, other;

static void start(const char *uri)
{
    fake_host_init(&host, &vscard_driver);
    CHECK_EQ(fake_host_start(&host, uri), SC_OK);
    peer_begin(&peer, vscard_port(host.self));
}

static enum sc_error power(uint32_t reader, enum power_action action)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    enum sc_error error = fake_power(&host, reader, action, CHECK_HANG_MS, atr, &size);
    if (error == SC_OK && action != POWER_OFF) {
        CHECK_EQ(size, 5);
        CHECK_MEM(atr, "\x3B\x80\x80\x01\x01", 5);
    }
    return error;
}

static void begin_command(struct peer_job *with, uint32_t reader, uint64_t in_ms)
{
    with->host = &host;
    with->reader = reader;
    with->in_ms = in_ms;
    with->room = sizeof(with->out);
    peer_job_start(with);
}

/* The command comes to the client. */
static void hear_command(uint32_t reader_id)
{
    peer_hear(&peer, VSCARD_APDU, reader_id);
    CHECK_EQ(peer.heard.header.length, 4);
    CHECK_MEM(vscard_data(&peer.heard), "\x80\x10\x00\x10", 4);
}

/* One that is answered. */
static void check_command(uint32_t reader)
{
    begin_command(&job, reader, CHECK_HANG_MS);
    hear_command(reader);
    peer_say(&peer, VSCARD_APDU, reader, "\x01\x02\x90\x00", 4);
    CHECK_EQ(peer_job_end(&job), SC_OK);
    CHECK_EQ(job.out_size, 4);
    CHECK_MEM(job.out, "\x01\x02\x90\x00", 4);
}

/* The first reader of a new driver, with a card that has power. */
static void start_with_card(const char *uri)
{
    start(uri);
    CHECK_EQ(peer_add(&peer, "Reader"), 0);
    CHECK(fake_wait_readers(&host, 1));
    peer_insert(&peer, 0);
    CHECK(fake_wait_events(&host, 0, 1));
    CHECK_EQ(power(0, POWER_COLD_RESET), SC_OK);
}

static void check_session(void)
{
    start("vscard:0");
    CHECK_EQ(peer_add(&peer, "A reader"), 0);
    CHECK(fake_wait_readers(&host, 1));
    CHECK_STR(host.readers[0].info.vendor, "VSCard");
    CHECK_STR(host.readers[0].info.product, "A reader");
    CHECK(!host.readers[0].info.card_present);
    CHECK_EQ(power(0, POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    CHECK_EQ(power(0, POWER_OFF), SC_OK);
    begin_command(&job, 0, CHECK_HANG_MS);
    CHECK_EQ(peer_job_end(&job), SC_E_NO_SMARTCARD);
    peer_insert(&peer, 0);
    CHECK(fake_wait_events(&host, 0, 1));
    CHECK(fake_present(&host, 0));
    begin_command(&job, 0, CHECK_HANG_MS);
    CHECK_EQ(peer_job_end(&job), SC_W_REMOVED_CARD); /* not powered yet */
    CHECK_EQ(power(0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_T1), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, PROTOCOL_RAW), SC_E_PROTO_MISMATCH);
    check_command(0);
    CHECK_EQ(power(0, POWER_WARM_RESET), SC_OK);
    check_command(0);
    CHECK_EQ(power(0, POWER_OFF), SC_OK);
    begin_command(&job, 0, CHECK_HANG_MS);
    CHECK_EQ(peer_job_end(&job), SC_F_COMM_ERROR);
    peer_say(&peer, VSCARD_CARD_REMOVE, 0, NULL, 0);
    CHECK_EQ(peer_hear_code(&peer, VSCARD_SUCCESS), 0);
    CHECK(fake_wait_events(&host, 0, 2));
    CHECK(!fake_present(&host, 0));
    peer_say(&peer, VSCARD_READER_REMOVE, 0, NULL, 0);
    CHECK_EQ(peer_hear_code(&peer, VSCARD_SUCCESS), 0);
    CHECK(fake_wait_gone(&host, 0));
    peer_hang_up(&peer);
    fake_host_stop(&host);
}

/* Lengths: the longest answer, and one for which there is no room. */
static void check_lengths(void)
{
    static uint8_t longest[65538];
    static const uint8_t one_byte[] = {0x80};
    size_t size = 0;
    start_with_card("vscard:0");
    memset(longest, 0x5A, sizeof(longest));
    begin_command(&job, 0, CHECK_HANG_MS);
    hear_command(0);
    peer_say(&peer, VSCARD_APDU, 0, longest, sizeof(longest));
    CHECK_EQ(peer_job_end(&job), SC_OK);
    CHECK_EQ(job.out_size, sizeof(longest));
    CHECK_MEM(job.out, longest, sizeof(longest));
    job.room = 3;
    peer_job_start(&job);
    hear_command(0);
    peer_say(&peer, VSCARD_APDU, 0, "\x01\x02\x90\x00", 4);
    CHECK_EQ(peer_job_end(&job), SC_E_INSUFFICIENT_BUFFER);
    begin_command(&job, 0, CHECK_HANG_MS);
    hear_command(0);
    peer_say(&peer, VSCARD_APDU, 0, "\x90", 1);
    CHECK_EQ(peer_job_end(&job), SC_F_COMM_ERROR);
    CHECK_EQ(fake_transmit(&host, 0, PROTOCOL_T1, CHECK_HANG_MS, one_byte, 1, job.out, 2,
                           &size),
             SC_E_INVALID_PARAMETER);
    check_command(0);
    peer_hang_up(&peer);
    CHECK(fake_wait_gone(&host, 0));
    fake_host_stop(&host);
}

/* The answer to a command that was given up is not that to the next one. */
static void check_given_up(void)
{
    start_with_card("vscard:0");
    begin_command(&job, 0, CHECK_HANG_MS);
    hear_command(0);
    fake_abort(&host, 0);
    CHECK_EQ(peer_job_end(&job), SC_E_CANCELLED);
    peer_hear(&peer, VSCARD_FLUSH, 0);
    begin_command(&job, 0, CHECK_HANG_MS);
    peer_say(&peer, VSCARD_APDU, 0, "\x11\x11\x90\x00", 4);
    peer_say(&peer, VSCARD_FLUSH_COMPLETE, 0, NULL, 0);
    hear_command(0);
    peer_say(&peer, VSCARD_APDU, 0, "\x22\x22\x90\x00", 4);
    CHECK_EQ(peer_job_end(&job), SC_OK);
    CHECK_MEM(job.out, "\x22\x22\x90\x00", 4);
    /* The time of a command is up; so is that of the next, as nothing was flushed. */
    begin_command(&job, 0, SHORT_MS);
    hear_command(0);
    CHECK_EQ(peer_job_end(&job), SC_E_TIMEOUT);
    peer_hear(&peer, VSCARD_FLUSH, 0);
    begin_command(&job, 0, SHORT_MS);
    CHECK_EQ(peer_job_end(&job), SC_E_TIMEOUT);
    peer_say(&peer, VSCARD_FLUSH_COMPLETE, 0, NULL, 0);
    check_command(0);
    /* Instead of an answer. */
    begin_command(&job, 0, CHECK_HANG_MS);
    hear_command(0);
    uint8_t code[VSCARD_ERROR_SIZE];
    vscard_write_code(VSCARD_GENERAL_ERROR, code);
    peer_say(&peer, VSCARD_ERROR, 0, code, sizeof(code));
    CHECK_EQ(peer_job_end(&job), SC_F_COMM_ERROR);
    check_command(0);
    peer_hang_up(&peer);
    fake_host_stop(&host);
}

/* The owner resets the card, takes it out, hangs up, while a command runs. */
static void check_interrupted(void)
{
    start_with_card("vscard:0");
    begin_command(&job, 0, CHECK_HANG_MS);
    hear_command(0);
    peer_insert(&peer, 0);
    CHECK_EQ(peer_job_end(&job), SC_W_REMOVED_CARD);
    CHECK(fake_wait_events(&host, 0, 3)); /* out, and in */
    CHECK(fake_present(&host, 0));
    peer_hear(&peer, VSCARD_FLUSH, 0);
    peer_say(&peer, VSCARD_FLUSH_COMPLETE, 0, NULL, 0);
    CHECK_EQ(power(0, POWER_COLD_RESET), SC_OK);
    check_command(0);
    begin_command(&job, 0, CHECK_HANG_MS);
    hear_command(0);
    peer_say(&peer, VSCARD_CARD_REMOVE, 0, NULL, 0);
    CHECK_EQ(peer_job_end(&job), SC_W_REMOVED_CARD);
    CHECK(fake_wait_events(&host, 0, 4));
    CHECK_EQ(peer_hear_code(&peer, VSCARD_SUCCESS), 0);
    peer_hang_up(&peer);
    CHECK(fake_wait_gone(&host, 0));
    peer_begin(&peer, vscard_port(host.self));
    uint32_t id = peer_add(&peer, "Reader");
    CHECK(fake_wait_readers(&host, 2));
    peer_insert(&peer, id);
    CHECK(fake_wait_events(&host, 1, 1));
    CHECK_EQ(power(1, POWER_COLD_RESET), SC_OK);
    begin_command(&job, 1, CHECK_HANG_MS);
    hear_command(id);
    peer_hang_up(&peer);
    CHECK_EQ(peer_job_end(&job), SC_E_READER_UNAVAILABLE);
    CHECK(fake_wait_gone(&host, 1));
    fake_host_stop(&host);
}

/* Two readers of one connection work at the same time; the answers come the other way
 * round. */
static void check_two(void)
{
    start_with_card("vscard:0?name=Lent");
    CHECK_STR(host.readers[0].info.name, "Lent");
    CHECK_EQ(peer_add(&peer, ""), 1);
    CHECK(fake_wait_readers(&host, 2));
    peer_insert(&peer, 1);
    CHECK(fake_wait_events(&host, 1, 1));
    CHECK_EQ(power(1, POWER_COLD_RESET), SC_OK);
    begin_command(&job, 0, CHECK_HANG_MS);
    hear_command(0);
    begin_command(&other, 1, CHECK_HANG_MS);
    hear_command(1);
    peer_say(&peer, VSCARD_APDU, 1, "\x11\x90\x00", 3);
    CHECK_EQ(peer_job_end(&other), SC_OK);
    CHECK_MEM(other.out, "\x11\x90\x00", 3);
    peer_say(&peer, VSCARD_APDU, 0, "\x00\x90\x00", 3);
    CHECK_EQ(peer_job_end(&job), SC_OK);
    CHECK_MEM(job.out, "\x00\x90\x00", 3);
    peer_say(&peer, VSCARD_READER_REMOVE, 0, NULL, 0);
    CHECK_EQ(peer_hear_code(&peer, VSCARD_SUCCESS), 0);
    CHECK(fake_wait_gone(&host, 0));
    check_command(1);
    fake_host_stop(&host); /* with a client and its card */
    peer_hear_end(&peer);
}

/* A program that begins waits for a card; without one, its time once. */
static void check_settle(void)
{
    char uri[64];
    struct os_socket probe;
    uint16_t port = 0;
    CHECK_EQ(os_socket_listen("127.0.0.1", 0, &probe, &port), SC_OK);
    os_socket_close(&probe);
    (void)snprintf(uri, sizeof(uri), "vscard:%u?settle=5000", (unsigned)port);
    start(uri);
    uint32_t id = peer_add(&peer, "Reader");
    peer_insert(&peer, id);
    uint64_t begin_ms = os_now_ms();
    vscard_driver.settle(host.self, true, OS_FOREVER);
    CHECK(os_now_ms() < begin_ms + 5000);
    peer_hang_up(&peer);
    fake_host_stop(&host);
    start(uri);
    begin_ms = os_now_ms();
    vscard_driver.settle(host.self, true, begin_ms + 100);
    CHECK(os_now_ms() >= begin_ms + 100);
    vscard_driver.settle(host.self, true, OS_FOREVER); /* no more */
    CHECK(os_now_ms() < begin_ms + 5000);
    peer_hang_up(&peer);
    fake_host_stop(&host);
}

static void check_uris(void)
{
    static const char *const wrong[] = {"vscard:x",           "vscard:65536",
                                        "vscard:0?bind=name", "vscard:0?settle=5001",
                                        "vscard:0?slots=2",   "vscard:0?apdu_timeout=0"};
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        fake_host_init(&host, &vscard_driver);
        CHECK_EQ(fake_host_start(&host, wrong[i]), SC_E_INVALID_VALUE);
        host.self = NULL;
        fake_host_stop(&host);
    }
}

int main(void)
{
    check_session();
    check_lengths();
    check_given_up();
    check_interrupted();
    check_two();
    check_settle();
    check_uris();
    return check_result();
}
