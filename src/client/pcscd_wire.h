/* SPDX-License-Identifier: BSD-2-Clause */
/* The messages between a client and pcscd, protocol 4:4 to 4:6 (pcsc-lite 1.9 to 2.5), as
 * bytes: what is asked is written, and what is answered is read, word by word, in the
 * machine's byte order. Pure; nothing that a server sends is believed unchecked.
 *
 * A request is a header {size of the body, command} and the body; the answer is the same
 * body, filled in, without a header. Bodies are words of 32 bits, and byte arrays whose
 * sizes are multiples of 4: so a place in one is the number of its word. */
#ifndef CLIENT_PCSCD_WIRE_H
#define CLIENT_PCSCD_WIRE_H

#include "base/error.h"
#include "manager/driver.h"
#include "manager/slot.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_MAJOR = 4,
    WIRE_MINOR_MIN = 4,
    WIRE_MINOR_MAX = 6,
    WIRE_NAME_MAX = 128,
    WIRE_TRANSFER_MAX = 65548,
    WIRE_ATTRIBUTE_MAX = 264,
    WIRE_RECORD_SIZE = 184,  /* of a reader's state */
    WIRE_RECORDS_FIXED = 16, /* of them in the answer to GET_READERS_STATE */
    WIRE_EVENT_SIZE = 8,
    WIRE_MESSAGE_MAX = 8 + 280
};

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

/* Sizes of answers, and the words of them that are looked at. */
enum {
    WIRE_ESTABLISH_SIZE = 12,
    ESTABLISH_CONTEXT = 1,
    ESTABLISH_RV = 2,
    WIRE_VERSION_SIZE = 12,
    VERSION_MAJOR = 0,
    VERSION_MINOR = 1,
    VERSION_RV = 2,
    WIRE_CONNECT_SIZE = 152,
    CONNECT_CARD = 35,
    CONNECT_ACTIVE = 36,
    CONNECT_RV = 37,
    WIRE_RECONNECT_SIZE = 24,
    RECONNECT_ACTIVE = 4,
    RECONNECT_RV = 5,
    WIRE_DISPOSE_SIZE = 12, /* DISCONNECT, END_TRANSACTION */
    DISPOSE_RV = 2,
    WIRE_PLAIN_SIZE = 8, /* BEGIN_TRANSACTION, STATUS */
    PLAIN_RV = 1,
    WIRE_TRANSMIT_SIZE = 32,
    TRANSMIT_PROTOCOL = 4,
    TRANSMIT_LENGTH = 6,
    TRANSMIT_RV = 7,
    WIRE_CONTROL_SIZE = 24,
    CONTROL_LENGTH = 4,
    CONTROL_RV = 5,
    WIRE_ATTRIB_SIZE = 280,
    ATTRIB_DATA = 2,
    ATTRIB_LENGTH = 68,
    ATTRIB_RV = 69
};

/* --- Requests ------------------------------------------------------------------------
 */

struct wire_message {
    uint8_t bytes[WIRE_MESSAGE_MAX]; /* header and body */
    size_t size;
};

/* Begins a message without a body. */
void wire_begin(struct wire_message *message, enum wire_command command);
/* Each adds to the body; what does not fit is a mistake of ours, and is left out. */
void wire_put_word(struct wire_message *message, uint32_t word);
/* `room` bytes, a multiple of 4: `size` (at most `room`) of them, then zeros. */
void wire_put_bytes(struct wire_message *message, const void *bytes, size_t size,
                    size_t room);

/* --- Answers -------------------------------------------------------------------------
 */

/* The word with this number of an answer of `size` bytes; 0 beyond its end. */
uint32_t wire_word(const uint8_t *answer, size_t size, unsigned number);

/* A reader, as it stands in the answers to GET_READERS_STATE and ..._ARRAY. */
struct wire_reader {
    char name[WIRE_NAME_MAX]; /* pcscd's, NUL-terminated; "": no reader */
    uint32_t events;          /* insertions and removals */
    uint32_t state;           /* pcsc-lite's SCARD_UNKNOWN, ABSENT ... */
    int32_t sharing;          /* handles; -1: one, exclusive */
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size;
    uint32_t protocol; /* in force: PROTOCOL_* */
};

void wire_get_reader(const uint8_t record[WIRE_RECORD_SIZE], struct wire_reader *reader);

/* --- Values --------------------------------------------------------------------------
 */

/* pcsc-lite's result. What is no such code is SC_F_UNKNOWN_ERROR. */
enum sc_error wire_error(uint32_t rv);
/* Masks and values of protocols: RAW is 4 there. */
uint32_t wire_protocols_out(uint32_t protocols);
uint32_t wire_protocols_in(uint32_t protocols);
/* 0x00310000 | n << 2 to 0x42000000 + n; every other code stays. */
uint32_t wire_control_out(uint32_t code);
uint32_t wire_control_in(uint32_t code);
/* The codes in an answer to CM_IOCTL_GET_FEATURE_REQUEST (PC/SC part 10, 2.2) become
 * ours, as far as they have the form above. */
void wire_features_in(uint8_t *records, size_t size);

/* What a reader's state says in ours. */
enum card_state wire_card_state(const struct wire_reader *reader);
void wire_view(const struct wire_reader *reader, struct slot_view *view);

/* Takes pcscd's name "Vendor Product [interface] (serial) 00 00" to pieces. Bytes that
 * are no UTF-8 become '?'. info->device_id gets the name as pcscd knows it; the rest of
 * *info is as of a reader of which nothing more is known. */
void wire_reader_info(const char *name, struct reader_info *info);
/* pcscd's name as it is shown: itself, or with '?' where it is no UTF-8. */
void wire_shown_name(const char *name, char shown[DRIVER_NAME_MAX]);

#endif
