/* SPDX-License-Identifier: BSD-2-Clause */
/* A card and the reader's talk with it, after ISO/IEC 7816-3:2006. */
#include "drivers/soft/session.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "proto/pps.h"

#include <assert.h>
#include <string.h>

enum {
    TA1 = 0x95, /* 512/16 */
    BWI_CWI = 0x15,
    TD_T0 = 0x80,      /* T=0, a TD follows */
    TD_T1_FIRST = 0x81 /* T=1, a TD follows */
};

/* Capabilities as EF.ATR/INFO repeats them, and the issuer's word for the card. */
static const uint8_t historical[] = {0x80, 0x31, 0xB8, 0x73, 0xB4, 0x21,
                                     0x60, 0x54, 's',  'o',  'f',  't'};

/* 8.2: TA1, then T=1 with IFSC and waiting times if it is offered. */
static size_t build_atr(uint32_t protocols, uint8_t out[ATR_SIZE_MAX])
{
    bool t1 = (protocols & PROTOCOL_T1) != 0;
    size_t size = 0;
    out[size++] = 0x3B;
    out[size++] = (uint8_t)((t1 ? 0x90 : 0x10) | sizeof(historical));
    out[size++] = TA1;
    if (t1) {
        out[size++] = (protocols & PROTOCOL_T0) != 0 ? TD_T0 : TD_T1_FIRST;
        out[size++] = 0x31; /* TA3 and TB3 for T=1 */
        out[size++] = SOFT_IFSC;
        out[size++] = BWI_CWI;
    }
    memcpy(out + size, historical, sizeof(historical));
    size += sizeof(historical);
    if (!t1)
        return size;
    uint8_t check = 0;
    for (size_t i = 1; i < size; i++)
        check ^= out[i];
    out[size++] = check;
    return size;
}

struct soft_session *soft_session_new(const struct soft_options *options, uint32_t number)
{
    struct soft_session *session = mem_alloc(sizeof(*session));
    if (session == NULL)
        return NULL;
    if (!soft_card_init(&session->card, options->pin, options->delay_ms, number)) {
        mem_free(session);
        return NULL;
    }
    session->options = options;
    session->atr_size = build_atr(options->protocols, session->atr_bytes);
    atr_parse(&session->atr, session->atr_bytes, session->atr_size);
    return session;
}

void soft_session_free(struct soft_session *session)
{
    if (session == NULL)
        return;
    soft_card_clear(&session->card);
    secret_clear(session, sizeof(*session));
    mem_free(session);
}

static void set_timing(struct soft_session *session, uint8_t fidi)
{
    const struct atr *atr = &session->atr;
    session->timing = (struct timing){.clock_khz = SOFT_CLOCK_KHZ,
                                      .f = atr_fi(fidi),
                                      .d = atr_di(fidi),
                                      .n = atr->n,
                                      .wi = atr->wi,
                                      .bwi = atr->bwi,
                                      .cwi = atr->cwi,
                                      .guard_f = atr->guard_fi,
                                      .guard_d = atr->guard_di};
}

static uint32_t bwt_ms(const struct soft_session *session)
{
    return (uint32_t)(timing_bwt_us(&session->timing) / 1000);
}

/* Wipes what an exchange left behind that was cut off. */
static void forget_exchange(struct soft_session *session)
{
    if (session->t0.card == NULL)
        return; /* never powered */
    t0_card_forget(&session->t0);
    t1_card_forget(&session->t1_card);
    t1_clear(&session->t1);
}

void soft_session_reset(struct soft_session *session)
{
    struct t1_parameters parameters = {.ifsc = session->atr.ifsc, .edc = T1_EDC_LRC};
    forget_exchange(session);
    soft_card_reset(&session->card);
    session->phase = SOFT_RESET;
    session->protocol = atr_default_protocol(&session->atr);
    set_timing(session, PPS_FIDI_DEFAULT);
    t0_card_init(&session->t0, &session->card);
    t1_card_init(&session->t1_card, &session->card, SOFT_IFSC, bwt_ms(session));
    t1_init(&session->t1, &parameters);
}

void soft_session_power_off(struct soft_session *session)
{
    forget_exchange(session);
    soft_card_reset(&session->card);
    session->phase = SOFT_OFF;
}

/* --- PPS ---------------------------------------------------------------------------- */

/* The card's end (9.2): it echoes what it can do, and is silent to all else. */
static size_t answer_pps(struct soft_session *session, const uint8_t *bytes, size_t size,
                         uint8_t out[PPS_SIZE_MAX])
{
    struct pps pps;
    bool fresh = session->phase == SOFT_RESET;
    session->phase = SOFT_USED;
    if (!fresh || !pps_parse(bytes, size, &pps) || pps.protocol > 1)
        return 0;
    bool offered = (session->options->protocols & 1U << pps.protocol) != 0;
    bool speed =
        !pps.has_pps1 || pps.pps1 == PPS_FIDI_DEFAULT || pps.pps1 == session->atr.ta1;
    return offered && speed ? pps_build(&pps, out) : 0;
}

