/* SPDX-License-Identifier: BSD-2-Clause */
/* The card's ends of T=1 and T=0 on a bad line: seeded noise both ways, chained commands,
 * and bytes that are no protocol at all. */
#include "tests/support/check.h"

#include "drivers/soft/t0_card.h"
#include "drivers/soft/t1_card.h"
#include "proto/t1.h"

enum { ROUNDS = 3000, COMMAND_MAX = 1200, BWT_MS = 100 };

static uint32_t seed = 1;
static struct soft_card card;
static struct t1_card peer;
static struct t1 host;
static uint8_t command[COMMAND_MAX + 9], answer[COMMAND_MAX + 2];

static uint32_t pick(uint32_t below)
{
    seed = seed * 1664525U + 1013904223U;
    return (seed >> 8) % below;
}

/* One block out of so many loses a bit, its end, or itself. */
static size_t disturb(uint8_t *block, size_t size, uint32_t one_in)
{
    if (one_in == 0 || size == 0 || pick(one_in) != 0)
        return size;
    switch (pick(3)) {
    case 0:
        block[pick((uint32_t)size)] ^= (uint8_t)(1U << pick(8));
        return size;
    case 1:
        return size - 1;
    default:
        return 0;
    }
}

static void connect_again(uint8_t ifsc, uint8_t ifsd)
{
    struct t1_parameters parameters = {.ifsc = ifsc, .edc = T1_EDC_LRC};
    soft_card_reset(&card);
    t1_card_init(&peer, &card, ifsc, BWT_MS);
    t1_init(&host, &parameters);
    enum t1_step step = t1_start_ifs(&host, ifsd);
    CHECK_EQ(step, T1_SEND);
    uint8_t block[T1_BLOCK_MAX];
    uint32_t delay_ms;
    size_t size = t1_card_take(&peer, host.block, host.block_size, block, &delay_ms);
    CHECK_EQ(t1_receive(&host, block, size), T1_DONE);
    CHECK_EQ(peer.ifsd, ifsd);
}

/* Echoes `size` bytes; the time that the card asked for is added up. */
static enum t1_step echo(size_t size, uint32_t one_in, uint32_t *took_ms)
{
    const uint8_t header[] = {0x80, 0xE1, 0, 0, 0, (uint8_t)(size >> 8), (uint8_t)size};
    uint8_t block[T1_BLOCK_MAX];
    memcpy(command, header, sizeof(header));
    for (size_t i = 0; i < size; i++)
        command[7 + i] = (uint8_t)pick(256);
    command[7 + size] = command[8 + size] = 0;
    *took_ms = 0;
    enum t1_step step = t1_start(&host, command, size + 9, answer, sizeof(answer));
    while (step == T1_SEND) {
        uint8_t sent[T1_BLOCK_MAX];
        uint32_t delay_ms, allowed_ms = (uint32_t)host.wait_multiplier * BWT_MS;
        memcpy(sent, host.block, host.block_size);
        size_t there = disturb(sent, host.block_size, one_in);
        size_t back = there != 0 ? t1_card_take(&peer, sent, there, block, &delay_ms) : 0;
        if (back != 0 && one_in == 0)
            CHECK(delay_ms < allowed_ms);
        *took_ms += back != 0 ? delay_ms : 0;
        back = disturb(block, back, one_in);
        step = t1_receive(&host, back != 0 ? block : NULL, back);
    }
    return step;
}

static void check_quiet_line(void)
{
    static const uint8_t sizes[][2] = {{254, 254}, {32, 32}, {1, 254}, {254, 1}, {7, 13}};
    uint32_t took_ms;
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        connect_again(sizes[i][0], sizes[i][1]);
        for (size_t size = 1; size <= COMMAND_MAX; size += 1 + size / 3) {
            CHECK_EQ(echo(size, 0, &took_ms), T1_DONE);
            CHECK_EQ(host.out_size, size + 2);
            CHECK_MEM(answer, command + 7, size);
        }
    }
    card.delay_ms = 1234; /* needs S(WTX), more than once */
    connect_again(254, 254);
    CHECK_EQ(echo(300, 0, &took_ms), T1_DONE);
    CHECK_EQ(took_ms, 1234);
    card.delay_ms = 60000;
    CHECK_EQ(echo(300, 0, &took_ms), T1_DONE);
    CHECK_EQ(took_ms, 60000);
    card.delay_ms = 0;
}

/* An exchange ends with the right answer, or with an error; never with a wrong one, and a
 * good line afterwards is enough to go on. */
