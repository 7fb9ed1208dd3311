/* SPDX-License-Identifier: BSD-2-Clause */
/* The one thread of the host: it sleeps until the earliest deadline of any job, idle
 * transaction or unused card, and looks at every slot then. Jobs do not wake it when it
 * is going to look before their deadline anyway, so a busy reader costs one wake-up in
 * ten minutes, and an idle process none. */
#include "base/atomic.h"
#include "base/log.h"
#include "host/host_internal.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/thread.h"
#include "os/time.h"

void watchdog_init(struct watchdog *watchdog)
{
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

static enum program_state look_at_program(const struct program *program)
{
    switch (os_process_state(program->pid, program->start_time)) {
    case OS_PROCESS_STOPPED:
        return PROGRAM_STOPPED;
    case OS_PROCESS_GONE:
        return PROGRAM_GONE;
    case OS_PROCESS_RUNS:
        break;
    }
    return PROGRAM_RUNS;
}

static uint64_t look_at_slot(struct host *host, struct reader *reader, uint64_t now_ms)
{
    struct host_slot *hs = host_slot_of(&reader->slot);
    struct slot_chores chores;
    struct program program;
    os_mutex_lock(&hs->lock);
    if (slot_asks_for_holder(&reader->slot, now_ms, &program))
        slot_note_holder(&reader->slot, look_at_program(&program), now_ms);
    uint64_t next_ms = slot_tick(&reader->slot, now_ms, &chores);
    if (chores.abort) {
        log_error("%s: a job is overdue, aborting it", reader->names[NAME_PCSCLITE]);
        host_slot_abort(hs);
    }
    host_slot_unlock(host, hs);
    if (chores.tend)
        tender_start(host, reader);
    return next_ms;
}

static uint64_t look_at_all(struct host *host)
{
    uint64_t now_ms = os_now_ms(), next_ms = OS_FOREVER;
    struct reader *reader;
    uint32_t index = 0;
    while ((reader = host_next_reader(host, &index)) != NULL) {
        uint64_t slot_ms = look_at_slot(host, reader, now_ms);
        next_ms = slot_ms < next_ms ? slot_ms : next_ms;
    }
    return next_ms;
}

static void watchdog_main(void *context)
{
    struct host *host = context;
    struct watchdog *watchdog = &host->watchdog;
    os_mutex_lock(&watchdog->lock);
    while (!watchdog->stopping) {
        if (os_now_ms() < watchdog->wake_ms) {
            os_cond_wait(&watchdog->cond, &watchdog->lock, watchdog->wake_ms);
            continue;
        }
        /* Deadlines that come up while we look must set it again: FOREVER first. */
        atomic_store_u64(&watchdog->wake_ms, OS_FOREVER);
        os_mutex_unlock(&watchdog->lock);
        uint64_t next_ms = look_at_all(host);
        os_mutex_lock(&watchdog->lock);
        if (next_ms < watchdog->wake_ms)
            atomic_store_u64(&watchdog->wake_ms, next_ms);
    }
    os_mutex_unlock(&watchdog->lock);
}

void watchdog_need(struct host *host, uint64_t deadline_ms)
{
    struct watchdog *watchdog = &host->watchdog;
    if (deadline_ms >= atomic_load_u64(&watchdog->wake_ms))
        return;
    os_mutex_lock(&watchdog->lock);
    if (!watchdog->started && !watchdog->stopping)
        watchdog->started =
            os_thread_start(&watchdog->thread, "winscard-watch", watchdog_main, host)
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
