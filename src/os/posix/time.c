/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* clock_gettime */
#endif
#include "os/time.h"

#include <stdio.h>
#include <time.h>

/* Linux: the time of the last tick, which is one of 1 to 10 ms. */
#if defined(CLOCK_MONOTONIC_COARSE)
#define CLOCK_OF_TICKS CLOCK_MONOTONIC_COARSE
#else
#define CLOCK_OF_TICKS CLOCK_MONOTONIC
#endif

static uint64_t read_clock(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t os_now_ns(void)
{
    return read_clock(CLOCK_MONOTONIC);
}

uint64_t os_now_ms(void)
{
    return read_clock(CLOCK_MONOTONIC) / 1000000U;
}

uint64_t os_now_about_ms(void)
{
    return read_clock(CLOCK_OF_TICKS) / 1000000U;
}

void os_time_text(char *text, size_t room)
{
    struct timespec now;
    struct tm parts;
    char seconds[24];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    (void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, room, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}
