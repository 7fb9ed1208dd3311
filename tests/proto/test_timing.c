/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting times at the edges: unknown values, the largest ones, one block. */
#include "proto/timing.h"
#include "tests/support/check.h"

static void check_unknown(const struct timing *timing)
{
    CHECK_EQ(timing_etu_ns(timing), 0);
    CHECK_EQ(timing_character_us(timing), 0);
    CHECK_EQ(timing_bwt_us(timing), 0);
    CHECK_EQ(timing_cwt_us(timing), 0);
    CHECK_EQ(timing_bgt_us(timing), 0);
    CHECK_EQ(timing_wwt_us(timing), 0);
    CHECK_EQ(timing_t1_total_ms(timing), TIMING_FALLBACK_MS);
    CHECK_EQ(timing_t0_total_ms(timing), TIMING_FALLBACK_MS);
    CHECK_EQ(timing_t1_block_ms(timing, 1, 10), TIMING_FALLBACK_MS);
}

static void test_unknown(void)
{
    struct timing timing = {.clock_khz = 0, .f = 372, .d = 1, .wi = 10};
    check_unknown(&timing);
    timing = (struct timing){.clock_khz = 4000, .f = 0, .d = 1, .wi = 10};
    check_unknown(&timing);
    timing = (struct timing){.clock_khz = 4000, .f = 372, .d = 0, .wi = 10};
    check_unknown(&timing);
    CHECK_EQ(timing_baud(4000, 0, 1), 0);
}

static void test_guard(void)
{
    struct timing timing = {.clock_khz = 4000, .f = 372, .d = 1};
    CHECK_EQ(timing_character_us(&timing), 1116);
    timing.n = 2;
    CHECK_EQ(timing_character_us(&timing), 1302);
    timing.n = 255;
    CHECK_EQ(timing_character_us(&timing), 1116);
    timing.guard_f = 512;
    timing.guard_d = 32;
    CHECK_EQ(timing_character_us(&timing), 1116);
}

/* The extra guard time in units of its own: the same at any speed. */
static void test_own_guard(void)
{
    struct timing timing = {
        .clock_khz = 4000, .f = 372, .d = 1, .n = 10, .guard_f = 512, .guard_d = 32};
    CHECK_EQ(timing_character_us(&timing), 1156); /* 1116 and 40 */
    timing.f = 512;
    timing.d = 32;
    CHECK_EQ(timing_character_us(&timing), 88); /* 48 and 40 */
    timing.d = 64;
    CHECK_EQ(timing_character_us(&timing), 64); /* 24 and 40 */
    timing = (struct timing){
        .clock_khz = 4000, .f = 512, .d = 64, .n = 10, .guard_f = 372, .guard_d = 1};
    CHECK_EQ(timing_character_us(&timing), 954); /* 24 and 930 */
    /* Each alone does not count. */
    timing.guard_d = 0;
    CHECK_EQ(timing_character_us(&timing), 44);
    timing.guard_d = 1;
    timing.guard_f = 0;
    CHECK_EQ(timing_character_us(&timing), 44);
}

static void test_block(void)
{
    /* BWT 1428.736 ms, CWT 1 ms */
    struct timing timing = {.clock_khz = 4000, .f = 372, .d = 4, .bwi = 4, .cwi = 5};
    CHECK_EQ(timing_t1_block_ms(&timing, 1, 0), 2429);
    CHECK_EQ(timing_t1_block_ms(&timing, 0, 0), 2429);
    CHECK_EQ(timing_t1_block_ms(&timing, 1, 100), 2529);
    CHECK_EQ(timing_t1_block_ms(&timing, 2, 100), 3958);
    CHECK_EQ(timing_t1_block_ms(&timing, 2, 260), timing_t1_block_ms(&timing, 2, 1000));
    CHECK_EQ(timing_t1_block_ms(&timing, 255, 1), timing_t1_block_ms(&timing, 4000, 1));
}

/* BWI above 9 is reserved and taken as 9. */
static void test_bwi_limit(void)
{
    struct timing nine = {.clock_khz = 4000, .f = 372, .d = 1, .bwi = 9};
    struct timing more = {.clock_khz = 4000, .f = 372, .d = 1, .bwi = 15};
    CHECK_EQ(timing_bwt_us(&more), timing_bwt_us(&nine));
}

/* The largest fields there can be: no overflow, so more of anything is never less. */
static void test_largest(void)
{
    struct timing most = {
        .clock_khz = 1, .f = 65535, .d = 255, .n = 254, .wi = 255, .bwi = 9, .cwi = 15};
    struct timing less = most;
    less.f = 65534;
    CHECK(timing_t0_total_ms(&most) > timing_t0_total_ms(&less));
    CHECK(timing_t1_total_ms(&most) > timing_t1_total_ms(&less));
    CHECK(timing_t1_block_ms(&most, 255, 260) > timing_t1_block_ms(&most, 254, 260));
    CHECK(timing_etu_ns(&most) > timing_etu_ns(&less));
    CHECK_EQ(timing_baud(UINT32_MAX, 1, 255), UINT32_MAX);
    CHECK_EQ(timing_baud(4000, 372, 1), 10752);
}

int main(void)
{
    test_unknown();
    test_guard();
    test_own_guard();
    test_block();
    test_bwi_limit();
    test_largest();
    return check_result();
}
