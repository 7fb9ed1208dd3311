/* SPDX-License-Identifier: BSD-2-Clause */
/* The calls that wait for nothing: a lock, and one call of the manager. */
#include "host/host_internal.h"

#include <string.h>

/* SC_OK, or SC_E_INVALID_HANDLE. The manager is locked. */
static enum sc_error check_known(struct host *host, uint32_t context)
    NEEDS_LOCK(host->lock)
{
    return manager_context_find(&host->manager, context) != NULL ? SC_OK
                                                                 : SC_E_INVALID_HANDLE;
}

enum sc_error host_check_context(uint32_t context)
{
    struct host *host = host_current();
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    enum sc_error error = check_known(host, context);
    os_mutex_unlock(&host->lock);
    return error;
}

/* --- Readers ------------------------------------------------------------------------ */

enum sc_error host_list_readers(uint32_t context, enum name_style style,
                                struct multistring *names)
{
    struct host *host = host_current();
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    enum sc_error error = check_known(host, context);
    if (error == SC_OK)
        error = manager_list_readers(&host->manager, style, names);
    os_mutex_unlock(&host->lock);
    return error;
}

enum sc_error host_reader_info(uint32_t context, const char *name, enum name_style style,
                               struct reader_info *info, char shown[DRIVER_NAME_MAX])
{
    struct host *host = host_current();
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    enum sc_error error = check_known(host, context);
    if (error == SC_OK)
        error = manager_reader_copy(&host->manager, name, style, info, shown);
    os_mutex_unlock(&host->lock);
    return error;
}

uint32_t host_refused_readers(void)
{
    return host_current()->refused;
}

uint32_t host_reader_changes(void)
{
    struct host *host = host_current();
    if (host == NULL)
        return 0;
    os_mutex_lock(&host->lock);
    uint32_t changes = host->manager.reader_changes;
    os_mutex_unlock(&host->lock);
    return changes;
}

enum sc_error host_visit_readers(reader_visit *visit, void *context, uint64_t *changes)
{
    struct host *host = host_current();
    *changes = 0;
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    manager_visit_readers(&host->manager, visit, context);
    *changes = host->manager.changes;
    os_mutex_unlock(&host->lock);
    return SC_OK;
}

/* --- Cards -------------------------------------------------------------------------- */

enum sc_error host_card_status(uint32_t id, enum name_style style,
                               struct card_status *status)
{
    struct host_slot *hs;
    struct card_handle *card;
    if (!host_lock_card(host_current(), id, &hs, &card))
        return SC_E_INVALID_HANDLE;
    enum sc_error error = slot_check_card(hs->slot, card);
    host_slot_touch(hs, card);
    manager_slot_status(hs->slot, style, status);
    status->protocol = card->active;
    os_mutex_unlock(&hs->lock);
    return error;
}

enum sc_error host_card_use(uint32_t id, struct card_use *use)
{
    struct host_slot *hs;
    struct card_handle *card;
    if (!host_lock_card(host_current(), id, &hs, &card))
        return SC_E_INVALID_HANDLE;
    const struct reader *reader = manager_reader_of_slot(hs->slot);
    memcpy(use->names, reader->names, sizeof(use->names));
    use->reader = reader;
    use->share = hs->slot->exclusive == card ? SHARE_EXCLUSIVE : card->share;
    use->holds = hs->slot->holder == card;
    os_mutex_unlock(&hs->lock);
    return SC_OK;
}

/* --- The cache ---------------------------------------------------------------------- */

enum sc_error host_read_cache(uint32_t context, const uint8_t id[16], uint32_t freshness,
                              const char *name, uint8_t *data, size_t *size)
{
    struct host *host = host_current();
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    const struct context *found = manager_context_find(&host->manager, context);
    enum sc_error error = found == NULL
                              ? SC_E_INVALID_HANDLE
                              : cache_copy(&host->manager.cache, found->program.user, id,
                                           freshness, name, data, size);
    os_mutex_unlock(&host->lock);
    return error;
}

enum sc_error host_write_cache(uint32_t context, const uint8_t id[16], uint32_t freshness,
                               const char *name, const uint8_t *data, size_t size)
{
    struct host *host = host_current();
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    const struct context *found = manager_context_find(&host->manager, context);
    enum sc_error error = found == NULL
                              ? SC_E_INVALID_HANDLE
                              : cache_write(&host->manager.cache, found->program.user, id,
                                            freshness, name, data, size);
    os_mutex_unlock(&host->lock);
    return error;
}

/* --- SCardCancel -------------------------------------------------------------------- */

/* The manager is locked. */
static void cancel_waits(struct host *host, struct context *context)
    NEEDS_LOCK(host->lock)
{
    struct list_link *at;
    LIST_FOR_EACH(at, &context->cards)
    {
        struct card_handle *card = LIST_ENTRY(at, struct card_handle, in_context);
        host_slot_cancel(host_slot_of(card->slot), card);
    }
    watch_cancel(&host->manager, context->id);
    host_wake_watches(host);
}

enum sc_error host_cancel(uint32_t context)
{
    struct host *host = host_current();
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    struct context *found = manager_context_find(&host->manager, context);
    if (found != NULL)
        cancel_waits(host, found);
    os_mutex_unlock(&host->lock);
    return found != NULL ? SC_OK : SC_E_INVALID_HANDLE;
}
