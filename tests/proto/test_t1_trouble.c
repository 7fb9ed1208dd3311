/* SPDX-License-Identifier: BSD-2-Clause */
/* The host of T=1 with cards that are confused, endless, too long or gone. */
#include "proto/t1.h"
#include "tests/proto/t1_script.h"
#include "tests/support/check.h"

/* F: the card did not get our R-block and repeats; then it repeats for ever */
static void test_repeated_i(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I0_GET, "00 20 01 AA"},
                    {"00 90 00", "00 20 01 AA"}, {"00 90 00", "00 60 01 BB"},
                    {"00 80 00", "00 60 01 BB"}, {"00 80 00", I0_OK}),
               "AA BB 90 00");
    prepare(&t1, 32);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, GET), {I0_GET, "00 20 01 AA"},
                      {"00 90 00", "00 20 01 AA"}, {"00 90 00", "00 20 01 AA"},
                      {"00 90 00", "00 20 01 AA"}, {"00 90 00", "00 20 01 AA"},
                      {C_RESYNCH, E_RESYNCH}),
                 SC_F_COMM_ERROR);
    check_goes_on(&t1, 0, 0);
}

/* a card that is out of step from the first block on, and will not be helped */
static void test_out_of_step(void)
{
    struct t1 t1;
    unsigned blocks = 0;
    uint8_t wrong[] = {0x00, 0x40, 0x02, 0x6D, 0x00, 0x2F};
    prepare(&t1, 32);
    enum t1_step step =
        PLAY(&t1, start(&t1, GET), {I0_GET, "!00 40 02 6D 00 2F"},
             {"00 82 00", "!00 40 02 6D 00 2F"}, {"00 82 00", "!00 40 02 6D 00 2F"});
    while (step == T1_SEND && blocks++ < 1000)
        step = t1_receive(&t1, wrong, sizeof(wrong));
    check_failed(&t1, step, SC_F_COMM_ERROR);
    CHECK_EQ(t1.state, T1_DEAD);
    CHECK(blocks <= 4);
}

/* J: the card aborts, and the next exchange begins with a RESYNCH */
static void test_abort(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, GET), {I0_GET, "00 20 01 AA"},
                      {"00 90 00", "00 C2 00"}, {"00 E2 00", "00 90 00"}),
                 SC_F_COMM_ERROR);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {C_RESYNCH, E_RESYNCH}, {I0_GET, I0_OK}),
               OK);
    check_goes_on(&t1, 1, 1);
}

/* K: RESYNCH fails twice, then helps: the card may have carried out the command, which
 * therefore fails, and the next one works */
static void test_resynch(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_goes_on(&t1, 0, 0);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, GET), {I1_GET, ""}, {"00 92 00", ""},
                      {"00 92 00", ""}, {C_RESYNCH, ""}, {C_RESYNCH, "!00 E0 00 E1"},
                      {C_RESYNCH, E_RESYNCH}),
                 SC_F_COMM_ERROR);
    check_goes_on(&t1, 0, 0);
}

/* a chain whose last block was never sent begins anew */
static void test_resynch_before_last(void)
{
    struct t1 t1;
    prepare(&t1, 4);
    check_done(&t1,
               PLAY(&t1, start(&t1, "00 A4 00 00 04 AA BB CC DD"),
                    {"00 20 04 00 A4 00 00", "00 90 00"},
                    {"00 60 04 04 AA BB CC", C_RESYNCH}, {C_RESYNCH, E_RESYNCH},
                    {"00 20 04 00 A4 00 00", "00 90 00"},
                    {"00 60 04 04 AA BB CC", "00 80 00"}, {"00 00 01 DD", I0_OK}),
               OK);
    check_goes_on(&t1, 1, 1);
}

