/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol, as far as both sides of it know it: commands, sizes, places, values.
 *
 * A request is a header {size of the body, command} and the body; the answer is the same
 * body, filled in, without a header. Bodies are words of 32 bits in the machine's byte
 * order, and byte arrays whose sizes are multiples of 4: so a place in one is the number
 * of its word. */
#ifndef MESSAGE_PCSCD_H
#define MESSAGE_PCSCD_H

#include "base/sizes.h"

#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_MAJOR = 4,
    WIRE_MINOR_MIN = 4, /* that our client speaks */
    WIRE_MINOR_OLD = 3, /* that our server speaks */
    WIRE_MINOR_MAX = 6,
    WIRE_NAME_MAX = 128,
    WIRE_TRANSFER_MAX = 65548, /* bytes that pcscd takes and gives */
    WIRE_ATTRIBUTE_MAX = 264,
    WIRE_RECORD_SIZE = 184,  /* of a reader's state */
    WIRE_RECORDS_FIXED = 16, /* of them in the answer to GET_READERS_STATE */
    WIRE_EVENT_SIZE = 8,
    WIRE_HEADER_SIZE = 8,
    WIRE_BODY_MAX = 280,
    WIRE_MESSAGE_MAX = WIRE_HEADER_SIZE + WIRE_BODY_MAX
};
_Static_assert((int)WIRE_TRANSFER_MAX == (int)TRANSFER_MAX, "what pcscd takes, we take");

enum wire_command {
    WIRE_ESTABLISH_CONTEXT = 0x01,
    WIRE_RELEASE_CONTEXT = 0x02,
    WIRE_CONNECT = 0x04,
    WIRE_RECONNECT = 0x05,
    WIRE_DISCONNECT = 0x06,
    WIRE_BEGIN_TRANSACTION = 0x07,
    WIRE_END_TRANSACTION = 0x08,
    WIRE_TRANSMIT = 0x09,
    WIRE_CONTROL = 0x0A,
    WIRE_STATUS = 0x0B,
    WIRE_CANCEL = 0x0D,
    WIRE_GET_ATTRIB = 0x0F,
    WIRE_SET_ATTRIB = 0x10,
    WIRE_VERSION = 0x11,
    WIRE_GET_READERS_STATE = 0x12,
    WIRE_WAIT_READER_STATE_CHANGE = 0x13,
    WIRE_STOP_WAITING = 0x14,
    WIRE_GET_READER_EVENTS = 0x15,
    WIRE_GET_READERS_STATE_SIZE = 0x16,
    WIRE_GET_READERS_STATE_ARRAY = 0x17
};

/* Sizes of bodies, which are those of the answers, and their words. */
enum {
    WIRE_ESTABLISH_SIZE = 12,
    ESTABLISH_SCOPE = 0,
    ESTABLISH_CONTEXT = 1,
    ESTABLISH_RV = 2,
    WIRE_VERSION_SIZE = 12,
    VERSION_MAJOR = 0,
    VERSION_MINOR = 1,
    VERSION_RV = 2,
    WIRE_CONNECT_SIZE = 152,
    CONNECT_CONTEXT = 0,
    CONNECT_READER = 1, /* WIRE_NAME_MAX bytes */
    CONNECT_SHARE = 33,
    CONNECT_PROTOCOLS = 34,
    CONNECT_CARD = 35,
    CONNECT_ACTIVE = 36,
    CONNECT_RV = 37,
    WIRE_RECONNECT_SIZE = 24,
    RECONNECT_SHARE = 1, /* word 0 is the card, here and in all below */
    RECONNECT_PROTOCOLS = 2,
    RECONNECT_INITIALIZATION = 3,
    RECONNECT_ACTIVE = 4,
    RECONNECT_RV = 5,
    WIRE_DISPOSE_SIZE = 12, /* DISCONNECT, END_TRANSACTION */
    DISPOSE_DISPOSITION = 1,
    DISPOSE_RV = 2,
    WIRE_PLAIN_SIZE = 8, /* BEGIN_TRANSACTION, STATUS; RELEASE_CONTEXT, CANCEL */
    PLAIN_RV = 1,
    WIRE_TRANSMIT_SIZE = 32,
    TRANSMIT_SEND_PROTOCOL = 1,
    TRANSMIT_SEND_LENGTH = 3,
    TRANSMIT_PROTOCOL = 4,
    TRANSMIT_LENGTH = 6,
    TRANSMIT_RV = 7,
    WIRE_CONTROL_SIZE = 24,
    CONTROL_CODE = 1,
    CONTROL_SEND_LENGTH = 2,
    CONTROL_ROOM = 3,
    CONTROL_LENGTH = 4,
    CONTROL_RV = 5,
    WIRE_ATTRIB_SIZE = 280,
    ATTRIB_ID = 1,
    ATTRIB_DATA = 2,
    ATTRIB_LENGTH = 68,
    ATTRIB_RV = 69
};

/* Bytes of a reader's record. */
enum {
    RECORD_NAME = 0,
    RECORD_EVENTS = 128,
    RECORD_STATE = 132,
    RECORD_SHARING = 136,
    RECORD_ATR = 140,
    RECORD_ATR_SIZE = 176,
    RECORD_PROTOCOL = 180
};

/* pcsclite.h's values where they are not Windows'. */
enum {
    THEIR_PROTOCOL_RAW = 0x04,
    THEIR_PROTOCOL_ANY_OLD = 0x1000,
    THEIR_UNKNOWN = 0x01,
    THEIR_ABSENT = 0x02,
    THEIR_PRESENT = 0x04,
    THEIR_SWALLOWED = 0x08,
    THEIR_POWERED = 0x10,
    THEIR_NEGOTIABLE = 0x20,
    THEIR_SPECIFIC = 0x40
};

/* 0x00310000 | n << 2 to 0x42000000 + n; every other code stays. */
uint32_t wire_control_out(uint32_t code);
uint32_t wire_control_in(uint32_t code);
/* The codes in an answer to CM_IOCTL_GET_FEATURE_REQUEST (PC/SC part 10, 2.2) become
 * ours or pcsc-lite's, as far as they have the forms above. */
void wire_features_in(uint8_t *records, size_t size);
void wire_features_out(uint8_t *records, size_t size);

#endif
