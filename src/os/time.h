/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks. */
#ifndef OS_TIME_H
#define OS_TIME_H

#include <stddef.h>
#include <stdint.h>

#define OS_FOREVER UINT64_MAX /* a deadline that never comes */

/* Milliseconds of a clock that never goes back. The origin is arbitrary. */
uint64_t os_now_ms(void);
/* The same, or up to 16 ms less, in a tenth of the time that it takes to look. */
uint64_t os_now_about_ms(void);
/* The same clock in nanoseconds, for measuring. */
uint64_t os_now_ns(void);
/* Milliseconds from now until deadline_ms, 0 when it has passed, at most INT_MAX: what
 * poll() wants, with -1 for OS_FOREVER. */
int os_ms_left(uint64_t deadline_ms);
/* So long from now; OS_FOREVER stays that. */
uint64_t os_deadline_ms(uint64_t timeout_ms);
/* "2026-01-31T12:00:00.123Z" of the wall clock; room for at least 25 bytes. */
void os_time_text(char *text, size_t room);

#endif
