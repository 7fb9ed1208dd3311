/* SPDX-License-Identifier: BSD-2-Clause */
/* Commands in T=0 and T=1 over a line that follows a script (drivers/iso): what is sent,
 * how many bytes are asked for, and what becomes of the answers. */
#include "tests/support/check.h"
#include "tests/support/fake_line.h"
#include "tests/support/hex.h"

#include <stdbool.h>

/* --- Commands ----------------------------------------------------------------------- */

struct command {
    const char *what;
    enum iso_line_kind kind;
    uint32_t protocol;
    bool whole;
    const char *in;
    enum sc_error error;
    const char *out;
    struct line_call calls[LINE_CALLS_MAX];
};

static const struct command commands[] = {
    {"T=0, case 2",
     TPDU,
     PROTOCOL_T0,
     false,
     "00 B0 00 00 02",
     SC_OK,
     "AA BB 90 00",
     {CALL("00 B0 00 00 02", 0, "AA BB 90 00")}},
    {"61xx goes to the program",
     TPDU,
     PROTOCOL_T0,
     false,
     "00 A4 00 00 02 3F 00",
     SC_OK,
     "61 02",
     {CALL("00 A4 00 00 02 3F 00", 0, "61 02")}},
    {"or is fetched here",
     TPDU,
     PROTOCOL_T0,
     true,
     "00 A4 00 00 02 3F 00 00",
     SC_OK,
     "AA BB 90 00",
     {CALL("00 A4 00 00 02 3F 00", 0, "61 02"),
      CALL("00 C0 00 00 02", 0, "AA BB 90 00")}},
    {"T=0 by characters: header, INS, data",
     CHARS,
     PROTOCOL_T0,
     false,
     "00 D6 00 00 02 11 22",
     SC_OK,
     "90 00",
     {CALL("00 D6 00 00 02", 1, "D6"), CALL("11 22", 1, "90"), CALL("", 1, "00")}},
    {"fewer bytes than were asked for",
     CHARS,
     PROTOCOL_T0,
     false,
     "00 B0 00 00 03",
     SC_OK,
     "01 02 03 90 00",
     {CALL("00 B0 00 00 03", 1, "B0"), CALL("", 3, "01 02"), CALL("", 1, "03"),
      CALL("", 1, "90"), CALL("", 1, "00")}},
    {"a command to the reader is none for the card",
     CHARS,
     PROTOCOL_T0,
     false,
     "FF C2 01 00 00",
     SC_OK,
     "6E 00",
     {{0}}},
    {"T=0 knows no repetition",
     TPDU,
     PROTOCOL_T0,
     false,
     "00 B0 00 00 02",
     SC_F_COMM_ERROR,
     "",
     {{"00 B0 00 00 02", 0, "", SC_F_COMM_ERROR, ISO_FAULT_MUTE}}},
    {"the card is pulled",
     CHARS,
     PROTOCOL_T0,
     false,
     "00 B0 00 00 02",
     SC_E_NO_SMARTCARD,
     "",
     {{"00 B0 00 00 02", 1, "", SC_E_NO_SMARTCARD, 0}}},
    {"T=1",
     TPDU,
     PROTOCOL_T1,
     false,
     "00 B0 00 00 02",
     SC_OK,
     "AA BB 90 00",
     {CALL("00 00 05 00 B0 00 00 02 B7", 0, "00 00 04 AA BB 90 00 85")}},
    {"T=1 by characters, in pieces",
     CHARS,
     PROTOCOL_T1,
     false,
     "00 B0 00 00 02",
     SC_OK,
     "AA BB 90 00",
     {CALL("00 00 05 00 B0 00 00 02 B7", 3, "00"), CALL("", 2, "00 04"),
      CALL("", 5, "AA BB 90"), CALL("", 2, "00 85")}},
    {"a mute card is asked again",
     TPDU,
     PROTOCOL_T1,
     false,
     "00 B0 00 00 02",
     SC_OK,
     "90 00",
     {{"00 00 05 00 B0 00 00 02 B7", 0, "", SC_F_COMM_ERROR, ISO_FAULT_MUTE},
      CALL("00 82 00 82", 0, "00 00 02 90 00 92")}},
    {"wrong parity makes a block a bad one",
     CHARS,
     PROTOCOL_T1,
     false,
     "00 B0 00 00 02",
     SC_OK,
     "90 00",
     {{"00 00 05 00 B0 00 00 02 B7", 3, "", SC_F_COMM_ERROR, ISO_FAULT_PARITY},
      CALL("00 82 00 82", 3, "00 00 02"),
      CALL("", 3, "90 00 92")}},
    {"half a block is a wrong one",
     CHARS,
     PROTOCOL_T1,
     false,
     "00 B0 00 00 02",
     SC_OK,
     "90 00",
     {CALL("00 00 05 00 B0 00 00 02 B7", 3, "00 00 04"), CALL("", 5, "AA"),
      CALL("", 4, ""), CALL("00 82 00 82", 3, "00 00 02"), CALL("", 3, "90 00 92")}},
    {"a reader at fault ends it",
     TPDU,
     PROTOCOL_T1,
     false,
     "00 B0 00 00 02",
     SC_F_COMM_ERROR,
     "",
     {{"00 00 05 00 B0 00 00 02 B7", 0, "", SC_F_COMM_ERROR, 0}}},
    {"so does whoever cancels",
     CHARS,
     PROTOCOL_T1,
     false,
     "00 B0 00 00 02",
     SC_E_CANCELLED,
     "",
     {CALL("00 00 05 00 B0 00 00 02 B7", 3, "00 00 04"),
      {"", 5, "AA", SC_E_CANCELLED, 0}}},
    {"no protocol, no command",
     TPDU,
     0,
     false,
     "00 B0 00 00 02",
     SC_E_PROTO_MISMATCH,
     "",
     {{0}}},
};

