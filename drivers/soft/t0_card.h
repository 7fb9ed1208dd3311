/* SPDX-License-Identifier: BSD-2-Clause */
/* The card's end of T=0: command TPDUs in, answers out, after ISO/IEC 7816-3:2006, 12.2
 * and ISO/IEC 7816-4:2013, 5.6 and 11.8. */
#ifndef DRIVERS_SOFT_T0_CARD_H
#define DRIVERS_SOFT_T0_CARD_H

#include "drivers/soft/card.h"
#include "proto/t0.h"

struct t0_card {
    struct soft_card *card;
    size_t enveloped;  /* bytes of a command that came in ENVELOPEs so far */
    bool too_long;     /* it is more than there is room for */
    size_t sent, left; /* of the data in card->response that GET RESPONSE may fetch */
    uint16_t status;   /* that follows its last byte */
    bool mute;
};

/* After a reset. */
void t0_card_init(struct t0_card *t0, struct soft_card *card);

/* Wipes what is kept of a command or its answer. */
void t0_card_forget(struct t0_card *t0);

/* Takes a TPDU: five bytes, and the data if it has any. Gives the size of the answer, 0
 * if the card stays silent; *busy_ms is how long the card works before it answers.
 * ENVELOPE: pieces of 255 bytes, then a shorter one, which may be empty; the command in
 * them is carried out then. */
size_t t0_card_take(struct t0_card *t0, const uint8_t *tpdu, size_t size,
                    uint8_t out[T0_ANSWER_MAX], uint32_t *busy_ms);

#endif
