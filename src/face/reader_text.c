/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that list readers and watch them. Compiled for A, W and pcsc-lite. */
#include "base/multistring.h"
#include "face/readers.h"
#include "face/text.h"
#include "manager/limits.h"
#include "os/cancel.h"
#include "os/time.h"

enum {
    GROUPS_MAX = 65536,               /* units of a caller's list of groups */
    GROUPS_OUT_MAX = 64 * 1024 * 1024 /* bytes of a list of all groups */
};

/* --- SCardListReaders --------------------------------------------------------------- */

/* pcsc-lite wants a pointer to put its memory's address into. */
static bool is_room_for_list(const TCHAR *list, const DWORD *length)
{
    return length != NULL
           && (FACE_IS_WINDOWS || list != NULL || face_get(length) != SCARD_AUTOALLOCATE);
}

/* The names of a list of groups, which is not NULL. A name that no group can have is
 * skipped, as unknown ones are. Errors: SC_E_INVALID_PARAMETER: the list never ends;
 * SC_E_NO_MEMORY. */
static enum sc_error take_group_list(const TCHAR *list, struct multistring *groups)
{
    char name[FACE_NAME_MAX];
    enum sc_error error = SC_OK;
    size_t size = 0;
    while (error == SC_OK && list[size] != 0) {
        if (face_text_in(list + size, name, sizeof(name)) == SC_OK)
            error = multistring_add(groups, name);
        while (list[size] != 0)
            if (++size >= GROUPS_MAX)
                return SC_E_INVALID_PARAMETER;
        size++;
    }
    return error;
}

/* NULL and an empty list stand for all readers, and so does any list in pcsc-lite, which
 * does not read it. */
static enum sc_error find_readers(SCARDCONTEXT handle, const TCHAR *list,
                                  struct multistring *names)
{
    struct multistring groups;
    bool all = !FACE_IS_WINDOWS || list == NULL || list[0] == 0;
    multistring_init(&groups, FACE_LIST_MAX);
    enum sc_error error = all ? SC_OK : take_group_list(list, &groups);
    if (error == SC_OK)
        error = face_list_readers(handle, all ? NULL : &groups, names);
    multistring_clear(&groups);
    return error;
}

/* pcsc-lite gives an empty list with its error; Windows leaves all as it was. */
static void give_no_readers(TCHAR *readers, LPDWORD length)
{
    if (readers != NULL && face_get(length) > 0 && face_get(length) != SCARD_AUTOALLOCATE)
        readers[0] = 0;
    face_put(length, 1);
}

static enum sc_error list_reader_names(SCARDCONTEXT handle, const TCHAR *groups,
                                       TCHAR *readers, LPDWORD length)
{
    struct multistring names;
    if (!is_room_for_list(readers, length))
        return SC_E_INVALID_PARAMETER;
    multistring_init(&names, FACE_LIST_MAX);
    enum sc_error error = find_readers(handle, groups, &names);
    if (error == SC_OK)
        error = face_text_out(face_handle((uint64_t)handle), readers, length, names.bytes,
                              names.size);
    if (!FACE_IS_WINDOWS && error == SC_E_NO_READERS_AVAILABLE)
        give_no_readers(readers, length);
    multistring_clear(&names);
    return error;
}

LONG WINAPI SCardListReaders(SCARDCONTEXT hContext, const TCHAR *mszGroups,
                             TCHAR *mszReaders, LPDWORD pcchReaders)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = list_reader_names(hContext, mszGroups, mszReaders, pcchReaders);
    trace_end(&call, error, "context=%lx length=%lu", (unsigned long)hContext,
              (unsigned long)(pcchReaders != NULL ? face_get(pcchReaders) : 0));
    return face_status(error);
}

