/* SPDX-License-Identifier: BSD-2-Clause */
/* The one thread of the host: it sleeps until the earliest deadline of any job, idle
 * transaction or unused card, and looks at every slot then. Jobs do not wake it when it
 * is going to look before their deadline anyway, so a busy reader costs one wake-up in
 * ten minutes, and an idle process none. */
#include "base/atomic.h"
#include "host/host_internal.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

void watchdog_init(struct watchdog *watchdog, struct host *host,
                   uint64_t (*look)(struct host *host))
{
    watchdog->host = host;
    watchdog->look = look;
    os_mutex_init(&watchdog->lock);
    os_cond_init(&watchdog->cond);
    watchdog->started = false;
    watchdog->stopping = true;
    watchdog->wake_ms = OS_FOREVER;
}

void watchdog_allow(struct watchdog *watchdog)
{
    os_mutex_lock(&watchdog->lock);
    watchdog->stopping = false;
    os_mutex_unlock(&watchdog->lock);
}

static void watchdog_main(void *context)
{
    struct watchdog *watchdog = context;
    os_mutex_lock(&watchdog->lock);
    while (!watchdog->stopping) {
        if (os_now_ms() < watchdog->wake_ms) {
            os_cond_wait(&watchdog->cond, &watchdog->lock, watchdog->wake_ms);
            continue;
        }
        /* Deadlines that come up while we look must set it again: FOREVER first. */
        atomic_store_u64(&watchdog->wake_ms, OS_FOREVER);
        os_mutex_unlock(&watchdog->lock);
        uint64_t next_ms = watchdog->look(watchdog->host);
        os_mutex_lock(&watchdog->lock);
        if (next_ms < watchdog->wake_ms)
            atomic_store_u64(&watchdog->wake_ms, next_ms);
    }
    os_mutex_unlock(&watchdog->lock);
}

void watchdog_need(struct watchdog *watchdog, uint64_t deadline_ms)
{
    if (deadline_ms >= atomic_load_u64(&watchdog->wake_ms))
        return;
    os_mutex_lock(&watchdog->lock);
    if (!watchdog->started && !watchdog->stopping)
        watchdog->started =
            os_thread_start(&watchdog->thread, "winscard-timer", watchdog_main, watchdog)
            == SC_OK;
    if (watchdog->started && deadline_ms < watchdog->wake_ms) {
        atomic_store_u64(&watchdog->wake_ms, deadline_ms);
        os_cond_signal(&watchdog->cond);
    }
    os_mutex_unlock(&watchdog->lock);
}

void watchdog_stop(struct watchdog *watchdog)
{
    os_mutex_lock(&watchdog->lock);
    bool started = watchdog->started;
    watchdog->stopping = true;
    os_cond_signal(&watchdog->cond);
    os_mutex_unlock(&watchdog->lock);
    if (started)
        os_thread_join(&watchdog->thread);
    /* A caller on its way out may still come by: the lock stays, and starts nothing. */
    os_mutex_lock(&watchdog->lock);
    watchdog->started = false;
    atomic_store_u64(&watchdog->wake_ms, OS_FOREVER);
    os_mutex_unlock(&watchdog->lock);
}
