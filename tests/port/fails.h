/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks of calls that fail with a last error, for tests that also compile for Windows. */
#ifndef TESTS_PORT_FAILS_H
#define TESTS_PORT_FAILS_H

#include "tests/support/check.h"

#define NO_ERROR_SET 0xE0DEAD00 /* as before the call */

/* The call gives `want`, and the last error is `code`. */
#define CHECK_FAILS_AS(call, want, code)                                                 \
    do {                                                                                 \
        SetLastError(NO_ERROR_SET);                                                      \
        const intptr_t check_result_of = (intptr_t)(call);                               \
        const DWORD check_error = GetLastError();                                        \
        CHECK_EQ(check_result_of, (intptr_t)(want));                                     \
        check_add(&check_count);                                                         \
        if (check_error != (DWORD)(code))                                                \
            CHECK_FAILED("%s leaves the last error %u, want %u (%s)", #call,             \
                         (unsigned)check_error, (unsigned)(code), #code);                \
    } while (0)

/* FALSE, NULL or 0. */
#define CHECK_FAILS(call, code) CHECK_FAILS_AS(call, 0, code)

#endif
