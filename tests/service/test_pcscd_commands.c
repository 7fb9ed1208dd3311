/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: each command, and the values it gives. */
#include "tests/support/lite_service.h"

#include "base/atomic.h"
#include "os/time.h"

#include <unistd.h>

static uint8_t sent[65548], received[65548];

static void test_versions(void)
{
    struct lite lite;
    CHECK_EQ(sizeof(struct lite_record), 184);
    CHECK(lite_connect(&lite, service.pcscd_path));
    /* One that is not spoken is told which is, and may ask again. */
    CHECK_EQ(lite_version(&lite, 4, 7), LITE_ERROR + 0x1E);
    CHECK_EQ(lite.words[0], 4);
    CHECK_EQ(lite.words[1], 6);
    CHECK_EQ(lite_version(&lite, 5, 4), LITE_ERROR + 0x1E);
    CHECK_EQ(lite_version(&lite, 4, 2), LITE_ERROR + 0x1E);
    for (uint32_t minor = 3; minor <= 6; minor++)
        CHECK_EQ(lite_version(&lite, 4, minor), 0);
    lite_close(&lite);
}

static void test_contexts(void)
{
    struct lite lite, other;
    const uint32_t wild[3] = {4, 0, 0}, again[3] = {0, 0, 0};
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&other, service.pcscd_path, 4));
    CHECK(lite.context != other.context);
    CHECK((lite.context >> 31) == 0);
    CHECK_EQ(lite_call(&lite, LITE_ESTABLISH, wild, sizeof(wild)), LITE_ERROR + 0x11);
    CHECK_EQ(lite_call(&lite, LITE_ESTABLISH, again, sizeof(again)), 0);
    CHECK(lite.words[1] != lite.context);
    CHECK_EQ(lite_plain(&lite, LITE_RELEASE, other.context), LITE_ERROR + 0x03);
    CHECK_EQ(lite_plain(&lite, LITE_RELEASE, lite.context), 0);
    CHECK_EQ(lite_plain(&lite, LITE_RELEASE, lite.context), LITE_ERROR + 0x03);
    CHECK_EQ(lite_plain(&other, LITE_RELEASE, other.context), 0);
    lite_close(&lite);
    lite_close(&other);
}

static void check_connect_fails(struct lite *lite, const char *reader, uint32_t share,
                                uint32_t protocols, uint32_t error)
{
    CHECK_EQ(lite_card(lite, reader, share, protocols), 0);
    CHECK_EQ(lite->words[37], LITE_ERROR + error);
    CHECK_EQ(lite->words[35], 0);
}

static void test_connect(void)
{
    static const char long_name[] =
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&other, service.pcscd_path, 4));
    check_connect_fails(&lite, "Nothing 00 00", 2, 3, 0x09);
    check_connect_fails(&lite, "", 2, 3, 0x09);
    check_connect_fails(&lite, long_name, 2, 3, 0x09); /* no NUL in its 128 bytes */
    check_connect_fails(&lite, EMPTY, 2, 3, 0x0C);
    check_connect_fails(&lite, READER, 0, 3, 0x11);
    check_connect_fails(&lite, READER, 4, 3, 0x11);
    check_connect_fails(&lite, READER, 2, 0, 0x0F);
    uint32_t card = lite_card(&lite, READER, 2, 3);
    CHECK(card != 0);
    CHECK_EQ(lite.words[36], 2); /* of both, T=1 */
    check_connect_fails(&other, READER, 1, 3, 0x0B);
    check_connect_fails(&other, READER, 2, 1, 0x0F);
    uint32_t second = lite_card(&other, READER, 2, 0x1000); /* ANY of old */
    CHECK(second != 0 && second != card);
    CHECK_EQ(other.words[36], 2);
    CHECK_EQ(lite_dispose(&other, LITE_DISCONNECT, second, 4), LITE_ERROR + 0x11);
    CHECK_EQ(lite_dispose(&other, LITE_DISCONNECT, second, 0), 0);
    second = lite_card(&other, EMPTY, 3, 0); /* direct, without a card */
    CHECK(second != 0);
    CHECK_EQ(other.words[36], 0);
    CHECK_EQ(lite_plain(&other, LITE_STATUS, second), 0);
    CHECK_EQ(lite_dispose(&other, LITE_DISCONNECT, second, 0), 0);
    CHECK_EQ(lite_plain(&lite, LITE_STATUS, card), 0);
    CHECK_EQ(lite_dispose(&lite, LITE_DISCONNECT, card, 2), 0);
    /* With the card switched off any protocol can be had; RAW is 4 there. */
    card = lite_card(&lite, READER, 1, 4);
    CHECK(card != 0);
    CHECK_EQ(lite.words[36], 4);
    lite_close(&lite);
    lite_close(&other);
}