static enum sc_error give_groups(SCARDCONTEXT handle, TCHAR *groups, LPDWORD length)
{
    struct multistring names;
    if (!is_room_for_list(groups, length))
        return SC_E_INVALID_PARAMETER;
    multistring_init(&names, GROUPS_OUT_MAX);
    enum sc_error error = face_reader_groups(handle, &names);
    bool is_empty = names.size == 0;
    if (error == SC_OK)
        error = face_text_out(face_handle((uint64_t)handle), groups, length,
                              is_empty ? "" : names.bytes, is_empty ? 1 : names.size);
    multistring_clear(&names);
    return error;
}

LONG WINAPI SCardListReaderGroups(SCARDCONTEXT hContext, TCHAR *mszGroups,
                                  LPDWORD pcchGroups)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error = give_groups(hContext, mszGroups, pcchGroups);
    trace_end(&call, error, "context=%lx", (unsigned long)hContext);
    return face_status(error);
}

/* --- SCardGetStatusChange ----------------------------------------------------------- */

enum { ENTRIES_ON_STACK = 8 };

/* A name that no reader can have stands for itself: an unknown reader. */
static enum sc_error take_states(const SCARD_READERSTATE *states, size_t count,
                                 struct watch_entry *entries,
                                 struct face_entry_name *names)
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

static void give_states(SCARD_READERSTATE *states, size_t count,
                        const struct watch_entry *entries)
{
    for (size_t i = 0; i < count; i++) {
        states[i].dwEventState = entries[i].event;
        states[i].cbAtr = (DWORD)entries[i].atr_size;
        memset(states[i].rgbAtr, 0, sizeof(states[i].rgbAtr));
        memcpy(states[i].rgbAtr, entries[i].atr, entries[i].atr_size);
    }
}

static bool are_all_ignored(const SCARD_READERSTATE *states, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if ((states[i].dwCurrentState & SCARD_STATE_IGNORE) == 0)
            return false;
    return true;
}

/* A watch and its memory, which goes even if the thread is cancelled in the wait. */
struct watching {
    uint32_t context;
    uint64_t timeout_ms;
    struct watch_entry *entries, some_entries[ENTRIES_ON_STACK];
    struct face_entry_name *names, some_names[ENTRIES_ON_STACK];
    size_t count;
    enum sc_error error;
};

static void await_states(void *argument)
{
    struct watching *this = argument;
    this->error = face_watch_entries(this->context, this->timeout_ms, this->entries,
                                     this->names, this->count);
}

static void forget_states(void *argument)
{
    struct watching *this = argument;
    if (this->entries != this->some_entries) {
        mem_free(this->entries);
        mem_free(this->names);
    }
}

enum sc_error face_watch(SCARDCONTEXT context, uint64_t timeout_ms,
                         SCARD_READERSTATE *states, size_t count)
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
        os_run_with_undo(await_states, forget_states, &this);
        if (this.error == SC_OK || this.error == SC_E_TIMEOUT
            || this.error == SC_E_UNKNOWN_READER)
            give_states(states, count, this.entries);
    }
    forget_states(&this);
    return this.error;
}

static enum sc_error get_status_change(SCARDCONTEXT context, uint64_t timeout,
                                       SCARD_READERSTATE *states, uint64_t count)
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
    return face_watch(context, timeout >= INFINITE ? OS_FOREVER : timeout, states,
                      (size_t)count);
}

LONG WINAPI SCardGetStatusChange(SCARDCONTEXT hContext, DWORD dwTimeout,
                                 SCARD_READERSTATE *rgReaderStates, DWORD cReaders)
{
    struct trace_call call;
    trace_begin(&call, __func__);
    enum sc_error error =
        get_status_change(hContext, dwTimeout, rgReaderStates, cReaders);
    bool shown = error == SC_OK && cReaders > 0;
    trace_end(&call, error, "context=%lx timeout=%lx readers=%lu first=%lx -> %lx",
              (unsigned long)hContext, (unsigned long)dwTimeout, (unsigned long)cReaders,
              (unsigned long)(shown ? rgReaderStates[0].dwCurrentState : 0),
              (unsigned long)(shown ? rgReaderStates[0].dwEventState : 0));
    return face_status(error);
}
