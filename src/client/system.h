/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to the winscard.dll of Windows itself, in System32: readers that belong to
 * Windows' own drivers are reached through it. It is loaded by its full path and never
 * unloaded, and it is never this library. Each call of the carrier is the call of the same
 * meaning there, so what waits, waits there, and SCardCancel ends it there.
 *
 * Its handles are as wide as a pointer, ours have 31 bits: two tables lead from ours to
 * theirs, and have the manager's limits (manager/limits.h). */
#ifndef CLIENT_SYSTEM_H
#define CLIENT_SYSTEM_H

#include "client/client.h"

/* Types of the public headers; no call of theirs is made by its name here. */
#ifndef WINSCARDAPI
#define WINSCARDAPI
#endif
#include "winscard.h"

/* --- The calls ---------------------------------------------------------------------- */

/* SYSTEM_NEEDED(member, "export", result, (arguments)): without it the library is not used.
 * SYSTEM_OPTIONAL: of a later Windows, or nothing depends on it; NULL where it is not. */
#define SYSTEM_CALLS(NEEDED, OPTIONAL)                                                   \
    NEEDED(establish, "SCardEstablishContext", LONG,                                     \
           (DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT))                                    \
    NEEDED(release, "SCardReleaseContext", LONG, (SCARDCONTEXT))                         \
    NEEDED(check, "SCardIsValidContext", LONG, (SCARDCONTEXT))                           \
    NEEDED(cancel, "SCardCancel", LONG, (SCARDCONTEXT))                                  \
    NEEDED(free_memory, "SCardFreeMemory", LONG, (SCARDCONTEXT, LPCVOID))                \
    NEEDED(list_readers, "SCardListReadersW", LONG,                                      \
           (SCARDCONTEXT, LPCWSTR, LPWSTR, LPDWORD))                                     \
    NEEDED(watch, "SCardGetStatusChangeW", LONG,                                         \
           (SCARDCONTEXT, DWORD, SCARD_READERSTATEW *, DWORD))                           \
    NEEDED(connect, "SCardConnectW", LONG,                                               \
           (SCARDCONTEXT, LPCWSTR, DWORD, DWORD, LPSCARDHANDLE, LPDWORD))                \
    NEEDED(reconnect, "SCardReconnect", LONG,                                            \
           (SCARDHANDLE, DWORD, DWORD, DWORD, LPDWORD))                                  \
    NEEDED(disconnect, "SCardDisconnect", LONG, (SCARDHANDLE, DWORD))                    \
    NEEDED(begin, "SCardBeginTransaction", LONG, (SCARDHANDLE))                          \
    NEEDED(end, "SCardEndTransaction", LONG, (SCARDHANDLE, DWORD))                       \
    NEEDED(status, "SCardStatusW", LONG,                                                 \
           (SCARDHANDLE, LPWSTR, LPDWORD, LPDWORD, LPDWORD, LPBYTE, LPDWORD))            \
    NEEDED(transmit, "SCardTransmit", LONG,                                              \
           (SCARDHANDLE, LPCSCARD_IO_REQUEST, LPCBYTE, DWORD, LPSCARD_IO_REQUEST,        \
            LPBYTE, LPDWORD))                                                            \
    NEEDED(control, "SCardControl", LONG,                                                \
           (SCARDHANDLE, DWORD, LPCVOID, DWORD, LPVOID, DWORD, LPDWORD))                 \
    NEEDED(get_attribute, "SCardGetAttrib", LONG, (SCARDHANDLE, DWORD, LPBYTE, LPDWORD)) \
    NEEDED(set_attribute, "SCardSetAttrib", LONG, (SCARDHANDLE, DWORD, LPCBYTE, DWORD))  \
    OPTIONAL(transmit_count, "SCardGetTransmitCount", LONG, (SCARDHANDLE, LPDWORD))      \
    OPTIONAL(read_cache, "SCardReadCacheW", LONG,                                        \
             (SCARDCONTEXT, UUID *, DWORD, LPWSTR, PBYTE, DWORD *))                      \
    OPTIONAL(write_cache, "SCardWriteCacheW", LONG,                                      \
             (SCARDCONTEXT, UUID *, DWORD, LPWSTR, PBYTE, DWORD))                        \
    OPTIONAL(device_type, "SCardGetDeviceTypeIdW", LONG,                                 \
             (SCARDCONTEXT, LPCWSTR, LPDWORD))                                           \
    OPTIONAL(device_instance, "SCardGetReaderDeviceInstanceIdW", LONG,                   \
             (SCARDCONTEXT, LPCWSTR, LPWSTR, LPDWORD))                                   \
    OPTIONAL(started_event, "SCardAccessStartedEvent", HANDLE, (void))

struct system_calls {
#define SYSTEM_MEMBER(member, name, result, arguments) result(WINAPI *member) arguments;
    SYSTEM_CALLS(SYSTEM_MEMBER, SYSTEM_MEMBER)
#undef SYSTEM_MEMBER
};

/* Those of System32's library, which the first call loads. NULL: it is not there, lacks a
 * call that is needed, or is this library. */
const struct system_calls *system_calls(void);

/* For tests: before the first call, the path of the library that stands for System32's. */
void system_calls_use(const char *path);

/* --- Handles ------------------------------------------------------------------------ */

/* Errors: SC_E_NO_MEMORY. */
enum sc_error system_context_add(SCARDCONTEXT theirs, uint32_t *context) MUST_CHECK;
/* Errors: SC_E_INVALID_HANDLE, also of the others. */
enum sc_error system_context_find(uint32_t context, SCARDCONTEXT *theirs) MUST_CHECK;
/* It is none any more, and none of its cards is. */
void system_context_drop(uint32_t context);

enum sc_error system_card_add(uint32_t context, SCARDHANDLE theirs, uint32_t active,
                              uint32_t *card) MUST_CHECK;
/* `active` may be NULL: the protocol it was connected with. */
enum sc_error system_card_find(uint32_t card, SCARDHANDLE *theirs,
                               uint32_t *active) MUST_CHECK;
void system_card_set_active(uint32_t card, uint32_t active);
void system_card_drop(uint32_t card);

/* --- Values ------------------------------------------------------------------------- */

enum {
    SYSTEM_NAME_MAX = 256,  /* units of a name, its NUL counted */
    SYSTEM_LIST_MAX = 65536 /* units of a multi-string that is read */
};

/* Every status comes out of the Windows face as it went in, with two exceptions: an
 * invalid handle is always ERROR_INVALID_HANDLE there, and the last 0x1100 of all codes,
 * which nobody uses, are SC_F_UNKNOWN_ERROR. */
enum sc_error system_error(LONG status);
enum card_state system_card_state(DWORD state);

/* A name for them. False: it is not UTF-8, or too long; no reader has such a name. */
bool system_wide_name(const char *name, WCHAR wide[SYSTEM_NAME_MAX]) MUST_CHECK;
/* Text of theirs, at most `units` of it, into `room` bytes. False: it does not fit, has no
 * NUL or is not UTF-16. */
bool system_text(const WCHAR *wide, size_t units, char *text, size_t room) MUST_CHECK;

/* --- system_card.c ------------------------------------------------------------------ */

enum sc_error system_connect(uint32_t context, const char *reader,
                             struct request *request, uint32_t *card);
enum sc_error system_card_call(uint32_t card, struct request *request);
enum sc_error system_card_status(uint32_t card, enum name_style style,
                                 struct card_status *status);
enum sc_error system_get_attribute(uint32_t card, enum name_style style, uint32_t id,
                                   uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size);

#endif
