/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of users and groups on POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "service/accounts.h"

#include "base/alloc.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <sys/types.h>

enum {
    ENTRY_FIRST = 1024,
    ENTRY_MAX = 1 << 20
}; /* bytes; groups may have many members */

/* One attempt with this much room: 0 or an errno; *found when there is such a name. */
typedef int look_up(const char *name, char *room, size_t size, uint32_t *id, bool *found);

static int look_up_user(const char *name, char *room, size_t size, uint32_t *id,
                        bool *found)
{
    struct passwd entry, *result = NULL;
    int error = getpwnam_r(name, &entry, room, size, &result);
    *found = error == 0 && result != NULL;
    if (*found)
        *id = (uint32_t)result->pw_uid;
    return error;
}

static int look_up_group(const char *name, char *room, size_t size, uint32_t *id,
                         bool *found)
{
    struct group entry, *result = NULL;
    int error = getgrnam_r(name, &entry, room, size, &result);
    *found = error == 0 && result != NULL;
    if (*found)
        *id = (uint32_t)result->gr_gid;
    return error;
}

/* POSIX lets systems say "no such name" by 0 or, as some do, by these. */
static bool means_not_found(int error)
{
    return error == 0 || error == ENOENT || error == ESRCH || error == EBADF
           || error == EPERM;
}

static enum sc_error find(look_up *attempt, const char *name, uint32_t *id)
{
    bool found = false;
    int error = ERANGE;
    for (size_t size = ENTRY_FIRST; error == ERANGE && size <= ENTRY_MAX; size *= 2) {
        char *room = mem_alloc(size);
        if (room == NULL)
            return SC_E_NO_MEMORY;
        do {
            error = attempt(name, room, size, id, &found);
        } while (error == EINTR);
        mem_free(room);
    }
    if (found)
        return SC_OK;
    return means_not_found(error) ? SC_E_FILE_NOT_FOUND : SC_F_INTERNAL_ERROR;
}

static enum sc_error find_user(void *context, const char *name, uint32_t *uid)
{
    (void)context;
    return find(look_up_user, name, uid);
}

static enum sc_error find_group(void *context, const char *name, uint32_t *gid)
{
    (void)context;
    return find(look_up_group, name, gid);
}

const struct policy_accounts *accounts_system(void)
{
    static const struct policy_accounts accounts = {find_user, find_group, NULL};
    return &accounts;
}
