/* SPDX-License-Identifier: BSD-2-Clause */
/* Which part of the negotiation a reader leaves to the host, and the parameters that it
 * is told then (CCID 5.1, dwFeatures; 6.1.7). */
#include "base/compiler.h"
#include "base/log.h"
#include "drivers/ccid/slot.h"

#include <string.h>

enum {
    RATE_LIMITED = 200000,
    PARAMETERS_INVERSE = 0x02 /* of bmTCCKST0 and bmTCCKST1 (CCID 6.1.7) */
};

static bool has_feature(const struct ccid_slot *slot, uint32_t feature)
{
    return (slot->ccid->descriptor.features & feature) != 0;
}

/* --- Terms -------------------------------------------------------------------------- */

/* The rates that the reader can be set to, those that a quirk forbids left out. */
static struct pps_limits rates_of(const struct ccid_slot *slot)
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
        limits.baud_count = ARRAY_SIZE(slow);
        limits.max_baud = slow[limits.baud_count - 1];
    }
    return limits;
}

static enum iso_negotiation negotiation_of(const struct ccid_slot *slot)
{
    if (slot->ccid->kind != CCID_KIND_BULK || has_feature(slot, CCID_AUTO_NEGOTIATION))
        return ISO_NEGOTIATE_NOTHING;
    return has_feature(slot, CCID_AUTO_PPS) ? ISO_NEGOTIATE_PARAMETERS
                                            : ISO_NEGOTIATE_ALL;
}

/* A reader that tells the card by itself has told it what it declares. */
static enum iso_ifs ifs_of(const struct ccid_slot *slot)
{
    const struct ccid_interface *ccid = slot->ccid;
    enum ccid_level level = ccid->descriptor.level;
    if (has_feature(slot, CCID_AUTO_IFSD))
        return ISO_IFS_TOLD;
    bool by_host = level == CCID_TPDU || level == CCID_CHARACTER;
    return by_host && (ccid->quirks & QUIRK_NO_IFSD) == 0 && !slot->no_ifs
               ? ISO_IFS_REQUEST
               : ISO_IFS_DEFAULT;
}

/* The largest INF of a block that the reader's messages have room for, both ways. */
static uint8_t inf_max(const struct ccid_slot *slot)
{
    const struct ccid_descriptor *d = &slot->ccid->descriptor;
    size_t overhead = CCID_HEADER_SIZE + 3 + 2; /* prologue, longest EDC */
    size_t room = d->message_split > overhead ? d->message_split - overhead : 1;
    return room < CCID_IFSD_MAX ? (uint8_t)room : CCID_IFSD_MAX;
}

enum sc_error ccid_slot_negotiate(struct ccid_slot *slot, uint32_t protocol,
                                  const struct driver_job *job)
{
    const struct ccid_interface *ccid = slot->ccid;
    struct iso_terms terms = {.protocols = ccid->descriptor.protocols,
                              .negotiation = negotiation_of(slot),
                              .default_only = (ccid->quirks & QUIRK_9600) != 0,
                              .rates = rates_of(slot),
                              .ifs = ifs_of(slot),
                              .ifsd = ccid->descriptor.max_ifsd,
                              .inf_max = inf_max(slot)};
    return iso_negotiate(&slot->card, protocol, &terms, job);
}

/* --- Parameters --------------------------------------------------------------------- */

/* Everything in it is what the reader has from the reset on (CCID 6.1.7), but for the
 * convention, which it has heard itself. */
static bool are_defaults(uint8_t protocol, const uint8_t *bytes, size_t size)
{
    static const uint8_t t0[CCID_PARAMETERS_T0_SIZE] = {0x11, 0x00, 0x00, 0x0A, 0x00};
    static const uint8_t t1[CCID_PARAMETERS_T1_SIZE] = {0x11, 0x10, 0x00, 0x4D,
                                                        0x00, 0x20, 0x00};
    const uint8_t *defaults = protocol == 1 ? t1 : t0;
    return bytes[0] == defaults[0] && (bytes[1] & ~PARAMETERS_INVERSE) == defaults[1]
           && memcmp(bytes + 2, defaults + 2, size - 2) == 0;
}

/* What a refusal means for the card. */
static enum sc_error parameters_refused(struct ccid_slot *slot,
                                        const struct iso_parameters *parameters,
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
    if (stays && !parameters->agreed) {
        log_info("ccid: parameter at offset %u is fixed", (unsigned)code);
        return SC_OK;
    }
    enum sc_error error = ccid_error_meaning(&call->reply, false);
    if (error == SC_E_NO_SMARTCARD)
        return error;
    /* Memory cards, which some readers present with an ATR of their own making: there is
     * nothing to be set, and the reader says that the card is mute (observed: ACR38,
     * ACR39). */
    uint32_t protocol = parameters->protocol == 1 ? PROTOCOL_T1 : PROTOCOL_T0;
    if (atr_default_protocol(parameters->atr) == protocol
        && are_defaults(parameters->protocol, call->data, call->size)) {
        log_info("ccid: default parameters were refused, %02X", (unsigned)code);
        return SC_OK;
    }
    return SC_E_PROTO_MISMATCH;
}

enum sc_error ccid_slot_set_parameters(struct ccid_slot *slot,
                                       const struct iso_parameters *parameters,
                                       uint64_t deadline_ms)
{
    const struct atr *atr = parameters->atr;
    uint8_t t = parameters->protocol;
    uint8_t bytes[CCID_PARAMETERS_T1_SIZE];
    struct ccid_parameters set = {
        .protocol = t,
        .fidi = parameters->fidi,
        .inverse = atr->inverse,
        .guard = atr->n,
        .waiting = t == 1 ? (uint8_t)(atr->bwi << 4 | atr->cwi) : atr->wi,
        .clock_stop = has_feature(slot, CCID_CLOCK_STOP) ? (uint8_t)atr->clock_stop : 0,
        .crc = atr->edc == ATR_EDC_CRC,
        .ifsc = atr->ifsc};
    struct ccid_call call = {.type = CCID_SET_PARAMETERS,
                             .p = {t, 0, 0},
                             .data = bytes,
                             .timeout_ms = CCID_REPLY_MS,
                             .deadline_ms = deadline_ms};
    call.size = ccid_parameters_build(&set, bytes);
    enum sc_error error = ccid_slot_call(slot, &call);
    if (error != SC_OK || call.reply.outcome == CCID_DONE)
        return error;
    return parameters_refused(slot, parameters, &call);
}
