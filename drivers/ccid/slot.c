/* SPDX-License-Identifier: BSD-2-Clause */
/* Power of a card. */
#include "drivers/ccid/slot.h"
#include "base/log.h"

#include <string.h>

enum {
    POWER_AUTO = 0, /* bPowerSelect (CCID 6.1.1) */
    POWER_5V = 1,
    POWER_3V = 2,
    POWER_1V8 = 3,
    ERROR_EMV_MODE_1 = 0xBB, /* of some Gemalto firmware: the card speaks no EMV */
    ERROR_EMV_MODE_2 = 0xB0
};

static void set_powered(struct ccid_slot *slot, bool powered)
{
    kit_reader_lock(&slot->kit);
    slot->kit.powered = powered;
    slot->kit.powered_card = slot->kit.card;
    kit_reader_unlock(&slot->kit);
    slot->powered_resets = ccid_link_resets(&slot->ccid->link, slot->index);
}

static enum sc_error switch_power_off(struct ccid_slot *slot, uint64_t deadline_ms)
{
    struct ccid_call call = {
        .type = CCID_POWER_OFF, .timeout_ms = CCID_REPLY_MS, .deadline_ms = deadline_ms};
    set_powered(slot, false);
    iso_card_clear(&slot->card);
    return ccid_slot_command(slot, &call);
}

/* Off, and long enough for the card to notice. */
static enum sc_error power_down(struct ccid_slot *slot, uint64_t deadline_ms)
{
    enum sc_error error = switch_power_off(slot, deadline_ms);
    if (error == SC_E_CANCELLED || error == SC_E_READER_UNAVAILABLE)
        return error;
    return kit_reader_pause(&slot->kit, CCID_OFF_PAUSE_MS);
}

static bool is_ts(uint8_t byte)
{
    return byte == 0x3B || byte == 0x3F;
}

static enum sc_error switch_power_on(struct ccid_slot *slot, uint8_t voltage,
                                     uint64_t deadline_ms)
{
    struct ccid_call call = {.type = CCID_POWER_ON,
                             .p = {voltage, 0, 0},
                             .timeout_ms = CCID_POWER_MS,
                             .deadline_ms = deadline_ms};
    enum sc_error error = ccid_slot_command(slot, &call);
    if (error != SC_OK)
        return error;
    /* Without T0, or with another TS, it is not an ATR (ISO/IEC 7816-3:2006, 8.1). */
    if (call.reply.size < 2 || !is_ts(call.reply.data[0]))
        return SC_W_UNRESPONSIVE_CARD;
    slot->atr_size = call.reply.size < ATR_INPUT_MAX ? call.reply.size : ATR_INPUT_MAX;
    memcpy(slot->atr_bytes, call.reply.data, slot->atr_size);
    slot->voltage = voltage;
    return SC_OK;
}

static bool in_emv_mode(struct ccid_slot *slot, uint8_t voltage, uint64_t deadline_ms)
{
    struct ccid_call call = {.type = CCID_POWER_ON,
                             .p = {voltage, 0, 0},
                             .timeout_ms = CCID_POWER_MS,
                             .deadline_ms = deadline_ms};
    return ccid_slot_call(slot, &call) == SC_OK && call.reply.outcome == CCID_FAILED
           && (call.reply.error == ERROR_EMV_MODE_1
               || call.reply.error == ERROR_EMV_MODE_2);
}

/* One voltage; with the way out of the mode that only knows bank cards. */
static enum sc_error try_voltage(struct ccid_slot *slot, uint8_t voltage,
                                 uint64_t deadline_ms)
{
    static const uint8_t iso_mode[] = {0x1F, 0x01};
    struct ccid_call call;
    enum sc_error error = switch_power_on(slot, voltage, deadline_ms);
    if ((error == SC_F_COMM_ERROR || error == SC_W_UNRESPONSIVE_CARD)
        && (slot->ccid->quirks & QUIRK_ISO_MODE) != 0
        && in_emv_mode(slot, voltage, deadline_ms)
        && ccid_slot_escape(slot, iso_mode, sizeof(iso_mode), &call) == SC_OK)
        error = switch_power_on(slot, voltage, deadline_ms);
    return error;
}

static bool reader_has(const struct ccid_interface *ccid, uint8_t voltage)
{
    static const uint8_t bits[] = {0, CCID_5V, CCID_3V, CCID_1V8};
    return voltage >= POWER_5V && voltage <= POWER_1V8
           && (ccid->descriptor.voltages & bits[voltage]) != 0;
}

/* Only the card may be at fault for another voltage to be of use. */
static bool another_may_do(enum sc_error error)
{
    return error == SC_W_UNRESPONSIVE_CARD || error == SC_F_COMM_ERROR;
}

