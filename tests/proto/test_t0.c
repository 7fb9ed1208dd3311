/* SPDX-License-Identifier: BSD-2-Clause */
/* APDUs over T=0: what goes to the card, and what comes out, exchange by exchange. */
#include "base/compiler.h"
#include "proto/t0.h"
#include "tests/support/check.h"
#include "tests/support/hex.h"

static const struct t0_options plain = {.get_response = false};
static const struct t0_options helpful = {
    .get_response = true, .correct_le = true, .get_response_class = T0_CLASS_OF_COMMAND};

static uint8_t big[APDU_COMMAND_MAX];
static uint8_t out[APDU_RESPONSE_MAX + 100];

/* What the command TPDU must be, and the card's answer to it. */
struct exchange {
    const char *command;
    const char *answer;
};

static enum t0_step play(struct t0 *t0, enum t0_step step, const struct exchange *script,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        uint8_t want[T0_COMMAND_MAX];
        uint8_t answer[T0_ANSWER_MAX + 1];
        size_t size = hex(script[i].command, want, sizeof(want));
        CHECK_EQ(step, T0_SEND);
        CHECK_EQ(t0->command_size, size);
        CHECK_MEM(t0->command, want, size);
        step = t0_receive(t0, answer, hex(script[i].answer, answer, sizeof(answer)));
    }
    return step;
}

static void check_done(const struct t0 *t0, enum t0_step step, const char *want)
{
    uint8_t bytes[T0_ANSWER_MAX];
    size_t size = hex(want, bytes, sizeof(bytes));
    CHECK_EQ(step, T0_DONE);
    CHECK_EQ(t0->out_size, size);
    CHECK_MEM(out, bytes, size);
}

static enum t0_step start(struct t0 *t0, const struct t0_options *options,
                          const char *apdu)
{
    static uint8_t bytes[300];
    size_t size = hex(apdu, bytes, sizeof(bytes));
    return t0_start(t0, options, bytes, size, out, sizeof(out));
}

/* One APDU, one script, the response. */
static void check(const struct t0_options *options, const char *apdu,
                  const struct exchange *script, size_t count, const char *response)
{
    struct t0 t0;
    check_done(&t0, play(&t0, start(&t0, options, apdu), script, count), response);
}

#define CHECK_RUN(options, apdu, response, ...)                                          \
    do {                                                                                 \
        const struct exchange check_script[] = {__VA_ARGS__};                            \
        check(options, apdu, check_script, ARRAY_SIZE(check_script), response);          \
    } while (0)

static void test_headers(void)
{
    CHECK_RUN(&plain, "00 A4 00 00", "90 00", {"00 A4 00 00 00", "90 00"});
    CHECK_RUN(&plain, "00 B0 00 00 02", "11 22 90 00", {"00 B0 00 00 02", "11 22 90 00"});
    CHECK_RUN(&plain, "00 A4 00 00 02 3F 00", "90 00", {"00 A4 00 00 02 3F 00", "90 00"});
    CHECK_RUN(&plain, "00 A4 00 00 02 3F 00 00", "61 10",
              {"00 A4 00 00 02 3F 00", "61 10"});
    CHECK_RUN(&plain, "00 B0 00 00 00 00 10", "6C 04", {"00 B0 00 00 10", "6C 04"});
    CHECK_RUN(&plain, "00 B0 00 00 00 10 00", "6C 04", {"00 B0 00 00 00", "6C 04"});
    CHECK_RUN(&plain, "00 D6 00 00 00 00 02 01 02", "90 00",
              {"00 D6 00 00 02 01 02", "90 00"});
    CHECK_RUN(&plain, "00 A4 00 00 00 00 02 3F 00 00 00", "61 22",
              {"00 A4 00 00 02 3F 00", "61 22"});
}

