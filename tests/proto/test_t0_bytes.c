/* SPDX-License-Identifier: BSD-2-Clause */
/* Procedure bytes of T=0: what is sent, how much is expected, what comes out. */
#include "base/compiler.h"
#include "proto/t0_bytes.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

enum { NULLS = 3 };

static uint8_t command[300];
static uint8_t out[300];

/* What must be sent ("" for nothing), how many bytes are expected then, what comes. */
struct exchange {
    const char *send;
    size_t expect;
    const char *card;
};

static enum t0_bytes_step begin(struct t0_bytes *line, const char *tpdu, size_t data_max)
{
    size_t size = hex(tpdu, command, sizeof(command));
    memset(out, 0xEE, sizeof(out));
    return t0_bytes_start(line, command, size, data_max + 2, NULLS, out, data_max + 2);
}

static enum t0_bytes_step play(struct t0_bytes *line, enum t0_bytes_step step,
                               const struct exchange *script, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t bytes[300];
        size_t size = hex(script[i].send, bytes, sizeof(bytes));
        CHECK_EQ(step, T0_BYTES_SEND);
        CHECK_EQ(line->send_size, size);
        if (line->send_size == size && size != 0)
            CHECK_MEM(line->send, bytes, size);
        CHECK_EQ(line->expect, script[i].expect);
        size = hex(script[i].card, bytes, sizeof(bytes));
        step = t0_bytes_receive(line, bytes, size);
    }
    return step;
}

static void check_done(struct t0_bytes *line, enum t0_bytes_step step, const char *want)
{
    uint8_t bytes[300];
    size_t size = hex(want, bytes, sizeof(bytes));
    CHECK_EQ(step, T0_BYTES_DONE);
    CHECK_EQ(line->out_size, size);
    CHECK_MEM(out, bytes, size);
    CHECK_EQ(out[size], 0xEE);
    CHECK_EQ(t0_bytes_receive(line, bytes, 1), T0_BYTES_FAIL);
    CHECK_EQ(line->error, SC_F_COMM_ERROR);
}

static void check_failed(struct t0_bytes *line, enum t0_bytes_step step,
                         enum sc_error error)
{
    CHECK_EQ(step, T0_BYTES_FAIL);
    CHECK_EQ(line->error, error);
    CHECK_EQ(t0_bytes_receive(line, (const uint8_t *)"\x90", 1), T0_BYTES_FAIL);
}

#define PLAY(line, step, ...)                                                            \
    play(line, step, (const struct exchange[]){__VA_ARGS__},                             \
         ARRAY_SIZE(((const struct exchange[]){__VA_ARGS__})))
#define CHECK_RUN(tpdu, data_max, want, ...)                                             \
    do {                                                                                 \
        struct t0_bytes line;                                                            \
        check_done(&line, PLAY(&line, begin(&line, tpdu, data_max), __VA_ARGS__), want); \
    } while (0)
#define CHECK_BAD(tpdu, data_max, ...)                                                   \
    do {                                                                                 \
        struct t0_bytes line;                                                            \
        check_failed(&line, PLAY(&line, begin(&line, tpdu, data_max), __VA_ARGS__),      \
                     SC_F_COMM_ERROR);                                                   \
    } while (0)

#define CASE_1   "00 44 00 00 00"
#define READ_3   "00 B0 00 00 03"
#define UPDATE   "00 D6 00 00 03"
#define UPDATE_3 UPDATE "11 22 33"

static void test_no_data(void)
{
    CHECK_RUN(CASE_1, 0, "90 00", {CASE_1, 1, "90"}, {"", 1, "00"});
    CHECK_RUN("00 44 00 00", 0, "90 00", {CASE_1, 1, "90"}, {"", 1, "00"});
    CHECK_RUN(CASE_1, 0, "61 60", {CASE_1, 1, "61"}, {"", 1, "60"});
    CHECK_RUN(CASE_1, 0, "6F 44", {CASE_1, 1, "60"}, {"", 1, "60"}, {"", 1, "6F"},
              {"", 1, "44"});
    /* The card acknowledges though there is nothing to move. */
    CHECK_RUN(CASE_1, 0, "9F 10", {CASE_1, 1, "44"}, {"", 1, "9F"}, {"", 1, "10"});
}