static void test_command(const struct command *c)
{
    struct fake_line fake;
    struct iso_card card;
    uint8_t in[LINE_BYTES_MAX], out[LINE_BYTES_MAX], wanted[LINE_BYTES_MAX];
    unsigned before = check_failures;
    fake_line_begin(&fake, &card, c->kind, c->protocol);
    fake_line_script(&fake, c->calls, fake_line_count(c->calls));
    struct transfer t = {.in = in,
                         .in_size = hex(c->in, in, sizeof(in)),
                         .out = out,
                         .out_room = sizeof(out),
                         .job = fake_line_job};
    CHECK_EQ(iso_transmit(&card, c->whole, &t), c->error);
    CHECK(fake_line_followed(&fake));
    CHECK_EQ(t.out_size, hex(c->out, wanted, sizeof(wanted)));
    if (t.out_size == hex(c->out, wanted, sizeof(wanted)))
        CHECK_MEM(out, wanted, t.out_size);
    iso_card_clear(&card);
    if (check_failures != before)
        fprintf(stderr, "... that was: %s\n", c->what);
}

/* --- What the line is told besides the bytes ---------------------------------------- */

static void run(struct fake_line *fake, struct iso_card *card, const char *command,
                enum sc_error error)
{
    uint8_t in[LINE_BYTES_MAX], out[LINE_BYTES_MAX];
    struct transfer t = {.in = in,
                         .in_size = hex(command, in, sizeof(in)),
                         .out = out,
                         .out_room = sizeof(out),
                         .job = fake_line_job};
    CHECK_EQ(iso_transmit(card, false, &t), error);
    CHECK(fake_line_followed(fake));
}

static void test_case_1(void)
{
    static const struct line_call five[] = {CALL("00 44 00 00 00", 0, "90 00")};
    static const struct line_call more[] = {CALL("00 44 00 00 01 00", 0, "90 00")};
    struct fake_line fake;
    struct iso_card card;
    fake_line_begin(&fake, &card, ISO_LINE_TPDU, PROTOCOL_T0);
    fake_line_script(&fake, five, 1);
    run(&fake, &card, "00 44 00 00", SC_OK);
    CHECK(fake.case_1);
    fake_line_script(&fake, five, 1);
    run(&fake, &card, "00 44 00 00 00", SC_OK);
    CHECK(!fake.case_1);
    fake_line_script(&fake, more, 1);
    run(&fake, &card, "00 44 00 00 01 00", SC_OK);
    CHECK(!fake.case_1);
}

/* S(WTX request) for the tenfold; the next block is of the usual kind again. */
static void test_waiting(void)
{
    static const struct line_call calls[] = {
        CALL("00 00 05 00 B0 00 00 02 B7", 0, "00 C3 01 0A C8"),
        CALL("00 E3 01 0A E8", 0, "00 00 02 90 00 92")};
    static const struct line_call next[] = {
        CALL("00 40 05 00 B0 00 00 02 F7", 0, "00 40 02 90 00 D2")};
    struct fake_line fake;
    struct iso_card card;
    fake_line_begin(&fake, &card, ISO_LINE_TPDU, PROTOCOL_T1);
    fake_line_script(&fake, calls, 2);
    run(&fake, &card, "00 B0 00 00 02", SC_OK);
    CHECK_EQ(fake.wait_multiplier, 10);
    uint32_t long_ms = fake.timeout_ms;
    fake_line_script(&fake, next, 1);
    run(&fake, &card, "00 B0 00 00 02", SC_OK);
    CHECK_EQ(fake.wait_multiplier, 0);
    CHECK(fake.timeout_ms < long_ms);
}

/* A card that does not answer RESYNCH is dead, until it is reset and negotiated with. */
static void test_dead(void)
{
    static const uint8_t command[] = {0x00, 0xB0, 0x00, 0x00, 0x02};
    struct fake_line fake;
    struct iso_card card;
    uint8_t out[8];
    fake_line_begin(&fake, &card, ISO_LINE_TPDU, PROTOCOL_T1);
    CHECK(!iso_card_is_dead(&card));
    enum t1_step step = t1_start(&card.t1, command, sizeof(command), out, sizeof(out));
    for (int i = 0; i < 64 && step == T1_SEND; i++)
        step = t1_receive(&card.t1, NULL, 0);
    CHECK_EQ(step, T1_FAIL);
    CHECK(iso_card_is_dead(&card));
    run(&fake, &card, "00 B0 00 00 02", SC_F_COMM_ERROR);
    fake_line_begin(&fake, &card, ISO_LINE_TPDU, PROTOCOL_T1);
    CHECK(!iso_card_is_dead(&card));
}

int main(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
        test_command(&commands[i]);
    test_case_1();
    test_waiting();
    test_dead();
    return check_result();
}
