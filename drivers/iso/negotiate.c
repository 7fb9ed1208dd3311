/* SPDX-License-Identifier: BSD-2-Clause */
/* From the ATR to a protocol that runs: the PPS, the reader's parameters, how much the
 * card may send at once (ISO/IEC 7816-3:2006, 9 and 11.4.2). */
#include "base/log.h"
#include "drivers/iso/card.h"

#include <string.h>

enum { PPS_MS = 5000, PPS_FIRST = 2 /* bytes that tell how many there are */ };

/* What is worked out before anything is sent. */
struct plan {
    const struct iso_terms *terms;
    uint32_t protocol;
    uint8_t t;    /* 0 or 1 */
    uint8_t fidi; /* the answer to a PPS may change it */
    bool pps;     /* by us */
};

static bool choose_rate(const struct iso_card *card, const struct iso_terms *terms,
                        uint8_t *fidi)
{
    if (!terms->default_only)
        return pps_choose(&card->atr, &terms->rates, fidi);
    *fidi = PPS_FIDI_DEFAULT;
    return !card->atr.specific || card->atr.ta1 == PPS_FIDI_DEFAULT;
}

static enum sc_error make_plan(const struct iso_card *card, uint32_t protocol,
                               const struct iso_terms *terms, struct plan *plan)
{
    const struct atr *atr = &card->atr;
    *plan = (struct plan){.terms = terms,
                          .protocol = protocol,
                          .t = protocol == PROTOCOL_T1 ? 1 : 0,
                          .fidi = atr->ta1};
    if ((atr_protocols(atr) & terms->protocols & protocol) == 0)
        return SC_E_PROTO_MISMATCH;
    if (terms->negotiation == ISO_NEGOTIATE_NOTHING)
        return SC_OK;
    if (!choose_rate(card, terms, &plan->fidi))
        return SC_E_PROTO_MISMATCH;
    bool other = atr_default_protocol(atr) != protocol;
    plan->pps = terms->negotiation == ISO_NEGOTIATE_ALL && !atr->specific
                && (other || plan->fidi != PPS_FIDI_DEFAULT);
    if (terms->default_only && plan->pps)
        return SC_E_PROTO_MISMATCH; /* only the card's first choice works */
    return SC_OK;
}

/* --- PPS ---------------------------------------------------------------------------- */

static enum sc_error exchange_pps(struct iso_card *card, struct iso_exchange *x,
                                  uint8_t answer[PPS_SIZE_MAX], size_t *got)
{
    bool bytewise = card->line->kind == ISO_LINE_CHARACTERS;
    if (bytewise)
        x->expect = PPS_FIRST;
    enum sc_error error = card->line->exchange(card->line, x);
    for (int round = 0; error == SC_OK; round++) {
        size_t left = PPS_SIZE_MAX - *got;
        size_t more = x->in_size < left ? x->in_size : left;
        memcpy(answer + *got, x->in, more);
        *got += more;
        if (!bytewise || round > 0 || *got < PPS_FIRST || pps_size(answer[1]) <= *got)
            break;
        x->out = NULL;
        x->out_size = 0;
        x->expect = pps_size(answer[1]) - *got;
        error = card->line->exchange(card->line, x);
    }
    return error;
}

static enum sc_error do_pps(struct iso_card *card, struct plan *plan,
                            const struct driver_job *job)
{
    uint8_t bytes[PPS_SIZE_MAX], answer[PPS_SIZE_MAX];
    struct pps request = {.protocol = plan->t,
                          .has_pps1 = plan->fidi != PPS_FIDI_DEFAULT,
                          .pps1 = plan->fidi};
    struct iso_exchange x = {.out = bytes,
                             .out_size = pps_build(&request, bytes),
                             .timeout_ms = PPS_MS,
                             .job = job};
    size_t got = 0;
    enum sc_error error = exchange_pps(card, &x, answer, &got);
    /* No answer, or one that is not understood, is a refusal too (9.3). */
    if (error == SC_F_COMM_ERROR
        || (error == SC_OK && !pps_accepts(&request, answer, got, &plan->fidi))) {
        log_info("the card does not accept PPS %02X %02X", (unsigned)bytes[1],
                 (unsigned)bytes[2]);
        return SC_E_PROTO_MISMATCH;
    }
    return error;
}

/* --- Parameters --------------------------------------------------------------------- */