static void test_receiving(void)
{
    CHECK_RUN(READ_3, 3, "B0 60 90 61 22", {READ_3, 1, "B0"}, {"", 3, "B0 60 90"},
              {"", 1, "61"}, {"", 1, "22"});
    CHECK_RUN(READ_3, 3, "01 02 03 90 00", {READ_3, 1, "60"}, {"", 1, "4F"},
              {"", 1, "01"}, {"", 1, "4F"}, {"", 1, "02"}, {"", 1, "60"}, {"", 1, "B0"},
              {"", 1, "03"}, {"", 1, "60"}, {"", 1, "90"}, {"", 1, "00"});
    CHECK_RUN(READ_3, 3, "01 02 03 90 00", {READ_3, 1, "4E"}, {"", 1, "01"},
              {"", 1, "B1"}, {"", 2, "02 03"}, {"", 1, "90"}, {"", 1, "00"});
    CHECK_RUN(READ_3, 3, "6C 05", {READ_3, 1, "6C"}, {"", 1, "05"});
    CHECK_RUN(READ_3, 3, "01 62 82", {READ_3, 1, "4F"}, {"", 1, "01"}, {"", 1, "62"},
              {"", 1, "82"});
}

static void test_sending(void)
{
    CHECK_RUN(UPDATE_3, 0, "90 00", {UPDATE, 1, "D6"}, {"11 22 33", 1, "90"},
              {"", 1, "00"});
    CHECK_RUN(UPDATE_3, 0, "90 00", {UPDATE, 1, "60"}, {"", 1, "29"}, {"11", 1, "28"},
              {"22", 1, "60"}, {"", 1, "D7"}, {"33", 1, "60"}, {"", 1, "90"},
              {"", 1, "00"});
    CHECK_RUN(UPDATE_3, 0, "69 82", {UPDATE, 1, "69"}, {"", 1, "82"});
    CHECK_RUN(UPDATE_3, 0, "6A 80", {UPDATE, 1, "29"}, {"11", 1, "6A"}, {"", 1, "80"});
    CHECK_RUN(UPDATE_3, 0, "61 12", {UPDATE, 1, "D6"}, {"11 22 33", 1, "61"},
              {"", 1, "12"});
}

/* Replies of other sizes than expected. */
static void test_pieces(void)
{
    CHECK_RUN(READ_3, 3, "01 02 03 90 00", {READ_3, 1, "B0 01"}, {"", 2, "02"},
              {"", 1, "03 90 00"});
    CHECK_RUN(READ_3, 3, "01 02 03 90 00", {READ_3, 1, "60 B0 01 02 03 60 90 00 77 77"});
    CHECK_RUN(UPDATE_3, 0, "90 00", {UPDATE, 1, "60 D6"}, {"11 22 33", 1, "60 90 00"});
    CHECK_BAD(UPDATE_3, 0, {UPDATE, 1, "D6 90"});
    CHECK_BAD(UPDATE_3, 0, {UPDATE, 1, "29 29"});
    CHECK_BAD(READ_3, 3, {READ_3, 1, ""});
    CHECK_BAD(READ_3, 3, {READ_3, 1, "B0"}, {"", 3, ""});
    CHECK_BAD(READ_3, 3, {READ_3, 1, "90"}, {"", 1, ""});
}

/* Every procedure byte at the start: one of those that there are, or an error. */
static void test_every_procedure_byte(void)
{
    for (unsigned byte = 0; byte < 256; byte++) {
        struct t0_bytes line;
        uint8_t card = (uint8_t)byte;
        size_t expect = 0;
        if ((byte & 0xF0) == 0x60 || (byte & 0xF0) == 0x90 || byte == 0x4F
            || byte == 0x4E)
            expect = 1;
        if (byte == 0xB0 || byte == 0xB1)
            expect = 3;
        CHECK_EQ(begin(&line, READ_3, 3), T0_BYTES_SEND);
        CHECK_EQ(t0_bytes_receive(&line, &card, 1),
                 expect != 0 ? T0_BYTES_SEND : T0_BYTES_FAIL);
        if (expect != 0)
            CHECK_EQ(line.expect, expect);
    }
}

static void test_nulls(void)
{
    CHECK_RUN(CASE_1, 0, "90 00", {CASE_1, 1, "60 60 60 90 00"});
    CHECK_BAD(CASE_1, 0, {CASE_1, 1, "60 60 60"}, {"", 1, "60"});
    CHECK_BAD(CASE_1, 0, {CASE_1, 1, "60"}, {"", 1, "44 BB"}, {"", 1, "44"});
    CHECK_BAD(UPDATE_3, 0, {UPDATE, 1, "D6"}, {"11 22 33", 1, "D6 D6 D6 D6"});
}

