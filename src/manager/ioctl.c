/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's control codes: what goes in and comes out of them. */
#include "manager/ioctl.h"

#include "manager/slot.h"

#include <string.h>

enum { NUMBER_SIZE = 4, IO_REQUEST_SIZE = 8 /* Windows' SCARD_IO_REQUEST */ };

static uint32_t number_at(const uint8_t *bytes)
{
    uint32_t number;
    memcpy(&number, bytes, sizeof(number));
    return number;
}

static void skip_in(struct transfer *transfer, size_t size)
{
    transfer->in += size;
    transfer->in_size -= size;
}

/* --- As other requests -------------------------------------------------------------- */

static enum sc_error begin_attribute(struct request *request, enum request_kind kind)
{
    struct transfer *transfer = &request->transfer;
    size_t least = NUMBER_SIZE + (kind == REQUEST_SET_ATTRIBUTE ? 1U : 0U);
    if (transfer->in_size < least)
        return SC_E_INVALID_PARAMETER;
    request->kind = kind;
    request->number = number_at(transfer->in);
    skip_in(transfer, NUMBER_SIZE);
    return SC_OK;
}

static enum sc_error begin_transmit(struct request *request)
{
    struct transfer *transfer = &request->transfer;
    if (transfer->in_size <= IO_REQUEST_SIZE)
        return SC_E_INVALID_PARAMETER;
    uint32_t protocol = number_at(transfer->in);
    uint32_t size = number_at(transfer->in + NUMBER_SIZE);
    if (size < IO_REQUEST_SIZE || size >= transfer->in_size
        || (protocol != 0 && protocol != PROTOCOL_T0 && protocol != PROTOCOL_T1
            && protocol != PROTOCOL_RAW))
        return SC_E_INVALID_PARAMETER;
    transfer->out_size = IO_REQUEST_SIZE + 2; /* SW1 SW2 */
    if (transfer->out_room < transfer->out_size)
        return SC_E_INSUFFICIENT_BUFFER;
    request->kind = REQUEST_TRANSMIT;
    request->protocols = protocol;
    request->direct = false; /* there are not as many bytes behind the header */
    skip_in(transfer, size);
    transfer->out += IO_REQUEST_SIZE;
    transfer->out_room -= IO_REQUEST_SIZE;
    return SC_OK;
}

bool ioctl_begin(struct request *request)
{
    uint32_t code = request->kind == REQUEST_CONTROL ? request->number : 0;
    enum sc_error error = SC_OK;
    request->ioctl = 0;
    switch (code) {
    case IOCTL_GET_ATTRIBUTE:
        error = begin_attribute(request, REQUEST_GET_ATTRIBUTE);
        break;
    case IOCTL_SET_ATTRIBUTE:
        error = begin_attribute(request, REQUEST_SET_ATTRIBUTE);
        break;
    case IOCTL_TRANSMIT:
        error = begin_transmit(request);
        break;
    default:
        return true;
    }
    if (error == SC_OK)
        request->ioctl = code;
    else
        request->error = error;
    return error == SC_OK;
}

static void end_transmit(struct request *request)
{
    const uint32_t header[2] = {request->active, IO_REQUEST_SIZE};
    struct transfer *transfer = &request->transfer;
    transfer->out -= IO_REQUEST_SIZE;
    transfer->out_room += IO_REQUEST_SIZE;
    if (request->error == SC_OK)
        memcpy(transfer->out, header, sizeof(header));
    if (request->error == SC_OK || request->error == SC_E_INSUFFICIENT_BUFFER)
        transfer->out_size += IO_REQUEST_SIZE;
}

void ioctl_end(struct request *request)
{
    if (request->ioctl == 0)
        return;
    if (request->ioctl == IOCTL_TRANSMIT)
        end_transmit(request);
    else if (request->error == SC_E_UNSUPPORTED_FEATURE)
        request->error = SC_X_NOT_SUPPORTED;
    if (request->ioctl == IOCTL_SET_ATTRIBUTE)
        request->transfer.out_size = 0;
    request->kind = REQUEST_CONTROL;
    request->number = request->ioctl;
    request->ioctl = 0;
}

/* --- Parts of the others ------------------------------------------------------------ */

enum sc_error ioctl_reply_number(struct transfer *transfer, uint32_t number)
{
    transfer->out_size = sizeof(number);
    if (transfer->out_room < sizeof(number))
        return SC_E_INSUFFICIENT_BUFFER;
    memcpy(transfer->out, &number, sizeof(number));
    return SC_OK;
}

uint32_t ioctl_state_number(uint32_t state)
{
    static const uint8_t numbers[] = {
        [CARD_ABSENT] = 1, [CARD_UNKNOWN] = 2,    [CARD_MUTE] = 2,
        [CARD_OFF] = 3,    [CARD_NEGOTIABLE] = 5, [CARD_SPECIFIC] = 6};
    return state < sizeof(numbers) ? numbers[state] : 0;
}

enum sc_error ioctl_power_action(const struct transfer *transfer,
                                 enum power_action *action)
{
    static const enum power_action actions[] = {POWER_OFF, POWER_COLD_RESET,
                                                POWER_WARM_RESET};
    if (transfer->in_size == 0)
        return SC_E_INVALID_PARAMETER;
    uint32_t number =
        transfer->in_size < NUMBER_SIZE ? transfer->in[0] : number_at(transfer->in);
    if (number >= ARRAY_SIZE(actions))
        return SC_E_INVALID_PARAMETER;
    *action = actions[number];
    return SC_OK;
}

enum sc_error ioctl_protocols(struct transfer *transfer, uint32_t *protocols)
{
    const uint32_t known = PROTOCOL_T0 | PROTOCOL_T1 | PROTOCOL_RAW;
    if (transfer->in_size < NUMBER_SIZE)
        return SC_E_INVALID_PARAMETER;
    uint32_t mask = number_at(transfer->in);
    transfer->out_size = NUMBER_SIZE;
    if (transfer->out_room < NUMBER_SIZE)
        return SC_E_INSUFFICIENT_BUFFER;
    transfer->out_size = 0;
    *protocols = mask & known;
    return *protocols != 0 ? SC_OK : SC_E_UNSUPPORTED_FEATURE;
}
