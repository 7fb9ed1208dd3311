/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls on card handles. Where a transaction of another's stands in the way pcscd
 * answers SCARD_E_SHARING_VIOLATION at once: the call tries again, soon at first, then
 * every PAUSE_MAX_MS, as long as its handle is valid. */
#include "client/pcscd_core.h"

#include "base/atomic.h"
#include "manager/attribute.h"
#include "os/cancel.h"
#include "os/lock.h"
#include "os/time.h"

#include <string.h>

enum { PAUSE_MIN_MS = 1, PAUSE_MAX_MS = 20 };

static uint64_t card_deadline(void)
{
    return os_now_ms() + LINK_CARD_MS;
}

/* pcscd knows no handle any more whose reader was unplugged. */
static enum sc_error card_error(uint32_t rv)
{
    enum sc_error error = wire_error(rv);
    return error == SC_E_INVALID_HANDLE ? SC_E_READER_UNAVAILABLE : error;
}

enum sc_error card_ask(struct remote_card *card, const struct wire_message *message,
                       uint8_t *answer, size_t size, unsigned rv)
{
    enum sc_error error = link_call(card->link, message, answer, size, card_deadline());
    return error == SC_OK ? card_error(wire_word(answer, size, rv)) : error;
}

/* A message of a handle and up to three words more; 0 for the result. */
static void begin_for(struct remote_card *card, struct wire_message *message,
                      enum wire_command command)
{
    wire_begin(message, command);
    wire_put_word(message, card->handle);
}

enum sc_error card_check(struct remote_card *card)
{
    struct wire_message message;
    uint8_t answer[WIRE_PLAIN_SIZE];
    begin_for(card, &message, WIRE_STATUS);
    wire_put_word(&message, 0);
    return card_ask(card, &message, answer, sizeof(answer), PLAIN_RV);
}

/* --- One try of each ---------------------------------------------------------------- */

static enum sc_error reconnect(struct remote_card *card, struct request *request)
{
    struct wire_message message;
    uint8_t answer[WIRE_RECONNECT_SIZE];
    begin_for(card, &message, WIRE_RECONNECT);
    wire_put_word(&message, request->share);
    wire_put_word(&message, wire_protocols_out(request->protocols));
    wire_put_word(&message, request->disposition);
    wire_put_word(&message, 0);
    wire_put_word(&message, 0);
    enum sc_error error = card_ask(card, &message, answer, sizeof(answer), RECONNECT_RV);
    if (error == SC_OK)
        request->active =
            wire_protocols_in(wire_word(answer, sizeof(answer), RECONNECT_ACTIVE));
    return error;
}

static enum sc_error begin(struct remote_card *card)
{
    struct wire_message message;
    uint8_t answer[WIRE_PLAIN_SIZE];
    begin_for(card, &message, WIRE_BEGIN_TRANSACTION);
    wire_put_word(&message, 0);
    return card_ask(card, &message, answer, sizeof(answer), PLAIN_RV);
}

static enum sc_error end(struct remote_card *card, uint32_t disposition)
{
    struct wire_message message;
    uint8_t answer[WIRE_DISPOSE_SIZE];
    begin_for(card, &message, WIRE_END_TRANSACTION);
    wire_put_word(&message, disposition);
    wire_put_word(&message, 0);
    return card_ask(card, &message, answer, sizeof(answer), DISPOSE_RV);
}

/* pcscd calls a failure between reader and card SCARD_E_NOT_TRANSACTED. */
static enum sc_error transfer_error(enum sc_error error)
{
    return error == SC_E_NOT_TRANSACTED ? SC_F_COMM_ERROR : error;
}

/* Sends a transfer that is described by `t` and gives its result. */
static enum sc_error run_transfer(struct remote_card *card, struct transfer *transfer,
                                  struct link_transfer *t, uint8_t *answer)
{
    t->in = transfer->in;
    t->in_size = transfer->in_size;
    t->out = transfer->out;
    enum sc_error error = link_transfer(card->link, t, answer);
    if (error != SC_OK)
        return error;
    error = transfer_error(card_error(wire_word(answer, t->answer_size, t->rv)));
    uint32_t size = wire_word(answer, t->answer_size, t->length);
    if (error == SC_OK
        || (error == SC_E_INSUFFICIENT_BUFFER && size <= WIRE_TRANSFER_MAX))
        transfer->out_size = size;
    return error;
}

static size_t bounded_room(const struct transfer *transfer)
{
    return transfer->out_room < WIRE_TRANSFER_MAX ? transfer->out_room
                                                  : WIRE_TRANSFER_MAX;
}

