/* SPDX-License-Identifier: BSD-2-Clause */
/* Connecting, what is done with a connected card, and releasing, as operations. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "host/host_internal.h"
#include "manager/attribute.h"
#include "manager/ioctl.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

static bool begin_op(struct host_op *op)
{
    op->host = host_current();
    op->error = SC_OK;
    return op->host != NULL;
}

/* --- Handles ------------------------------------------------------------------------ */

bool host_lock_card(struct host *host, uint32_t id, struct host_slot **slot,
                    struct card_handle **card)
{
    *card = host != NULL ? manager_card_find(&host->manager, id) : NULL;
    if (*card == NULL)
        return false;
    *slot = host_slot_of(atomic_load_pointer(&(*card)->slot));
    os_mutex_lock(&(*slot)->lock);
    if (atomic_load_u32(&(*card)->id) == id)
        return true;
    os_mutex_unlock(&(*slot)->lock);
    return false;
}

static void free_handle(struct host *host, struct card_handle *card)
{
    os_mutex_lock(&host->lock);
    manager_card_free(&host->manager, card);
    os_mutex_unlock(&host->lock);
}

/* The handle is invalid from now on, and nothing waits for it any more; what did ends
 * with `error`. The slot is locked. */
static void retire_card(struct host_slot *hs, struct card_handle *card, uint32_t id,
                        enum sc_error error) NEEDS_LOCK(hs->lock)
{
    bool retired = manager_card_retire(card, id);
    assert(retired); /* its slot was locked since it was looked up */
    (void)retired;
    slot_withdraw_card(hs->slot, card, error);
}

/* After a disconnect: frees the handle, unless a dead reader still has its request. */
static void forget_card(struct host *host, struct host_slot *hs, struct card_handle *card)
{
    os_mutex_lock(&hs->lock);
    struct request *occupant = hs->slot->occupant;
    bool stuck = occupant != NULL && occupant->card == card; /* in a dead reader */
    os_mutex_unlock(&hs->lock);
    if (!stuck)
        free_handle(host, card);
}

/* --- Connecting --------------------------------------------------------------------- */

static bool connect_undone(struct host_op *op)
{
    free_handle(op->host, op->request.card);
    return host_op_finish(op, SC_E_INVALID_HANDLE);
}

/* The handle cannot stand, as its context was released meanwhile: what was connected is
 * disconnected again. */
static bool undo_connect(struct host_op *op, struct card_handle *card)
{
    memset(&op->request, 0, sizeof(op->request));
    op->request.kind = REQUEST_DISCONNECT;
    op->request.card = card;
    os_mutex_lock(&op->slot->lock);
    return host_op_start(op, &op->request, connect_undone);
}

/* The handle is valid from now on. False: its context was released meanwhile. */
static bool publish_card(struct host *host, struct host_slot *hs,
                         struct card_handle *card)
{
    os_mutex_lock(&host->lock);
    os_mutex_lock(&hs->lock);
    bool stands = manager_card_publish(&host->manager, card);
    os_mutex_unlock(&hs->lock);
    os_mutex_unlock(&host->lock);
    return stands;
}

static bool connected(struct host_op *op)
{
    struct card_handle *card = op->pending->card;
    assert(op->pending->kind == REQUEST_CONNECT);
    if (op->pending->error != SC_OK) {
        free_handle(op->host, card);
        return host_op_finish(op, op->pending->error);
    }
    if (!publish_card(op->host, op->slot, card))
        return undo_connect(op, card);
    op->card = card->next_id;
    return host_op_finish(op, SC_OK);
}

/* A card handle for a connection to be made; *serial tells this reader from the next one
 * in its entry. */
static enum sc_error new_handle(struct host *host, uint32_t context, const char *name,
                                struct card_handle **card, uint32_t *serial)
{
    os_mutex_lock(&host->lock);
    struct reader *reader = manager_reader_find(&host->manager, name);
    enum sc_error error = manager_context_find(&host->manager, context) == NULL
                              ? SC_E_INVALID_HANDLE
                          : reader == NULL ? SC_E_UNKNOWN_READER
                                           : SC_OK;
    if (error == SC_OK)
        error = manager_card_new(&host->manager, context, reader, card);
    if (error == SC_OK)
        *serial = reader->slot.serial;
    os_mutex_unlock(&host->lock);
    return error;
}

