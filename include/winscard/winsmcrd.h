/* SPDX-License-Identifier: BSD-2-Clause */
/* What programs and reader drivers share (Microsoft, winsmcrd.h): protocols, attributes,
 * control codes of drivers, and the request forms of T=0 and T=1. */
#ifndef WINSCARD_WINSMCRD_H
#define WINSCARD_WINSMCRD_H

#include "winscard/target.h"

/* On Windows the system's own header of this name has nothing to add after this one. */
#if defined(WINSCARD_ON_WINDOWS) && defined(_NTDDSCRD_H2_)
#error "include winscard/winsmcrd.h before <windows.h>, or define WIN32_LEAN_AND_MEAN"
#elif defined(WINSCARD_ON_WINDOWS)
#define _NTDDSCRD_H2_
#endif

#include "winscard/attribute.h"
#include "winscard/protocol.h"

/* What IOCTL_SMARTCARD_POWER is asked for (in, one byte or a DWORD). */
#define SCARD_POWER_DOWN 0
#define SCARD_COLD_RESET 1
#define SCARD_WARM_RESET 2

/* Control codes that every reader takes by SCardControl, in both ABIs. Numbers are
 * DWORDs, in and out; other connections see what changes. The rules for each are those of
 * MS-DDI winsmcrd.h:
 *
 * POWER: see above; out: the ATR after a reset, if there is room for 33 bytes. This
 * connection keeps its protocol through a reset; after SCARD_POWER_DOWN it has none.
 * Other connections get SCARD_W_RESET_CARD. SET_PROTOCOL: in: SCARD_PROTOCOL_* joined by
 * |; out: the one chosen, also for a connection by SCARD_SHARE_DIRECT.
 * SCARD_E_PROTO_MISMATCH: another is in force. TRANSMIT: in and out: SCARD_IO_REQUEST of
 * 8 bytes (the Windows ABI's) and the bytes that SCardTransmit takes and gives.
 * GET_ATTRIBUTE: in: SCARD_ATTR_*, out: its value. SET_ATTRIBUTE: in: both.
 * GET_STATE: out: the state as the Windows ABI's SCardStatus numbers it.
 * IS_PRESENT, IS_ABSENT: success if it is so, SCARD_E_NOT_READY if not, at once: on
 * Windows the one who may wait by them is the resource manager.
 * GET_LAST_ERROR: out: what the last call on this connection that reached its reader
 * gave. EJECT, SWALLOW, CONFISCATE: ERROR_NOT_SUPPORTED (pcsc-lite ABI:
 * SCARD_E_UNSUPPORTED_FEATURE) if the reader cannot.
 *
 * Further errors: SCARD_E_NO_SMARTCARD, SCARD_E_INVALID_PARAMETER,
 * SCARD_E_INSUFFICIENT_BUFFER. By a pcscd, SCARD_POWER_DOWN is not served.
 *
 * In the pcsc-lite ABI, SCARD_CTL_CODE(1) is IOCTL_SMARTCARD_VENDOR_IFD_EXCHANGE
 * (reader.h), and the others have its numbers, too. */
#ifdef WINSCARD_ABI_WINDOWS
#define IOCTL_SMARTCARD_POWER          SCARD_CTL_CODE(1)
#define IOCTL_SMARTCARD_GET_ATTRIBUTE  SCARD_CTL_CODE(2)
#define IOCTL_SMARTCARD_SET_ATTRIBUTE  SCARD_CTL_CODE(3)
#define IOCTL_SMARTCARD_CONFISCATE     SCARD_CTL_CODE(4)
#define IOCTL_SMARTCARD_TRANSMIT       SCARD_CTL_CODE(5)
#define IOCTL_SMARTCARD_EJECT          SCARD_CTL_CODE(6)
#define IOCTL_SMARTCARD_SWALLOW        SCARD_CTL_CODE(7)
#define IOCTL_SMARTCARD_IS_PRESENT     SCARD_CTL_CODE(10)
#define IOCTL_SMARTCARD_IS_ABSENT      SCARD_CTL_CODE(11)
#define IOCTL_SMARTCARD_SET_PROTOCOL   SCARD_CTL_CODE(12)
#define IOCTL_SMARTCARD_GET_STATE      SCARD_CTL_CODE(14)
#define IOCTL_SMARTCARD_GET_LAST_ERROR SCARD_CTL_CODE(15)
#define IOCTL_SMARTCARD_GET_PERF_CNTR  SCARD_CTL_CODE(16)
#endif

/* Limits of Windows' drivers: bytes of a text attribute, readers of one driver. */
#define MAXIMUM_ATTR_STRING_LENGTH 32
#define MAXIMUM_SMARTCARD_READERS  10

/* Bytes of T=0 and T=1 frames. */
#define SCARD_T0_HEADER_LENGTH   7
#define SCARD_T0_CMD_LENGTH      5
#define SCARD_T1_PROLOGUE_LENGTH 3
#define SCARD_T1_EPILOGUE_LENGTH 2
#define SCARD_T1_MAX_IFS         254

/* Bits of SCARD_ATTR_CHARACTERISTICS. */
#define SCARD_READER_SWALLOWS    0x00000001
#define SCARD_READER_EJECTS      0x00000002
#define SCARD_READER_CONFISCATES 0x00000004
#define SCARD_READER_CONTACTLESS 0x00000008

/* Kinds of readers, from SCardGetDeviceTypeId. PARALELL is Microsoft's spelling. */
#define SCARD_READER_TYPE_SERIAL     0x01
#define SCARD_READER_TYPE_PARALELL   0x02
#define SCARD_READER_TYPE_KEYBOARD   0x04
#define SCARD_READER_TYPE_SCSI       0x08
#define SCARD_READER_TYPE_IDE        0x10
#define SCARD_READER_TYPE_USB        0x20
#define SCARD_READER_TYPE_PCMCIA     0x40
#define SCARD_READER_TYPE_TPM        0x80
#define SCARD_READER_TYPE_NFC        0x100
#define SCARD_READER_TYPE_UICC       0x200
#define SCARD_READER_TYPE_NGC        0x400
#define SCARD_READER_TYPE_EMBEDDEDSE 0x800
#define SCARD_READER_TYPE_VENDOR     0xF0

/* The five bytes of a T=0 command header, ISO/IEC 7816-3:2006, 10.3.2. */
typedef struct {
    BYTE bCla;
    BYTE bIns;
    BYTE bP1;
    BYTE bP2;
    BYTE bP3;
} SCARD_T0_COMMAND, *LPSCARD_T0_COMMAND;

/* A T=0 request: header in, SW1 and SW2 out. */
typedef struct {
    SCARD_IO_REQUEST ioRequest;
    BYTE bSw1;
    BYTE bSw2;
#ifdef __GNUC__
    __extension__ /* unnamed, as on Windows: C11, but not C99 */
#endif
        union {
        SCARD_T0_COMMAND CmdBytes;
        BYTE rgbHeader[5];
    };
} SCARD_T0_REQUEST, *PSCARD_T0_REQUEST, *LPSCARD_T0_REQUEST;

typedef struct {
    SCARD_IO_REQUEST ioRequest;
} SCARD_T1_REQUEST, *PSCARD_T1_REQUEST, *LPSCARD_T1_REQUEST;

#endif
