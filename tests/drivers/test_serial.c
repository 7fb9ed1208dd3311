/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of serial readers, over a pseudoterminal with a simulated reader behind it:
 * sessions, cards that move, a line that garbles, one that is held, that goes and comes. */
#include "base/attribute.h"
#include "drivers/ccid_serial/ccid_serial.h"
#include "os/stop.h"
#include "os/time.h"
#include "tests/drivers/serial_peer.h"
#include "tests/support/check.h"
#include "tests/support/fake_host.h"
#include "tests/support/hang.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

static char folder[] = "/tmp/winscard-serial-XXXXXX";
static struct serial_peer peer;
static struct fake_host host;

/* --- The two ends --------------------------------------------------------------------- */

static void start_peer(const char *reader, bool echoes)
{
    memset(&peer, 0, sizeof(peer));
    (void)snprintf(peer.link, sizeof(peer.link), "%s/line", folder);
    peer.reader = reader;
    peer.echoes = echoes;
    if (!serial_peer_start(&peer))
        abort();
}

static enum sc_error start_driver(const char *options)
{
    char uri[200];
    (void)snprintf(uri, sizeof(uri), "serial:%s/line%s", folder, options);
    fake_host_init(&host, &ccid_serial_driver);
    enum sc_error error = fake_host_start(&host, uri);
    if (error == SC_OK)
        ccid_serial_driver.settle(host.self, true, OS_FOREVER);
    return error;
}

static void begin(const char *reader, bool echoes, const char *options)
{
    start_peer(reader, echoes);
    CHECK_EQ(start_driver(options), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
}

static void end(void)
{
    fake_host_stop(&host);
    serial_peer_stop(&peer);
}

static enum sc_error power(uint32_t reader)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    enum sc_error error =
        fake_power(&host, reader, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size);
    if (error == SC_OK)
        CHECK(size > 10 && atr[0] == 0x3B);
    return error;
}

static enum sc_error send(uint32_t protocol, const uint8_t *command, size_t size,
                          uint8_t *out, size_t *out_size)
{
    *out_size = 0;
    return fake_transmit(&host, 0, protocol, CHECK_HANG_MS, command, size, out, 300,
                         out_size);
}

/* Bytes of a file of the card, each of which is its place. */
static enum sc_error read_card(uint32_t protocol, uint8_t count)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x04, 0x0C, 0x05,
                                     0xF0, 0x53, 0x4F, 0x46, 0x54};
    const uint8_t read[] = {0x00, 0xB0, 0x82, 0x00, count};
    uint8_t out[300];
    size_t size = 0;
    enum sc_error error = send(protocol, select, sizeof(select), out, &size);
    if (error == SC_OK)
        CHECK(size == 2 && out[0] == 0x90);
    if (error == SC_OK)
        error = send(protocol, read, sizeof(read), out, &size);
    if (error != SC_OK)
        return error;
    CHECK_EQ(size, count + 2U);
    for (size_t i = 0; i + 2 < size; i++)
        CHECK_EQ(out[i], (uint8_t)i);
    CHECK_MEM(out + count, "\x90\x00", 2);
    return SC_OK;
}

static void connect(uint32_t protocol)
{
    CHECK_EQ(power(0), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, protocol), SC_OK);
}

/* --- Sessions ------------------------------------------------------------------------- */

