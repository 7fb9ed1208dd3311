/* SPDX-License-Identifier: BSD-2-Clause */
/* Packets of CTAPHID: the specification's sizes, messages there and back, what is wrong. */
#include "proto/ctaphid.h"

#include "tests/support/check.h"
#include "tests/support/hex.h"

enum { CHANNEL = 0x11223344 };

static struct ctaphid_reply reply;
static uint8_t report[CTAPHID_REPORT_SIZE];

static void check_report(const char *text)
{
    uint8_t want[CTAPHID_REPORT_SIZE] = {0};
    (void)hex(text, want, sizeof(want));
    CHECK_MEM(report, want, sizeof(want));
}

static void check_vectors(void)
{
    static const uint8_t nonce[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const uint8_t version[] = {0, 3, 0, 0, 0, 0, 0};
    ctaphid_build(CTAPHID_BROADCAST, CTAPHID_INIT, nonce, sizeof(nonce), 0, report);
    check_report("FFFFFFFF 86 0008 0102030405060708");
    ctaphid_build(CHANNEL, CTAPHID_MSG, version, sizeof(version), 0, report);
    check_report("11223344 83 0007 00030000000000");
    ctaphid_build(CHANNEL, CTAPHID_CANCEL, NULL, 0, 0, report);
    check_report("11223344 91 0000");
}

/* There and back, in so many packets. */
static void check_message(size_t size, size_t packets)
{
    static uint8_t message[CTAPHID_MESSAGE_MAX];
    for (size_t i = 0; i < size; i++)
        message[i] = (uint8_t)(i * 31 + 7);
    CHECK_EQ(ctaphid_packets(size), packets);
    ctaphid_await(&reply, CHANNEL, CTAPHID_PING);
    for (size_t i = 0; i < packets; i++) {
        ctaphid_build(CHANNEL, CTAPHID_PING, message, size, i, report);
        CHECK_EQ(report[4], i == 0 ? 0x81 : i - 1);
        CHECK_EQ(ctaphid_take(&reply, report, sizeof(report)),
                 i + 1 == packets ? CTAPHID_WHOLE : CTAPHID_MORE);
    }
    CHECK_EQ(reply.size, size);
    CHECK_MEM(reply.data, message, size);
}

static enum ctaphid_found take(const char *text)
{
    memset(report, 0, sizeof(report));
    (void)hex(text, report, sizeof(report));
    return ctaphid_take(&reply, report, sizeof(report));
}

static void check_others(void)
{
    ctaphid_await(&reply, CHANNEL, CTAPHID_CBOR);
    CHECK_EQ(take("11223345 90 0001 00"), CTAPHID_FOREIGN);
    CHECK_EQ(take("FFFFFFFF 90 0001 00"), CTAPHID_FOREIGN);
    CHECK_EQ(take("11223344 00 AA"), CTAPHID_FOREIGN); /* the tail of something */
    CHECK_EQ(take("11223344 BB 0001 02"), CTAPHID_WAITS);
    CHECK_EQ(reply.status, CTAPHID_TOUCH_NEEDED);
    CHECK_EQ(take("11223344 90 003B 00"), CTAPHID_MORE);
    CHECK_EQ(take("11223345 00 AA"), CTAPHID_FOREIGN);
    CHECK_EQ(take("11223344 00 AA BB"), CTAPHID_WHOLE);
    CHECK_EQ(reply.size, 59);
    CHECK_EQ(reply.data[57], 0xAA);
    CHECK_EQ(reply.data[58], 0xBB);
    ctaphid_await(&reply, CHANNEL, CTAPHID_CBOR);
    CHECK_EQ(take("11223344 BF 0001 06"), CTAPHID_REFUSED);
    CHECK_EQ(reply.status, CTAPHID_ERR_BUSY);
    ctaphid_await(&reply, CHANNEL, CTAPHID_WINK);
    CHECK_EQ(take("11223344 88 0000"), CTAPHID_WHOLE);
    CHECK_EQ(reply.size, 0);
}

static void check_wrong(void)
{
    static const struct {
        const char *first, *second;
        enum ctaphid_found found;
    } cases[] = {{NULL, "11223344 90 1DBA 00", CTAPHID_BAD_LENGTH}, /* 7610 */
                 {NULL, "11223344 90 FFFF 00", CTAPHID_BAD_LENGTH},
                 {NULL, "11223344 BB 0000", CTAPHID_BAD_LENGTH},
                 {NULL, "11223344 BF 0002 0600", CTAPHID_BAD_LENGTH},
                 {NULL, "11223344 83 0001 00", CTAPHID_BAD_COMMAND},
                 {NULL, "11223344 86 0011 00", CTAPHID_BAD_COMMAND},
                 {"11223344 90 0100 00", "11223344 01 00", CTAPHID_BAD_ORDER},
                 {"11223344 90 0100 00", "11223344 7F 00", CTAPHID_BAD_ORDER},
                 {"11223344 90 0100 00", "11223344 90 0100 00", CTAPHID_BAD_ORDER},
                 {"11223344 90 0100 00", "11223344 BB 0001 01", CTAPHID_BAD_ORDER},
                 {"11223344 90 0100 00", "11223344 BF 0001 06", CTAPHID_BAD_ORDER}};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        ctaphid_await(&reply, CHANNEL, CTAPHID_CBOR);
        if (cases[i].first != NULL)
            CHECK_EQ(take(cases[i].first), CTAPHID_MORE);
        enum ctaphid_found found = take(cases[i].second);
        CHECK_EQ(found, cases[i].found);
        CHECK(strcmp(ctaphid_words(found), "nothing wrong") != 0);
    }
    ctaphid_await(&reply, CHANNEL, CTAPHID_CBOR);
    for (size_t size = 0; size < CTAPHID_REPORT_SIZE; size++)
        CHECK_EQ(ctaphid_take(&reply, report, size), CTAPHID_BAD_SIZE);
    CHECK_EQ(ctaphid_packets(CTAPHID_MESSAGE_MAX + 1), 0);
    CHECK_STR(ctaphid_words(CTAPHID_BAD_SIZE), "a report that is not of 64 bytes");
    CHECK_STR(ctaphid_words(CTAPHID_WHOLE), "nothing wrong");
}

