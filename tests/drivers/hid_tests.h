/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of hid: have in common: the driver over simulated tokens, and jobs of it. */
#ifndef TESTS_DRIVERS_HID_TESTS_H
#define TESTS_DRIVERS_HID_TESTS_H

#include "tests/support/check.h"

#include "os/thread.h"
#include "os/time.h"
#include "tests/drivers/hid_peer.h"
#include "tests/support/fake_host.h"
#include "tests/support/hex.h"

enum { HID_TEST_ROOM = DRIVER_TRANSFER_MAX, HID_TEST_SOON_MS = CHECK_HANG_MS };

static struct driver hid_test_driver;
static uint8_t in[HID_TEST_ROOM], out[HID_TEST_ROOM];
static size_t in_size, out_size;

static enum sc_error hid_test_start(const char *uri, struct driver_host *host,
                                    void **self)
{
    return hid_start_on(&hid_peer_bus, uri, host, self);
}

static inline enum sc_error start(struct fake_host *host, const char *uri)
{
    hid_test_driver = hid_driver;
    hid_test_driver.start = hid_test_start;
    fake_host_init(host, &hid_test_driver);
    return fake_host_start(host, uri);
}

static inline enum sc_error power(struct fake_host *host, uint32_t reader,
                                  enum power_action action)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    return fake_power(host, reader, action, HID_TEST_SOON_MS, atr, &size);
}

static inline enum sc_error send_in(struct fake_host *host, uint32_t reader,
                                    uint64_t in_ms, const char *command)
{
    out_size = 0;
    in_size = hex(command, in, sizeof(in));
    return fake_transmit(host, reader, PROTOCOL_T1, in_ms, in, in_size, out, sizeof(out),
                         &out_size);
}

static inline enum sc_error send(struct fake_host *host, uint32_t reader,
                                 const char *command)
{
    return send_in(host, reader, HID_TEST_SOON_MS, command);
}

/* Its status word. */
static inline unsigned sw(void)
{
    return out_size < 2 ? 0 : (unsigned)out[out_size - 2] << 8 | out[out_size - 1];
}

/* The answer is these bytes. */
static inline void check_answer(const char *text)
{
    uint8_t bytes[512];
    size_t size = hex(text, bytes, sizeof(bytes));
    check_add(&check_count);
    if (out_size != size || memcmp(out, bytes, size) != 0)
        CHECK_FAILED("%zu bytes, %02X..., SW %04X, want %s", out_size, (unsigned)out[0],
                     sw(), text);
}

#define SELECT_FIDO "00A4040008A0000006472F000100"
#define GET_INFO    "801000000104"

/* The first reader, with power, and the application selected. */
static inline void start_selected(struct fake_host *host, const char *uri)
{
    CHECK_EQ(start(host, uri), SC_OK);
    CHECK(fake_wait_readers(host, 1));
    CHECK_EQ(power(host, 0, POWER_COLD_RESET), SC_OK);
    CHECK_EQ(send(host, 0, SELECT_FIDO), SC_OK);
    CHECK_EQ(sw(), 0x9000);
}

#endif
