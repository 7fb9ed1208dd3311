/* SPDX-License-Identifier: BSD-2-Clause */
/* From the ATR to a protocol that runs: who does the PPS, who sets the parameters, who
 * tells the card how much we take (CCID 5.1, dwFeatures; ISO/IEC 7816-3:2006, 9 and
 * 11.4.2). */
#include "base/log.h"
#include "drivers/ccid/slot.h"
#include "proto/pps.h"

#include <string.h>

enum {
    PPS_MS = 2000,
    RATE_LIMITED = 200000,
    PARAMETERS_INVERSE = 0x02 /* of bmTCCKST0 and bmTCCKST1 (CCID 6.1.7) */
};

/* What is worked out before anything is sent. */
struct plan {
    uint8_t t; /* 0 or 1 */
    uint8_t fidi;
    bool pps;        /* by us */
    bool parameters; /* SetParameters */
    bool ifsd;       /* S(IFS request) by us */
};

static bool has(const struct ccid_slot *slot, uint32_t feature)
{
    return (slot->ccid->descriptor.features & feature) != 0;
}

/* The rates that the reader can be set to, those that a quirk forbids left out. */
static bool choose_rate(const struct ccid_slot *slot, uint8_t *fidi)
{
    const struct ccid_interface *ccid = slot->ccid;
    const struct ccid_descriptor *d = &ccid->descriptor;
    static const uint32_t slow[] = {10753, 21505, 43011, 125000}; /* QUIRK_SLOW_SLOTS */
    struct pps_limits limits = {.clock_khz = d->default_clock_khz,
                                .default_baud = d->default_rate,
                                .max_baud = d->max_rate,
                                .bauds = ccid->rates,
                                .baud_count = ccid->rate_count};
    if ((ccid->quirks & QUIRK_200000) != 0 && d->max_rate > RATE_LIMITED)
        limits.max_baud = RATE_LIMITED;
    if ((ccid->quirks & QUIRK_SLOW_SLOTS) != 0 && slot->index > 0) {
        limits.bauds = slow;
        limits.baud_count = sizeof(slow) / sizeof(slow[0]);
        limits.max_baud = slow[limits.baud_count - 1];
    }
    if ((ccid->quirks & QUIRK_9600) != 0) {
        *fidi = PPS_FIDI_DEFAULT;
        return !slot->atr.specific || slot->atr.ta1 == PPS_FIDI_DEFAULT;
    }
    return pps_choose(&slot->atr, &limits, fidi);
}

static enum sc_error make_plan(const struct ccid_slot *slot, uint32_t protocol,
                               struct plan *plan)
{
    const struct ccid_interface *ccid = slot->ccid;
    const struct ccid_descriptor *d = &ccid->descriptor;
    const struct atr *atr = &slot->atr;
    memset(plan, 0, sizeof(*plan));
    plan->t = protocol == PROTOCOL_T1 ? 1 : 0;
    plan->fidi = PPS_FIDI_DEFAULT;
    if ((atr_protocols(atr) & protocol) == 0 || (d->protocols & protocol) == 0)
        return SC_E_PROTO_MISMATCH;
    bool by_host = d->level == CCID_TPDU || d->level == CCID_CHARACTER;
    plan->ifsd = plan->t == 1 && by_host && !has(slot, CCID_AUTO_IFSD)
                 && (ccid->quirks & QUIRK_NO_IFSD) == 0 && !slot->no_ifs;
    if (ccid->kind != CCID_KIND_BULK || has(slot, CCID_AUTO_NEGOTIATION)) {
        plan->fidi = atr->ta1;
        return SC_OK;
    }
    if (!choose_rate(slot, &plan->fidi))
        return SC_E_PROTO_MISMATCH;
    plan->parameters = true;
    bool other = atr_default_protocol(atr) != protocol;
    plan->pps = !has(slot, CCID_AUTO_PPS) && !atr->specific
                && (other || plan->fidi != PPS_FIDI_DEFAULT);
    if ((ccid->quirks & QUIRK_9600) != 0 && plan->pps)
        return SC_E_PROTO_MISMATCH; /* only the card's first choice works */
    return SC_OK;
}

/* --- PPS ---------------------------------------------------------------------------- */

/* At character level the length of the answer must be known: its second byte tells. */
static enum sc_error exchange_pps(struct ccid_slot *slot, const uint8_t *request,
                                  size_t size, uint8_t answer[PPS_SIZE_MAX], size_t *got,
                                  uint64_t deadline_ms)
{
    bool bytewise = slot->ccid->descriptor.level == CCID_CHARACTER;
    struct ccid_call call = {.data = request,
                             .size = size,
                             .timeout_ms = PPS_MS + CCID_REPLY_MS,
                             .deadline_ms = deadline_ms};
    enum sc_error error = ccid_slot_block(slot, &call, 0, bytewise ? 2 : 0);
    *got = 0;
    for (int round = 0; error == SC_OK; round++) {
        size_t left = PPS_SIZE_MAX - *got;
        size_t more = call.reply.size < left ? call.reply.size : left;
        memcpy(answer + *got, call.reply.data, more);
        *got += more;
        if (!bytewise || round > 0 || *got < 2 || pps_size(answer[1]) <= *got)
            break;
        call.data = NULL;
        call.size = 0;
        error = ccid_slot_block(slot, &call, 0, (uint16_t)(pps_size(answer[1]) - *got));
    }
    return error;
}

