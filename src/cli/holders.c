/* SPDX-License-Identifier: BSD-2-Clause */
#include "cli/holders.h"

#include "cli/platform.h"
#include "cli/usb_device.h"

#include <string.h>

void holders_add(struct holders *holders, const struct holder *holder)
{
    if (holders->count == HOLDERS_MAX)
        holders->cut = true;
    else
        holders->holder[holders->count++] = *holder;
}

/* --- The system's list of processes ------------------------------------------------- */

struct search {
    struct holders *holders;
    const char *reader;
    enum holder_sure sure;
    size_t found;
};

static void add_process(void *context, uint32_t pid, uint32_t uid, const char *program)
{
    struct search *search = context;
    struct holder holder = {
        .pid = pid, .uid = uid, .has_uid = true, .alone = true, .sure = search->sure};
    struct text text;
    if (pid == platform_process())
        return;
    text_start(&text, holder.reader, sizeof holder.reader);
    text_add(&text, "%s", search->reader);
    text_start(&text, holder.program, sizeof holder.program);
    text_add(&text, "%s", program);
    holders_add(search->holders, &holder);
    search->found++;
}

/* Whose device it is. Processes of others do not show what they have open: then those
 * that are there to have readers are named. */
static void find_local(struct holders *holders, SCARDCONTEXT context, const char *reader)
{
    static const char *const services[] = {"pcscd", "winscardd"};
    struct search search = {holders, reader, HOLDER_CERTAIN, 0};
    char id[256] = "";
    char node[USB_NODE_ROOM];
    DWORD size = sizeof id - 1;
    if (SCardGetReaderDeviceInstanceIdA(context, reader, id, &size) != SCARD_S_SUCCESS
        || !usb_device_node(USB_DEVICES, USB_NODES, id, node))
        return;
    platform_file_users(node, add_process, &search);
    search.sure = HOLDER_POSSIBLE;
    for (size_t i = 0; i < TEXT_COUNT(services) && search.found == 0; i++)
        platform_processes_named(services[i], add_process, &search);
}

/* pcscd does not say who has a reader alone; but it is one of those that are connected to
 * it, as far as they show. */
static void find_pcscd(struct holders *holders, const char *reader)
{
    struct search search = {holders, reader, HOLDER_POSSIBLE, 0};
    platform_socket_users(holders->endpoint, add_process, &search);
}

void holders_find(struct holders *holders, SCARDCONTEXT context,
                  const SCARD_READERSTATEA *states, size_t count)
{
    memset(holders, 0, sizeof *holders);
    holders->carrier = carrier_find(holders->endpoint);
    if (holders->carrier == CARRIER_SERVICE)
        holders_ask_service(holders);
    for (size_t i = 0; i < count; i++) {
        DWORD state = states[i].dwEventState;
        if (holders->carrier == CARRIER_LOCAL && (state & SCARD_STATE_UNAVAILABLE))
            find_local(holders, context, states[i].szReader);
        else if (holders->carrier == CARRIER_PCSCD && (state & SCARD_STATE_EXCLUSIVE))
            find_pcscd(holders, states[i].szReader);
    }
}

/* --- Words -------------------------------------------------------------------------- */

void holders_name(const struct holder *holder, struct text *text)
{
    text_add(text, "%s (", holder->program[0] != '\0' ? holder->program : "a program");
    if (holder->pid != 0)
        text_add(text, "process %u", (unsigned)holder->pid);
    else
        text_add(text, "connected over TCP");
    if (holder->has_uid)
        text_add(text, ", user %u", (unsigned)holder->uid);
    text_add(text, ")");
}

/* Does it keep the reader from others? */
static bool keeps(const struct holder *holder, const SCARD_READERSTATEA *state)
{
    return strcmp(holder->reader, state->szReader) == 0
           && (holder->alone || holder->transaction);
}

void holders_words(const struct holders *holders, const SCARD_READERSTATEA *state,
                   struct text *text)
{
    size_t possible = 0;
    const char *comma = "";
    for (size_t i = 0; i < holders->count; i++)
        possible += keeps(&holders->holder[i], state)
                            && holders->holder[i].sure == HOLDER_POSSIBLE
                        ? 1
                        : 0;
    if (possible > 0)
        text_add(text, possible > 1 ? "one of " : "probably ");
    for (size_t i = 0; i < holders->count; i++) {
        if (!keeps(&holders->holder[i], state))
            continue;
        text_add(text, "%s", comma);
        holders_name(&holders->holder[i], text);
        comma = ", ";
    }
}

const char *holders_cut_words(const struct holders *holders)
{
    return holders->cut ? "There may be more programs that use readers than are listed."
                        : "";
}

static const char *share_name(const struct holder *holder)
{
    return holder->alone ? "exclusive" : "shared";
}

void holders_json(const struct holders *holders, struct json *json, const char *key,
                  const char *reader)
{
    bool begun = false;
    for (size_t i = 0; i < holders->count; i++) {
        const struct holder *holder = &holders->holder[i];
        if (strcmp(holder->reader, reader) != 0)
            continue;
        if (!begun)
            json_array(json, key);
        begun = true;
        json_object(json, NULL);
        json_string(json, "program", holder->program);
        if (holder->pid != 0)
            json_number(json, "process", holder->pid);
        if (holder->has_uid)
            json_number(json, "user", holder->uid);
        json_string(json, "share", share_name(holder));
        json_bool(json, "transaction", holder->transaction);
        json_bool(json, "certain", holder->sure == HOLDER_CERTAIN);
        json_end(json);
    }
    if (begun)
        json_end(json);
    if (holders->cut)
        json_bool(json, "users_cut", true);
}
