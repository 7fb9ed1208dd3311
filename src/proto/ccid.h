/* SPDX-License-Identifier: BSD-2-Clause */
/* The CCID engine: class descriptor, messages, slot change notifications, after USB-IF
 * "Device Class: Smart Card, Specification for Integrated Circuit(s) Cards Interface
 * Devices", revision 1.1 (below: CCID). Pure functions over bytes; a driver carries them.
 * Numbers are little-endian on the wire. */
#ifndef PROTO_CCID_H
#define PROTO_CCID_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/sizes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CCID_DESCRIPTOR_SIZE = 54, /* CCID 5.1 */
    CCID_SLOTS_MAX = 16,       /* readers with more are refused */
    CCID_HEADER_SIZE = 10,
    CCID_DATA_MAX = TRANSFER_MAX, /* bytes after the header; no message of ours or the
                            * reader's is longer */
    CCID_MESSAGE_MAX = CCID_HEADER_SIZE + CCID_DATA_MAX,
    CCID_TPDU_MAX = 261, /* bytes that even readers that say less must take */
    CCID_IFSD_DEFAULT = 32,
    CCID_IFSD_MAX = 254,
    CCID_CLOCK_DEFAULT_KHZ = 3580, /* if the descriptor says 0 */
    CCID_RATES_MAX = 256           /* entries of the clock and data rate tables */
};

/* --- Class descriptor (CCID 5.1) ---------------------------------------------------- */

enum ccid_level { CCID_CHARACTER, CCID_TPDU, CCID_SHORT_APDU, CCID_EXTENDED_APDU };

/* Bits of dwFeatures. */
enum {
    CCID_AUTO_PARAMETERS = 0x02, /* configures itself by the ATR */
    CCID_AUTO_ACTIVATION = 0x04, /* powers a card when it is put in */
    CCID_AUTO_VOLTAGE = 0x08,
    CCID_AUTO_CLOCK = 0x10,
    CCID_AUTO_BAUD = 0x20,
    CCID_AUTO_NEGOTIATION = 0x40, /* PPS and parameters by itself: the host sends none */
    CCID_AUTO_PPS = 0x80,         /* PPS by itself, for the parameters that are set */
    CCID_CLOCK_STOP = 0x100,
    CCID_NAD = 0x200, /* takes NAD values besides 0 */
    CCID_AUTO_IFSD = 0x400,
    CCID_LEVEL_TPDU = 0x10000,
    CCID_LEVEL_SHORT = 0x20000,
    CCID_LEVEL_EXTENDED = 0x40000,
    CCID_WAKE_UP = 0x100000
};

enum { CCID_5V = 1, CCID_3V = 2, CCID_1V8 = 4 };   /* bVoltageSupport */
enum { CCID_PIN_VERIFY = 1, CCID_PIN_MODIFY = 2 }; /* bPINSupport */
enum {
    CCID_ACCEPT = 1,
    CCID_EJECT = 2,
    CCID_CAPTURE = 4,
    CCID_LOCK = 8
}; /* dwMechanical */

/* Numbers ready for use; what is missing or out of range is replaced as said here. */
struct ccid_descriptor {
    uint16_t bcd;               /* bcdCCID, for people only */
    uint8_t slot_count;         /* 1 to CCID_SLOTS_MAX */
    uint8_t voltages;           /* CCID_5V...; all three if the field is 0 */
    uint32_t protocols;         /* ATR_PROTOCOL_T0 | ATR_PROTOCOL_T1; both if neither */
    uint32_t default_clock_khz; /* CCID_CLOCK_DEFAULT_KHZ if 0
                                 * or beyond reason */
    uint32_t max_clock_khz;
    uint8_t clock_count;   /* entries of the table; 0: there is none */
    uint32_t default_rate; /* bit/s */
    uint32_t max_rate;
    uint8_t rate_count;    /* entries of the table; 0: none, or not known */
    uint32_t max_ifsd_raw; /* dwMaxIFSD as it stands */
    uint8_t max_ifsd;      /* 1 to CCID_IFSD_MAX */
    uint32_t synch;        /* dwSynchProtocols */
    uint32_t mechanical;   /* CCID_ACCEPT... */
    uint32_t features;     /* dwFeatures as it stands */
    enum ccid_level level;
    uint32_t message_max_raw; /* dwMaxCCIDMessageLength as it stands */
    uint32_t message_max;     /* header and data: what the reader takes. At least that of
                               * a TPDU at TPDU level and above unless it says less than
                               * 256 (a small but honest limit), at most CCID_MESSAGE_MAX */
    uint32_t message_split;   /* the same of what can be split into more messages: no
                               * longer than it says, if it says anything */
    uint8_t class_get_response, class_envelope; /* FF: that of the command */
    uint8_t lcd_lines, lcd_columns;             /* 0, 0: no display */
    uint8_t pin;                                /* CCID_PIN_VERIFY... */
    uint8_t busy_slots;                         /* commands at once, 1 to slot_count */
};

