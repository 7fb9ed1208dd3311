/* SPDX-License-Identifier: BSD-2-Clause */
/* What single readers need besides the standard: quirks.def, a line each; and those of a
 * vendor's class: vendor_class.def. No other code knows a reader by its number. */
#ifndef DRIVERS_CCID_QUIRKS_H
#define DRIVERS_CCID_QUIRKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    /* Finding and opening */
    QUIRK_GEMALTO = 1 << 0,     /* answers escape 02, and 6A if it has keys */
    QUIRK_IFSD_254 = 1 << 1,    /* its descriptor does not tell */
    QUIRK_WAIT_OPEN = 1 << 2,   /* not ready before a second has passed */
    QUIRK_SLOW_STATUS = 1 << 3, /* the first GetSlotStatus wants patience */
    QUIRK_TOO_OLD = 1 << 4, /* this firmware does not work: the reader is left alone */
    QUIRK_ONE_AT_A_TIME = 1 << 5, /* its interfaces must not be used at once */
    /* Levels and transfers */
    QUIRK_SHORT = 1 << 6,     /* short APDU level, whatever it says */
    QUIRK_EXTENDED = 1 << 7,  /* extended APDU level, whatever it says */
    QUIRK_STRAY_ZLP = 1 << 8, /* may send an empty packet too much */
    QUIRK_PATIENT = 1 << 9,   /* commands may take minutes without a time extension */
    /* Power and protocol */
    QUIRK_ISO_MODE = 1 << 10,       /* a power-on may find it in EMV mode: escape 1F 01 */
    QUIRK_OFF_FIRST = 1 << 11,      /* wants a power-off before each power-on */
    QUIRK_9600 = 1 << 12,           /* no rate above the default works, and no PPS */
    QUIRK_200000 = 1 << 13,         /* no rate above 200000 bit/s works */
    QUIRK_OWN_PARAMETERS = 1 << 14, /* refuses SetParameters, and works all the same */
    QUIRK_NO_IFSD = 1 << 15,        /* the card does not survive S(IFS request) */
    /* PIN entry, escape */
    QUIRK_NO_PIN = 1 << 16,    /* says it has a keypad, and has not, or leaks digits */
    QUIRK_PIN_TEXTS = 1 << 24, /* its display wants its texts at the beginning */
    QUIRK_ESCAPE = 1 << 25,    /* escape commands are its interface for programs */
    QUIRK_MCT = 1 << 27,       /* Secoder commands by MCT_READER_DIRECT */
    QUIRK_NO_FULL_PACKET = 1 << 28, /* hangs when its answer fills a packet */
    QUIRK_SEQ_BEHIND = 1 << 29,     /* answers a message of more than a packet with the
                                     * number before it */
    QUIRK_SLOW_SLOTS = 1 << 22,     /* slots from 1 on have rates of their own, and few */
    QUIRK_BLIND_SLOTS = 1 << 23,    /* and cannot tell whether a card is in */
    /* ICCD */
    QUIRK_E_GATE = 1 << 26 /* version A, with vendor requests instead of the class's */
};

/* What a keypad wants in the structures for PIN entry, VERIFY and MODIFY. */
enum {
    PIN_VERIFY_0 = 1 << 0,       /* bNumberMessage has to be 0 */
    PIN_VERIFY_1 = 1 << 1,       /* it has to be 1 */
    PIN_VERIFY_SWAP = 1 << 2,    /* wPINMaxExtraDigit the wrong way round */
    PIN_MODIFY_3 = 1 << 3,       /* bNumberMessage has to be 3 */
    PIN_MODIFY_FF = 1 << 4,      /* it has to be FF in place of 0 */
    PIN_MODIFY_INDEXES = 1 << 5, /* three message indexes whatever it is */
    PIN_MODIFY_ZEROS = 1 << 6,   /* the same, of 0, and it has to be 0 */
    PIN_KEY = 1 << 7,            /* a PIN is ended by the key alone */
    PIN_TELL_KEY = 1 << 8,       /* the same, but programs may ask for other ends */
    PIN_CASE_1 = 1 << 9,         /* escape 80 02 00 before a PIN for a case 1 command */
    PIN_WAIT = 1 << 10           /* 250 ms before PIN entry */
};

/* The quirks of a device, QUIRK_... combined; 0 for most. */
uint32_t ccid_quirks(uint16_t vendor, uint16_t product, uint16_t version);

/* Those of its keypad, PIN_... combined. */
uint32_t ccid_pin_quirks(uint16_t vendor, uint16_t product);

/* How long a PIN the keypad takes, where it is known: characters. */
bool ccid_pin_sizes(uint16_t vendor, uint16_t product, uint16_t version, uint8_t *least,
                    uint8_t *most);

/* Whether programs may send this escape command even where others are not allowed. */
bool ccid_escape_allowed(uint16_t vendor, uint16_t product, const uint8_t *bytes,
                         size_t size);

/* Whether an interface of class FF with a CCID class descriptor is a reader. */
bool ccid_vendor_class(uint16_t vendor, uint16_t product);

/* Why such a device is not served although it may look like a reader; NULL: it is not one
 * that is known. */
const char *ccid_left_out(uint16_t vendor, uint16_t product);

/* For documentation and tests: the tables of vendor_class.def; `why` is NULL for those
 * that are served. */
struct ccid_vendor_reader {
    uint16_t vendor, product;
    const char *name, *why;
};
const struct ccid_vendor_reader *ccid_vendor_class_table(size_t *count);
const struct ccid_vendor_reader *ccid_left_out_table(size_t *count);

/* For documentation and tests: the table, and the number of its lines. */
struct ccid_quirk {
    uint16_t vendor, product;             /* product 0: each of the vendor's */
    uint16_t first_version, last_version; /* of bcdDevice, both included */
    uint32_t quirks;
    const char *name, *why, *source;
};
const struct ccid_quirk *ccid_quirk_table(size_t *count);
const struct ccid_quirk *ccid_pin_quirk_table(size_t *count); /* PIN_... */

struct ccid_escape {
    uint16_t vendor, product;
    const char *bytes; /* how it begins */
    size_t bytes_size, size;
    const char *name, *what, *source;
};
const struct ccid_escape *ccid_escape_table(size_t *count);

#endif
