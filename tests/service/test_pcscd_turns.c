/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: transactions, and what becomes of those whom one keeps waiting. Every
 * request has an answer while the transaction goes on: lite_receive() ends the program
 * where none comes. */
#include "tests/support/lite_service.h"

#include "os/time.h"

#include <unistd.h>

static const uint8_t select_file[] = {0x00, 0xA4, 0x00, 0x00};
static uint8_t received[65548];

/* As libpcsclite asks: again and again, with a pause. */
static uint32_t begin(struct lite *lite, uint32_t card)
{
    uint64_t deadline_ms = os_now_ms() + LITE_WAIT_MS;
    uint32_t rv;
    while ((rv = lite_plain(lite, LITE_BEGIN, card)) == BUSY
           && os_ms_left(deadline_ms) > 0)
        usleep(20000);
    return rv;
}

static uint32_t transmit(struct lite *lite, uint32_t card)
{
    uint32_t size;
    return lite_transmit(lite, card, 2, select_file, sizeof(select_file), 256, received,
                         &size);
}

static uint32_t control(struct lite *lite, uint32_t card)
{
    uint32_t size;
    return lite_control(lite, card, 0x42000800, "echo", 4, 10, received, &size);
}

static uint32_t reconnect(struct lite *lite, uint32_t card)
{
    const uint32_t body[6] = {card, 2, 3, 0};
    return lite_call(lite, LITE_RECONNECT, body, sizeof(body));
}

static uint32_t attribute(struct lite *lite, uint32_t command, uint32_t card)
{
    uint32_t body[70] = {card, 0x12345678};
    body[68] = 264;
    return lite_call(lite, command, body, sizeof(body));
}

/* What a handle is told that has to wait. */
static void check_refused(struct lite *lite, uint32_t card)
{
    CHECK_EQ(lite_plain(lite, LITE_BEGIN, card), BUSY);
    CHECK_EQ(transmit(lite, card), BUSY);
    CHECK_EQ(control(lite, card), BUSY);
    CHECK_EQ(reconnect(lite, card), BUSY);
    CHECK_EQ(attribute(lite, LITE_GET_ATTRIB, card), BUSY);
    CHECK_EQ(attribute(lite, LITE_SET_ATTRIB, card), BUSY);
    CHECK_EQ(lite_dispose(lite, LITE_END, card, 0), BUSY);
    CHECK_EQ(lite_plain(lite, LITE_STATUS, card), 0);
}

/* Two handles of one context, as two threads of a program have them: the library asks on
 * one connection for both, so the holder's calls come only after the other's answers. */
static void test_one_context(void)
{
    struct lite lite;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    uint32_t holder = lite_card(&lite, READER, 2, 3),
             waiter = lite_card(&lite, READER, 2, 3),
             elsewhere = lite_card(&lite, EMPTY, 3, 0);
    CHECK_EQ(lite_plain(&lite, LITE_BEGIN, holder), 0);
    check_refused(&lite, waiter);
    CHECK_EQ(transmit(&lite, holder), 0);
    CHECK_EQ(control(&lite, elsewhere), 0);
    /* A handle comes and goes meanwhile. */
    uint32_t third = lite_card(&lite, READER, 2, 3);
    CHECK(third != 0);
    CHECK_EQ(lite_dispose(&lite, LITE_DISCONNECT, third, 1), 0);
    CHECK_EQ(transmit(&lite, holder), 0); /* its card was not reset */
    CHECK_EQ(lite_dispose(&lite, LITE_END, holder, 0), 0);
    CHECK_EQ(begin(&lite, waiter), 0);
    CHECK_EQ(lite_plain(&lite, LITE_BEGIN, holder), BUSY);
    CHECK_EQ(transmit(&lite, waiter), 0);
    CHECK_EQ(lite_dispose(&lite, LITE_END, waiter, 0), 0);
    CHECK_EQ(begin(&lite, holder), 0);
    lite_close(&lite);
}

/* A transaction of another program: the same answers, though they may come later. */
static void test_two_contexts(void)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&other, service.pcscd_path, 6));
    uint32_t holder = lite_card(&lite, READER, 2, 3),
             waiter = lite_card(&other, READER, 2, 3);
    CHECK_EQ(lite_dispose(&lite, LITE_END, holder, 0), LITE_ERROR + 0x16);
    CHECK_EQ(lite_plain(&lite, LITE_BEGIN, holder), 0);
    check_refused(&other, waiter);
    CHECK_EQ(lite_dispose(&lite, LITE_END, holder, 7), LITE_ERROR + 0x11);
    CHECK_EQ(transmit(&lite, holder), 0);
    CHECK_EQ(lite_dispose(&lite, LITE_END, holder, 0), 0);
    CHECK_EQ(begin(&other, waiter), 0);
    CHECK_EQ(lite_dispose(&other, LITE_END, waiter, 0), 0);
    lite_close(&lite);
    lite_close(&other);
}

/* The holder dies: the next has it, and a card that was reset. */
static void test_holder_dies(void)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    CHECK(lite_open(&other, service.pcscd_path, 4));
    uint32_t holder = lite_card(&lite, READER, 2, 3),
             waiter = lite_card(&other, READER, 2, 3);
    CHECK_EQ(lite_plain(&lite, LITE_BEGIN, holder), 0);
    CHECK_EQ(lite_plain(&other, LITE_BEGIN, waiter), BUSY);
    lite_close(&lite);
    CHECK_EQ(begin(&other, waiter), RESET);
    lite_close(&other);
}

/* After another client has died, which resets the card. */
static uint32_t begin_anew(struct lite *lite, uint32_t card)
{
    uint32_t result = begin(lite, card);
    if (result != RESET)
        return result;
    CHECK_EQ(reconnect(lite, card), 0);
    return begin(lite, card);
}

/* A waiter dies, before its turn and with it: nobody waits for it. */
static void test_waiter_dies(void)
{
    struct lite lite, other;
    CHECK(lite_open(&lite, service.pcscd_path, 4));
    uint32_t holder = lite_card(&lite, READER, 2, 3);
    for (int turn = 0; turn < 2; turn++) {
        CHECK(lite_open(&other, service.pcscd_path, 4));
        uint32_t waiter = lite_card(&other, READER, 2, 3);
        CHECK_EQ(begin_anew(&lite, holder), 0);
        CHECK_EQ(lite_plain(&other, LITE_BEGIN, waiter), BUSY);
        if (turn == 0)
            lite_close(&other);
        CHECK_EQ(lite_dispose(&lite, LITE_END, holder, 0), 0);
        if (turn == 1)
            lite_close(&other);
        CHECK_EQ(begin_anew(&lite, holder), 0);
        CHECK_EQ(lite_dispose(&lite, LITE_END, holder, 0), 0);
    }
    lite_close(&lite);
}

int main(void)
{
    static void (*const tests[])(void) = {test_one_context, test_two_contexts,
                                          test_holder_dies, test_waiter_dies};
    return lite_run_tests(tests, sizeof(tests) / sizeof(tests[0]));
}
