/* SPDX-License-Identifier: BSD-2-Clause */
/* Serial lines: bytes as they are, without flow control. One thread may read, one write, and
 * others may raise the wake-ups of both. Linux and Windows. */
#ifndef OS_SERIAL_H
#define OS_SERIAL_H

#include "base/compiler.h"
#include "base/error.h"
#include "os/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct os_serial {
    intptr_t native; /* -1: it is not open */
};
/* clang-format off */
#define OS_SERIAL_NONE {-1}
/* clang-format on */

enum os_parity { OS_PARITY_NONE, OS_PARITY_EVEN, OS_PARITY_ODD };

struct os_serial_format {
    uint32_t rate; /* bit/s; any that the line can make */
    enum os_parity parity;
    uint32_t stop_bits; /* 1 or 2; there are 8 data bits */
    /* A byte whose parity is wrong, or whose stop bit is missing, is read as FF 00 and what
     * came of it, and FF as FF FF; on Windows, the first of those that came together. Without
     * it parity is not looked at. */
    bool marks_damage;
};

/* Whether a line that makes `got` instead of `wanted` serves: 3 % are what a character
 * bears. */
static inline bool os_serial_rate_serves(uint32_t wanted, uint32_t got)
{
    enum { OFF_PERCENT = 3 };
    uint32_t off = wanted > got ? wanted - got : got - wanted;
    return off <= wanted / 100 * OFF_PERCENT;
}

/* The modem's lines: the first two are ours. */
enum {
    OS_SERIAL_DTR = 1 << 0,
    OS_SERIAL_RTS = 1 << 1,
    OS_SERIAL_CTS = 1 << 2,
    OS_SERIAL_DSR = 1 << 3,
    OS_SERIAL_CD = 1 << 4,
    OS_SERIAL_RI = 1 << 5
};

/* Opens one for this process alone, as far as programs heed each other (an exclusive
 * terminal, and flock()). Errors: SC_E_FILE_NOT_FOUND, SC_E_NO_ACCESS, SC_E_INVALID_VALUE
 * (it is not a serial line), SC_E_SHARING_VIOLATION (another program has it),
 * SC_E_NO_MEMORY (no more descriptors), SC_E_READER_UNAVAILABLE (the device does not
 * answer). */
enum sc_error os_serial_open(const char *path, struct os_serial *serial) MUST_CHECK;
/* Also if it is not open. */
void os_serial_close(struct os_serial *serial);
/* After what was written has gone. Errors: SC_E_INVALID_VALUE (it cannot, or only with a rate
 * that is off by more than 3 %), SC_E_READER_UNAVAILABLE. */
enum sc_error os_serial_set_format(struct os_serial serial,
                                   const struct os_serial_format *format) MUST_CHECK;
/* Drops what has come and was not read. */
void os_serial_flush(struct os_serial serial);

/* Writes all of it. `wake` may be NULL. Errors: SC_E_TIMEOUT, SC_E_CANCELLED (the wake-up is
 * raised), SC_E_READER_UNAVAILABLE (the device is gone); then an unknown part was written. */
enum sc_error os_serial_write(struct os_serial serial, const void *bytes, size_t size,
                              uint64_t deadline_ms,
                              const struct os_wake *wake) MUST_CHECK;
/* Waits for one byte at least, and takes those that are there: *size. Errors as above. */
enum sc_error os_serial_read(struct os_serial serial, void *bytes, size_t room,
                             size_t *size, uint64_t deadline_ms,
                             const struct os_wake *wake) MUST_CHECK;

/* Sets DTR, RTS or both, as far as there are such lines. */
void os_serial_set_lines(struct os_serial serial, uint32_t lines, bool on);
/* Errors: SC_E_UNSUPPORTED_FEATURE (it has none), SC_E_READER_UNAVAILABLE. */
enum sc_error os_serial_get_lines(struct os_serial serial, uint32_t *lines) MUST_CHECK;

#endif