/* Finds a class descriptor among `extra` descriptors, those that stand after an interface
 * or an endpoint: the first with a bLength of CCID_DESCRIPTOR_SIZE. NULL: there is none,
 * or the chain is broken before it. The pointer is into `extra`. */
const uint8_t *ccid_descriptor_find(const uint8_t *extra, size_t size);

/* Reads one. False, with *descriptor untouched: more than CCID_SLOTS_MAX slots, or
 * bLength is wrong. */
bool ccid_descriptor_parse(const uint8_t bytes[CCID_DESCRIPTOR_SIZE],
                           struct ccid_descriptor *descriptor) MUST_CHECK;

/* Reads a reply to GET_DATA_RATES or GET_CLOCK_FREQUENCIES: 32-bit numbers; those that
 * are 0, and a rest, are dropped. Gives their count, CCID_RATES_MAX at most. */
size_t ccid_rates_parse(const uint8_t *bytes, size_t size,
                        uint32_t rates[CCID_RATES_MAX]);

/* --- Messages (CCID 6) -------------------------------------------------------------- */

enum ccid_type {
    CCID_SET_PARAMETERS = 0x61,
    CCID_POWER_ON = 0x62,
    CCID_POWER_OFF = 0x63,
    CCID_GET_SLOT_STATUS = 0x65,
    CCID_SECURE = 0x69,
    CCID_T0_APDU = 0x6A,
    CCID_ESCAPE = 0x6B,
    CCID_GET_PARAMETERS = 0x6C,
    CCID_RESET_PARAMETERS = 0x6D,
    CCID_ICC_CLOCK = 0x6E,
    CCID_XFR_BLOCK = 0x6F,
    CCID_MECHANICAL = 0x71,
    CCID_ABORT = 0x72,
    CCID_SET_RATE_AND_CLOCK = 0x73,
    CCID_DATA_BLOCK = 0x80,
    CCID_SLOT_STATUS = 0x81,
    CCID_PARAMETERS = 0x82,
    CCID_ESCAPE_REPLY = 0x83,
    CCID_RATE_AND_CLOCK = 0x84,
    CCID_NOTIFY_SLOT_CHANGE = 0x50,
    CCID_HARDWARE_ERROR = 0x51
};

enum ccid_icc { CCID_ICC_ACTIVE, CCID_ICC_INACTIVE, CCID_ICC_ABSENT }; /* bmICCStatus */
enum ccid_outcome { CCID_DONE, CCID_FAILED, CCID_TIME_EXTENSION }; /* bmCommandStatus */

/* bError after CCID_FAILED (CCID 6.2.6). 01 to 7F: offset of the field that is wrong. */
enum {
    CCID_ERROR_UNSUPPORTED = 0x00, /* the command is not supported */
    CCID_ERROR_LENGTH = 0x01,
    CCID_ERROR_SLOT = 0x05,
    CCID_ERROR_P1 = 0x07, /* power, protocol */
    CCID_ERROR_LEVEL = 0x08,
    CCID_ERROR_BUSY = 0xE0, /* CMD_SLOT_BUSY */
    CCID_ERROR_PIN_CANCELLED = 0xEF,
    CCID_ERROR_PIN_TIMEOUT = 0xF0,
    CCID_ERROR_AUTO_BUSY = 0xF2, /* BUSY_WITH_AUTO_SEQUENCE */
    CCID_ERROR_DEACTIVATED = 0xF3,
    CCID_ERROR_PROCEDURE_BYTE = 0xF4,
    CCID_ERROR_CLASS = 0xF5,
    CCID_ERROR_PROTOCOL = 0xF6,
    CCID_ERROR_TCK = 0xF7,
    CCID_ERROR_TS = 0xF8,
    CCID_ERROR_HARDWARE = 0xFB,
    CCID_ERROR_OVERRUN = 0xFC,
    CCID_ERROR_PARITY = 0xFD,
    CCID_ERROR_MUTE = 0xFE,
    CCID_ERROR_ABORTED = 0xFF
};