static void check_sessions(void)
{
    static const struct {
        const char *reader, *options;
        bool echoes;
        uint32_t protocol;
        const char *product;
    } cases[] = {
        {"gempc_twin?card=t1", "", true, PROTOCOL_T1, "GemPC Twin"},
        {"gempc_twin?card=t0", "?type=gempctwin", true, PROTOCOL_T0, "GemPC Twin"},
        {"gempc_twin?card=t1", "?voltage=3,5", false, PROTOCOL_T1, "GemPC Twin"},
        {"gempc_pinpad", "?type=gempcpinpad", true, PROTOCOL_T1, "GemPC PinPad"},
        {"scr331?card=t0", "?type=sec1210urt", false, PROTOCOL_T0, "SEC1210URT"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        begin(cases[i].reader, cases[i].echoes, cases[i].options);
        const struct reader_info *info = &host.readers[0].info;
        CHECK_STR(info->product, cases[i].product);
        CHECK_EQ(info->type, READER_TYPE_SERIAL);
        CHECK(strncmp(info->device_id, "SERIAL\\/tmp/", 12) == 0);
        CHECK(info->card_present && !info->taken);
        connect(cases[i].protocol);
        for (uint32_t size = 1; size < 256; size += 42)
            CHECK_EQ(read_card(cases[i].protocol, (uint8_t)size), SC_OK);
        end();
    }
}

/* A second slot with rates of its own, without that of the first, and without a card
 * switch. */
static void check_slow_slot(void)
{
    begin("gemcore_sim_pro?atr=3B1096", false, "?type=gemcoresimpro");
    CHECK(fake_wait_readers(&host, 2));
    CHECK_STR(host.readers[1].info.product, "GemCore SIM Pro");
    for (uint32_t slot = 0; slot < 2; slot++) {
        static const uint8_t challenge[] = {0x00, 0x84, 0x00, 0x00, 0x08};
        uint8_t atr[DRIVER_ATR_MAX], out[10];
        size_t size = 0;
        CHECK_EQ(fake_power(&host, slot, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size),
                 SC_OK);
        CHECK_EQ(fake_protocol(&host, slot, PROTOCOL_T0), SC_OK);
        CHECK_EQ(fake_transmit(&host, slot, PROTOCOL_T0, CHECK_HANG_MS, challenge,
                               sizeof(challenge), out, sizeof(out), &size),
                 SC_OK);
        CHECK_EQ(size, sizeof(out));
        /* Di of 96 (ISO/IEC 7816-3:2006, table 8), and of the next slower rate that the
         * second slot has. */
        CHECK_EQ(fake_attribute(&host, slot, ATTR_CURRENT_D, out, 4, &size), SC_OK);
        CHECK_EQ(out[0], slot == 0 ? 32 : 16);
    }
    end();
}

static void check_cards(void)
{
    begin("gempc_twin?card=t1", true, "");
    connect(PROTOCOL_T1);
    serial_peer_move(&peer, false);
    CHECK(fake_wait_events(&host, 0, 1));
    CHECK(!fake_present(&host, 0));
    CHECK_EQ(power(0), SC_E_NO_SMARTCARD);
    serial_peer_move(&peer, true);
    CHECK(fake_wait_events(&host, 0, 2));
    CHECK(fake_present(&host, 0));
    connect(PROTOCOL_T1);
    CHECK_EQ(read_card(PROTOCOL_T1, 20), SC_OK);
    end();
}

/* --- A line that garbles -------------------------------------------------------------- */

/* A fault that the driver copes with; or else the command fails, or its card is lost, and
 * after a reset all goes on. */
static void check_faults(void)
{
    static const struct {
        enum serial_fault fault;
        uint32_t times;
        bool copes;
    } cases[] = {
        {SERIAL_NOISE, 2, true},    {SERIAL_SLOWLY, 2, true},  {SERIAL_TIME, 2, true},
        {SERIAL_REFUSED, 3, true},  {SERIAL_CHECK, 1, false},  {SERIAL_LOST, 1, false},
        {SERIAL_DOUBLED, 1, false}, {SERIAL_LONG, 1, false},   {SERIAL_REFUSED, 4, false},
        {SERIAL_SILENT, 1, false},  {SERIAL_EVENTS, 1, false}, {SERIAL_SYNC, 1, false}};
    begin("gempc_twin?card=t1", true, "?apdu_timeout=5000");
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        connect(PROTOCOL_T1);
        serial_peer_fault(&peer, cases[i].fault, cases[i].times);
        enum sc_error error = read_card(PROTOCOL_T1, 100);
        CHECK_EQ(serial_peer_faults_left(&peer), 0);
        if (error != SC_OK)
            printf("fault %d: %s\n", (int)cases[i].fault, sc_error_words(error));
        if (cases[i].copes)
            CHECK_EQ(error, SC_OK);
        else
            CHECK(error == SC_OK || error == SC_F_COMM_ERROR || error == SC_E_TIMEOUT
                  || error == SC_W_RESET_CARD
                  || (cases[i].fault == SERIAL_EVENTS && error == SC_W_REMOVED_CARD));
        CHECK_EQ(fake_wait_readers(&host, 1), true);
        CHECK(!host.readers[0].gone);
        connect(PROTOCOL_T1);
        CHECK_EQ(read_card(PROTOCOL_T1, 100), SC_OK);
    }
    end();
}

