/* SPDX-License-Identifier: BSD-2-Clause */
/* Cards at a vpcd slot that hang, end, and send garbage: each gives its error in time,
 * and the next card finds the slot in order. */
#include "tests/support/check.h"

#include "drivers/vpcd/vpcd.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/support/fake_host.h"
#include "tests/support/fake_vicc.h"

#include <stdlib.h>

enum { ROOM = DRIVER_TRANSFER_MAX, SOON_MS = CHECK_HANG_MS, SHORT_MS = 150 };

static const uint8_t command[] = {0x80, 0x10, 0x00, 0x10};
static uint8_t out[ROOM], large[65535];
static struct fake_host host;
static struct fake_vicc vicc;
static uint16_t port;
static uint32_t events; /* that the host should have seen */

static void insert(enum vicc_act on_atr, enum vicc_act on_command)
{
    fake_vicc_start(&vicc, port, on_atr, on_command);
    CHECK(fake_wait_events(&host, 0, ++events));
}

/* Waits until the host knows that the card is out. */
static void check_removed(void)
{
    CHECK(fake_wait_events(&host, 0, ++events));
    CHECK(!fake_present(&host, 0));
    fake_vicc_stop(&vicc);
}

static void pull(void)
{
    fake_vicc_stop(&vicc);
    CHECK(fake_wait_events(&host, 0, ++events));
}

static enum sc_error power(uint64_t in_ms)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    return fake_power(&host, 0, POWER_COLD_RESET, in_ms, atr, &size);
}

static enum sc_error send(uint64_t in_ms)
{
    size_t size = 0;
    enum sc_error error = fake_transmit(&host, 0, PROTOCOL_T1, in_ms, command,
                                        sizeof(command), out, ROOM, &size);
    CHECK(error != SC_OK || (size == 18 && out[15] == 15) || size == 65535);
    return error;
}

