/* SPDX-License-Identifier: BSD-2-Clause */
/* PIN structures of PC/SC part 10, and what the reader gets for them. */
#include "base/compiler.h"
#include "proto/ccid_pin.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

enum { ROOM = 300 };

/* One byte a field, so that one taken for another is seen. */
#define VERIFY_FIELDS   "1E 1F 82 04 00 08 05 02 01 09 04 11 21 22 23"
#define VERIFY_LITTLE   VERIFY_FIELDS " 0D 00 00 00"
#define MODIFY_FIELDS   "1E 1F 82 04 00 01 04 08 05 03 02 03 09 04 11 12 13 21 22 23"
#define VERIFY_TEMPLATE "00 20 00 81 08 30 30 30 30 30 30 30 30"
#define CASE_1          "00 20 00 81"

static const struct ccid_pin_options plain;

static enum sc_error parse(enum ccid_pin_operation operation, const char *text,
                           struct ccid_pin *pin)
{
    static uint8_t bytes[ROOM];
    return ccid_pin_parse(operation, bytes, hex(text, bytes, sizeof(bytes)), pin);
}

static void check_secure(enum ccid_pin_operation operation, const char *structure,
                         const struct ccid_pin_options *options, const char *secure)
{
    struct ccid_pin pin;
    uint8_t want[ROOM];
    uint8_t out[ROOM];
    size_t out_size = 0;
    size_t size = hex(secure, want, sizeof(want));
    CHECK_EQ(parse(operation, structure, &pin), SC_OK);
    CHECK_EQ(ccid_pin_build(&pin, options, out, size, &out_size), SC_OK);
    CHECK_EQ(out_size, size);
    CHECK_MEM(out, want, size);
    out_size = 77;
    for (size_t room = 0; room < size; room++)
        CHECK_EQ(ccid_pin_build(&pin, options, out, room, &out_size),
                 SC_E_INVALID_PARAMETER);
    CHECK_EQ(out_size, 77);
}

#define CHECK_VERIFY(structure, secure, ...)                                             \
    check_secure(CCID_PIN_OP_VERIFY, structure, &(struct ccid_pin_options){__VA_ARGS__}, \
                 secure)
#define CHECK_MODIFY(structure, secure, ...)                                             \
    check_secure(CCID_PIN_OP_MODIFY, structure, &(struct ccid_pin_options){__VA_ARGS__}, \
                 secure)

static void check_refused(enum ccid_pin_operation operation, const char *structure)
{
    struct ccid_pin pin = {.timeout_s = 99};
    CHECK_EQ(parse(operation, structure, &pin), SC_E_INVALID_PARAMETER);
    CHECK_EQ(pin.timeout_s, 99);
}

static void test_verify(void)
{
    struct ccid_pin pin;
    CHECK_EQ(parse(CCID_PIN_OP_VERIFY, VERIFY_LITTLE VERIFY_TEMPLATE, &pin), SC_OK);
    CHECK_EQ(pin.timeout_s, 30);
    CHECK_EQ(pin.digits_max, 8);
    CHECK_EQ(pin.digits_min, 5);
    CHECK_EQ(pin.language, 0x0409);
    CHECK_EQ(pin.messages[0], 0x11);
    CHECK_EQ(pin.template_size, 13);
    check_secure(CCID_PIN_OP_VERIFY, VERIFY_LITTLE VERIFY_TEMPLATE, &plain,
                 "00 1E 82 04 00 08 05 02 01 09 04 11 21 22 23" VERIFY_TEMPLATE);
    check_secure(CCID_PIN_OP_VERIFY,
                 "00 00 82 00 00 19 06 02 FF 04 09 00 00 00 00 04 00 00 00" CASE_1,
                 &plain, "00 00 82 00 00 19 06 02 FF 04 09 00 00 00 00" CASE_1);
}