/* The reader's end. */
static enum sc_error agree_with_card(struct soft_session *session, uint32_t protocol,
                                     struct soft_line *line)
{
    static const struct pps_limits limits = {.clock_khz = SOFT_CLOCK_KHZ};
    uint8_t request[PPS_SIZE_MAX], answer[PPS_SIZE_MAX], fidi = PPS_FIDI_DEFAULT;
    if (!pps_choose(&session->atr, &limits, &fidi))
        return SC_E_PROTO_MISMATCH;
    struct pps pps = {.protocol = protocol == PROTOCOL_T1 ? 1 : 0,
                      .has_pps1 = fidi != PPS_FIDI_DEFAULT,
                      .pps1 = fidi};
    size_t size = pps_build(&pps, request);
    size = answer_pps(session, request, size, answer);
    enum sc_error error = line->wait(line, 0);
    if (error != SC_OK)
        return error;
    if (size == 0 || !pps_accepts(&pps, answer, size, &fidi))
        return SC_E_PROTO_MISMATCH;
    session->protocol = protocol;
    set_timing(session, fidi);
    return SC_OK;
}

/* --- T=1 ---------------------------------------------------------------------------- */

/* Carries blocks to and fro until the exchange is over. */
static enum sc_error run_t1(struct soft_session *session, enum t1_step step,
                            struct soft_line *line)
{
    struct t1 *t1 = &session->t1;
    uint8_t block[T1_BLOCK_MAX];
    enum sc_error error = SC_OK;
    while (step == T1_SEND) {
        uint32_t delay_ms;
        uint64_t limit_ms = (uint64_t)t1->wait_multiplier * bwt_ms(session);
        size_t size =
            t1_card_take(&session->t1_card, t1->block, t1->block_size, block, &delay_ms);
        if (delay_ms > limit_ms)
            size = 0;
        error = line->wait(line, size != 0 ? delay_ms : limit_ms);
        if (error != SC_OK)
            break;
        step = t1_receive(t1, size != 0 ? block : NULL, size);
    }
    t1_clear(t1);
    secret_clear(block, sizeof(block));
    return step == T1_FAIL && error == SC_OK ? t1->error : error;
}

static enum sc_error transmit_t1(struct soft_session *session, struct transfer *t,
                                 struct soft_line *line)
{
    enum t1_step step = t1_start(&session->t1, t->in, t->in_size, t->out, t->out_room);
    enum sc_error error = run_t1(session, step, line);
    if (error != SC_OK)
        return error;
    if (session->t1.out_size < 2)
        return SC_F_COMM_ERROR; /* no response is shorter than SW1 SW2 */
    t->out_size = session->t1.out_size;
    return SC_OK;
}

/* --- T=0 ---------------------------------------------------------------------------- */

/* One TPDU to the card; *size is 0 if it stayed silent for its waiting time. */
static enum sc_error exchange_with_card(struct soft_session *session, const struct t0 *t0,
                                        uint8_t answer[T0_ANSWER_MAX], size_t *size,
                                        struct soft_line *line)
{
    uint32_t busy_ms;
    *size = t0_card_take(&session->t0, t0->command, t0->command_size, answer, &busy_ms);
    if (*size != 0)
        return line->wait(line, busy_ms);
    enum sc_error error = line->wait(line, timing_wwt_us(&session->timing) / 1000);
    return error == SC_OK ? SC_E_TIMEOUT : error;
}

static enum sc_error transmit_t0(struct soft_session *session, struct transfer *t,
                                 struct soft_line *line)
{
    bool whole = session->options->whole_apdus;
    struct t0_options options = {
        .get_response = whole, .correct_le = whole, .envelope = whole};
    struct t0 t0;
    uint8_t answer[T0_ANSWER_MAX];
    enum sc_error error = SC_OK;
    size_t size;
    enum t0_step step = t0_start(&t0, &options, t->in, t->in_size, t->out, t->out_room);
    while (step == T0_SEND && error == SC_OK) {
        error = exchange_with_card(session, &t0, answer, &size, line);
        if (error == SC_OK)
            step = t0_receive(&t0, answer, size);
    }
    t0_clear(&t0);
    secret_clear(answer, sizeof(answer));
    if (error != SC_OK)
        return error;
    if (step == T0_FAIL)
        return t0.error;
    t->out_size = t0.out_size;
    return SC_OK;
}

/* --- Both --------------------------------------------------------------------------- */

enum sc_error soft_session_set_protocol(struct soft_session *session, uint32_t protocol,
                                        struct soft_line *line)
{
    assert(session->phase != SOFT_OFF);
    if (session->phase == SOFT_READY && session->protocol == protocol)
        return SC_OK;
    if (session->phase == SOFT_READY || (atr_protocols(&session->atr) & protocol) == 0)
        return SC_E_PROTO_MISMATCH;
    enum sc_error error = agree_with_card(session, protocol, line);
    if (error == SC_OK && protocol == PROTOCOL_T1 && !session->no_ifs)
        error = run_t1(session, t1_start_ifs(&session->t1, SOFT_IFSD), line);
    if (error == SC_OK)
        session->phase = SOFT_READY;
    return error;
}

enum sc_error soft_session_transmit(struct soft_session *session, uint32_t protocol,
                                    struct transfer *t, struct soft_line *line)
{
    assert(session->phase != SOFT_OFF);
    if (protocol != session->protocol)
        return SC_E_INVALID_PARAMETER;
    if (session->phase == SOFT_RESET)
        session->phase = SOFT_USED;
    return protocol == PROTOCOL_T1 ? transmit_t1(session, t, line)
                                   : transmit_t0(session, t, line);
}
