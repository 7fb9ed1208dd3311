/* SPDX-License-Identifier: BSD-2-Clause */
/* One request to pcscd for a card handle, and its answer. */
#include "client/pcscd_core.h"
#include "os/time.h"

#include <string.h>

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

enum sc_error card_exchange(struct remote_card *card, const struct wire_message *message,
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
    return card_exchange(card, &message, answer, sizeof(answer), PLAIN_RV);
}

/* --- One try of each ---------------------------------------------------------------- */

static enum sc_error try_reconnect(struct remote_card *card, struct request *request)
{
    struct wire_message message;
    uint8_t answer[WIRE_RECONNECT_SIZE];
    begin_for(card, &message, WIRE_RECONNECT);
    wire_put_word(&message, request->share);
    wire_put_word(&message, wire_protocols_out(request->protocols));
    wire_put_word(&message, request->disposition);
    wire_put_word(&message, 0);
    wire_put_word(&message, 0);
    enum sc_error error =
        card_exchange(card, &message, answer, sizeof(answer), RECONNECT_RV);
    if (error == SC_OK)
        request->active =
            wire_protocols_in(wire_word(answer, sizeof(answer), RECONNECT_ACTIVE));
    return error;
}

static enum sc_error try_begin(struct remote_card *card)
{
    struct wire_message message;
    uint8_t answer[WIRE_PLAIN_SIZE];
    begin_for(card, &message, WIRE_BEGIN_TRANSACTION);
    wire_put_word(&message, 0);
    return card_exchange(card, &message, answer, sizeof(answer), PLAIN_RV);
}

enum sc_error card_end(struct remote_card *card, uint32_t disposition)
{
    struct wire_message message;
    uint8_t answer[WIRE_DISPOSE_SIZE];
    begin_for(card, &message, WIRE_END_TRANSACTION);
    wire_put_word(&message, disposition);
    wire_put_word(&message, 0);
    return card_exchange(card, &message, answer, sizeof(answer), DISPOSE_RV);
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

static enum sc_error try_transmit(struct remote_card *card, uint32_t active,
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

static enum sc_error try_control(struct remote_card *card, struct request *request)
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
    enum sc_error error =
        card_exchange(card, &message, answer, sizeof(answer), ATTRIB_RV);
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

enum sc_error card_call_once(struct remote_card *card, uint32_t active,
                             struct request *request)
{
    switch (request->kind) {
    case REQUEST_RECONNECT:
        return try_reconnect(card, request);
    case REQUEST_BEGIN:
        return try_begin(card);
    case REQUEST_END:
        return card_end(card, request->disposition);
    case REQUEST_TRANSMIT:
        return try_transmit(card, active, request);
    case REQUEST_CONTROL:
        return try_control(card, request);
    case REQUEST_GET_ATTRIBUTE:
        return attribute(card, WIRE_GET_ATTRIB, request);
    case REQUEST_SET_ATTRIBUTE:
        return attribute(card, WIRE_SET_ATTRIB, request);
    case REQUEST_CONNECT:
    case REQUEST_DISCONNECT:
    case REQUEST_PROBE:
    case REQUEST_CLOSE:
    case REQUEST_TEND:
    case REQUEST_PLACE:
    case REQUEST_KINDS:
        break;
    }
    return SC_F_INTERNAL_ERROR;
}
