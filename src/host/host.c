/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's life: it starts with the first context and stops with the last. Its memory,
 * once taken, stays: so a handle that is used too late finds a table that says no. */
#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "host/host_internal.h"
#include "os/environment.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/time.h"

#include <stdlib.h>
#include <string.h>

static struct os_mutex lifecycle = OS_MUTEX_INIT;
static struct host *current;
static uint32_t forks;
static bool fork_is_watched;

struct host *host_current(void)
{
    return atomic_load_pointer(&current);
}

/* The child of a fork begins anew: locks, threads and devices stayed with the parent. */
static void forget_host(void)
{
    os_mutex_init(&lifecycle);
    forks++;
    atomic_store_pointer(&current, NULL);
}

static uint32_t number_or(const char *text, uint32_t number)
{
    return text != NULL ? (uint32_t)strtoul(text, NULL, 10) : number;
}

static void read_settings(struct host *host)
{
    struct slot_rules *rules = &host->rules;
    const char *idle = os_getenv("WINSCARD_TRANSACTION_MS");
    const char *strict = os_getenv("WINSCARD_TRANSACTION_STRICT");
    const char *power_off = os_getenv("WINSCARD_POWER_OFF_MS");
    log_take_setting(os_getenv("WINSCARD_LOG"));
    *rules = slot_default_rules;
    for (unsigned abi = 0; abi < ABI_KINDS; abi++)
        rules->idle_ms[abi] = number_or(idle, rules->idle_ms[abi]);
    rules->strict = number_or(strict, 0) != 0;
    rules->power_off_ms = number_or(power_off, rules->power_off_ms);
}

static enum sc_error make_host(struct host **made)
{
    struct host *host = mem_alloc(sizeof(*host));
    if (host == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = manager_init(&host->manager, forks * 0x1357U);
    if (error != SC_OK) {
        mem_free(host);
        return error;
    }
    os_mutex_init(&host->lock);
    watchdog_init(&host->watchdog);
    read_settings(host);
    atomic_store_pointer(&current, host);
    *made = host;
    return SC_OK;
}

/* The lifecycle is locked. */
static enum sc_error start(bool cards, struct host **host)
{
    *host = host_current();
    if (!fork_is_watched) {
        os_at_fork_child(forget_host);
        fork_is_watched = true;
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
static void stop_if_unused(struct host *host)
{
    os_mutex_lock(&host->lock);
    bool unused = host->manager.context_count == 0;
    os_mutex_unlock(&host->lock);
    if (!unused || !host->running)
        return;
    host_stop_drivers(host);
    watchdog_stop(&host->watchdog);
    host_join_tenders(host);
    os_mutex_lock(&host->lock);
    cache_clear(&host->manager.cache);
    os_mutex_unlock(&host->lock);
    host->running = false;
}

static enum sc_error establish(const struct program *program, bool cards,
                               uint32_t *context)
{
    struct host *host;
    os_mutex_lock(&lifecycle);
    enum sc_error error = start(cards, &host);
    if (error == SC_OK) {
        os_mutex_lock(&host->lock);
        error = manager_context_new(&host->manager, context);
        if (error == SC_OK)
            manager_context_find(&host->manager, *context)->program = *program;
        os_mutex_unlock(&host->lock);
        if (error != SC_OK)
            stop_if_unused(host);
    }
    os_mutex_unlock(&lifecycle);
    return error;
}

enum sc_error host_establish(uint32_t *context)
{
    static const struct program own;
    return establish(&own, true, context);
}

enum sc_error host_establish_for(const struct program *program, uint32_t *context)
{
    return establish(program, true, context);
}

enum sc_error host_establish_service(uint32_t *context)
{
    static const struct program own;
    return establish(&own, false, context);
}

/* The slot is locked. */
static void hurry(struct host_slot *hs, const struct card *card)
{
    const struct request *occupant = hs->slot->occupant;
    if (occupant != NULL && occupant->card == card && slot_hurry(hs->slot, os_now_ms()))
        host_slot_abort(hs);
}

void host_hurry_card(struct host *host, uint32_t id)
{
    struct card *card;
    struct host_slot *hs = host_lock_card(host, id, &card);
    if (hs == NULL)
        return;
    hurry(hs, card);
    host_slot_unlock(host, hs);
}

bool host_desert_card(struct host *host, uint32_t id, struct request *request,
                      struct host_slot **slot)
{
    memset(request, 0, sizeof(*request));
    request->kind = REQUEST_DISCONNECT;
    request->deserted = true;
    *slot = host_lock_card(host, id, &request->card);
    if (*slot == NULL)
        return false;
    host_retire_card(*slot, request->card, id, SC_E_CANCELLED);
    hurry(*slot, request->card);
    return true;
}

/* A card of a released context: what its other threads are waiting for, or doing, ends.
 */
static void drop_card(struct host *host, uint32_t id)
{
    struct request request;
    struct host_slot *hs;
    if (!host_desert_card(host, id, &request, &hs))
        return;
    host_slot_run(host, hs, &request, false);
    host_forget_card(host, hs, request.card);
}

void host_stop_if_unused(struct host *host)
{
    os_mutex_lock(&lifecycle);
    stop_if_unused(host);
    os_mutex_unlock(&lifecycle);
}

enum sc_error host_release(uint32_t context_id)
{
    struct host *host = host_current();
    uint32_t card;
    if (host == NULL)
        return SC_E_INVALID_HANDLE;
    os_mutex_lock(&host->lock);
    struct context *context = manager_context_release(&host->manager, context_id);
    host_wake_watches(host);
    while (context != NULL
           && (card = manager_context_next_card(&host->manager, context)) != 0) {
        os_mutex_unlock(&host->lock);
        drop_card(host, card);
        os_mutex_lock(&host->lock);
    }
    os_mutex_unlock(&host->lock);
    if (context == NULL)
        return SC_E_INVALID_HANDLE;
    host_stop_if_unused(host);
    return SC_OK;
}
