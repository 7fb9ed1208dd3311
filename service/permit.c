/* SPDX-License-Identifier: BSD-2-Clause */
#include "service/permit.h"

#include "base/atomic.h"
#include "base/log.h"
#include "host/host.h"
#include "service/polkit.h"
#include "service/server.h"

#include <string.h>

static struct policy_peer peer_of(const struct session *session)
{
    assert(session->gid_count <= SESSION_GROUPS_MAX);
    struct policy_peer peer = {
        .uid = session->uid, .gids = session->gids, .gid_count = session->gid_count};
    return peer;
}

/* Both names of a reader; false: there is none of this name. */
static bool find_names(uint32_t context, const char *reader,
                       char names[2][DRIVER_NAME_MAX])
{
    struct reader_info info;
    return host_reader_info(context, reader, NAME_WINDOWS, &info, names[0]) == SC_OK
           && host_reader_info(context, reader, NAME_PCSCLITE, &info, names[1]) == SC_OK;
}

/* --- polkit ------------------------------------------------------------------------- */

#if POLKIT_BUILT
static void answered(void *context, bool allowed)
{
    struct call *call = context;
    atomic_store_u32(&call->asking, allowed ? CALL_ALLOWED : CALL_REFUSED);
    server_ready(call->server, call);
}

static enum permit ask_polkit(struct call *call, enum policy_right right,
                              const char *reader)
{
    struct session *session = call->session;
    struct polkit_process process = {.pid = (int32_t)session->pid,
                                     .uid = session->uid,
                                     .start_time = session->start_time};
    if (atomic_load_u32(&call->asking) == CALL_PERMITTED)
        return PERMIT_YES;
    if (call->server->polkit == NULL || session->pid == 0)
        return PERMIT_NO;
    atomic_store_u32(&call->asking, CALL_ASKING);
    enum sc_error error = polkit_ask(call->server->polkit, &process, right, reader,
                                     answered, call, &call->question);
    if (error == SC_OK)
        return PERMIT_LATER;
    atomic_store_u32(&call->asking, CALL_NOT_ASKING);
    log_error("polkit is not asked: %s", sc_error_words(error));
    return PERMIT_NO;
}

void permit_forget(struct call *call)
{
    polkit_cancel(call->server->polkit, call->question);
}
#else
static enum permit ask_polkit(struct call *call, enum policy_right right,
                              const char *reader)
{
    (void)call;
    (void)right;
    (void)reader;
    return PERMIT_NO; /* no rule can say so in this build */
}

void permit_forget(struct call *call)
{
    (void)call;
}
#endif

/* --- Readers ------------------------------------------------------------------------ */

static enum permit decide(struct call *call, char names[2][DRIVER_NAME_MAX],
                          enum policy_right right)
{
    assert(right == POLICY_USE || right == POLICY_CONTROL);
    const char *const both[] = {names[0], names[1]};
    struct policy_peer peer = peer_of(call->session);
    struct policy *policy = policy_store_get(call->server->options.policy);
    enum policy_answer answer = policy_may(policy, &peer, both, 2, right);
    uint32_t line =
        answer == POLICY_DENY ? policy_line(policy, &peer, both, 2, right) : 0;
    policy_release(policy);
    if (answer == POLICY_ALLOW)
        return PERMIT_YES;
    if (answer == POLICY_ASK)
        return ask_polkit(call, right, names[0]);
    log_info("user %u may not %s %s (policy line %u)", (unsigned)call->session->uid,
             right == POLICY_USE ? "use" : "control", names[0], (unsigned)line);
    return PERMIT_NO;
}

enum permit permit_reader(struct call *call, uint32_t context, const char *reader,
                          enum policy_right right)
{
    char names[2][DRIVER_NAME_MAX];
    if (!find_names(context, reader, names))
        return PERMIT_NO_READER;
    return decide(call, names, right);
}

enum permit permit_card(struct call *call, uint32_t card, enum policy_right right)
{
    char names[2][DRIVER_NAME_MAX];
    struct card_status status;
    for (unsigned style = 0; style < 2; style++) {
        if (host_card_status(card, style == 0 ? NAME_WINDOWS : NAME_PCSCLITE, &status)
            == SC_E_INVALID_HANDLE)
            return PERMIT_YES;
        memcpy(names[style], status.name, DRIVER_NAME_MAX);
    }
    return decide(call, names, right);
}

bool permit_visible(const struct session *session, uint32_t context, const char *reader)
{
    char names[2][DRIVER_NAME_MAX];
    const char *const both[] = {names[0], names[1]};
    return find_names(context, reader, names) && permit_visible_names(session, both);
}

bool permit_visible_names(const struct session *session, const char *const names[2])
{
    struct policy_peer peer = peer_of(session);
    struct policy *policy = policy_store_get(session->policy);
    bool visible = policy_list_visible(policy, &peer, names, 2);
    policy_release(policy);
    return visible;
}
