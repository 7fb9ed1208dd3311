/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands of every size. The examples are in tests/proto/vectors. */
#include "base/compiler.h"
#include "proto/apdu.h"
#include "tests/support/check.h"

static uint8_t data[65535];
static uint8_t built[APDU_COMMAND_MAX];

static void check_round_trip(size_t data_size, uint32_t le, bool extended)
{
    struct apdu apdu = {.cla = 0x80, .ins = 0xD6, .p1 = 1, .p2 = 2, .data = data};
    struct apdu again;
    apdu.data_size = data_size;
    apdu.le = le;
    apdu.shape = apdu_shape(data_size, le, extended);
    size_t size = apdu_build(&apdu, built, sizeof(built));
    CHECK(size != 0);
    CHECK(apdu_parse(built, size, &again));
    CHECK_EQ(again.shape, apdu.shape);
    CHECK_EQ(again.data_size, data_size);
    CHECK_EQ(again.le, le);
    CHECK_EQ(again.cla, 0x80);
    CHECK_EQ(again.ins, 0xD6);
    CHECK_EQ(again.p1 << 8 | again.p2, 0x0102);
    CHECK(data_size == 0 ? again.data == NULL : memcmp(again.data, data, data_size) == 0);
    CHECK_EQ(apdu_build(&apdu, built, size - 1), 0);
}

static void test_round_trips(void)
{
    static const size_t sizes[] = {0, 1, 2, 254, 255, 256, 257, 1000, 65534, 65535};
    static const uint32_t les[] = {0, 1, 2, 255, 256, 257, 1000, 65535, 65536};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        for (size_t j = 0; j < ARRAY_SIZE(les); j++) {
            check_round_trip(sizes[i], les[j], true);
            if (sizes[i] <= 255 && les[j] <= 256)
                check_round_trip(sizes[i], les[j], false);
        }
    }
}

static void test_shapes(void)
{
    CHECK_EQ(apdu_shape(256, 0, false), APDU_MALFORMED);
    CHECK_EQ(apdu_shape(0, 257, false), APDU_MALFORMED);
    CHECK_EQ(apdu_shape(65536, 0, true), APDU_MALFORMED);
    CHECK_EQ(apdu_shape(0, 65537, true), APDU_MALFORMED);
    CHECK_EQ(apdu_shape(0, 0, true), APDU_CASE_1);
    CHECK(!apdu_is_extended(APDU_MALFORMED));
    CHECK(!apdu_is_extended(APDU_CASE_4S));
    CHECK(apdu_is_extended(APDU_CASE_2E));
}

/* A shape that does not go with the sizes is not written. */
static void test_contradictions(void)
{
    struct apdu apdu = {.shape = APDU_CASE_3S, .le = 1, .data = data, .data_size = 1};
    CHECK_EQ(apdu_build(&apdu, built, sizeof(built)), 0);
    apdu.shape = APDU_MALFORMED;
    CHECK_EQ(apdu_build(&apdu, built, sizeof(built)), 0);
    apdu = (struct apdu){.shape = APDU_CASE_3S, .data = data, .data_size = 256};
    CHECK_EQ(apdu_build(&apdu, built, sizeof(built)), 0);
}

/* Of the strings that begin with 00 A4 00 00 Lc, exactly two lengths make a command. */
static void test_every_short_length(void)
{
    uint8_t bytes[300] = {0x00, 0xA4, 0x00, 0x00};
    for (unsigned lc = 1; lc < 256; lc++) {
        bytes[4] = (uint8_t)lc;
        for (size_t size = 6; size < sizeof(bytes); size++) {
            enum apdu_case want = APDU_MALFORMED;
            if (size == 5 + lc)
                want = APDU_CASE_3S;
            else if (size == 6 + lc)
                want = APDU_CASE_4S;
            CHECK_EQ(apdu_classify(bytes, size), want);
        }
    }
}

static void test_untouched(void)
{
    struct apdu apdu = {.shape = APDU_CASE_1, .cla = 0x77};
    CHECK(!apdu_parse(built, 3, &apdu));
    CHECK(!apdu_parse(NULL, 0, &apdu));
    CHECK_EQ(apdu.cla, 0x77);
}

int main(void)
{
    for (size_t i = 0; i < sizeof(data); i++)
        data[i] = (uint8_t)(i * 7 + i / 256);
    test_round_trips();
    test_shapes();
    test_contradictions();
    test_every_short_length();
    test_untouched();
    return check_result();
}
