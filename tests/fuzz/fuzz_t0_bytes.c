/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the procedure bytes of T=0. Input: how the card's bytes are cut into replies,
 * how many of them may ask for time, which way the data goes, INS, P3; the card's bytes.
 */
#include "proto/t0_bytes.h"
#include "tests/fuzz/property.h"

enum { CUT_ONES = 1, CUT_EXACT = 2, TO_CARD = 1, BYTES_MAX = 260, OUT_MAX = 258 };

struct run {
    enum t0_bytes_step step; /* SEND: the card fell silent */
    size_t sent;
    size_t out_size;
    uint8_t out[OUT_MAX];
};

/* What goes to the card is the command, in order and once. */
static void check_step(const struct t0_bytes *line, const uint8_t *command, size_t size,
                       struct run *run)
{
    PROPERTY(line->expect >= 1 && line->expect <= 256);
    PROPERTY(line->send_size <= size - run->sent);
    if (line->send_size != 0)
        PROPERTY(memcmp(line->send, command + run->sent, line->send_size) == 0);
    run->sent += line->send_size;
}

static struct run play(struct input input, unsigned cut, int32_t nulls_max,
                       const uint8_t *command, size_t size, size_t answer_max)
{
    struct t0_bytes line;
    struct run run = {.sent = 0};
    size_t card_bytes = input.left;
    uint8_t *out = property_room(answer_max);
    run.step =
        t0_bytes_start(&line, command, size, answer_max, nulls_max, out, answer_max);
    while (run.step == T0_BYTES_SEND && input.left != 0) {
        size_t got = 0;
        check_step(&line, command, size, &run);
        size_t wanted = cut == CUT_ONES ? 1 : line.expect;
        if (cut != CUT_ONES && cut != CUT_EXACT)
            wanted = 1 + input.left % cut;
        uint8_t *bytes = input_copy(&input, wanted, &got);
        run.step = t0_bytes_receive(&line, bytes, got);
        free(bytes);
    }
    if (run.step == T0_BYTES_DONE) {
        PROPERTY(line.out_size >= 2 && line.out_size <= answer_max);
        PROPERTY(line.out_size <= card_bytes);
        run.out_size = line.out_size;
        memcpy(run.out, out, line.out_size);
    }
    if (run.step == T0_BYTES_FAIL)
        PROPERTY(line.error == SC_F_COMM_ERROR || line.error == SC_E_INVALID_PARAMETER);
    if (run.step != T0_BYTES_SEND)
        PROPERTY(t0_bytes_receive(&line, command, 1) == T0_BYTES_FAIL);
    free(out);
    return run;
}

static void check_same(const struct run *a, const struct run *b)
{
    PROPERTY(a->step == b->step && a->sent == b->sent && a->out_size == b->out_size);
    PROPERTY(memcmp(a->out, b->out, a->out_size) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    uint8_t command[BYTES_MAX] = {0};
    unsigned cut = input_byte(&input);
    int32_t nulls_max = (int8_t)input_byte(&input);
    if (nulls_max < 0)
        nulls_max = T0_BYTES_NULLS_ANY;
    bool to_card = (input_byte(&input) & TO_CARD) != 0;
    command[1] = input_byte(&input);
    command[4] = input_byte(&input);
    for (size_t i = 5; i < BYTES_MAX; i++)
        command[i] = (uint8_t)i;
    size_t p3 = command[4];
    size_t command_size = to_card ? 5 + p3 : 5;
    size_t answer_max = 2;
    if (!to_card)
        answer_max += p3 != 0 ? p3 : 256;
    uint8_t *exact = property_copy(command, command_size);
    struct run ones = play(input, CUT_ONES, nulls_max, exact, command_size, answer_max);
    struct run run = play(input, CUT_EXACT, nulls_max, exact, command_size, answer_max);
    check_same(&ones, &run);
    if (cut > CUT_EXACT) {
        run = play(input, cut, nulls_max, exact, command_size, answer_max);
        if (!to_card || run.step == T0_BYTES_DONE)
            check_same(&ones, &run);
    }
    free(exact);
    return 0;
}
