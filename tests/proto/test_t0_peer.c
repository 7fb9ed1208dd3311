/* SPDX-License-Identifier: BSD-2-Clause */
/* APDUs over T=0 down to the characters, with a card that chooses its procedure bytes as
 * it likes: what comes out does not depend on them. */
#include "proto/t0.h"
#include "proto/t0_bytes.h"
#include "tests/support/check.h"

enum { RUNS = 3000, DATA_MAX = 700, NULLS = 1000 };

/* A card that keeps what it is given, and gives as much as it was told to. */
struct card {
    uint32_t seed;
    uint8_t header[5];
    size_t left;  /* bytes of this command still to come */
    size_t burst; /* of them, until the next procedure byte */
    uint8_t taken[DATA_MAX];
    size_t taken_size;
    size_t answer_size; /* of the whole answer */
    size_t given;
    uint8_t reply[4000]; /* what it sends now */
    size_t reply_size;
};

static uint32_t roll(struct card *card)
{
    card->seed = card->seed * 1664525 + 1013904223;
    return card->seed >> 8;
}

static void say(struct card *card, unsigned byte)
{
    CHECK(card->reply_size < sizeof(card->reply));
    if (card->reply_size < sizeof(card->reply))
        card->reply[card->reply_size++] = (uint8_t)byte;
}

static void say_nulls(struct card *card)
{
    while (roll(card) % 4 == 0)
        say(card, 0x60);
}

/* A procedure byte for data; gives how many bytes it is for. */
static size_t say_acknowledge(struct card *card, size_t left)
{
    static const unsigned variants[] = {0x00, 0x01, 0xFF, 0xFE};
    unsigned variant = roll(card) % 4;
    say_nulls(card);
    say(card, card->header[1] ^ variants[variant]);
    return variant < 2 ? left : 1;
}

static void say_status(struct card *card, size_t announced)
{
    say_nulls(card);
    say(card, announced != 0 ? 0x61 : 0x90);
    say(card, (unsigned)(announced < 256 ? announced : 0));
}

static void give(struct card *card, size_t size)
{
    while (size != 0) {
        size_t burst = say_acknowledge(card, size);
        for (size_t i = 0; i < burst; i++)
            say(card, (unsigned)(card->given++ * 7));
        size -= burst;
    }
    say_status(card, card->answer_size - card->given);
}

static void ask_for_more(struct card *card)
{
    if (card->left != 0)
        card->burst = say_acknowledge(card, card->left);
    else
        say_status(card, card->answer_size - card->given);
}

static void begin_command(struct card *card, const uint8_t header[5])
{
    size_t p3 = header[4];
    memcpy(card->header, header, 5);
    card->left = 0;
    card->burst = 0;
    if (header[1] == 0xC0 || header[1] == 0xB0) {
        size_t size = p3 != 0 ? p3 : 256;
        size_t left = card->answer_size - card->given;
        if (left != 0 && left < size) {
            say(card, 0x6C); /* once acknowledged, P3 bytes must come */
            say(card, (unsigned)left);
            return;
        }
        give(card, size < left ? size : left);
        return;
    }
    card->left = p3;
    ask_for_more(card);
}

static void card_take(struct card *card, const uint8_t *bytes, size_t size)
{
    card->reply_size = 0;
    if (size == 0)
        return;
    if (card->burst == 0) {
        CHECK_EQ(size, 5);
        begin_command(card, bytes);
        return;
    }
    CHECK_EQ(size, card->burst);
    memcpy(card->taken + card->taken_size, bytes, size);
    card->taken_size += size;
    card->left -= size;
    card->burst = 0;
    ask_for_more(card);
}

/* The line: the card's bytes come as many at a time as are asked for. */
static enum t0_step carry(struct card *card, struct t0 *t0)
{
    struct t0_bytes line;
    uint8_t answer[T0_ANSWER_MAX];
    size_t at = 0;
    card->reply_size = 0;
    enum t0_bytes_step step =
        t0_bytes_start(&line, t0->command, t0->command_size, t0->answer_max, NULLS,
                       answer, sizeof(answer));
    while (step == T0_BYTES_SEND) {
        if (line.send_size != 0) {
            CHECK_EQ(at, card->reply_size); /* nothing is left unread */
            card_take(card, line.send, line.send_size);
            at = 0;
        }
        CHECK(line.expect <= card->reply_size - at); /* never more than will come */
        if (line.expect > card->reply_size - at)
            return T0_FAIL;
        size_t from = at;
        at += line.expect;
        step = t0_bytes_receive(&line, card->reply + from, line.expect);
    }
    CHECK_EQ(at, card->reply_size);
    CHECK_EQ(step, T0_BYTES_DONE);
    return t0_receive(t0, answer, line.out_size);
}

static void check(uint32_t seed)
{
    static const struct t0_options options = {
        .get_response = true, .correct_le = true, .get_response_class = 0};
    struct card card = {.seed = seed};
    struct t0 t0;
    uint8_t apdu[DATA_MAX] = {0x00, 0xA4};
    uint8_t out[DATA_MAX];
    size_t data_size = roll(&card) % 256;
    size_t size = 4;
    if (data_size != 0) {
        apdu[size++] = (uint8_t)data_size;
        for (size_t i = 0; i < data_size; i++)
            apdu[size++] = (uint8_t)roll(&card);
    } else {
        apdu[1] = 0xB0;
    }
    card.answer_size = roll(&card) % 257;
    apdu[size++] = 0; /* Le: 256 */
    enum t0_step step = t0_start(&t0, &options, apdu, size, out, sizeof(out));
    while (step == T0_SEND)
        step = carry(&card, &t0);
    CHECK_EQ(step, T0_DONE);
    CHECK_EQ(card.taken_size, data_size);
    CHECK_MEM(card.taken, apdu + 5, data_size);
    CHECK_EQ(t0.out_size, card.answer_size + 2);
    for (size_t i = 0; i < card.answer_size; i++)
        CHECK_EQ(out[i], (uint8_t)(i * 7));
}

int main(void)
{
    for (uint32_t seed = 1; seed <= RUNS; seed++)
        check(seed);
    return check_result();
}
