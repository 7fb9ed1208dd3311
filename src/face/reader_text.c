/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that list readers and watch them. Compiled for A, W and pcsc-lite. */
#include "base/multistring.h"
#include "face/text.h"
#include "manager/limits.h"
#include "os/cancel.h"
#include "os/time.h"
#if FACE_IS_WINDOWS
#include "face/groups.h"
#endif

enum {
    LIST_MAX = LIMIT_READERS * DRIVER_NAME_MAX + 1, /* bytes of a list of all readers */
    GROUPS_MAX = 65536,               /* units of a caller's list of groups */
    GROUPS_OUT_MAX = 64 * 1024 * 1024 /* bytes of a list of all groups */
};

/* --- SCardListReaders --------------------------------------------------------------- */

/* pcsc-lite wants a pointer to put its memory's address into. */
static bool is_room(const face_char *list, const DWORD *length)
{
    return length != NULL
           && (FACE_IS_WINDOWS || list != NULL || face_get(length) != SCARD_AUTOALLOCATE);
}

#if FACE_IS_WINDOWS
/* NULL and an empty list stand for all readers. A name that no group can have is passed
 * over, as unknown ones are. Errors: SC_E_INVALID_PARAMETER: the list never ends;
 * SC_E_NO_MEMORY. */
static enum sc_error select_readers(const face_char *groups,
                                    struct face_selection *selection)
{
    char name[DATABASE_NAME_MAX];
    enum sc_error error = SC_OK;
    size_t size = 0;
    selection->present = selection->introduced = groups == NULL || groups[0] == 0;
    while (error == SC_OK && groups != NULL && groups[size] != 0) {
        if (face_text_in(groups + size, name, sizeof(name)) == SC_OK)
            error = face_select_group(selection, name);
        while (groups[size] != 0)
            if (++size >= GROUPS_MAX)
                return SC_E_INVALID_PARAMETER;
        size++;
    }
    return error;
}

static enum sc_error list_names(uint32_t context, const face_char *groups,
                                struct multistring *names)
{
    struct face_selection selection = {.present = false};
    multistring_init(&selection.groups, DATABASE_LIST_MAX);
    enum sc_error error = select_readers(groups, &selection);
    if (error == SC_OK)
        error = face_list_selected(context, &selection, names);
    multistring_clear(&selection.groups);
    return error;
}

/* Windows lists readers and groups without a context too: one is made for the call. */
static enum sc_error begin_asking(SCARDCONTEXT handle, uint32_t *context)
{
    *context = face_handle((uint64_t)handle);
    if (client_carrier() == NULL)
        return SC_E_NO_SERVICE;
    return handle == 0 ? client_carrier()->establish(FACE_PROGRAM_ABI, context) : SC_OK;
}

static void end_asking(SCARDCONTEXT handle, uint32_t context)
{
    if (handle == 0 && context != 0)
        client_carrier()->release(context);
}

static enum sc_error list_readers(SCARDCONTEXT handle, const face_char *groups,
                                  face_char *readers, LPDWORD length)
{
    struct multistring names;
    uint32_t context;
    if (length == NULL)
        return SC_E_INVALID_PARAMETER;
    multistring_init(&names, DATABASE_LIST_MAX);
    enum sc_error error = begin_asking(handle, &context);
    if (error == SC_OK)
        error = list_names(context, groups, &names);
    end_asking(handle, context);
    if (error == SC_OK)
        error = face_text_out(face_handle((uint64_t)handle), readers, length, names.bytes,
                              names.size);
    multistring_clear(&names);
    return error;
}

static enum sc_error list_groups(SCARDCONTEXT handle, struct multistring *names)
{
    uint32_t context;
    enum sc_error error = begin_asking(handle, &context);
    if (error == SC_OK)
        error = face_list_groups(context, names);
    end_asking(handle, context);
    return error;
}
#else
/* pcsc-lite has no database: its SCardListReaders lists all readers whatever it is asked
 * for, and the default group is all that SCardListReaderGroups knows (winscard_clnt of
 * 1.9.9, observed). Programs made for it expect nothing else, so this face never looks
 * into the database, nor are introduced names taken for readers in it. */
static enum sc_error list_readers(SCARDCONTEXT handle, const char *groups, char *readers,
                                  LPDWORD length)
{
    const struct carrier *carrier = client_carrier();
    struct multistring names;
    (void)groups;
    if (!is_room(readers, length))
        return SC_E_INVALID_PARAMETER;
    if (carrier == NULL)
        return SC_E_NO_SERVICE;
    multistring_init(&names, LIST_MAX);
    enum sc_error error =
        carrier->list_readers(face_handle((uint64_t)handle), FACE_STYLE, &names);
    if (error == SC_OK)
        error = face_text_out(face_handle((uint64_t)handle), readers, length, names.bytes,
                              names.size);
    if (error == SC_E_NO_READERS_AVAILABLE) {
        if (readers != NULL && face_get(length) > 0
            && face_get(length) != SCARD_AUTOALLOCATE)
            readers[0] = 0;
        face_put(length, 1);
    }
    multistring_clear(&names);
    return error;
}

static enum sc_error list_groups(SCARDCONTEXT handle, struct multistring *names)
{
    const struct carrier *carrier = client_carrier();
    if (carrier == NULL || carrier->check_context(face_handle((uint64_t)handle)) != SC_OK)
        return SC_E_INVALID_HANDLE;
    return multistring_add(names, "SCard$DefaultReaders");
}
#endif

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

