/* SPDX-License-Identifier: BSD-2-Clause */
/* Which Fi and Di are chosen for which card and reader. Messages: tests/proto/vectors. */
#include "base/compiler.h"
#include "proto/pps.h"
#include "tests/support/check.h"

/* A card with this TA1; TA2 of 0x100 means none. */
static struct atr card(uint8_t ta1, unsigned ta2)
{
    struct atr atr;
    const uint8_t negotiable[] = {0x3B, 0x10, ta1};
    const uint8_t specific[] = {0x3B, 0x90, ta1, 0x10, (uint8_t)ta2};
    if (ta2 > 0xFF)
        atr_parse(&atr, negotiable, sizeof(negotiable));
    else
        atr_parse(&atr, specific, sizeof(specific));
    return atr;
}

enum { NO_TA2 = 0x100, REFUSED = 0x100 };

static unsigned choose(uint8_t ta1, unsigned ta2, const struct pps_limits *limits)
{
    struct atr atr = card(ta1, ta2);
    uint8_t fidi = 0;
    return pps_choose(&atr, limits, &fidi) ? fidi : (unsigned)REFUSED;
}

static void test_free_reader(void)
{
    struct pps_limits limits = {.clock_khz = 4000};
    CHECK_EQ(choose(0x96, NO_TA2, &limits), 0x96);
    CHECK_EQ(choose(0x18, NO_TA2, &limits), 0x18);
    CHECK_EQ(choose(0x11, NO_TA2, &limits), 0x11);
    CHECK_EQ(choose(0x00, NO_TA2, &limits), 0x11); /* reserved */
    CHECK_EQ(choose(0x21, NO_TA2, &limits), 0x11); /* slower than the default */
    CHECK_EQ(choose(0x91, NO_TA2, &limits), 0x11);
}

static void test_limited_reader(void)
{
    struct pps_limits limits = {.clock_khz = 4000, .max_baud = 250000};
    CHECK_EQ(choose(0x97, NO_TA2, &limits), 0x96);
    CHECK_EQ(choose(0x96, NO_TA2, &limits), 0x96);
    limits.max_baud = 130000;
    CHECK_EQ(choose(0x97, NO_TA2, &limits), 0x95);
    CHECK_EQ(choose(0x18, NO_TA2, &limits), 0x18);
    limits.max_baud = 62500;
    CHECK_EQ(choose(0x97, NO_TA2, &limits), 0x94);
    CHECK_EQ(choose(0x18, NO_TA2, &limits), 0x11);
    limits.max_baud = 40000;
    CHECK_EQ(choose(0x97, NO_TA2, &limits), 0x11);
}

static void test_listed_rates(void)
{
    static const uint32_t bauds[] = {10753, 62500, 126000, 250000};
    struct pps_limits limits = {.clock_khz = 4000,
                                .max_baud = 1000000,
                                .bauds = bauds,
                                .baud_count = ARRAY_SIZE(bauds)};
    CHECK_EQ(choose(0x97, NO_TA2, &limits), 0x96);
    CHECK_EQ(choose(0x95, NO_TA2, &limits), 0x95); /* 125000 is within 1 % of 126000 */
    CHECK_EQ(choose(0x18, NO_TA2, &limits), 0x11);
    CHECK_EQ(choose(0x18, 0x00, &limits), REFUSED);
}

static void test_default_rate(void)
{
    struct pps_limits limits = {.clock_khz = 4000, .default_baud = 125000};
    CHECK_EQ(choose(0x95, NO_TA2, &limits), 0x11);
    CHECK_EQ(choose(0x96, NO_TA2, &limits), 0x96);
}

static void test_specific(void)
{
    struct pps_limits limits = {.clock_khz = 4000, .max_baud = 130000};
    CHECK_EQ(choose(0x95, 0x80, &limits), 0x95);
    CHECK_EQ(choose(0x96, 0x80, &limits), REFUSED);
    CHECK_EQ(choose(0x21, 0x00, &limits), 0x21); /* slow, but no choice */
    CHECK_EQ(choose(0x95, 0x10, &limits), REFUSED);
    limits.max_baud = 9600;
    CHECK_EQ(choose(0x11, 0x00, &limits), 0x11);
}

static void test_sizes(void)
{
    CHECK_EQ(pps_size(0x00), 3);
    CHECK_EQ(pps_size(0x11), 4);
    CHECK_EQ(pps_size(0x21), 4);
    CHECK_EQ(pps_size(0x71), PPS_SIZE_MAX);
    CHECK_EQ(pps_size(0xFF), PPS_SIZE_MAX);
}

static void test_untouched(void)
{
    struct pps pps = {.protocol = 9};
    CHECK(!pps_parse((const uint8_t[]){0xFF, 0x01, 0xFF}, 3, &pps));
    CHECK_EQ(pps.protocol, 9);
}

/* PPS1 in an answer to a request without one, even if the request's field agrees */
static void test_unasked_pps1(void)
{
    struct pps request = {.protocol = 0, .has_pps1 = false, .pps1 = 0x11};
    uint8_t fidi = 0;
    CHECK(!pps_accepts(&request, (const uint8_t[]){0xFF, 0x10, 0x11, 0xFE}, 4, &fidi));
    request.has_pps1 = true;
    CHECK(pps_accepts(&request, (const uint8_t[]){0xFF, 0x10, 0x11, 0xFE}, 4, &fidi));
}

int main(void)
{
    test_unasked_pps1();
    test_free_reader();
    test_limited_reader();
    test_listed_rates();
    test_default_rate();
    test_specific();
    test_sizes();
    test_untouched();
    return check_result();
}
