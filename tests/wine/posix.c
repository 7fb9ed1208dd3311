/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/wine/posix.h"

#include <direct.h>
#include <process.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* Of the tests' winscard.dll. */
void set_unix_variable(const char *name, const char *value);
uint64_t unix_now_ns(void);

int setenv(const char *name, const char *value, int overwrite)
{
    (void)overwrite;
    set_unix_variable(name, value);
    return 0;
}

int unsetenv(const char *name)
{
    set_unix_variable(name, NULL);
    return 0;
}

char *mkdtemp(char *path)
{
    char *end = path + strlen(path) - 6;
    snprintf(end, 7, "%06u", (unsigned)_getpid() % 1000000);
    return _mkdir(path) == 0 ? path : NULL;
}

int unix_clock(int clock, struct timespec *now)
{
    uint64_t ns = unix_now_ns();
    (void)clock;
    now->tv_sec = (time_t)(ns / 1000000000);
    now->tv_nsec = (long)(ns % 1000000000);
    return 0;
}
