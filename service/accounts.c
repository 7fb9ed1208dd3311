/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of users and groups, as the system knows them. */
#include "service/accounts.h"

#include "os/trust.h"

static enum sc_error find_user(void *context, const char *name, uint32_t *uid)
{
    (void)context;
    return os_find_user(name, uid);
}

static enum sc_error find_group(void *context, const char *name, uint32_t *gid)
{
    (void)context;
    return os_find_group(name, gid);
}

const struct policy_accounts *accounts_system(void)
{
    static const struct policy_accounts accounts = {find_user, find_group, NULL};
    return &accounts;
}