/* ulDataLength decides the order of all numbers. */
static void test_big_endian(void)
{
    CHECK_VERIFY(
        "1E 1F 82 04 00 05 08 02 01 04 09 11 21 22 23 00 00 00 0D" VERIFY_TEMPLATE,
        "00 1E 82 04 00 08 05 02 01 09 04 11 21 22 23" VERIFY_TEMPLATE, 0);
    CHECK_MODIFY(
        "1E 1F 82 04 00 00 04 05 08 03 02 03 04 09 11 12 13 21 22 23 00 00 00 "
        "0D" VERIFY_TEMPLATE,
        "01 1E 82 04 00 00 04 08 05 03 02 03 09 04 11 12 13 21 22 23" VERIFY_TEMPLATE, 0);
    check_refused(CCID_PIN_OP_VERIFY, VERIFY_FIELDS "00 00 0D 00" VERIFY_TEMPLATE);
    check_refused(CCID_PIN_OP_VERIFY, VERIFY_FIELDS "0C 00 00 00" VERIFY_TEMPLATE);
    check_refused(CCID_PIN_OP_VERIFY, VERIFY_FIELDS "0E 00 00 00" VERIFY_TEMPLATE);
    check_refused(CCID_PIN_OP_VERIFY, VERIFY_FIELDS "0D 00 00 01" VERIFY_TEMPLATE);
    check_refused(CCID_PIN_OP_VERIFY, VERIFY_FIELDS "00 00 00 00" VERIFY_TEMPLATE);
}

/* bNumberMessage says which message indexes there are. */
static void test_modify_messages(void)
{
    static const char *const numbers[] = {"00", "01", "02", "03", "FF"};
    static const char *const indexes[] = {"11", "11 12", "11 12", "11 12 13", "11 12 13"};
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
        char in[200];
        char out[200];
        snprintf(
            in, sizeof(in),
            "1E 1F 82 00 00 01 04 08 05 03 02 %s 09 04 11 12 13 21 22 23 04 00 00 00 "
            "00 24 00 81",
            numbers[i]);
        snprintf(out, sizeof(out),
                 "01 1E 82 00 00 01 04 08 05 03 02 %s 09 04 %s 21 22 23 00 24 00 81",
                 numbers[i], indexes[i]);
        check_secure(CCID_PIN_OP_MODIFY, in, &plain, out);
    }
}

static void test_bad_message_count(void)
{
    for (unsigned count = 4; count < 0xFF; count++) {
        char verify[200];
        char modify[200];
        snprintf(verify, sizeof(verify),
                 "1E 1F 82 04 00 08 05 02 %02X 09 04 11 21 22 23 04 00 00 00 " CASE_1,
                 count);
        snprintf(modify, sizeof(modify),
                 "1E 1F 82 00 00 01 04 08 05 03 02 %02X 09 04 11 12 13 21 22 23 "
                 "04 00 00 00 " CASE_1,
                 count);
        check_refused(CCID_PIN_OP_VERIFY, verify);
        check_refused(CCID_PIN_OP_MODIFY, modify);
    }
}

#define MODIFY_MESSAGES(count)                                                           \
    "1E 1F 82 00 00 01 04 08 05 03 02 " count                                            \
    " 09 04 11 12 13 21 22 23 04 00 00 00" CASE_1

static void test_quirks(void)
{
    CHECK_VERIFY(VERIFY_LITTLE VERIFY_TEMPLATE,
                 "00 1E 82 04 00 05 08 02 00 09 04 11 21 22 23" VERIFY_TEMPLATE,
                 .swap_digits = true, .messages = CCID_PIN_MESSAGES_0);
    CHECK_VERIFY(VERIFY_LITTLE VERIFY_TEMPLATE,
                 "00 1E 82 04 00 08 05 02 01 09 04 11 AA BB CC" VERIFY_TEMPLATE,
                 .indexes = CCID_PIN_INDEXES_ZERO,
                 .prologue = (const uint8_t[]){0xAA, 0xBB, 0xCC});
    CHECK_MODIFY(MODIFY_MESSAGES("02"),
                 "01 1E 82 00 00 01 04 08 05 03 02 00 09 04 11 21 22 23" CASE_1,
                 .messages = CCID_PIN_MESSAGES_0);
    CHECK_MODIFY(MODIFY_MESSAGES("00"),
                 "01 1E 82 00 00 01 04 08 05 03 02 01 09 04 11 12 21 22 23" CASE_1,
                 .messages = CCID_PIN_MESSAGES_1);
    CHECK_MODIFY(MODIFY_MESSAGES("00"),
                 "01 1E 82 00 00 01 04 08 05 03 02 03 09 04 11 12 13 21 22 23" CASE_1,
                 .messages = CCID_PIN_MESSAGES_3);
    CHECK_MODIFY(MODIFY_MESSAGES("00"),
                 "01 1E 82 00 00 01 04 08 05 03 02 00 09 04 11 12 13 21 22 23" CASE_1,
                 .indexes = CCID_PIN_INDEXES_ALL);
    CHECK_MODIFY(MODIFY_MESSAGES("00"),
                 "01 1E 82 00 00 01 04 08 05 03 02 FF 09 04 11 12 13 21 22 23" CASE_1,
                 .messages = CCID_PIN_MESSAGES_SOME);
    CHECK_MODIFY(MODIFY_MESSAGES("01"),
                 "01 1E 82 00 00 01 04 08 05 03 02 01 09 04 11 12 21 22 23" CASE_1,
                 .messages = CCID_PIN_MESSAGES_SOME);
    CHECK_MODIFY(MODIFY_MESSAGES("02"),
                 "01 1E 82 00 00 01 04 08 05 03 02 00 09 04 00 00 00 21 22 23" CASE_1,
                 .messages = CCID_PIN_MESSAGES_0, .indexes = CCID_PIN_INDEXES_ZERO);
}

