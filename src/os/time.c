/* SPDX-License-Identifier: BSD-2-Clause */
/* Deadlines, on whatever clock the system has. */
#include "os/time.h"

#include <limits.h>

int os_ms_left(uint64_t deadline_ms)
{
    if (deadline_ms == OS_FOREVER)
        return -1;
    uint64_t now_ms = os_now_ms();
    uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

uint64_t os_deadline_ms(uint64_t timeout_ms)
{
    return timeout_ms == OS_FOREVER ? OS_FOREVER : os_now_ms() + timeout_ms;
}