static enum sc_error transmit(struct remote_card *card, uint32_t active,
                              struct request *request)
{
    enum { PCI_SIZE = 16 }; /* of pcsc-lite's SCARD_IO_REQUEST; nobody looks at it */
    struct transfer *transfer = &request->transfer;
    uint32_t protocol = request->protocols != 0 ? request->protocols : active;
    struct wire_message message;
    uint8_t answer[WIRE_TRANSMIT_SIZE];
    struct link_transfer t = {.request = &message,
                              .answer_size = sizeof(answer),
                              .rv = TRANSMIT_RV,
                              .length = TRANSMIT_LENGTH,
                              .out_room = bounded_room(transfer)};
    if (transfer->in_size > WIRE_TRANSFER_MAX)
        return SC_E_INVALID_PARAMETER;
    begin_for(card, &message, WIRE_TRANSMIT);
    wire_put_word(&message, wire_protocols_out(protocol));
    wire_put_word(&message, PCI_SIZE);
    wire_put_word(&message, (uint32_t)transfer->in_size);
    wire_put_word(&message, wire_protocols_out(protocol));
    wire_put_word(&message, PCI_SIZE);
    wire_put_word(&message, (uint32_t)t.out_room);
    wire_put_word(&message, 0);
    enum sc_error error = run_transfer(card, transfer, &t, answer);
    request->active = protocol;
    return error;
}

static enum sc_error control(struct remote_card *card, struct request *request)
{
    enum { GET_FEATURE_REQUEST = 0x00313520 };
    struct transfer *transfer = &request->transfer;
    struct wire_message message;
    uint8_t answer[WIRE_CONTROL_SIZE];
    struct link_transfer t = {.request = &message,
                              .answer_size = sizeof(answer),
                              .rv = CONTROL_RV,
                              .length = CONTROL_LENGTH,
                              .out_room = bounded_room(transfer)};
    if (transfer->in_size > WIRE_TRANSFER_MAX)
        return SC_E_INVALID_PARAMETER;
    begin_for(card, &message, WIRE_CONTROL);
    wire_put_word(&message, wire_control_out(request->number));
    wire_put_word(&message, (uint32_t)transfer->in_size);
    wire_put_word(&message, (uint32_t)t.out_room);
    wire_put_word(&message, 0);
    wire_put_word(&message, 0);
    enum sc_error error = run_transfer(card, transfer, &t, answer);
    if (error == SC_OK && request->number == GET_FEATURE_REQUEST)
        wire_features_in(transfer->out, transfer->out_size);
    return error;
}

