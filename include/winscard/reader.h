/* SPDX-License-Identifier: BSD-2-Clause */
/* What readers can do beyond the card: features, PIN pads, displays (PC/SC part 10,
 * version 2.02.09). */
#ifndef WINSCARD_READER_H
#define WINSCARD_READER_H

#include <stdint.h>

#include "winscard/attribute.h"

/* SCardControl with this code gives the reader's features as records of
 * PCSC_TLV_STRUCTURE, one after another. PC/SC part 10, 2.2. */
#define CM_IOCTL_GET_FEATURE_REQUEST SCARD_CTL_CODE(3400)

/* Sends bytes to the reader itself: the two codes that drivers give to it (libccid;
 * Microsoft's class driver). The tag FEATURE_CCID_ESC_COMMAND says it portably. The first
 * is that in the pcsc-lite ABI alone: its number in the Windows ABI is that of
 * IOCTL_SMARTCARD_POWER (winsmcrd.h). */
#define IOCTL_SMARTCARD_VENDOR_IFD_EXCHANGE SCARD_CTL_CODE(1)
#define IOCTL_CCID_ESCAPE                   SCARD_CTL_CODE(3500)

/* Tags of features. PC/SC part 10, 2.2 and 2.3. */
#define FEATURE_VERIFY_PIN_START         0x01
#define FEATURE_VERIFY_PIN_FINISH        0x02
#define FEATURE_MODIFY_PIN_START         0x03
#define FEATURE_MODIFY_PIN_FINISH        0x04
#define FEATURE_GET_KEY_PRESSED          0x05
#define FEATURE_VERIFY_PIN_DIRECT        0x06 /* in: PIN_VERIFY_STRUCTURE; out: SW1 SW2 */
#define FEATURE_MODIFY_PIN_DIRECT        0x07 /* in: PIN_MODIFY_STRUCTURE; out: SW1 SW2 */
#define FEATURE_MCT_READER_DIRECT        0x08
#define FEATURE_MCT_UNIVERSAL            0x09
#define FEATURE_IFD_PIN_PROPERTIES       0x0A /* out: PIN_PROPERTIES_STRUCTURE */
#define FEATURE_ABORT                    0x0B
#define FEATURE_SET_SPE_MESSAGE          0x0C
#define FEATURE_VERIFY_PIN_DIRECT_APP_ID 0x0D
#define FEATURE_MODIFY_PIN_DIRECT_APP_ID 0x0E
#define FEATURE_WRITE_DISPLAY            0x0F
#define FEATURE_GET_KEY                  0x10
#define FEATURE_IFD_DISPLAY_PROPERTIES   0x11 /* out: DISPLAY_PROPERTIES_STRUCTURE */
#define FEATURE_GET_TLV_PROPERTIES       0x12 /* out: records of tag, length, value */
#define FEATURE_CCID_ESC_COMMAND         0x13 /* bytes for the reader itself */
#define FEATURE_EXECUTE_PACE             0x20

/* Tags of FEATURE_GET_TLV_PROPERTIES, whose numbers are little-endian. PC/SC part 10,
 * 2.6.14. */
#define PCSCv2_PART10_PROPERTY_wLcdLayout                1
#define PCSCv2_PART10_PROPERTY_bEntryValidationCondition 2
#define PCSCv2_PART10_PROPERTY_bTimeOut2                 3
#define PCSCv2_PART10_PROPERTY_wLcdMaxCharacters         4
#define PCSCv2_PART10_PROPERTY_wLcdMaxLines              5
#define PCSCv2_PART10_PROPERTY_bMinPINSize               6
#define PCSCv2_PART10_PROPERTY_bMaxPINSize               7
#define PCSCv2_PART10_PROPERTY_sFirmwareID               8
#define PCSCv2_PART10_PROPERTY_bPPDUSupport              9
#define PCSCv2_PART10_PROPERTY_dwMaxAPDUDataSize         10
#define PCSCv2_PART10_PROPERTY_wIdVendor                 11
#define PCSCv2_PART10_PROPERTY_wIdProduct                12

