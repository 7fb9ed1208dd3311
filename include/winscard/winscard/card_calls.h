/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on connections to cards. The rules for all calls stand in winscard.h. */
#ifndef WINSCARD_CARD_CALLS_H
#define WINSCARD_CARD_CALLS_H

#include "arguments.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Connects to the card in a reader; SCardDisconnect ends it. May wait for the card's
 * reset and for the choice of its protocol (PPS).
 *
 * dwShareMode: SCARD_SHARE_*. dwPreferredProtocols: SCARD_PROTOCOL_* joined by |; with
 * SCARD_SHARE_DIRECT it may be 0 and means nothing: the card is not touched, and the
 * active protocol is the one that is in force already, or SCARD_PROTOCOL_UNDEFINED. Who
 * asks to share a card whose protocol is in force does not wait for another's
 * transaction. *phCard: the connection, 0 on failure. *pdwActiveProtocol:
 * the protocol chosen; the pointer may be NULL in the Windows ABI.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER: phCard is NULL; szReader is NULL (Windows ABI);
 *   pdwActiveProtocol is NULL (pcsc-lite ABI).
 * - SCARD_E_INVALID_VALUE: unknown share mode or protocol; a name of more than 128 bytes
 *   (pcsc-lite ABI).
 * - SCARD_E_UNKNOWN_READER: none of that name.
 * - SCARD_E_READER_UNAVAILABLE: it went away meanwhile.
 * - SCARD_E_NO_SMARTCARD: no card, and not DIRECT.
 * - SCARD_W_UNRESPONSIVE_CARD: mute.
 * - SCARD_E_PROTO_MISMATCH: no protocol in common.
 * - SCARD_E_SHARING_VIOLATION: somebody has it exclusively, or it is asked for
 *   exclusively while somebody has it.
 * - SCARD_W_SECURITY_VIOLATION: not allowed for this user.
 *
 * Source: MS-Docs SCardConnect. */
WINSCARDAPI LONG WINAPI WINSCARD_ANSI(SCardConnect)(SCARDCONTEXT hContext,
                                                    LPCSTR szReader, DWORD dwShareMode,
                                                    DWORD dwPreferredProtocols,
                                                    LPSCARDHANDLE phCard,
                                                    LPDWORD pdwActiveProtocol);

/* Changes share mode and protocol of a connection, and clears SCARD_W_RESET_CARD and
 * SCARD_W_REMOVED_CARD (a card must be there again).
 *
 * dwInitialization: SCARD_LEAVE_CARD, SCARD_RESET_CARD or SCARD_UNPOWER_CARD; the latter
 * two show as SCARD_W_RESET_CARD at the other connections. The rest is as for
 * SCardConnect; with SCARD_SHARE_DIRECT a protocol in force stays in force. Waits for
 * another's transaction.
 *
 * In the Windows ABI success ends the connection's transaction, all levels of it
 * (MS-Docs SCardEndTransaction); in the pcsc-lite ABI it stays. In the pcsc-lite ABI
 * SCARD_SHARE_EXCLUSIVE on a card that others share waits until they are gone.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER (pcsc-lite ABI): pdwActiveProtocol is NULL.
 * - SCARD_E_INVALID_VALUE: unknown share mode, protocol or initialization.
 * - SCARD_E_READER_UNAVAILABLE, SCARD_E_NO_SMARTCARD, SCARD_W_UNRESPONSIVE_CARD: as
 *   SCardConnect has them.
 * - SCARD_E_PROTO_MISMATCH: no protocol in common, or the card is to be left, but its
 *   protocol to be changed.
 * - SCARD_E_SHARING_VIOLATION (Windows ABI): it is asked for exclusively while somebody
 *   else has it.
 * - SCARD_E_CANCELLED (pcsc-lite ABI): SCardCancel ended the wait for a card alone.
 *
 * Source: MS-Docs SCardReconnect. */
