/* SPDX-License-Identifier: BSD-2-Clause */
/* Protocols, card states and protocol control information (winsmcrd.h, pcsclite.h). */
#ifndef WINSCARD_PROTOCOL_H
#define WINSCARD_PROTOCOL_H

#include "types.h"

/* Bytes of the longest ATR, ISO/IEC 7816-3:2006, 8.2.1. */
#define SCARD_ATR_LENGTH 33

/* Transmission protocols; SCardConnect takes several, joined by |. */
#define SCARD_PROTOCOL_UNDEFINED 0x00000000
#define SCARD_PROTOCOL_T0        0x00000001 /* characters, ISO/IEC 7816-3:2006, 10 */
#define SCARD_PROTOCOL_T1        0x00000002 /* blocks, ISO/IEC 7816-3:2006, 11 */

/* States of a card, from SCardStatus: one number in the Windows ABI, a set of bits in
 * pcsc-lite's. RAW: bytes as they are, the card's own protocol. */
#ifdef WINSCARD_ABI_WINDOWS

#define SCARD_PROTOCOL_RAW 0x00010000
#define SCARD_PROTOCOL_Tx  (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)
#define SCARD_PROTOCOL_DEFAULT                                                           \
    0x80000000 /* with |: the card's default parameters, no PPS */
#define SCARD_PROTOCOL_OPTIMAL 0x00000000 /* with |: the fastest parameters, by PPS */

#define SCARD_UNKNOWN    0 /* the state cannot be told */
#define SCARD_ABSENT     1 /* no card */
#define SCARD_PRESENT    2 /* a card, not in position */
#define SCARD_SWALLOWED  3 /* a card in position, without power */
#define SCARD_POWERED    4 /* power, but its mode is not known */
#define SCARD_NEGOTIABLE 5 /* reset, waiting for PPS */
#define SCARD_SPECIFIC   6 /* a protocol is set */

#else

#define SCARD_PROTOCOL_UNSET SCARD_PROTOCOL_UNDEFINED
#define SCARD_PROTOCOL_RAW   0x0004
#define SCARD_PROTOCOL_T15   0x0008 /* never used */
#define SCARD_PROTOCOL_ANY   (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

#define SCARD_UNKNOWN    0x0001
#define SCARD_ABSENT     0x0002
#define SCARD_PRESENT    0x0004
#define SCARD_SWALLOWED  0x0008
#define SCARD_POWERED    0x0010
#define SCARD_NEGOTIABLE 0x0020
#define SCARD_SPECIFIC   0x0040

#endif

/* Protocol control information. dwProtocol: one SCARD_PROTOCOL_*. cbPciLength: bytes of
 * this structure and what follows it; 8 in the Windows ABI, 16 in pcsc-lite's on LP64. */
typedef struct _SCARD_IO_REQUEST {
    DWORD dwProtocol;
    DWORD cbPciLength;
} SCARD_IO_REQUEST, *PSCARD_IO_REQUEST, *LPSCARD_IO_REQUEST;
typedef const SCARD_IO_REQUEST *LPCSCARD_IO_REQUEST;

#endif