/* wLevelParameter and bChainParameter: where a piece stands in a chain. */
enum ccid_chain {
    CCID_CHAIN_WHOLE = 0x00,
    CCID_CHAIN_FIRST = 0x01,
    CCID_CHAIN_LAST = 0x02,
    CCID_CHAIN_MIDDLE = 0x03,
    CCID_CHAIN_CONTINUE = 0x10 /* no data: go on */
};

/* Writes the header of a command with `size` bytes of data. p: bytes 7 to 9. */
void ccid_header_write(uint8_t out[CCID_HEADER_SIZE], enum ccid_type type, size_t size,
                       uint8_t slot, uint8_t seq, const uint8_t p[3]);

struct ccid_reply {
    uint8_t type; /* any value */
    uint8_t slot, seq;
    enum ccid_icc icc;         /* a reserved value counts as absent */
    enum ccid_outcome outcome; /* a reserved value counts as failed */
    uint8_t error;             /* as it stands */
    uint8_t extra;             /* byte 9: bClockStatus, bProtocolNum, bChainParameter */
    const uint8_t *data;       /* into the bytes parsed */
    size_t size;
};

/* Reads a whole message of the reader; false if `size` is not exactly its length. */
bool ccid_reply_parse(const uint8_t *bytes, size_t size,
                      struct ccid_reply *reply) MUST_CHECK;

/* The length of a message, by its first CCID_HEADER_SIZE bytes; 0 if it is more than
 * CCID_MESSAGE_MAX. */
size_t ccid_message_size(const uint8_t header[CCID_HEADER_SIZE]);

/* The reply type that a command asks for. 0: not a command. */
uint8_t ccid_reply_type(enum ccid_type command);

/* What a failed reply means to the program; `powering`: of a power-on, where a mute card
 * is the card's fault. SC_E_NO_SMARTCARD, SC_E_UNSUPPORTED_FEATURE (the reader has no
 * such command), SC_E_READER_UNAVAILABLE (no such slot), SC_W_UNRESPONSIVE_CARD,
 * SC_E_PROTO_MISMATCH, SC_E_TIMEOUT and SC_E_CANCELLED (at the keys of a pinpad; or
 * aborted), else SC_F_COMM_ERROR. */
enum sc_error ccid_error_meaning(const struct ccid_reply *reply, bool powering);

/* --- Parameters (CCID 6.1.7) -------------------------------------------------------- */

enum { CCID_PARAMETERS_T0_SIZE = 5, CCID_PARAMETERS_T1_SIZE = 7 };

struct ccid_parameters {
    uint8_t protocol; /* 0 or 1 */
    uint8_t fidi;
    bool inverse;       /* TS was 3F */
    uint8_t guard;      /* TC1 */
    uint8_t waiting;    /* T=0: WI; T=1: BWI << 4 | CWI */
    uint8_t clock_stop; /* 0 none, 1 low, 2 high, 3 either */
    bool crc;           /* T=1 */
    uint8_t ifsc;       /* T=1 */
};

/* Gives the number of bytes written, 5 or 7. */
size_t ccid_parameters_build(const struct ccid_parameters *parameters,
                             uint8_t out[CCID_PARAMETERS_T1_SIZE]);
/* Reads the data of a Parameters message. False if it is too short for `protocol`. */
bool ccid_parameters_parse(uint8_t protocol, const uint8_t *bytes, size_t size,
                           struct ccid_parameters *parameters) MUST_CHECK;

/* --- Interrupt messages (CCID 6.3) -------------------------------------------------- */

/* What a NotifySlotChange says of a slot. False: nothing (the message is something else,
 * or too short for this slot). */
bool ccid_slot_change(const uint8_t *bytes, size_t size, uint32_t slot, bool *present,
                      bool *changed) MUST_CHECK;

#endif
