/* SPDX-License-Identifier: BSD-2-Clause */
/* ATRs that are damaged, made up or rare; those of real cards are in tests/proto/vectors.
 */
#include "base/compiler.h"
#include "proto/atr.h"
#include "tests/support/check.h"

#include <stdlib.h>

/* Parses from memory of exactly this size, so that a sanitizer sees any step beyond. */
static struct atr parse(const uint8_t *bytes, size_t size)
{
    struct atr atr;
    uint8_t *exact = malloc(size + (size == 0));
    memset(&atr, 0xA5, sizeof(atr));
    if (exact == NULL)
        abort();
    memcpy(exact, bytes, size);
    atr_parse(&atr, exact, size);
    free(exact);
    return atr;
}

#define PARSE(...)                                                                       \
    parse((const uint8_t[]){__VA_ARGS__}, sizeof((const uint8_t[]){__VA_ARGS__}))

static void check_unusable(const struct atr *atr, uint32_t note)
{
    CHECK_EQ(atr->verdict, ATR_UNUSABLE);
    CHECK_EQ(atr->notes & note, note);
    CHECK_EQ(atr_protocols(atr), 0);
    CHECK_EQ(atr_default_protocol(atr), 0);
}

static void test_nothing(void)
{
    struct atr atr;
    atr_parse(&atr, NULL, 0);
    check_unusable(&atr, ATR_NOTE_SHORT);
    CHECK_EQ(atr.fi, 372);
    CHECK_EQ(atr.di, 1);
    CHECK_EQ(atr.offered_count, 1);
    atr = PARSE(0x3B);
    check_unusable(&atr, ATR_NOTE_SHORT);
}

static void test_wrong_start(void)
{
    struct atr atr = PARSE(0x00, 0x01);
    check_unusable(&atr, ATR_NOTE_TS);
    atr = PARSE(0x03, 0x00);
    check_unusable(&atr, ATR_NOTE_TS);
}

static void test_truncated(void)
{
    struct atr atr = PARSE(0x3B, 0xFF);
    check_unusable(&atr, ATR_NOTE_TRUNCATED);
    atr = PARSE(0x3B, 0xF0, 0xFF, 0xFF, 0xFF, 0xFF);
    check_unusable(&atr, ATR_NOTE_TRUNCATED);
    CHECK_EQ(atr.level_count, 2);
    CHECK_EQ(atr.fi, 372);
}

/* The chain of CVE-2010-4531: group after group, never an end. */
static void test_endless_chain(void)
{
    static const uint8_t group[] = {0x11, 0x22, 0x33, 0xF0};
    uint8_t bytes[64] = {0x3B, 0xFF};
    for (size_t i = 2; i < sizeof(bytes); i++)
        bytes[i] = group[(i - 2) % sizeof(group)];
    struct atr atr = parse(bytes, sizeof(bytes));
    check_unusable(&atr, ATR_NOTE_CHAIN | ATR_NOTE_LONG);
    CHECK_EQ(atr.level_count, ATR_LEVELS_MAX);
    for (size_t size = 0; size <= sizeof(bytes); size++) {
        atr = parse(bytes, size);
        check_unusable(&atr, 0);
    }
}

static void test_all_ones(void)
{
    uint8_t bytes[200];
    memset(bytes, 0xFF, sizeof(bytes));
    struct atr atr = parse(bytes, ATR_SIZE_MAX);
    check_unusable(&atr, ATR_NOTE_TS);
    bytes[0] = 0x3B;
    atr = parse(bytes, ATR_SIZE_MAX);
    check_unusable(&atr, ATR_NOTE_TRUNCATED);
    atr = parse(bytes, sizeof(bytes));
    check_unusable(&atr, ATR_NOTE_CHAIN);
}

