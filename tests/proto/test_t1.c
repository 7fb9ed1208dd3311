/* SPDX-License-Identifier: BSD-2-Clause */
/* The host of T=1 with cards that are right, slow, or err now and then. */
#include "proto/t1.h"
#include "tests/proto/t1_script.h"
#include "tests/support/check.h"

/* A: one block each way; the sequence numbers go on alternating */
static void test_single(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {I0_GET, "00 00 04 11 22 90 00"}),
               "11 22 90 00");
    CHECK_EQ(t1.wait_multiplier, 1);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {I1_GET, I1_OK}), OK);
    check_goes_on(&t1, 0, 0);
}

/* B: a command in three blocks */
static void test_chain_to_card(void)
{
    struct t1 t1;
    prepare(&t1, 4);
    check_done(&t1,
               PLAY(&t1, start(&t1, "00 A4 04 00 05 01 02 03 04 05"),
                    {"00 20 04 00 A4 04 00", "00 90 00"},
                    {"00 60 04 05 01 02 03", "00 80 00"}, {"00 00 02 04 05", I0_OK}),
               OK);
    check_goes_on(&t1, 1, 1);
}

/* C: an answer in three blocks, one of them empty */
static void test_chain_from_card(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I0_GET, "00 20 02 11 22"},
                    {"00 90 00", "00 60 00"}, {"00 80 00", "00 00 03 33 90 00"}),
               "11 22 33 90 00");
    check_goes_on(&t1, 1, 1);
}

/* D: the first reply has a wrong LRC */
static void test_bad_edc(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(
        &t1,
        PLAY(&t1, start(&t1, GET), {I0_GET, "!00 00 02 90 00 93"}, {"00 81 00", I0_OK}),
        OK);
    check_goes_on(&t1, 1, 1);
}

/* E: the reply is lost; or the command was */
static void test_silence(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {I0_GET, ""}, {"00 82 00", I0_OK}), OK);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I1_GET, ""}, {"00 92 00", "00 90 00"},
                    {I1_GET, I1_OK}),
               OK);
    check_goes_on(&t1, 0, 0);
}

/* rule 7.2: an R-block that brings nothing good is sent again as it was */
static void test_r_repeated(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I0_GET, "!00 00 02 90 00 93"},
                    {"00 81 00", ""}, {"00 81 00", I0_OK}),
               OK);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I1_GET, "00 60 01 AA"}, {"00 80 00", ""},
                    {"00 80 00", I0_OK}),
               "AA 90 00");
}

/* G: R-blocks with reserved bits, with INF; an R that acknowledges what cannot be */
static void test_bad_r(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {I0_GET, "00 84 00"}, {"00 82 00", I0_OK}),
               OK);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I1_GET, "00 90 01 00"}, {"00 92 00", I1_OK}),
               OK);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {I0_GET, "00 90 00"}, {"00 82 00", I0_OK}),
               OK);
}

/* rule 7.3: R with our own number asks for the block again */
static void test_r_asks_again(void)
{
    struct t1 t1;
    prepare(&t1, 4);
    check_done(&t1,
               PLAY(&t1, start(&t1, "00 A4 00 00 01 AA"),
                    {"00 20 04 00 A4 00 00", "00 81 00"},
                    {"00 20 04 00 A4 00 00", "00 90 00"}, {"00 40 02 01 AA", "00 92 00"},
                    {"00 40 02 01 AA", I0_OK}),
               OK);
}

/* H: waiting time extension */
static void test_wtx(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    enum t1_step step = PLAY(&t1, start(&t1, GET), {I0_GET, "00 C3 01 01"});
    CHECK_EQ(t1.wait_multiplier, 1);
    step = PLAY(&t1, step, {"00 E3 01 01", "00 C3 01 09"});
    CHECK_EQ(t1.wait_multiplier, 9);
    step = PLAY(&t1, step, {"00 E3 01 09", "00 C3 01 FF"});
    CHECK_EQ(t1.wait_multiplier, 255);
    step = PLAY(&t1, step, {"00 E3 01 FF", "00 C3 01 00"});
    CHECK_EQ(t1.wait_multiplier, 1);
    step = PLAY(&t1, step, {"00 82 00", "00 20 01 AA"}, {"00 90 00", "00 C3 01 05"});
    CHECK_EQ(t1.wait_multiplier, 5);
    check_done(&t1, PLAY(&t1, step, {"00 E3 01 05", I1_OK}), "AA 90 00");
}

