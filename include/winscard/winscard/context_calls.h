/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls on contexts, on memory of the library and on the manager as a whole.
 * The rules that hold for all calls stand in winscard.h. */
#ifndef WINSCARD_CONTEXT_CALLS_H
#define WINSCARD_CONTEXT_CALLS_H

#include "arguments.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Opens a context; the caller releases it with SCardReleaseContext. Starts the manager in
 * the process if none is running elsewhere.
 *
 * dwScope: SCARD_SCOPE_*. The reserved pointers are ignored. *phContext is 0 on failure.
 *
 * - SCARD_E_INVALID_PARAMETER: phContext is NULL.
 * - SCARD_E_INVALID_VALUE: unknown scope.
 * - SCARD_W_SECURITY_VIOLATION: the service refuses this user.
 *
 * Source: MS-Docs SCardEstablishContext. */
WINSCARDAPI LONG WINAPI SCardEstablishContext(DWORD dwScope, LPCVOID pvReserved1,
                                              LPCVOID pvReserved2,
                                              LPSCARDCONTEXT phContext);

/* Releases a context with all its connections and ends its waiting calls. Connections
 * that were not ended by SCardDisconnect reset their cards, and so they do when their
 * process ends, however it does: what a program got from a card, such as a verified PIN,
 * does not outlive it. Other connections to the card get SCARD_W_RESET_CARD; where one of
 * them holds a transaction, the reset comes after it. In the Windows ABI memory that its
 * calls gave for SCARD_AUTOALLOCATE, and that was not freed, goes with the context; in
 * pcsc-lite's it stays the caller's.
 *
 * - INVALID_HANDLE.
 *
 * Source: MS-Docs SCardReleaseContext. */
WINSCARDAPI LONG WINAPI SCardReleaseContext(SCARDCONTEXT hContext);

/* Whether the context can still be used; does not wait for the manager.
 *
 * - INVALID_HANDLE.
 *
 * Source: MS-Docs SCardIsValidContext. */
WINSCARDAPI LONG WINAPI SCardIsValidContext(SCARDCONTEXT hContext);

/* Ends the context's SCardGetStatusChange and SCardLocateCards* calls that wait, and in
 * the pcsc-lite ABI SCardReconnect calls that wait until they have the card alone, with
 * SCARD_E_CANCELLED; success if none waits. Calls that wait for another's transaction go
 * on waiting.
 *
 * - INVALID_HANDLE.
 *
 * Source: MS-Docs SCardCancel. */
WINSCARDAPI LONG WINAPI SCardCancel(SCARDCONTEXT hContext);

/* Frees memory that a call gave for SCARD_AUTOALLOCATE; NULL is success. hContext may be
 * 0 in the Windows ABI, or any context of the program that was not released.
 *
 * In the pcsc-lite ABI this is free(), and the caller's own memory may be freed by it
 * too. In the Windows ABI nothing else than this call, or the release of the context, may
 * free the memory, and what is freed already does no harm.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER (Windows ABI): not memory of the library, or freed already.
 *
 * Source: MS-Docs SCardFreeMemory. */
WINSCARDAPI LONG WINAPI SCardFreeMemory(SCARDCONTEXT hContext, LPCVOID pvMem);

#ifdef WINSCARD_ABI_WINDOWS

/* An event that is set while the manager runs, which for a manager that is started by the
 * first call is always, and for a service of ours, too, whether it runs or not, which
 * SCardEstablishContext says; NULL if there is none to be had. Each call is answered by one of
 * SCardReleaseStartedEvent; the caller never closes the handle. A Windows program, also
 * under Wine, can wait for it; on Unix it is a token for the whole process and not NULL.
 *
 * Source: MS-Docs SCardAccessStartedEvent. */
WINSCARDAPI HANDLE WINAPI SCardAccessStartedEvent(void);
WINSCARDAPI void WINAPI SCardReleaseStartedEvent(void);

/* The same for an event that each arrival of a reader sets and one wait that sees it
 * clears. Only while it is taken is there a thread that looks for readers; that of a
 * manager that went away sets it no more. Undocumented; known from the exports of
 * winscard.dll. */
WINSCARDAPI HANDLE WINAPI SCardAccessNewReaderEvent(void);
WINSCARDAPI void WINAPI SCardReleaseNewReaderEvent(void);

/* Gives both events back, however often they were taken. Undocumented, as above. */
WINSCARDAPI void WINAPI SCardReleaseAllEvents(void);

/* Writes one of SCARD_AUDIT_* to the system's log.
 *
 * - INVALID_HANDLE.
 * - SCARD_E_INVALID_PARAMETER: unknown event.
 *
 * Source: MS-Docs SCardAudit. */
WINSCARDAPI LONG WINAPI SCardAudit(SCARDCONTEXT hContext, DWORD dwEvent);

/* The entry that Windows' device installer calls for the class of smart card readers:
 * InstallFunction is one of DIF_*, DeviceInfoSet and DeviceInfoData say which device.
 * Always ERROR_DI_DO_DEFAULT: the installer does what it does without us.
 * Undocumented here; the form is that of every class installer. */
WINSCARDAPI DWORD WINAPI ClassInstall32(DWORD InstallFunction, HANDLE DeviceInfoSet,
                                        LPVOID DeviceInfoData);

#else

#ifndef PCSC_API
#define PCSC_API WINSCARDAPI
#endif

/* A sentence in English for a status code, with a full stop. The buffer belongs to the
 * calling thread and is overwritten by its next call. Never NULL. Source: pcsc-lite. */
WINSCARDAPI const char *pcsc_stringify_error(const LONG pcscError);

#endif

#ifdef __cplusplus
}
#endif

#endif
