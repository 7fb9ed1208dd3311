/* SPDX-License-Identifier: BSD-2-Clause */
/* Attributes of readers and the numbering of control codes (PC/SC parts 3 and 10). */
#ifndef WINSCARD_ATTRIBUTE_H
#define WINSCARD_ATTRIBUTE_H

#include "target.h"

#include "types.h"

#ifdef WINSCARD_ON_WINDOWS
#include <winioctl.h>
#endif

/* SCardControl's codes. Windows builds them as CTL_CODE(FILE_DEVICE_SMARTCARD, n,
 * METHOD_BUFFERED, FILE_ANY_ACCESS). Both faces of this library take both numberings. */
#ifdef WINSCARD_ABI_WINDOWS
#ifndef FILE_DEVICE_SMARTCARD
#define FILE_DEVICE_SMARTCARD 0x00000031
#endif
#define SCARD_CTL_CODE(code) ((FILE_DEVICE_SMARTCARD << 16) | ((code) << 2))
#else
#define SCARD_CTL_CODE(code) (0x42000000 + (code))
#endif

/* An attribute is a class and a tag. "DWORD": a little-endian 32-bit number in both ABIs.
 * Text is ANSI with its terminator, unless the name ends in _W. What a reader does not
 * have is answered ERROR_NOT_SUPPORTED (Windows ABI) or SCARD_E_UNSUPPORTED_FEATURE.
 * Source: PC/SC part 3, 3.1; MS-Docs SCardGetAttrib. */
#define SCARD_ATTR_VALUE(Class, Tag) ((((ULONG)(Class)) << 16) | ((ULONG)(Tag)))

#define SCARD_CLASS_VENDOR_INFO    1
#define SCARD_CLASS_COMMUNICATIONS 2
#define SCARD_CLASS_PROTOCOL       3
#define SCARD_CLASS_POWER_MGMT     4
#define SCARD_CLASS_SECURITY       5
#define SCARD_CLASS_MECHANICAL     6
#define SCARD_CLASS_VENDOR_DEFINED 7
#define SCARD_CLASS_IFD_PROTOCOL   8
#define SCARD_CLASS_ICC_STATE      9
#define SCARD_CLASS_PERF           0x7ffe
#define SCARD_CLASS_SYSTEM         0x7fff

/* The reader's vendor: name, product, DWORD version 0xMMmmbbbb, serial number. */
#define SCARD_ATTR_VENDOR_NAME          SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_INFO, 0x0100)
#define SCARD_ATTR_VENDOR_IFD_TYPE      SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_INFO, 0x0101)
#define SCARD_ATTR_VENDOR_IFD_VERSION   SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_INFO, 0x0102)
#define SCARD_ATTR_VENDOR_IFD_SERIAL_NO SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_INFO, 0x0103)

/* DWORD 0xDDDDCCCC: the kind of line (0x0001 serial, 0x0020 USB) and its number: the
 * port, or bus << 8 | address. */
#define SCARD_ATTR_CHANNEL_ID SCARD_ATTR_VALUE(SCARD_CLASS_COMMUNICATIONS, 0x0110)

/* What the reader can do, DWORDs: protocols (bits), clocks in kHz, rates in bit/s, the
 * longest T=1 information field in bytes. The first one has two names. */
#define SCARD_ATTR_PROTOCOL_TYPES       SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0120)
#define SCARD_ATTR_ASYNC_PROTOCOL_TYPES SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0120)
#define SCARD_ATTR_DEFAULT_CLK          SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0121)
#define SCARD_ATTR_MAX_CLK              SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0122)
#define SCARD_ATTR_DEFAULT_DATA_RATE    SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0123)
#define SCARD_ATTR_MAX_DATA_RATE        SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0124)
#define SCARD_ATTR_MAX_IFSD             SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0125)
#define SCARD_ATTR_SYNC_PROTOCOL_TYPES  SCARD_ATTR_VALUE(SCARD_CLASS_PROTOCOL, 0x0126)

/* DWORD 0 or 1: the reader can save power. */
#define SCARD_ATTR_POWER_MGMT_SUPPORT SCARD_ATTR_VALUE(SCARD_CLASS_POWER_MGMT, 0x0131)

/* DWORDs of bits: how a user proves who he is, and on what he enters it. */
#define SCARD_ATTR_USER_TO_CARD_AUTH_DEVICE SCARD_ATTR_VALUE(SCARD_CLASS_SECURITY, 0x0140)
#define SCARD_ATTR_USER_AUTH_INPUT_DEVICE   SCARD_ATTR_VALUE(SCARD_CLASS_SECURITY, 0x0142)

/* DWORD of SCARD_READER_SWALLOWS and so on (winsmcrd.h). */
#define SCARD_ATTR_CHARACTERISTICS SCARD_ATTR_VALUE(SCARD_CLASS_MECHANICAL, 0x0150)

/* The protocol now in use, DWORDs: SCARD_PROTOCOL_*, clock in kHz, F, D, extra guard time
 * in etu, work waiting time, information field sizes of card and reader in bytes, block
 * and character waiting time, error code (0 LRC, 1 CRC), extended block waiting time. */
#define SCARD_ATTR_CURRENT_PROTOCOL_TYPE                                                 \
    SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0201)
