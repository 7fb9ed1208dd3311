/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef TESTS_CONFORMANCE_RUN_H
#define TESTS_CONFORMANCE_RUN_H

#include "tests/conformance/row.h"
#include "tests/conformance/system.h"

enum {
    RUN_LINE_ROOM = 512, /* bytes of a line that a row says */
    RUN_HANG_MS = 60000  /* after which a row hangs */
};

/* Runs the row with the library that is loaded, and ends the process. */
void run_row(const struct row_set *set, const struct row *row, const char *reader);

#endif
