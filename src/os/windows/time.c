/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks of Windows. GetTickCount64() has ticks of up to 16 ms, which is too coarse for a
 * card's times, so all are the performance counter's. */
#include "os/windows/api.h"

#include "os/time.h"

#include <stdbool.h>
#include <stdio.h>

enum { NS_PER_MS = 1000000 };
#define NS_PER_S UINT64_C(1000000000)

/* Counts per second: fixed while the system runs, so that reading it twice does no harm. */
static uint64_t counter_frequency(void)
{
    static LONG64 known;
    LONG64 frequency = InterlockedCompareExchange64(&known, 0, 0);
    if (frequency == 0) {
        LARGE_INTEGER read;
        (void)QueryPerformanceFrequency(&read); /* cannot fail since Windows XP */
        frequency = read.QuadPart;
        (void)InterlockedExchange64(&known, frequency);
    }
    return (uint64_t)frequency;
}

uint64_t os_now_ns(void)
{
    LARGE_INTEGER counter;
    (void)QueryPerformanceCounter(&counter);
    uint64_t count = (uint64_t)counter.QuadPart, frequency = counter_frequency();
    /* In two parts, as the product of both would have more than 64 bits after hours. */
    return count / frequency * NS_PER_S + count % frequency * NS_PER_S / frequency;
}

uint64_t os_now_ms(void)
{
    return os_now_ns() / NS_PER_MS;
}

uint64_t os_now_about_ms(void)
{
    return os_now_ms();
}

void os_time_text(char *text, size_t room)
{
    SYSTEMTIME now;
    GetSystemTime(&now);
    (void)snprintf(text, room, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ", now.wYear,
                   now.wMonth, now.wDay, now.wHour, now.wMinute, now.wSecond,
                   now.wMilliseconds);
}
