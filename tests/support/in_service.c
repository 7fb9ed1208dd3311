/* SPDX-License-Identifier: BSD-2-Clause */
/* Linked into a test of the exported calls, it makes the test go through the service: a
 * server in this process, at a socket, with the test's own driver behind it. So the test
 * can tell the readers what to do, and needs to know nothing of all this. */
#include "tests/support/running.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static struct running running;
static pid_t owner;

/* Not in the child of a fork, which has no part in the server. */
static void stop(void)
{
    if (getpid() == owner)
        (void)running_stop(&running);
}

__attribute__((constructor)) static void start(void)
{
    char endpoint[OS_UNIX_PATH_MAX + 8];
    if (!running_start(&running, NULL))
        abort();
    owner = getpid();
    snprintf(endpoint, sizeof(endpoint), "unix:%s", running.path);
    setenv("WINSCARD_SERVICE", endpoint, 1);
    setenv("WINSCARD_CARRIER", "service", 1);
    atexit(stop);
}
