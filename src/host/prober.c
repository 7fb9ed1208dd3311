/* SPDX-License-Identifier: BSD-2-Clause */
/* Asking a new card for its ATR: a thread of its own for each reader where that is due,
 * as short as the answer takes. Who waits for news of several readers is not held up by
 * the one whose card does not answer (a minute, until it is aborted). */
#include "base/log.h"
#include "host/host_internal.h"
#include "manager/watch.h"

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
    struct host_slot *hs = host_slot_of(&reader->slot);
    /* It has reported, with this lock, and has nothing more to do. */
    if (hs->has_prober)
        os_thread_join(&hs->prober);
    hs->has_prober =
        os_thread_start(&hs->prober, "winscard-probe", prober_main, reader) == SC_OK;
    if (hs->has_prober)
        return;
    /* No more threads: better late than never. */
    os_mutex_unlock(&host->lock);
    ask_card(host, reader);
}

void prober_join(struct host *host, struct reader *reader)
{
    struct host_slot *hs = host_slot_of(&reader->slot);
    os_mutex_lock(&host->lock);
    bool joins = hs->has_prober;
    hs->has_prober = false;
    os_mutex_unlock(&host->lock);
    if (joins)
        os_thread_join(&hs->prober);
}
