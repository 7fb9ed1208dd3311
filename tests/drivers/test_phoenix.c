/* SPDX-License-Identifier: BSD-2-Clause */
/* The driver of Phoenix readers, over a pseudoterminal with a simulated card behind it:
 * resets, both conventions, rates, T=0 and T=1, damaged characters, a card that is pulled, a
 * line that goes. */
#include "drivers/phoenix/phoenix.h"
#include "os/time.h"
#include "tests/drivers/phoenix_peer.h"
#include "tests/support/check.h"
#include "tests/support/fake_host.h"
#include "tests/support/hang.h"
#include "tests/support/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char folder[] = "/tmp/winscard-phoenix-XXXXXX";
static struct fake_host host;

/* --- The two ends --------------------------------------------------------------------- */

/* A Phoenix reader as it is usually wired, with this card. */
static void plan(uint32_t protocols, const char *atr)
{
    memset(&phoenix_peer, 0, sizeof(phoenix_peer));
    (void)snprintf(phoenix_peer.link, sizeof(phoenix_peer.link), "%s/line", folder);
    phoenix_peer.options.soft.protocols = protocols;
    (void)snprintf(phoenix_peer.options.soft.pin, sizeof(phoenix_peer.options.soft.pin),
                   "123456");
    phoenix_peer.options.atr_size =
        hex(atr, phoenix_peer.options.atr, sizeof(phoenix_peer.options.atr));
    phoenix_peer.clock_hz = 3571200;
    phoenix_peer.reset = OS_SERIAL_RTS;
    phoenix_peer.power = OS_SERIAL_DTR;
    phoenix_peer.detect = OS_SERIAL_CD;
    phoenix_peer.present = phoenix_peer.has_lines = true;
}

static void start_driver(const char *options)
{
    char uri[200];
    (void)snprintf(uri, sizeof(uri), "phoenix:%s/line%s", folder, options);
    fake_host_init(&host, &phoenix_driver);
    CHECK_EQ(fake_host_start(&host, uri), SC_OK);
    phoenix_driver.settle(host.self, true, OS_FOREVER);
}

static void begin(const char *options)
{
    if (!phoenix_peer_start())
        abort();
    start_driver(options);
    CHECK(fake_wait_readers(&host, 1));
}

static void end(void)
{
    fake_host_stop(&host);
    phoenix_peer_stop();
}

static enum sc_error reset(enum power_action action)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0, wanted = 0;
    enum sc_error error = fake_power(&host, 0, action, CHECK_HANG_MS, atr, &size);
    if (error != SC_OK || action == POWER_OFF)
        return error;
    const uint8_t *bytes = sim_card_atr_bytes(phoenix_peer.card, &wanted);
    CHECK_EQ(size, wanted);
    CHECK_MEM(atr, bytes, wanted);
    return error;
}

static void connect(uint32_t protocol)
{
    CHECK_EQ(reset(POWER_COLD_RESET), SC_OK);
    CHECK_EQ(fake_protocol(&host, 0, protocol), SC_OK);
}

static enum sc_error send(uint32_t protocol, const char *command, uint8_t *out,
                          size_t *size)
{
    uint8_t in[300];
    *size = 0;
    return fake_transmit(&host, 0, protocol, CHECK_HANG_MS, in,
                         hex(command, in, sizeof(in)), out, 300, size);
}

/* Bytes of a file of the card, each of which is its place. */
static enum sc_error read_card(uint32_t protocol, uint8_t count)
{
    char command[16];
    uint8_t out[300];
    size_t size = 0;
    (void)snprintf(command, sizeof(command), "00B08200%02X", (unsigned)count);
    enum sc_error error = send(protocol, "00A4040C05F0534F4654", out, &size);
    if (error == SC_OK)
        CHECK(size == 2 && out[0] == 0x90);
    if (error == SC_OK)
        error = send(protocol, command, out, &size);
    if (error != SC_OK)
        return error;
    CHECK_EQ(size, count + 2U);
    for (size_t i = 0; i + 2 < size; i++)
        CHECK_EQ(out[i], (uint8_t)i);
    CHECK_MEM(out + count, "\x90\x00", 2);
    return SC_OK;
}

static uint32_t rate_now(void)
{
    os_mutex_lock(&phoenix_peer.lock);
    uint32_t rate = phoenix_peer.format.rate;
    os_mutex_unlock(&phoenix_peer.lock);
    return rate;
}

/* --- Sessions ------------------------------------------------------------------------- */