static void test_long(void)
{
    uint8_t bytes[200] = {0x3B, 0x00};
    struct atr atr = parse(bytes, ATR_INPUT_MAX);
    CHECK_EQ(atr.verdict, ATR_ACCEPTED);
    CHECK_EQ(atr.notes, ATR_NOTE_LONG | ATR_NOTE_EXTRA);
    CHECK_EQ(atr.extra_size, 62);
    atr = parse(bytes, sizeof(bytes));
    CHECK_EQ(atr.extra_size, 62);
    atr = parse(bytes, ATR_SIZE_MAX);
    CHECK_EQ(atr.notes, ATR_NOTE_EXTRA);
}

/* Prefixes never gain what the whole has not, and end short, truncated or without TCK. */
static void check_prefixes(const uint8_t *bytes, size_t size, size_t interface_size)
{
    for (size_t part = 0; part < size; part++) {
        struct atr atr = parse(bytes, part);
        if (part < 2)
            check_unusable(&atr, ATR_NOTE_SHORT);
        else if (part < interface_size)
            check_unusable(&atr, ATR_NOTE_TRUNCATED);
        else if (part < size - 1)
            CHECK(atr.notes & ATR_NOTE_HISTORICAL_SHORT);
        else
            CHECK_EQ(atr.tck, ATR_TCK_MISSING);
        CHECK(part < interface_size || atr.verdict == ATR_ACCEPTED);
    }
}

static void test_prefixes(void)
{
    static const uint8_t swsim[] = {0x3B, 0xDF, 0x96, 0x00, 0x90, 0x10, 0x3F, 0x07, 0x00,
                                    0x80, 0x31, 0xE0, 0x67, 0x73, 0x77, 0x69, 0x63, 0x63,
                                    0x00, 0x00, 0x73, 0xFE, 0x21, 0x00, 0x06};
    static const uint8_t gnuk[] = {0x3B, 0xDA, 0x11, 0xFF, 0x81, 0xB1, 0xFE,
                                   0x55, 0x1F, 0x03, 0x00, 0x31, 0x84, 0x73,
                                   0x80, 0x01, 0x80, 0x00, 0x90, 0x00, 0xE4};
    static const uint8_t desfire[] = {0x3B, 0xDE, 0x86, 0xFF, 0x91, 0x01, 0xF1,
                                      0xFB, 0x34, 0x00, 0x1F, 0x07, 0x44, 0x45,
                                      0x53, 0x46, 0x69, 0x72, 0x65, 0x53, 0x41,
                                      0x4D, 0x56, 0x31, 0x2E, 0x30, 0x5D};
    check_prefixes(swsim, sizeof(swsim), 9);
    check_prefixes(gnuk, sizeof(gnuk), 10);
    check_prefixes(desfire, sizeof(desfire), 12);
}

static void test_reserved_values(void)
{
    /* TC2 of 0 */
    struct atr atr = PARSE(0x3B, 0x80, 0x40, 0x00);
    CHECK_EQ(atr.notes, ATR_NOTE_WI_ZERO);
    CHECK_EQ(atr.wi, 10);
    /* TA3 of 0 (T=1), TB3 of FD, TC3 of 03 */
    atr = PARSE(0x3B, 0x80, 0x81, 0x71, 0x00, 0xFD, 0x03, 0x8E);
    CHECK_EQ(atr.notes, ATR_NOTE_IFSC_RFU | ATR_NOTE_BWI_RFU | ATR_NOTE_EDC_RFU);
    CHECK_EQ(atr.ifsc, 32);
    CHECK_EQ(atr.bwi, 9);
    CHECK_EQ(atr.cwi, 13);
    CHECK_EQ(atr.edc, ATR_EDC_CRC);
    CHECK_EQ(atr.verdict, ATR_ACCEPTED);
    /* Fi reserved, Di fine: neither is used */
    atr = PARSE(0x3B, 0x10, 0x75);
    CHECK_EQ(atr.notes, ATR_NOTE_FI_RFU);
    CHECK_EQ(atr.ta1, 0x11);
    CHECK_EQ(atr.fmax_khz, 5000);
}

