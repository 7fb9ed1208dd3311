/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the APDU parser and the machine that carries APDUs over T=0. Input: options,
 * room for the response (2 bytes), size of the APDU (2), the APDU, then answers of the
 * card, each a length (2) and bytes; when they run out, they come again if the options
 * say so. */
#include "proto/t0.h"
#include "tests/fuzz/property.h"

enum {
    OPTION_GET_RESPONSE = 1,
    OPTION_CORRECT_LE = 2,
    OPTION_ENVELOPE = 4,
    OPTION_FIXED_CLASS = 8,
    OPTION_AGAIN = 16,
    PIECES_MAX = APDU_COMMAND_MAX / 255 + 2
};

static void check_form(const uint8_t *bytes, size_t size)
{
    struct apdu apdu;
    struct apdu again;
    if (!apdu_parse(bytes, size, &apdu)) {
        PROPERTY(apdu_classify(bytes, size) == APDU_MALFORMED);
        return;
    }
    uint8_t *built = property_room(size);
    PROPERTY(apdu.shape == apdu_classify(bytes, size));
    PROPERTY(apdu.data == NULL || apdu.data + apdu.data_size <= bytes + size);
    PROPERTY(apdu_build(&apdu, built, size) == size);
    PROPERTY(memcmp(built, bytes, size) == 0);
    PROPERTY(apdu_build(&apdu, built, size - 1) == 0);
    struct apdu brief = apdu;
    if (apdu_shorten(&brief)) {
        size_t brief_size = apdu_build(&brief, built, size);
        PROPERTY(brief_size != 0 && apdu_parse(built, brief_size, &again));
        PROPERTY(!apdu_is_extended(again.shape));
        PROPERTY(again.le == apdu.le && again.data_size == apdu.data_size);
    } else {
        PROPERTY(apdu.le > 256 || apdu.data_size > 255);
    }
    free(built);
}

static void check_command(const struct t0 *t0)
{
    PROPERTY(t0->command_size >= 5 && t0->command_size <= T0_COMMAND_MAX);
    PROPERTY(t0->answer_max >= 2 && t0->answer_max <= T0_ANSWER_MAX);
    /* data goes one way only, and P3 tells how much */
    if (t0->command_size > 5)
        PROPERTY(t0->answer_max == 2 && t0->command[4] == t0->command_size - 5);
    else if (t0->answer_max > 2)
        PROPERTY(t0->command[4] == (uint8_t)(t0->answer_max - 2));
}

/* Gives a sum over all that was sent, to compare two runs. */
static uint32_t exchange(struct input input)
{
    struct t0 t0;
    unsigned flags = input_byte(&input);
    size_t room = input_word(&input);
    size_t apdu_size = 0;
    size_t wanted = input_word(&input);
    uint8_t *apdu = input_copy(&input, wanted, &apdu_size);
    uint8_t *out = property_room(room);
    uint32_t sum = 0;
    unsigned steps = 0;
    struct t0_options options = {
        .get_response = (flags & OPTION_GET_RESPONSE) != 0,
        .correct_le = (flags & OPTION_CORRECT_LE) != 0,
        .envelope = (flags & OPTION_ENVELOPE) != 0,
        .get_response_class = flags & OPTION_FIXED_CLASS ? 0 : T0_CLASS_OF_COMMAND};
    const struct input answers = input;
    check_form(apdu, apdu_size);
    enum t0_step step = t0_start(&t0, &options, apdu, apdu_size, out, room);
    while (step == T0_SEND) {
        PROPERTY(steps++ < T0_EXCHANGES_MAX + PIECES_MAX);
        check_command(&t0);
        for (size_t i = 0; i < t0.command_size; i++)
            sum = sum * 31 + t0.command[i];
        if (input.left == 0 && (flags & OPTION_AGAIN) != 0)
            input = answers;
        size_t answer_size = 0;
        wanted = input_word(&input);
        uint8_t *answer = input_copy(&input, wanted, &answer_size);
        size_t most = t0.answer_max;
        step = t0_receive(&t0, answer, answer_size);
        PROPERTY(step == T0_FAIL || (answer_size >= 2 && answer_size <= most));
        free(answer);
    }
    if (step == T0_DONE)
        PROPERTY(t0.out_size >= 2 && t0.out_size <= room);
    else
        PROPERTY(t0.error != SC_OK);
    PROPERTY(t0_receive(&t0, NULL, 0) == T0_FAIL);
    free(out);
    free(apdu);
    return sum + steps;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    PROPERTY(exchange(input) == exchange(input));
    return 0;
}
