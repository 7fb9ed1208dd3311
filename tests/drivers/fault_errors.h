/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of errors, for tables of what a fault may end in. */
#ifndef TESTS_DRIVERS_FAULT_ERRORS_H
#define TESTS_DRIVERS_FAULT_ERRORS_H

#include "base/error.h"

enum {
    OK = 1,
    COMM = 2,
    TIMEOUT = 4,
    REMOVED = 8, /* also NO_SMARTCARD */
    GONE = 0x10,
    MUTE = 0x20,
    OTHER = 0x40
};

static inline unsigned as_bit(enum sc_error error)
{
    switch ((unsigned)error) {
    case SC_OK:
        return OK;
    case SC_F_COMM_ERROR:
        return COMM;
    case SC_E_TIMEOUT:
        return TIMEOUT;
    case SC_W_REMOVED_CARD:
    case SC_E_NO_SMARTCARD:
        return REMOVED;
    case SC_E_READER_UNAVAILABLE:
        return GONE;
    case SC_W_UNRESPONSIVE_CARD:
        return MUTE;
    default:
        return OTHER;
    }
}

#endif
