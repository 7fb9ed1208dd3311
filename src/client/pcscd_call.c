/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on card handles. */
#include "client/pcscd_core.h"

#include "base/atomic.h"
#include "manager/attribute.h"
#include "os/lock.h"

#include <string.h>

static enum sc_error run_kind(uint32_t id, struct pcscd *core, struct remote_card *card,
                              struct request *request)
{
    struct transfer *transfer = &request->transfer;
    uint8_t value[DRIVER_ATTRIBUTE_MAX];
    enum sc_error error;
    if (!ioctl_begin(request))
        return request->error;
    if (request->kind == REQUEST_CONTROL && card_ioctl(core, card, request, &error))
        return error;
    if (request->ioctl != IOCTL_GET_ATTRIBUTE)
        return card_run(core, card, request);
    error = pcscd_get_attribute(id, (enum name_style)request->style, request->number,
                                value, &transfer->out_size);
    if (error == SC_OK && transfer->out_size > transfer->out_room)
        error = SC_E_INSUFFICIENT_BUFFER;
    if (error == SC_OK)
        memcpy(transfer->out, value, transfer->out_size);
    return error;
}

/* On Windows SCardReconnect ends the transaction, which pcscd does not. */
static void end_before_reconnect(struct pcscd *core, struct remote_card *card)
{
    os_mutex_lock(&core->lock);
    uint32_t depth = card->depth;
    card->depth = 0;
    os_mutex_unlock(&core->lock);
    while (depth-- > 0)
        (void)card_end(card, DISPOSITION_LEAVE);
}

enum sc_error pcscd_card_call(uint32_t id, struct request *request)
{
    struct pcscd *core;
    struct remote_card *card;
    if (request->kind == REQUEST_DISCONNECT) {
        request->error = card_disconnect(id, request->disposition);
        return request->error;
    }
    request->error = card_take(id, &core, &card);
    if (request->error != SC_OK)
        return request->error;
    bool asks =
        request->kind == REQUEST_CONTROL && request->number == IOCTL_GET_LAST_ERROR;
    enum sc_error error = run_kind(id, core, card, request);
    if (error == SC_OK && request->kind == REQUEST_RECONNECT
        && card->local->program.abi == ABI_WINDOWS)
        end_before_reconnect(core, card);
    if (!asks)
        atomic_store_u32(&card->last_error, (uint32_t)error);
    request->error = card_give(core, card, error);
    ioctl_end(request);
    return request->error;
}

/* --- Status and attributes ---------------------------------------------------------- */

enum sc_error pcscd_card_status(uint32_t id, enum name_style style,
                                struct card_status *status)
{
    struct pcscd *core;
    struct remote_card *card;
    enum sc_error error = card_take(id, &core, &card);
    if (error != SC_OK)
        return error;
    error = card_check(card);
    if (error == SC_E_SHARING_VIOLATION) /* which is not a matter of the card's */
        error = SC_OK;
    enum sc_error refreshed = core_refresh(core, card->epoch);
    if (error == SC_OK)
        error = refreshed;
    os_mutex_lock(&core->lock);
    manager_slot_status(card->local->slot, style, status);
    status->protocol = card->active;
    if (error == SC_OK && !slot_has_reader(card->local->slot))
        error = SC_E_READER_UNAVAILABLE;
    os_mutex_unlock(&core->lock);
    return card_give(core, card, error);
}

/* Names and numbers are as our list of readers has them, and how a reader is shared is
 * seen in its state. Everything else is the driver's first. */
static bool is_ours(uint32_t id)
{
    enum { DEVICE_UNIT = 0x7FFF0001, SYSTEM_NAME_W = 0x7FFF0006 };
    return id >= DEVICE_UNIT && id <= SYSTEM_NAME_W;
}

/* What its state and its card's ATR say, where the driver does not. */
static enum sc_error own_attribute(struct pcscd *core, const struct remote_card *card,
                                   enum name_style style, uint32_t number, uint8_t *value,
                                   size_t *size)
{
    enum { CHANNEL_ID = 0x00020110 }; /* the driver alone knows it */
    const struct reader *reader = manager_reader_of_slot(card->local->slot);
    if (number == CHANNEL_ID)
        return SC_X_NOT_SUPPORTED;
    os_mutex_lock(&core->lock);
    enum attribute_source source = attribute_get(reader, style, number, value, size);
    os_mutex_unlock(&core->lock);
    return source == ATTRIBUTE_NONE ? SC_X_NOT_SUPPORTED : SC_OK;
}

enum sc_error pcscd_get_attribute(uint32_t id, enum name_style style, uint32_t number,
                                  uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size)
{
    struct pcscd *core;
    struct remote_card *card;
    struct request request = {.kind = REQUEST_GET_ATTRIBUTE, .number = number};
    request.transfer.out = value;
    request.transfer.out_room = DRIVER_ATTRIBUTE_MAX;
    enum sc_error error = card_take(id, &core, &card);
    if (error != SC_OK)
        return error;
    if (is_ours(number))
        error = card_check(card);
    else
        error = card_call_in_turn(core, card, &request);
    *size = request.transfer.out_size;
    if (error == SC_E_INSUFFICIENT_BUFFER)
        error = SC_F_INTERNAL_ERROR;
    bool unknown = error == SC_E_UNSUPPORTED_FEATURE || error == SC_E_NOT_TRANSACTED;
    bool lost = error == SC_E_SERVICE_STOPPED || error == SC_E_READER_UNAVAILABLE;
    bool stale = error == SC_W_RESET_CARD || error == SC_W_REMOVED_CARD;
    if (stale ? !attribute_needs_card(style, number)
              : unknown || (is_ours(number) && !lost))
        error = own_attribute(core, card, style, number, value, size);
    return card_give(core, card, error);
}