static void test_reconnect(void)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&other, service.pcscd_path, 6));
    uint32_t card = lite_card(&lite, READER, 2, 3),
             second = lite_card(&other, READER, 2, 3);
    uint32_t body[6] = {card, 2, 3, 1};
    CHECK_EQ(lite_call(&lite, LITE_RECONNECT, body, sizeof(body)), 0);
    CHECK_EQ(lite.words[4], 2);
    CHECK_EQ(lite_plain(&other, LITE_STATUS, second), LITE_ERROR + 0x68); /* was reset */
    CHECK_EQ(lite_plain(&other, LITE_BEGIN, second), LITE_ERROR + 0x68);
    body[3] = 3; /* eject */
    CHECK_EQ(lite_call(&lite, LITE_RECONNECT, body, sizeof(body)), LITE_ERROR + 0x11);
    body[3] = 0;
    body[1] = 9;
    CHECK_EQ(lite_call(&lite, LITE_RECONNECT, body, sizeof(body)), LITE_ERROR + 0x11);
    body[1] = 1;
    CHECK_EQ(lite_call(&lite, LITE_RECONNECT, body, sizeof(body)), LITE_ERROR + 0x0B);
    body[0] = second;
    body[1] = 2;
    CHECK_EQ(lite_call(&other, LITE_RECONNECT, body, sizeof(body)), 0);
    CHECK_EQ(lite_plain(&other, LITE_STATUS, second), 0);
    lite_close(&lite);
    lite_close(&other);
}

static void test_transmit(void)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x00, 0x00};
    struct lite lite;
    uint32_t size = 0;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    uint32_t card = lite_card(&lite, READER, 2, 3);
    CHECK_EQ(lite_transmit(&lite, card, 2, select, sizeof(select), 256, received, &size),
             0);
    CHECK_EQ(size, 2);
    CHECK_MEM(received, "\x90\x00", 2);
    CHECK_EQ(lite.words[4], 2);
    /* The longest each way. */
    fake_behaviour(0)->answer_size = sizeof(received);
    CHECK_EQ(lite_transmit(&lite, card, 2, sent, sizeof(sent), sizeof(received), received,
                           &size),
             0);
    CHECK_EQ(size, sizeof(received));
    CHECK_EQ(received[0], 0xA5);
    CHECK_EQ(received[sizeof(received) - 2], 0x90);
    /* No room for it: its length, and no byte. */
    fake_behaviour(0)->answer_size = 100;
    CHECK_EQ(lite_transmit(&lite, card, 2, select, 4, 99, received, &size),
             LITE_ERROR + 0x08);
    CHECK_EQ(size, 100);
    CHECK_EQ(lite_transmit(&lite, card, 2, select, 4, 100, received, &size), 0);
    fake_behaviour(0)->answer_size = 0;
    CHECK_EQ(lite_transmit(&lite, card, 0x1000, select, 4, 256, received, &size), 0);
    CHECK_EQ(lite_transmit(&lite, card, 1, select, 4, 256, received, &size),
             LITE_ERROR + 0x0F);
    CHECK_EQ(lite_transmit(&lite, card, 3, select, 4, 256, received, &size),
             LITE_ERROR + 0x0F);
    fake_behaviour(0)->error = SC_F_COMM_ERROR;
    CHECK_EQ(lite_transmit(&lite, card, 2, select, 4, 256, received, &size),
             LITE_ERROR + 0x13);
    CHECK_EQ(size, 0);
    fake_behaviour(0)->error = SC_OK;
    lite_close(&lite);
}