static enum sc_error do_pps(struct ccid_slot *slot, struct plan *plan,
                            uint64_t deadline_ms)
{
    uint8_t bytes[PPS_SIZE_MAX], answer[PPS_SIZE_MAX];
    struct pps request = {.protocol = plan->t,
                          .has_pps1 = plan->fidi != PPS_FIDI_DEFAULT,
                          .pps1 = plan->fidi};
    size_t got = 0;
    size_t size = pps_build(&request, bytes);
    enum sc_error error = exchange_pps(slot, bytes, size, answer, &got, deadline_ms);
    /* No answer, or one that is not understood, is a refusal too (9.3). */
    if (error == SC_F_COMM_ERROR
        || (error == SC_OK && !pps_accepts(&request, answer, got, &plan->fidi))) {
        log_info("ccid: the card does not accept PPS %02X %02X", (unsigned)bytes[1],
                 (unsigned)bytes[2]);
        return SC_E_PROTO_MISMATCH;
    }
    return error;
}

/* --- Parameters --------------------------------------------------------------------- */

/* The largest INF of a block that the reader's messages have room for, both ways. */
static uint8_t block_room(const struct ccid_slot *slot)
{
    const struct ccid_descriptor *d = &slot->ccid->descriptor;
    size_t overhead = CCID_HEADER_SIZE + 3 + 2; /* prologue, longest EDC */
    size_t room = d->message_split > overhead ? d->message_split - overhead : 1;
    return room < CCID_IFSD_MAX ? (uint8_t)room : CCID_IFSD_MAX;
}

/* Everything in it is what the reader has from the reset on (CCID 6.1.7), but for the
 * convention, which it has heard itself. */
static bool are_defaults(const struct plan *plan, const uint8_t *bytes, size_t size)
{
    static const uint8_t t0[CCID_PARAMETERS_T0_SIZE] = {0x11, 0x00, 0x00, 0x0A, 0x00};
    static const uint8_t t1[CCID_PARAMETERS_T1_SIZE] = {0x11, 0x10, 0x00, 0x4D,
                                                        0x00, 0x20, 0x00};
    const uint8_t *defaults = plan->t == 1 ? t1 : t0;
    return bytes[0] == defaults[0] && (bytes[1] & ~PARAMETERS_INVERSE) == defaults[1]
           && memcmp(bytes + 2, defaults + 2, size - 2) == 0;
}

/* What a refusal means for the card. */
static enum sc_error parameters_refused(struct ccid_slot *slot, const struct plan *plan,
                                        const struct ccid_call *call)
{
    /* Not supported, or one of them is fixed (CCID 6.1.7: the offset of what was
     * refused): the reader goes on with what it has. The protocol itself is not to be
     * given up, and neither is a rate that the card has from our PPS already: the reader
     * would speak past it. */
    uint8_t code = call->reply.error;
    bool stays =
        code == CCID_ERROR_UNSUPPORTED || (code >= CCID_HEADER_SIZE && code < 0x80);
    if ((slot->ccid->quirks & QUIRK_OWN_PARAMETERS) != 0)
        return SC_OK;
    if (stays && (!plan->pps || plan->fidi == PPS_FIDI_DEFAULT)) {
        log_info("ccid: parameter at offset %u is fixed", (unsigned)code);
        return SC_OK;
    }
    enum sc_error error = ccid_error_meaning(&call->reply, false);
    if (error == SC_E_NO_SMARTCARD)
        return error;
    /* Memory cards, which some readers present with an ATR of their own making: there is
     * nothing to be set, and the reader says that the card is mute (observed: ACR38,
     * ACR39). */
    if (atr_default_protocol(&slot->atr) == (plan->t == 1 ? PROTOCOL_T1 : PROTOCOL_T0)
        && are_defaults(plan, call->data, call->size)) {
        log_info("ccid: default parameters were refused, %02X", (unsigned)code);
        return SC_OK;
    }
    return SC_E_PROTO_MISMATCH;
}

/* Errors: SC_E_PROTO_MISMATCH: the reader or the card does not take them. */
static enum sc_error set_parameters(struct ccid_slot *slot, const struct plan *plan,
                                    uint64_t deadline_ms)
{
    const struct atr *atr = &slot->atr;
    uint8_t bytes[CCID_PARAMETERS_T1_SIZE];
    struct ccid_parameters parameters = {
        .protocol = plan->t,
        .fidi = plan->fidi,
        .inverse = atr->inverse,
        .guard = atr->n,
        .waiting = plan->t == 1 ? (uint8_t)(atr->bwi << 4 | atr->cwi) : atr->wi,
        .clock_stop = has(slot, CCID_CLOCK_STOP) ? (uint8_t)atr->clock_stop : 0,
        .crc = atr->crc,
        .ifsc = atr->ifsc};
    struct ccid_call call = {.type = CCID_SET_PARAMETERS,
                             .p = {plan->t, 0, 0},
                             .data = bytes,
                             .timeout_ms = CCID_REPLY_MS,
                             .deadline_ms = deadline_ms};
    call.size = ccid_parameters_build(&parameters, bytes);
    enum sc_error error = ccid_slot_call(slot, &call);
    if (error != SC_OK || call.reply.outcome == CCID_DONE)
        return error;
    return parameters_refused(slot, plan, &call);
}

