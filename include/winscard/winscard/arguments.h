/* SPDX-License-Identifier: BSD-2-Clause */
/* Handles, arguments and reader states (Microsoft, winscard.h; pcsc-lite, pcsclite.h). */
#ifndef WINSCARD_ARGUMENTS_H
#define WINSCARD_ARGUMENTS_H

#include "target.h"

#include "protocol.h"

/* A context, and a connection to a card made in it. Opaque numbers, never 0. The
 * pcsc-lite ABI uses only 31 bits of them. */
#ifdef WINSCARD_ABI_WINDOWS
typedef ULONG_PTR SCARDCONTEXT;
typedef ULONG_PTR SCARDHANDLE;
#else
typedef LONG SCARDCONTEXT;
typedef LONG SCARDHANDLE;
#endif
typedef SCARDCONTEXT *PSCARDCONTEXT, *LPSCARDCONTEXT;
typedef SCARDHANDLE *PSCARDHANDLE, *LPSCARDHANDLE;

/* Put into a length, it asks for memory from the library: the buffer argument is then the
 * address of a pointer (cast to the buffer's type), and SCardFreeMemory frees. */
#define SCARD_AUTOALLOCATE ((DWORD)(-1))

/* A time limit of SCardGetStatusChange that never runs out, in milliseconds. */
#if !defined(INFINITE) && !defined(WINSCARD_ON_WINDOWS)
#define INFINITE 0xFFFFFFFF
#endif

/* Whose cards and database records a context sees. TERMINAL is as USER. */
#define SCARD_SCOPE_USER     0
#define SCARD_SCOPE_TERMINAL 1
#define SCARD_SCOPE_SYSTEM   2
#ifdef WINSCARD_ABI_PCSCLITE
#define SCARD_SCOPE_GLOBAL 3
#endif

/* How a connection shares the card. DIRECT: the reader itself, with or without a card. */
#define SCARD_SHARE_EXCLUSIVE 1
#define SCARD_SHARE_SHARED    2
#define SCARD_SHARE_DIRECT    3

/* What becomes of the card when a connection or transaction ends. */
#define SCARD_LEAVE_CARD   0
#define SCARD_RESET_CARD   1
#define SCARD_UNPOWER_CARD 2
#define SCARD_EJECT_CARD   3

/* Bits of a reader's state. In dwEventState the high word counts insertions and removals,
 * modulo 65536: of cards, and of the reader itself after the first time, for as long as
 * it is remembered (the 64 readers that left last are). */
#define SCARD_STATE_UNAWARE     0x0000 /* in: nothing is known, report at once */
#define SCARD_STATE_IGNORE      0x0001 /* in: skip this entry */
#define SCARD_STATE_CHANGED     0x0002 /* out: the state is not dwCurrentState */
#define SCARD_STATE_UNKNOWN     0x0004 /* out: no reader of that name */
#define SCARD_STATE_UNAVAILABLE 0x0008 /* out: the reader cannot be used now */
#define SCARD_STATE_EMPTY       0x0010
#define SCARD_STATE_PRESENT     0x0020
#define SCARD_STATE_ATRMATCH    0x0040 /* out, SCardLocateCards: the card asked for */
#define SCARD_STATE_EXCLUSIVE   0x0080
#define SCARD_STATE_INUSE       0x0100
#define SCARD_STATE_MUTE        0x0200 /* the card does not answer a reset */
#define SCARD_STATE_UNPOWERED   0x0400

/* One reader in SCardGetStatusChange and SCardLocateCards. szReader and pvUserData are
 * the caller's and are not changed; the library keeps no pointer after the call. */
#ifdef WINSCARD_ABI_WINDOWS

/* cbAtr: bytes of rgbAtr in use, out only, at most 33. */
typedef struct {
    LPCSTR szReader;
    LPVOID pvUserData;
    DWORD dwCurrentState; /* in: what the caller believes */
    DWORD dwEventState;   /* out: what is so */
    DWORD cbAtr;
    BYTE rgbAtr[36];
} SCARD_READERSTATEA, *PSCARD_READERSTATEA, *LPSCARD_READERSTATEA;