static uint8_t validation(uint8_t given, bool mend, uint8_t mask)
{
    struct ccid_pin pin = {.validation = given};
    struct ccid_pin_options options = {.mend_validation = mend, .validation_mask = mask};
    uint8_t out[CCID_PIN_FIXED_MAX + 4] = {0};
    size_t size = 0;
    pin.template = (const uint8_t[]){0, 0x20, 0, 0x81};
    pin.template_size = 4;
    CHECK_EQ(ccid_pin_build(&pin, &options, out, sizeof(out), &size), SC_OK);
    return out[7];
}

static void test_validation(void)
{
    for (unsigned value = 0; value < 256; value++) {
        bool right = value >= 1 && value <= 7;
        CHECK_EQ(validation((uint8_t)value, false, 0), value);
        CHECK_EQ(validation((uint8_t)value, true, 0), right ? value : 2);
    }
    CHECK_EQ(validation(7, false, 3), 3);
    CHECK_EQ(validation(5, false, 6), 4);
    CHECK_EQ(validation(4, false, 3), 2); /* none is left */
    CHECK_EQ(validation(2, false, 5), 5);
    CHECK_EQ(validation(0xF0, true, 3), 2);
}

/* Every prefix, and the shortest that is right. */
static void test_truncation(void)
{
    uint8_t bytes[ROOM];
    struct ccid_pin pin;
    size_t size = hex(VERIFY_LITTLE VERIFY_TEMPLATE, bytes, sizeof(bytes));
    for (size_t i = 0; i < size; i++)
        CHECK_EQ(ccid_pin_parse(CCID_PIN_OP_VERIFY, bytes, i, &pin),
                 SC_E_INVALID_PARAMETER);
    CHECK_EQ(ccid_pin_parse(CCID_PIN_OP_VERIFY, NULL, 0, &pin), SC_E_INVALID_PARAMETER);
    for (uint8_t rest = 0; rest < 10; rest++) {
        bool right = rest >= CCID_PIN_TEMPLATE_MIN;
        enum sc_error want = right ? SC_OK : SC_E_INVALID_PARAMETER;
        bytes[15] = rest;
        bytes[3] = 0;
        CHECK_EQ(ccid_pin_parse(CCID_PIN_OP_VERIFY, bytes, 19U + rest, &pin), want);
    }
    size = hex(MODIFY_FIELDS "04 00 00 00" CASE_1, bytes, sizeof(bytes));
    for (size_t i = 0; i <= size; i++)
        CHECK_EQ(ccid_pin_parse(CCID_PIN_OP_MODIFY, bytes, i, &pin),
                 i == size ? SC_OK : SC_E_INVALID_PARAMETER);
}