static enum sc_error attribute(struct remote_card *card, enum wire_command command,
                               struct request *request)
{
    struct transfer *transfer = &request->transfer;
    bool is_set = command == WIRE_SET_ATTRIB;
    struct wire_message message;
    uint8_t answer[WIRE_ATTRIB_SIZE];
    if (is_set && transfer->in_size > WIRE_ATTRIBUTE_MAX)
        return SC_E_INVALID_PARAMETER;
    begin_for(card, &message, command);
    wire_put_word(&message, request->number);
    wire_put_bytes(&message, transfer->in, is_set ? transfer->in_size : 0,
                   WIRE_ATTRIBUTE_MAX);
    wire_put_word(&message, is_set ? (uint32_t)transfer->in_size : WIRE_ATTRIBUTE_MAX);
    wire_put_word(&message, 0);
    enum sc_error error = card_ask(card, &message, answer, sizeof(answer), ATTRIB_RV);
    if (error != SC_OK || is_set)
        return error;
    uint32_t size = wire_word(answer, sizeof(answer), ATTRIB_LENGTH);
    if (size > WIRE_ATTRIBUTE_MAX)
        return SC_F_COMM_ERROR;
    transfer->out_size = size;
    if (size > transfer->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    memcpy(transfer->out, answer + (size_t)ATTRIB_DATA * sizeof(uint32_t), size);
    return SC_OK;
}

static enum sc_error call_once(struct remote_card *card, uint32_t active,
                               struct request *request)
{
    switch (request->kind) {
    case REQUEST_RECONNECT:
        return reconnect(card, request);
    case REQUEST_BEGIN:
        return begin(card);
    case REQUEST_END:
        return end(card, request->disposition);
    case REQUEST_TRANSMIT:
        return transmit(card, active, request);
    case REQUEST_CONTROL:
        return control(card, request);
    case REQUEST_GET_ATTRIBUTE:
        return attribute(card, WIRE_GET_ATTRIB, request);
    case REQUEST_SET_ATTRIBUTE:
        return attribute(card, WIRE_SET_ATTRIB, request);
    case REQUEST_CONNECT:
    case REQUEST_DISCONNECT:
    case REQUEST_PROBE:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_KINDS:
        break;
    }
    return SC_F_INTERNAL_ERROR;
}

/* --- Taking turns ------------------------------------------------------------------- */

struct turn {
    struct pcscd *core;
    struct remote_card *card;
    uint32_t pause_ms;
    bool alone;       /* it waits until nobody shares the card: SCardCancel ends that */
    uint32_t cancels; /* of the card, when it began */
};

/* The thread is cancelled while it waits; the core is locked. */
static void give_up(void *context)
{
    struct turn *turn = context;
    card_drop(turn->core, turn->card);
}

/* The core is locked. */
static bool is_cancelled(const struct turn *turn)
{
    return turn->alone && turn->cancels != turn->card->cancels;
}

/* Waits a little. SCardBeginTransaction alone is where a thread may be cancelled. */
static enum sc_error pause_turn(struct turn *turn, bool cancellable)
{
    struct os_mutex *lock = &turn->core->lock;
    uint64_t until_ms = os_now_ms() + turn->pause_ms;
    os_mutex_lock(lock);
    while (!turn->card->closing && !is_cancelled(turn) && os_ms_left(until_ms) > 0) {
        if (cancellable)
            os_cond_wait_cancellable(&turn->card->turn, lock, until_ms, give_up, turn);
        else
            os_cond_wait(&turn->card->turn, lock, until_ms);
    }
    enum sc_error error = turn->card->closing  ? SC_E_INVALID_HANDLE
                          : is_cancelled(turn) ? SC_E_CANCELLED
                                               : SC_OK;
    os_mutex_unlock(lock);
    turn->pause_ms =
        turn->pause_ms * 2 < PAUSE_MAX_MS ? turn->pause_ms * 2 : PAUSE_MAX_MS;
    return error;
}

/* The core is not locked. */
static enum sc_error call_in_turn(struct pcscd *core, struct remote_card *card,
                                  struct request *request)
{
    bool lite = card->card->program.abi == ABI_PCSCLITE;
    struct turn turn = {.core = core,
                        .card = card,
                        .pause_ms = PAUSE_MIN_MS,
                        .alone = lite && request->kind == REQUEST_RECONNECT
                                 && request->share == SHARE_EXCLUSIVE};
    for (bool first = true;; first = false) {
        os_mutex_lock(&core->lock);
        uint32_t active = card->active;
        turn.cancels = first ? card->cancels : turn.cancels;
        os_mutex_unlock(&core->lock);
        enum sc_error error = call_once(card, active, request);
        if (error != SC_E_SHARING_VIOLATION)
            return error;
        if (request->kind == REQUEST_END) /* another has it: there is nothing to end */
            return lite ? error : SC_E_NOT_TRANSACTED;
        /* Another shares the card; to share it waits for a transaction alone. */
        if (request->kind == REQUEST_RECONNECT && request->share == SHARE_EXCLUSIVE
            && !turn.alone)
            return error;
        error = pause_turn(&turn, request->kind == REQUEST_BEGIN);
        if (error != SC_OK)
            return error;
    }
}

/* On Windows SCardReconnect ends the transaction, which pcscd does not. */
static void end_by_reconnect(struct pcscd *core, struct remote_card *card)
{
    os_mutex_lock(&core->lock);
    uint32_t depth = card->depth;
    card->depth = 0;
    os_mutex_unlock(&core->lock);
    while (depth-- > 0)
        (void)end(card, DISPOSITION_LEAVE);
}

static void note_success(struct pcscd *core, struct remote_card *card,
                         const struct request *request)
{
    os_mutex_lock(&core->lock);
    if (request->kind == REQUEST_RECONNECT) {
        card->active = request->active;
        card->share = request->share;
    } else if (request->kind == REQUEST_TRANSMIT)
        card->card->slot->transmissions++;
    else if (request->kind == REQUEST_BEGIN)
        card->depth++;
    else if (request->kind == REQUEST_END && card->depth > 0)
        card->depth--;
    os_mutex_unlock(&core->lock);
}

enum sc_error card_run(struct pcscd *core, struct remote_card *card,
                       struct request *request)
{
    enum sc_error error = call_in_turn(core, card, request);
    if (error == SC_OK)
        note_success(core, card, request);
    return error;
}

static enum sc_error run(uint32_t id, struct pcscd *core, struct remote_card *card,
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
    enum sc_error error = run(id, core, card, request);
    if (error == SC_OK && request->kind == REQUEST_RECONNECT
        && card->card->program.abi == ABI_WINDOWS)
        end_by_reconnect(core, card);
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
    if (error == SC_E_SHARING_VIOLATION) /* which is no matter of the card's */
        error = SC_OK;
    enum sc_error refreshed = core_refresh(core, card->epoch);
    if (error == SC_OK)
        error = refreshed;
    os_mutex_lock(&core->lock);
    manager_slot_status(card->card->slot, style, status);
    status->protocol = card->active;
    if (error == SC_OK && !card->card->slot->present)
        error = SC_E_READER_UNAVAILABLE;
    os_mutex_unlock(&core->lock);
    return card_give(core, card, error);
}

/* Names and numbers are as our list of readers has them, and who shares a reader is seen
 * in its state. Everything else is the driver's first. */
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
    const struct reader *reader = manager_reader_of_slot(card->card->slot);
    if (number == CHANNEL_ID)
        return SC_X_BAD_ATTRIBUTE;
    os_mutex_lock(&core->lock);
    enum attribute_source source = attribute_get(reader, style, number, value, size);
    os_mutex_unlock(&core->lock);
    return source == ATTRIBUTE_NONE ? SC_X_BAD_ATTRIBUTE : SC_OK;
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
        error = call_in_turn(core, card, &request);
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