/* I: the card changes IFSC amid a chain; then to a reserved value */
static void test_ifs_from_card(void)
{
    struct t1 t1;
    prepare(&t1, 4);
    enum t1_step step =
        PLAY(&t1, start(&t1, "01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E 0F"),
             {"00 20 04 01 02 03 04", "00 C1 01 10"}, {"00 E1 01 10", "00 80 00"},
             {"00 20 04 01 02 03 04", "00 90 00"},
             {"00 40 0B 05 06 07 08 09 0A 0B 0C 0D 0E 0F", "00 C1 01 FF"},
             {"00 82 00", "00 C1 01 00"}, {"00 82 00", I0_OK});
    check_done(&t1, step, OK);
    CHECK_EQ(t1.ifsc, 16);
}

/* L: NAD: ours, and the card's with the halves exchanged */
static void test_nad(void)
{
    struct t1_parameters parameters = {.nad = 0x12, .ifsc = 32};
    struct t1 t1;
    t1_init(&t1, &parameters);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {"12 00 05 " GET, "12 00 02 90 00"},
                    {"12 82 00", "21 00 02 90 00"}),
               OK);
}

/* M, N: LEN of FF, LEN and bytes that do not agree, too few bytes for any block */
static void test_lengths(void)
{
    static const char *const bad[] = {
        "!00 00 FF FF", "!00 00 02 90 00", "!00 00 02 90 00 92 00", "!00",
        "!00 00",       "!00 00 00",       "!00 00 01 90 00 92"};
    for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
        struct t1 t1;
        prepare(&t1, 32);
        enum t1_step step = PLAY(&t1, start(&t1, GET), {I0_GET, bad[i]});
        CHECK_EQ(step, T1_SEND);
        CHECK_EQ(t1.block[1] & 0xF0, 0x80);
        check_done(&t1, t1_receive(&t1, (const uint8_t[]){0, 0, 2, 0x90, 0, 0x92}, 6),
                   OK);
    }
}

/* a block above IFSD */
static void test_beyond_ifsd(void)
{
    struct t1_parameters parameters = {.ifsc = 32, .ifsd = 2};
    struct t1 t1;
    t1_init(&t1, &parameters);
    check_done(
        &t1,
        PLAY(&t1, start(&t1, GET), {I0_GET, "00 00 03 11 90 00"}, {"00 82 00", I0_OK}),
        OK);
}

/* P: S(IFS request): right, wrong, late; the card may ask for time in between */
static void test_ifs(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    CHECK_EQ(PLAY(&t1, t1_start_ifs(&t1, 254), {"00 C1 01 FE", "00 E1 01 FE"}), T1_DONE);
    CHECK_EQ(t1.ifsd, 254);
    CHECK_EQ(PLAY(&t1, t1_start_ifs(&t1, 32), {"00 C1 01 20", "00 E1 01 FE"},
                  {"00 C1 01 20", I0_OK}, {"00 C1 01 20", "00 E1 01 20"}),
             T1_DONE);
    CHECK_EQ(t1.ifsd, 32);
    check_failed(&t1,
                 PLAY(&t1, t1_start_ifs(&t1, 254), {"00 C1 01 FE", "00 E1 01 20"},
                      {"00 C1 01 FE", "00 82 00"}, {"00 C1 01 FE", ""}),
                 SC_E_TIMEOUT);
    CHECK_EQ(t1.ifsd, 32);
    CHECK_EQ(PLAY(&t1, t1_start_ifs(&t1, 100), {"00 C1 01 64", "00 C3 01 03"},
                  {"00 E3 01 03", "00 C1 01 10"}, {"00 E1 01 10", "00 E1 01 64"}),
             T1_DONE);
    CHECK_EQ(t1.ifsd, 100);
    CHECK_EQ(t1.ifsc, 16);
    check_failed(&t1, t1_start_ifs(&t1, 0), SC_E_INVALID_PARAMETER);
    check_failed(&t1, t1_start_ifs(&t1, 255), SC_E_INVALID_PARAMETER);
    check_goes_on(&t1, 0, 0);
}

