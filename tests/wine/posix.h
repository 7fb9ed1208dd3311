/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of tests/face use of POSIX and mingw-w64 has not. */
#ifndef TESTS_WINE_POSIX_H
#define TESTS_WINE_POSIX_H

/* Of the Unix process, where the library's settings are; always overwrites. */
int setenv(const char *name, const char *value, int overwrite);
int unsetenv(const char *name);
/* The path is the same on both sides, as the tests' current folder is on drive Z. */
char *mkdtemp(char *path);

/* The library's clock: that of Windows begins its milliseconds at other times. */
#include <pthread.h>
#include <time.h>
int unix_clock(int clock, struct timespec *now);
#define clock_gettime unix_clock

/* A thread of the Unix process, which is there for a moment longer than Windows' own is. */
#include <stdbool.h>
#include <stdint.h>
uint64_t unix_thread_number(void);
bool unix_thread_has_ended(uint64_t number);

#define INFINITE 0xFFFFFFFF /* of winbase.h */

#endif
