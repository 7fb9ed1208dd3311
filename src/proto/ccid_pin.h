/* SPDX-License-Identifier: BSD-2-Clause */
/* PIN entry at the reader: from the structures that programs hand to SCardControl (PC/SC
 * part 10, 2.5.2 and 2.5.3) to the abData of PC_to_RDR_Secure (CCID 6.1.11). Programs
 * give no PIN but a template, the APDU into which the reader writes it. */
#ifndef PROTO_CCID_PIN_H
#define PROTO_CCID_PIN_H

#include "base/compiler.h"
#include "base/error.h"
#include "proto/ccid.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    CCID_PIN_VERIFY_SIZE = 19, /* of PIN_VERIFY_STRUCTURE before abData */
    CCID_PIN_MODIFY_SIZE = 24, /* of PIN_MODIFY_STRUCTURE before abData */
    CCID_PIN_FIXED_MAX = 20,   /* bytes of Secure's abData before the template, at most */
    CCID_PIN_TEMPLATE_MIN = 4,
    CCID_PIN_TEMPLATE_MAX = CCID_DATA_MAX - CCID_PIN_FIXED_MAX,
    CCID_PIN_WAIT_MIN_MS = 90000,
    CCID_PIN_WAIT_EXTRA_MS = 10000,
    CCID_PIN_VALIDATION_KEY = 0x02,  /* bEntryValidationCondition: the key alone */
    CCID_PIN_MESSAGES_DEFAULT = 0xFF /* bNumberMessage: as the reader does it */
};

enum ccid_pin_operation { CCID_PIN_OP_VERIFY = 0, CCID_PIN_OP_MODIFY = 1 };

/* A structure, read. Names in comments are those of part 10. */
struct ccid_pin {
    enum ccid_pin_operation operation;
    uint8_t timeout_s;              /* bTimeOut; 0: the reader's own */
    uint8_t format;                 /* bmFormatString */
    uint8_t block;                  /* bmPINBlockString */
    uint8_t length_format;          /* bmPINLengthFormat */
    uint8_t offset_old, offset_new; /* bInsertionOffset..., of MODIFY */
    uint8_t digits_min, digits_max; /* wPINMaxExtraDigit */
    uint8_t confirm;                /* bConfirmPIN, of MODIFY */
    uint8_t validation;             /* bEntryValidationCondition, as it stands */
    uint8_t message_count;          /* bNumberMessage: 0 to 3 or FF */
    uint16_t language;              /* wLangId */
    uint8_t messages[3];            /* bMsgIndex...; VERIFY has one */
    uint8_t prologue[3];            /* bTeoPrologue */
    const uint8_t *template;        /* into the bytes parsed */
    size_t template_size;           /* CCID_PIN_TEMPLATE_MIN to CCID_PIN_TEMPLATE_MAX */
};

/* Reads a structure. Numbers are little-endian; a structure whose ulDataLength fits the
 * size only as a big-endian number has all of its numbers that way. Gives SC_OK, or with
 * *pin untouched SC_E_INVALID_PARAMETER: the size is less than that of the structure or
 * does not agree with ulDataLength, the template is too short or too long, bNumberMessage
 * is neither 0 to 3 nor FF, or the template has a data field and a PIN block of fixed
 * size would go beyond it. */
enum sc_error ccid_pin_parse(enum ccid_pin_operation operation, const uint8_t *bytes,
                             size_t size, struct ccid_pin *pin) MUST_CHECK;

enum ccid_pin_messages {
    CCID_PIN_MESSAGES_AS_GIVEN,
    CCID_PIN_MESSAGES_0,
    CCID_PIN_MESSAGES_1,
    CCID_PIN_MESSAGES_3,
    CCID_PIN_MESSAGES_SOME /* as given, but CCID_PIN_MESSAGES_DEFAULT for 0 */
};

/* bMsgIndex... of MODIFY. */
enum ccid_pin_indexes {
    CCID_PIN_INDEXES_COUNTED, /* bMsgIndex2 and bMsgIndex3 if bNumberMessage says so */
    CCID_PIN_INDEXES_ALL,     /* all three, whatever it says */
    CCID_PIN_INDEXES_ZERO     /* all three, and each is 0 */
};

/* What a reader needs to have changed; all zero: nothing. */
struct ccid_pin_options {
    bool mend_validation; /* bEntryValidationCondition 0 or above 7 becomes 2, the key */
    uint8_t validation_mask; /* bits of it that the reader knows; if none is left, the
                              * key, or all of them without it; 0: not known */
    enum ccid_pin_messages messages; /* bNumberMessage instead */
    enum ccid_pin_indexes indexes;
    bool swap_digits;        /* bytes of wPINMaxExtraDigit the other way round */
    const uint8_t *prologue; /* NAD PCB LEN for bTeoPrologue, at TPDU level with T=1: the
                              * first bytes of the I-block (t1_start_at_reader). NULL: as
                              * the program gave it */
};

/* Writes abData, bPINOperation first. Gives SC_OK and *out_size, or
 * SC_E_INVALID_PARAMETER if out_room, the most that the reader takes, is less. */
enum sc_error ccid_pin_build(const struct ccid_pin *pin,
                             const struct ccid_pin_options *options, uint8_t *out,
                             size_t out_room, size_t *out_size) MUST_CHECK;

/* How long the host waits for the answer: longer than the reader waits for keys. */
uint32_t ccid_pin_wait_ms(const struct ccid_pin *pin);

/* The SW1 SW2 that programs get for a bError of the reader: 64 01 if the entry was
 * cancelled, 64 00 if no key came in time. False: the error is another one. */
bool ccid_pin_status(uint8_t error, uint8_t sw[2]) MUST_CHECK;

#endif
