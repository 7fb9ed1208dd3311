/* SPDX-License-Identifier: BSD-2-Clause */
/* The host of T=1 and a card that speaks it too, over a line that loses and damages
 * blocks: whatever single fault there is, each command is carried out once and answered
 * right. */
#include "base/compiler.h"
#include "proto/t1.h"
#include "tests/proto/t1_peer.h"
#include "tests/support/check.h"

#include <stdlib.h>

enum fault {
    FAULT_NONE,
    FAULT_LOSE_OURS,
    FAULT_SPOIL_OURS,
    FAULT_LOSE,
    FAULT_SPOIL,
    FAULTS
};

struct line {
    enum fault fault; /* that strikes at exchange number `at` */
    unsigned at;
    unsigned percent; /* of the exchanges are struck by any fault, besides */
    uint32_t seed;
    unsigned exchanges;
    unsigned struck;
};

static struct t1_peer peer;
static uint8_t command[T1_MESSAGE_MAX];
static uint8_t out[T1_RESPONSE_MAX];

static uint32_t roll(struct line *line)
{
    line->seed = line->seed * 1664525 + 1013904223;
    return line->seed >> 8;
}

static enum fault next_fault(struct line *line)
{
    static const enum fault faults[] = {FAULT_LOSE_OURS, FAULT_SPOIL_OURS, FAULT_LOSE,
                                        FAULT_SPOIL};
    bool now = line->exchanges++ == line->at && line->fault != FAULT_NONE;
    enum fault fault = now ? line->fault : FAULT_NONE;
    if (line->percent != 0 && roll(line) % 100 < line->percent)
        fault = faults[roll(line) % ARRAY_SIZE(faults)];
    if (fault != FAULT_NONE)
        line->struck++;
    return fault;
}

static void spoil(struct line *line, uint8_t *bytes, size_t size)
{
    bytes[roll(line) % size] ^= (uint8_t)(1U << roll(line) % 8);
}

/* One block to the card, one back. */
static enum t1_step exchange(struct line *line, struct t1 *t1)
{
    uint8_t to_card[T1_BLOCK_MAX];
    uint8_t from_card[T1_BLOCK_MAX];
    enum fault fault = next_fault(line);
    if (fault == FAULT_LOSE_OURS)
        return t1_receive(t1, NULL, 0);
    memcpy(to_card, t1->block, t1->block_size);
    if (fault == FAULT_SPOIL_OURS)
        spoil(line, to_card, t1->block_size);
    size_t size = t1_peer_take(&peer, to_card, t1->block_size, from_card);
    if (fault == FAULT_LOSE)
        return t1_receive(t1, NULL, 0);
    if (fault == FAULT_SPOIL)
        spoil(line, from_card, size);
    return t1_receive(t1, from_card, size);
}

static enum t1_step run(struct line *line, struct t1 *t1, size_t command_size)
{
    for (size_t i = 0; i < command_size; i++)
        command[i] = (uint8_t)(roll(line) >> 3);
    enum t1_step step = t1_start(t1, command, command_size, out, sizeof(out));
    while (step == T1_SEND)
        step = exchange(line, t1);
    return step;
}

struct setup {
    enum t1_edc edc;
    uint8_t nad, ifsc, ifsd;
    size_t command_size, response_size;
    unsigned wtx_count;
};

static void prepare(const struct setup *setup, struct t1 *t1)
{
    struct t1_parameters parameters = {
        .nad = setup->nad, .ifsc = setup->ifsc, .ifsd = setup->ifsd, .edc = setup->edc};
    t1_init(t1, &parameters);
    t1_peer_init(&peer);
    peer.edc = setup->edc;
    peer.nad = setup->nad;
    peer.ifsc = setup->ifsc;
    peer.ifsd = setup->ifsd;
    peer.response_size = setup->response_size;
    peer.wtx_count = setup->wtx_count;
    peer.wtx = 3;
}

static void check_right(const struct t1 *t1, enum t1_step step, const struct setup *setup,
                        unsigned executed)
{
    CHECK_EQ(step, T1_DONE);
    CHECK_EQ(peer.executed, executed);
    CHECK_EQ(peer.faults, 0);
    CHECK_EQ(peer.command_size, setup->command_size);
    CHECK_MEM(peer.command, command, setup->command_size);
    CHECK_EQ(t1->out_size, setup->response_size);
    CHECK_MEM(out, peer.response, setup->response_size);
}

/* Three commands without a fault, then with one of each kind at each exchange. */
static void check_single_faults(const struct setup *setup)
{
    struct t1 t1;
    struct line clean = {.seed = 1};
    prepare(setup, &t1);
    for (unsigned i = 1; i <= 3; i++)
        check_right(&t1, run(&clean, &t1, setup->command_size), setup, i);
    for (unsigned fault = FAULT_LOSE_OURS; fault < FAULTS; fault++) {
        for (unsigned at = 0; at < clean.exchanges; at++) {
            struct line line = {.fault = (enum fault)fault, .at = at, .seed = at + 1};
            prepare(setup, &t1);
            for (unsigned i = 1; i <= 3; i++)
                check_right(&t1, run(&line, &t1, setup->command_size), setup, i);
            CHECK_EQ(line.struck, 1);
        }
    }
}