static void test_crc(void)
{
    struct atr atr = PARSE(0x3B, 0x80, 0x81, 0x41, 0x01, 0x41);
    CHECK_EQ(atr.verdict, ATR_OK);
    CHECK_EQ(atr.edc, ATR_EDC_CRC);
}

/* TA3 and TA4 both for T=1: the first counts. */
static void test_first_occurrence(void)
{
    struct atr atr = PARSE(0x3B, 0x80, 0x81, 0x91, 0x40, 0x11, 0x80, 0xC1);
    CHECK_EQ(atr.verdict, ATR_ACCEPTED);
    CHECK_EQ(atr.notes, ATR_NOTE_TCK_BAD);
    CHECK_EQ(atr.level_count, 4);
    CHECK_EQ(atr.ifsc, 0x40);
    CHECK_EQ(atr.offered_count, 1);
}

static void test_protocols(void)
{
    /* T=14 first, T=1 second: only a PPS gets anywhere */
    struct atr atr = PARSE(0x3B, 0x80, 0x8E, 0x01, 0x0F);
    CHECK_EQ(atr.verdict, ATR_OK);
    CHECK_EQ(atr_protocols(&atr), ATR_PROTOCOL_T1);
    CHECK_EQ(atr_default_protocol(&atr), 0);
    /* T=15 first: as if TD1 were missing */
    atr = PARSE(0x3B, 0x80, 0x8F, 0x01, 0x0E);
    CHECK_EQ(atr_protocols(&atr), ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1);
    CHECK_EQ(atr_default_protocol(&atr), ATR_PROTOCOL_T0);
    /* T=1 first, T=0 second (the wrong order, but clear) */
    atr = PARSE(0x3B, 0x80, 0x81, 0x00, 0x01);
    CHECK_EQ(atr_protocols(&atr), ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1);
    CHECK_EQ(atr_default_protocol(&atr), ATR_PROTOCOL_T1);
    /* specific mode T=1, though T=0 is offered first */
    atr = PARSE(0x3B, 0x80, 0x90, 0x81, 0x01, 0x90);
    CHECK_EQ(atr_protocols(&atr), ATR_PROTOCOL_T1);
    CHECK_EQ(atr_default_protocol(&atr), ATR_PROTOCOL_T1);
}

static void test_global(void)
{
    /* TA of T=15: clock stop high, classes B and C; TB: contact C6 */
    struct atr atr = PARSE(0x3B, 0x80, 0x80, 0x3F, 0x86, 0x81, 0x38);
    CHECK_EQ(atr.verdict, ATR_OK);
    CHECK(atr.has_global);
    CHECK_EQ(atr.clock_stop, ATR_CLOCK_STOP_HIGH);
    CHECK_EQ(atr.classes, ATR_CLASS_B_3V | ATR_CLASS_C_1V8);
    CHECK_EQ(atr.spu, 0x81);
    CHECK_EQ(atr.bwi, 4);
}

/* What the extra guard time is counted in, once T=15 is named. */
static void test_guard(void)
{
    struct atr atr = PARSE(0x3B, 0xD0, 0x96, 0x02, 0x80, 0x1F, 0x07, 0xDC);
    CHECK_EQ(atr.verdict, ATR_OK);
    CHECK_EQ(atr.n, 2);
    CHECK_EQ(atr.guard_fi, 512);
    CHECK_EQ(atr.guard_di, 32);
    /* T=15 without bytes of its own */
    atr = PARSE(0x3B, 0xD0, 0x96, 0x02, 0x80, 0x0F, 0xCB);
    CHECK_EQ(atr.verdict, ATR_OK);
    CHECK(!atr.has_global);
    CHECK_EQ(atr.guard_fi, 512);
    CHECK_EQ(atr.guard_di, 32);
    atr = PARSE(0x3B, 0xC0, 0x02, 0x0F, 0xCD); /* no TA1 */
    CHECK_EQ(atr.guard_fi, 372);
    CHECK_EQ(atr.guard_di, 1);
    atr = PARSE(0x3B, 0xD0, 0x96, 0x02, 0x80, 0x01, 0xC5);
    CHECK_EQ(atr.verdict, ATR_OK);
    CHECK_EQ(atr.guard_fi, 0);
    CHECK_EQ(atr.guard_di, 0);
}