typedef struct {
    LPCWSTR szReader;
    LPVOID pvUserData;
    DWORD dwCurrentState;
    DWORD dwEventState;
    DWORD cbAtr;
    BYTE rgbAtr[36];
} SCARD_READERSTATEW, *PSCARD_READERSTATEW, *LPSCARD_READERSTATEW;

typedef WINSCARD_NAME_AW(SCARD_READERSTATE) SCARD_READERSTATE;
typedef WINSCARD_NAME_AW(PSCARD_READERSTATE) PSCARD_READERSTATE;
typedef WINSCARD_NAME_AW(LPSCARD_READERSTATE) LPSCARD_READERSTATE;

/* The older names. */
#define SCARD_READERSTATE_A   SCARD_READERSTATEA
#define SCARD_READERSTATE_W   SCARD_READERSTATEW
#define PSCARD_READERSTATE_A  PSCARD_READERSTATEA
#define PSCARD_READERSTATE_W  PSCARD_READERSTATEW
#define LPSCARD_READERSTATE_A LPSCARD_READERSTATEA
#define LPSCARD_READERSTATE_W LPSCARD_READERSTATEW

/* A pattern for ATRs: one matches if its length is cbAtr and what rgbMask leaves of it
 * equals rgbAtr. */
typedef struct _SCARD_ATRMASK {
    DWORD cbAtr; /* bytes, at most 36 */
    BYTE rgbAtr[36];
    BYTE rgbMask[36];
} SCARD_ATRMASK, *PSCARD_ATRMASK, *LPSCARD_ATRMASK;

/* Reader groups, each a multi-string of one name. Every reader belongs to All, the ones
 * that are present to Default. */
#define SCARD_ALL_READERS     TEXT("SCard$AllReaders\000")
#define SCARD_DEFAULT_READERS TEXT("SCard$DefaultReaders\000")
#define SCARD_LOCAL_READERS   TEXT("SCard$LocalReaders\000")
#define SCARD_SYSTEM_READERS  TEXT("SCard$SystemReaders\000")

/* What kind of provider name a card type has: its primary service provider, its
 * cryptographic service provider, its key storage provider, its minidriver module. */
#define SCARD_PROVIDER_PRIMARY     1
#define SCARD_PROVIDER_CSP         2
#define SCARD_PROVIDER_KSP         3
#define SCARD_PROVIDER_CARD_MODULE 0x80000001

/* Events of SCardAudit. */
#define SCARD_AUDIT_CHV_FAILURE 0x0
#define SCARD_AUDIT_CHV_SUCCESS 0x1

#else

#define MAX_ATR_SIZE                  33 /* bytes */

typedef struct {
    const char *szReader;
    void *pvUserData;
    DWORD dwCurrentState; /* in: what the caller believes */
    DWORD dwEventState;   /* out: what is so */
    DWORD cbAtr;          /* out: bytes of rgbAtr in use */
    unsigned char rgbAtr[MAX_ATR_SIZE];
} SCARD_READERSTATE, *LPSCARD_READERSTATE;

/* Bytes: a reader's name with its NUL, a short command or an attribute, an extended
 * command. READERS_CONTEXTS: what callers size arrays with; more are served. */
#define MAX_READERNAME                128
#define MAX_BUFFER_SIZE               264
#define MAX_BUFFER_SIZE_EXTENDED      (4 + 3 + (1 << 16) + 3 + 2)
#define PCSCLITE_MAX_READERS_CONTEXTS 16

/* The release of pcsc-lite that the pcsc-lite face takes as its model. */
#define PCSCLITE_VERSION_NUMBER       "1.9.9"

#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The protocol control information of plain T=0, T=1 and raw exchanges. */
extern WINSCARDDATA const SCARD_IO_REQUEST g_rgSCardT0Pci;
extern WINSCARDDATA const SCARD_IO_REQUEST g_rgSCardT1Pci;
extern WINSCARDDATA const SCARD_IO_REQUEST g_rgSCardRawPci;

#ifdef __cplusplus
}
#endif

#define SCARD_PCI_T0  (&g_rgSCardT0Pci)
#define SCARD_PCI_T1  (&g_rgSCardT1Pci)
#define SCARD_PCI_RAW (&g_rgSCardRawPci)

#endif