/* After an attempt that failed. */
static enum sc_error try_next(struct ccid_slot *slot, uint8_t voltage,
                              uint64_t deadline_ms)
{
    enum sc_error error = power_down(slot, deadline_ms);
    return error == SC_OK ? try_voltage(slot, voltage, deadline_ms) : error;
}

/* Some readers find the card mute at the first power-on, and not at the next (contactless
 * ones, with a card that is just being brought near). */
static enum sc_error try_twice(struct ccid_slot *slot, uint8_t voltage,
                               uint64_t deadline_ms)
{
    enum sc_error error = try_voltage(slot, voltage, deadline_ms);
    return another_may_do(error) ? try_next(slot, voltage, deadline_ms) : error;
}

/* bPowerSelect 00 is for readers that declare automatic voltage selection
 * (CCID 5.1, 6.1.1): that a reader activates cards by itself when they are put in does
 * not say so, so the host names the voltage of what it activates. Only if such a reader
 * takes none of those that it declares it is left to choose. */
static enum sc_error try_voltages(struct ccid_slot *slot, uint64_t deadline_ms)
{
    struct ccid_interface *ccid = slot->ccid;
    uint32_t features = ccid->descriptor.features;
    enum sc_error error = SC_W_UNRESPONSIVE_CARD;
    bool first = true;
    if ((features & CCID_AUTO_VOLTAGE) != 0)
        return try_twice(slot, POWER_AUTO, deadline_ms);
    for (size_t i = 0; i < sizeof(ccid->settings.voltages); i++) {
        uint8_t voltage = ccid->settings.voltages[i];
        if (!reader_has(ccid, voltage))
            continue;
        error = first ? try_twice(slot, voltage, deadline_ms)
                      : try_next(slot, voltage, deadline_ms);
        first = false;
        if (!another_may_do(error))
            return error;
    }
    if ((features & CCID_AUTO_ACTIVATION) != 0)
        error = try_next(slot, POWER_AUTO, deadline_ms);
    return error == SC_F_COMM_ERROR ? SC_W_UNRESPONSIVE_CARD : error;
}

static enum sc_error reset_card(struct ccid_slot *slot, bool warm, uint64_t deadline_ms)
{
    struct ccid_interface *ccid = slot->ccid;
    enum sc_error error = SC_OK;
    warm &= slot->kit.powered && !ccid_slot_card_changed(slot);
    /* CCID knows no warm reset: most readers do one when a powered card is powered on. */
    if (!warm || (ccid->quirks & QUIRK_OFF_FIRST) != 0)
        error = power_down(slot, deadline_ms);
    slot->card.protocol = 0;
    if (error != SC_OK)
        return error;
    error = warm ? try_voltage(slot, slot->voltage, deadline_ms) : SC_OK;
    if (!warm || another_may_do(error))
        error = try_voltages(slot, deadline_ms);
    if (error != SC_OK)
        return error;
    set_powered(slot, true);
    atr_parse(&slot->card.atr, slot->atr_bytes, slot->atr_size);
    return SC_OK;
}

enum sc_error ccid_slot_reset(struct ccid_slot *slot, uint64_t deadline_ms)
{
    return reset_card(slot, false, deadline_ms);
}

enum sc_error ccid_slot_power(void *reader, enum power_action action,
                              const struct driver_job *job, uint8_t atr[DRIVER_ATR_MAX],
                              size_t *atr_size)
{
    struct ccid_slot *slot = reader;
    *atr_size = 0;
    enum sc_error error = ccid_slot_enter(slot, job);
    if (error != SC_OK)
        return error;
    if (action == POWER_OFF) {
        error = switch_power_off(slot, job->deadline_ms);
        if (error == SC_E_NO_SMARTCARD)
            error = SC_OK; /* so it has no power */
    } else {
        error = reset_card(slot, action == POWER_WARM_RESET, job->deadline_ms);
        if (error == SC_W_REMOVED_CARD)
            error = SC_E_NO_SMARTCARD; /* it left meanwhile */
    }
    if (error == SC_OK && action != POWER_OFF) {
        *atr_size = slot->atr_size < DRIVER_ATR_MAX ? slot->atr_size : DRIVER_ATR_MAX;
        memcpy(atr, slot->atr_bytes, *atr_size);
    }
    return ccid_slot_leave(slot, error);
}

enum sc_error ccid_slot_set_protocol(void *reader, uint32_t protocol,
                                     const struct driver_job *job)
{
    struct ccid_slot *slot = reader;
    enum sc_error error = ccid_slot_enter(slot, job);
    if (error != SC_OK)
        return error;
    if (!slot->kit.powered || ccid_slot_card_changed(slot))
        error = SC_W_REMOVED_CARD;
    else if (protocol != PROTOCOL_T0 && protocol != PROTOCOL_T1)
        error = SC_E_PROTO_MISMATCH;
    else
        error = ccid_slot_negotiate(slot, protocol, job);
    return ccid_slot_leave(slot, error);
}
