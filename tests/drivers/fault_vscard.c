/* SPDX-License-Identifier: BSD-2-Clause */
/* vscard: with clients that say what has no place, too much or nothing: each is told so or
 * dropped, and the others and the next one are served. */
#include "tests/support/check.h"

#include "drivers/vscard/vscard.h"
#include "os/time.h"
#include "tests/drivers/vscard_peer.h"

static struct fake_host host;
static struct vscard_peer peer, steady; /* one that is good, and stays */
static struct peer_job job;
static uint32_t steady_id;

/* What the good client's reader does, whatever the others did. */
static void check_steady(void)
{
    job.host = &host;
    job.reader = 0;
    job.in_ms = CHECK_HANG_MS;
    job.room = sizeof(job.out);
    peer_job_start(&job);
    peer_hear(&steady, VSCARD_APDU, steady_id);
    peer_say(&steady, VSCARD_APDU, steady_id, "\x90\x00", 2);
    CHECK_EQ(peer_job_end(&job), SC_OK);
    CHECK_EQ(job.out_size, 2);
}

static void start(void)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    fake_host_init(&host, &vscard_driver);
    CHECK_EQ(fake_host_start(&host, "vscard:0"), SC_OK);
    peer_begin(&steady, vscard_port(host.self));
    steady_id = peer_add(&steady, "Steady");
    CHECK(fake_wait_readers(&host, 1));
    peer_insert(&steady, steady_id);
    CHECK(fake_wait_events(&host, 0, 1));
    CHECK_EQ(fake_power(&host, 0, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size), SC_OK);
}

/* --- Bytes that are no message ------------------------------------------------------- */

static void check_bytes(bool greeted, const char *bytes, size_t size)
{
    if (greeted)
        peer_begin(&peer, vscard_port(host.self));
    else
        peer_connect(&peer, vscard_port(host.self));
    peer_say_bytes(&peer, bytes, size);
    peer_hear_end(&peer);
    check_steady();
}

#define BYTES(greeted, text) check_bytes(greeted, text, sizeof(text) - 1)
#define WORD(n)              "\0\0\0" n
#define NO_READER            "\xFF\xFF\xFF\xFF"

static void check_garbage(void)
{
    BYTES(false, "GET / HTTP/1.1\r\n");
    BYTES(false, WORD("\1") NO_READER WORD("\x0C") "VSCX" WORD("\2") WORD("\0"));
    BYTES(false, WORD("\1") NO_READER WORD("\x0B")); /* too short */
    BYTES(false, WORD("\1") NO_READER "\0\0\1\1");   /* too long */
    BYTES(false, WORD("\3") NO_READER WORD("\0"));   /* not greeted */
    BYTES(true, WORD("\0") WORD("\0") WORD("\0"));   /* no such type */
    BYTES(true, WORD("\x0A") WORD("\0") WORD("\0"));
    BYTES(true, WORD("\3") NO_READER "\0\0\1\0");    /* a name of 256 */
    BYTES(true, WORD("\5") WORD("\0") WORD("\x22")); /* an ATR of 34 */
    BYTES(true, WORD("\7") WORD("\0") "\0\1\0\x09"); /* an APDU of 65545 */
    BYTES(true, WORD("\7") WORD("\0") "\xFF\xFF\xFF\xFF");
    BYTES(true, WORD("\2") WORD("\0") WORD("\5")); /* a code of 5 */
    BYTES(true,
          WORD("\1") NO_READER WORD("\x0C") "VSCD" WORD("\2") WORD("\0")); /* again */
}

/* A message in parts, and one of which the end never comes. */
static void check_parts(void)
{
    static const char init[] =
        WORD("\1") NO_READER WORD("\x10") "VSCD" WORD("\2") WORD("\1") WORD("\1");
    peer_connect(&peer, vscard_port(host.self));
    for (size_t i = 0; i < sizeof(init) - 1; i++)
        peer_say_bytes(&peer, init + i, 1);
    peer_hear(&peer, VSCARD_INIT, VSCARD_NO_READER);
    peer_say_bytes(&peer, WORD("\3") NO_READER WORD("\5") "na", 14);
    check_steady();
    peer_hang_up(&peer);
    check_steady();
}

/* --- Messages that have no place ------------------------------------------------------ */

