/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's control codes where a pcscd has the readers: what it has a request for. */
#include "base/atomic.h"
#include "client/pcscd_core.h"
#include "os/lock.h"

#include <string.h>

/* A reconnection with this share mode; *active: the protocol after it. */
static enum sc_error reconnect_as(struct pcscd *core, struct remote_card *card,
                                  uint32_t share, uint32_t protocols,
                                  uint32_t disposition)
{
    struct request request = {.kind = REQUEST_RECONNECT,
                              .share = share,
                              .protocols = protocols,
                              .disposition = disposition};
    return card_run(core, card, &request);
}

/* What the handle has; the core is not locked. */
static uint32_t active_of(struct pcscd *core, const struct remote_card *card)
{
    os_mutex_lock(&core->lock);
    uint32_t active = card->active;
    os_mutex_unlock(&core->lock);
    return active;
}

static uint32_t share_of(struct pcscd *core, const struct remote_card *card)
{
    os_mutex_lock(&core->lock);
    uint32_t share = card->share;
    os_mutex_unlock(&core->lock);
    return share;
}

/* How the reader is now, by pcscd's states. */
static enum sc_error look_at_reader(struct pcscd *core, const struct remote_card *card,
                                    enum card_state *state, uint8_t atr[DRIVER_ATR_MAX],
                                    size_t *atr_size)
{
    enum sc_error error = core_refresh(core, card->epoch);
    os_mutex_lock(&core->lock);
    const struct slot *slot = card->local->slot;
    if (error == SC_OK && !slot_has_reader(slot))
        error = SC_E_READER_UNAVAILABLE;
    *state = slot->state;
    *atr_size = slot->atr_size;
    memcpy(atr, slot->atr, slot->atr_size);
    os_mutex_unlock(&core->lock);
    return error;
}

/* It cannot take the power off a card that a handle keeps. */
static enum sc_error power(struct pcscd *core, struct remote_card *card,
                           struct transfer *transfer)
{
    enum power_action action;
    enum card_state state;
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size;
    enum sc_error error = ioctl_power_action(transfer, &action);
    if (error == SC_OK && action == POWER_OFF)
        error = SC_E_UNSUPPORTED_FEATURE;
    if (error != SC_OK)
        return error;
    uint32_t protocols = active_of(core, card);
    if (protocols == PROTOCOL_UNDEFINED)
        protocols = PROTOCOL_T0 | PROTOCOL_T1;
    error = reconnect_as(core, card, share_of(core, card), protocols,
                         action == POWER_COLD_RESET ? DISPOSITION_UNPOWER
                                                    : DISPOSITION_RESET);
    if (error != SC_OK || transfer->out_room < DRIVER_ATR_MAX)
        return error;
    error = look_at_reader(core, card, &state, atr, &size);
    if (error == SC_OK) {
        memcpy(transfer->out, atr, size);
        transfer->out_size = size;
    }
    return error;
}

/* A direct connection negotiates nothing in pcscd; a shared one does, and keeps others
 * out as little as a direct one. */
static enum sc_error set_protocol(struct pcscd *core, struct remote_card *card,
                                  struct transfer *transfer)
{
    uint32_t protocols, active = active_of(core, card);
    enum sc_error error = ioctl_protocols(transfer, &protocols);
    if (error != SC_OK)
        return error;
    if ((active & protocols) != 0)
        return ioctl_reply_number(transfer, active);
    if (share_of(core, card) != SHARE_DIRECT)
        return SC_E_PROTO_MISMATCH;
    error = reconnect_as(core, card, SHARE_SHARED, protocols, DISPOSITION_LEAVE);
    if (error != SC_OK)
        return error;
    active = active_of(core, card);
    error = reconnect_as(core, card, SHARE_DIRECT, active, DISPOSITION_LEAVE);
    os_mutex_lock(&core->lock);
    card->active = active;
    os_mutex_unlock(&core->lock);
    return error == SC_OK ? ioctl_reply_number(transfer, active) : error;
}

static enum sc_error tell_state(struct pcscd *core, struct remote_card *card,
                                uint32_t code, struct transfer *transfer)
{
    enum card_state state;
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size;
    enum sc_error error = look_at_reader(core, card, &state, atr, &size);
    if (error != SC_OK)
        return error;
    if (code == IOCTL_GET_STATE)
        return ioctl_reply_number(transfer, ioctl_state_number(state));
    bool present = state != CARD_ABSENT;
    return present == (code == IOCTL_IS_PRESENT) ? SC_OK : SC_E_NOT_READY;
}

bool card_ioctl(struct pcscd *core, struct remote_card *card, struct request *request,
                enum sc_error *error)
{
    struct transfer *transfer = &request->transfer;
    transfer->out_size = 0;
    switch (request->number) {
    case IOCTL_POWER:
        *error = power(core, card, transfer);
        return true;
    case IOCTL_SET_PROTOCOL:
        *error = set_protocol(core, card, transfer);
        return true;
    case IOCTL_GET_STATE:
    case IOCTL_IS_PRESENT:
    case IOCTL_IS_ABSENT:
        *error = tell_state(core, card, request->number, transfer);
        return true;
    case IOCTL_GET_LAST_ERROR:
        *error = ioctl_reply_number(transfer, atomic_load_u32(&card->last_error));
        return true;
    default:
        return false;
    }
}