static void check_init(void)
{
    static const uint8_t nonce[] = {1, 2, 3, 4, 5, 6, 7, 8};
    static const uint8_t other[] = {1, 2, 3, 4, 5, 6, 7, 9};
    struct ctaphid_init init = {.channel = 1};
    /* What is left of before does not disturb. */
    ctaphid_await(&reply, CHANNEL, CTAPHID_INIT);
    CHECK_EQ(take("11223344 90 0001 2D"), CTAPHID_FOREIGN);
    CHECK_EQ(take("11223344 BB 0001 02"), CTAPHID_FOREIGN);
    CHECK_EQ(take("11223344 05 00"), CTAPHID_FOREIGN);
    CHECK_EQ(take("11223344 86 0011 0102030405060708 11223344 02 05 04 03 05"),
             CTAPHID_WHOLE);
    CHECK(!ctaphid_read_init(reply.data, reply.size, other, &init));
    CHECK(!ctaphid_read_init(reply.data, 16, nonce, &init));
    CHECK_EQ(init.channel, 1);
    CHECK(ctaphid_read_init(reply.data, reply.size, nonce, &init));
    CHECK_EQ(init.channel, CHANNEL);
    CHECK_EQ(init.version, 2);
    CHECK_EQ(init.major, 5);
    CHECK_EQ(init.minor, 4);
    CHECK_EQ(init.build, 3);
    CHECK_EQ(init.capabilities, CTAPHID_CAN_WINK | CTAPHID_CAN_CBOR);
    memset(reply.data + 8, 0, 4);
    CHECK(!ctaphid_read_init(reply.data, reply.size, nonce, &init));
    memset(reply.data + 8, 0xFF, 4);
    CHECK(!ctaphid_read_init(reply.data, reply.size, nonce, &init));
}

int main(void)
{
    check_vectors();
    check_message(0, 1);
    check_message(57, 1);
    check_message(58, 2);
    check_message(116, 2);
    check_message(117, 3);
    check_message(CTAPHID_MESSAGE_MAX, 129);
    check_others();
    check_wrong();
    check_init();
    return check_result();
}
