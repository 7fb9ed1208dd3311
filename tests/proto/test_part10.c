/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists of features and properties of PC/SC part 10, byte by byte. */
#include "base/compiler.h"
#include "proto/part10.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

enum { ROOM = 400 };

static uint8_t want[ROOM];
static uint8_t out[ROOM];

static void check_features(const struct part10_feature *features, size_t count,
                           const char *text)
{
    size_t size = 77;
    size_t want_size = hex(text, want, sizeof(want));
    memset(out, 0xEE, sizeof(out));
    for (size_t room = 0; room < want_size; room++)
        CHECK_EQ(part10_features(features, count, out, room, &size),
                 SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 77);
    CHECK_EQ(out[0], 0xEE);
    CHECK_EQ(part10_features(features, count, out, want_size, &size), SC_OK);
    CHECK_EQ(size, want_size);
    CHECK_MEM(out, want, want_size);
    CHECK_EQ(out[want_size], 0xEE);
}

static void test_features(void)
{
    static const struct part10_feature pinpad[] = {
        {PART10_VERIFY_PIN_DIRECT, 0x42330006},
        {PART10_MODIFY_PIN_DIRECT, 0x42330007},
        {PART10_IFD_PIN_PROPERTIES, 0x4233000A},
        {PART10_GET_TLV_PROPERTIES, 0x42330012},
        {PART10_CCID_ESC_COMMAND, 0x42000001}};
    static const struct part10_feature order[] = {
        {PART10_MCT_READER_DIRECT, 0x01020304},
        {PART10_IFD_DISPLAY_PROPERTIES, 0xFFFEFDFC}};
    check_features(pinpad, ARRAY_SIZE(pinpad),
                   "06 04 42 33 00 06 07 04 42 33 00 07 0A 04 42 33 00 0A "
                   "12 04 42 33 00 12 13 04 42 00 00 01");
    check_features(pinpad + 3, 1, "12 04 42 33 00 12");
    check_features(order, 2, "08 04 01 02 03 04 11 04 FF FE FD FC");
    check_features(NULL, 0, "");
}

static void check_properties(const struct part10_properties *properties, const char *text)
{
    size_t size = 77;
    size_t want_size = hex(text, want, sizeof(want));
    memset(out, 0xEE, sizeof(out));
    for (size_t room = 0; room < want_size; room++)
        CHECK_EQ(part10_properties_build(properties, out, room, &size),
                 SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(size, 77);
    CHECK_EQ(out[0], 0xEE);
    CHECK_EQ(part10_properties_build(properties, out, want_size, &size), SC_OK);
    CHECK_EQ(size, want_size);
    CHECK_MEM(out, want, want_size);
    CHECK_EQ(out[want_size], 0xEE);
}

static void test_properties(void)
{
    struct part10_properties plain = {.present = 0};
    check_properties(&plain, "");
    part10_set(&plain, PART10_APDU_DATA_MAX, 0x10000);
    part10_set(&plain, PART10_ID_PRODUCT, 0x3437);
    part10_set(&plain, PART10_ID_VENDOR, 0x08E6);
    part10_set(&plain, PART10_PPDU, 0);
    part10_set(&plain, PART10_TIMEOUT2, 0);
    part10_set(&plain, PART10_LCD_LAYOUT, 0);
    check_properties(&plain, "01 02 00 00 03 01 00 09 01 00 0A 04 00 00 01 00 "
                             "0B 02 E6 08 0C 02 37 34");
}

static void test_every_property(void)
{
    struct part10_properties all = {.present = 0};
    for (unsigned tag = 1; tag < PART10_PROPERTIES; tag++)
        if (tag != PART10_FIRMWARE)
            part10_set(&all, (enum part10_property)tag, 0xA1A2A300 + tag);
    part10_set_firmware(&all, "V1");
    check_properties(&all, "01 02 01 A3 02 01 02 03 01 03 04 02 04 A3 05 02 05 A3 "
                           "06 01 06 07 01 07 08 02 56 31 09 01 09 0A 04 0A A3 A2 A1 "
                           "0B 02 0B A3 0C 02 0C A3");
    all.present |= 1U << 31 | 1U; /* no tags */
    part10_set_firmware(&all, "");
    check_properties(&all, "01 02 01 A3 02 01 02 03 01 03 04 02 04 A3 05 02 05 A3 "
                           "06 01 06 07 01 07 08 00 09 01 09 0A 04 0A A3 A2 A1 "
                           "0B 02 0B A3 0C 02 0C A3");
}

static void test_long_firmware(void)
{
    struct part10_properties all = {.present = 0};
    char text[PART10_FIRMWARE_MAX + 10];
    size_t size = 0;
    memset(text, 'x', sizeof(text)); /* without an end */
    for (unsigned tag = 1; tag < PART10_PROPERTIES; tag++)
        part10_set(&all, (enum part10_property)tag, 0);
    part10_set_firmware(&all, text);
    CHECK_EQ(part10_properties_build(&all, out, PART10_PROPERTIES_MAX - 1, &size),
             SC_E_INSUFFICIENT_BUFFER);
    CHECK_EQ(part10_properties_build(&all, out, PART10_PROPERTIES_MAX, &size), SC_OK);
    CHECK_EQ(size, PART10_PROPERTIES_MAX);
}

static void test_structures(void)
{
    part10_pin_properties(0x0210, 0, out);
    CHECK_MEM(out, "\x10\x02\x07\x00", 4);
    part10_pin_properties(0, 2, out);
    CHECK_MEM(out, "\x00\x00\x02\x00", 4);
    part10_display_properties(0x0210, out);
    CHECK_MEM(out, "\x10\x00\x02\x00", 4);
}

static void test_mct(void)
{
    uint8_t bytes[] = {0x20, 0x70, 0x00, 0x00, 0x00, 0x99};
    for (unsigned ins = 0; ins < 256; ins++) {
        bytes[1] = (uint8_t)ins;
        CHECK_EQ(part10_is_mct(bytes, 6), ins >= 0x70 && ins <= 0x74);
        CHECK_EQ(part10_is_mct(bytes, 5), ins >= 0x70 && ins <= 0x74);
    }
    bytes[1] = 0x72;
    for (size_t size = 0; size < 5; size++)
        CHECK(!part10_is_mct(bytes, size));
    CHECK(!part10_is_mct(NULL, 0));
    for (size_t i = 0; i < 5; i++) {
        if (i == 1)
            continue;
        bytes[i] ^= 1;
        CHECK(!part10_is_mct(bytes, sizeof(bytes)));
        bytes[i] ^= 1;
    }
    CHECK(part10_is_mct(bytes, sizeof(bytes)));
}

int main(void)
{
    test_features();
    test_properties();
    test_every_property();
    test_long_firmware();
    test_structures();
    test_mct();
    return check_result();
}