static struct timing timing_of(const struct iso_card *card, const struct iso_terms *terms,
                               uint8_t fidi)
{
    const struct atr *atr = &card->atr;
    return (struct timing){.clock_khz = terms->rates.clock_khz,
                           .f = atr_fi(fidi),
                           .d = atr_di(fidi),
                           .n = atr->n,
                           .wi = atr->wi,
                           .bwi = atr->bwi,
                           .cwi = atr->cwi,
                           .guard_f = atr->guard_fi,
                           .guard_d = atr->guard_di};
}

static void set_rate(struct iso_card *card, const struct iso_terms *terms, uint8_t fidi)
{
    card->timing = timing_of(card, terms, fidi);
    card->fidi = fidi;
}

/* What the plan wants of the card and the reader: PPS, parameters. Errors:
 * SC_E_PROTO_MISMATCH: one of them refuses. */
static enum sc_error agree_on_plan(struct iso_card *card, struct plan *plan,
                                   const struct driver_job *job)
{
    enum sc_error error = plan->pps ? do_pps(card, plan, job) : SC_OK;
    if (error != SC_OK || plan->terms->negotiation == ISO_NEGOTIATE_NOTHING)
        return error;
    struct iso_parameters parameters = {
        .protocol = plan->t,
        .fidi = plan->fidi,
        .agreed = plan->pps && plan->fidi != PPS_FIDI_DEFAULT,
        .timing = timing_of(card, plan->terms, plan->fidi),
        .atr = &card->atr};
    return card->line->set_parameters(card->line, &parameters, job);
}

/* A rate that is refused, by the card or by the reader, in a PPS of ours or of the
 * reader's: one more chance, after a reset, with the default rate, for which a card need
 * not know PPS (ISO/IEC 7816-3:2006, 9). In specific mode there is no other rate. */
static enum sc_error agree_or_default(struct iso_card *card, struct plan *plan,
                                      const struct driver_job *job)
{
    uint8_t wanted = plan->fidi;
    enum sc_error error = agree_on_plan(card, plan, job);
    if (error != SC_E_PROTO_MISMATCH || wanted == PPS_FIDI_DEFAULT || card->atr.specific)
        return error;
    log_info("FiDi %02X is refused, the card is reset", (unsigned)wanted);
    error = card->line->reset(card->line, job);
    plan->fidi = PPS_FIDI_DEFAULT;
    plan->pps &= atr_default_protocol(&card->atr) != plan->protocol;
    return error == SC_OK ? agree_on_plan(card, plan, job) : error;
}

/* --- T=1 ---------------------------------------------------------------------------- */

static uint8_t smaller_size(uint8_t a, uint8_t b)
{
    return a < b ? a : b;
}

static enum sc_error start_t1(struct iso_card *card, const struct iso_terms *terms,
                              const struct driver_job *job)
{
    struct t1_parameters parameters = {
        .ifsc = smaller_size(card->atr.ifsc, terms->inf_max),
        .edc = card->atr.edc == ATR_EDC_CRC ? T1_EDC_CRC : T1_EDC_LRC};
    if (terms->ifs == ISO_IFS_TOLD)
        parameters.ifsd = terms->ifsd;
    uint8_t ifsd = smaller_size(terms->ifsd, terms->inf_max);
    t1_init(&card->t1, &parameters);
    if (terms->ifs != ISO_IFS_REQUEST || ifsd == T1_IFS_DEFAULT)
        return SC_OK;
    enum sc_error error = iso_t1_run(card, t1_start_ifs(&card->t1, ifsd), job);
    if (error != SC_F_COMM_ERROR && error != SC_E_TIMEOUT)
        return error;
    /* A card that does not know S(IFS) is one that gets along with 32. */
    log_info("the card does not take IFSD %u", (unsigned)ifsd);
    return card->t1.state == T1_DEAD ? error : SC_OK;
}

/* --- All together ------------------------------------------------------------------- */

enum sc_error iso_negotiate(struct iso_card *card, uint32_t protocol,
                            const struct iso_terms *terms, const struct driver_job *job)
{
    struct plan plan;
    card->protocol = 0;
    enum sc_error error = make_plan(card, protocol, terms, &plan);
    if (error != SC_OK)
        return error;
    set_rate(card, terms, PPS_FIDI_DEFAULT);
    error = agree_or_default(card, &plan, job);
    if (error != SC_OK)
        return error;
    set_rate(card, terms, plan.fidi);
    if (plan.t == 1)
        error = start_t1(card, terms, job);
    if (error != SC_OK)
        return error;
    log_debug("T=%u, FiDi %02X", (unsigned)plan.t, (unsigned)plan.fidi);
    card->protocol = protocol;
    return SC_OK;
}
