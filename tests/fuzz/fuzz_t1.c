/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes the host of T=1. Input: EDC and who sends the command, NAD, IFSC, IFSD, longest
 * wait, flags; then actions of the card, each a byte that says what comes: nothing, raw
 * bytes, or a block whose EDC is right. When they run out they come again if the flags
 * say so, else nothing comes. */
#include "proto/t1.h"
#include "tests/fuzz/property.h"

enum { READER_SENDS = 0x80, READER_CANCELS = 0x40 };
enum { FLAG_AGAIN = 1, FLAG_IFS = 2, EXCHANGES = 3, COMMAND_SIZES = 5000 };

/* Every block moves at least a byte of the command or response, or is counted. */
enum { STEPS_MAX = T1_MESSAGE_MAX + T1_RESPONSE_MAX + 2 * T1_OVERHEAD_MAX };

struct game {
    struct input input;
    struct input actions; /* where the actions begin */
    unsigned flags;
    struct t1 t1;
    uint8_t wait_max;
    unsigned who;    /* READER_... */
    bool whole_sent; /* the last block of the command went out */
    bool resynched;  /* and after it a RESYNCH */
    uint32_t sum;
};

/* What the card may have carried out does not go out again, and what the reader sends
 * is asked for once. */
static void check_once(struct game *game, const struct t1_block *block)
{
    if (block->kind == T1_KIND_I) {
        PROPERTY(!game->resynched);
        PROPERTY((game->who & READER_SENDS) == 0 || !game->whole_sent);
        game->whole_sent = game->whole_sent || !block->more;
        PROPERTY((game->who & READER_SENDS) == 0 || game->whole_sent);
    }
    if (block->kind == T1_KIND_S_REQUEST && block->supervision == T1_S_RESYNCH)
        game->resynched = game->whole_sent;
}

static void check_block(struct game *game)
{
    const struct t1 *t1 = &game->t1;
    struct t1_block block;
    PROPERTY(t1_block_parse(t1->block, t1->block_size, t1->edc, &block) == T1_BLOCK_OK);
    PROPERTY(block.nad == t1->nad);
    check_once(game, &block);
    PROPERTY(t1->wait_multiplier >= 1 && t1->wait_multiplier <= game->wait_max);
    PROPERTY(t1->ifsc >= 1 && t1->ifsc <= 254 && t1->ifsd >= 1 && t1->ifsd <= 254);
    for (size_t i = 0; i < t1->block_size; i++)
        game->sum = game->sum * 31 + t1->block[i];
}

static enum t1_step give_raw(struct game *game, unsigned action)
{
    size_t size = 0;
    size_t wanted = input_byte(&game->input) + (action & 0x40 ? 255U : 0U);
    uint8_t *bytes = input_copy(&game->input, wanted, &size);
    enum t1_step step = t1_receive(&game->t1, bytes, size);
    free(bytes);
    return step;
}

static enum t1_step give_block(struct game *game, unsigned action)
{
    size_t size = 0;
    uint8_t built[T1_BLOCK_MAX];
    uint8_t pcb = input_byte(&game->input);
    size_t wanted = action & 0x40 ? input_byte(&game->input) : action & 3U;
    uint8_t *inf = input_copy(&game->input, wanted < 255 ? wanted : 254, &size);
    uint8_t nad = (uint8_t)(game->t1.nad << 4 | game->t1.nad >> 4);
    size_t built_size = t1_block_build(nad, pcb, inf, size, game->t1.edc, built);
    uint8_t *bytes = property_copy(built, built_size);
    enum t1_step step = t1_receive(&game->t1, bytes, built_size);
    free(bytes);
    free(inf);
    return step;
}

static enum t1_step act(struct game *game)
{
    if (game->input.left == 0 && (game->flags & FLAG_AGAIN) != 0)
        game->input = game->actions;
    unsigned action = input_byte(&game->input);
    if (action == 0)
        return t1_receive(&game->t1, NULL, 0);
    return action & 0x80 ? give_block(game, action) : give_raw(game, action);
}

static void finish(struct game *game, enum t1_step step)
{
    unsigned steps = 0;
    while (step == T1_SEND) {
        PROPERTY(steps++ < STEPS_MAX);
        check_block(game);
        step = act(game);
    }
    if (step == T1_FAIL)
        PROPERTY(game->t1.error != SC_OK);
    PROPERTY(game->t1.state == T1_IDLE || (step == T1_FAIL && game->t1.state == T1_DEAD));
    PROPERTY(t1_receive(&game->t1, NULL, 0) == T1_FAIL);
}

static enum t1_step start(struct game *game, const uint8_t *command, size_t size,
                          uint8_t *out, size_t room)
{
    game->whole_sent = false;
    game->resynched = false;
    if ((game->who & READER_SENDS) == 0)
        return t1_start(&game->t1, command, size, out, room);
    enum t1_step step = t1_start_at_reader(&game->t1, command, size, out, room);
    if ((game->who & READER_CANCELS) == 0 || step != T1_SEND
        || game->t1.block[1] >= T1_PCB_R)
        return step;
    t1_withdraw(&game->t1);
    PROPERTY(game->t1.state == T1_IDLE);
    return t1_start_at_reader(&game->t1, command, size, out, room);
}

static void exchange(struct game *game, size_t command_size, size_t room)
{
    uint8_t *command = property_room(command_size);
    uint8_t *out = property_room(room);
    for (size_t i = 0; i < command_size; i++)
        command[i] = (uint8_t)(i * 7);
    enum t1_step step = start(game, command, command_size, out, room);
    finish(game, step);
    PROPERTY(game->t1.out_size <= room);
    for (size_t i = 0; i < game->t1.out_size; i++)
        game->sum = game->sum * 31 + out[i];
    free(out);
    free(command);
}

static uint32_t play(struct input input)
{
    static const enum t1_edc edcs[] = {T1_EDC_LRC, T1_EDC_CRC, T1_EDC_CRC_COMPLEMENT,
                                       T1_EDC_LRC};
    struct game game = {.sum = 1};
    game.who = input_byte(&input);
    struct t1_parameters parameters = {.edc = edcs[game.who & 3]};
    parameters.nad = input_byte(&input);
    parameters.ifsc = input_byte(&input);
    parameters.ifsd = input_byte(&input);
    parameters.wait_max = input_byte(&input);
    game.flags = input_byte(&input);
    game.wait_max = parameters.wait_max != 0 ? parameters.wait_max : 255;
    size_t command_size = input_word(&input) % COMMAND_SIZES;
    size_t room = input_word(&input);
    game.input = input;
    game.actions = input;
    t1_init(&game.t1, &parameters);
    if (game.flags & FLAG_IFS)
        finish(&game, t1_start_ifs(&game.t1, (uint8_t)(game.flags >> 2)));
    for (unsigned i = 0; i < EXCHANGES; i++)
        exchange(&game, command_size, room);
    return game.sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = {data, size};
    PROPERTY(play(input) == play(input));
    return 0;
}
