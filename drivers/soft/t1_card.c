/* SPDX-License-Identifier: BSD-2-Clause */
/* The card's end of T=1, after ISO/IEC 7816-3:2006, 11.6. */
#include "drivers/soft/t1_card.h"

#include "base/secret.h"

#include <string.h>

enum { IFS_DEFAULT = 32, WTX_MAX = 200 };

void t1_card_init(struct t1_card *t1, struct soft_card *card, uint8_t ifsc,
                  uint32_t bwt_ms)
{
    memset(t1, 0, sizeof(*t1));
    t1->card = card;
    t1->ifsc = ifsc;
    t1->ifsd = IFS_DEFAULT;
    t1->bwt_ms = bwt_ms;
    t1->wtx = 1;
}

static void set_last(struct t1_card *t1, unsigned pcb, const uint8_t *inf, size_t size)
{
    t1->last_size = t1_block_build(0, (uint8_t)pcb, inf, size, T1_EDC_LRC, t1->last);
}

static void set_r(struct t1_card *t1, unsigned error)
{
    unsigned sequence = t1->nr != 0 ? T1_PCB_R_SEQUENCE : 0;
    set_last(t1, T1_PCB_R | sequence | error, NULL, 0);
}

static void set_piece(struct t1_card *t1)
{
    size_t left = t1->answer - t1->given;
    unsigned pcb = T1_PCB_I | (t1->ns != 0 ? T1_PCB_I_SEQUENCE : 0U);
    t1->piece = left < t1->ifsd ? left : t1->ifsd;
    if (t1->piece < left)
        pcb |= T1_PCB_I_MORE;
    t1->state = T1_CARD_GIVING;
    set_last(t1, pcb, t1->card->response + t1->given, t1->piece);
}

static bool gives_last_piece(const struct t1_card *t1)
{
    return t1->given + t1->piece == t1->answer;
}

/* The answer is not needed any more. */
static void forget_t1_answer(struct t1_card *t1)
{
    secret_clear(t1->card->response, t1->answer);
    t1->answer = 0;
    t1->given = 0;
    t1->piece = 0;
    t1->state = T1_CARD_TAKING;
}

static void forget_t1_command(struct t1_card *t1)
{
    size_t size = t1->taken < APDU_COMMAND_MAX ? t1->taken : APDU_COMMAND_MAX;
    secret_clear(t1->card->command, size);
    t1->taken = 0;
}

void t1_card_forget(struct t1_card *t1)
{
    forget_t1_command(t1);
    forget_t1_answer(t1);
}

/* Spends the time that is allowed, less a quarter, and asks for more if it is not enough.
 */
static void spend_time(struct t1_card *t1, uint32_t *delay_ms)
{
    uint32_t allowed_ms = t1->wtx * t1->bwt_ms;
    uint32_t spent_ms = allowed_ms - allowed_ms / 4;
    if (spent_ms > t1->work_ms)
        spent_ms = t1->work_ms;
    t1->work_ms -= spent_ms;
    *delay_ms = spent_ms;
    if (t1->work_ms == 0) {
        t1->wtx = 1;
        set_piece(t1);
        return;
    }
    uint32_t wanted = t1->work_ms / t1->bwt_ms + 2;
    t1->wtx = (uint8_t)(wanted < WTX_MAX ? wanted : WTX_MAX);
    t1->state = T1_CARD_WORKING;
    set_last(t1, T1_PCB_S | T1_S_WTX, &t1->wtx, 1);
}

static void run_t1_command(struct t1_card *t1, uint32_t *delay_ms)
{
    struct soft_answer answer = {0};
    size_t size = t1->taken <= APDU_COMMAND_MAX ? t1->taken : 0; /* 0 gives 6700 */
    t1->given = 0;
    t1->answer = soft_card_respond(t1->card, t1->card->command, size, false, &answer);
    forget_t1_command(t1);
    t1->mute = answer.fault == SOFT_FAULT_MUTE;
    if (answer.fault == SOFT_FAULT_NOISE)
        t1->noise = answer.noise;
    t1->work_ms = answer.busy_ms;
    spend_time(t1, delay_ms);
}

