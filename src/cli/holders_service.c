/* SPDX-License-Identifier: BSD-2-Clause */
/* What the service says of the users of its readers. */
#include "cli/holders.h"
#include "cli/platform.h"
#include "os/endpoint.h"
#include "os/time.h"
#include "users/users.h"

enum { PATIENCE_MS = 3000, SHARE_ALONE = 1 };

static void add_user(struct holders *holders, const struct reader_user *user)
{
    struct holder holder = {.pid = user->pid,
                            .uid = user->uid,
                            .has_uid = true,
                            .alone = user->share == SHARE_ALONE,
                            .transaction = user->holds};
    struct text text;
    if (user->share == 0 || (user->pid != 0 && user->pid == platform_process()))
        return;
    text_start(&text, holder.reader, sizeof holder.reader);
    text_add(&text, "%s", user->reader);
    text_start(&text, holder.program, sizeof holder.program);
    text_add(&text, "%s", user->program);
    /* A service in a sandbox does not see the processes of others. */
    if (user->program[0] == '\0' && user->pid != 0)
        platform_process_program(user->pid, holder.program, sizeof holder.program);
    holders_add(holders, &holder);
}

void holders_ask_service(struct holders *holders)
{
    struct reader_users users;
    if (holders->endpoint[0] != '/')
        return;
    enum sc_error error = users_ask(holders->endpoint, os_now_ms() + PATIENCE_MS, &users);
    for (size_t i = 0; i < users.count; i++)
        add_user(holders, &users.users[i]);
    holders->cut |= users.cut;
    if (error == SC_OK)
        holders->policy = users.policy;
    users_clear(&users);
}

enum service_answer service_probe(const struct carrier_place *place)
{
    struct reader_users users;
    uint64_t deadline_ms = os_now_ms() + PATIENCE_MS;
    enum sc_error error = place->file
                              ? users_ask_endpoint(place->path, deadline_ms, &users)
                              : users_ask(place->path, deadline_ms, &users);
    users_clear(&users);
    switch ((int)error) {
    case SC_E_INVALID_VALUE: /* too long a path, or a file with something else in it */
        return place->file ? SERVICE_STRANGE : SERVICE_ABSENT;
    case SC_E_FILE_NOT_FOUND:
        return SERVICE_ABSENT;
    case SC_E_READER_UNAVAILABLE:
        return SERVICE_DEAF;
    case SC_E_NO_ACCESS:
        return SERVICE_LOCKED;
    case SC_E_NO_SERVICE: /* a forwarder that was left alone */
        return place->file ? SERVICE_DEAF : SERVICE_STRANGE;
    case SC_W_SECURITY_VIOLATION:
        return SERVICE_STRANGE;
    case SC_E_TIMEOUT:
        return SERVICE_MUTE;
    case SC_F_COMM_ERROR:
        return SERVICE_CLOSES;
    case SC_E_UNSUPPORTED_FEATURE: /* it is older; or there are no such sockets here */
        return *os_machine_service() != '\0' || place->file ? SERVICE_ANSWERS
                                                            : SERVICE_NONE_HERE;
    default:
        return SERVICE_ANSWERS;
    }
}
