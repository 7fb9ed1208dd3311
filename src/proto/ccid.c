/* SPDX-License-Identifier: BSD-2-Clause */
/* CCID messages (CCID 6). */
#include "proto/ccid.h"

#include <string.h>

enum {
    AT_LENGTH = 1,
    AT_SLOT = 5,
    AT_SEQ = 6,
    AT_P = 7,
    AT_STATUS = 7,
    AT_ERROR = 8,
    AT_EXTRA = 9
};

/* --- Commands and replies ----------------------------------------------------------- */

void ccid_header_write(uint8_t out[CCID_HEADER_SIZE], enum ccid_type type, size_t size,
                       uint8_t slot, uint8_t seq, const uint8_t p[3])
{
    out[0] = (uint8_t)type;
    for (int i = 0; i < 4; i++)
        out[AT_LENGTH + i] = (uint8_t)(size >> (8 * i));
    out[AT_SLOT] = slot;
    out[AT_SEQ] = seq;
    memcpy(out + AT_P, p, 3);
}

size_t ccid_message_size(const uint8_t header[CCID_HEADER_SIZE])
{
    uint32_t length = 0;
    for (int i = 3; i >= 0; i--)
        length = length << 8 | header[AT_LENGTH + i];
    return length > CCID_DATA_MAX ? 0 : CCID_HEADER_SIZE + length;
}

bool ccid_reply_parse(const uint8_t *bytes, size_t size, struct ccid_reply *reply)
{
    static const enum ccid_icc icc[] = {CCID_ICC_ACTIVE, CCID_ICC_INACTIVE,
                                        CCID_ICC_ABSENT, CCID_ICC_ABSENT};
    static const enum ccid_outcome outcome[] = {CCID_DONE, CCID_FAILED,
                                                CCID_TIME_EXTENSION, CCID_FAILED};
    if (size < CCID_HEADER_SIZE || ccid_message_size(bytes) != size)
        return false;
    reply->type = bytes[0];
    reply->slot = bytes[AT_SLOT];
    reply->seq = bytes[AT_SEQ];
    reply->icc = icc[bytes[AT_STATUS] & 3];
    reply->outcome = outcome[bytes[AT_STATUS] >> 6];
    reply->error = bytes[AT_ERROR];
    reply->extra = bytes[AT_EXTRA];
    reply->data = bytes + CCID_HEADER_SIZE;
    reply->size = size - CCID_HEADER_SIZE;
    return true;
}

uint8_t ccid_reply_type(enum ccid_type command)
{
    switch ((unsigned)command) {
    case CCID_POWER_ON:
    case CCID_SECURE:
    case CCID_XFR_BLOCK:
        return CCID_DATA_BLOCK;
    case CCID_POWER_OFF:
    case CCID_GET_SLOT_STATUS:
    case CCID_T0_APDU:
    case CCID_ICC_CLOCK:
    case CCID_MECHANICAL:
    case CCID_ABORT:
        return CCID_SLOT_STATUS;
    case CCID_SET_PARAMETERS:
    case CCID_GET_PARAMETERS:
    case CCID_RESET_PARAMETERS:
        return CCID_PARAMETERS;
    case CCID_ESCAPE:
        return CCID_ESCAPE_REPLY;
    case CCID_SET_RATE_AND_CLOCK:
        return CCID_RATE_AND_CLOCK;
    default:
        return 0;
    }
}

/* Without a card every failure of a command to the card means just that. */
static bool card_is_away(const struct ccid_reply *reply)
{
    return reply->icc == CCID_ICC_ABSENT && reply->error != CCID_ERROR_UNSUPPORTED;
}

enum sc_error ccid_error_meaning(const struct ccid_reply *reply, bool powering)
{
    if (card_is_away(reply))
        return SC_E_NO_SMARTCARD;
    switch (reply->error) {
    case CCID_ERROR_UNSUPPORTED:
        return SC_E_UNSUPPORTED_FEATURE;
    case CCID_ERROR_SLOT:
        return SC_E_READER_UNAVAILABLE;
    case CCID_ERROR_MUTE:
    case CCID_ERROR_PARITY:
    case CCID_ERROR_TCK:
    case CCID_ERROR_TS:
        return powering ? SC_W_UNRESPONSIVE_CARD : SC_F_COMM_ERROR;
    case CCID_ERROR_CLASS:
    case CCID_ERROR_PROTOCOL:
        return SC_E_PROTO_MISMATCH;
    case CCID_ERROR_PIN_TIMEOUT:
        return SC_E_TIMEOUT;
    case CCID_ERROR_PIN_CANCELLED:
    case CCID_ERROR_ABORTED:
        return SC_E_CANCELLED;
    default:
        return SC_F_COMM_ERROR;
    }
}

/* --- Parameters --------------------------------------------------------------------- */

size_t ccid_parameters_build(const struct ccid_parameters *parameters,
                             uint8_t out[CCID_PARAMETERS_T1_SIZE])
{
    out[0] = parameters->fidi;
    out[1] = parameters->inverse ? 0x02 : 0x00;
    out[2] = parameters->guard;
    out[3] = parameters->waiting;
    out[4] = parameters->clock_stop;
    if (parameters->protocol == 0)
        return CCID_PARAMETERS_T0_SIZE;
    out[1] |= (uint8_t)(0x10 | (parameters->crc ? 0x01 : 0x00));
    out[5] = parameters->ifsc;
    out[6] = 0; /* bNadValue */
    return CCID_PARAMETERS_T1_SIZE;
}

bool ccid_parameters_parse(uint8_t protocol, const uint8_t *bytes, size_t size,
                           struct ccid_parameters *parameters)
{
    size_t wanted = protocol == 0 ? CCID_PARAMETERS_T0_SIZE : CCID_PARAMETERS_T1_SIZE;
    if (protocol > 1 || size < wanted)
        return false;
    parameters->protocol = protocol;
    parameters->fidi = bytes[0];
    parameters->inverse = (bytes[1] & 0x02) != 0;
    parameters->guard = bytes[2];
    parameters->waiting = bytes[3];
    parameters->clock_stop = bytes[4] & 3;
    parameters->crc = protocol == 1 && (bytes[1] & 0x01) != 0;
    parameters->ifsc = protocol == 1 ? bytes[5] : 0;
    return true;
}

/* --- Interrupt messages ------------------------------------------------------------- */

bool ccid_slot_change(const uint8_t *bytes, size_t size, uint32_t slot, bool *present,
                      bool *changed)
{
    size_t at = 1 + slot / 4;
    if (size <= at || bytes[0] != CCID_NOTIFY_SLOT_CHANGE)
        return false;
    unsigned bits = (unsigned)bytes[at] >> (2 * (slot % 4));
    *present = (bits & 1) != 0;
    *changed = (bits & 2) != 0;
    return true;
}