static void test_tables(void)
{
    static const uint16_t fi[] = {372, 372, 558, 744,  1116, 1488, 1860, 0,
                                  0,   512, 768, 1024, 1536, 2048, 0,    0};
    static const uint16_t fmax[] = {4000, 5000, 6000, 8000,  12000, 16000, 20000, 0,
                                    0,    5000, 7500, 10000, 15000, 20000, 0,     0};
    static const uint8_t di[] = {0, 1, 2, 4, 8, 16, 32, 64, 12, 20, 0, 0, 0, 0, 0, 0};
    for (unsigned ta1 = 0; ta1 < 256; ta1++) {
        CHECK_EQ(atr_fi((uint8_t)ta1), fi[ta1 >> 4]);
        CHECK_EQ(atr_fmax_khz((uint8_t)ta1), fmax[ta1 >> 4]);
        CHECK_EQ(atr_di((uint8_t)ta1), di[ta1 & 15]);
    }
}

static void test_convention(void)
{
    static const uint8_t pairs[][2] = {{0x03, 0x3F}, {0x60, 0xF9}, {0x90, 0xF6},
                                       {0x00, 0xFF}, {0x77, 0x11}, {0x18, 0xE7}};
    for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
        CHECK_EQ(atr_swap_convention(pairs[i][0]), pairs[i][1]);
    for (unsigned byte = 0; byte < 256; byte++)
        CHECK_EQ(atr_swap_convention(atr_swap_convention((uint8_t)byte)), byte);
}

/* Who reads byte by byte asks for no more than there is, and stops at the end; a card whose
 * groups go on for ever is let go. */
static void test_missing(void)
{
    static const struct {
        uint8_t bytes[ATR_SIZE_MAX];
        size_t size;
    } atrs[] = {
        {{0x3B, 0x00}, 2},
        {{0x3B, 0x02, 0x14, 0x50}, 4},
        {{0x3B, 0x80, 0x01, 0x81}, 4},
        {{0x3B, 0x90, 0x95, 0x01, 0x04}, 5},
        {{0x3B, 0x82, 0x81, 0x31, 0x76, 0x43, 0xC0, 0x02, 0xC5}, 9},
        {{0x3B, 0x95, 0x96, 0x80, 0xB1, 0xFE, 0x55, 0x1F, 0xC7, 0x47, 0x72, 0x61, 0x63,
          0x65, 0x13},
         15},
    };
    for (size_t i = 0; i < ARRAY_SIZE(atrs); i++) {
        for (size_t size = 0; size < atrs[i].size; size++) {
            size_t missing = atr_missing(atrs[i].bytes, size);
            CHECK(missing > 0 && size + missing <= atrs[i].size);
        }
        CHECK_EQ(atr_missing(atrs[i].bytes, atrs[i].size), 0);
        CHECK_EQ(atr_missing(atrs[i].bytes, atrs[i].size + 1), 0);
    }
    uint8_t endless[ATR_INPUT_MAX];
    size_t size = 1;
    memset(endless, 0xF0, sizeof(endless));
    endless[0] = 0x3B;
    while (size < sizeof(endless) && atr_missing(endless, size) > 0)
        size++;
    CHECK(size < sizeof(endless));
}

int main(void)
{
    test_missing();
    test_nothing();
    test_wrong_start();
    test_truncated();
    test_endless_chain();
    test_all_ones();
    test_long();
    test_prefixes();
    test_reserved_values();
    test_crc();
    test_first_occurrence();
    test_protocols();
    test_global();
    test_guard();
    test_tables();
    test_convention();
    return check_result();
}