static void check_sessions(void)
{
    static const struct {
        uint32_t protocols, protocol;
        const char *atr, *options;
        uint32_t clock_hz, rate;
    } cases[] = {
        {PROTOCOL_T0, PROTOCOL_T0, "3B00", "", 3571200, 9600},
        {PROTOCOL_T1, PROTOCOL_T1, "3B800181", "", 3571200, 9600},
        /* Inverse, with a rate of its own; its guard time is two characters longer. */
        {PROTOCOL_T0, PROTOCOL_T0, "3F622502AABB", "", 3571200, 9600},
        {PROTOCOL_T0, PROTOCOL_T0, "3F1013", "", 3571200, 38400},
        {PROTOCOL_T0, PROTOCOL_T0, "3B1095", "?clock=3.68&max=200000", 3680000, 115000},
        {PROTOCOL_T1, PROTOCOL_T1, "3B90950104", "?clock=6&max=200000", 6000000, 187500},
        /* More than the line may: the next lower rate of the card. */
        {PROTOCOL_T0, PROTOCOL_T0, "3B1095", "?clock=6", 6000000, 93750},
        /* The shortest guard time. */
        {PROTOCOL_T1, PROTOCOL_T1, "3BC0FF013E", "", 3571200, 9600},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        plan(cases[i].protocols, cases[i].atr);
        phoenix_peer.clock_hz = cases[i].clock_hz;
        begin(cases[i].options);
        CHECK(host.readers[0].info.card_present);
        CHECK_EQ(host.readers[0].info.type, READER_TYPE_SERIAL);
        connect(cases[i].protocol);
        CHECK_EQ(rate_now(), cases[i].rate);
        for (uint32_t size = 1; size < 256; size += 63)
            CHECK_EQ(read_card(cases[i].protocol, (uint8_t)size), SC_OK);
        CHECK_EQ(reset(POWER_WARM_RESET), SC_OK);
        CHECK_EQ(fake_protocol(&host, 0, cases[i].protocol), SC_OK);
        CHECK_EQ(read_card(cases[i].protocol, 9), SC_OK);
        CHECK_EQ(reset(POWER_OFF), SC_OK);
        end();
    }
}