WINSCARDAPI LONG WINAPI SCardReconnect(SCARDHANDLE hCard, DWORD dwShareMode,
                                       DWORD dwPreferredProtocols, DWORD dwInitialization,
                                       LPDWORD pdwActiveProtocol);

/* Ends a connection, and a transaction that it holds. Does not wait for another's
 * transaction: the card is left as it is then, whatever dwDisposition says.
 *
 * dwDisposition: SCARD_LEAVE_CARD and so on; all others show as SCARD_W_RESET_CARD at the
 * other connections. With SCARD_LEAVE_CARD the next connection finds what this one got
 * from the card, a verified PIN too, if it comes before the card loses its power:
 * WINSCARD_POWER_OFF_MS after the last connection ended, 5 seconds unless set. A
 * connection that ends without this call resets the card: SCardReleaseContext.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_VALUE: unknown disposition; the connection stays.
 *
 * Source: MS-Docs SCardDisconnect. */
WINSCARDAPI LONG WINAPI SCardDisconnect(SCARDHANDLE hCard, DWORD dwDisposition);

/* Begins a transaction: until it ends no other connection reaches the card. Waits for the
 * transactions of others, first come first served; nests in its own connection.
 *
 * A transaction that is idle while others wait is taken away: the card is reset, and all
 * connections to it get SCARD_W_RESET_CARD. In the Windows ABI it is idle after 5 seconds
 * without any call for the card by the connection's process (the rule of Windows 8 and
 * later; unlike there, it stays as long as nobody waits, unless
 * WINSCARD_TRANSACTION_STRICT is 1); in the pcsc-lite ABI after 60 seconds, or when the
 * process was stopped for 5, or is gone. WINSCARD_TRANSACTION_MS sets both: winscard(7).
 *
 * - INVALID_HANDLE. Card errors.
 *
 * Source: MS-Docs SCardBeginTransaction. */
WINSCARDAPI LONG WINAPI SCardBeginTransaction(SCARDHANDLE hCard);

/* Ends the innermost transaction. dwDisposition is as for SCardDisconnect; any but
 * SCARD_LEAVE_CARD shows as SCARD_W_RESET_CARD at this connection, too. Never waits for
 * another's transaction.
 *
 * - INVALID_HANDLE. Card errors.
 * - SCARD_E_INVALID_VALUE: unknown disposition.
 * - SCARD_E_NOT_TRANSACTED: this connection holds none.
 * - SCARD_E_SHARING_VIOLATION (pcsc-lite ABI): it holds none, and another does.
 *
 * Source: MS-Docs SCardEndTransaction. */
WINSCARDAPI LONG WINAPI SCardEndTransaction(SCARDHANDLE hCard, DWORD dwDisposition);

/* State of a connection's reader and card, also after the card was reset or removed.
 * Every pointer may be NULL.
 *
 * mszReaderName with pcchReaderLen, out buffer: the reader's names, a multi-string, the
 * introduced one that the connection was made by first; one name with one NUL in the
 * pcsc-lite ABI. pbAtr with pcbAtrLen, out buffer: the ATR, at
 * most 33 bytes. *pdwState: SCARD_ABSENT and so on; in the pcsc-lite ABI bits, with the
 * card's event counter in the high word. *pdwProtocol: the active protocol.
 *
 * - INVALID_HANDLE.
 * - Card errors. But for SCARD_E_READER_UNAVAILABLE the out arguments are filled.
 * - SCARD_E_INSUFFICIENT_BUFFER: both lengths receive what is needed.
 *
 * Source: MS-Docs SCardStatus. */
WINSCARDAPI LONG WINAPI WINSCARD_ANSI(SCardStatus)(SCARDHANDLE hCard, LPSTR mszReaderName,
                                                   LPDWORD pcchReaderLen,
                                                   LPDWORD pdwState, LPDWORD pdwProtocol,
                                                   LPBYTE pbAtr, LPDWORD pcbAtrLen);

