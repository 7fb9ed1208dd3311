/* SPDX-License-Identifier: BSD-2-Clause */
/* The layers of the database, and the lock around them. */
#include "database/access.h"

#include "base/log.h"
#include "os/cancel.h"
#include "os/fork.h"
#include "os/lock.h"

#include <assert.h>
#include <string.h>

static struct os_mutex database_lock = OS_MUTEX_INIT;

/* SQLite's calls are points of cancellation, which must not keep the lock. */
void access_begin(void)
{
    os_hold_at_fork(&database_lock);
    os_cancel_off();
    os_mutex_lock(&database_lock);
}

void access_end(void)
{
    os_mutex_unlock(&database_lock);
    os_cancel_restore();
}

enum sc_error access_pass_over(struct access *access, int scope, enum sc_error error)
{
    assert(scope >= 0 && scope < ACCESS_SCOPES);
    if (error == SC_OK || error == SC_E_NO_MEMORY)
        return error;
    if (error != SC_E_FILE_NOT_FOUND && error != SC_E_UNSUPPORTED_FEATURE)
        log_error("the %s's database of cards cannot be read (%s): skipped",
                  scope == DATABASE_SYSTEM ? "machine" : "user", sc_error_name(error));
    store_close(access->stores[scope]);
    access->stores[scope] = NULL;
    return SC_OK;
}

enum sc_error access_open_stores(struct access *access)
{
    enum sc_error error = SC_OK;
    memset(access, 0, sizeof(*access));
    for (int scope = 0; error == SC_OK && scope < ACCESS_SCOPES; scope++)
        error = access_pass_over(
            access, scope,
            store_open((enum database_scope)scope, &access->stores[scope]));
    if (error != SC_OK)
        access_close(access);
    return error;
}

enum sc_error access_open(struct access *access)
{
    const struct packaged *packaged;
    memset(access, 0, sizeof(*access));
    enum sc_error error = packaged_load(&packaged);
    if (error == SC_OK)
        error = access_open_stores(access);
    if (error == SC_OK)
        access->packaged = packaged;
    return error;
}

void access_close(struct access *access)
{
    for (int scope = 0; scope < ACCESS_SCOPES; scope++)
        store_close(access->stores[scope]);
    memset(access->stores, 0, sizeof(access->stores));
}

enum sc_error access_find_card(struct access *access, const char *name, int end,
                               struct database_entry *card)
{
    assert(end <= ACCESS_ALL && (end != ACCESS_ALL || access->packaged != NULL));
    for (int scope = 0; scope < end && scope < ACCESS_SCOPES; scope++) {
        enum sc_error error = SC_E_UNKNOWN_CARD;
        if (access->stores[scope] != NULL)
            error = store_get_card(access->stores[scope], name, card);
        if (error == SC_OK)
            return SC_OK;
        if (error != SC_E_UNKNOWN_CARD)
            error = access_pass_over(access, scope, error);
        if (error == SC_E_NO_MEMORY)
            return error;
    }
    const struct packaged_card *found =
        end == ACCESS_ALL ? packaged_find(access->packaged, name) : NULL;
    if (found == NULL)
        return SC_E_UNKNOWN_CARD;
    packaged_get(found, card);
    return SC_OK;
}

enum sc_error access_open_existing(enum database_scope scope, struct store **store)
{
    enum sc_error error = store_open(scope, store);
    store_close(*store);
    *store = NULL;
    if (error == SC_OK)
        error = store_open_write(scope, store);
    return error;
}

enum sc_error access_finish_write(struct store *store, enum sc_error error)
{
    assert(store != NULL);
    if (error == SC_OK)
        error = store_commit(store);
    store_close(store);
    return error;
}