static void take_i_block(struct t1_card *t1, const struct t1_block *block,
                         uint32_t *delay_ms)
{
    if (t1->state == T1_CARD_WORKING)
        return; /* its request again (rule 7.3) */
    bool expected = t1->state == T1_CARD_TAKING
                    || (t1->state == T1_CARD_GIVING && gives_last_piece(t1));
    if (!expected || block->sequence != t1->nr || block->inf_size > t1->ifsc) {
        set_r(t1, T1_PCB_R_OTHER);
        return;
    }
    if (t1->state == T1_CARD_GIVING) {
        t1->ns ^= 1;
        forget_t1_answer(t1);
    }
    t1->nr ^= 1;
    size_t room = t1->taken < APDU_COMMAND_MAX ? APDU_COMMAND_MAX - t1->taken : 0;
    if (block->inf_size <= room) {
        memcpy(t1->card->command + t1->taken, block->inf, block->inf_size);
        t1->taken += block->inf_size;
    } else {
        t1->taken = APDU_COMMAND_MAX + 1;
    }
    if (block->more)
        set_r(t1, 0);
    else
        run_t1_command(t1, delay_ms);
}

static void take_r_block(struct t1_card *t1, const struct t1_block *block)
{
    bool last_was_i = (t1->last[1] & 0x80) == 0;
    if (t1->last_size == 0) {
        set_r(t1, 0);
        return;
    }
    if (t1->state != T1_CARD_GIVING || !last_was_i || block->sequence == t1->ns)
        return; /* the last block again */
    if (gives_last_piece(t1)) {
        set_r(t1, T1_PCB_R_OTHER);
        return;
    }
    t1->ns ^= 1;
    t1->given += t1->piece;
    set_piece(t1);
}

static void take_s_request(struct t1_card *t1, const struct t1_block *block)
{
    bool bad_ifs = block->supervision == T1_S_IFS
                   && (block->inf[0] == 0 || block->inf[0] > T1_INF_MAX);
    if (block->supervision == T1_S_WTX || bad_ifs) {
        set_r(t1, T1_PCB_R_OTHER);
        return;
    }
    if (block->supervision == T1_S_IFS)
        t1->ifsd = block->inf[0];
    if (block->supervision == T1_S_RESYNCH) {
        t1->ns = 0;
        t1->nr = 0;
    }
    if (block->supervision != T1_S_IFS)
        t1_card_forget(t1);
    set_last(t1, block->pcb | (unsigned)T1_PCB_S_RESPONSE, block->inf, block->inf_size);
}

static void take_response(struct t1_card *t1, const struct t1_block *block,
                          uint32_t *delay_ms)
{
    if (t1->state != T1_CARD_WORKING)
        set_r(t1, T1_PCB_R_OTHER);
    else if (block->supervision == T1_S_WTX && block->inf[0] == t1->wtx)
        spend_time(t1, delay_ms);
}

static void take_block(struct t1_card *t1, const struct t1_block *block,
                       uint32_t *delay_ms)
{
    switch (block->kind) {
    case T1_KIND_I:
        take_i_block(t1, block, delay_ms);
        break;
    case T1_KIND_R:
        take_r_block(t1, block);
        break;
    case T1_KIND_S_REQUEST:
        take_s_request(t1, block);
        break;
    case T1_KIND_S_RESPONSE:
        take_response(t1, block, delay_ms);
        break;
    }
}

size_t t1_card_take(struct t1_card *t1, const uint8_t *bytes, size_t size,
                    uint8_t out[T1_BLOCK_MAX], uint32_t *delay_ms)
{
    struct t1_block block = {0};
    *delay_ms = 0;
    if (t1->mute)
        return 0;
    enum t1_block_result result = t1_block_parse(bytes, size, T1_EDC_LRC, &block);
    if (result == T1_BLOCK_OK && block.nad == 0)
        take_block(t1, &block, delay_ms);
    else if (t1->state != T1_CARD_WORKING)
        set_r(t1, result == T1_BLOCK_BAD_EDC ? T1_PCB_R_EDC : T1_PCB_R_OTHER);
    if (t1->mute)
        return 0;
    memcpy(out, t1->last, t1->last_size);
    if (t1->noise != 0) {
        t1->noise--;
        out[t1->last_size - 1] ^= 0xFF;
    }
    return t1->last_size;
}
