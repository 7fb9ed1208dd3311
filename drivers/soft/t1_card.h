/* SPDX-License-Identifier: BSD-2-Clause */
/* The card's end of T=1: blocks in, blocks out, after ISO/IEC 7816-3:2006, 11.6. It
 * chains both ways, repeats what is asked for, follows S(IFS), S(RESYNCH) and S(ABORT),
 * and asks with S(WTX) for the time that a slow command takes. */
#ifndef DRIVERS_SOFT_T1_CARD_H
#define DRIVERS_SOFT_T1_CARD_H

#include "drivers/soft/card.h"
#include "proto/t1_block.h"

enum t1_card_state {
    T1_CARD_TAKING,  /* waits for a command, or its rest */
    T1_CARD_WORKING, /* its S(WTX) is not answered */
    T1_CARD_GIVING   /* its last I-block is not acknowledged */
};

struct t1_card {
    struct soft_card *card;
    uint32_t bwt_ms;
    uint8_t ifsc; /* most that it takes in a block */
    uint8_t ifsd; /* most that the terminal takes */
    uint8_t ns, nr;
    enum t1_card_state state;
    size_t taken;  /* bytes of the command so far; above APDU_COMMAND_MAX: too many */
    size_t answer; /* bytes of the answer, in card->response */
    size_t given;  /* those that are acknowledged */
    size_t piece;  /* those in the last I-block */
    uint32_t work_ms;
    uint8_t wtx;   /* multiplier in force for the block that comes next */
    uint8_t noise; /* blocks to be spoilt */
    bool mute;
    uint8_t last[T1_BLOCK_MAX];
    size_t last_size;
};

void t1_card_init(struct t1_card *t1, struct soft_card *card, uint8_t ifsc,
                  uint32_t bwt_ms);

/* Wipes what is kept of a command or its answer. */
void t1_card_forget(struct t1_card *t1);

/* Takes what the terminal sent. Gives the size of the card's block in `out`, 0 if it
 * stays silent; *delay_ms passes before it comes. */
size_t t1_card_take(struct t1_card *t1, const uint8_t *bytes, size_t size,
                    uint8_t out[T1_BLOCK_MAX], uint32_t *delay_ms);

#endif