static enum sc_error give_groups(SCARDCONTEXT handle, face_char *groups, LPDWORD length)
{
    struct multistring names;
    if (!is_room(groups, length))
        return SC_E_INVALID_PARAMETER;
    multistring_init(&names, GROUPS_OUT_MAX);
    enum sc_error error = list_groups(handle, &names);
    bool is_empty = names.size == 0;
    if (error == SC_OK)
        error = face_text_out(face_handle((uint64_t)handle), groups, length,
                              is_empty ? "" : names.bytes, is_empty ? 1 : names.size);
    multistring_clear(&names);
    return error;
}

LONG WINAPI FACE(SCardListReaderGroups)(SCARDCONTEXT hContext, face_char *mszGroups,
                                        LPDWORD pcchGroups)
{
    struct trace_call call;
    trace_begin(&call, FACE_NAME(SCardListReaderGroups));
    enum sc_error error = give_groups(hContext, mszGroups, pcchGroups);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* --- SCardGetStatusChange ----------------------------------------------------------- */

/* One entry with the room for its name in UTF-8. */
struct entry_name {
    char text[FACE_NAME_MAX];
    bool asked; /* the database was, for what it is */
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
        names[i].asked = false;
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

#if FACE_IS_WINDOWS
/* Puts the readers behind introduced names in their places. Only names that no reader
 * has, as the caller or the manager says, are looked for in the database: who watches
 * readers that are there does not pay for it. Says whether there were any. */
static bool use_devices(uint32_t context, struct watch_entry *entries,
                        struct entry_name *names, size_t count, bool before)
{
    bool used = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t told = before ? entries[i].current : entries[i].event;
        char device[DRIVER_NAME_MAX], shown[DRIVER_NAME_MAX];
        struct reader_info info;
        if ((told & SCARD_STATE_UNKNOWN) == 0 || names[i].asked
            || (!before && (told & SCARD_STATE_UNAVAILABLE) != 0))
            continue; /* known, asked for, or gone just now */
        names[i].asked = true;
        if (face_find_device(names[i].text, device) != SC_OK
            || (before
                && client_carrier()->reader_info(context, names[i].text, FACE_STYLE,
                                                 &info, shown)
                       == SC_OK)) /* it came, and goes before an introduced one */
            continue;
        memcpy(names[i].text, device, strlen(device) + 1);
        used = true;
    }
    return used;
}

/* A caller that was told of an unknown reader waits for it to come; one that was not is
 * told at once, before the time is spent: so there is no waiting but in the last call. */
static enum sc_error watch(uint32_t context, uint64_t timeout_ms,
                           struct watch_entry *entries, struct entry_name *names,
                           size_t count)
{
    const struct carrier *carrier = client_carrier();
    uint64_t start = os_now_ms();
    use_devices(context, entries, names, count, true);
    enum sc_error error =
        carrier->watch(context, FACE_WATCH_RULE, timeout_ms, entries, (uint32_t)count);
    if ((error != SC_OK && error != SC_E_UNKNOWN_READER)
        || !use_devices(context, entries, names, count, false))
        return error;
    if (timeout_ms != OS_FOREVER) {
        uint64_t spent = os_now_ms() - start;
        timeout_ms = spent < timeout_ms ? timeout_ms - spent : 0;
    }
    return carrier->watch(context, FACE_WATCH_RULE, timeout_ms, entries, (uint32_t)count);
}
#else
static enum sc_error watch(uint32_t context, uint64_t timeout_ms,
                           struct watch_entry *entries, struct entry_name *names,
                           size_t count)
{
    (void)names;
    return client_carrier()->watch(context, FACE_WATCH_RULE, timeout_ms, entries,
                                   (uint32_t)count);
}
#endif

/* A watch and its memory, which goes even if the thread is cancelled in the wait. */
struct watching {
    uint32_t context;
    uint64_t timeout_ms;
    struct watch_entry *entries, some_entries[ENTRIES_ON_STACK];
    struct entry_name *names, some_names[ENTRIES_ON_STACK];
    size_t count;
    enum sc_error error;
};

static void run_watch(void *argument)
{
    struct watching *this = argument;
    this->error =
        watch(this->context, this->timeout_ms, this->entries, this->names, this->count);
}

static void end_watch(void *argument)
{
    struct watching *this = argument;
    if (this->entries != this->some_entries) {
        mem_free(this->entries);
        mem_free(this->names);
    }
}

enum sc_error FACE(face_watch)(SCARDCONTEXT context, uint64_t timeout_ms,
                               face_readerstate *states, size_t count)
{
    struct watching this;
    if (client_carrier() == NULL)
        return SC_E_INVALID_HANDLE;
    this.context = face_handle((uint64_t)context);
    this.timeout_ms = timeout_ms;
    this.entries = this.some_entries;
    this.names = this.some_names;
    this.count = count;
    this.error = SC_E_NO_MEMORY;
    if (count > ENTRIES_ON_STACK) {
        this.entries = mem_alloc_array(count, sizeof(*this.entries));
        this.names = mem_alloc_array(count, sizeof(*this.names));
    }
    if (this.entries != NULL && this.names != NULL)
        this.error = take_states(states, count, this.entries, this.names);
    if (this.error == SC_OK) {
        os_run_with_undo(run_watch, end_watch, &this);
        if (this.error == SC_OK || this.error == SC_E_TIMEOUT
            || this.error == SC_E_UNKNOWN_READER)
            give_states(states, count, this.entries);
    }
    end_watch(&this);
    return this.error;
}

static enum sc_error get_status_change(SCARDCONTEXT context, uint64_t timeout,
                                       face_readerstate *states, uint64_t count)
{
    const struct carrier *carrier = client_carrier();
    if (count == 0)
        return SC_OK;
    if (states == NULL || count > LIMIT_WATCH_ENTRIES)
        return SC_E_INVALID_PARAMETER;
    /* The watch looks at the context itself; asked here too, it would be two messages. */
    if (carrier != NULL && are_all_ignored(states, (size_t)count))
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