bool host_op_connect_by(struct host_op *op, uint32_t context, const char *reader,
                        struct request *request)
{
    struct card_handle *card = NULL;
    uint32_t serial = 0;
    if (!begin_op(op))
        return host_op_finish(op, SC_E_INVALID_HANDLE);
    enum sc_error error = new_handle(op->host, context, reader, &card, &serial);
    if (error != SC_OK)
        return host_op_finish(op, error);
    op->slot = host_slot_of(card->slot);
    os_mutex_lock(&op->slot->lock);
    if (card->slot->serial != serial) { /* left since we found it */
        os_mutex_unlock(&op->slot->lock);
        free_handle(op->host, card);
        return host_op_finish(op, SC_E_UNKNOWN_READER);
    }
    request->kind = REQUEST_CONNECT;
    request->card = card;
    return host_op_start(op, request, connected);
}

bool host_op_connect(struct host_op *op, uint32_t context, const char *reader)
{
    return host_op_connect_by(op, context, reader, &op->request);
}

/* --- Attributes --------------------------------------------------------------------- */

/* What is known of an attribute without the driver. NONE, too, where the driver is to be
 * asked; else the request has its result. */
static enum attribute_source know_attribute(struct host_slot *hs, struct request *request)
{
    struct transfer *transfer = &request->transfer;
    uint8_t value[DRIVER_ATTRIBUTE_MAX];
    size_t size;
    enum attribute_source source =
        attribute_get(manager_reader_of_slot(hs->slot), (enum name_style)request->style,
                      request->number, value, &size);
    if (source == ATTRIBUTE_NONE)
        return source;
    transfer->out_size = size;
    request->error = size > transfer->out_room ? SC_E_INSUFFICIENT_BUFFER : SC_OK;
    if (request->error == SC_OK)
        memcpy(transfer->out, value, size);
    return source;
}

/* Whether the handle may know it. */
static enum sc_error check_attribute(const struct host_slot *hs,
                                     const struct request *request)
{
    enum sc_error error = slot_check_card(hs->slot, request->card);
    if (error != SC_W_RESET_CARD && error != SC_W_REMOVED_CARD)
        return error;
    enum name_style style = (enum name_style)request->style;
    return attribute_needs_card(style, request->number) ? error : SC_OK;
}

/* One that the driver need not be asked for, or cannot be: true, and the request has its
 * result. The slot is locked. */
static bool attribute_known(struct host_slot *hs, struct request *request)
    NEEDS_LOCK(hs->lock)
{
    enum sc_error error = check_attribute(hs, request);
    host_slot_touch(hs, request->card);
    if (error == SC_OK)
        return know_attribute(hs, request) == ATTRIBUTE_OWN;
    request->error = error;
    return true;
}

/* What the driver does not know, the manager may. No lock is held. */
static void attribute_asked(struct host *host, uint32_t id, struct request *request)
{
    enum sc_error error = request->error;
    struct host_slot *hs;
    struct card_handle *card;
    if (error == SC_E_INSUFFICIENT_BUFFER
        && request->transfer.out_size > DRIVER_ATTRIBUTE_MAX)
        request->error = SC_F_INTERNAL_ERROR; /* longer than any that is known */
    if (error != SC_X_NOT_SUPPORTED && error != SC_E_UNSUPPORTED_FEATURE)
        return;
    if (!host_lock_card(host, id, &hs, &card))
        return;
    (void)know_attribute(hs, request);
    os_mutex_unlock(&hs->lock);
}

/* --- Cards -------------------------------------------------------------------------- */

/* Room for the answer of requests that carry one. The slot is locked. */
static void make_buffer(struct host_slot *hs, const struct request *request)
    NEEDS_LOCK(hs->lock)
{
    bool carries = request->kind == REQUEST_TRANSMIT || request->kind == REQUEST_CONTROL
                   || request->kind == REQUEST_GET_ATTRIBUTE
                   || request->kind == REQUEST_SET_ATTRIBUTE;
    if (carries && !request->direct && hs->buffer == NULL)
        hs->buffer = mem_alloc(DRIVER_TRANSFER_MAX);
}

static bool card_answered(struct host_op *op)
{
    ioctl_end(op->pending);
    return host_op_finish(op, op->pending->error);
}

static bool attribute_answered(struct host_op *op)
{
    attribute_asked(op->host, op->id, op->pending);
    return card_answered(op);
}

