/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the users of readers are looked for: in the service, which knows them, or in the
 * system's list of processes. */
#include "cli/holders.h"

#include "cli/platform.h"
#include "cli/usb_device.h"
#include "os/endpoint.h"

#include <string.h>

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
        || !usb_device_node(os_usb_devices(), os_usb_nodes(), id, node))
        return;
    platform_file_users(node, add_process, &search);
    search.sure = HOLDER_POSSIBLE;
    for (size_t i = 0; i < TEXT_COUNT(services) && search.found == 0; i++)
        platform_processes_named(services[i], add_process, &search);
}

/* pcscd does not say which program has a reader alone; but it is one of those that are connected to
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