static void test_control(void)
{
    /* Features: ours go out as pcsc-lite's, 0x42000000 + 3400 and so on. */
    static const uint8_t ours[] = {6, 4, 0x00, 0x31, 0x35, 0x20, 10, 4, 1, 2, 3, 4};
    static const uint8_t theirs[] = {6, 4, 0x42, 0x00, 0x0D, 0x48, 10, 4, 1, 2, 3, 4};
    struct lite lite;
    uint32_t size = 0;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    uint32_t card = lite_card(&lite, EMPTY, 3, 0);
    CHECK_EQ(lite_control(&lite, card, 0x42000800, "echo", 4, 10, received, &size), 0);
    CHECK_EQ(size, 4);
    CHECK_MEM(received, "echo", 4);
    CHECK_EQ(lite_control(&lite, card, 0x00312000, "echo", 4, 10, received, &size), 0);
    CHECK_EQ(lite_control(&lite, card, 0x42000801, sent, sizeof(sent), sizeof(received),
                          received, &size),
             0);
    CHECK_EQ(size, sizeof(received));
    CHECK_EQ(lite_control(&lite, card, 0x42000801, "echo", 4, 3, received, &size),
             LITE_ERROR + 0x08);
    CHECK_EQ(lite_control(&lite, card, 0x42000001, "", 0, 3, received, &size),
             LITE_ERROR + 0x1F); /* pcsc-lite's SCARD_E_UNSUPPORTED_FEATURE */
    CHECK_EQ(
        lite_control(&lite, card, 0x42000D48, ours, sizeof(ours), 64, received, &size),
        0);
    CHECK_EQ(size, sizeof(theirs));
    CHECK_MEM(received, theirs, sizeof(theirs));
    lite_close(&lite);
}

static void test_attributes(void)
{
    enum { FRIENDLY_NAME = 0x7FFF0003, ATR_STRING = 0x00090303 };
    struct lite lite;
    uint32_t body[70] = {0};
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    body[0] = lite_card(&lite, READER, 2, 3);
    body[1] = ATR_STRING;
    body[68] = 264;
    CHECK_EQ(lite_call(&lite, LITE_GET_ATTRIB, body, sizeof(body)), 0);
    CHECK_EQ(lite.words[68], fake_atr_size);
    CHECK_MEM(lite.words + 2, fake_atr, fake_atr_size);
    body[1] = FRIENDLY_NAME;
    CHECK_EQ(lite_call(&lite, LITE_GET_ATTRIB, body, sizeof(body)), 0);
    CHECK_STR((const char *)(lite.words + 2), READER);
    CHECK_EQ(lite.words[68], sizeof(READER));
    body[68] = 3;
    CHECK_EQ(lite_call(&lite, LITE_GET_ATTRIB, body, sizeof(body)), LITE_ERROR + 0x08);
    CHECK_EQ(lite.words[68], sizeof(READER));
    body[68] = 264;
    body[1] = 0x12345678;
    CHECK_EQ(lite_call(&lite, LITE_GET_ATTRIB, body, sizeof(body)), LITE_ERROR + 0x1F);
    CHECK_EQ(lite_call(&lite, LITE_SET_ATTRIB, body, sizeof(body)), LITE_ERROR + 0x1F);
    lite_close(&lite);
}

static void test_states(void)
{
    struct lite lite, other;
    struct lite_record records[LITE_RECORDS];
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&other, service.pcscd_path, 4));
    CHECK(lite_states(&lite, records));
    CHECK_STR(records[0].name, READER);
    CHECK_EQ(records[0].sharing, 0);
    CHECK_EQ(records[0].atr_size, fake_atr_size);
    CHECK_MEM(records[0].atr, fake_atr, fake_atr_size);
    CHECK_STR(records[1].name, EMPTY);
    CHECK_EQ(records[1].state, 0x02);
    CHECK_EQ(records[1].atr_size, 0);
    for (unsigned i = 2; i < LITE_RECORDS; i++)
        CHECK_STR(records[i].name, "");
    uint32_t card = lite_card(&lite, READER, 2, 3),
             second = lite_card(&other, READER, 2, 3);
    CHECK(lite_states(&lite, records));
    CHECK_EQ(records[0].sharing, 2);
    CHECK_EQ(records[0].state, 0x34); /* present, powered, negotiable */
    CHECK_EQ(records[0].protocol, 2);
    CHECK_EQ(lite_dispose(&other, LITE_DISCONNECT, second, 0), 0);
    CHECK_EQ(lite_dispose(&lite, LITE_DISCONNECT, card, 2), 0);
    CHECK(lite_states(&lite, records));
    CHECK_EQ(records[0].state, 0x04); /* switched off; its ATR is known */
    CHECK_EQ(records[0].atr_size, fake_atr_size);
    card = lite_card(&lite, READER, 1, 3);
    uint32_t events = records[1].events;
    fake_insert(1);
    CHECK(lite_states(&other, records));
    CHECK_EQ(records[0].sharing, -1);
    CHECK_EQ(records[1].state, 0x34);
    CHECK_EQ(records[1].protocol, 0);
    CHECK_EQ(records[1].events, events + 1);
    fake_remove(1);
    fake_behaviour(1)->power = SC_W_UNRESPONSIVE_CARD;
    fake_insert(1);
    CHECK(lite_states(&other, records));
    CHECK_EQ(records[1].state, 0x0C); /* present, swallowed */
    CHECK_EQ(records[1].atr_size, 0);
    fake_remove(1);
    fake_behaviour(1)->power = SC_OK;
    CHECK(lite_states(&other, records));
    CHECK_EQ(records[1].state, 0x02);
    CHECK_EQ(records[1].events, events + 4);
    lite_close(&lite);
    lite_close(&other);
}

