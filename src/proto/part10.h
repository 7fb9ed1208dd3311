/* SPDX-License-Identifier: BSD-2-Clause */
/* What a reader says of itself to SCardControl, after PC/SC part 10: lists of features
 * and of properties. The structures that programs send for PIN entry are in ccid_pin.h.
 */
#ifndef PROTO_PART10_H
#define PROTO_PART10_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PART10_FEATURE_SIZE = 6, /* a record of the list of features */
    PART10_PIN_PROPERTIES_SIZE = 4,
    PART10_DISPLAY_PROPERTIES_SIZE = 4,
    PART10_FIRMWARE_MAX = 255,
    PART10_PROPERTIES_MAX = 43 + PART10_FIRMWARE_MAX, /* all of them */
    PART10_VALIDATION_DEFAULT =
        7 /* bEntryValidationCondition: whichever the reader has */
};

/* Tags of features (2.3), those that drivers have. */
enum part10_feature_tag {
    PART10_VERIFY_PIN_DIRECT = 0x06,
    PART10_MODIFY_PIN_DIRECT = 0x07,
    PART10_MCT_READER_DIRECT = 0x08,
    PART10_IFD_PIN_PROPERTIES = 0x0A,
    PART10_IFD_DISPLAY_PROPERTIES = 0x11,
    PART10_GET_TLV_PROPERTIES = 0x12,
    PART10_CCID_ESC_COMMAND = 0x13
};

struct part10_feature {
    enum part10_feature_tag tag;
    uint32_t code; /* the control code to call */
};

/* Writes the answer to CM_IOCTL_GET_FEATURE_REQUEST (2.2); the codes are big-endian.
 * Gives SC_OK and *size, or with nothing written SC_E_INSUFFICIENT_BUFFER. */
enum sc_error part10_features(const struct part10_feature *features, size_t count,
                              uint8_t *out, size_t room, size_t *size) MUST_CHECK;

/* Tags of properties (2.6.14). */
enum part10_property {
    PART10_LCD_LAYOUT = 1, /* wLcdLayout: lines << 8 | characters a line; 0: no display */
    PART10_VALIDATION,     /* bEntryValidationCondition */
    PART10_TIMEOUT2,       /* bTimeOut2: 1 if the reader keeps it apart from bTimeOut */
    PART10_LCD_CHARACTERS, /* wLcdMaxCharacters */
    PART10_LCD_LINES,      /* wLcdMaxLines */
    PART10_PIN_SIZE_MIN,   /* bMinPINSize */
    PART10_PIN_SIZE_MAX,   /* bMaxPINSize */
    PART10_FIRMWARE,       /* sFirmwareID */
    PART10_PPDU,           /* bPPDUSupport: 1 by SCardControl, 2 by SCardTransmit */
    PART10_APDU_DATA_MAX,  /* dwMaxAPDUDataSize: 65536, 0: short APDUs alone */
    PART10_ID_VENDOR,      /* wIdVendor */
    PART10_ID_PRODUCT,     /* wIdProduct */
    PART10_PROPERTIES
};

struct part10_properties {
    uint32_t present; /* bits 1 << tag */
    uint32_t values[PART10_PROPERTIES];
    const char *firmware; /* text of PART10_FIRMWARE, which is the caller's */
};

/* Adds a number, of which the low bytes are taken that its record has room for; or the
 * text PART10_FIRMWARE, whose first PART10_FIRMWARE_MAX bytes count. */
void part10_set(struct part10_properties *properties, enum part10_property tag,
                uint32_t value);
void part10_set_firmware(struct part10_properties *properties, const char *text);

/* Writes the answer to GET_TLV_PROPERTIES: those present in the order of their tags,
 * numbers little-endian. Gives SC_OK and *size, or with nothing written
 * SC_E_INSUFFICIENT_BUFFER. */
enum sc_error part10_properties_build(const struct part10_properties *properties,
                                      uint8_t *out, size_t room, size_t *size) MUST_CHECK;

/* PIN_PROPERTIES_STRUCTURE (2.5.5); `validation` 0 is PART10_VALIDATION_DEFAULT. */
void part10_pin_properties(uint16_t lcd_layout, uint8_t validation,
                           uint8_t out[PART10_PIN_PROPERTIES_SIZE]);
/* DISPLAY_PROPERTIES_STRUCTURE (2.5.6). */
void part10_display_properties(uint16_t lcd_layout,
                               uint8_t out[PART10_DISPLAY_PROPERTIES_SIZE]);

/* Whether bytes for MCT_READER_DIRECT are a command that readers know as such: 20 70 to
 * 20 74, with P1 and P2 of 00 and a length that begins with 00. Anything else would be a
 * way round the switch of escape commands. */
bool part10_is_mct(const uint8_t *bytes, size_t size) MUST_CHECK;

#endif