static void check_bad_line(void)
{
    uint32_t took_ms, good = 0;
    connect_again(32, 32);
    for (uint32_t i = 0; i < ROUNDS; i++) {
        size_t size = 1 + pick(200);
        card.delay_ms = pick(4) == 0 ? 250 : 0;
        enum t1_step step = echo(size, 6, &took_ms);
        if (step == T1_DONE) {
            good++;
            CHECK_EQ(host.out_size, size + 2);
            CHECK_EQ(memcmp(answer, command + 7, size), 0);
        }
        if (host.state == T1_DEAD)
            connect_again(32, 32);
    }
    CHECK(good > ROUNDS / 4 && good < ROUNDS);
    card.delay_ms = 0;
    if (echo(10, 0, &took_ms) != T1_DONE) /* the first may still bring it into step */
        CHECK_EQ(echo(10, 0, &took_ms), T1_DONE);
}

/* What a host sends twice is carried out once. */
static void check_repeated(void)
{
    static const uint8_t verify[] = {0x00, 0x20, 0x00, 0x01, 0x04, '0', '0', '0', '0'};
    uint8_t block[T1_BLOCK_MAX], out[T1_BLOCK_MAX];
    uint32_t delay_ms;
    connect_again(254, 254);
    size_t size = t1_block_build(0, T1_PCB_I, verify, sizeof(verify), T1_EDC_LRC, block);
    CHECK_EQ(t1_card_take(&peer, block, size, out, &delay_ms), 6);
    CHECK_EQ(out[4], 0xC2);
    CHECK_EQ(t1_card_take(&peer, block, size, out, &delay_ms), 4);
    CHECK_EQ(out[1], T1_PCB_R | T1_PCB_R_SEQUENCE | T1_PCB_R_OTHER);
    CHECK_EQ(card.tries, 2);
    /* a block longer than the card takes, S-blocks it must not get */
    connect_again(16, 16);
    size = t1_block_build(0, T1_PCB_I, command, 17, T1_EDC_LRC, block);
    CHECK_EQ(t1_card_take(&peer, block, size, out, &delay_ms), 4);
    CHECK_EQ(out[1], T1_PCB_R | T1_PCB_R_OTHER);
    size = t1_block_build(0, T1_PCB_S | T1_S_WTX, verify + 3, 1, T1_EDC_LRC, block);
    CHECK_EQ(t1_card_take(&peer, block, size, out, &delay_ms), 4);
    size = t1_block_build(0, T1_PCB_S | T1_S_IFS, verify, 1, T1_EDC_LRC, block);
    CHECK_EQ(t1_card_take(&peer, block, size, out, &delay_ms), 4);
    CHECK_EQ(peer.ifsd, 16);
    size = t1_block_build(0, T1_PCB_S | T1_S_ABORT, NULL, 0, T1_EDC_LRC, block);
    CHECK_EQ(t1_card_take(&peer, block, size, out, &delay_ms), 4);
    CHECK_EQ(out[1], T1_PCB_S | T1_PCB_S_RESPONSE | T1_S_ABORT);
}

static void check_garbage(void)
{
    uint8_t bytes[T1_BLOCK_MAX], out[T1_BLOCK_MAX + T0_ANSWER_MAX];
    uint32_t delay_ms;
    struct t0_card t0;
    connect_again(254, 254);
    t0_card_init(&t0, &card);
    for (uint32_t i = 0; i < 20 * ROUNDS; i++) {
        size_t inf = pick(T1_INF_MAX), size = pick(6) == 0 ? pick(261) : 5 + pick(20);
        for (size_t j = 0; j < sizeof(bytes); j++)
            bytes[j] = (uint8_t)pick(256);
        CHECK(t0_card_take(&t0, bytes, size < sizeof(bytes) ? size : sizeof(bytes), out,
                           &delay_ms)
              <= T0_ANSWER_MAX);
        uint8_t block[T1_BLOCK_MAX], pcb = (uint8_t)pick(256);
        size = t1_block_build(0, pcb, bytes, inf, T1_EDC_LRC, block);
        CHECK(t1_card_take(&peer, block, size, out, &delay_ms) <= T1_BLOCK_MAX);
        if (peer.mute || t0.mute) {
            connect_again(254, 254);
            t0_card_init(&t0, &card);
        }
    }
}

int main(void)
{
    if (!soft_card_init(&card, "1234", 0, 7))
        return 1;
    check_quiet_line();
    check_bad_line();
    check_repeated();
    check_garbage();
    soft_card_clear(&card);
    return check_result();
}
