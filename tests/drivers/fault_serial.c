/* SPDX-License-Identifier: BSD-2-Clause */
/* The faults of a simulated reader's messages (tests/rig/sim/fault.h) over a serial line, at
 * the levels of exchange that serial readers have: each ends in an error of
 * src/manager/driver.h, and after a reset the next command works; or the reader has left, as
 * there is no abort on a serial line, and comes back. What the line itself does wrong is in
 * test_serial.c. */
#include "drivers/ccid_serial/ccid_serial.h"
#include "os/socket.h"
#include "os/time.h"
#include "tests/drivers/fault_errors.h"
#include "tests/drivers/serial_peer.h"
#include "tests/rig/sim/fault.h"
#include "tests/support/check.h"
#include "tests/support/fake_host.h"

#include <stdlib.h>
#include <unistd.h>

enum {
    DEADLINE_MS = 200, /* of a command that may not end well */
    DATA = 0x50,       /* bytes that the card is asked for */
    PAUSE_MS = 100     /* before a card that was out is asked for again */
};

/* Not LENGTH_SMALL: one such frame in 256 has a check byte that is right. */
static const struct trouble {
    uint8_t fault, arg, count;
    unsigned errors;
} troubles[] = {
    {SIM_FAULT_SLOW, 1, 1, OK},
    {SIM_FAULT_SLOW, 20, 1, TIMEOUT},
    {SIM_FAULT_MUTE, 0, 1, TIMEOUT},
    {SIM_FAULT_STALE, 3, 1, OK},
    {SIM_FAULT_STALE, 30, 1, COMM | TIMEOUT},
    {SIM_FAULT_WRONG_SEQ, 0, 1, COMM | TIMEOUT},
    {SIM_FAULT_WRONG_SLOT, 0, 1, COMM | TIMEOUT},
    {SIM_FAULT_TIME_EXTENSION, 2, 1, OK},
    {SIM_FAULT_TIME_FOREVER, 1, 1, TIMEOUT},
    {SIM_FAULT_TIME_FOREVER, 0xFF, 1, TIMEOUT},
    {SIM_FAULT_LENGTH_LARGE, 1, 1, COMM | TIMEOUT},
    {SIM_FAULT_LENGTH_LARGE, 60, 1, COMM | TIMEOUT},
    {SIM_FAULT_SHORT_HEADER, 1, 1, COMM | TIMEOUT},
    {SIM_FAULT_SHORT_HEADER, 9, 1, COMM | TIMEOUT},
    {SIM_FAULT_GARBAGE_TYPE, 0x42, 1, COMM | TIMEOUT},
    {SIM_FAULT_BUSY, 0, 1, OK},
    {SIM_FAULT_BUSY, 0, 9, TIMEOUT},
    {SIM_FAULT_ERROR_MUTE, 0, 1, OK | COMM},
    {SIM_FAULT_ERROR_PARITY, 0, 1, OK | COMM},
    {SIM_FAULT_ERROR_OVERRUN, 0, 1, COMM},
    {SIM_FAULT_ERROR_HARDWARE, 0, 1, COMM},
    {SIM_FAULT_ERROR_AUTO_BUSY, 0, 1, OK},
    {SIM_FAULT_CHAIN_FOREVER, 0, 1, OK | COMM},
    {SIM_FAULT_REMOVE, 0, 1, REMOVED},
    {SIM_FAULT_SWAP, 0, 1, REMOVED},
    {SIM_FAULT_REMOVE_MUTE, 1, 1, REMOVED | TIMEOUT},
};

static char folder[] = "/tmp/winscard-serial-XXXXXX";
static struct serial_peer peer;
static struct fake_host host;
static uint32_t reader; /* the host's number of it: another one each time it comes back */

static void begin(const char *specification)
{
    char uri[200];
    memset(&peer, 0, sizeof(peer));
    (void)snprintf(peer.link, sizeof(peer.link), "%s/line", folder);
    peer.reader = specification;
    peer.echoes = true;
    if (!serial_peer_start(&peer))
        abort();
    (void)snprintf(uri, sizeof(uri), "serial:%s", peer.link);
    fake_host_init(&host, &ccid_serial_driver);
    CHECK_EQ(fake_host_start(&host, uri), SC_OK);
    ccid_serial_driver.settle(host.self, true, OS_FOREVER);
    CHECK(fake_wait_readers(&host, 1));
}

