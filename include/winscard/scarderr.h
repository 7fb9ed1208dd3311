/* SPDX-License-Identifier: BSD-2-Clause */
/* The status codes of every call (winerror.h, FACILITY_SCARD), one list for both ABIs. */
#ifndef WINSCARD_SCARDERR_H
#define WINSCARD_SCARDERR_H

#include "winscard/target.h"

#include "winscard/types.h"

#ifdef WINSCARD_ON_WINDOWS
#include <winerror.h>
#endif

/* A code is a LONG: negative where LONG has 32 bits, and the positive number 0x8010xxxx
 * in the pcsc-lite ABI on LP64. Compare with these names, never with the sign.
 *
 * E_: the call was refused or failed. W_: the card or user is the cause. F_: the resource
 * manager itself failed. P_: the system is the cause.
 * Source: MS-Docs "Smart Card Return Values"; pcsc-lite pcsclite.h. */
#ifndef SCARD_S_SUCCESS

#define SCARD_S_SUCCESS ((LONG)0)

/* An invariant of the library did not hold. */
#define SCARD_F_INTERNAL_ERROR ((LONG)0x80100001)
/* Ended by SCardCancel or by the release of the context. */
#define SCARD_E_CANCELLED ((LONG)0x80100002)
/* Not a context or card handle, or no longer one. */
#define SCARD_E_INVALID_HANDLE ((LONG)0x80100003)
/* A pointer is NULL, or an argument makes no sense. */
#define SCARD_E_INVALID_PARAMETER ((LONG)0x80100004)
/* Registry information about a card or reader is bad. */
#define SCARD_E_INVALID_TARGET ((LONG)0x80100005)
/* Out of memory, or a limit of the manager is reached. */
#define SCARD_E_NO_MEMORY ((LONG)0x80100006)
/* An internal time limit ran out. */
#define SCARD_F_WAITED_TOO_LONG ((LONG)0x80100007)
/* Buffer too small; the length says what is needed. */
#define SCARD_E_INSUFFICIENT_BUFFER ((LONG)0x80100008)
/* No reader of that name. */
#define SCARD_E_UNKNOWN_READER ((LONG)0x80100009)
/* The caller's time limit ran out. */
#define SCARD_E_TIMEOUT ((LONG)0x8010000A)
/* Another handle has the card. */
#define SCARD_E_SHARING_VIOLATION ((LONG)0x8010000B)
/* The call needs a card and there is none. */
#define SCARD_E_NO_SMARTCARD ((LONG)0x8010000C)
/* No card type of that name. */
#define SCARD_E_UNKNOWN_CARD ((LONG)0x8010000D)
/* The reader cannot do what the disposition asks. */
#define SCARD_E_CANT_DISPOSE ((LONG)0x8010000E)
/* Card and caller have no protocol in common. */
#define SCARD_E_PROTO_MISMATCH ((LONG)0x8010000F)
/* The reader or card is not ready for commands. */
#define SCARD_E_NOT_READY ((LONG)0x80100010)
/* An argument is none of the defined values. */
#define SCARD_E_INVALID_VALUE ((LONG)0x80100011)
/* Ended by the system, as at log-off. */
#define SCARD_E_SYSTEM_CANCELLED ((LONG)0x80100012)
/* The way to the reader or manager failed. */
#define SCARD_F_COMM_ERROR ((LONG)0x80100013)
/* Failed for an unknown reason. */
#define SCARD_F_UNKNOWN_ERROR ((LONG)0x80100014)
/* The ATR breaks ISO/IEC 7816-3. */
#define SCARD_E_INVALID_ATR ((LONG)0x80100015)
/* No transaction to end. */
#define SCARD_E_NOT_TRANSACTED ((LONG)0x80100016)
/* The reader was removed. */
#define SCARD_E_READER_UNAVAILABLE ((LONG)0x80100017)
/* The operation was stopped for a shutdown. */
#define SCARD_P_SHUTDOWN ((LONG)0x80100018)
/* The PCI buffer is too small. */
#define SCARD_E_PCI_TOO_SMALL ((LONG)0x80100019)
/* The reader's driver misses required features. */
#define SCARD_E_READER_UNSUPPORTED ((LONG)0x8010001A)
/* The driver or name is already there. */
#define SCARD_E_DUPLICATE_READER ((LONG)0x8010001B)
/* The card does not meet the minimal requirements. */
#define SCARD_E_CARD_UNSUPPORTED ((LONG)0x8010001C)
/* No resource manager is running. */
#define SCARD_E_NO_SERVICE ((LONG)0x8010001D)
/* The resource manager has stopped. */
#define SCARD_E_SERVICE_STOPPED ((LONG)0x8010001E)
/* An unexpected error of a card module. */
#define SCARD_E_UNEXPECTED ((LONG)0x8010001F)
/* No primary provider for the card. */
#define SCARD_E_ICC_INSTALLATION ((LONG)0x80100020)
/* Objects created in an impossible order. */
#define SCARD_E_ICC_CREATEORDER ((LONG)0x80100021)
/* Not a feature of this card or reader; pcsc-lite gives it the number of
 * SCARD_E_UNEXPECTED */
