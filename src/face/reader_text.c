/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that list readers and watch them. Compiled for A, W and pcsc-lite. */
#include "base/multistring.h"
#include "face/text.h"
#include "manager/limits.h"
#include "os/os.h"

enum {
    LIST_MAX = LIMIT_READERS * DRIVER_NAME_MAX + 1, /* bytes of a list of all readers */
    GROUPS_MAX = 65536 /* units of a caller's list of groups */
};

/* --- SCardListReaders -----------------------------------------------------------------
 */

#if FACE_IS_WINDOWS
static bool group_has_readers(const char *group)
{
    return strcmp(group, "SCard$AllReaders") == 0
           || strcmp(group, "SCard$DefaultReaders") == 0
           || strcmp(group, "SCard$LocalReaders") == 0
           || strcmp(group, "SCard$SystemReaders") == 0;
}

/* Does the caller's multi-string name a group that readers are in? NULL and an empty list
 * stand for all of them. Errors: SC_E_INVALID_PARAMETER: it never ends. */
static enum sc_error wants_readers(const face_char *groups, bool *wanted)
{
    char name[DRIVER_NAME_MAX];
    size_t size = 0;
    *wanted = groups == NULL || groups[0] == 0;
    while (!*wanted && groups[size] != 0) {
        if (face_text_in(groups + size, name, sizeof(name)) == SC_OK)
            *wanted = group_has_readers(name);
        while (groups[size] != 0)
            if (++size >= GROUPS_MAX)
                return SC_E_INVALID_PARAMETER;
        size++;
    }
    return SC_OK;
}
#endif

/* Windows lists readers without a context too. */
static enum sc_error list_names(SCARDCONTEXT handle, struct multistring *names)
{
    const struct carrier *carrier = client_carrier();
    uint32_t context = face_handle((uint64_t)handle), own = 0;
    if (carrier == NULL)
        return SC_E_NO_SERVICE;
    if (FACE_IS_WINDOWS && handle == 0) {
        enum sc_error error = carrier->establish(&own);
        if (error != SC_OK)
            return error;
        context = own;
    }
    enum sc_error error = carrier->list_readers(context, FACE_STYLE, names);
    if (own != 0)
        carrier->release(own);
    return error;
}

static enum sc_error list_readers(SCARDCONTEXT context, const face_char *groups,
                                  face_char *readers, LPDWORD length)
{
    struct multistring names;
    enum sc_error error = SC_OK;
    if (length == NULL)
        return SC_E_INVALID_PARAMETER;
#if FACE_IS_WINDOWS
    bool wanted;
    error = wants_readers(groups, &wanted);
    if (error == SC_OK && !wanted)
        error = SC_E_NO_READERS_AVAILABLE;
    if (error != SC_OK)
        return error;
#else
    (void)groups; /* pcsc-lite has no groups but the default one */
    if (readers == NULL && face_get(length) == SCARD_AUTOALLOCATE)
        return SC_E_INVALID_PARAMETER;
#endif
    multistring_init(&names, LIST_MAX);
    error = list_names(context, &names);
    if (error == SC_OK)
        error = face_text_out(readers, length, names.bytes, names.size);
#if !FACE_IS_WINDOWS
    if (error == SC_E_NO_READERS_AVAILABLE) {
        if (readers != NULL && face_get(length) > 0
            && face_get(length) != SCARD_AUTOALLOCATE)
            readers[0] = 0;
        face_put(length, 1);
    }
#endif
    multistring_clear(&names);
    return error;
}

LONG WINAPI FACE(SCardListReaders)(SCARDCONTEXT hContext, const face_char *mszGroups,
                                   face_char *mszReaders, LPDWORD pcchReaders)
{
    struct trace_call call;
    trace_begin(&call, FACE_NAME(SCardListReaders));
    enum sc_error error = list_readers(hContext, mszGroups, mszReaders, pcchReaders);
    trace_end(&call, error, "context=%lx length=%lu", (unsigned long)hContext,
              (unsigned long)(pcchReaders != NULL ? face_get(pcchReaders) : 0));
    return face_status(error);
}

static enum sc_error list_groups(SCARDCONTEXT handle, face_char *groups, LPDWORD length)
{
    static const char names[] = "SCard$DefaultReaders\0";
    const struct carrier *carrier = client_carrier();
    bool needs_context = !FACE_IS_WINDOWS || handle != 0;
    if (length == NULL)
        return SC_E_INVALID_PARAMETER;
    if (needs_context
        && (carrier == NULL
            || carrier->check_context(face_handle((uint64_t)handle)) != SC_OK))
        return SC_E_INVALID_HANDLE;
    return face_text_out(groups, length, names, sizeof(names));
}

