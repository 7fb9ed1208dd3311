/* SPDX-License-Identifier: BSD-2-Clause */
/* Hexadecimal text: every byte there and back, both cases, every room too small. */
#include "base/hex.h"

#include "tests/support/check.h"

#include <ctype.h>
#include <stdlib.h>

static void test_digits(void)
{
    for (int c = -128; c < 128; c++) {
        const char text[] = {(char)c, '\0'};
        int want = c > 0 && isxdigit(c) ? (int)strtol(text, NULL, 16) : -1;
        CHECK_EQ(hex_digit((char)c), want);
    }
}

static void test_round_trip(void)
{
    uint8_t bytes[256], back[256];
    char text[2 * 256 + 1];
    size_t count = 0;
    for (unsigned i = 0; i < 256; i++)
        bytes[i] = (uint8_t)i;
    CHECK_EQ(hex_encode(bytes, 256, text, sizeof(text)), SC_OK);
    CHECK_EQ(strlen(text), 512);
    for (unsigned i = 0; i < 256; i++) {
        char want[8];
        CHECK_EQ(snprintf(want, sizeof(want), "%02X", i), 2);
        CHECK_MEM(text + 2 * i, want, 2);
    }
    CHECK_EQ(hex_decode(text, 512, back, sizeof(back), &count), SC_OK);
    CHECK_EQ(count, 256);
    CHECK_MEM(back, bytes, 256);
    CHECK_EQ(hex_decode("aBfF", 4, back, sizeof(back), &count), SC_OK);
    CHECK_EQ(count, 2);
    CHECK_MEM(back, "\xAB\xFF", 2);
}

static void test_rooms(void)
{
    const uint8_t bytes[] = {0x90, 0x00};
    for (size_t room = 0; room <= 6; room++) {
        char text[7] = "......";
        enum sc_error error = hex_encode(bytes, 2, text, room);
        CHECK_EQ(error, room >= 5 ? SC_OK : SC_E_INSUFFICIENT_BUFFER);
        CHECK_STR(text, room >= 5 ? "9000" : "......");
    }
    char empty[1] = {'x'};
    CHECK_EQ(hex_encode(NULL, 0, empty, 1), SC_OK);
    CHECK_EQ(empty[0], '\0');
    CHECK_EQ(hex_encode(bytes, SIZE_MAX / 2 + 2, empty, 1), SC_E_INSUFFICIENT_BUFFER);
}

static void test_refused(void)
{
    static const struct {
        const char *text;
        enum sc_error error;
    } rows[] = {
        {"", SC_OK},
        {"00", SC_OK},
        {"0011", SC_OK},
        {"001122", SC_E_INSUFFICIENT_BUFFER},
        {"0", SC_E_INVALID_VALUE},
        {"001", SC_E_INVALID_VALUE},
        {"0g", SC_E_INVALID_VALUE},
        {"g0", SC_E_INVALID_VALUE},
        {"0 ", SC_E_INVALID_VALUE},
        {"00 11 ", SC_E_INVALID_VALUE},
        {"0x", SC_E_INVALID_VALUE},
        {"+1", SC_E_INVALID_VALUE},
        {"00112z", SC_E_INVALID_VALUE}, /* malformed comes before too small */
    };
    for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
        uint8_t bytes[2] = {0xEE, 0xEE};
        size_t count = 77, size = strlen(rows[i].text);
        CHECK_EQ(hex_decode(rows[i].text, size, bytes, 2, &count), rows[i].error);
        CHECK_EQ(count, rows[i].error == SC_OK ? size / 2 : 77);
        if (rows[i].error != SC_OK)
            CHECK_MEM(bytes, "\xEE\xEE", 2);
    }
}

int main(void)
{
    test_digits();
    test_round_trip();
    test_rooms();
    test_refused();
    return check_result();
}
