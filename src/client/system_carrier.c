/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to System32's winscard.dll: contexts, readers, waiting, the cache. */
#include "client/system.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/time.h"

#include <string.h>

/* --- Contexts ----------------------------------------------------------------------- */

/* The scope is about the database alone, which the face has itself. */
static enum sc_error system_establish(enum program_abi abi, uint32_t *context)
{
    const struct system_calls *calls = system_calls();
    SCARDCONTEXT theirs = 0;
    (void)abi;
    enum sc_error error =
        system_error(calls->establish(SCARD_SCOPE_USER, NULL, NULL, &theirs));
    if (error != SC_OK)
        return error;
    error = system_context_add(theirs, context);
    if (error != SC_OK)
        (void)calls->release(theirs);
    return error;
}

/* A context that is none there any more is none here, whatever releasing it gave: the
 * service may have been stopped meanwhile. */
static enum sc_error system_release(uint32_t context)
{
    const struct system_calls *calls = system_calls();
    SCARDCONTEXT theirs;
    enum sc_error error = system_context_find(context, &theirs);
    if (error != SC_OK)
        return error;
    error = system_error(calls->release(theirs));
    if (error == SC_OK || calls->check(theirs) != SCARD_S_SUCCESS)
        system_context_drop(context);
    return error;
}

static enum sc_error system_check(uint32_t context)
{
    SCARDCONTEXT theirs;
    enum sc_error error = system_context_find(context, &theirs);
    return error == SC_OK ? system_error(system_calls()->check(theirs)) : error;
}

static enum sc_error system_cancel(uint32_t context)
{
    SCARDCONTEXT theirs;
    enum sc_error error = system_context_find(context, &theirs);
    return error == SC_OK ? system_error(system_calls()->cancel(theirs)) : error;
}

/* --- Readers ------------------------------------------------------------------------ */

/* Visits the names of a list of theirs, which ends within SYSTEM_LIST_MAX units, until
 * visit() says that it is enough. A name that is too long for us cannot be served. */
static void visit_names(const WCHAR *list, bool (*visit)(void *context, const char *name),
                        void *context)
{
    size_t at = 0;
    bool enough = false;
    while (!enough && at < SYSTEM_LIST_MAX && list[at] != 0) {
        char name[DRIVER_NAME_MAX];
        size_t left = SYSTEM_LIST_MAX - at, length = 0;
        while (length < left && list[at + length] != 0)
            length++;
        if (system_text(list + at, left, name, sizeof(name)))
            enough = visit(context, name);
        else
            log_error("a reader of the system's is left out: its name is longer than %d "
                      "bytes, or no text",
                      DRIVER_NAME_MAX - 1);
        at += length + 1;
    }
}

static enum sc_error visit_readers(uint32_t context,
                                   bool (*visit)(void *context, const char *name),
                                   void *visitor)
{
    const struct system_calls *calls = system_calls();
    SCARDCONTEXT theirs;
    WCHAR *list = NULL;
    DWORD size = SCARD_AUTOALLOCATE;
    enum sc_error error = system_context_find(context, &theirs);
    if (error != SC_OK)
        return error;
    error = system_error(calls->list_readers(theirs, NULL, (LPWSTR)(void *)&list, &size));
    if (error != SC_OK)
        return error;
    if (list != NULL)
        visit_names(list, visit, visitor);
    (void)calls->free_memory(theirs, list);
    return SC_OK;
}

struct name_taker {
    struct multistring *names;
    enum sc_error error;
};

static bool take_name(void *context, const char *name)
{
    struct name_taker *taker = context;
    taker->error = multistring_add(taker->names, name);
    return taker->error != SC_OK;
}

static enum sc_error system_list_readers(uint32_t context, enum name_style style,
                                         struct multistring *names)
{
    struct name_taker taker = {.names = names, .error = SC_OK};
    (void)style; /* a reader has one name there */
    enum sc_error error = visit_readers(context, take_name, &taker);
    if (error == SC_OK)
        error = taker.error;
    if (error == SC_OK && names->size == 0)
        error = SC_E_NO_READERS_AVAILABLE;
    return error;
}