/* begun anew once, its last block sent then: not a second time */
static void test_resynch_twice(void)
{
    struct t1 t1;
    prepare(&t1, 4);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, GET), {"00 20 04 00 CA 00 00", C_RESYNCH},
                      {C_RESYNCH, E_RESYNCH}, {"00 20 04 00 CA 00 00", "00 90 00"},
                      {"00 40 01 02", C_RESYNCH}, {C_RESYNCH, E_RESYNCH}),
                 SC_F_COMM_ERROR);
    check_goes_on(&t1, 0, 0);
}

/* of a chain that was sent whole nothing goes out anew */
static void test_resynch_in_chain(void)
{
    struct t1 t1;
    prepare(&t1, 4);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, "00 A4 00 00 01 AA"),
                      {"00 20 04 00 A4 00 00", "00 90 00"}, {"00 40 02 01 AA", ""},
                      {"00 82 00", ""}, {"00 82 00", ""}, {C_RESYNCH, E_RESYNCH}),
                 SC_F_COMM_ERROR);
    check_goes_on(&t1, 0, 0);
}

/* K: RESYNCH never helps: the card is given up, until it is reset */
static void test_dead(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, GET), {I0_GET, ""}, {"00 82 00", ""},
                      {"00 82 00", ""}, {C_RESYNCH, ""}, {C_RESYNCH, I0_OK},
                      {C_RESYNCH, ""}),
                 SC_E_TIMEOUT);
    CHECK_EQ(t1.state, T1_DEAD);
    check_failed(&t1, start(&t1, GET), SC_F_COMM_ERROR);
    check_failed(&t1, t1_start_ifs(&t1, 254), SC_F_COMM_ERROR);
    check_failed(&t1, t1_receive(&t1, NULL, 0), SC_F_COMM_ERROR);
    CHECK_EQ(t1.state, T1_DEAD);
    prepare(&t1, 32);
    check_goes_on(&t1, 0, 0);
}

/* the card may not ask for RESYNCH: we do */
static void test_resynch_from_card(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, GET), {I0_GET, C_RESYNCH}, {C_RESYNCH, E_RESYNCH}),
                 SC_F_COMM_ERROR);
    check_goes_on(&t1, 0, 0);
}

/* after RESYNCH no block is larger than the ATR allowed */
static void test_ifsc_after_resynch(void)
{
    struct t1 t1;
    prepare(&t1, 4);
    enum t1_step step =
        PLAY(&t1, start(&t1, GET), {"00 20 04 00 CA 00 00", "00 C1 01 20"},
             {"00 E1 01 20", C_RESYNCH}, {C_RESYNCH, E_RESYNCH},
             {"00 20 04 00 CA 00 00", "00 90 00"}, {"00 40 01 02", I0_OK});
    check_done(&t1, step, OK);
    CHECK_EQ(t1.ifsc, 4);
}

/* O: chains without end: of empty blocks, of full ones */
static void check_endless_chain(uint8_t inf_size, unsigned blocks_max)
{
    static const uint8_t inf[T1_INF_MAX];
    struct t1_parameters parameters = {.ifsc = 32, .ifsd = 254};
    struct t1 t1;
    unsigned blocks = 0;
    t1_init(&t1, &parameters);
    enum t1_step step = start(&t1, GET);
    while (step == T1_SEND && blocks < 100000) {
        uint8_t block[T1_BLOCK_MAX];
        uint8_t pcb = blocks++ % 2 ? 0x60 : 0x20;
        step = t1_receive(&t1, block,
                          t1_block_build(0, pcb, inf, inf_size, T1_EDC_LRC, block));
    }
    check_failed(&t1, step, SC_F_COMM_ERROR);
    CHECK(blocks <= blocks_max);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {C_RESYNCH, E_RESYNCH}, {I0_GET, I0_OK}),
               OK);
}

static void test_endless(void)
{
    check_endless_chain(0, T1_IDLE_MAX + 1);
    check_endless_chain(1, T1_RESPONSE_MAX + 1);
    check_endless_chain(254, T1_RESPONSE_MAX / 254 + 1);
}