/* 4:6: as many as are announced; never fewer than before. */
static void test_array(void)
{
    struct lite lite;
    uint32_t count = 0, words[2];
    struct lite_record *records = calloc(64, sizeof(*records));
    CHECK(lite_open(&lite, service.pcscd_path, 6));
    CHECK(lite_ask(&lite, LITE_COUNT, NULL, 0));
    CHECK(lite_receive(&lite, &count, sizeof(count)));
    CHECK(count >= LITE_RECORDS && count <= 64);
    CHECK(lite_ask(&lite, LITE_ARRAY, NULL, 0));
    CHECK(lite_receive(&lite, records, count * sizeof(*records)));
    CHECK_STR(records[0].name, READER);
    CHECK_STR(records[1].name, EMPTY);
    CHECK_STR(records[2].name, "");
    CHECK(lite_ask(&lite, LITE_EVENTS, NULL, 0));
    CHECK(lite_receive(&lite, words, sizeof(words)));
    CHECK_EQ(words[0], 2); /* arrivals */
    CHECK_EQ(words[1], 0);
    CHECK(!lite_hears(&lite, 20));
    lite_close(&lite);
    free(records);
}

/* A library that was built for another number of readers gets what it waits for. */
static void test_built_for(uint32_t minor, uint32_t readers)
{
    static struct lite_record records[48];
    struct lite lite;
    service.server->options.pcscd_records = readers;
    CHECK(lite_open(&lite, service.pcscd_path, minor));
    CHECK(lite_ask(&lite, LITE_STATES, NULL, 0));
    CHECK(lite_receive(&lite, records, readers * sizeof(records[0])));
    CHECK_STR(records[0].name, READER);
    for (uint32_t i = 2; i < readers; i++)
        CHECK_STR(records[i].name, "");
    CHECK(lite_ask(&lite, LITE_WAIT, NULL, 0));
    CHECK(lite_receive(&lite, records, readers * sizeof(records[0])));
    CHECK_STR(records[0].name, READER);
    CHECK_EQ(lite_version(&lite, 4, minor), 0); /* nothing is left of them */
    CHECK_EQ(lite.words[0], 4);
    lite_close(&lite);
    service.server->options.pcscd_records = 0;
}

static void test_builds(void)
{
    test_built_for(4, 48);
    test_built_for(5, 48);
    test_built_for(4, 1);
}

/* What the card does takes its time, and its card is pulled meanwhile. */
static void test_gone_in_job(void)
{
    static const uint8_t select[] = {0x00, 0xA4, 0x00, 0x00};
    struct lite lite, other;
    uint32_t size;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    uint32_t card = lite_card(&lite, READER, 2, 3);
    const uint32_t body[8] = {card, 2, 16, 4, 3, 16, 256, 0};
    fake_behaviour(0)->deadline_ms = os_now_ms() + 300;
    atomic_store_u32(&fake_behaviour(0)->hang, 1);
    CHECK(lite_ask(&lite, LITE_TRANSMIT, body, sizeof(body)));
    CHECK(lite_send(&lite, select, sizeof(select)));
    CHECK(!lite_hears(&lite, 50));
    lite_close(&lite); /* when the job ends, all is free again */
    CHECK(lite_open(&other, service.pcscd_path, 4));
    for (int i = 0; i < 200 && (card = lite_card(&other, READER, 1, 3)) == 0; i++)
        usleep(10000);
    CHECK(card != 0);
    atomic_store_u32(&fake_behaviour(0)->hang, 0);
    CHECK_EQ(lite_transmit(&other, card, 2, select, 4, 256, received, &size), 0);
    fake_remove(0);
    CHECK_EQ(lite_transmit(&other, card, 2, select, 4, 256, received, &size),
             LITE_ERROR + 0x69);
    CHECK_EQ(lite_plain(&other, LITE_STATUS, card), LITE_ERROR + 0x69);
    fake_insert(0);
    lite_close(&other);
}

int main(void)
{
    static void (*const tests[])(void) = {test_versions,   test_contexts,   test_connect,
                                          test_reconnect,  test_transmit,   test_control,
                                          test_attributes, test_states,     test_builds,
                                          test_array,      test_gone_in_job};
    return lite_run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
