/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers of the tests' own IFD handler (ifd_handler.c), at the driver port. */
#ifndef TESTS_DRIVERS_IFD_TEST_H
#define TESTS_DRIVERS_IFD_TEST_H

#include "tests/support/check.h"

#include "drivers/ifd/ifd.h"
#include "tests/support/fake_host.h"
#include "tests/support/hex.h"

#include <stdlib.h>

enum { IFD_ROOM = DRIVER_TRANSFER_MAX };

static uint8_t ifd_in[IFD_ROOM], ifd_out[IFD_ROOM];
static size_t ifd_size;

/* A reader whose device's name is this; `more`: other parameters. */
static inline void ifd_start(struct fake_host *host, const char *device, const char *more)
{
    char uri[600];
    (void)setenv("WINSCARD_IFD_PROGRAM", IFD_TEST_PROGRAM, 1);
    (void)snprintf(uri, sizeof(uri), "ifd:" IFD_TEST_HANDLER "?name=Tested&device=%s%s",
                   device, more);
    fake_host_init(host, &ifd_driver);
    CHECK_EQ(fake_host_start(host, uri), SC_OK);
}

static inline enum sc_error ifd_send(struct fake_host *host, uint32_t reader,
                                     uint64_t in_ms, const char *command)
{
    ifd_size = 0;
    return fake_transmit(host, reader, PROTOCOL_T1, in_ms, ifd_in,
                         hex(command, ifd_in, sizeof(ifd_in)), ifd_out, IFD_ROOM,
                         &ifd_size);
}

static inline enum sc_error ifd_power_on(struct fake_host *host, uint32_t reader)
{
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    enum sc_error error =
        fake_power(host, reader, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size);
    if (error == SC_OK) {
        CHECK_EQ(size, 5);
        CHECK_MEM(atr, "\x3B\x80\x80\x01\x01", 5);
        CHECK_EQ(fake_protocol(host, reader, PROTOCOL_T1), SC_OK);
    }
    return error;
}

/* The reader does what it should. */
static inline void ifd_check_works(struct fake_host *host, uint32_t reader)
{
    CHECK_EQ(ifd_power_on(host, reader), SC_OK);
    CHECK_EQ(ifd_send(host, reader, CHECK_HANG_MS, "00A4040000"), SC_OK);
    CHECK_EQ(ifd_size, 7);
    CHECK_MEM(ifd_out, "\x00\xA4\x04\x00\x00\x90\x00", 7);
}

#endif