/* The slot works with a card that is as it should be. */
static void check_usable(void)
{
    insert(VICC_ANSWER, VICC_ANSWER);
    CHECK_EQ(power(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_OK);
    pull();
}

/* A card that answers a command like this gives this error, not later than it may, and
 * is dropped. */
static void check_command(enum vicc_act act, enum sc_error want, uint64_t within_ms)
{
    insert(VICC_ANSWER, act);
    CHECK_EQ(power(SOON_MS), SC_OK);
    uint64_t before_ms = os_now_ms();
    CHECK_EQ(send(SHORT_MS), want);
    CHECK(os_now_ms() - before_ms < within_ms);
    check_removed();
    CHECK_EQ(send(SOON_MS), SC_E_NO_SMARTCARD);
    check_usable();
}

static void check_commands(void)
{
    check_command(VICC_EMPTY, SC_F_COMM_ERROR, 3000);
    check_command(VICC_ONE_BYTE, SC_F_COMM_ERROR, 3000);
    check_command(VICC_CLOSE, SC_W_REMOVED_CARD, 3000);
    check_command(VICC_HALF_CLOSE, SC_W_REMOVED_CARD, 3000);
    check_command(VICC_HANG, SC_E_TIMEOUT, SHORT_MS + 1500);
    check_command(VICC_HALF_HANG, SC_E_TIMEOUT, SHORT_MS + 1500);
}

static void check_atr(enum vicc_act act, enum sc_error want, bool dropped)
{
    insert(act, VICC_ANSWER);
    uint64_t before_ms = os_now_ms();
    CHECK_EQ(power(SHORT_MS), want);
    CHECK(os_now_ms() - before_ms < SHORT_MS + 1500);
    CHECK(send(SHORT_MS) != SC_OK);
    if (dropped)
        check_removed();
    else
        pull();
    check_usable();
}

static void check_atrs(void)
{
    check_atr(VICC_EMPTY, SC_E_NO_SMARTCARD, true);
    check_atr(VICC_CLOSE, SC_E_NO_SMARTCARD, true);
    check_atr(VICC_HALF_CLOSE, SC_E_NO_SMARTCARD, true);
    check_atr(VICC_HANG, SC_E_TIMEOUT, true);
    check_atr(VICC_HALF_HANG, SC_E_TIMEOUT, true);
    /* frames that are whole, but no ATR: the stream is in step, the card mute */
    check_atr(VICC_SHORT_ATR, SC_W_UNRESPONSIVE_CARD, false);
    check_atr(VICC_BAD_ATR, SC_W_UNRESPONSIVE_CARD, false);
    check_atr(VICC_LONG_ATR, SC_W_UNRESPONSIVE_CARD, false);
    check_atr(VICC_LONG, SC_W_UNRESPONSIVE_CARD, false);
}

/* Bytes that nobody asked for are found before the next command goes out. */
static void check_unasked(void)
{
    insert(VICC_ANSWER, VICC_GLUED);
    CHECK_EQ(power(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_F_COMM_ERROR);
    check_removed();
    check_usable();
    insert(VICC_ANSWER, VICC_TWICE_LATE);
    CHECK_EQ(power(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_OK);
    CHECK_EQ(os_poll(NULL, 0, NULL, os_now_ms() + 200), SC_E_TIMEOUT);
    CHECK_EQ(power(SOON_MS), SC_F_COMM_ERROR);
    check_removed();
    vicc.speaks_first = true;
    insert(VICC_ANSWER, VICC_ANSWER);
    CHECK_EQ(os_poll(NULL, 0, NULL, os_now_ms() + 100), SC_E_TIMEOUT);
    CHECK_EQ(power(SOON_MS), SC_F_COMM_ERROR);
    check_removed();
    vicc.speaks_first = false;
    check_usable();
}

/* A slow answer in pieces, and the longest there is. */
static void check_odd_but_right(void)
{
    insert(VICC_DRIP, VICC_DRIP);
    CHECK_EQ(power(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_OK);
    pull();
    insert(VICC_ANSWER, VICC_LONG);
    CHECK_EQ(power(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_OK);
    pull();
}

/* A card that reads nothing: neither a long command nor an abort hangs. */
static void check_deaf(void)
{
    size_t size = 0;
    insert(VICC_ANSWER, VICC_DEAF);
    CHECK_EQ(power(SOON_MS), SC_OK);
    uint64_t before_ms = os_now_ms();
    enum sc_error error = SC_OK;
    error = fake_transmit(&host, 0, PROTOCOL_T1, SHORT_MS, large, sizeof(large), out,
                          ROOM, &size);
    CHECK_EQ(error, SC_E_TIMEOUT);
    CHECK(os_now_ms() - before_ms < SHORT_MS + 1500);
    check_removed();
    check_usable();
}

static void abort_soon(void *context)
{
    (void)context;
    if (os_poll(NULL, 0, NULL, os_now_ms() + 60) == SC_E_TIMEOUT)
        fake_abort(&host, 0);
}

static void check_abort(void)
{
    struct os_thread thread;
    insert(VICC_ANSWER, VICC_HANG);
    CHECK_EQ(power(SOON_MS), SC_OK);
    CHECK_EQ(os_thread_start(&thread, "abort", abort_soon, NULL), SC_OK);
    uint64_t before_ms = os_now_ms();
    CHECK_EQ(send(SOON_MS), SC_E_CANCELLED);
    CHECK(os_now_ms() - before_ms < 3000);
    os_thread_join(&thread);
    check_removed();
    fake_abort(&host, 0);
    check_usable();
}

/* The card ends while the answer is on its way: what came whole is handed out. */
static void check_end_behind_answer(void)
{
    insert(VICC_ANSWER, VICC_ANSWER);
    CHECK_EQ(power(SOON_MS), SC_OK);
    CHECK_EQ(send(SOON_MS), SC_OK);
    fake_vicc_stop(&vicc);
    enum sc_error error = send(SOON_MS);
    CHECK(error == SC_W_REMOVED_CARD || error == SC_E_NO_SMARTCARD);
    CHECK(fake_wait_events(&host, 0, ++events));
    check_usable();
}

/* The limits of the URI, shorter than the host's. The card does not answer when it is powered,
 * or to its first command. */
static void check_own_timeout(enum vicc_act powered)
{
    struct fake_host limited;
    uint8_t text[8] = {0}, atr[DRIVER_ATR_MAX];
    size_t size = 0;
    bool answers = powered == VICC_ANSWER;
    fake_host_init(&limited, &vpcd_driver);
    CHECK_EQ(fake_host_start(&limited, answers ? "vpcd:0?apdu_timeout=100"
                                               : "vpcd:0?atr_timeout=100"),
             SC_OK);
    CHECK_EQ(fake_control(&limited, 0, VPCD_IOCTL_PORT, NULL, 0, text, 7, &size), SC_OK);
    fake_vicc_start(&vicc, (uint16_t)strtoul((const char *)text, NULL, 10), powered,
                    VICC_HANG);
    CHECK(fake_wait_events(&limited, 0, 1));
    uint64_t before_ms = os_now_ms();
    CHECK_EQ(fake_power(&limited, 0, POWER_COLD_RESET, SOON_MS, atr, &size),
             answers ? SC_OK : SC_E_TIMEOUT);
    if (answers) {
        before_ms = os_now_ms();
        CHECK_EQ(fake_transmit(&limited, 0, PROTOCOL_T1, SOON_MS, command, 4, out, ROOM,
                               &size),
                 SC_E_TIMEOUT);
    }
    CHECK(os_now_ms() - before_ms >= 100);
    CHECK(fake_vicc_wait_closed(&vicc));
    fake_vicc_stop(&vicc);
    fake_host_stop(&limited);
}

int main(void)
{
    uint8_t text[8] = {0};
    size_t size = 0;
    fake_host_init(&host, &vpcd_driver);
    CHECK_EQ(fake_host_start(&host, "vpcd:0"), SC_OK);
    CHECK_EQ(fake_control(&host, 0, VPCD_IOCTL_PORT, NULL, 0, text, 7, &size), SC_OK);
    port = (uint16_t)strtoul((const char *)text, NULL, 10);
    check_usable();
    check_commands();
    check_atrs();
    check_unasked();
    check_odd_but_right();
    check_deaf();
    check_abort();
    check_end_behind_answer();
    check_own_timeout(VICC_ANSWER);
    check_own_timeout(VICC_HANG);
    fake_host_stop(&host);
    return check_result();
}
