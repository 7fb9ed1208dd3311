/* SPDX-License-Identifier: BSD-2-Clause */
/* Numbers of CCID 1.1 as the reader sees them. Kept apart from proto/ccid.h: what is
 * tested must not be its own measure. */
#ifndef RIG_SIM_WIRE_H
#define RIG_SIM_WIRE_H

#include <stddef.h>
#include <stdint.h>

enum {
    WIRE_HEADER_SIZE = 10,
    WIRE_DATA_MAX = 65536 + 12, /* bytes after a header that the simulator takes */
    WIRE_MESSAGE_MAX = WIRE_HEADER_SIZE + WIRE_DATA_MAX
};

/* Message types (CCID 6.1 to 6.3). */
enum {
    WIRE_SET_PARAMETERS = 0x61,
    WIRE_POWER_ON = 0x62,
    WIRE_POWER_OFF = 0x63,
    WIRE_GET_SLOT_STATUS = 0x65,
    WIRE_SECURE = 0x69,
    WIRE_T0_APDU = 0x6A,
    WIRE_ESCAPE = 0x6B,
    WIRE_GET_PARAMETERS = 0x6C,
    WIRE_RESET_PARAMETERS = 0x6D,
    WIRE_CLOCK = 0x6E,
    WIRE_XFR_BLOCK = 0x6F,
    WIRE_MECHANICAL = 0x71,
    WIRE_ABORT = 0x72,
    WIRE_SET_RATE = 0x73,
    WIRE_DATA_BLOCK = 0x80,
    WIRE_SLOT_STATUS = 0x81,
    WIRE_PARAMETERS = 0x82,
    WIRE_ESCAPE_REPLY = 0x83,
    WIRE_RATE = 0x84,
    WIRE_NOTIFY = 0x50,
    WIRE_HARDWARE_ERROR = 0x51
};

/* bmICCStatus, bmCommandStatus. */
enum {
    WIRE_ACTIVE,
    WIRE_INACTIVE,
    WIRE_ABSENT,
    WIRE_FAILED = 0x40,
    WIRE_EXTENSION = 0x80
};

/* bError (CCID 6.2.6); below 0x80 the offset of a wrong field. */
enum {
    WIRE_UNSUPPORTED = 0x00,
    WIRE_BAD_LENGTH = 0x01,
    WIRE_BAD_SLOT = 0x05,
    WIRE_BAD_P1 = 0x07,
    WIRE_BAD_LEVEL = 0x08,
    WIRE_BAD_DATA = 0x0A,
    WIRE_EMV_MODE = 0xBB, /* of a vendor */
    WIRE_SLOT_BUSY = 0xE0,
    WIRE_PIN_CANCELLED = 0xEF,
    WIRE_PIN_TIMEOUT = 0xF0,
    WIRE_DEACTIVATED = 0xF3,
    WIRE_BAD_PROTOCOL = 0xF6,
    WIRE_OVERRUN = 0xFC,
    WIRE_PARITY = 0xFD,
    WIRE_MUTE = 0xFE,
    WIRE_ABORTED = 0xFF
};

/* dwFeatures (CCID 5.1). */
enum {
    WIRE_AUTO_PARAMETERS = 0x02,
    WIRE_AUTO_ACTIVATION = 0x04,
    WIRE_AUTO_VOLTAGE = 0x08,
    WIRE_AUTO_NEGOTIATION = 0x40,
    WIRE_AUTO_PPS = 0x80,
    WIRE_CLOCK_STOP = 0x100,
    WIRE_NAD = 0x200,
    WIRE_AUTO_IFSD = 0x400,
    WIRE_LEVEL_TPDU = 0x10000,
    WIRE_LEVEL_SHORT = 0x20000,
    WIRE_LEVEL_EXTENDED = 0x40000
};

/* wLevelParameter and bChainParameter. */
enum { WIRE_WHOLE, WIRE_FIRST, WIRE_LAST, WIRE_MIDDLE, WIRE_CONTINUE = 0x10 };

static inline uint16_t wire_u16(const uint8_t *bytes)
{
    return (uint16_t)(bytes[0] | bytes[1] << 8);
}

static inline uint32_t wire_u32(const uint8_t *bytes)
{
    return wire_u16(bytes) | (uint32_t)wire_u16(bytes + 2) << 16;
}

static inline void wire_put_u16(uint8_t *bytes, uint32_t number)
{
    bytes[0] = (uint8_t)number;
    bytes[1] = (uint8_t)(number >> 8);
}

static inline void wire_put_u32(uint8_t *bytes, uint32_t number)
{
    wire_put_u16(bytes, number);
    wire_put_u16(bytes + 2, number >> 16);
}

#endif
