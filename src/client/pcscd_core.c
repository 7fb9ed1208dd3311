/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier's life: it begins with the first context and rests after the last; a pcscd
 * that died is replaced by the next one that is found. Memory stays, so a handle that is
 * used too late finds a table that says no. */
#include "client/pcscd_core.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/log.h"
#include "manager/limits.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/time.h"

#include <string.h>

static struct os_mutex core_lock = OS_MUTEX_INIT;
static struct pcscd *current_core;
static uint32_t core_forks;
static bool core_forgets_at_fork;

struct os_mutex *core_lifecycle(void)
{
    return &core_lock;
}

struct pcscd *core_current(void)
{
    return atomic_load_pointer(&current_core);
}

/* The child of a fork begins anew; the links forget themselves (pcscd_link.c). */
static void forget_core(void)
{
    struct pcscd *core = core_current();
    if (core != NULL && core->watcher.started)
        os_wake_destroy(&core->watcher.wake);
    os_mutex_init(&core_lock);
    core_forks++;
    atomic_store_pointer(&current_core, NULL);
}

static enum sc_error make_core(struct pcscd **made)
{
    struct pcscd *core = mem_alloc(sizeof(*core));
    if (core == NULL)
        return SC_E_NO_MEMORY;
    core->cards = mem_alloc_array(LIMIT_CARDS, sizeof(*core->cards));
    core->epochs = mem_alloc_array(LIMIT_CONTEXTS, sizeof(*core->epochs));
    enum sc_error error = manager_init(&core->manager, core_forks * 0x1357U);
    if (core->cards == NULL || core->epochs == NULL || error != SC_OK) {
        if (error == SC_OK)
            manager_clear(&core->manager);
        mem_free(core->cards);
        mem_free(core->epochs);
        mem_free(core);
        return SC_E_NO_MEMORY;
    }
    os_mutex_init(&core->lock);
    os_cond_init(&core->watcher.cond);
    atomic_store_pointer(&current_core, core);
    *made = core;
    return SC_OK;
}

/* --- Alive or not ------------------------------------------------------------------- */

static void close_idle(struct pcscd *core) NEEDS_LOCK(core->lock)
{
    while (core->idle_count > 0)
        link_close(core->idle[--core->idle_count]);
}

/* The pcscd of the current epoch is gone, or nobody needs it; the core is locked. */
static void lose(struct pcscd *core, enum sc_error error) NEEDS_LOCK(core->lock)
{
    if (!core->alive)
        return;
    assert(core->states != NULL && core->idle_count <= IDLE_LINKS_MAX);
    core->alive = false;
    link_shut(core->states);
    link_close(core->states);
    core->states = NULL;
    close_idle(core);
    mirror_clear(core, error);
}

/* A connection on which nothing is asked has nothing to say but its end. */
static void look_if_alive(struct pcscd *core) NEEDS_LOCK(core->lock)
{
    if (core->alive && link_is_mine_alone(core->states) && link_is_dead(core->states))
        lose(core, SC_E_SERVICE_STOPPED);
}

enum sc_error core_refresh(struct pcscd *core, uint32_t epoch)
{
    struct wire_reader *readers = NULL;
    size_t count = 0;
    os_mutex_lock(&core->lock);
    if (!core->alive || core->epoch != epoch) {
        os_mutex_unlock(&core->lock);
        return SC_E_SERVICE_STOPPED;
    }
    struct pcscd_link *link = core->states;
    link_hold(link);
    uint64_t question = ++core->asked;
    os_mutex_unlock(&core->lock);
    enum sc_error error = link_get_readers(link, &readers, &count);
    os_mutex_lock(&core->lock);
    bool is_current = core->alive && core->epoch == epoch;
    /* An answer that was overtaken by one to a later question is not needed. */
    if (error == SC_OK && is_current && question > core->applied) {
        core->applied = question;
        mirror_apply(core, readers, count);
    }
    if (link_is_broken(link)) {
        if (is_current)
            lose(core, SC_E_SERVICE_STOPPED);
        error = SC_E_SERVICE_STOPPED;
    }
    link_close(link);
    os_mutex_unlock(&core->lock);
    mem_free(readers);
    return error;
}

/* --- Contexts ----------------------------------------------------------------------- */

/* What is wrong with a context; SC_OK: nothing. `once`: its end is reported with this. */
static enum sc_error check_epoch(struct pcscd *core, uint32_t context, bool once)
    NEEDS_LOCK(core->lock)
{
    if (manager_context_find(&core->manager, context) == NULL)
        return SC_E_INVALID_HANDLE;
    uint32_t *epoch = &core->epochs[handle_index(context, HANDLE_CONTEXT)];
    look_if_alive(core);
    if (core->alive && *epoch == core->epoch)
        return SC_OK;
    bool reported = *epoch == 0;
    if (once)
        *epoch = 0;
    return reported ? SC_E_INVALID_HANDLE : SC_E_SERVICE_STOPPED;
}

static bool lock_checked(uint32_t context, bool once, struct pcscd **core,
                         enum sc_error *error) TRY_LOCKS(true, (*core)->lock)
{
    *error = SC_E_INVALID_HANDLE;
    *core = core_current();
    if (*core == NULL)
        return false;
    os_mutex_lock(&(*core)->lock);
    *error = check_epoch(*core, context, once);
    if (*error == SC_OK)
        return true;
    os_mutex_unlock(&(*core)->lock);
    return false;
}

bool core_lock_context(uint32_t context, struct pcscd **core, enum sc_error *error)
{
    return lock_checked(context, true, core, error);
}

bool core_peek_context(uint32_t context, struct pcscd **core, enum sc_error *error)
{
    return lock_checked(context, false, core, error);
}

bool core_lock_fresh(uint32_t context, struct pcscd **core, enum sc_error *error)
{
    if (!core_lock_context(context, core, error))
        return false;
    uint32_t epoch = (*core)->epoch;
    os_mutex_unlock(&(*core)->lock);
    *error = core_refresh(*core, epoch);
    if (*error != SC_OK && *error != SC_E_SERVICE_STOPPED)
        return false;
    return core_lock_context(context, core, error);
}

enum sc_error core_find(struct pcscd **found)
{
    struct pcscd *core = core_current();
    struct pcscd_link *link;
    if (!core_forgets_at_fork) {
        os_at_fork_child(forget_core);
        core_forgets_at_fork = true;
    }
    enum sc_error error = core == NULL ? make_core(&core) : SC_OK;
    if (error != SC_OK)
        return error;
    *found = core;
    os_mutex_lock(&core->lock);
    look_if_alive(core);
    bool alive = core->alive;
    os_mutex_unlock(&core->lock);
    if (alive)
        return SC_OK;
    link_forget_version();
    error = link_open(os_now_ms() + LINK_OPEN_MS, &link);
    if (error != SC_OK)
        return error;
    os_mutex_lock(&core->lock);
    core->states = link;
    core->epoch++;
    core->alive = true;
    core->asked = core->applied = 0;
    os_mutex_unlock(&core->lock);
    return SC_OK;
}

void core_rest(struct pcscd *core)
{
    assert(core == core_current());
    os_mutex_lock(&core->lock);
    lose(core, SC_E_CANCELLED);
    cache_clear(&core->manager.cache);
    os_mutex_unlock(&core->lock);
}
