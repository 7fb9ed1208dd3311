/* SPDX-License-Identifier: BSD-2-Clause */
/* Blocks of T=1 to the card and back (ISO/IEC 7816-3:2006, 11). */
#include "base/secret.h"
#include "drivers/iso/card.h"

#include <string.h>

/* --- Characters --------------------------------------------------------------------- */

/* Bytes that the card sends of one block: until there are `wanted`, or nothing more
 * comes. What x sends goes out with the first question. */
static enum sc_error read_characters(struct iso_card *card, struct iso_exchange *x,
                                     uint8_t block[T1_BLOCK_MAX], size_t *have,
                                     size_t wanted)
{
    while (*have < wanted) {
        x->expect = wanted - *have;
        enum sc_error error = card->line->exchange(card->line, x);
        x->out = NULL;
        x->out_size = 0;
        if (error != SC_OK || x->in_size == 0)
            return error;
        size_t room = T1_BLOCK_MAX - *have;
        size_t more = x->in_size < room ? x->in_size : room;
        memcpy(block + *have, x->in, more);
        *have += more;
    }
    return SC_OK;
}

/* The prologue says how much more there is. */
static enum sc_error read_characters_block(struct iso_card *card, struct iso_exchange *x,
                                           uint8_t block[T1_BLOCK_MAX], size_t *size)
{
    enum sc_error error = read_characters(card, x, block, size, T1_PROLOGUE_SIZE);
    if (error != SC_OK || *size < T1_PROLOGUE_SIZE)
        return error;
    size_t whole = T1_PROLOGUE_SIZE + t1_block_rest(block, card->t1.edc);
    return read_characters(card, x, block, size,
                           whole < T1_BLOCK_MAX ? whole : T1_BLOCK_MAX);
}

static enum sc_error exchange_t1_characters(struct iso_card *card, struct iso_exchange *x,
                                            enum t1_step *step)
{
    uint8_t block[T1_BLOCK_MAX];
    size_t size = 0;
    enum sc_error error = read_characters_block(card, x, block, &size);
    if (error == SC_OK)
        *step = t1_receive(&card->t1, block, size);
    secret_clear(block, sizeof(block));
    return error;
}

/* --- Blocks ------------------------------------------------------------------------- */

static enum sc_error exchange_t1_tpdu(struct iso_card *card, struct iso_exchange *x,
                                      enum t1_step *step)
{
    enum sc_error error = card->line->exchange(card->line, x);
    if (error == SC_OK)
        *step = t1_receive(&card->t1, x->in, x->in_size);
    return error;
}

/* A failure that the card or the contacts are to blame for is one that the engine knows
 * what to do about. */
static enum sc_error handle_fault(struct t1 *t1, enum iso_fault fault, enum t1_step *step)
{
    static const uint8_t noise[] = {0xFF};
    switch (fault) {
    case ISO_FAULT_MUTE:
        *step = t1_receive(t1, NULL, 0);
        return SC_OK;
    case ISO_FAULT_PARITY:
        *step = t1_receive(t1, noise, sizeof(noise));
        return SC_OK;
    case ISO_FAULT_OTHER:
        break;
    }
    return SC_F_COMM_ERROR;
}

/* How long for one block: until it begins (BWT), and a block each way. Between two
 * characters CWT may pass, up to 3 s; a card that makes use of that for each would take
 * minutes for a block, and none does, so four times their own length is what they get. */
static uint32_t block_ms(const struct iso_card *card)
{
    static const uint64_t etu = (uint64_t)2 * T1_BLOCK_MAX * 12 * 4;
    return iso_bounded_ms(timing_t1_block_ms(&card->timing, card->t1.wait_multiplier, 0)
                          + etu * timing_etu_ns(&card->timing) / 1000000);
}

enum sc_error iso_t1_block(struct iso_card *card, const struct driver_job *job,
                           enum t1_step *step)
{
    struct t1 *t1 = &card->t1;
    struct iso_exchange x = {.out = t1->block,
                             .out_size = t1->block_size,
                             .timeout_ms = block_ms(card),
                             .job = job};
    if (t1->wait_multiplier > 1)
        x.wait_multiplier = t1->wait_multiplier;
    enum sc_error error = card->line->kind == ISO_LINE_CHARACTERS
                              ? exchange_t1_characters(card, &x, step)
                              : exchange_t1_tpdu(card, &x, step);
    return error == SC_F_COMM_ERROR ? handle_fault(t1, x.fault, step) : error;
}

enum sc_error iso_t1_run(struct iso_card *card, enum t1_step step,
                         const struct driver_job *job)
{
    enum sc_error error = SC_OK;
    while (step == T1_SEND && error == SC_OK)
        error = iso_t1_block(card, job, &step);
    if (error == SC_OK && step == T1_FAIL)
        error = card->t1.error;
    t1_clear(&card->t1);
    return error;
}

enum sc_error iso_t1_transmit(struct iso_card *card, struct transfer *t)
{
    enum t1_step step = t1_start(&card->t1, t->in, t->in_size, t->out, t->out_room);
    enum sc_error error = iso_t1_run(card, step, &t->job);
    t->out_size = error == SC_OK ? card->t1.out_size : 0;
    return error;
}
