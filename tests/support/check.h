/* SPDX-License-Identifier: BSD-2-Clause */
/* The test framework: CHECK prints what failed and goes on; main returns check_result().
 */
#ifndef TESTS_SUPPORT_CHECK_H
#define TESTS_SUPPORT_CHECK_H

#include "tests/support/hang.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#ifdef NDEBUG
#error "tests are not built with NDEBUG"
#endif

static unsigned check_count;
static unsigned check_failures;

/* Any thread of a test may check. */
static inline void check_add(unsigned *counter)
{
    __atomic_add_fetch(counter, 1, __ATOMIC_RELAXED);
}

#define CHECK_FAILED(...)                                                                \
    do {                                                                                 \
        check_add(&check_failures);                                                      \
        fprintf(stderr, "%s:%d: ", __FILE__, __LINE__);                                  \
        fprintf(stderr, __VA_ARGS__);                                                    \
        fputc('\n', stderr);                                                             \
    } while (0)

#define CHECK(condition)                                                                 \
    do {                                                                                 \
        check_add(&check_count);                                                         \
        if (!(condition))                                                                \
            CHECK_FAILED("not true: %s", #condition);                                    \
    } while (0)

/* Integers of any type; printed in hex. */
#define CHECK_EQ(got, want)                                                              \
    do {                                                                                 \
        uint64_t check_got = (uint64_t)(got), check_want = (uint64_t)(want);             \
        check_add(&check_count);                                                         \
        if (check_got != check_want)                                                     \
            CHECK_FAILED("%s is 0x%" PRIx64 ", want 0x%" PRIx64 " (%s)", #got,           \
                         check_got, check_want, #want);                                  \
    } while (0)

#define CHECK_STR(got, want)                                                             \
    do {                                                                                 \
        const char *check_got = (got), *check_want = (want);                             \
        check_add(&check_count);                                                         \
        if (check_got == NULL || strcmp(check_got, check_want) != 0)                     \
            CHECK_FAILED("%s is \"%s\", want \"%s\"", #got,                              \
                         check_got ? check_got : "(null)", check_want);                  \
    } while (0)

#define CHECK_MEM(got, want, size)                                                       \
    do {                                                                                 \
        check_add(&check_count);                                                         \
        if (memcmp((got), (want), (size)) != 0)                                          \
            CHECK_FAILED("%s differs from %s", #got, #want);                             \
    } while (0)

static inline int check_result(void)
{
    printf("%u checks, %u failed\n", check_count, check_failures);
    return check_failures == 0 && check_count > 0 ? 0 : 1;
}

#endif