/* R: the wait never exceeds what the caller set, the answer names what the card did */
static void test_wait_clamp(void)
{
    struct t1_parameters parameters = {.ifsc = 32, .wait_max = 40};
    struct t1 t1;
    t1_init(&t1, &parameters);
    enum t1_step step = PLAY(&t1, start(&t1, GET), {I0_GET, "00 C3 01 FF"});
    for (unsigned i = 0; i < 9; i++) {
        CHECK_EQ(t1.wait_multiplier, 40);
        step = PLAY(&t1, step, {"00 E3 01 FF", "00 C3 01 FF"});
    }
    check_done(&t1, PLAY(&t1, step, {"00 E3 01 FF", I0_OK}), OK);
}

/* S: R-blocks while we receive: our last block again */
static void test_r_while_receiving(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I0_GET, "00 20 01 AA"},
                    {"00 90 00", "00 80 00"}, {"00 90 00", "00 91 00"},
                    {"00 90 00", I1_OK}),
               "AA 90 00");
    prepare(&t1, 32);
    check_failed(&t1,
                 PLAY(&t1, start(&t1, GET), {I0_GET, "00 20 01 AA"},
                      {"00 90 00", "00 80 00"}, {"00 90 00", "00 80 00"},
                      {"00 90 00", "00 80 00"}, {C_RESYNCH, E_RESYNCH}),
                 SC_F_COMM_ERROR);
}

/* a lost answer of ours to an S-request is asked for by R, and sent again */
static void test_s_response_lost(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1,
               PLAY(&t1, start(&t1, GET), {I0_GET, "00 20 01 AA"},
                    {"00 90 00", "00 C3 01 02"}, {"00 E3 01 02", "00 C3 01 02"},
                    {"00 E3 01 02", I1_OK}),
               "AA 90 00");
}

/* a card whose CRC is complemented, or not: found out from its first block */
static void check_crc(enum t1_edc first, enum t1_edc real)
{
    struct t1_parameters parameters = {.ifsc = 32, .edc = first};
    struct t1 t1;
    uint8_t r[5] = {0x00, 0x81, 0x00};
    t1_init(&t1, &parameters);
    enum t1_step step = start(&t1, GET);
    check_block(&t1, I0_GET, 0);
    if (first != real) {
        t1_edc_compute(real, r, 3, r + 3);
        step = t1_receive(&t1, r, sizeof(r));
        CHECK_EQ(t1.edc, real);
    }
    check_done(&t1, PLAY(&t1, step, {I0_GET, I0_OK}), OK);
    /* from now on the other kind is an error */
    enum t1_edc other = real == T1_EDC_CRC ? T1_EDC_CRC_COMPLEMENT : T1_EDC_CRC;
    step = start(&t1, GET);
    t1_edc_compute(other, r, 3, r + 3);
    CHECK_EQ(t1_receive(&t1, r, sizeof(r)), T1_SEND);
    check_block(&t1, "00 91 00", 1);
    CHECK_EQ(t1.edc, real);
    CHECK_EQ(step, T1_SEND);
}

static void test_crc(void)
{
    check_crc(T1_EDC_CRC, T1_EDC_CRC);
    check_crc(T1_EDC_CRC, T1_EDC_CRC_COMPLEMENT);
    check_crc(T1_EDC_CRC_COMPLEMENT, T1_EDC_CRC);
}

static void test_parameters(void)
{
    struct t1_parameters parameters = {.ifsc = 255, .ifsd = 0};
    struct t1 t1;
    t1_init(&t1, &parameters);
    CHECK_EQ(t1.ifsc, 32);
    CHECK_EQ(t1.ifsd, 32);
    parameters = (struct t1_parameters){.ifsc = 254, .ifsd = 1};
    t1_init(&t1, &parameters);
    CHECK_EQ(t1.ifsc, 254);
    CHECK_EQ(t1.ifsd, 1);
}

static void test_clear(void)
{
    static const uint8_t zeros[T1_BLOCK_MAX];
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {I0_GET, I0_OK}), OK);
    t1_clear(&t1);
    CHECK_MEM(t1.block, zeros, sizeof(zeros));
    check_goes_on(&t1, 1, 1);
}

int main(void)
{
    test_single();
    test_chain_to_card();
    test_chain_from_card();
    test_bad_edc();
    test_silence();
    test_r_repeated();
    test_bad_r();
    test_r_asks_again();
    test_wtx();
    test_ifs_from_card();
    test_nad();
    test_lengths();
    test_beyond_ifsd();
    test_ifs();
    test_wait_clamp();
    test_r_while_receiving();
    test_s_response_lost();
    test_crc();
    test_parameters();
    test_clear();
    return check_result();
}