static void test_longest(void)
{
    static uint8_t bytes[CCID_PIN_VERIFY_SIZE + CCID_PIN_TEMPLATE_MAX + 1];
    static uint8_t out[CCID_DATA_MAX];
    struct ccid_pin pin;
    size_t size = 0;
    for (unsigned extra = 0; extra < 2; extra++) {
        unsigned rest = CCID_PIN_TEMPLATE_MAX + extra;
        bytes[15] = (uint8_t)rest;
        bytes[16] = (uint8_t)(rest >> 8);
        CHECK_EQ(
            ccid_pin_parse(CCID_PIN_OP_VERIFY, bytes, CCID_PIN_VERIFY_SIZE + rest, &pin),
            extra == 0 ? SC_OK : SC_E_INVALID_PARAMETER);
    }
    CHECK_EQ(ccid_pin_build(&pin, &plain, out, sizeof(out), &size), SC_OK);
    CHECK_EQ(size, 15 + CCID_PIN_TEMPLATE_MAX);
}

/* bmFormatString: offset of the PIN block. bmPINBlockString: its size. */
static void check_block(enum sc_error want, const char *format, const char *insertion)
{
    struct ccid_pin pin;
    char text[200];
    snprintf(text, sizeof(text),
             "00 00 %s 00 %s 02 01 09 04 11 12 13 21 22 23 0D 00 00 00" VERIFY_TEMPLATE,
             format, insertion);
    CHECK_EQ(parse(CCID_PIN_OP_MODIFY, text, &pin), want);
}

static void test_block_inside(void)
{
    check_block(SC_OK, "82 08", "00 00 08 04 00");
    check_block(SC_E_INVALID_PARAMETER, "82 09", "00 00 08 04 00");
    check_block(SC_OK, "89 47", "00 00 08 04 00");
    check_block(SC_E_INVALID_PARAMETER, "89 48", "00 00 08 04 00");
    check_block(SC_OK, "41 47", "00 00 08 04 00");                  /* 8 bits */
    check_block(SC_E_INVALID_PARAMETER, "49 47", "00 00 08 04 00"); /* 9 bits */
    check_block(SC_OK, "82 04", "00 04 08 04 00");
    check_block(SC_E_INVALID_PARAMETER, "82 04", "00 05 08 04 00");
    check_block(SC_E_INVALID_PARAMETER, "82 04", "05 04 08 04 02");
    check_block(SC_OK, "82 04", "05 04 08 04 01"); /* the old PIN is not asked for */
    check_block(SC_OK, "FA F0", "FF FF 08 04 03"); /* of no fixed size */
    check_block(SC_E_INVALID_PARAMETER, "82 01", "00 FF 08 04 00");
    /* Without data the reader makes the field. */
    CHECK_VERIFY("00 00 82 08 00 08 04 02 01 09 04 00 00 00 00 05 00 00 00" CASE_1 "00",
                 "00 00 82 08 00 08 04 02 01 09 04 00 00 00 00" CASE_1 "00", 0);
    check_refused(CCID_PIN_OP_VERIFY,
                  "00 00 82 08 00 08 04 02 01 09 04 00 00 00 00 06 00 00 00" CASE_1
                  "01 00");
}

static void test_wait(void)
{
    CHECK_EQ(ccid_pin_wait_ms(&(struct ccid_pin){.timeout_s = 0}), 90000);
    CHECK_EQ(ccid_pin_wait_ms(&(struct ccid_pin){.timeout_s = 80}), 90000);
    CHECK_EQ(ccid_pin_wait_ms(&(struct ccid_pin){.timeout_s = 81}), 91000);
    CHECK_EQ(ccid_pin_wait_ms(&(struct ccid_pin){.timeout_s = 255}), 265000);
}

static void test_status(void)
{
    uint8_t sw[2] = {1, 2};
    for (unsigned error = 0; error < 256; error++)
        if (error != 0xEF && error != 0xF0)
            CHECK(!ccid_pin_status((uint8_t)error, sw));
    CHECK_MEM(sw, "\1\2", 2);
    CHECK(ccid_pin_status(0xEF, sw));
    CHECK_MEM(sw, "\x64\x01", 2);
    CHECK(ccid_pin_status(0xF0, sw));
    CHECK_MEM(sw, "\x64\x00", 2);
}

int main(void)
{
    test_verify();
    test_big_endian();
    test_modify_messages();
    test_bad_message_count();
    test_quirks();
    test_validation();
    test_truncation();
    test_longest();
    test_block_inside();
    test_wait();
    test_status();
    return check_result();
}
