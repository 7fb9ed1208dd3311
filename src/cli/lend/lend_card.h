/* SPDX-License-Identifier: BSD-2-Clause */
/* The card in the lent reader: taken so that no other program of this machine can use it
 * meanwhile, since what the virtual machine's programs do with it cannot be seen here. */
#ifndef CLI_LEND_CARD_H
#define CLI_LEND_CARD_H

#include "cli/api.h"

#include <stddef.h>
#include <stdint.h>

enum { LEND_ATR_ROOM = 36 };

struct lend_card {
    SCARDHANDLE handle; /* 0: not taken */
    DWORD protocol;
    uint8_t atr[LEND_ATR_ROOM];
    DWORD atr_size;
};

/* Takes the card and resets it: a PIN that a program gave before is not lent along. Results
 * of the calls; then it is not taken. */
uint32_t lend_card_take(struct lend_card *card, SCARDCONTEXT context, const char *reader);
/* Gives it back, reset: a PIN must not outlive the virtual machine's session. Also if it is
 * not taken. */
void lend_card_give_back(struct lend_card *card);

/* *size is the room, and then the size, of the answer. Results of SCardTransmit. */
uint32_t lend_card_transmit(const struct lend_card *card, const uint8_t *command,
                            size_t command_size, uint8_t *answer, DWORD *size);

/* What is to follow from a failed call. */
enum lend_remedy {
    LEND_GO_ON,   /* this command cannot be had; the card may go on */
    LEND_AGAIN,   /* the card is gone or confused: give it back, and see what is there */
    LEND_IS_BUSY, /* another program has it */
    LEND_IS_MUTE, /* it cannot be used before it was taken out */
    LEND_IS_HOPELESS /* nothing can be had any more */
};
enum lend_remedy lend_take_remedy(uint32_t result);
enum lend_remedy lend_transmit_remedy(uint32_t result);

#endif
