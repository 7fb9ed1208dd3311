/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes that only the driver can know: from the descriptor, and what was negotiated
 * (winsmcrd.h; PC/SC part 3, 3.1). The manager knows the names and what the ATR says. */
#include "base/attribute.h"
#include "drivers/ccid/slot.h"
#include "drivers/feature.h"

#include <string.h>

enum {
    SYNC_PROTOCOLS_SHIFT = 16 /* 2-wire, 3-wire, I2C: 00010000 and up in PC/SC part 3 */
};

static enum sc_error give_number(struct transfer *t, uint32_t value)
{
    return feature_reply(t, &value, sizeof(value));
}

/* Of the reader, known without a card. */
static enum sc_error give_reader_attribute(const struct ccid_interface *ccid, uint32_t id,
                                           struct transfer *t)
{
    const struct ccid_descriptor *d = &ccid->descriptor;
    switch (id) {
    case ATTR_ASYNC_PROTOCOLS:
        return give_number(t, d->protocols);
    case ATTR_DEFAULT_CLOCK:
        return give_number(t, d->default_clock_khz);
    case ATTR_MAX_CLOCK:
        return give_number(t, d->max_clock_khz);
    case ATTR_DEFAULT_DATA_RATE:
        return give_number(t, d->default_rate);
    case ATTR_MAX_DATA_RATE:
        return give_number(t, d->max_rate);
    case ATTR_MAX_IFSD:
        return give_number(t, d->max_ifsd);
    case ATTR_SYNC_PROTOCOLS:
        return give_number(t, d->synch << SYNC_PROTOCOLS_SHIFT);
    case ATTR_POWER_MGMT:
        return give_number(t, 0);
    case ATTR_CHARACTERISTICS: /* the same bits in the same order */
        return give_number(t, d->mechanical & (CCID_ACCEPT | CCID_EJECT | CCID_CAPTURE));
    case ATTR_MAXINPUT:
        return give_number(t, d->message_max - CCID_HEADER_SIZE);
    default:
        return SC_X_NOT_SUPPORTED;
    }
}

static uint32_t milliseconds(uint64_t us)
{
    return (uint32_t)((us + 999) / 1000);
}

static enum sc_error give_t1_attribute(const struct ccid_slot *slot, uint32_t id,
                                       struct transfer *t)
{
    const struct ccid_interface *ccid = slot->ccid;
    bool blocks_here =
        ccid->descriptor.level == CCID_TPDU || ccid->descriptor.level == CCID_CHARACTER;
    if (slot->card.protocol != PROTOCOL_T1)
        return SC_X_NOT_SUPPORTED;
    switch (id) {
    case ATTR_CURRENT_IFSC:
        return give_number(t, blocks_here ? slot->card.t1.ifsc : slot->card.atr.ifsc);
    case ATTR_CURRENT_IFSD:
        return give_number(t,
                           blocks_here ? slot->card.t1.ifsd : ccid->descriptor.max_ifsd);
    case ATTR_CURRENT_BWT:
        return give_number(t, milliseconds(timing_bwt_us(&slot->card.timing)));
    case ATTR_CURRENT_CWT:
        return give_number(t, milliseconds(timing_cwt_us(&slot->card.timing)));
    case ATTR_CURRENT_EBC:
        return give_number(t, slot->card.atr.edc == ATR_EDC_CRC ? 1 : 0);
    default:
        return SC_X_NOT_SUPPORTED;
    }
}

/* Of the card and the protocol in force. */
static enum sc_error give_card_attribute(const struct ccid_slot *slot, uint32_t id,
                                         struct transfer *t)
{
    if (!slot->kit.powered || slot->card.protocol == 0)
        return SC_X_NOT_SUPPORTED;
    switch (id) {
    case ATTR_CURRENT_CLK:
        return give_number(t, slot->card.timing.clock_khz);
    case ATTR_CURRENT_F:
        return give_number(t, slot->card.timing.f);
    case ATTR_CURRENT_D:
        return give_number(t, slot->card.timing.d);
    case ATTR_CURRENT_N:
        return give_number(t, slot->card.timing.n);
    case ATTR_CURRENT_W:
        return slot->card.protocol == PROTOCOL_T0 ? give_number(t, slot->card.timing.wi)
                                                  : SC_X_NOT_SUPPORTED;
    default:
        return give_t1_attribute(slot, id, t);
    }
}

/* Whether S(IFS) is sent by us: then it can be left out. */
static bool sends_ifs(const struct ccid_interface *ccid)
{
    const struct ccid_descriptor *d = &ccid->descriptor;
    return (d->level == CCID_TPDU || d->level == CCID_CHARACTER)
           && (d->features & CCID_AUTO_IFSD) == 0;
}

enum sc_error ccid_slot_set_attribute(void *reader, uint32_t id, struct transfer *t)
{
    struct ccid_slot *slot = reader;
    if (id != ATTR_SUPRESS_T1_IFS_REQUEST || !sends_ifs(slot->ccid))
        return SC_X_NOT_SUPPORTED;
    return feature_take_flag(t, &slot->no_ifs);
}

enum sc_error ccid_slot_get_attribute(void *reader, uint32_t id, struct transfer *t)
{
    struct ccid_slot *slot = reader;
    if (id == ATTR_SUPRESS_T1_IFS_REQUEST && sends_ifs(slot->ccid))
        return give_number(t, slot->no_ifs ? 1 : 0);
    enum sc_error error = give_reader_attribute(slot->ccid, id, t);
    return error == SC_X_NOT_SUPPORTED ? give_card_attribute(slot, id, t) : error;
}