static void test_single_faults(void)
{
    static const struct setup setups[] = {
        {T1_EDC_LRC, 0, 254, 254, 5, 2, 0},    {T1_EDC_LRC, 0, 32, 32, 5, 100, 0},
        {T1_EDC_LRC, 0, 16, 32, 100, 2, 0},    {T1_EDC_CRC, 0, 32, 64, 70, 200, 0},
        {T1_EDC_LRC, 0x21, 10, 10, 35, 55, 0}, {T1_EDC_LRC, 0, 32, 32, 5, 40, 2},
        {T1_EDC_CRC, 0x53, 1, 1, 4, 3, 1},     {T1_EDC_LRC, 0, 64, 32, 64, 33, 3},
    };
    for (size_t i = 0; i < ARRAY_SIZE(setups); i++)
        check_single_faults(&setups[i]);
}

/* A card that gives its last answer again instead of asking for the command that it
 * missed: the command fails, and is not carried out later, and the next one works. */
static void test_stubborn(void)
{
    static const struct setup setup = {T1_EDC_LRC, 0, 32, 32, 5, 10, 0};
    struct line line = {.fault = FAULT_LOSE_OURS, .at = 1, .seed = 1};
    struct t1 t1;
    prepare(&setup, &t1);
    peer.stubborn = true;
    check_right(&t1, run(&line, &t1, setup.command_size), &setup, 1);
    CHECK_EQ(run(&line, &t1, setup.command_size), T1_FAIL);
    CHECK_EQ(t1.error, SC_F_COMM_ERROR);
    CHECK_EQ(peer.executed, 1);
    check_right(&t1, run(&line, &t1, setup.command_size), &setup, 2);
}

/* Lines of any badness: never a wrong answer, never a hang, and never a command carried
 * out twice. */
static void check_noise(unsigned percent, uint32_t seed, bool stubborn)
{
    static const struct setup setup = {T1_EDC_LRC, 0, 20, 20, 50, 70, 1};
    struct line line = {.percent = percent, .seed = seed};
    struct t1 t1;
    prepare(&setup, &t1);
    peer.stubborn = stubborn;
    for (unsigned i = 0; i < 20 && t1.state != T1_DEAD; i++) {
        unsigned before = peer.executed;
        enum t1_step step = run(&line, &t1, setup.command_size);
        CHECK(step == T1_DONE || step == T1_FAIL);
        if (step == T1_DONE) {
            CHECK_MEM(peer.command, command, setup.command_size);
            CHECK_EQ(t1.out_size, setup.response_size);
            CHECK_MEM(out, peer.response, setup.response_size);
        }
        CHECK(peer.executed <= before + 1);
        CHECK_EQ(peer.faults, 0);
    }
    CHECK(line.exchanges < 100000);
}

static void test_noise(void)
{
    static const unsigned percents[] = {1, 5, 20, 50, 90};
    for (size_t i = 0; i < ARRAY_SIZE(percents); i++)
        for (uint32_t seed = 1; seed <= 300; seed++)
            check_noise(percents[i], seed, seed % 2 == 0);
}

/* The most both ways, in the smallest blocks the default sizes give. */
static void test_largest(void)
{
    static const struct setup setup = {T1_EDC_LRC,      0, 32, 32, T1_MESSAGE_MAX,
                                       T1_RESPONSE_MAX, 1};
    struct line line = {.seed = 1};
    struct t1 t1;
    prepare(&setup, &t1);
    check_right(&t1, run(&line, &t1, setup.command_size), &setup, 1);
    CHECK_EQ(line.exchanges, (T1_MESSAGE_MAX + 31) / 32 + (T1_RESPONSE_MAX + 31) / 32);
    peer.response_size = T1_RESPONSE_MAX + 1;
    CHECK_EQ(run(&line, &t1, 5), T1_FAIL);
    CHECK_EQ(t1.error, SC_F_COMM_ERROR);
}

/* IFSD is told to the card, which then sends larger blocks. */
static void test_ifsd(void)
{
    static const struct setup setup = {T1_EDC_LRC, 0, 32, 32, 5, 254, 0};
    struct line line = {.seed = 1};
    struct t1 t1;
    prepare(&setup, &t1);
    enum t1_step step = t1_start_ifs(&t1, 254);
    while (step == T1_SEND)
        step = exchange(&line, &t1);
    CHECK_EQ(step, T1_DONE);
    CHECK_EQ(peer.ifsd, 254);
    check_right(&t1, run(&line, &t1, setup.command_size), &setup, 1);
    CHECK_EQ(line.exchanges, 2);
}

int main(void)
{
    test_single_faults();
    test_stubborn();
    test_noise();
    test_largest();
    test_ifsd();
    return check_result();
}