/* Sends a command (an APDU, or raw bytes) and receives its answer. Waits for another
 * connection's transaction, and as long as the card asks for more time. With T=0, readers
 * that take TPDUs give 61xx and 6Cxx back to the caller. Nothing is retried; an answer
 * that does not fit is lost.
 *
 * pioSendPci: the protocol, SCARD_PCI_T0 and so on; NULL means the active one in the
 * Windows ABI. cbSendLength: bytes, at most 65548. pioRecvPci: NULL, or where the
 * protocol is stored; its cbPciLength is its room. pbRecvBuffer with pcbRecvLength: out
 * buffer.
 *
 * - INVALID_HANDLE. Card errors.
 * - SCARD_E_INVALID_PARAMETER: pbSendBuffer, pbRecvBuffer or pcbRecvLength is NULL;
 *   pioSendPci is NULL (pcsc-lite ABI); the command is empty or, in the Windows ABI, too
 *   long; the PCI names no protocol (Windows ABI).
 * - SCARD_E_PROTO_MISMATCH: not the active protocol.
 * - SCARD_E_PCI_TOO_SMALL (Windows ABI): cbPciLength is below the size of the structure.
 * - ERROR_INSUFFICIENT_BUFFER (Windows ABI), SCARD_E_INSUFFICIENT_BUFFER (pcsc-lite ABI):
 *   the answer does not fit into *pcbRecvLength bytes, which may be 0; the length
 *   receives what is needed. In the pcsc-lite ABI also: the command is too long.
 * - SCARD_E_NOT_READY, SCARD_E_COMM_DATA_LOST: the reader failed.
 * - SCARD_E_TIMEOUT: the card never answered.
 * - SCARD_W_UNPOWERED_CARD: a connection took its power (IOCTL_SMARTCARD_POWER).
 *
 * Source: MS-Docs SCardTransmit. */
WINSCARDAPI LONG WINAPI SCardTransmit(SCARDHANDLE hCard, LPCSCARD_IO_REQUEST pioSendPci,
                                      LPCBYTE pbSendBuffer, DWORD cbSendLength,
                                      LPSCARD_IO_REQUEST pioRecvPci, LPBYTE pbRecvBuffer,
                                      LPDWORD pcbRecvLength);

/* Sends a control code and nInBufferSize bytes to the reader's driver; its answer goes to
 * lpOutBuffer, which has room for nOutBufferSize bytes. Waits for another connection's
 * transaction. reader.h and winsmcrd.h have the codes; either ABI's SCARD_CTL_CODE is
 * understood.
 *
 * Buffers may be NULL where their size is 0. *lpBytesReturned: bytes of the answer, 0 if
 * none; the pointer may be NULL in the pcsc-lite ABI.
 *
 * - INVALID_HANDLE. Card errors.
 * - SCARD_E_INVALID_PARAMETER: a buffer is NULL and its size is not 0; lpBytesReturned is
 *   NULL, or nInBufferSize more than 65548 (Windows ABI).
 * - SCARD_E_INSUFFICIENT_BUFFER: the answer does not fit, and *lpBytesReturned receives
 *   what is needed; nInBufferSize is more than 65548 (pcsc-lite ABI).
 * - ERROR_INVALID_FUNCTION (Windows ABI), SCARD_E_UNSUPPORTED_FEATURE (pcsc-lite ABI):
 *   the driver does not know the code.
 * - SCARD_E_NO_SMARTCARD, SCARD_E_NOT_READY, SCARD_E_PROTO_MISMATCH,
 *   SCARD_W_UNRESPONSIVE_CARD, ERROR_NOT_SUPPORTED (Windows ABI): of the codes of
 *   winsmcrd.h, which says when.
 *
 * Source: MS-Docs SCardControl. */
