/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands that the reader completes with a PIN: asked for once, withdrawn, in trouble.
 */
#include "proto/t1.h"
#include "tests/proto/t1_script.h"
#include "tests/support/check.h"

#define VERIFY  "00 20 00 81 08"
#define I0_PIN  "00 00 05 " VERIFY
#define I1_PIN  "00 40 05 " VERIFY
#define R0_OUCH "00 80 00"
#define R1_OUCH "00 90 00"

static enum t1_step start_pin(struct t1 *t1, const char *template)
{
    size_t size = hex(template, command, sizeof(command));
    memset(out, 0xEE, sizeof(out));
    return t1_start_at_reader(t1, command, size, out, sizeof(out));
}

/* the machine goes on with N(S), N(R), waiting time extensions and repetitions */
static void test_done(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_done(&t1, PLAY(&t1, start_pin(&t1, VERIFY), {I0_PIN, I0_OK}), OK);
    check_done(&t1,
               PLAY(&t1, start_pin(&t1, VERIFY), {I1_PIN, "00 C3 01 02"},
                    {"00 E3 01 02", "!00 40 02 90 00 00"}, {"00 91 00", I1_OK}),
               OK);
    check_goes_on(&t1, 0, 0);
}

/* nobody entered a PIN: nothing was sent */
static void test_withdrawn(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    CHECK_EQ(start_pin(&t1, VERIFY), T1_SEND);
    t1_withdraw(&t1);
    CHECK_EQ(t1.state, T1_IDLE);
    CHECK_EQ(t1_receive(&t1, NULL, 0), T1_FAIL);
    check_goes_on(&t1, 0, 0);
    CHECK_EQ(start_pin(&t1, VERIFY), T1_SEND);
    t1_withdraw(&t1);
    check_goes_on(&t1, 1, 1);
}

/* too late, or an exchange of another kind: no effect */
static void test_not_withdrawn(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    CHECK_EQ(PLAY(&t1, start_pin(&t1, VERIFY), {I0_PIN, "00 C3 01 01"}), T1_SEND);
    t1_withdraw(&t1);
    check_done(&t1, PLAY(&t1, T1_SEND, {"00 E3 01 01", I0_OK}), OK);
    CHECK_EQ(start(&t1, GET), T1_SEND);
    t1_withdraw(&t1);
    check_done(&t1, PLAY(&t1, T1_SEND, {I1_GET, I1_OK}), OK);
    t1_withdraw(&t1);
    check_goes_on(&t1, 0, 0);
}

/* the card wants the block again: the machine has no PIN to send */
static void test_not_repeated(void)
{
    struct t1 t1;
    prepare(&t1, 32);
    check_failed(&t1, PLAY(&t1, start_pin(&t1, VERIFY), {I0_PIN, R0_OUCH}),
                 SC_F_COMM_ERROR);
    check_done(&t1, PLAY(&t1, start(&t1, GET), {C_RESYNCH, E_RESYNCH}, {I0_GET, I0_OK}),
               OK);
    check_failed(&t1,
                 PLAY(&t1, start_pin(&t1, VERIFY), {I1_PIN, ""}, {"00 92 00", R1_OUCH}),
                 SC_F_COMM_ERROR);
    check_done(&t1,
               PLAY(&t1, start_pin(&t1, VERIFY), {C_RESYNCH, E_RESYNCH}, {I0_PIN, I0_OK}),
               OK);
    check_failed(&t1,
                 PLAY(&t1, start_pin(&t1, VERIFY), {I1_PIN, ""}, {"00 92 00", ""},
                      {"00 92 00", ""}, {C_RESYNCH, E_RESYNCH}),
                 SC_F_COMM_ERROR);
    check_goes_on(&t1, 0, 0);
}

/* one block, also with the size that is right after a RESYNCH */
static void test_size(void)
{
    struct t1 t1;
    prepare(&t1, 5);
    check_failed(&t1, start_pin(&t1, VERIFY "30"), SC_E_INVALID_PARAMETER);
    check_failed(&t1, start_pin(&t1, ""), SC_E_INVALID_PARAMETER);
    check_done(&t1,
               PLAY(&t1, start_pin(&t1, VERIFY), {I0_PIN, "00 C1 01 20"},
                    {"00 E1 01 20", I0_OK}),
               OK);
    check_done(&t1,
               PLAY(&t1, start_pin(&t1, VERIFY "30"), {"00 40 06 " VERIFY "30", I1_OK}),
               OK);
}

int main(void)
{
    test_done();
    test_withdrawn();
    test_not_withdrawn();
    test_not_repeated();
    test_size();
    return check_result();
}