static void test_answer_room(void)
{
    struct t0 t0;
    CHECK_EQ(start(&t0, &plain, "00 A4 00 00"), T0_SEND);
    CHECK_EQ(t0.answer_max, 2);
    CHECK_EQ(start(&t0, &plain, "00 A4 00 00 01 AA 00"), T0_SEND);
    CHECK_EQ(t0.answer_max, 2);
    CHECK_EQ(start(&t0, &plain, "00 B0 00 00 10"), T0_SEND);
    CHECK_EQ(t0.answer_max, 18);
    CHECK_EQ(start(&t0, &plain, "00 B0 00 00 00"), T0_SEND);
    CHECK_EQ(t0.answer_max, 258);
}

static void test_get_response(void)
{
    CHECK_RUN(&helpful, "00 A4 00 00 02 3F 00 00", "01 02 90 00",
              {"00 A4 00 00 02 3F 00", "61 02"}, {"00 C0 00 00 02", "01 02 90 00"});
    /* the class is that of the command */
    CHECK_RUN(&helpful, "A0 A4 00 00 02 3F 00 00", "01 90 00",
              {"A0 A4 00 00 02 3F 00", "61 01"}, {"A0 C0 00 00 01", "01 90 00"});
    /* in pieces */
    CHECK_RUN(&helpful, "00 CB 3F FF 00", "01 02 03 90 00",
              {"00 CB 3F FF 00", "01 61 02"}, {"00 C0 00 00 02", "02 61 01"},
              {"00 C0 00 00 01", "03 90 00"});
    /* never more than Le asks for; what is left is told */
    CHECK_RUN(&helpful, "00 A4 00 00 02 3F 00 02", "01 02 61 06",
              {"00 A4 00 00 02 3F 00", "61 08"}, {"00 C0 00 00 02", "01 02 61 06"});
    /* no Le: nothing is fetched */
    CHECK_RUN(&helpful, "00 A4 00 00 02 3F 00", "61 08",
              {"00 A4 00 00 02 3F 00", "61 08"});
    CHECK_RUN(&helpful, "00 A4 00 00", "61 08", {"00 A4 00 00 00", "61 08"});
    /* an error after the first piece */
    CHECK_RUN(&helpful, "00 CB 3F FF 00", "01 6F 00", {"00 CB 3F FF 00", "01 61 02"},
              {"00 C0 00 00 02", "6F 00"});
}

static void test_fixed_class(void)
{
    struct t0_options options = helpful;
    options.get_response_class = 0x0C;
    CHECK_RUN(&options, "80 CB 00 00 04", "01 90 00", {"80 CB 00 00 04", "61 01"},
              {"0C C0 00 00 01", "01 90 00"});
}

static void test_wrong_le(void)
{
    CHECK_RUN(&helpful, "00 B0 00 00 00", "01 02 90 00", {"00 B0 00 00 00", "6C 02"},
              {"00 B0 00 00 02", "01 02 90 00"});
    /* the card has more than is wanted: only that is handed back */
    CHECK_RUN(&helpful, "00 B0 00 00 01", "01 90 00", {"00 B0 00 00 01", "6C 03"},
              {"00 B0 00 00 03", "01 02 03 90 00"});
    CHECK_RUN(&helpful, "00 A4 00 00 02 3F 00 00", "01 90 00",
              {"00 A4 00 00 02 3F 00", "61 00"}, {"00 C0 00 00 00", "6C 01"},
              {"00 C0 00 00 01", "01 90 00"});
    /* no answer to a command that asks for nothing */
    CHECK_RUN(&helpful, "00 A4 00 00 02 3F 00 00", "6C 05",
              {"00 A4 00 00 02 3F 00", "6C 05"});
    /* data came with it: it is no request to ask again */
    CHECK_RUN(&helpful, "00 B0 00 00 05", "01 6C 02", {"00 B0 00 00 05", "01 6C 02"});
}

