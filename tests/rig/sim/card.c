/* SPDX-License-Identifier: BSD-2-Clause */
/* The card in a slot, after ISO/IEC 7816-3:2006. */
#include "tests/rig/sim/card.h"

#include "base/alloc.h"
#include "base/compiler.h"
#include "proto/pps.h"

#include <string.h>

struct sim_card *sim_card_new(const struct sim_card_options *options, uint32_t number)
{
    struct sim_card *card = mem_alloc(sizeof(*card));
    if (card == NULL)
        return NULL;
    card->options = options;
    card->session = soft_session_new(&options->soft, number);
    if (card->session == NULL) {
        mem_free(card);
        return NULL;
    }
    if (options->atr_size != 0)
        atr_parse(&card->session->atr, options->atr, options->atr_size);
    sim_card_off(card);
    return card;
}

void sim_card_free(struct sim_card *card)
{
    if (card == NULL)
        return;
    sim_card_off(card); /* wipes what the protocols keep */
    soft_session_free(card->session);
    mem_free(card);
}

const struct atr *sim_card_atr(const struct sim_card *card)
{
    return &card->session->atr;
}

const uint8_t *sim_card_atr_bytes(const struct sim_card *card, size_t *size)
{
    bool own = card->options->atr_size == 0;
    *size = own ? card->session->atr_size : card->options->atr_size;
    return own ? card->session->atr_bytes : card->options->atr;
}

void sim_card_reset(struct sim_card *card)
{
    const struct atr *atr = sim_card_atr(card);
    soft_session_reset(card->session);
    t1_card_init(&card->session->t1_card, &card->session->card, atr->ifsc,
                 card->session->t1_card.bwt_ms);
    card->protocol = atr_default_protocol(atr) == ATR_PROTOCOL_T1 ? 1 : 0;
    card->fidi =
        atr->specific && (atr->ta2 & ATR_TA2_IMPLICIT) == 0 ? atr->ta1 : PPS_FIDI_DEFAULT;
    card->fresh = true;
    card->dead = false;
}

void sim_card_off(struct sim_card *card)
{
    soft_session_power_off(card->session);
    card->fresh = false;
    card->dead = true;
}

/* Whether Fi and Di of a PPS are between the default and those of TA1 (9.2). */
static bool speed_fits(const struct atr *atr, uint8_t fidi)
{
    uint32_t f = atr_fi(fidi), d = atr_di(fidi);
    if (f == 0 || d == 0)
        return false;
    if (fidi == PPS_FIDI_DEFAULT || fidi == atr->ta1)
        return true;
    return f * 1 <= 372 * d && f * atr->di >= atr->fi * d;
}

size_t sim_card_pps(struct sim_card *card, const struct sim_line *line,
                    const uint8_t *bytes, size_t size, uint8_t out[SIM_CARD_ANSWER_MAX])
{
    struct pps pps;
    const struct atr *atr = sim_card_atr(card);
    bool fresh = card->fresh && !card->dead && line->fidi == card->fidi;
    card->fresh = false;
    if (!fresh || card->options->no_pps || atr->specific || !pps_parse(bytes, size, &pps)
        || pps.protocol > 1 || (atr_protocols(atr) & 1U << pps.protocol) == 0
        || (pps.has_pps1 && !speed_fits(atr, pps.pps1))) {
        card->dead = true; /* until the reset that 9.3 asks for */
        return 0;
    }
    card->protocol = pps.protocol;
    card->fidi = pps.has_pps1 ? pps.pps1 : PPS_FIDI_DEFAULT;
    return pps_build(&pps, out);
}

/* Guard times of 255 are the shortest there are. */
static unsigned guard_of(uint8_t n)
{
    return n != 255 ? n : 0;
}

