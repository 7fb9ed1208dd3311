/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on readers: which there are, what happens in them, where a card is.
 * The rules that hold for all calls stand in winscard.h. */
#ifndef WINSCARD_READER_CALLS_H
#define WINSCARD_READER_CALLS_H

#include "arguments.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The names of all reader groups: in the Windows ABI SCard$DefaultReaders, if a reader is
 * there or was introduced into it, and those of the database, all of which have a member,
 * there or not; there may be none. In the pcsc-lite ABI always SCard$DefaultReaders
 * alone. mszGroups with pcchGroups: out buffer. hContext may be 0 in the Windows ABI.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER also: mszGroups is NULL with SCARD_AUTOALLOCATE (pcsc-lite
 *   ABI).
 *
 * Source: MS-Docs SCardListReaderGroups. */
WINSCARDAPI LONG WINAPI WINSCARD_ANSI(SCardListReaderGroups)(SCARDCONTEXT hContext,
                                                             LPSTR mszGroups,
                                                             LPDWORD pcchGroups);

/* The names of the readers in any of the groups. hContext may be 0 in the Windows ABI.
 *
 * mszGroups, a multi-string: NULL or SCARD_ALL_READERS for every reader that is there,
 * and each introduced name (SCardIntroduceReader) of one; SCARD_DEFAULT_READERS for every
 * reader that is there, and introduced names in that group; other groups for their
 * members that are there. A reader whose own name was forgotten (SCardForgetReader) is
 * left out. An unknown group has none. Ignored in the pcsc-lite ABI. Each name comes
 * once: readers in the order they came, then introduced names. mszReaders with
 * pcchReaders: out buffer.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER also: mszReaders is NULL with SCARD_AUTOALLOCATE (pcsc-lite
 *   ABI); a list of groups that has no end in 65536 characters (Windows ABI).
 * - SCARD_E_NO_READERS_AVAILABLE: there is none; the length is 1 in the pcsc-lite ABI.
 *
 * Source: MS-Docs SCardListReaders. */
WINSCARDAPI LONG WINAPI WINSCARD_ANSI(SCardListReaders)(SCARDCONTEXT hContext,
                                                        LPCSTR mszGroups,
                                                        LPSTR mszReaders,
                                                        LPDWORD pcchReaders);

/* Waits until the state of one of cReaders readers is not the dwCurrentState of its
 * entry, at most dwTimeout milliseconds (0: looks and returns; INFINITE: no limit). Fills
 * dwEventState, cbAtr and rgbAtr of each entry. cReaders 0: success at once.
 *
 * SCARD_STATE_UNAWARE reports at once; SCARD_STATE_IGNORE skips the entry. States differ
 * in their bits, or in the counter of the high word if the caller passed one;
 * SCARD_STATE_CHANGED marks the entry. EMPTY and UNAVAILABLE stand alone: bits behind
 * them are never set, and are not looked at in dwCurrentState (in the pcsc-lite ABI,
 * PRESENT with EMPTY is). ATRMATCH, EXCLUSIVE or INUSE there imply PRESENT (Windows ABI).
 *
 * A reader that goes away while waiting gets UNKNOWN, UNAVAILABLE and CHANGED. One that
 * was away between two calls goes on counting: its departure is one, and a card that is
 * in when it comes is another, so that the state of the call before is CHANGED. An
 * introduced name stands for its reader.
 *
 * An entry with the name "\\\\?PnP?\\Notification" (as C writes it) waits for readers to
 * come and go. Its high word is their number, and it is CHANGED at once where that of
 * dwCurrentState is another one, 0 too (Windows ABI); in the pcsc-lite ABI it counts
 * arrivals and departures, and 0 there waits for the next.
 *
 * A card that was put in is reported when it has given its ATR, or has failed to; until
 * then its entry says what the caller knows, and other readers' news comes without it. A
 * call that has nothing else to tell, or asks about the reader for the first time
 * (SCARD_STATE_UNAWARE), waits for that, even past dwTimeout, but not longer than 3 s
 * after the card was put in: then the card is reported without ATR (cbAtr 0).
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER: rgReaderStates is NULL.
 * - SCARD_E_INVALID_VALUE (pcsc-lite ABI): a name is NULL.
 * - SCARD_E_UNKNOWN_READER: no reader of that name; its entry says SCARD_STATE_UNKNOWN.
 * - SCARD_E_TIMEOUT: nothing changed.
 * - SCARD_E_CANCELLED: SCardCancel.
 *
 * Source: MS-Docs SCardGetStatusChange. */
