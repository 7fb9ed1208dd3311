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
#include "message/pcscd.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- Requests ----------------------------------------------------------------------- */

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

/* --- Answers ------------------------------------------------------------------------ */

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

/* --- Values ------------------------------------------------------------------------- */

/* pcsc-lite's result. Any other code is SC_F_UNKNOWN_ERROR. */
enum sc_error wire_error(uint32_t rv);
/* Masks and values of protocols: RAW is 4 there. */
uint32_t wire_protocols_out(uint32_t protocols);
uint32_t wire_protocols_in(uint32_t protocols);

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
