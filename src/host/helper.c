/* SPDX-License-Identifier: BSD-2-Clause */
/* What the host does to a reader of its own accord: asking a new card for its ATR, and
 * what slot_tick() leaves to it. A thread of its own for each reader where that is due,
 * as short as the job takes. Who waits for news of several readers is not held up by the
 * one whose card does not answer (a minute, until it is aborted). */
#include "base/log.h"
#include "host/host_internal.h"
#include "manager/watch.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

/* --- Threads ------------------------------------------------------------------------ */

/* The manager is locked, and the helper before this one has nothing more to do with the
 * lock: it is awaited. */
static bool start_thread(struct reader *reader, enum helper_kind kind, const char *name,
                         void (*main)(void *))
{
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

/* No lock is held; at return the manager is locked. */
static void ask_card(struct host *host, struct reader *reader)
{
    struct request request = {.kind = REQUEST_PROBE};
    struct host_slot *hs = host_slot_of(&reader->slot);
    os_mutex_lock(&hs->lock);
    host_slot_run(host, hs, &request, false);
    /* What it found may be somebody else's to publish, who has not come to it yet: a card
     * whose probe is over must not look as if it had brought nothing. */
    host_slot_publish(host, hs);
    os_mutex_lock(&host->lock);
    if (request.error != SC_OK)
        log_debug("%s: the card does not answer to reset: %s",
                  reader->names[NAME_PCSCLITE], sc_error_name(request.error));
    watch_probe_done(&host->manager, reader);
    host_wake_watches(host);
}

static void prober_main(void *context)
{
    struct host *host = host_current();
    ask_card(host, context);
    os_mutex_unlock(&host->lock);
}

void prober_start(struct host *host, struct reader *reader)
{
    if (start_thread(reader, HELPER_PROBER, "winscard-probe", prober_main))
        return;
    /* No more threads: better late than never. */
    os_mutex_unlock(&host->lock);
    ask_card(host, reader);
}

/* --- Chores ------------------------------------------------------------------------- */

/* The manager is locked. The slot's deadline is one again. */
static void end_chore(struct host *host, struct host_slot *hs, bool made)
{
    os_mutex_lock(&hs->lock);
    slot_tended(hs->slot, os_now_ms(), made);
    uint64_t deadline_ms = slot_deadline(hs->slot);
    os_mutex_unlock(&hs->lock);
    if (deadline_ms != OS_FOREVER)
        watchdog_need(host, deadline_ms);
}

static void tender_main(void *context)
{
    struct host *host = host_current();
    struct reader *reader = context;
    struct host_slot *hs = host_slot_of(&reader->slot);
    struct request request = {.kind = REQUEST_TEND};
    os_mutex_lock(&hs->lock);
    host_slot_run(host, hs, &request, false);
    os_mutex_lock(&host->lock);
    end_chore(host, hs, true);
    os_mutex_unlock(&host->lock);
}

void tender_start(struct host *host, struct reader *reader)
{
    os_mutex_lock(&host->lock);
    if (!start_thread(reader, HELPER_TENDER, "winscard-tend", tender_main))
        end_chore(host, host_slot_of(&reader->slot), false);
    os_mutex_unlock(&host->lock);
}