static enum sc_error connect(uint32_t protocol)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    enum sc_error error =
        fake_power(&host, reader, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size);
    return error == SC_OK ? fake_protocol(&host, reader, protocol) : error;
}

/* The card's own command for so many bytes, each of which is its place. */
static enum sc_error count_bytes(uint32_t protocol, uint64_t in_ms)
{
    static const uint8_t command[] = {0x80, 0xE0, 0x00, DATA, DATA};
    uint8_t out[300];
    size_t size = 0;
    enum sc_error error = fake_transmit(&host, reader, protocol, in_ms, command,
                                        sizeof(command), out, sizeof(out), &size);
    CHECK(error != SC_OK || (size == DATA + 2 && out[DATA - 1] == DATA - 1));
    return error;
}

static bool ask_for_fault(uint32_t protocol, const struct trouble *trouble)
{
    const uint8_t command[] = {SIM_FAULT_CLA, SIM_FAULT_INS, trouble->fault,
                               trouble->arg,  0x01,          trouble->count};
    uint8_t out[300];
    size_t size = 0;
    enum sc_error error = fake_transmit(&host, reader, protocol, CHECK_HANG_MS, command,
                                        sizeof(command), out, sizeof(out), &size);
    return error == SC_OK && size == 2 && out[0] == 0x90;
}

/* Until it works. */
static void recover(uint32_t protocol, const struct trouble *trouble)
{
    enum sc_error error = SC_E_NO_SMARTCARD;
    uint64_t until_ms = os_now_ms() + CHECK_HANG_MS;
    if (trouble->fault == SIM_FAULT_REMOVE || trouble->fault == SIM_FAULT_REMOVE_MUTE)
        sim_direct_insert(peer.direct, 0);
    while (error != SC_OK && os_now_ms() < until_ms) {
        error = connect(protocol);
        if (error == SC_E_READER_UNAVAILABLE) {
            CHECK(fake_wait_gone(&host, reader));
            reader++;
            CHECK(fake_wait_readers(&host, reader + 1));
        } else if (error != SC_OK) {
            (void)!os_poll(NULL, 0, NULL, os_now_ms() + PAUSE_MS);
        }
    }
    CHECK_EQ(error, SC_OK);
    CHECK_EQ(count_bytes(protocol, CHECK_HANG_MS), SC_OK);
}

static void strike(const char *what, uint32_t protocol, const struct trouble *trouble)
{
    unsigned before = check_failures;
    CHECK(ask_for_fault(protocol, trouble));
    uint64_t begin_ms = os_now_ms();
    enum sc_error error = count_bytes(
        protocol, (trouble->errors & TIMEOUT) == 0 ? CHECK_HANG_MS : DEADLINE_MS);
    uint64_t took_ms = os_now_ms() - begin_ms;
    CHECK((as_bit(error) & trouble->errors) != 0);
    recover(protocol, trouble);
    if (check_failures != before)
        fprintf(stderr, "... that was %s, fault %02X %u x %u: %s after %u ms\n", what,
                trouble->fault, trouble->arg, trouble->count, sc_error_name(error),
                (unsigned)took_ms);
}

int main(void)
{
    static const struct {
        const char *reader;
        uint32_t protocol;
    } levels[] = {{"gempc_twin?card=t0", PROTOCOL_T0},
                  {"gempc_twin?card=t1", PROTOCOL_T1}};
    if (mkdtemp(folder) == NULL)
        return 2;
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        reader = 0;
        begin(levels[i].reader);
        CHECK_EQ(connect(levels[i].protocol), SC_OK);
        for (size_t k = 0; k < sizeof(troubles) / sizeof(troubles[0]); k++)
            strike(levels[i].reader, levels[i].protocol, &troubles[k]);
        fake_host_stop(&host);
        serial_peer_stop(&peer);
    }
    CHECK_EQ(rmdir(folder), 0);
    return check_result();
}