WINSCARDAPI LONG WINAPI WINSCARD_ANSI(SCardGetStatusChange)(
    SCARDCONTEXT hContext, DWORD dwTimeout,
    WINSCARD_ANSI(LPSCARD_READERSTATE) rgReaderStates, DWORD cReaders);

#ifdef WINSCARD_ABI_WINDOWS

WINSCARDAPI LONG WINAPI SCardListReaderGroupsW(SCARDCONTEXT hContext, LPWSTR mszGroups,
                                               LPDWORD pcchGroups);
WINSCARDAPI LONG WINAPI SCardListReadersW(SCARDCONTEXT hContext, LPCWSTR mszGroups,
                                          LPWSTR mszReaders, LPDWORD pcchReaders);
WINSCARDAPI LONG WINAPI SCardGetStatusChangeW(SCARDCONTEXT hContext, DWORD dwTimeout,
                                              LPSCARD_READERSTATEW rgReaderStates,
                                              DWORD cReaders);

/* Marks with SCARD_STATE_ATRMATCH the readers that hold a card of one of the named types,
 * and fills the entries as SCardGetStatusChange with time limit 0 does. mszCards, a
 * multi-string: card types, see SCardIntroduceCardType; unknown ones are ignored
 * (MS-RDPESC 2.2.2.9). hContext must be valid.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER: mszCards or rgReaderStates is NULL, or mszCards has more
 *   than 4096 names.
 * - SCARD_E_UNKNOWN_READER. SCARD_E_CANCELLED.
 *
 * Source: MS-Docs SCardLocateCards. */
WINSCARDAPI LONG WINAPI SCardLocateCardsA(SCARDCONTEXT hContext, LPCSTR mszCards,
                                          LPSCARD_READERSTATEA rgReaderStates,
                                          DWORD cReaders);
WINSCARDAPI LONG WINAPI SCardLocateCardsW(SCARDCONTEXT hContext, LPCWSTR mszCards,
                                          LPSCARD_READERSTATEW rgReaderStates,
                                          DWORD cReaders);

/* The same with cAtrs patterns in place of names.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER: a pointer is NULL, or a cbAtr is more than 36.
 * - SCARD_E_UNKNOWN_READER. SCARD_E_CANCELLED.
 *
 * Source: MS-Docs SCardLocateCardsByATR. */
WINSCARDAPI LONG WINAPI SCardLocateCardsByATRA(SCARDCONTEXT hContext,
                                               LPSCARD_ATRMASK rgAtrMasks, DWORD cAtrs,
                                               LPSCARD_READERSTATEA rgReaderStates,
                                               DWORD cReaders);
WINSCARDAPI LONG WINAPI SCardLocateCardsByATRW(SCARDCONTEXT hContext,
                                               LPSCARD_ATRMASK rgAtrMasks, DWORD cAtrs,
                                               LPSCARD_READERSTATEW rgReaderStates,
                                               DWORD cReaders);

/* The reader's picture, as the bytes of an icon file: one that the library has for every
 * reader. pbIcon with pcbIcon: out buffer. hContext must be valid.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER also: szReaderName is NULL.
 * - SCARD_E_UNKNOWN_READER.
 *
 * Source: MS-Docs SCardGetReaderIcon. */
WINSCARDAPI LONG WINAPI SCardGetReaderIconA(SCARDCONTEXT hContext, LPCSTR szReaderName,
                                            LPBYTE pbIcon, LPDWORD pcbIcon);