/* Smartmouse, and lines of other kinds. */
static void check_wires(void)
{
    static const struct {
        const char *options;
        uint32_t reset, power, detect;
        bool reset_inverted, power_inverted, detect_inverted;
    } cases[] = {
        {"?reset=-rts", OS_SERIAL_RTS, OS_SERIAL_DTR, OS_SERIAL_CD, true, false, false},
        {"?reset=dtr&power=rts&detect=cts", OS_SERIAL_DTR, OS_SERIAL_RTS, OS_SERIAL_CTS,
         false, false, false},
        {"?power=-dtr&detect=-dsr", OS_SERIAL_RTS, OS_SERIAL_DTR, OS_SERIAL_DSR, false,
         true, true},
        {"?power=none&detect=ri", OS_SERIAL_RTS, 0, OS_SERIAL_RI, false, false, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        plan(PROTOCOL_T1, "3B800181");
        phoenix_peer.reset = cases[i].reset;
        phoenix_peer.power = cases[i].power;
        phoenix_peer.detect = cases[i].detect;
        phoenix_peer.reset_inverted = cases[i].reset_inverted;
        phoenix_peer.power_inverted = cases[i].power_inverted;
        phoenix_peer.detect_inverted = cases[i].detect_inverted;
        begin(cases[i].options);
        CHECK(host.readers[0].info.card_present);
        connect(PROTOCOL_T1);
        CHECK_EQ(read_card(PROTOCOL_T1, 40), SC_OK);
        end();
    }
}

static void check_cards(void)
{
    plan(PROTOCOL_T0, "3B00");
    phoenix_peer.present = false;
    begin("");
    CHECK(!host.readers[0].info.card_present);
    CHECK_EQ(reset(POWER_COLD_RESET), SC_E_NO_SMARTCARD);
    CHECK_EQ(reset(POWER_OFF), SC_OK);
    phoenix_peer_move(true);
    CHECK(fake_wait_events(&host, 0, 1));
    connect(PROTOCOL_T0);
    CHECK_EQ(read_card(PROTOCOL_T0, 9), SC_OK);
    phoenix_peer_move(false);
    CHECK(fake_wait_events(&host, 0, 2));
    CHECK_EQ(read_card(PROTOCOL_T0, 9), SC_E_NO_SMARTCARD);
    phoenix_peer_move(true);
    CHECK(fake_wait_events(&host, 0, 3));
    CHECK_EQ(read_card(PROTOCOL_T0, 9), SC_W_REMOVED_CARD); /* another one */
    connect(PROTOCOL_T0);
    CHECK_EQ(read_card(PROTOCOL_T0, 9), SC_OK);
    /* Pulled in the middle of a command. */
    phoenix_peer_fault(PHOENIX_PULLED);
    enum sc_error error = read_card(PROTOCOL_T0, 9);
    CHECK(error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD);
    end();
    /* A reader without such a line, and one whose port has none. */
    plan(PROTOCOL_T0, "3B00");
    phoenix_peer.present = false;
    begin("?detect=none");
    CHECK(host.readers[0].info.card_present);
    CHECK_EQ(reset(POWER_COLD_RESET), SC_W_UNRESPONSIVE_CARD);
    end();
    plan(PROTOCOL_T0, "3B00");
    phoenix_peer.has_lines = false;
    begin("");
    CHECK(!host.readers[0].info.card_present);
    end();
}

/* --- What goes wrong ------------------------------------------------------------------- */

/* T=1 sends its blocks again; T=0 has nothing of that kind, and the command fails. */
static void check_faults(void)
{
    static const enum phoenix_fault faults[] = {
        PHOENIX_PARITY, PHOENIX_LOST, PHOENIX_DOUBLED, PHOENIX_SILENT, PHOENIX_DEAF};
    for (uint32_t protocol = PROTOCOL_T0; protocol <= PROTOCOL_T1; protocol++) {
        plan(protocol, protocol == PROTOCOL_T0 ? "3B00" : "3B800181");
        begin("?apdu_timeout=60000");
        for (size_t i = 0; i < sizeof(faults) / sizeof(faults[0]); i++) {
            connect(protocol);
            phoenix_peer_fault(faults[i]);
            enum sc_error error = read_card(protocol, 100);
            CHECK(!phoenix_peer_is_due());
            if (error != SC_OK)
                printf("T=%u, fault %d: %s\n", (unsigned)protocol - 1, (int)faults[i],
                       sc_error_words(error));
            if (protocol == PROTOCOL_T1 && faults[i] != PHOENIX_DEAF)
                CHECK_EQ(error, SC_OK);
            else
                CHECK(error == SC_F_COMM_ERROR || error == SC_OK);
            CHECK(!host.readers[0].gone);
        }
        connect(protocol);
        CHECK_EQ(read_card(protocol, 100), SC_OK);
        end();
    }
}

/* What is no ATR, or stops in its middle. */
static void check_mute_cards(void)
{
    static const char *const atrs[] = {"41", "3B", "3BFF11", "3B8080"};
    for (size_t i = 0; i < sizeof(atrs) / sizeof(atrs[0]); i++) {
        uint8_t atr[DRIVER_ATR_MAX];
        size_t size = 0;
        plan(PROTOCOL_T0, atrs[i]);
        begin("");
        CHECK_EQ(fake_power(&host, 0, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size),
                 SC_W_UNRESPONSIVE_CARD);
        CHECK_EQ(phoenix_peer.resets, 3);
        end();
    }
}

static void check_hang_up(void)
{
    plan(PROTOCOL_T1, "3B800181");
    begin("");
    connect(PROTOCOL_T1);
    phoenix_peer_fault(PHOENIX_HANG_UP);
    CHECK_EQ(read_card(PROTOCOL_T1, 20), SC_E_READER_UNAVAILABLE);
    CHECK(fake_wait_gone(&host, 0));
    CHECK(phoenix_peer_plug());
    CHECK(fake_wait_readers(&host, 2));
    CHECK(host.readers[1].info.card_present);
    end();
}

/* A job that is to end does so, and the next one is none the worse for it. */
static void check_stop(void)
{
    plan(PROTOCOL_T1, "3B800181");
    begin("");
    connect(PROTOCOL_T1);
    fake_stop_next(&host, 0);
    CHECK_EQ(read_card(PROTOCOL_T1, 20), SC_E_CANCELLED);
    connect(PROTOCOL_T1);
    CHECK_EQ(read_card(PROTOCOL_T1, 20), SC_OK);
    end();
}

static void check_uris(void)
{
    static const char *const options[] = {
        "?clock=0",    "?clock=21",    "?clock=3.", "?clock=x",
        "?clock=",     "?reset=none",  "?reset=cd", "?power=cts",
        "?detect=dtr", "?reset=--rts", "?max=0",    "?t0=block",
        "?nonsense=1", "?power=rts",   "?detect=",  "?apdu_timeout=0"};
    char uri[100];
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++) {
        (void)snprintf(uri, sizeof(uri), "phoenix:/dev/null%s", options[i]);
        fake_host_init(&host, &phoenix_driver);
        bool taken = fake_host_start(&host, uri) == SC_OK;
        if (taken != (strcmp(options[i], "?clock=3.") == 0))
            printf("%s\n", uri);
        CHECK(taken == (strcmp(options[i], "?clock=3.") == 0));
        fake_host_stop(&host);
    }
    fake_host_init(&host, &phoenix_driver);
    CHECK_EQ(fake_host_start(&host, "phoenix:"), SC_E_INVALID_VALUE);
    fake_host_stop(&host);
}

int main(void)
{
    if (mkdtemp(folder) == NULL)
        return 2;
    check_uris();
    check_sessions();
    check_wires();
    check_cards();
    check_faults();
    check_mute_cards();
    check_hang_up();
    check_stop();
    CHECK_EQ(rmdir(folder), 0);
    return check_result();
}