#define SCARD_ATTR_CURRENT_CLK          SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0202)
#define SCARD_ATTR_CURRENT_F            SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0203)
#define SCARD_ATTR_CURRENT_D            SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0204)
#define SCARD_ATTR_CURRENT_N            SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0205)
#define SCARD_ATTR_CURRENT_W            SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0206)
#define SCARD_ATTR_CURRENT_IFSC         SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0207)
#define SCARD_ATTR_CURRENT_IFSD         SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0208)
#define SCARD_ATTR_CURRENT_BWT          SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x0209)
#define SCARD_ATTR_CURRENT_CWT          SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x020a)
#define SCARD_ATTR_CURRENT_EBC_ENCODING SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x020b)
#define SCARD_ATTR_EXTENDED_BWT         SCARD_ATTR_VALUE(SCARD_CLASS_IFD_PROTOCOL, 0x020c)

/* The card. PRESENCE, one byte: 0 none, 1 not in position, 2 present. INTERFACE_STATUS,
 * one byte: 1 when the contacts are active. IO_STATE, one byte: the level of the I/O
 * line. ATR_STRING: the ATR, at most 33 bytes. TYPE_PER_ATR, one byte: 0 unknown, 1 ISO
 * asynchronous, 2 other. */
#define SCARD_ATTR_ICC_PRESENCE         SCARD_ATTR_VALUE(SCARD_CLASS_ICC_STATE, 0x0300)
#define SCARD_ATTR_ICC_INTERFACE_STATUS SCARD_ATTR_VALUE(SCARD_CLASS_ICC_STATE, 0x0301)
#define SCARD_ATTR_CURRENT_IO_STATE     SCARD_ATTR_VALUE(SCARD_CLASS_ICC_STATE, 0x0302)
#define SCARD_ATTR_ATR_STRING           SCARD_ATTR_VALUE(SCARD_CLASS_ICC_STATE, 0x0303)
#define SCARD_ATTR_ICC_TYPE_PER_ATR     SCARD_ATTR_VALUE(SCARD_CLASS_ICC_STATE, 0x0304)

/* Numbers that vendors share. MAXINPUT, DWORD: bytes of the longest command. */
#define SCARD_ATTR_ESC_RESET       SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_DEFINED, 0xA000)
#define SCARD_ATTR_ESC_CANCEL      SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_DEFINED, 0xA003)
#define SCARD_ATTR_ESC_AUTHREQUEST SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_DEFINED, 0xA005)
#define SCARD_ATTR_MAXINPUT        SCARD_ATTR_VALUE(SCARD_CLASS_VENDOR_DEFINED, 0xA007)

/* What the resource manager itself knows of the reader: DWORD number among equal readers,
 * DWORD whether it is used, the reader's name, the name of its device, and whether the
 * driver shall leave out T=1's first S(IFS) block. That is the one attribute that can be
 * set, by a byte or a DWORD, for what is negotiated from then on, with readers for which
 * the library sends that block. SUPRESS is Microsoft's spelling. */
#define SCARD_ATTR_DEVICE_UNIT            SCARD_ATTR_VALUE(SCARD_CLASS_SYSTEM, 0x0001)
#define SCARD_ATTR_DEVICE_IN_USE          SCARD_ATTR_VALUE(SCARD_CLASS_SYSTEM, 0x0002)
#define SCARD_ATTR_DEVICE_FRIENDLY_NAME_A SCARD_ATTR_VALUE(SCARD_CLASS_SYSTEM, 0x0003)
#define SCARD_ATTR_DEVICE_SYSTEM_NAME_A   SCARD_ATTR_VALUE(SCARD_CLASS_SYSTEM, 0x0004)
#define SCARD_ATTR_DEVICE_FRIENDLY_NAME_W SCARD_ATTR_VALUE(SCARD_CLASS_SYSTEM, 0x0005)
#define SCARD_ATTR_DEVICE_SYSTEM_NAME_W   SCARD_ATTR_VALUE(SCARD_CLASS_SYSTEM, 0x0006)
#define SCARD_ATTR_SUPRESS_T1_IFS_REQUEST SCARD_ATTR_VALUE(SCARD_CLASS_SYSTEM, 0x0007)

#ifdef UNICODE
#define SCARD_ATTR_DEVICE_FRIENDLY_NAME SCARD_ATTR_DEVICE_FRIENDLY_NAME_W
#define SCARD_ATTR_DEVICE_SYSTEM_NAME   SCARD_ATTR_DEVICE_SYSTEM_NAME_W
#else
#define SCARD_ATTR_DEVICE_FRIENDLY_NAME SCARD_ATTR_DEVICE_FRIENDLY_NAME_A
#define SCARD_ATTR_DEVICE_SYSTEM_NAME   SCARD_ATTR_DEVICE_SYSTEM_NAME_A
#endif

/* Counters of the driver, DWORDs: transmissions, bytes, microseconds. */
#define SCARD_PERF_NUM_TRANSMISSIONS SCARD_ATTR_VALUE(SCARD_CLASS_PERF, 0x0001)
#define SCARD_PERF_BYTES_TRANSMITTED SCARD_ATTR_VALUE(SCARD_CLASS_PERF, 0x0002)
#define SCARD_PERF_TRANSMISSION_TIME SCARD_ATTR_VALUE(SCARD_CLASS_PERF, 0x0003)

#endif