/* Not counted, and none allowed. */
static void test_nulls_max(void)
{
    struct t0_bytes line;
    enum t0_bytes_step step = t0_bytes_start(&line, (const uint8_t *)"\0\x44\0\0", 4, 2,
                                             T0_BYTES_NULLS_ANY, out, 2);
    for (unsigned i = 0; i < 100000 && step == T0_BYTES_SEND; i++)
        step = t0_bytes_receive(&line, (const uint8_t *)"\x60", 1);
    CHECK_EQ(step, T0_BYTES_SEND);
    CHECK_EQ(t0_bytes_start(&line, (const uint8_t *)"\0\x44\0\0", 4, 2, 0, out, 2),
             T0_BYTES_SEND);
    CHECK_EQ(t0_bytes_receive(&line, (const uint8_t *)"\x60", 1), T0_BYTES_FAIL);
}

static enum t0_bytes_step start(struct t0_bytes *line, const char *tpdu, size_t size,
                                size_t answer_max)
{
    size_t written = hex(tpdu, command, sizeof(command));
    return t0_bytes_start(line, command, size != 0 ? size : written, answer_max, NULLS,
                          out, sizeof(out));
}

static void check_refused(const char *tpdu, size_t size, size_t answer_max)
{
    struct t0_bytes line;
    check_failed(&line, start(&line, tpdu, size, answer_max), SC_E_INVALID_PARAMETER);
}

static void test_refused(void)
{
    struct t0_bytes line;
    check_refused("", 0, 2);
    for (size_t size = 1; size < 8; size++)
        if (size != 4) /* P3 is 00 then */
            check_refused(UPDATE_3, size, 2);
    check_refused(UPDATE_3 "44", 0, 2);
    check_refused(UPDATE_3, 0, 5); /* data both ways */
    check_refused(READ_3, 0, 2);
    check_refused(READ_3, 0, 4);
    check_refused(READ_3, 0, 6);
    check_refused(CASE_1, 0, 257);
    check_refused(CASE_1, 0, 259);
    check_refused(CASE_1, 0, 1);
    check_refused(CASE_1, 0, 0);
    check_refused("FF 44 00 00 00", 0, 2);
    check_refused("00 00 00 00 FF", 261, 2);
    for (unsigned ins = 0; ins < 256; ins++) {
        uint8_t bytes[] = {0, (uint8_t)ins, 0, 0, 0};
        bool reserved = (ins & 0xF0) == 0x60 || (ins & 0xF0) == 0x90;
        CHECK_EQ(t0_bytes_start(&line, bytes, 5, 2, NULLS, out, 2),
                 reserved ? T0_BYTES_FAIL : T0_BYTES_SEND);
    }
    size_t size = hex(READ_3, command, sizeof(command));
    check_failed(&line, t0_bytes_start(&line, command, size, 5, NULLS, out, 4),
                 SC_E_INSUFFICIENT_BUFFER);
}

/* 255 bytes to the card, 256 from it: at once, and one by one. */
static void test_largest(void)
{
    struct t0_bytes line;
    uint8_t card[260] = {0xB0};
    memset(command, 0, sizeof(command));
    command[1] = 0xB0;
    CHECK_EQ(t0_bytes_start(&line, command, 5, 258, NULLS, out, 258), T0_BYTES_SEND);
    CHECK_EQ(t0_bytes_receive(&line, card, 1), T0_BYTES_SEND);
    CHECK_EQ(line.expect, 256);
    memset(card, 0x60, 256);
    memcpy(card + 256, "\x90\x01", 2);
    CHECK_EQ(t0_bytes_receive(&line, card, 258), T0_BYTES_DONE);
    CHECK_EQ(line.out_size, 258);
    CHECK_MEM(out, card, 258);
    command[4] = 255;
    memset(command + 5, 0xA5, 255);
    CHECK_EQ(t0_bytes_start(&line, command, 260, 2, 0, out, 2), T0_BYTES_SEND);
    for (unsigned i = 0; i < 255; i++) {
        CHECK_EQ(t0_bytes_receive(&line, (const uint8_t *)"\x4F", 1), T0_BYTES_SEND);
        CHECK_EQ(line.send_size, 1);
        CHECK(line.send == command + 5 + i);
    }
    CHECK_EQ(t0_bytes_receive(&line, (const uint8_t *)"\x90", 2), T0_BYTES_DONE);
}

int main(void)
{
    test_no_data();
    test_receiving();
    test_sending();
    test_pieces();
    test_every_procedure_byte();
    test_nulls();
    test_nulls_max();
    test_refused();
    test_largest();
    return check_result();
}