WINSCARDAPI LONG WINAPI SCardControl(SCARDHANDLE hCard, DWORD dwControlCode,
                                     LPCVOID lpInBuffer, DWORD nInBufferSize,
                                     LPVOID lpOutBuffer, DWORD nOutBufferSize,
                                     LPDWORD lpBytesReturned);

/* An attribute of the reader or card, SCARD_ATTR_*. pbAttr with pcbAttrLen: out buffer.
 * Waits for another connection's transaction where the reader's driver has to be asked.
 *
 * - INVALID_HANDLE. Card errors.
 * - ERROR_NOT_SUPPORTED (Windows ABI), SCARD_E_UNSUPPORTED_FEATURE (pcsc-lite ABI): there
 *   is no such attribute.
 *
 * After a reset or a removal attributes of the reader are given all the same in the
 * Windows ABI: all but those of the card's protocol and ATR.
 *
 * Source: MS-Docs SCardGetAttrib. */
WINSCARDAPI LONG WINAPI SCardGetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPBYTE pbAttr,
                                       LPDWORD pcbAttrLen);

/* Sets an attribute to cbAttrLen bytes, at most 264. Waits for another connection's
 * transaction.
 *
 * - INVALID_HANDLE. SCARD_E_READER_UNAVAILABLE.
 * - SCARD_E_INVALID_PARAMETER: pbAttr is NULL, the length 0, or more than 264 (Windows
 *   ABI).
 * - SCARD_E_INSUFFICIENT_BUFFER (pcsc-lite ABI): the length is more than 264.
 * - ERROR_NOT_SUPPORTED (Windows ABI), SCARD_E_UNSUPPORTED_FEATURE (pcsc-lite ABI): it
 *   cannot be set.
 *
 * Source: MS-Docs SCardSetAttrib. */
WINSCARDAPI LONG WINAPI SCardSetAttrib(SCARDHANDLE hCard, DWORD dwAttrId, LPCBYTE pbAttr,
                                       DWORD cbAttrLen);

#ifdef WINSCARD_ABI_WINDOWS

WINSCARDAPI LONG WINAPI SCardConnectW(SCARDCONTEXT hContext, LPCWSTR szReader,
                                      DWORD dwShareMode, DWORD dwPreferredProtocols,
                                      LPSCARDHANDLE phCard, LPDWORD pdwActiveProtocol);
WINSCARDAPI LONG WINAPI SCardStatusW(SCARDHANDLE hCard, LPWSTR mszReaderName,
                                     LPDWORD pcchReaderLen, LPDWORD pdwState,
                                     LPDWORD pdwProtocol, LPBYTE pbAtr,
                                     LPDWORD pcbAtrLen);

/* SCardStatus without the reader's name.
 *
 * - The errors of SCardStatus.
 *
 * Source: the first PC/SC release of Windows. */
WINSCARDAPI LONG WINAPI SCardState(SCARDHANDLE hCard, LPDWORD pdwState,
                                   LPDWORD pdwProtocol, LPBYTE pbAtr, LPDWORD pcbAtrLen);

/* How many times SCardTransmit succeeded in this connection's reader, by anybody, since
 * the reader came; by this process alone where a pcscd has the readers.
 *
 * - INVALID_HANDLE. Card errors.
 * - SCARD_E_INVALID_PARAMETER: pcTransmitCount is NULL.
 *
 * Source: MS-Docs SCardGetTransmitCount. */
WINSCARDAPI LONG WINAPI SCardGetTransmitCount(SCARDHANDLE hCard, LPDWORD pcTransmitCount);

#define SCardConnect WINSCARD_NAME_AW(SCardConnect)
#define SCardStatus  WINSCARD_NAME_AW(SCardStatus)

/* The older names. */
#define SCardGetReaderCapabilities SCardGetAttrib
#define SCardSetReaderCapabilities SCardSetAttrib

#endif

#ifdef __cplusplus
}
#endif

#endif