WINSCARDAPI LONG WINAPI SCardGetReaderIconW(SCARDCONTEXT hContext, LPCWSTR szReaderName,
                                            LPBYTE pbIcon, LPDWORD pcbIcon);

/* How the reader is attached: *pdwDeviceTypeId is one of SCARD_READER_TYPE_*. hContext
 * must be valid.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER: a pointer is NULL.
 * - SCARD_E_UNKNOWN_READER.
 *
 * Source: MS-Docs SCardGetDeviceTypeId. */
WINSCARDAPI LONG WINAPI SCardGetDeviceTypeIdA(SCARDCONTEXT hContext, LPCSTR szReaderName,
                                              LPDWORD pdwDeviceTypeId);
WINSCARDAPI LONG WINAPI SCardGetDeviceTypeIdW(SCARDCONTEXT hContext, LPCWSTR szReaderName,
                                              LPDWORD pdwDeviceTypeId);

/* The system's name of the reader's device: on Windows the device instance id, elsewhere
 * USB\VID_xxxx&PID_xxxx\ and the bus and port path or the serial number.
 * szDeviceInstanceId with pcchDeviceInstanceId: out buffer. hContext must be valid.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER also: szReaderName is NULL.
 * - SCARD_E_UNKNOWN_READER.
 *
 * Source: MS-Docs SCardGetReaderDeviceInstanceId. */
WINSCARDAPI LONG WINAPI SCardGetReaderDeviceInstanceIdA(SCARDCONTEXT hContext,
                                                        LPCSTR szReaderName,
                                                        LPSTR szDeviceInstanceId,
                                                        LPDWORD pcchDeviceInstanceId);
WINSCARDAPI LONG WINAPI SCardGetReaderDeviceInstanceIdW(SCARDCONTEXT hContext,
                                                        LPCWSTR szReaderName,
                                                        LPWSTR szDeviceInstanceId,
                                                        LPDWORD pcchDeviceInstanceId);

/* The readers of a device, and introduced names of theirs; own names that were forgotten
 * too. mszReaders with pcchReaders: out buffer.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_NO_READERS_AVAILABLE: the device has none, or does not exist.
 *
 * Source: MS-Docs SCardListReadersWithDeviceInstanceId. */
WINSCARDAPI LONG WINAPI SCardListReadersWithDeviceInstanceIdA(SCARDCONTEXT hContext,
                                                              LPCSTR szDeviceInstanceId,
                                                              LPSTR mszReaders,
                                                              LPDWORD pcchReaders);
WINSCARDAPI LONG WINAPI SCardListReadersWithDeviceInstanceIdW(SCARDCONTEXT hContext,
                                                              LPCWSTR szDeviceInstanceId,
                                                              LPWSTR mszReaders,
                                                              LPDWORD pcchReaders);

/* clang-format off */
#define SCardListReaderGroups          WINSCARD_NAME_AW(SCardListReaderGroups)
#define SCardListReaders               WINSCARD_NAME_AW(SCardListReaders)
#define SCardGetStatusChange           WINSCARD_NAME_AW(SCardGetStatusChange)
#define SCardLocateCards               WINSCARD_NAME_AW(SCardLocateCards)
#define SCardLocateCardsByATR          WINSCARD_NAME_AW(SCardLocateCardsByATR)
#define SCardGetReaderIcon             WINSCARD_NAME_AW(SCardGetReaderIcon)
#define SCardGetDeviceTypeId           WINSCARD_NAME_AW(SCardGetDeviceTypeId)
#define SCardGetReaderDeviceInstanceId WINSCARD_NAME_AW(SCardGetReaderDeviceInstanceId)
#define SCardListReadersWithDeviceInstanceId \
    WINSCARD_NAME_AW(SCardListReadersWithDeviceInstanceId)
/* clang-format on */

#endif

#ifdef __cplusplus
}
#endif

#endif
