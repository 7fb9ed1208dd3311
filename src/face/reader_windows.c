/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers as the Windows ABI has them: with introduced names and the database's groups.
 */
#include "face/readers.h"

#include "client/handles.h"
#include "face/groups.h"
#include "os/time.h"

/* By the name of a reader that is there, or else by an introduced name. */
enum sc_error face_connect_reader(uint32_t context, const char *name,
                                  struct request *request, uint32_t *card)
{
    const struct carrier *carrier = client_carrier();
    char reader[DRIVER_NAME_MAX];
    const char *alias = NULL;
    enum sc_error error = carrier->connect(context, name, request, card);
    if (error == SC_E_UNKNOWN_READER && face_find_device(name, reader) == SC_OK) {
        error = carrier->connect(context, reader, request, card);
        alias = name;
    }
    if (error == SC_OK)
        client_card_note(*card, context, alias);
    return error;
}

/* --- Lists -------------------------------------------------------------------------- */

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

static enum sc_error select_readers(const struct multistring *groups,
                                    struct face_selection *selection)
{
    const char *group = NULL;
    enum sc_error error = SC_OK;
    selection->present = selection->introduced = groups == NULL;
    while (error == SC_OK && groups != NULL && groups->size != 0
           && (group = multistring_next(groups->bytes, group)) != NULL)
        error = face_select_group(selection, group);
    return error;
}

enum sc_error face_list_readers(SCARDCONTEXT handle, const struct multistring *groups,
                                struct multistring *names)
{
    struct face_selection selection = {.present = false};
    uint32_t context;
    multistring_init(&selection.groups, FACE_LIST_MAX);
    enum sc_error error = begin_asking(handle, &context);
    if (error == SC_OK)
        error = select_readers(groups, &selection);
    if (error == SC_OK)
        error = face_list_selected(context, &selection, names);
    end_asking(handle, context);
    multistring_clear(&selection.groups);
    return error;
}

enum sc_error face_reader_groups(SCARDCONTEXT handle, struct multistring *names)
{
    uint32_t context;
    enum sc_error error = begin_asking(handle, &context);
    if (error == SC_OK)
        error = face_list_groups(context, names);
    end_asking(handle, context);
    return error;
}

/* --- Watching ----------------------------------------------------------------------- */

/* Puts the readers behind introduced names in their places. Only names that no reader
 * has, as the caller or the manager says, are looked for in the database: a caller that
 * watches readers that are there does not pay for it. Says whether there were any. */
static bool use_devices(uint32_t context, struct watch_entry *entries,
                        struct face_entry_name *names, size_t count, bool before)
{
    bool used = false;
    for (size_t i = 0; i < count; i++) {
        uint32_t known = before ? entries[i].current : entries[i].event;
        char device[DRIVER_NAME_MAX], shown[DRIVER_NAME_MAX];
        struct reader_info info;
        if ((known & SCARD_STATE_UNKNOWN) == 0 || names[i].asked
            || (!before && (known & SCARD_STATE_UNAVAILABLE) != 0))
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

/* A caller that knows that a reader is unknown waits for it to come; one that does not is
 * told so at once, before the time is spent: so there is no waiting but in the last call.
 */
enum sc_error face_watch_entries(uint32_t context, uint64_t timeout_ms,
                                 struct watch_entry *entries,
                                 struct face_entry_name *names, size_t count)
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
