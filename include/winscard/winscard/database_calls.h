/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on the database of readers, groups and card types, and on the card cache (Windows
 * ABI only). The rules that hold for all calls stand in winscard.h. */
#ifndef WINSCARD_DATABASE_CALLS_H
#define WINSCARD_DATABASE_CALLS_H

#include "arguments.h"

#ifdef WINSCARD_ABI_WINDOWS

#ifdef __cplusplus
extern "C" {
#endif

/* Reading: hContext may be 0; the user's records come before the system's. Writing: the
 * context's scope decides which are written; it must be valid, but where 0 is said to
 * mean the system's scope. Without the right to write SCARD_W_SECURITY_VIOLATION; in a
 * build without a database SCARD_E_UNSUPPORTED_FEATURE. All: INVALID_HANDLE, and
 * SCARD_E_INVALID_PARAMETER for a name that no registry key can have, or a pointer that
 * is NULL. Not repeated. */

/* Names of card types: those that match pbAtr (a whole ATR; its length is read from it)
 * and support every one of cguidInterfaceCount interfaces. pbAtr NULL: by interfaces
 * only; both NULL: all. mszCards with pcchCards: out buffer; it may be an empty list.
 *
 * - SCARD_E_INVALID_ATR: pbAtr is not an ATR.
 * - SCARD_E_INVALID_PARAMETER: more than 64 interfaces.
 *
 * Source: MS-Docs SCardListCards. */
WINSCARDAPI LONG WINAPI SCardListCardsA(SCARDCONTEXT hContext, LPCBYTE pbAtr,
                                        LPCGUID rgquidInterfaces,
                                        DWORD cguidInterfaceCount, LPSTR mszCards,
                                        LPDWORD pcchCards);
WINSCARDAPI LONG WINAPI SCardListCardsW(SCARDCONTEXT hContext, LPCBYTE pbAtr,
                                        LPCGUID rgquidInterfaces,
                                        DWORD cguidInterfaceCount, LPWSTR mszCards,
                                        LPDWORD pcchCards);

/* The interfaces of a card type. pguidInterfaces with pcguidInterfaces: out buffer,
 * counted in GUIDs.
 *
 * - SCARD_E_UNKNOWN_CARD.
 *
 * Source: MS-Docs SCardListInterfaces. */
WINSCARDAPI LONG WINAPI SCardListInterfacesA(SCARDCONTEXT hContext, LPCSTR szCard,
                                             LPGUID pguidInterfaces,
                                             LPDWORD pcguidInterfaces);
WINSCARDAPI LONG WINAPI SCardListInterfacesW(SCARDCONTEXT hContext, LPCWSTR szCard,
                                             LPGUID pguidInterfaces,
                                             LPDWORD pcguidInterfaces);

/* The primary service provider of a card type.
 *
 * - SCARD_E_UNKNOWN_CARD.
 * - SCARD_E_INVALID_TARGET: it has none, as tests of bindings have it of Windows.
 *
 * Source: MS-Docs SCardGetProviderId. */
WINSCARDAPI LONG WINAPI SCardGetProviderIdA(SCARDCONTEXT hContext, LPCSTR szCard,
                                            LPGUID pguidProviderId);
WINSCARDAPI LONG WINAPI SCardGetProviderIdW(SCARDCONTEXT hContext, LPCWSTR szCard,
                                            LPGUID pguidProviderId);

/* A provider's name; dwProviderId is one of SCARD_PROVIDER_*. szProvider with
 * pcchProvider: out buffer.
 *
 * - SCARD_E_UNKNOWN_CARD.
 * - ERROR_FILE_NOT_FOUND: the card type has none of it (as certutil says it on Windows).
 * - SCARD_E_INVALID_PARAMETER: unknown provider id.
 *
 * Source: MS-Docs SCardGetCardTypeProviderName. */
WINSCARDAPI LONG WINAPI SCardGetCardTypeProviderNameA(SCARDCONTEXT hContext,
                                                      LPCSTR szCardName,
                                                      DWORD dwProviderId,
                                                      LPSTR szProvider,
                                                      LPDWORD pcchProvider);
WINSCARDAPI LONG WINAPI SCardGetCardTypeProviderNameW(SCARDCONTEXT hContext,
                                                      LPCWSTR szCardName,
                                                      DWORD dwProviderId,
                                                      LPWSTR szProvider,
                                                      LPDWORD pcchProvider);

/* A group. One without a reader leaves no record, so introducing one changes nothing
 * until a reader is added; hContext may be 0 for that, which is the system's scope.
 *
 * - SCARD_E_INVALID_PARAMETER: forgetting, one of the system's own groups
 * (SCARD_ALL_READERS, SCARD_DEFAULT_READERS, SCARD_LOCAL_READERS, SCARD_SYSTEM_READERS).
 *
 * Source: MS-Docs SCardIntroduceReaderGroup, SCardForgetReaderGroup. */
WINSCARDAPI LONG WINAPI SCardIntroduceReaderGroupA(SCARDCONTEXT hContext,
                                                   LPCSTR szGroupName);
WINSCARDAPI LONG WINAPI SCardIntroduceReaderGroupW(SCARDCONTEXT hContext,
                                                   LPCWSTR szGroupName);
WINSCARDAPI LONG WINAPI SCardForgetReaderGroupA(SCARDCONTEXT hContext,
                                                LPCSTR szGroupName);
WINSCARDAPI LONG WINAPI SCardForgetReaderGroupW(SCARDCONTEXT hContext,
                                                LPCWSTR szGroupName);

/* A further name for a reader's device (its SCARD_ATTR_DEVICE_SYSTEM_NAME), which joins
 * SCard$DefaultReaders. It can be used wherever a reader is named. The device need not be
 * there.
 *
 * A reader's own name, which the system introduced, can be forgotten too, so that a
 * reader is renamed by introducing another name and forgetting its own. It is in no list
 * and no group then, until it is introduced in that scope;
 * SCardListReadersWithDeviceInstanceId has it all the same, and it still names the
 * device.
 *
 * - SCARD_E_DUPLICATE_READER: introducing, the name is taken.
 * - SCARD_E_UNKNOWN_READER: forgetting, there is no such name in the context's scope, or
 * it is forgotten already.
 *
 * Source: MS-Docs SCardIntroduceReader, SCardForgetReader. */
WINSCARDAPI LONG WINAPI SCardIntroduceReaderA(SCARDCONTEXT hContext, LPCSTR szReaderName,
                                              LPCSTR szDeviceName);
WINSCARDAPI LONG WINAPI SCardIntroduceReaderW(SCARDCONTEXT hContext, LPCWSTR szReaderName,
                                              LPCWSTR szDeviceName);
WINSCARDAPI LONG WINAPI SCardForgetReaderA(SCARDCONTEXT hContext, LPCSTR szReaderName);
WINSCARDAPI LONG WINAPI SCardForgetReaderW(SCARDCONTEXT hContext, LPCWSTR szReaderName);

/* Membership of a reader that is there or was introduced. Adding makes the group; taking
 * the last reader out removes it; out of a group that it is not in, it is taken already.
 *
 * - SCARD_E_UNKNOWN_READER.
 * - SCARD_E_INVALID_PARAMETER: one of the system's own groups, but for
 * SCARD_DEFAULT_READERS, which introduced names may join and leave. Other groups are
 * anybody's, also if their names begin with "SCard$".
 *
 * Source: MS-Docs SCardAddReaderToGroup, SCardRemoveReaderFromGroup. */
WINSCARDAPI LONG WINAPI SCardAddReaderToGroupA(SCARDCONTEXT hContext, LPCSTR szReaderName,
                                               LPCSTR szGroupName);
WINSCARDAPI LONG WINAPI SCardAddReaderToGroupW(SCARDCONTEXT hContext,
                                               LPCWSTR szReaderName, LPCWSTR szGroupName);
WINSCARDAPI LONG WINAPI SCardRemoveReaderFromGroupA(SCARDCONTEXT hContext,
                                                    LPCSTR szReaderName,
                                                    LPCSTR szGroupName);
WINSCARDAPI LONG WINAPI SCardRemoveReaderFromGroupW(SCARDCONTEXT hContext,
                                                    LPCWSTR szReaderName,
                                                    LPCWSTR szGroupName);

/* Adds a card type. pguidPrimaryProvider may be NULL. rgguidInterfaces has
 * dwInterfaceCount entries, at most 64 (NULL with 0). pbAtr and pbAtrMask have cbAtrLen
 * bytes, at most 36; a NULL mask is all ones. A card is of the type if its ATR is as long
 * and, under the mask, equals pbAtr: so a bit of pbAtr that the mask leaves out fits no
 * card.
 *
 * - ERROR_ALREADY_EXISTS: there is one of that name in the context's scope; it has to be
 *   forgotten first.
 * - SCARD_E_INVALID_PARAMETER: a length that is not allowed.
 *
 * Source: MS-Docs SCardIntroduceCardType. */
WINSCARDAPI LONG WINAPI SCardIntroduceCardTypeA(SCARDCONTEXT hContext, LPCSTR szCardName,
                                                LPCGUID pguidPrimaryProvider,
                                                LPCGUID rgguidInterfaces,
                                                DWORD dwInterfaceCount, LPCBYTE pbAtr,
                                                LPCBYTE pbAtrMask, DWORD cbAtrLen);
WINSCARDAPI LONG WINAPI SCardIntroduceCardTypeW(SCARDCONTEXT hContext, LPCWSTR szCardName,
                                                LPCGUID pguidPrimaryProvider,
                                                LPCGUID rgguidInterfaces,
                                                DWORD dwInterfaceCount, LPCBYTE pbAtr,
                                                LPCBYTE pbAtrMask, DWORD cbAtrLen);

/* Sets a provider's name, see SCardGetCardTypeProviderName. hContext may be 0, which is
 * the system's scope.
 *
 * - SCARD_E_UNKNOWN_CARD: not in that scope.
 * - SCARD_E_INVALID_PARAMETER: unknown provider id.
 *
 * Source: MS-Docs SCardSetCardTypeProviderName. */
WINSCARDAPI LONG WINAPI SCardSetCardTypeProviderNameA(SCARDCONTEXT hContext,
                                                      LPCSTR szCardName,
                                                      DWORD dwProviderId,
                                                      LPCSTR szProvider);
WINSCARDAPI LONG WINAPI SCardSetCardTypeProviderNameW(SCARDCONTEXT hContext,
                                                      LPCWSTR szCardName,
                                                      DWORD dwProviderId,
                                                      LPCWSTR szProvider);

/* Removes a card type.
 *
 * - SCARD_E_UNKNOWN_CARD.
 *
 * Source: MS-Docs SCardForgetCardType. */
WINSCARDAPI LONG WINAPI SCardForgetCardTypeA(SCARDCONTEXT hContext, LPCSTR szCardName);
WINSCARDAPI LONG WINAPI SCardForgetCardTypeW(SCARDCONTEXT hContext, LPCWSTR szCardName);

/* The cache of card contents that a user's programs share: those of another user neither
 * see nor change it, though Microsoft's pages call it global. An item belongs to a card
 * (CardIdentifier), has a name of at most 255 bytes of UTF-8, at most 65536 bytes, and a
 * freshness counter, which the card's writers raise: it tells whether the item still fits
 * the card, so that items outlive its removal. They end with the manager, which keeps 4
 * MiB of a user's; the oldest make room. hContext must be valid. Reading: Data with
 * DataLen is an out buffer. Writing: DataLen bytes.
 *
 * - SCARD_W_CACHE_ITEM_NOT_FOUND: reading, there is none.
 * - SCARD_W_CACHE_ITEM_STALE: reading, it has another freshness than FreshnessCounter (an
 *   older item is dropped); writing, a newer one is there.
 * - SCARD_W_CACHE_ITEM_TOO_BIG: writing, too many bytes.
 * - SCARD_E_INVALID_PARAMETER: the name is too long, or writing, empty.
 *
 * Source: MS-Docs SCardReadCache, SCardWriteCache. */
WINSCARDAPI LONG WINAPI SCardReadCacheA(SCARDCONTEXT hContext, UUID *CardIdentifier,
                                        DWORD FreshnessCounter, LPSTR LookupName,
                                        PBYTE Data, DWORD *DataLen);
WINSCARDAPI LONG WINAPI SCardReadCacheW(SCARDCONTEXT hContext, UUID *CardIdentifier,
                                        DWORD FreshnessCounter, LPWSTR LookupName,
                                        PBYTE Data, DWORD *DataLen);
WINSCARDAPI LONG WINAPI SCardWriteCacheA(SCARDCONTEXT hContext, UUID *CardIdentifier,
                                         DWORD FreshnessCounter, LPSTR LookupName,
                                         PBYTE Data, DWORD DataLen);
WINSCARDAPI LONG WINAPI SCardWriteCacheW(SCARDCONTEXT hContext, UUID *CardIdentifier,
                                         DWORD FreshnessCounter, LPWSTR LookupName,
                                         PBYTE Data, DWORD DataLen);

#define SCardListCards               WINSCARD_NAME_AW(SCardListCards)
#define SCardListInterfaces          WINSCARD_NAME_AW(SCardListInterfaces)
#define SCardGetProviderId           WINSCARD_NAME_AW(SCardGetProviderId)
#define SCardGetCardTypeProviderName WINSCARD_NAME_AW(SCardGetCardTypeProviderName)
#define SCardIntroduceReaderGroup    WINSCARD_NAME_AW(SCardIntroduceReaderGroup)
#define SCardForgetReaderGroup       WINSCARD_NAME_AW(SCardForgetReaderGroup)
#define SCardIntroduceReader         WINSCARD_NAME_AW(SCardIntroduceReader)
#define SCardForgetReader            WINSCARD_NAME_AW(SCardForgetReader)
#define SCardAddReaderToGroup        WINSCARD_NAME_AW(SCardAddReaderToGroup)
#define SCardRemoveReaderFromGroup   WINSCARD_NAME_AW(SCardRemoveReaderFromGroup)
#define SCardIntroduceCardType       WINSCARD_NAME_AW(SCardIntroduceCardType)
#define SCardSetCardTypeProviderName WINSCARD_NAME_AW(SCardSetCardTypeProviderName)
#define SCardForgetCardType          WINSCARD_NAME_AW(SCardForgetCardType)
#define SCardReadCache               WINSCARD_NAME_AW(SCardReadCache)
#define SCardWriteCache              WINSCARD_NAME_AW(SCardWriteCache)

/* The older names; the second one with its arguments in the order of the PC/SC draft. */
#define SCardListCardTypes SCardListCards
#define PCSCardIntroduceCardType(hContext, szCardName, pbAtr, pbAtrMask, cbAtrLen,       \
                                 pguidPrimaryProvider, rgguidInterfaces,                 \
                                 dwInterfaceCount)                                       \
    SCardIntroduceCardType(hContext, szCardName, pguidPrimaryProvider, rgguidInterfaces, \
                           dwInterfaceCount, pbAtr, pbAtrMask, cbAtrLen)

#ifdef __cplusplus
}
#endif

#endif
#endif