static void test_refused(void)
{
    struct t0 t0;
    CHECK_EQ(start(&t0, &helpful, "00 A4 00"), T0_FAIL);
    CHECK_EQ(t0.error, SC_E_INVALID_PARAMETER);
    CHECK_EQ(start(&t0, &helpful, "00 A4 00 00 05 01"), T0_FAIL);
    CHECK_EQ(t0.error, SC_E_INVALID_PARAMETER);
    memset(big, 0, sizeof(big));
    big[5] = 1; /* Lc 256 */
    CHECK_EQ(t0_start(&t0, &helpful, big, 7 + 256, out, sizeof(out)), T0_FAIL);
    CHECK_EQ(t0.error, SC_E_INVALID_PARAMETER);
    CHECK_EQ(t0_receive(&t0, (const uint8_t[]){0x90, 0x00}, 2), T0_FAIL);
}

static void check_failure(const char *apdu, const char *answer, enum sc_error error)
{
    struct t0 t0;
    uint8_t bytes[T0_ANSWER_MAX + 1];
    size_t size = hex(answer, bytes, sizeof(bytes));
    CHECK_EQ(start(&t0, &helpful, apdu), T0_SEND);
    CHECK_EQ(t0_receive(&t0, bytes, size), T0_FAIL);
    CHECK_EQ(t0.error, error);
    CHECK_EQ(t0_receive(&t0, bytes, size), T0_FAIL);
}

static void test_bad_answers(void)
{
    check_failure("00 B0 00 00 02", "", SC_F_COMM_ERROR);
    check_failure("00 B0 00 00 02", "90", SC_F_COMM_ERROR);
    check_failure("00 B0 00 00 02", "01 02 03 90 00", SC_F_COMM_ERROR);
    check_failure("00 A4 00 00 01 AA", "01 90 00", SC_F_COMM_ERROR);
}

static void test_room(void)
{
    static const uint8_t apdu[] = {0x00, 0xB0, 0x00, 0x00, 0x02};
    static const uint8_t answer[] = {0x01, 0x02, 0x90, 0x00};
    for (size_t room = 0; room <= sizeof(answer); room++) {
        struct t0 t0;
        memset(out, 0xEE, sizeof(out));
        CHECK_EQ(t0_start(&t0, &plain, apdu, sizeof(apdu), out, room), T0_SEND);
        enum t0_step step = t0_receive(&t0, answer, sizeof(answer));
        CHECK_EQ(step, room < sizeof(answer) ? T0_FAIL : T0_DONE);
        CHECK_EQ(t0.error, room < sizeof(answer) ? SC_E_INSUFFICIENT_BUFFER : SC_OK);
        CHECK_EQ(out[room], 0xEE);
    }
}

/* A card that answers the same for ever. */
static void check_endless(const char *apdu, const char *answer, unsigned exchanges_max)
{
    struct t0 t0;
    uint8_t bytes[T0_ANSWER_MAX];
    size_t size = hex(answer, bytes, sizeof(bytes));
    unsigned exchanges = 0;
    enum t0_step step = start(&t0, &helpful, apdu);
    while (step == T0_SEND && exchanges++ < 10000)
        step = t0_receive(&t0, bytes, size);
    CHECK_EQ(step, T0_FAIL);
    CHECK_EQ(t0.error, SC_F_COMM_ERROR);
    CHECK(exchanges <= exchanges_max);
}

static void test_endless(void)
{
    check_endless("00 B0 00 00 00", "6C 10", T0_IDLE_MAX + 1);
    check_endless("00 B0 00 00 00", "61 10", T0_IDLE_MAX + 1);
    check_endless("00 B0 00 00 00 00 00", "AA 61 10", T0_EXCHANGES_MAX);
}

static size_t answer_piece(uint8_t *answer, size_t from, size_t size, unsigned sw)
{
    for (size_t i = 0; i < size; i++)
        answer[i] = (uint8_t)((from + i) * 13 >> 2);
    answer[size] = (uint8_t)(sw >> 8);
    answer[size + 1] = (uint8_t)sw;
    return size + 2;
}

