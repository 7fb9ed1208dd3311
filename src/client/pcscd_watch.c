/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange: the calls that wait, and the one thread that hears of events for
 * all of them. What a call missed before the thread was registered with pcscd, it sees in
 * the states that the thread asks for right after. */
#include "client/pcscd_core.h"
#include "os/cancel.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

enum { PAUSE_MS = 100 }; /* between tries for a connection that pcscd does not give */

/* --- The thread --------------------------------------------------------------------- */

/* Registers for an event, looks at what was missed, and waits. The core is not locked. */
static enum sc_error hear_events(struct pcscd *core, uint32_t epoch,
                                 struct pcscd_link *link)
{
    bool came = false;
    enum sc_error error = link_arm(link, &came);
    if (error == SC_OK)
        error = core_refresh(core, epoch);
    if (error == SC_OK && !came) {
        error = link_wait(link, &core->watcher.wake);
        if (error == SC_OK)
            error = core_refresh(core, epoch);
    }
    return error;
}

static void pause_watcher(struct pcscd *core)
{
    os_mutex_lock(&core->lock);
    if (!core->watcher.stopping)
        os_cond_wait(&core->watcher.cond, &core->lock, os_now_ms() + PAUSE_MS);
    os_mutex_unlock(&core->lock);
}

/* One event; *link is kept for the next one, *link_epoch is of which pcscd it is. */
static void watch_once(struct pcscd *core, uint32_t epoch, struct pcscd_link **link,
                       uint32_t *link_epoch)
{
    enum sc_error error = SC_OK;
    if (*link != NULL && *link_epoch != epoch) {
        link_close(*link);
        *link = NULL;
    }
    if (*link == NULL)
        error = link_open(os_now_ms() + LINK_OPEN_MS, link);
    if (error == SC_OK) {
        *link_epoch = epoch;
        error = hear_events(core, epoch, *link);
    }
    if (*link != NULL && link_is_broken(*link)) {
        link_close(*link);
        *link = NULL;
    }
    /* Whether pcscd is gone, or gives this connection no chance, the states tell; and in
     * the latter case they are looked at time and again. */
    if (error != SC_OK && error != SC_E_CANCELLED && core_refresh(core, epoch) == SC_OK)
        pause_watcher(core);
}

static void run_watcher(void *context)
{
    struct pcscd *core = context;
    struct pcscd_link *link = NULL;
    uint32_t link_epoch = 0;
    os_mutex_lock(&core->lock);
    while (!core->watcher.stopping) {
        if (!core->alive || list_empty(&core->manager.watches)) {
            os_cond_wait(&core->watcher.cond, &core->lock, OS_FOREVER);
            continue;
        }
        uint32_t epoch = core->epoch;
        os_mutex_unlock(&core->lock);
        watch_once(core, epoch, &link, &link_epoch);
        os_mutex_lock(&core->lock);
    }
    os_mutex_unlock(&core->lock);
    if (link != NULL)
        link_close(link);
}

/* Somebody waits. */
static enum sc_error need_watcher(struct pcscd *core) NEEDS_LOCK(core->lock)
{
    struct pcscd_watcher *watcher = &core->watcher;
    if (watcher->started) {
        os_cond_signal(&watcher->cond);
        return SC_OK;
    }
    enum sc_error error = os_wake_init(&watcher->wake);
    if (error != SC_OK)
        return error;
    watcher->stopping = false;
    error = os_thread_start(&watcher->thread, "winscard-pcscd", run_watcher, core);
    if (error != SC_OK)
        os_wake_destroy(&watcher->wake);
    watcher->started = error == SC_OK;
    return error;
}

void watcher_stop(struct pcscd *core)
{
    struct pcscd_watcher *watcher = &core->watcher;
    os_mutex_lock(&core->lock);
    bool started = watcher->started;
    watcher->stopping = true;
    if (started)
        os_wake_raise(&watcher->wake);
    os_cond_signal(&watcher->cond);
    os_mutex_unlock(&core->lock);
    if (!started)
        return;
    os_thread_join(&watcher->thread);
    os_mutex_lock(&core->lock);
    watcher->started = false;
    os_wake_destroy(&watcher->wake);
    os_mutex_unlock(&core->lock);
}

/* --- The calls ---------------------------------------------------------------------- */

struct watch_wait {
    struct os_cond cond;
    struct watch *watch;
};

/* The thread is cancelled while it waits; the core is locked. */
static void stop_watching(void *context)
{
    struct watch_wait *wait = context;
    watch_end(wait->watch);
    os_cond_destroy(&wait->cond);
}

static enum sc_error watch_until(struct pcscd *core, struct watch_wait *wait)
    NEEDS_LOCK(core->lock)
{
    struct watch *watch = wait->watch;
    for (;;) {
        struct reader *probe = NULL; /* pcscd's own affair */
        if (watch_check(&core->manager, watch, os_now_ms(), &probe) == WATCH_READY)
            return watch->error;
        enum sc_error error = need_watcher(core);
        if (error != SC_OK)
            return error;
        bool in_time = true;
        while (!watch->woken && in_time)
            in_time = os_cond_wait_cancellable(&wait->cond, &core->lock, watch->until_ms,
                                               stop_watching, wait);
    }
}

enum sc_error pcscd_watch(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                          struct watch_entry *entries, uint32_t count)
{
    enum sc_error error;
    struct watch watch = {.context = context,
                          .rule = rule,
                          .entries = entries,
                          .count = count,
                          .deadline_ms = os_deadline_ms(timeout_ms)};
    struct watch_wait wait = {.watch = &watch};
    struct pcscd *core;
    if (!core_lock_fresh(context, &core, &error))
        return error;
    os_cond_init(&wait.cond);
    watch.waiter = &wait.cond;
    error = watch_begin(&core->manager, &watch);
    if (error == SC_OK)
        error = watch_until(core, &wait);
    watch_end(&watch);
    os_mutex_unlock(&core->lock);
    os_cond_destroy(&wait.cond);
    /* This was the one time that it is reported, but for other calls that wait now. */
    enum sc_error told;
    if (error == SC_E_SERVICE_STOPPED && core_lock_context(context, &core, &told))
        os_mutex_unlock(&core->lock);
    return error;
}
