/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host does to a reader of its own accord: asking a new card for its ATR, and
 * what time brings (slot_tick()). A thread of its own for each reader where that is due,
 * as short as the job takes. Who waits for news of several readers is not held up by the
 * one whose card does not answer (a minute, until it is stopped). */
#include "base/log.h"
#include "host/host_internal.h"
#include "manager/watch.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/thread.h"
#include "os/time.h"

#include <assert.h>

/* --- Threads ------------------------------------------------------------------------ */

/* The manager is locked, and the helper before this one has nothing more to do with the
 * lock: it is awaited. */
static bool start_helper(struct reader *reader, enum helper_kind kind, const char *name,
                         void (*main)(void *))
{
    assert(kind < HELPERS);
    struct host_helper *helper = &host_slot_of(&reader->slot)->helpers[kind];
    if (helper->started)
        os_thread_join(&helper->thread);
    helper->started = os_thread_start(&helper->thread, name, main, reader) == SC_OK;
    return helper->started;
}

void helper_join(struct host *host, struct reader *reader, enum helper_kind kind)
{
    struct host_helper *helper = &host_slot_of(&reader->slot)->helpers[kind];
    os_mutex_lock(&host->lock);
    bool joins = helper->started;
    helper->started = false;
    os_mutex_unlock(&host->lock);
    if (joins)
        os_thread_join(&helper->thread);
}

/* --- The ATR ------------------------------------------------------------------------ */

/* A request of the host's own, to its end. No lock is held. */
static enum sc_error run_own(struct host_slot *hs, enum request_kind kind)
{
    struct host_op op;
    os_mutex_lock(&hs->lock);
    if (!host_op_own(&op, hs->host, hs, kind))
        host_op_wait(&op);
    return op.error;
}

/* No lock is held; at return the manager is locked. */
static void ask_card(struct host *host, struct reader *reader) LOCKS(host->lock)
{
    struct host_slot *hs = host_slot_of(&reader->slot);
    enum sc_error error = run_own(hs, REQUEST_PROBE);
    /* What it found may be left to another thread to publish, which has not done so yet:
     * a card whose probe is over must not look as if it had brought nothing. */
    host_slot_publish(host, hs);
    os_mutex_lock(&host->lock);
    if (error != SC_OK)
        log_debug("%s: the card does not answer to reset: %s",
                  reader->names[NAME_PCSCLITE], sc_error_name(error));
    watch_probe_done(&host->manager, reader);
    host_wake_watches(host);
}

static void prober_main(void *context)
{
    struct reader *reader = context;
    struct host *host = host_slot_of(&reader->slot)->host;
    ask_card(host, reader);
    os_mutex_unlock(&host->lock);
}

void prober_start(struct host *host, struct reader *reader)
{
    if (start_helper(reader, HELPER_PROBER, "winscard-probe", prober_main))
        return;
    /* No more threads: better late than never. */
    os_mutex_unlock(&host->lock);
    ask_card(host, reader);
}

/* --- Chores ------------------------------------------------------------------------- */

/* The manager is locked. The slot's deadline is one again. */
static void end_chore(struct host *host, struct host_slot *hs, bool made)
    NEEDS_LOCK(host->lock)
{
    os_mutex_lock(&hs->lock);
    assert(hs->slot->tending);
    slot_tended(hs->slot, os_now_ms(), made);
    uint64_t deadline_ms = slot_deadline(hs->slot);
    os_mutex_unlock(&hs->lock);
    if (deadline_ms != OS_FOREVER)
        watchdog_need(&host->watchdog, deadline_ms);
}

static void tender_main(void *context)
{
    struct reader *reader = context;
    struct host_slot *hs = host_slot_of(&reader->slot);
    struct host *host = hs->host;
    (void)run_own(hs, REQUEST_TEND);
    os_mutex_lock(&host->lock);
    end_chore(host, hs, true);
    os_mutex_unlock(&host->lock);
}

/* Has done what slot_tick() asked for (slot_chores.tend). No lock is held. */
static void start_tender(struct host *host, struct reader *reader)
{
    os_mutex_lock(&host->lock);
    if (!start_helper(reader, HELPER_TENDER, "winscard-tend", tender_main))
        end_chore(host, host_slot_of(&reader->slot), false);
    os_mutex_unlock(&host->lock);
}

/* --- What time brings ---------------------------------------------------------------- */

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
    if (chores.stop) {
        log_error("%s: a job is overdue, stopping it", reader->names[NAME_PCSCLITE]);
        host_slot_stop_job(hs);
    }
    host_slot_unlock(host, hs);
    if (chores.tend)
        start_tender(host, reader);
    return next_ms;
}

uint64_t helper_look(struct host *host)
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
