/* SPDX-License-Identifier: BSD-2-Clause */
/* What the calls of a test program gave. If WINSCARD_TEST_RESULTS names a file, each
 * error that a call gave becomes a line of it, once: ABI, call, and the code in hex, as
 * "windows SCardConnectA 80100009". The file is made anew when the program starts. */
#ifndef TESTS_ABI_RECORDER_H
#define TESTS_ABI_RECORDER_H

#include <stdint.h>

enum { RECORDER_ERRORS_MAX = 32 /* different ones of a call, more are left out */ };

struct recorder_call {
    const char *name;                     /* with its ABI */
    uint32_t errors[RECORDER_ERRORS_MAX]; /* atomic, 0: free */
};

void recorder_keep(struct recorder_call *call, uint32_t status);

#endif