static bool disconnected(struct host_op *op)
{
    forget_card(op->host, op->slot, op->pending->card);
    return host_op_finish(op, op->pending->error);
}

static bool start_attribute(struct host_op *op, struct request *request)
    UNLOCKS(op->slot->lock)
{
    if (!attribute_known(op->slot, request))
        return host_op_start(op, request, attribute_answered);
    os_mutex_unlock(&op->slot->lock);
    return card_answered(op);
}

static bool start_disconnect(struct host_op *op, struct request *request)
    UNLOCKS(op->slot->lock)
{
    retire_card(op->slot, request->card, op->id, SC_E_INVALID_HANDLE);
    return host_op_start(op, request, disconnected);
}

bool host_op_card_by(struct host_op *op, uint32_t card, struct request *request)
{
    if (!begin_op(op))
        return host_op_finish(op, SC_E_INVALID_HANDLE);
    if (!host_lock_card(op->host, card, &op->slot, &request->card))
        return host_op_finish(op, SC_E_INVALID_HANDLE);
    op->id = card;
    op->pending = request;
    if (!ioctl_begin(request)) {
        os_mutex_unlock(&op->slot->lock);
        return host_op_finish(op, request->error);
    }
    make_buffer(op->slot, request);
    if (request->kind == REQUEST_GET_ATTRIBUTE)
        return start_attribute(op, request);
    if (request->kind == REQUEST_DISCONNECT)
        return start_disconnect(op, request);
    return host_op_start(op, request, card_answered);
}

bool host_op_card(struct host_op *op, uint32_t card)
{
    return host_op_card_by(op, card, &op->request);
}

/* --- Ending ------------------------------------------------------------------------- */

/* What the slot does for this card ends soon. The slot is locked. */
static void hurry(struct host_slot *hs, const struct card_handle *card)
    NEEDS_LOCK(hs->lock)
{
    const struct request *occupant = hs->slot->occupant;
    if (occupant != NULL && occupant->card == card && slot_hurry(hs->slot, os_now_ms()))
        host_slot_stop_job(hs);
}

void host_op_hurry_card(uint32_t id)
{
    struct host *host = host_current();
    struct host_slot *hs;
    struct card_handle *card;
    if (!host_lock_card(host, id, &hs, &card))
        return;
    hurry(hs, card);
    host_slot_unlock(host, hs);
}

/* The disconnection of a card of a released context: with a reset, as what its client had
 * from the card must not outlive it. What its other threads wait for, or do, ends. False:
 * the operation is parked. */
static bool desert_card(struct host_op *op, uint32_t id)
{
    struct request *request = &op->request;
    memset(request, 0, sizeof(*request));
    request->kind = REQUEST_DISCONNECT;
    request->deserted = true;
    if (!host_lock_card(op->host, id, &op->slot, &request->card))
        return true; /* it is disconnected already */
    retire_card(op->slot, request->card, id, SC_E_CANCELLED);
    hurry(op->slot, request->card);
    if (!host_slot_start(op->host, op->slot, op))
        return false;
    forget_card(op->host, op->slot, request->card);
    return true;
}

/* The context's cards one by one, until one waits for its slot. */
static bool release_cards(struct host_op *op)
{
    uint32_t id;
    assert(op->released != NULL);
    do {
        os_mutex_lock(&op->host->lock);
        id = manager_context_next_card(&op->host->manager, op->released);
        os_mutex_unlock(&op->host->lock);
        if (id == 0) {
            host_stop_if_unused(op->host);
            return host_op_finish(op, SC_OK);
        }
    } while (desert_card(op, id));
    return false;
}

static bool card_released(struct host_op *op)
{
    forget_card(op->host, op->slot, op->request.card);
    return release_cards(op);
}

bool host_op_releases(const struct host_op *op)
{
    return op->next == card_released;
}

bool host_op_release(struct host_op *op, uint32_t context)
{
    if (!begin_op(op))
        return host_op_finish(op, SC_E_INVALID_HANDLE);
    op->pending = &op->request;
    op->next = card_released;
    os_mutex_lock(&op->host->lock);
    op->released = manager_context_release(&op->host->manager, context);
    host_wake_watches(op->host);
    os_mutex_unlock(&op->host->lock);
    if (op->released == NULL)
        return host_op_finish(op, SC_E_INVALID_HANDLE);
    return release_cards(op);
}
