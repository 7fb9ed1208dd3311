/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to pcscd: contexts, and the calls that need nothing but what is known. */
#include "client/client.h"

#include "client/pcscd_core.h"
#include "os/time.h"

#include <string.h>

static void rest_if_unused(struct pcscd *core) NEEDS_LOCK(*core_lifecycle())
{
    os_mutex_lock(&core->lock);
    bool unused = core->manager.context_count == 0;
    os_mutex_unlock(&core->lock);
    if (!unused)
        return;
    watcher_stop(core);
    core_rest(core);
}

static enum sc_error pcscd_establish(enum program_abi abi, uint32_t *context)
{
    struct pcscd *core = NULL;
    os_mutex_lock(core_lifecycle());
    enum sc_error error = core_find(&core);
    if (error == SC_OK) {
        os_mutex_lock(&core->lock);
        error = manager_context_new(&core->manager, context);
        if (error == SC_OK) {
            manager_context_find(&core->manager, *context)->program.abi = abi;
            core->epochs[handle_index(*context, HANDLE_CONTEXT)] = core->epoch;
        }
        os_mutex_unlock(&core->lock);
        if (error != SC_OK)
            rest_if_unused(core);
    }
    os_mutex_unlock(core_lifecycle());
    return error;
}

static enum sc_error pcscd_release(uint32_t context)
{
    struct pcscd *core = core_current();
    uint32_t card;
    if (core == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&core->lock);
    struct context *released = manager_context_release(&core->manager, context);
    mirror_wake_watches(core);
    if (released != NULL)
        card_release_pending(core, context);
    while (released != NULL
           && (card = manager_context_next_card(&core->manager, released)) != 0)
        card_release(core, card);
    os_mutex_unlock(&core->lock);
    if (released == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(core_lifecycle());
    rest_if_unused(core);
    os_mutex_unlock(core_lifecycle());
    return SC_OK;
}

/* --- The calls that ask nobody else ------------------------------------------------- */

static enum sc_error check_context(uint32_t context)
{
    enum sc_error error;
    struct pcscd *core;
    if (core_peek_context(context, &core, &error))
        os_mutex_unlock(&core->lock);
    return error;
}

static enum sc_error pcscd_cancel(uint32_t context)
{
    enum sc_error error;
    struct pcscd *core;
    if (!core_lock_context(context, &core, &error))
        return error;
    watch_cancel(&core->manager, context);
    mirror_wake_watches(core);
    card_cancel(core, context);
    os_mutex_unlock(&core->lock);
    return SC_OK;
}

static enum sc_error pcscd_list_readers(uint32_t context, enum name_style style,
                                        struct multistring *names)
{
    enum sc_error error;
    struct pcscd *core;
    if (!core_lock_fresh(context, &core, &error))
        return error;
    error = manager_list_readers(&core->manager, style, names);
    os_mutex_unlock(&core->lock);
    return error;
}

static enum sc_error reader_info(uint32_t context, const char *name,
                                 enum name_style style, struct reader_info *info,
                                 char shown[DRIVER_NAME_MAX])
{
    enum sc_error error;
    struct pcscd *core;
    if (!core_lock_fresh(context, &core, &error))
        return error;
    error = manager_reader_copy(&core->manager, name, style, info, shown);
    os_mutex_unlock(&core->lock);
    if (error == SC_OK)
        memset(info->device_id, 0, sizeof(info->device_id)); /* pcscd does not tell */
    return error;
}

/* pcscd has no card cache: it is kept in the process. */
static enum sc_error pcscd_read_cache(uint32_t context, const uint8_t id[16],
                                      uint32_t freshness, const char *name, uint8_t *data,
                                      size_t *size)
{
    enum sc_error error;
    struct pcscd *core;
    if (!core_lock_context(context, &core, &error))
        return error;
    error = cache_copy(&core->manager.cache, 0, id, freshness, name, data, size);
    os_mutex_unlock(&core->lock);
    return error;
}

static enum sc_error pcscd_write_cache(uint32_t context, const uint8_t id[16],
                                       uint32_t freshness, const char *name,
                                       const uint8_t *data, size_t size)
{
    enum sc_error error;
    struct pcscd *core;
    if (!core_lock_context(context, &core, &error))
        return error;
    error = cache_write(&core->manager.cache, 0, id, freshness, name, data, size);
    os_mutex_unlock(&core->lock);
    return error;
}

bool client_finds_pcscd(void)
{
    enum { ANSWER_MS = 3000 }; /* systemd may have to start it */
    struct pcscd_link *link;
    if (link_open(os_now_ms() + ANSWER_MS, &link) != SC_OK)
        return false;
    link_close(link);
    return true;
}

const struct carrier carrier_pcscd = {
    .name = "pcscd",
    .establish = pcscd_establish,
    .release = pcscd_release,
    .check_context = check_context,
    .cancel = pcscd_cancel,
    .list_readers = pcscd_list_readers,
    .reader_info = reader_info,
    .watch = pcscd_watch,
    .connect = pcscd_connect,
    .card_call = pcscd_card_call,
    .card_status = pcscd_card_status,
    .get_attribute = pcscd_get_attribute,
    .read_cache = pcscd_read_cache,
    .write_cache = pcscd_write_cache,
};

const struct carrier *client_pcscd(void)
{
    return &carrier_pcscd;
}