#ifdef WINSCARD_ABI_WINDOWS
#define SCARD_E_UNSUPPORTED_FEATURE ((LONG)0x80100022)
#else
#define SCARD_E_UNSUPPORTED_FEATURE ((LONG)0x8010001F)
#endif

/* The card has no such directory. */
#define SCARD_E_DIR_NOT_FOUND ((LONG)0x80100023)
/* The card has no such file. */
#define SCARD_E_FILE_NOT_FOUND ((LONG)0x80100024)
/* The path is not a directory on the card. */
#define SCARD_E_NO_DIR ((LONG)0x80100025)
/* The path is not a file on the card. */
#define SCARD_E_NO_FILE ((LONG)0x80100026)
/* Access to this file is denied. */
#define SCARD_E_NO_ACCESS ((LONG)0x80100027)
/* The card cannot hold that much. */
#define SCARD_E_WRITE_TOO_MANY ((LONG)0x80100028)
/* The file pointer cannot be set there. */
#define SCARD_E_BAD_SEEK ((LONG)0x80100029)
/* The PIN is not well formed. */
#define SCARD_E_INVALID_CHV ((LONG)0x8010002A)
/* A layer gave an unknown error. */
#define SCARD_E_UNKNOWN_RES_MNG ((LONG)0x8010002B)
/* The certificate does not exist. */
#define SCARD_E_NO_SUCH_CERTIFICATE ((LONG)0x8010002C)
/* The certificate cannot be had now. */
#define SCARD_E_CERTIFICATE_UNAVAILABLE ((LONG)0x8010002D)
/* There is no reader. */
#define SCARD_E_NO_READERS_AVAILABLE ((LONG)0x8010002E)
/* Data was lost on the way; try again. */
#define SCARD_E_COMM_DATA_LOST ((LONG)0x8010002F)
/* The card has no such key container. */
#define SCARD_E_NO_KEY_CONTAINER ((LONG)0x80100030)
/* The resource manager is too busy. */
#define SCARD_E_SERVER_TOO_BUSY ((LONG)0x80100031)
/* The cached PIN has expired. */
#define SCARD_E_PIN_CACHE_EXPIRED ((LONG)0x80100032)
/* The PIN cannot be cached. */
#define SCARD_E_NO_PIN_CACHE ((LONG)0x80100033)
/* The card cannot be written. */
#define SCARD_E_READ_ONLY_CARD ((LONG)0x80100034)

/* No way to talk to this card was found. */
#define SCARD_W_UNSUPPORTED_CARD ((LONG)0x80100065)
/* The card does not answer a reset. */
#define SCARD_W_UNRESPONSIVE_CARD ((LONG)0x80100066)
/* The card has no power. */
#define SCARD_W_UNPOWERED_CARD ((LONG)0x80100067)
/* The card was reset by somebody else. */
#define SCARD_W_RESET_CARD ((LONG)0x80100068)
/* The card was removed. */
#define SCARD_W_REMOVED_CARD ((LONG)0x80100069)
/* Access was denied. */
#define SCARD_W_SECURITY_VIOLATION ((LONG)0x8010006A)
/* Wrong PIN. */
#define SCARD_W_WRONG_CHV ((LONG)0x8010006B)
/* The PIN is blocked. */
#define SCARD_W_CHV_BLOCKED ((LONG)0x8010006C)
/* End of the card's file. */
#define SCARD_W_EOF ((LONG)0x8010006D)
/* The user cancelled. */
#define SCARD_W_CANCELLED_BY_USER ((LONG)0x8010006E)
/* No PIN was presented. */
#define SCARD_W_CARD_NOT_AUTHENTICATED ((LONG)0x8010006F)
/* The cache has no such item. */
#define SCARD_W_CACHE_ITEM_NOT_FOUND ((LONG)0x80100070)
/* The cached item is older than asked for. */
#define SCARD_W_CACHE_ITEM_STALE ((LONG)0x80100071)
/* The item is larger than the cache takes. */
#define SCARD_W_CACHE_ITEM_TOO_BIG ((LONG)0x80100072)

#endif

/* pcsc-lite's other spelling of the same code. */
#ifdef WINSCARD_ABI_PCSCLITE
#define SCARD_E_UNKNOWN_RES_MSG SCARD_E_UNKNOWN_RES_MNG
#endif

/* Win32 codes that calls of the Windows ABI return beside the above. */
#ifdef WINSCARD_OWN_WINDOWS
#define NO_ERROR                  0
#define ERROR_SUCCESS             0
#define ERROR_INVALID_FUNCTION    1 /* SCardControl: unknown control code */
#define ERROR_FILE_NOT_FOUND      2 /* SCardGetCardTypeProviderName: none of it */
#define ERROR_ACCESS_DENIED       5
#define ERROR_INVALID_HANDLE      6  /* 0, released or foreign context or card handle */
#define ERROR_NOT_SUPPORTED       50 /* SCardGetAttrib: unknown attribute */
#define ERROR_INVALID_PARAMETER   87
#define ERROR_INSUFFICIENT_BUFFER 122 /* SCardTransmit: the answer does not fit */
#define ERROR_ALREADY_EXISTS      183 /* SCardIntroduceCardType: the name is taken */
#define ERROR_DI_DO_DEFAULT       0xE000020E /* ClassInstall32: nothing to do here */
#endif

#endif