static char fold(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - ('a' - 'A')) : c;
}

struct name_finder {
    const char *wanted;
    char *shown; /* DRIVER_NAME_MAX */
    bool found;
};

static bool compare_name(void *context, const char *name)
{
    struct name_finder *finder = context;
    size_t i = 0;
    while (name[i] != '\0' && fold(name[i]) == fold(finder->wanted[i]))
        i++;
    finder->found = fold(name[i]) == fold(finder->wanted[i]);
    if (finder->found)
        memcpy(finder->shown, name, strlen(name) + 1);
    return finder->found;
}

/* What it can be asked for without a card handle; the rest stays empty. */
static void ask_device(uint32_t context, const char *name, struct reader_info *info)
{
    const struct system_calls *calls = system_calls();
    WCHAR wide[SYSTEM_NAME_MAX], device[DRIVER_ID_MAX];
    DWORD type = 0, size = DRIVER_ID_MAX;
    SCARDCONTEXT theirs;
    if (system_context_find(context, &theirs) != SC_OK || !system_wide_name(name, wide))
        return;
    if (calls->device_type != NULL
        && calls->device_type(theirs, wide, &type) == SCARD_S_SUCCESS)
        info->type = type;
    if (calls->device_instance == NULL
        || calls->device_instance(theirs, wide, device, &size) != SCARD_S_SUCCESS
        || size > DRIVER_ID_MAX
        || !system_text(device, size, info->device_id, sizeof(info->device_id)))
        info->device_id[0] = '\0';
}

static enum sc_error system_reader_info(uint32_t context, const char *name,
                                        enum name_style style, struct reader_info *info,
                                        char shown[DRIVER_NAME_MAX])
{
    struct name_finder finder = {.wanted = name, .shown = shown};
    (void)style;
    enum sc_error error = visit_readers(context, compare_name, &finder);
    if (error == SC_E_NO_READERS_AVAILABLE || (error == SC_OK && !finder.found))
        return SC_E_UNKNOWN_READER;
    if (error != SC_OK)
        return error;
    memset(info, 0, sizeof(*info));
    info->type = READER_TYPE_VENDOR;
    ask_device(context, shown, info);
    return SC_OK;
}

/* --- Waiting ------------------------------------------------------------------------ */

struct waiting {
    SCARD_READERSTATEW *states;
    WCHAR (*names)[SYSTEM_NAME_MAX];
};

/* Names that no reader can have are of none. */
static void put_entries(const struct waiting *waiting, const struct watch_entry *entries,
                        uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (!system_wide_name(entries[i].name, waiting->names[i]))
            memcpy(waiting->names[i], L"\x01", sizeof(L"\x01"));
        waiting->states[i].szReader = waiting->names[i];
        waiting->states[i].dwCurrentState = entries[i].current;
    }
}

static void take_entries(const struct waiting *waiting, struct watch_entry *entries,
                         uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const SCARD_READERSTATEW *state = &waiting->states[i];
        entries[i].event = state->dwEventState;
        entries[i].atr_size =
            state->cbAtr < DRIVER_ATR_MAX ? state->cbAtr : (size_t)DRIVER_ATR_MAX;
        memcpy(entries[i].atr, state->rgbAtr, entries[i].atr_size);
    }
}

static enum sc_error system_watch(uint32_t context, enum watch_rule rule,
                                  uint64_t timeout_ms, struct watch_entry *entries,
                                  uint32_t count)
{
    const DWORD never = UINT32_MAX; /* INFINITE; what is as long but ends, ends earlier */
    SCARDCONTEXT theirs;
    (void)rule;
    enum sc_error error = system_context_find(context, &theirs);
    if (error != SC_OK)
        return error;
    const struct waiting waiting = {
        .states = mem_alloc_array(count, sizeof(*waiting.states)),
        .names = mem_alloc_array(count, sizeof(*waiting.names))};
    error = SC_E_NO_MEMORY;
    if (waiting.states != NULL && waiting.names != NULL) {
        DWORD wait = timeout_ms == OS_FOREVER ? never
                     : timeout_ms >= never    ? never - 1
                                              : (DWORD)timeout_ms;
        put_entries(&waiting, entries, count);
        error = system_error(system_calls()->watch(theirs, wait, waiting.states, count));
        take_entries(&waiting, entries, count);
    }
    mem_free(waiting.states);
    mem_free(waiting.names);
    return error;
}