bool sim_card_hears(struct sim_card *card, const struct sim_line *line)
{
    card->fresh = false;
    if (line->protocol != card->protocol || line->fidi != card->fidi
        || guard_of(line->guard) < guard_of(sim_card_atr(card)->n))
        card->dead = true;
    return !card->dead;
}

static size_t send_tpdu(struct sim_card *card, const uint8_t *bytes, size_t size,
                        uint8_t *out, uint32_t *delay_ms)
{
    return t0_card_take(&card->session->t0, bytes, size, out, delay_ms);
}

static size_t send_block(struct sim_card *card, const uint8_t *bytes, size_t size,
                         uint8_t *out, uint32_t *delay_ms)
{
    return t1_card_take(&card->session->t1_card, bytes, size, out, delay_ms);
}

/* In place of a fault command the card gets one that it answers with 9000. */
static const uint8_t harmless[] = {0x80, 0xE6, 0x90, 0x00, 0x00};

static size_t take_tpdu(struct sim_card *card, const uint8_t *bytes, size_t size,
                        uint8_t *out, uint32_t *delay_ms, struct sim_fault *fault)
{
    size_t apdu_size = size == 5 ? 4 : size;
    if (sim_fault_command(bytes, apdu_size, fault))
        return send_tpdu(card, harmless, sizeof(harmless), out, delay_ms);
    return send_tpdu(card, bytes, size, out, delay_ms);
}

static size_t take_block(struct sim_card *card, const uint8_t *bytes, size_t size,
                         uint8_t *out, uint32_t *delay_ms, struct sim_fault *fault)
{
    struct t1_block block;
    uint8_t changed[T1_BLOCK_MAX];
    if (t1_block_parse(bytes, size, T1_EDC_LRC, &block) == T1_BLOCK_OK
        && block.kind == T1_KIND_I && !block.more && card->session->t1_card.taken == 0
        && sim_fault_command(block.inf, block.inf_size, fault)) {
        size = t1_block_build(block.nad, block.pcb, harmless, 4, T1_EDC_LRC, changed);
        return send_block(card, changed, size, out, delay_ms);
    }
    return send_block(card, bytes, size, out, delay_ms);
}

size_t sim_card_tpdu(struct sim_card *card, const struct sim_line *line,
                     const uint8_t *bytes, size_t size, uint8_t out[SIM_CARD_ANSWER_MAX],
                     uint32_t *delay_ms, struct sim_fault *fault)
{
    *delay_ms = 0;
    if (!sim_card_hears(card, line))
        return 0;
    return line->protocol == 0 ? take_tpdu(card, bytes, size, out, delay_ms, fault)
                               : take_block(card, bytes, size, out, delay_ms, fault);
}

size_t sim_card_apdu(struct sim_card *card, const struct sim_line *line, size_t size,
                     uint32_t *delay_ms, struct sim_fault *fault)
{
    struct soft_card *soft = &card->session->card;
    struct soft_answer answer;
    *delay_ms = 0;
    if (!sim_card_hears(card, line))
        return 0;
    if (sim_fault_command(soft->command, size, fault)) {
        size = 4;
        memcpy(soft->command, harmless, size);
    }
    size = soft_card_respond(soft, soft->command, size, false, &answer);
    *delay_ms = answer.busy_ms;
    if (answer.fault == SOFT_FAULT_MUTE) {
        card->dead = true;
        return 0;
    }
    return size;
}

uint64_t sim_line_wait_ms(const struct sim_line *line, uint32_t multiplier)
{
    struct timing timing = {.clock_khz = line->clock_khz,
                            .f = atr_fi(line->fidi),
                            .d = atr_di(line->fidi),
                            .n = line->guard,
                            .wi = line->waiting,
                            .bwi = line->waiting >> 4,
                            .cwi = line->waiting & 0x0F};
    uint64_t us = line->protocol == 0 ? timing_wwt_us(&timing) : timing_bwt_us(&timing);
    return us * (multiplier != 0 ? multiplier : 1) / 1000 + 1;
}