static void set_timing(struct ccid_slot *slot, uint8_t fidi)
{
    const struct atr *atr = &slot->atr;
    struct timing *timing = &slot->timing;
    memset(timing, 0, sizeof(*timing));
    timing->clock_khz = slot->ccid->descriptor.default_clock_khz;
    timing->f = atr_fi(fidi);
    timing->d = atr_di(fidi);
    timing->n = atr->n;
    timing->wi = atr->wi;
    timing->bwi = atr->bwi;
    timing->cwi = atr->cwi;
    timing->guard_f = atr->guard_fi;
    timing->guard_d = atr->guard_di;
    slot->fidi = fidi;
}

static enum sc_error start_t1(struct ccid_slot *slot, const struct plan *plan,
                              uint64_t deadline_ms)
{
    uint8_t room = block_room(slot);
    uint8_t ifsd = slot->ccid->descriptor.max_ifsd;
    struct t1_parameters parameters = {.ifsc =
                                           slot->atr.ifsc < room ? slot->atr.ifsc : room,
                                       .edc = slot->atr.crc ? T1_EDC_CRC : T1_EDC_LRC};
    /* A reader that tells the card by itself has told it what it declares. */
    if (has(slot, CCID_AUTO_IFSD))
        parameters.ifsd = ifsd;
    if (ifsd > room)
        ifsd = room;
    t1_init(&slot->t1, &parameters);
    if (!plan->ifsd || ifsd == T1_IFS_DEFAULT)
        return SC_OK;
    enum sc_error error =
        ccid_slot_run_t1(slot, t1_start_ifs(&slot->t1, ifsd), deadline_ms);
    if (error != SC_F_COMM_ERROR && error != SC_E_TIMEOUT)
        return error;
    /* A card that does not know S(IFS) is one that gets along with 32. */
    log_info("ccid: the card does not take IFSD %u", (unsigned)ifsd);
    return slot->t1.state == T1_DEAD ? error : SC_OK;
}

/* --- All together ------------------------------------------------------------------- */

/* What the plan wants of the card and the reader: PPS, parameters. Errors:
 * SC_E_PROTO_MISMATCH: one of them refuses. */
static enum sc_error agree(struct ccid_slot *slot, struct plan *plan,
                           uint64_t deadline_ms)
{
    enum sc_error error = SC_OK;
    if (plan->pps)
        error = do_pps(slot, plan, deadline_ms);
    if (error == SC_OK && plan->parameters)
        error = set_parameters(slot, plan, deadline_ms);
    return error;
}

/* A rate that is refused, by the card or by the reader, in a PPS of ours or of the
 * reader's: one more chance, after a reset, with the default rate, for which a card need
 * not know PPS (ISO/IEC 7816-3:2006, 9). In specific mode there is no other rate. */
static enum sc_error agree_or_default(struct ccid_slot *slot, uint32_t protocol,
                                      struct plan *plan, uint64_t deadline_ms)
{
    uint8_t wanted = plan->fidi; /* a PPS may change it */
    enum sc_error error = agree(slot, plan, deadline_ms);
    if (error != SC_E_PROTO_MISMATCH || wanted == PPS_FIDI_DEFAULT || slot->atr.specific)
        return error;
    log_info("ccid: FiDi %02X is refused, the card is reset", (unsigned)wanted);
    error = ccid_slot_reset(slot, deadline_ms);
    plan->fidi = PPS_FIDI_DEFAULT;
    plan->pps &= atr_default_protocol(&slot->atr) != protocol;
    return error == SC_OK ? agree(slot, plan, deadline_ms) : error;
}

static enum sc_error carry_out(struct ccid_slot *slot, uint32_t protocol,
                               struct plan *plan, uint64_t deadline_ms)
{
    set_timing(slot, PPS_FIDI_DEFAULT);
    enum sc_error error = agree_or_default(slot, protocol, plan, deadline_ms);
    if (error != SC_OK)
        return error;
    set_timing(slot, plan->fidi);
    return plan->t == 1 ? start_t1(slot, plan, deadline_ms) : SC_OK;
}

enum sc_error ccid_slot_negotiate(struct ccid_slot *slot, uint32_t protocol,
                                  uint64_t deadline_ms)
{
    struct plan plan;
    slot->protocol = 0;
    enum sc_error error = make_plan(slot, protocol, &plan);
    if (error == SC_OK)
        error = carry_out(slot, protocol, &plan, deadline_ms);
    if (error != SC_OK)
        return error;
    log_debug("ccid: T=%u, FiDi %02X", (unsigned)plan.t, (unsigned)slot->fidi);
    slot->protocol = protocol;
    return SC_OK;
}
