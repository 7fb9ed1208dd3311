/* SPDX-License-Identifier: BSD-2-Clause */
/* drivers/iso from the ATR to a protocol that runs, against a line that follows a script:
 * what is sent, what the reader is told, what holds in the end. */
#include "tests/support/check.h"
#include "tests/support/fake_line.h"

struct negotiation {
    const char *what;
    enum iso_line_kind kind;
    const char *atr;
    uint32_t protocol;
    enum iso_negotiation terms;
    bool default_only;
    enum iso_ifs ifs;
    enum sc_error error;
    uint8_t fidi, ifsd;
    struct line_call calls[LINE_CALLS_MAX];
};

static const struct negotiation negotiations[] = {
    {"a PPS for the rate, and parameters that know of it",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x96,
     0,
     {CALL("FF 10 96 79", 0, "FF 10 96 79"), CALL("P00 96 01", 0, "")}},
    {"the answer to a PPS has its length in its second byte",
     CHARS,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x96,
     0,
     {CALL("FF 10 96 79", 2, "FF 10"), CALL("", 2, "96 79"), CALL("P00 96 01", 0, "")}},
    {"a card that leaves PPS1 out stays at the default rate",
     CHARS,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x11,
     0,
     {CALL("FF 10 96 79", 2, "FF 00"), CALL("", 1, "FF"), CALL("P00 11 00", 0, "")}},
    {"a PPS that is not answered: a reset, and the default rate",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x11,
     0,
     {{"FF 10 96 79", 0, "", SC_F_COMM_ERROR, ISO_FAULT_MUTE},
      CALL("R3B 10 96", 0, ""),
      CALL("P00 11 00", 0, "")}},
    {"a rate that the reader refuses: the same",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x11,
     0,
     {CALL("FF 10 96 79", 0, "FF 10 96 79"),
      {"P00 96 01", 0, "", SC_E_PROTO_MISMATCH, 0},
      CALL("R3B 10 96", 0, ""),
      CALL("P00 11 00", 0, "")}},
    {"refused twice",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_E_PROTO_MISMATCH,
     0x11,
     0,
     {CALL("FF 10 96 79", 0, "FF 10 95 7A"),
      CALL("R3B 10 96", 0, ""),
      {"P00 11 00", 0, "", SC_E_PROTO_MISMATCH, 0}}},
    {"a line that sends the PPS is only told",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ISO_NEGOTIATE_PARAMETERS,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x96,
     0,
     {CALL("P00 96 00", 0, "")}},
    {"a line that has done it all is not told",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ISO_NEGOTIATE_NOTHING,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x96,
     0,
     {{0}}},
    {"a line that has one rate",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     true,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x11,
     0,
     {CALL("P00 11 00", 0, "")}},
    {"a protocol that the ATR does not offer",
     TPDU,
     ATR_T0,
     PROTOCOL_T1,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_E_PROTO_MISMATCH,
     0,
     0,
     {{0}}},
    {"the largest block is said",
     TPDU,
     ATR_T1_ONLY,
     PROTOCOL_T1,
     ALL,
     false,
     ISO_IFS_REQUEST,
     SC_OK,
     0x11,
     254,
     {CALL("P01 11 00", 0, ""), CALL("00 C1 01 FE 3E", 0, "00 E1 01 FE 1E")}},
    {"by characters: the prologue first, then the rest",
     CHARS,
     ATR_T1_ONLY,
     PROTOCOL_T1,
     ALL,
     false,
     ISO_IFS_REQUEST,
     SC_OK,
     0x11,
     254,
     {CALL("P01 11 00", 0, ""), CALL("00 C1 01 FE 3E", 3, "00 E1 01"),
      CALL("", 2, "FE 1E")}},
    {"the line has said it",
     TPDU,
     ATR_T1_ONLY,
     PROTOCOL_T1,
     ALL,
     false,
     ISO_IFS_TOLD,
     SC_OK,
     0x11,
     254,
     {CALL("P01 11 00", 0, "")}},
    {"nobody says it",
     TPDU,
     ATR_T1_ONLY,
     PROTOCOL_T1,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_OK,
     0x11,
     32,
     {CALL("P01 11 00", 0, "")}},
    {"the reader is gone meanwhile",
     TPDU,
     ATR_T0,
     PROTOCOL_T0,
     ALL,
     false,
     ISO_IFS_DEFAULT,
     SC_E_READER_UNAVAILABLE,
     0x11,
     0,
     {{"FF 10 96 79", 0, "", SC_E_READER_UNAVAILABLE, 0}}},
};

static void test_negotiation(const struct negotiation *n)
{
    struct fake_line fake;
    struct iso_card card;
    unsigned before = check_failures;
    fake_line_make(&fake, &card, n->kind, n->atr);
    fake_line_script(&fake, n->calls, fake_line_count(n->calls));
    struct iso_terms terms = fake_line_terms;
    terms.negotiation = n->terms;
    terms.default_only = n->default_only;
    terms.ifs = n->ifs;
    CHECK_EQ(iso_negotiate(&card, n->protocol, &terms, &fake_line_job), n->error);
    CHECK(fake_line_followed(&fake));
    CHECK_EQ(card.protocol, n->error == SC_OK ? n->protocol : 0);
    if (n->error == SC_OK)
        CHECK_EQ(card.fidi, n->fidi);
    if (n->error == SC_OK && n->protocol == PROTOCOL_T1)
        CHECK_EQ(card.t1.ifsd, n->ifsd);
    iso_card_clear(&card);
    CHECK_EQ(card.protocol, 0);
    if (check_failures != before)
        fprintf(stderr, "... that was: %s\n", n->what);
}

int main(void)
{
    for (size_t i = 0; i < ARRAY_SIZE(negotiations); i++)
        test_negotiation(&negotiations[i]);
    return check_result();
}