/* The structures stand in the buffer without padding, numbers little-endian: these two
 * turn a number of the host into that. */
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define HOST_TO_CCID_16(x) __builtin_bswap16(x)
#define HOST_TO_CCID_32(x) __builtin_bswap32(x)
#else
#define HOST_TO_CCID_16(x) (x)
#define HOST_TO_CCID_32(x) (x)
#endif

/* abData has as many bytes as ulDataLength says; in C++ it is an extension. */
#if defined(__cplusplus) && defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wc99-extensions"
#define WINSCARD_EXTENSION
#elif defined(__cplusplus) && defined(__GNUC__)
#define WINSCARD_EXTENSION __extension__
#else
#define WINSCARD_EXTENSION
#endif

#pragma pack(push, 1)

/* A feature: its control code stands in value, BIG-endian. length is 4. */
typedef struct {
    uint8_t tag;
    uint8_t length;
    uint32_t value;
} PCSC_TLV_STRUCTURE;

/* PIN verification at the reader. PC/SC part 10, 2.5.2. */
typedef struct {
    uint8_t bTimerOut;          /* seconds to the first key, 0: the reader's own */
    uint8_t bTimerOut2;         /* seconds after it */
    uint8_t bmFormatString;     /* how the PIN is written, ISO/IEC 7816-4 command */
    uint8_t bmPINBlockString;   /* size of the PIN block and of its length field */
    uint8_t bmPINLengthFormat;  /* where the length field stands */
    uint16_t wPINMaxExtraDigit; /* minimum << 8 | maximum number of digits */
    uint8_t bEntryValidationCondition; /* 1 maximum size, 2 key, 4 time, joined by | */
    uint8_t bNumberMessage;            /* messages to show */
    uint16_t wLangId;                  /* language of the messages, 0x0409: US English */
    uint8_t bMsgIndex;                 /* which message */
    uint8_t bTeoPrologue[3];           /* T=1 prologue, for some readers */
    uint32_t ulDataLength;             /* bytes of abData */
    WINSCARD_EXTENSION uint8_t abData[]; /* the APDU, the PIN left out */
} PIN_VERIFY_STRUCTURE;

/* PIN change at the reader. PC/SC part 10, 2.5.3. Members as above. */
typedef struct {
    uint8_t bTimerOut;
    uint8_t bTimerOut2;
    uint8_t bmFormatString;
    uint8_t bmPINBlockString;
    uint8_t bmPINLengthFormat;
    uint8_t bInsertionOffsetOld; /* bytes from the data field to the old PIN */
    uint8_t bInsertionOffsetNew; /* and to the new one */
    uint16_t wPINMaxExtraDigit;
    uint8_t bConfirmPIN; /* 1: ask for the new PIN twice; 2: ask for the old one */
    uint8_t bEntryValidationCondition;
    uint8_t bNumberMessage; /* 0 to 3, or 0xFF for the reader's own */
    uint16_t wLangId;
    uint8_t bMsgIndex1;
    uint8_t bMsgIndex2;
    uint8_t bMsgIndex3;
    uint8_t bTeoPrologue[3];
    uint32_t ulDataLength;
    WINSCARD_EXTENSION uint8_t abData[];
} PIN_MODIFY_STRUCTURE;

/* FEATURE_IFD_PIN_PROPERTIES. PC/SC part 10, 2.5.5. */
typedef struct {
    uint16_t wLcdLayout; /* lines << 8 | characters a line, 0 without a display */
    uint8_t bEntryValidationCondition;
    uint8_t bTimeOut2; /* 1: the reader keeps bTimerOut2 apart from bTimerOut */
} PIN_PROPERTIES_STRUCTURE;

/* FEATURE_IFD_DISPLAY_PROPERTIES. PC/SC part 10, 2.5.6. */
typedef struct {
    uint16_t wLcdMaxCharacters; /* characters a line */
    uint16_t wLcdMaxLines;
} DISPLAY_PROPERTIES_STRUCTURE;

#pragma pack(pop)

#if defined(__cplusplus) && defined(__clang__)
#pragma clang diagnostic pop
#endif
#undef WINSCARD_EXTENSION

#endif