LONG WINAPI FACE(SCardListReaderGroups)(SCARDCONTEXT hContext, face_char *mszGroups,
                                        LPDWORD pcchGroups)
{
    struct trace_call call;
    trace_begin(&call, FACE_NAME(SCardListReaderGroups));
    enum sc_error error = list_groups(hContext, mszGroups, pcchGroups);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* --- SCardGetStatusChange -------------------------------------------------------------
 */

/* One entry with the room for its name in UTF-8. */
struct entry_name {
    char text[DRIVER_NAME_MAX];
};

enum { ENTRIES_ON_STACK = 8 };

/* A name that no reader can have stands for itself: an unknown reader. */
static enum sc_error take_states(const face_readerstate *states, size_t count,
                                 struct watch_entry *entries, struct entry_name *names)
{
    for (size_t i = 0; i < count; i++) {
        if (states[i].szReader == NULL)
            return FACE_IS_WINDOWS ? SC_E_INVALID_PARAMETER : SC_E_INVALID_VALUE;
        if (face_text_in(states[i].szReader, names[i].text, sizeof(names[i].text))
            != SC_OK)
            memcpy(names[i].text, "\x01", 2);
        memset(&entries[i], 0, sizeof(entries[i]));
        entries[i].name = names[i].text;
        entries[i].current = (uint32_t)states[i].dwCurrentState;
    }
    return SC_OK;
}

static void give_states(face_readerstate *states, size_t count,
                        const struct watch_entry *entries)
{
    for (size_t i = 0; i < count; i++) {
        states[i].dwEventState = entries[i].event;
        states[i].cbAtr = (DWORD)entries[i].atr_size;
        memset(states[i].rgbAtr, 0, sizeof(states[i].rgbAtr));
        memcpy(states[i].rgbAtr, entries[i].atr, entries[i].atr_size);
    }
}

static bool are_all_ignored(const face_readerstate *states, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((states[i].dwCurrentState & SCARD_STATE_IGNORE) == 0)
            return false;
    return true;
}

enum sc_error FACE(face_watch)(SCARDCONTEXT context, uint64_t timeout_ms,
                               face_readerstate *states, size_t count)
{
    const struct carrier *carrier = client_carrier();
    struct watch_entry some_entries[ENTRIES_ON_STACK], *entries = some_entries;
    struct entry_name some_names[ENTRIES_ON_STACK], *names = some_names;
    enum sc_error error = SC_E_NO_MEMORY;
    if (count > ENTRIES_ON_STACK) {
        entries = mem_alloc_array(count, sizeof(*entries));
        names = mem_alloc_array(count, sizeof(*names));
    }
    if (entries == NULL || names == NULL)
        goto out;
    error = take_states(states, count, entries, names);
    if (error != SC_OK)
        goto out;
    error = carrier->watch(face_handle((uint64_t)context), FACE_WATCH_RULE, timeout_ms,
                           entries, (uint32_t)count);
    if (error == SC_OK || error == SC_E_TIMEOUT || error == SC_E_UNKNOWN_READER)
        give_states(states, count, entries);
out:
    if (entries != some_entries) {
        mem_free(entries);
        mem_free(names);
    }
    return error;
}

static enum sc_error get_status_change(SCARDCONTEXT context, uint64_t timeout,
                                       face_readerstate *states, uint64_t count)
{
    const struct carrier *carrier = client_carrier();
    if (count == 0)
        return SC_OK;
    if (states == NULL || count > LIMIT_WATCH_ENTRIES)
        return SC_E_INVALID_PARAMETER;
    if (carrier == NULL)
        return SC_E_INVALID_HANDLE;
    /* The watch looks at the context itself; asked here too, it would be two messages. */
    if (are_all_ignored(states, (size_t)count))
        return carrier->check_context(face_handle((uint64_t)context)) == SC_OK
                   ? SC_OK
                   : SC_E_INVALID_HANDLE;
    return FACE(face_watch)(context, timeout >= INFINITE ? OS_FOREVER : timeout, states,
                            (size_t)count);
}

LONG WINAPI FACE(SCardGetStatusChange)(SCARDCONTEXT hContext, DWORD dwTimeout,
                                       face_readerstate *rgReaderStates, DWORD cReaders)
{
    struct trace_call call;
    trace_begin(&call, FACE_NAME(SCardGetStatusChange));
    enum sc_error error =
        get_status_change(hContext, dwTimeout, rgReaderStates, cReaders);
    bool shown = error == SC_OK && cReaders > 0;
    trace_end(&call, error, "context=%lx timeout=%lx readers=%lu first=%lx -> %lx",
              (unsigned long)hContext, (unsigned long)dwTimeout, (unsigned long)cReaders,
              (unsigned long)(shown ? rgReaderStates[0].dwCurrentState : 0),
              (unsigned long)(shown ? rgReaderStates[0].dwEventState : 0));
    return face_status(error);
}
