/* SPDX-License-Identifier: BSD-2-Clause */
/* What T=0 and T=1 have in common. */
#include "drivers/iso/card.h"

enum sc_error iso_transmit(struct iso_card *card, bool whole_apdus, struct transfer *t)
{
    switch (card->protocol) {
    case PROTOCOL_T0:
        return iso_t0_transmit(card, whole_apdus, t);
    case PROTOCOL_T1:
        return iso_t1_transmit(card, t);
    default:
        return SC_E_PROTO_MISMATCH;
    }
}

bool iso_card_is_dead(const struct iso_card *card)
{
    return card->protocol == PROTOCOL_T1 && card->t1.state == T1_DEAD;
}

void iso_card_clear(struct iso_card *card)
{
    card->protocol = 0;
    t1_clear(&card->t1);
}