/* --- The cache ---------------------------------------------------------------------- */

static enum sc_error find_item(uint32_t context, const uint8_t id[16], const char *name,
                               SCARDCONTEXT *theirs, UUID *uuid,
                               WCHAR wide[SYSTEM_NAME_MAX])
{
    memcpy(uuid, id, sizeof(*uuid));
    enum sc_error error = system_context_find(context, theirs);
    if (error == SC_OK && !system_wide_name(name, wide))
        error = SC_E_INVALID_PARAMETER;
    return error;
}

static enum sc_error system_read_cache(uint32_t context, const uint8_t id[16],
                                       uint32_t freshness, const char *name,
                                       uint8_t *data, size_t *size)
{
    const struct system_calls *calls = system_calls();
    SCARDCONTEXT theirs;
    UUID uuid;
    WCHAR wide[SYSTEM_NAME_MAX];
    DWORD length = (DWORD)*size;
    enum sc_error error = find_item(context, id, name, &theirs, &uuid, wide);
    if (error != SC_OK)
        return error;
    if (calls->read_cache == NULL)
        return SC_E_UNSUPPORTED_FEATURE;
    error =
        system_error(calls->read_cache(theirs, &uuid, freshness, wide, data, &length));
    if (error == SC_OK && length > *size)
        return SC_F_INTERNAL_ERROR;
    if (error == SC_OK || error == SC_E_INSUFFICIENT_BUFFER)
        *size = length;
    return error;
}

static enum sc_error system_write_cache(uint32_t context, const uint8_t id[16],
                                        uint32_t freshness, const char *name,
                                        const uint8_t *data, size_t size)
{
    const struct system_calls *calls = system_calls();
    SCARDCONTEXT theirs;
    UUID uuid;
    WCHAR wide[SYSTEM_NAME_MAX];
    enum sc_error error = find_item(context, id, name, &theirs, &uuid, wide);
    if (error != SC_OK)
        return error;
    if (calls->write_cache == NULL)
        return SC_E_UNSUPPORTED_FEATURE;
    return system_error(calls->write_cache(theirs, &uuid, freshness, wide,
                                           (PBYTE)(uintptr_t)data, (DWORD)size));
}

/* --- The carrier -------------------------------------------------------------------- */

/* Its event is set while Windows' service runs. */
static void *system_started_event(void)
{
    const struct system_calls *calls = system_calls();
    return calls->started_event != NULL ? calls->started_event() : NULL;
}

static const struct carrier carrier_system = {
    .name = "system",
    .establish = system_establish,
    .release = system_release,
    .check_context = system_check,
    .cancel = system_cancel,
    .list_readers = system_list_readers,
    .reader_info = system_reader_info,
    .watch = system_watch,
    .connect = system_connect,
    .card_call = system_card_call,
    .card_status = system_card_status,
    .get_attribute = system_get_attribute,
    .read_cache = system_read_cache,
    .write_cache = system_write_cache,
    .started_event = system_started_event,
};

bool client_may_have_system(void)
{
    return true;
}

const struct carrier *client_system(void)
{
    return system_calls() != NULL ? &carrier_system : NULL;
}

bool client_finds_system(void)
{
    const struct system_calls *calls = system_calls();
    SCARDCONTEXT context = 0;
    if (calls == NULL)
        return false;
    LONG status = calls->establish(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (status == SCARD_S_SUCCESS)
        (void)calls->release(context);
    return status != SCARD_F_INTERNAL_ERROR;
}