/* 65536 bytes, the most there is, in pieces of 256. */
static void test_largest_response(void)
{
    struct t0 t0;
    uint8_t answer[T0_ANSWER_MAX];
    uint8_t want[T0_ANSWER_MAX];
    enum t0_step step = start(&t0, &helpful, "00 CB 00 00 00 00 00");
    for (size_t sent = 0; sent < 65536; sent += 256) {
        CHECK_EQ(step, T0_SEND);
        CHECK_EQ(t0.command[1], sent == 0 ? 0xCB : 0xC0);
        CHECK_EQ(t0.command[4], 0);
        size_t size =
            answer_piece(answer, sent, 256, sent + 256 < 65536 ? 0x6100 : 0x9000);
        step = t0_receive(&t0, answer, size);
    }
    CHECK_EQ(step, T0_DONE);
    CHECK_EQ(t0.out_size, APDU_RESPONSE_MAX);
    for (size_t at = 0; at < 65536; at += 256) {
        (void)answer_piece(want, at, 256, 0);
        CHECK_MEM(out + at, want, 256);
    }
    CHECK_EQ(out[65536] << 8 | out[65537], 0x9000);
}

/* Puts together what ENVELOPE commands carry; `data_size` bytes of data in the APDU. */
static void check_envelopes(size_t data_size, bool with_le)
{
    struct t0_options options = helpful;
    struct t0 t0;
    size_t carried = 0;
    size_t last = 255;
    size_t size = 7 + data_size + (with_le ? 2 : 0);
    options.envelope = true;
    for (size_t i = 0; i < sizeof(big); i++)
        big[i] = (uint8_t)(i * 3 + 1);
    big[4] = 0;
    big[5] = (uint8_t)(data_size >> 8);
    big[6] = (uint8_t)data_size;
    enum t0_step step = t0_start(&t0, &options, big, size, out, sizeof(out));
    while (step == T0_SEND && t0.command[1] == 0xC2) {
        CHECK_EQ(last, 255);
        last = t0.command[4];
        CHECK_EQ(t0.command[0] | t0.command[2] | t0.command[3], 0);
        CHECK_EQ(t0.command_size, 5 + last);
        CHECK_EQ(t0.answer_max, 2);
        CHECK(carried + last <= size);
        CHECK_MEM(t0.command + 5, big + carried, last);
        carried += last;
        bool ends = last < 255;
        const uint8_t sw[2] = {ends && with_le ? 0x61 : 0x90, ends && with_le ? 1 : 0};
        step = t0_receive(&t0, sw, 2);
    }
    CHECK_EQ(carried, size);
    CHECK(last < 255);
    if (with_le) {
        CHECK_EQ(step, T0_SEND);
        CHECK_EQ(t0.command[1], 0xC0);
        step = t0_receive(&t0, (const uint8_t[]){0x77, 0x90, 0x00}, 3);
    }
    check_done(&t0, step, with_le ? "77 90 00" : "90 00");
}

static void test_envelope(void)
{
    static const size_t sizes[] = {256, 300, 501, 503, 510, 758, 65534, 65535};
    for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
        check_envelopes(sizes[i], false);
        check_envelopes(sizes[i], true);
    }
}

static void test_envelope_refused(void)
{
    struct t0_options options = {.envelope = true, .envelope_class = 0x0C};
    struct t0 t0;
    memset(big, 0, sizeof(big));
    big[5] = 4; /* Lc 1024 */
    CHECK_EQ(t0_start(&t0, &options, big, 7 + 1024, out, sizeof(out)), T0_SEND);
    CHECK_EQ(t0.command[0], 0x0C);
    check_done(&t0, t0_receive(&t0, (const uint8_t[]){0x6D, 0x00}, 2), "6D 00");
}

static void test_clear(void)
{
    static const uint8_t zeros[T0_COMMAND_MAX];
    struct t0 t0;
    CHECK_EQ(start(&t0, &plain, "00 20 00 81 04 31 32 33 34"), T0_SEND);
    t0_clear(&t0);
    CHECK_MEM(t0.command, zeros, sizeof(zeros));
}

int main(void)
{
    test_headers();
    test_answer_room();
    test_get_response();
    test_fixed_class();
    test_wrong_le();
    test_refused();
    test_bad_answers();
    test_room();
    test_endless();
    test_largest_response();
    test_envelope();
    test_envelope_refused();
    test_clear();
    return check_result();
}
