/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's life: it starts with the first context and stops with the last. Its memory,
 * once taken, stays: so a handle that is used too late finds a table that says no. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "host/host_internal.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/setting.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

static struct os_mutex host_lifecycle = OS_MUTEX_INIT;
static struct host *current_host;
static uint32_t host_forks;
static bool host_fork_is_watched;

struct host *host_current(void)
{
    return atomic_load_pointer(&current_host);
}

/* The child of a fork begins anew: locks, threads and devices stayed with the parent. */
static void forget_host(void)
{
    os_mutex_init(&host_lifecycle);
    host_forks++;
    atomic_store_pointer(&current_host, NULL);
}

static void read_settings(struct host *host)
{
    struct slot_rules *rules = &host->rules;
    log_take_setting(os_setting(SETTING_LOG));
    *rules = slot_default_rules;
    for (unsigned abi = 0; abi < ABI_KINDS; abi++)
        rules->idle_ms[abi] =
            os_setting_number(SETTING_TRANSACTION_MS, rules->idle_ms[abi]);
    rules->strict = os_setting_number(SETTING_TRANSACTION_STRICT, 0) != 0;
    rules->power_off_ms = os_setting_number(SETTING_POWER_OFF_MS, rules->power_off_ms);
}

static enum sc_error make_host(struct host **made)
{
    struct host *host = mem_alloc(sizeof(*host));
    if (host == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = manager_init(&host->manager, host_forks * 0x1357U);
    if (error != SC_OK) {
        mem_free(host);
        return error;
    }
    os_mutex_init(&host->lock);
    watchdog_init(&host->watchdog, host, helper_look);
    orphans_init(&host->orphans);
    read_settings(host);
    atomic_store_pointer(&current_host, host);
    *made = host;
    return SC_OK;
}

/* The lifecycle is locked. */
static enum sc_error start_host(bool cards, struct host **host) NEEDS_LOCK(host_lifecycle)
{
    *host = host_current();
    if (!host_fork_is_watched) {
        os_at_fork_child(forget_host);
        host_fork_is_watched = true;
    }
    if (*host == NULL) {
        enum sc_error error = make_host(host);
        if (error != SC_OK)
            return error;
    }
    if (!(*host)->running) {
        (*host)->running = true;
        watchdog_allow(&(*host)->watchdog);
        host_start_drivers(*host, cards);
    }
    return SC_OK;
}

/* The lifecycle is locked. */
static void stop_if_unused(struct host *host) NEEDS_LOCK(host_lifecycle)
{
    os_mutex_lock(&host->lock);
    bool unused = host->manager.context_count == 0;
    os_mutex_unlock(&host->lock);
    assert(host == host_current());
    if (!unused || !host->running)
        return;
    host_stop_drivers(host);
    watchdog_stop(&host->watchdog);
    host_join_tenders(host);
    orphans_join(&host->orphans);
    os_mutex_lock(&host->lock);
    cache_clear(&host->manager.cache);
    os_mutex_unlock(&host->lock);
    host->running = false;
}

static enum sc_error establish_as(const struct program *program, bool cards,
                                  uint32_t *context)
{
    struct host *host;
    os_mutex_lock(&host_lifecycle);
    enum sc_error error = start_host(cards, &host);
    if (error == SC_OK) {
        os_mutex_lock(&host->lock);
        error = manager_context_new(&host->manager, context);
        if (error == SC_OK)
            manager_context_find(&host->manager, *context)->program = *program;
        os_mutex_unlock(&host->lock);
        if (error != SC_OK)
            stop_if_unused(host);
    }
    os_mutex_unlock(&host_lifecycle);
    return error;
}

enum sc_error host_establish(uint32_t *context)
{
    static const struct program own;
    return establish_as(&own, true, context);
}

enum sc_error host_establish_for(const struct program *program, uint32_t *context)
{
    return establish_as(program, true, context);
}

enum sc_error host_establish_service(uint32_t *context)
{
    static const struct program own;
    return establish_as(&own, false, context);
}

void host_stop_if_unused(struct host *host)
{
    os_mutex_lock(&host_lifecycle);
    stop_if_unused(host);
    os_mutex_unlock(&host_lifecycle);
}