/* S-requests without end */
static void check_endless_s(const char *request, unsigned blocks_max)
{
    struct t1 t1;
    uint8_t block[T1_BLOCK_MAX];
    unsigned blocks = 0;
    prepare(&t1, 32);
    enum t1_step step = start(&t1, GET);
    size_t size = card_bytes(&t1, request, block, sizeof(block));
    while (step == T1_SEND && blocks++ < 100000)
        step = t1_receive(&t1, block, size);
    check_failed(&t1, step, SC_F_COMM_ERROR);
    CHECK(blocks <= blocks_max);
}

static void test_endless_requests(void)
{
    check_endless_s("00 C3 01 01", T1_OVERHEAD_MAX + 1);
    check_endless_s("00 C1 01 20", T1_IDLE_MAX + 1);
    check_endless_s("00 C0 00", 4);
    check_endless_s("00 C2 00", 2);
    check_endless_s("00 E3 01 01", 6);
    check_endless_s("00 80 00", 6);
    check_endless_s("00 90 00", 6);
}

/* RESYNCH and ABORT amid S(IFS request) */
static void test_ifs_disturbed(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    CHECK_EQ(PLAY(&t1, t1_start_ifs(&t1, 254), {"00 C1 01 FE", C_RESYNCH},
                  {C_RESYNCH, E_RESYNCH}, {"00 C1 01 FE", "00 E1 01 FE"}),
             T1_DONE);
    check_failed(&t1, PLAY(&t1, t1_start_ifs(&t1, 254), {"00 C1 01 FE", "00 C2 00"}),
                 SC_F_COMM_ERROR);
    CHECK_EQ(PLAY(&t1, t1_start_ifs(&t1, 64), {C_RESYNCH, E_RESYNCH},
                  {"00 C1 01 40", "00 C3 01 00"}, {"00 C1 01 40", "00 E1 01 40"}),
             T1_DONE);
    check_goes_on(&t1, 0, 0);
}

/* Q: the answer is longer than the caller's buffer: taken to its end, dropped */
static void test_overflow(void)
{
    struct t1 t1;
    for (size_t room = 0; room < 4; room++) {
        prepare(&t1, 32);
        size_t size = hex(GET, command, sizeof(command));
        memset(out, 0xEE, sizeof(out));
        check_failed(&t1,
                     PLAY(&t1, t1_start(&t1, command, size, out, room),
                          {I0_GET, "00 20 01 AA"}, {"00 90 00", "00 60 01 BB"},
                          {"00 80 00", I0_OK}),
                     SC_E_INSUFFICIENT_BUFFER);
        CHECK_EQ(out[room], 0xEE);
        check_goes_on(&t1, 1, 1);
    }
    prepare(&t1, 32);
    size_t size = hex(GET, command, sizeof(command));
    check_done(&t1, PLAY(&t1, t1_start(&t1, command, size, out, 2), {I0_GET, I0_OK}), OK);
}

/* an exchange that is forgotten half way */
static void test_forgotten(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    CHECK_EQ(start(&t1, GET), T1_SEND);
    CHECK_EQ(t1_start(&t1, command, 0, out, sizeof(out)), T1_FAIL);
    CHECK_EQ(t1.error, SC_E_INVALID_PARAMETER);
    CHECK_EQ(t1_start(&t1, command, T1_MESSAGE_MAX + 1, out, sizeof(out)), T1_FAIL);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {C_RESYNCH, E_RESYNCH}, {I0_GET, I0_OK}),
               OK);
    CHECK_EQ(t1_receive(&t1, NULL, 0), T1_FAIL);
    check_goes_on(&t1, 1, 1);
}

int main(void)
{
    test_repeated_i();
    test_out_of_step();
    test_abort();
    test_resynch();
    test_resynch_before_last();
    test_resynch_twice();
    test_resynch_in_chain();
    test_dead();
    test_resynch_from_card();
    test_ifsc_after_resynch();
    test_endless();
    test_endless_requests();
    test_ifs_disturbed();
    test_overflow();
    test_forgotten();
    return check_result();
}
