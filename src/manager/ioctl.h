/* SPDX-License-Identifier: BSD-2-Clause */
/* Microsoft's control codes of readers (winsmcrd.h), which on Windows every driver
 * serves, and here the manager for all drivers. Source of each: the page of its name in
 * Microsoft's Windows driver documentation (MS-DDI, winsmcrd.h), and for POWER the page
 * on drivers of contact readers. Numbers are 32 bits in the machine's byte order; input
 * behind what is named is not looked at. A status of those pages is an error here:
 *
 *     STATUS_NO_MEDIA                 SC_E_NO_SMARTCARD
 *     STATUS_UNRECOGNIZED_MEDIA       SC_W_UNRESPONSIVE_CARD
 *     STATUS_INVALID_PARAMETER        SC_E_INVALID_PARAMETER
 *     STATUS_BUFFER_TOO_SMALL         SC_E_INSUFFICIENT_BUFFER, and the size is given
 *     STATUS_INVALID_DEVICE_STATE     SC_E_PROTO_MISMATCH
 *     STATUS_INVALID_DEVICE_REQUEST   SC_E_UNSUPPORTED_FEATURE
 *     STATUS_NOT_SUPPORTED            SC_X_NOT_SUPPORTED
 *     STATUS_DEVICE_BUSY              SC_E_NOT_READY
 *
 * The rules of sharing and transactions are those of all control codes. POWER,
 * SET_PROTOCOL and TRANSMIT need the handle's card besides: a handle that has not seen
 * its card's reset or removal gets SC_W_RESET_CARD or SC_W_REMOVED_CARD.
 *
 * pcsc-lite's number for POWER, 0x42000001, is another code there: an escape command to
 * the reader. It reaches drivers as it is. */
#ifndef MANAGER_IOCTL_H
#define MANAGER_IOCTL_H

#include "manager/request.h"

enum {
    /* In: 0 off, 1 cold reset, 2 warm reset, as one byte or a number. Out: the ATR after
     * a reset, where there is room for 33 bytes, else nothing. Other handles see a reset;
     * this one goes on, with its protocol negotiated again; after power off it has none
     * until SET_PROTOCOL or a reconnect. NO_MEDIA, UNRECOGNIZED_MEDIA,
     * INVALID_PARAMETER. */
    IOCTL_POWER = 0x00310004,
    /* In: the attribute's id. Out: its value. NOT_SUPPORTED, BUFFER_TOO_SMALL. */
    IOCTL_GET_ATTRIBUTE = 0x00310008,
    /* In: the attribute's id and its value. NOT_SUPPORTED, INVALID_PARAMETER. */
    IOCTL_SET_ATTRIBUTE = 0x0031000C,
    /* The reader keeps the card. NO_MEDIA, NOT_SUPPORTED. */
    IOCTL_CONFISCATE = 0x00310010,
    /* In: SCARD_IO_REQUEST of Windows, two numbers (protocol, its own size), and the
     * command; the protocol may be 0, for the one in force. Out: the same two, and the
     * answer. INVALID_DEVICE_STATE (another protocol), BUFFER_TOO_SMALL, NO_MEDIA. */
    IOCTL_TRANSMIT = 0x00310014,
    /* NO_MEDIA, NOT_SUPPORTED. */
    IOCTL_EJECT = 0x00310018,
    /* NO_MEDIA and NOT_SUPPORTED are the driver's to say. */
    IOCTL_SWALLOW = 0x0031001C,
    /* Success if a card is in, or none is. On Windows a driver would keep the request
     * until it is so, but for one alone, which is the resource manager's: another gets
     * DEVICE_BUSY. */
    IOCTL_IS_PRESENT = 0x00310028,
    IOCTL_IS_ABSENT = 0x0031002C,
    /* In: PROTOCOL_* as bits. The card's first choice is taken where it is among them,
     * with DEFAULT (0x80000000) and OPTIMAL (0) alike. Out: the one that is in force now,
     * which is the handle's too. A card without power is reset first. NO_MEDIA,
     * NOT_SUPPORTED (none that card and reader can), INVALID_DEVICE_STATE (another is in
     * force), INVALID_DEVICE_REQUEST (no protocol named), BUFFER_TOO_SMALL. */
    IOCTL_SET_PROTOCOL = 0x00310030,
    /* Out: SCARD_ABSENT 1, PRESENT 2, SWALLOWED 3 (without power), NEGOTIABLE 5,
     * SPECIFIC 6. BUFFER_TOO_SMALL. */
    IOCTL_GET_STATE = 0x00310038,
    /* Out: enum sc_error of this handle's last request; whoever hands it to a program
     * makes a status of it. BUFFER_TOO_SMALL. */
    IOCTL_GET_LAST_ERROR = 0x0031003C
};

enum { IOCTL_ESCAPE_PCSCLITE = 0x42000001 };

/* GET_ATTRIBUTE, SET_ATTRIBUTE and TRANSMIT are carried out as the requests of those
 * names: ioctl_begin() makes one of it, ioctl_end() takes its result back. Both do
 * nothing to any other request. False: request->error says why it cannot be; it is over.
 */
bool ioctl_begin(struct request *request) MUST_CHECK;
void ioctl_end(struct request *request);

/* The parts of the others' replies: a number, where there is room for it, else
 * SC_E_INSUFFICIENT_BUFFER; and which number a card's state is. */
enum sc_error ioctl_reply_number(struct transfer *transfer, uint32_t number);
uint32_t ioctl_state_number(uint32_t state /* enum card_state */);
/* What POWER is asked for. Errors: SC_E_INVALID_PARAMETER. */
enum sc_error ioctl_power_action(const struct transfer *transfer,
                                 enum power_action *action);
/* The protocols that SET_PROTOCOL names, and whether there is room for its reply. Errors:
 * SC_E_INVALID_PARAMETER, SC_E_INSUFFICIENT_BUFFER, SC_E_UNSUPPORTED_FEATURE. */
enum sc_error ioctl_protocols(struct transfer *transfer, uint32_t *protocols);

#endif
