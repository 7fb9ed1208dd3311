/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of pcscd's protocol begin with: a service in this process with two
 * readers of support/fake.c, a card in the first, and a client that stays, with which the
 * readers start. */
#ifndef TESTS_SUPPORT_LITE_SERVICE_H
#define TESTS_SUPPORT_LITE_SERVICE_H

#include "tests/support/check.h"
#include "tests/support/fake.h"
#include "tests/support/lite.h"
#include "tests/support/running.h"

#include <stdlib.h>

#define READER "Fake Reader 00 00"
#define EMPTY  "Fake Reader 01 00"
#define BUSY   (LITE_ERROR + 0x0B)
#define RESET  (LITE_ERROR + 0x68)

/* The service waits so long for what does not end: STOP_MS of service/server.c. */
enum { STOPS_IN_VAIN_MS = 5000 };

static struct running service;

/* The status of the program. */
static inline int lite_run_tests(void (*const tests[])(void), size_t count)
{
    struct lite first;
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    if (!running_start(&service, NULL))
        return 1;
    CHECK(lite_open(&first, service.pcscd_path, 4));
    fake_insert(0);
    for (size_t i = 0; i < count; i++) {
        tests[i]();
        CHECK(running_settles(&service, 1)); /* the last one's handles are gone */
    }
    lite_close(&first);
    CHECK(running_stop(&service) < STOPS_IN_VAIN_MS);
    return check_result();
}

#endif
