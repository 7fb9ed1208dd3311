/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of Ledger's devices, and the APDUs in them. */
#include "proto/ledger.h"

#include "tests/support/check.h"
#include "tests/support/hex.h"

static uint8_t report[LEDGER_REPORT_SIZE], bytes[70000];

static void check_report(const char *text)
{
    uint8_t want[LEDGER_REPORT_SIZE] = {0};
    (void)hex(text, want, sizeof(want));
    CHECK_MEM(report, want, sizeof(want));
}

static void check_command(const char *command, const char *sent)
{
    uint8_t out[LEDGER_COMMAND_MAX], want[LEDGER_COMMAND_MAX];
    size_t size = hex(command, bytes, sizeof(bytes));
    size_t want_size = hex(sent, want, sizeof(want));
    CHECK_EQ(ledger_command(bytes, size, out), want_size);
    CHECK_MEM(out, want, want_size);
}

static void check_commands(void)
{
    uint8_t out[LEDGER_COMMAND_MAX];
    check_command("B0010000", "B001000000");
    check_command("B001000020", "B001000000");
    check_command("E0020000 02 AABB", "E0020000 02 AABB");
    check_command("E0020000 02 AABB 00", "E0020000 02 AABB");
    check_command("B0010000 000100", "B001000000");
    check_command("E0020000 000002 AABB", "E0020000 02 AABB");
    check_command("E0020000 000002 AABB 0000", "E0020000 02 AABB");
    check_command("E0020000 03 AABB", ""); /* malformed */
    (void)hex("E0020000 0000FF", bytes, sizeof(bytes));
    CHECK_EQ(ledger_command(bytes, 7 + 255, out), LEDGER_COMMAND_MAX);
    (void)hex("E0020000 000100", bytes, sizeof(bytes));
    CHECK_EQ(ledger_command(bytes, 7 + 256, out), 0);
}

static void check_packets(void)
{
    static const uint8_t version[] = {0xB0, 0x01, 0x00, 0x00, 0x00};
    uint8_t command[133];
    memset(command, 0xCC, sizeof(command));
    CHECK_EQ(ledger_packets(5), 1);
    CHECK_EQ(ledger_packets(57), 1);
    CHECK_EQ(ledger_packets(58), 2);
    CHECK_EQ(ledger_packets(116), 2);
    CHECK_EQ(ledger_packets(133), 3);
    CHECK_EQ(ledger_packets(LEDGER_COMMAND_MAX), 5);
    ledger_build(version, sizeof(version), 0, report);
    check_report("0101 05 0000 0005 B001000000");
    ledger_build(command, sizeof(command), 0, report);
    CHECK_MEM(report, "\x01\x01\x05\x00\x00\x00\x85\xCC", 8);
    CHECK_EQ(report[63], 0xCC);
    ledger_build(command, sizeof(command), 1, report);
    CHECK_MEM(report, "\x01\x01\x05\x00\x01\xCC", 6);
    ledger_build(command, sizeof(command), 2, report);
    CHECK_MEM(report, "\x01\x01\x05\x00\x02\xCC", 6);
    CHECK_EQ(report[5 + 133 - 57 - 59 - 1], 0xCC);
    CHECK_EQ(report[5 + 133 - 57 - 59], 0x00);
}

/* An answer of so many bytes, into that room. */
static void check_answer(size_t size, size_t room)
{
    struct ledger_reply reply = {.out = bytes, .room = room};
    enum ledger_found found = LEDGER_MORE;
    memset(bytes, 0xEE, sizeof(bytes));
    for (size_t at = 0, i = 0; at < size; i++) {
        size_t start = i == 0 ? 7 : 5;
        memset(report, 0, sizeof(report));
        report[0] = report[1] = 1;
        report[2] = 5;
        report[3] = (uint8_t)(i >> 8);
        report[4] = (uint8_t)i;
        if (i == 0) {
            report[5] = (uint8_t)(size >> 8);
            report[6] = (uint8_t)size;
        }
        for (; start < 64 && at < size; start++, at++)
            report[start] = (uint8_t)(at * 3);
        CHECK_EQ(found, LEDGER_MORE);
        found = ledger_take(&reply, report, sizeof(report));
    }
    CHECK_EQ(found, LEDGER_WHOLE);
    CHECK_EQ(reply.size, size);
    for (size_t i = 0; i < size && i < room; i++)
        if (bytes[i] != (uint8_t)(i * 3))
            CHECK_EQ(bytes[i], (uint8_t)(i * 3));
    CHECK_EQ(bytes[room], 0xEE);
}

static void check_wrong(void)
{
    static const struct {
        const char *packet;
        enum ledger_found found;
    } cases[] = {{"0102 05 0000 0002 9000", LEDGER_FOREIGN},
                 {"0101 06 0000 0002 9000", LEDGER_BAD_TAG},
                 {"0101 05 0001 0002 9000", LEDGER_BAD_ORDER},
                 {"0101 05 0000 0001 90", LEDGER_BAD_LENGTH},
                 {"0101 05 0000 0000", LEDGER_BAD_LENGTH},
                 {"0101 05 0000 0002 9000", LEDGER_WHOLE}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct ledger_reply reply = {.out = bytes, .room = 10};
        memset(report, 0, sizeof(report));
        (void)hex(cases[i].packet, report, sizeof(report));
        enum ledger_found found = ledger_take(&reply, report, sizeof(report));
        CHECK_EQ(found, cases[i].found);
        CHECK_EQ(strcmp(ledger_words(found), "nothing wrong") != 0,
                 found >= LEDGER_BAD_SIZE);
        CHECK_EQ(ledger_take(&reply, report, 63), LEDGER_BAD_SIZE);
        CHECK_EQ(ledger_take(&reply, report, 65), LEDGER_BAD_SIZE);
    }
    CHECK_STR(ledger_words(LEDGER_BAD_SIZE), "a report that is not of 64 bytes");
}

int main(void)
{
    check_commands();
    check_packets();
    check_answer(2, 100);
    check_answer(57, 100);
    check_answer(58, 100);
    check_answer(LEDGER_ANSWER_MAX, 65536);
    check_answer(500, 100);
    check_answer(500, 0);
    check_wrong();
    return check_result();
}