/* What is said of a reader that the client has not, another's among them. */
static void check_foreign(void)
{
    static const enum vscard_type types[] = {VSCARD_READER_REMOVE, VSCARD_ATR,
                                             VSCARD_CARD_REMOVE, VSCARD_APDU,
                                             VSCARD_FLUSH_COMPLETE};
    static const uint32_t ids[] = {0, 1, VSCARD_READERS_MAX, VSCARD_NO_READER};
    peer_begin(&peer, vscard_port(host.self));
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        for (size_t k = 0; k < sizeof(types) / sizeof(types[0]); k++) {
            peer_say(&peer, types[k], ids[i], NULL, 0);
            CHECK_EQ(peer_hear_code(&peer, VSCARD_GENERAL_ERROR), ids[i]);
        }
    }
    CHECK(fake_present(&host, 0));
    check_steady();
    peer_hang_up(&peer);
}

/* An answer that nobody asked for: it could be taken for the next one. */
static void check_unasked(void)
{
    uint32_t before = host.count;
    peer_begin(&peer, vscard_port(host.self));
    uint32_t id = peer_add(&peer, "\xC3\x28\n\x7F"); /* not UTF-8 */
    CHECK(fake_wait_readers(&host, before + 1));
    peer_insert(&peer, id);
    peer_say(&peer, VSCARD_APDU, id, "\x90\x00", 2);
    peer_hear_end(&peer);
    CHECK(fake_wait_gone(&host, before));
    check_steady();
}

/* Codes and ends of flushes that say nothing new; a command of the host's. */
static void check_idle_words(void)
{
    uint8_t code[VSCARD_ERROR_SIZE];
    uint32_t before = host.count;
    vscard_write_code(VSCARD_GENERAL_ERROR, code);
    peer_begin(&peer, vscard_port(host.self));
    uint32_t id = peer_add(&peer, "Reader");
    CHECK(fake_wait_readers(&host, before + 1));
    peer_say(&peer, VSCARD_ERROR, id, code, sizeof(code));
    peer_say(&peer, VSCARD_ERROR, VSCARD_NO_READER, code, sizeof(code));
    peer_say(&peer, VSCARD_FLUSH_COMPLETE, id, NULL, 0);
    peer_say(&peer, VSCARD_ATR, id, NULL, 0); /* a card that has none */
    CHECK_EQ(peer_hear_code(&peer, VSCARD_SUCCESS), id);
    CHECK(fake_wait_events(&host, before, 1));
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    CHECK_EQ(fake_power(&host, before, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size),
             SC_W_UNRESPONSIVE_CARD);
    peer_say(&peer, VSCARD_FLUSH, id, NULL, 0);
    peer_hear_end(&peer);
    CHECK(fake_wait_gone(&host, before));
    check_steady();
}

/* --- Too many, and silence ------------------------------------------------------------ */

static void check_too_many_readers(void)
{
    uint32_t before = host.count;
    peer_begin(&peer, vscard_port(host.self));
    for (uint32_t i = 1; i < VSCARD_READERS_MAX; i++)
        (void)peer_add(&peer, "Reader");
    peer_say(&peer, VSCARD_READER_ADD, VSCARD_NO_READER, "x", 1);
    CHECK_EQ(peer_hear_code(&peer, VSCARD_NO_MORE_READERS), VSCARD_NO_READER);
    CHECK(fake_wait_readers(&host, before + VSCARD_READERS_MAX - 1));
    check_steady();
    peer_hang_up(&peer);
    for (uint32_t i = 1; i < VSCARD_READERS_MAX; i++)
        CHECK(fake_wait_gone(&host, before + i - 1));
}

/* All places are taken by clients that say nothing: the next is refused, and they lose
 * their places in time. */
static void check_too_many_clients(void)
{
    static struct vscard_peer silent[VSCARD_CLIENTS_MAX - 1];
    uint16_t port = vscard_port(host.self);
    for (size_t i = 0; i < VSCARD_CLIENTS_MAX - 1; i++)
        peer_connect(&silent[i], port);
    peer_connect(&peer, port);
    peer_hear_end(&peer);
    check_steady();
    for (size_t i = 0; i < VSCARD_CLIENTS_MAX - 1; i++)
        peer_hear_end(&silent[i]);
    peer_begin(&peer, port);
    peer_hang_up(&peer);
    check_steady();
}

int main(void)
{
    start();
    check_garbage();
    check_parts();
    check_foreign();
    check_unasked();
    check_idle_words();
    check_too_many_readers();
    check_too_many_clients();
    fake_host_stop(&host);
    peer_hang_up(&steady);
    return check_result();
}