/* --- A line that is not there ---------------------------------------------------------- */

static void check_hang_up(void)
{
    begin("gempc_twin?card=t1", true, "");
    connect(PROTOCOL_T1);
    serial_peer_fault(&peer, SERIAL_HANG_UP, 1);
    enum sc_error error = read_card(PROTOCOL_T1, 20);
    CHECK(error == SC_E_READER_UNAVAILABLE || error == SC_F_COMM_ERROR);
    CHECK(fake_wait_gone(&host, 0));
    CHECK(serial_peer_plug(&peer));
    CHECK(fake_wait_readers(&host, 2)); /* the second is the first, again */
    CHECK_EQ(power(1), SC_OK);
    end();
}

static void check_late(void)
{
    (void)unlink(peer.link);
    CHECK_EQ(start_driver(""), SC_OK);
    CHECK_EQ(host.count, 0);
    start_peer("gempc_twin?card=t1", true);
    CHECK(fake_wait_readers(&host, 1));
    connect(PROTOCOL_T1);
    CHECK_EQ(read_card(PROTOCOL_T1, 20), SC_OK);
    end();
}

/* Another program has the line: the reader is listed, and served when that is over. */
static void check_held(void)
{
    start_peer("gempc_twin?card=t1", true);
    int other = open(peer.link, O_RDWR | O_NOCTTY | O_CLOEXEC);
    CHECK(other >= 0 && flock(other, LOCK_EX | LOCK_NB) == 0);
    CHECK_EQ(start_driver(""), SC_OK);
    CHECK(fake_wait_readers(&host, 1));
    CHECK(host.readers[0].info.taken);
    close(other);
    CHECK(fake_wait_readers(&host, 2));
    CHECK(!host.readers[1].info.taken && host.readers[1].info.card_present);
    end();
}

/* What is no line, or has no reader, has no reader. */
static void check_no_line(void)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "%s/line", folder);
    CHECK_EQ(symlink("/dev/null", path), 0);
    CHECK_EQ(start_driver(""), SC_OK);
    CHECK_EQ(host.count, 0);
    fake_host_stop(&host);
    CHECK_EQ(unlink(path), 0);
    start_peer("gempc_twin", true);
    serial_peer_fault(&peer, SERIAL_REFUSED, UINT32_MAX);
    CHECK_EQ(start_driver(""), SC_OK);
    CHECK_EQ(host.count, 0);
    end();
}

static void check_uris(void)
{
    static const char *const uris[] = {"serial:",
                                       "serial:?type=gempctwin",
                                       "serial:/dev/ttyS0?type=nonsense",
                                       "serial:/dev/ttyS0?nonsense=1",
                                       "serial:/dev/ttyS0?voltage=12",
                                       "serial:/dev/ttyS0?apdu_timeout=0"};
    for (size_t i = 0; i < sizeof(uris) / sizeof(uris[0]); i++) {
        fake_host_init(&host, &ccid_serial_driver);
        CHECK_EQ(fake_host_start(&host, uris[i]), SC_E_INVALID_VALUE);
        fake_host_stop(&host);
    }
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 2;
    check_uris();
    check_sessions();
    check_slow_slot();
    check_cards();
    check_faults();
    check_hang_up();
    check_late();
    check_held();
    check_no_line();
    CHECK_EQ(rmdir(folder), 0);
    return check_result();
}
