/* SPDX-License-Identifier: BSD-2-Clause */
/* What a face stands on: a carrier that takes its calls to a resource manager, the memory
 * it hands out, and what surrounds every call. */
#ifndef CLIENT_CLIENT_H
#define CLIENT_CLIENT_H

#include "host/host.h"

/* The way to a resource manager. Members have the contracts of the host's calls of the
 * same names (host/host.h), whoever serves them. */
struct carrier {
    const char *name;
    enum sc_error (*establish)(enum program_abi abi, uint32_t *context);
    enum sc_error (*release)(uint32_t context);
    enum sc_error (*check_context)(uint32_t context);
    enum sc_error (*cancel)(uint32_t context);
    enum sc_error (*list_readers)(uint32_t context, enum name_style style,
                                  struct multistring *names);
    enum sc_error (*reader_info)(uint32_t context, const char *name,
                                 enum name_style style, struct reader_info *info,
                                 char shown[DRIVER_NAME_MAX]);
    enum sc_error (*watch)(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                           struct watch_entry *entries, uint32_t count);
    enum sc_error (*connect)(uint32_t context, const char *reader,
                             struct request *request, uint32_t *card);
    enum sc_error (*card_call)(uint32_t card, struct request *request);
    enum sc_error (*card_status)(uint32_t card, enum name_style style,
                                 struct card_status *status);
    enum sc_error (*get_attribute)(uint32_t card, enum name_style style, uint32_t id,
                                   uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size);
    enum sc_error (*read_cache)(uint32_t context, const uint8_t id[16],
                                uint32_t freshness, const char *name, uint8_t *data,
                                size_t *size);
    enum sc_error (*write_cache)(uint32_t context, const uint8_t id[16],
                                 uint32_t freshness, const char *name,
                                 const uint8_t *data, size_t size);
    /* An event of Windows that is set while the manager can be reached; NULL: it always
     * can. */
    void *(*started_event)(void);
};

extern const struct carrier carrier_local; /* the manager in this process */

extern const struct carrier
    carrier_pcscd; /* a pcscd that has the readers; not on Windows */

/* The latter, NULL on Windows. */
const struct carrier *client_pcscd(void);
/* Whether a pcscd answers, and speaks a version that this carrier does. */
bool client_finds_pcscd(void);

/* The carrier to Windows' own resource manager (client/system.h); NULL where there is none,
 * as on other systems. */
const struct carrier *client_system(void);
/* Whether this is a system that has one, which is not looked for. */
bool client_may_have_system(void);
/* Whether there is one that has readers, or could have: whose SCardEstablishContext does not
 * give SCARD_F_INTERNAL_ERROR, which is what Wine's gives without a pcscd behind it. One
 * whose service is stopped is one: Windows stops it while no reader is there. */
bool client_finds_system(void);

/* The carrier WINSCARD_CARRIER asks for (auto, local, service, pcscd, system); NULL when it
 * names one that is not there: then calls give SC_E_NO_SERVICE. The same for the whole life
 * of the process. Nothing: the service if WINSCARD_SERVICE names it, whether it answers or
 * not; else auto. auto: local if WINSCARD_READERS names readers, else the service if it
 * answers, else pcscd if one answers, else system if there is one and no configuration file
 * names readers, else local. */
const struct carrier *client_carrier(void);

/* --- Memory for SCARD_AUTOALLOCATE (Windows ABI) ------------------------------------ */

/* `size` bytes that live until they are taken back or their context is released; context
 * 0: of none. Errors: SC_E_NO_MEMORY; SC_E_INVALID_HANDLE: the context was released
 * (client/handles.h). */
enum sc_error client_memory_give(uint32_t context, size_t size, void **memory) MUST_CHECK;
/* Frees what was given, whatever its context; NULL is nothing. Errors:
 * SC_E_INVALID_PARAMETER: it was not given, or was freed already; it is not looked at. */
enum sc_error client_memory_take(void *memory) MUST_CHECK;
/* Frees what a context has left; it is not known any more (client_context_forget()). */
void client_memory_release(uint32_t context);

#endif
