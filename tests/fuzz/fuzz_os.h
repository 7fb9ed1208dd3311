/* SPDX-License-Identifier: BSD-2-Clause */
/* src/os in place of the real one, for harnesses with one thread: a clock that goes on
 * only when it is told to, and waits that are over at once. */
#ifndef TESTS_FUZZ_FUZZ_OS_H
#define TESTS_FUZZ_FUZZ_OS_H

#include <stdint.h>

void fuzz_os_begin(void);
void fuzz_os_pass(uint32_t ms);
void fuzz_os_until(uint64_t ms); /* not back */

#endif
