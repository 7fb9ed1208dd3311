/* SPDX-License-Identifier: BSD-2-Clause */
/* What takes the calls of ended threads to their ends: a thread that starts with the first
 * and ends with the last. */
#include "host/host_internal.h"

/* NULL: there are no more now, and the thread looks for none. */
static struct long_wait *take_orphan(struct orphans *orphans)
{
    os_mutex_lock(&orphans->lock);
    struct long_wait *wait = orphans->first;
    if (wait != NULL)
        orphans->first = wait->next;
    orphans->running = wait != NULL;
    os_mutex_unlock(&orphans->lock);
    return wait;
}

static void orphans_main(void *context)
{
    struct long_wait *wait;
    while ((wait = take_orphan(context)) != NULL)
        wait->end_orphaned(wait);
}

void orphans_init(struct orphans *orphans)
{
    os_mutex_init(&orphans->lock);
}

/* Where no thread can be had the next one's takes it along. */
void orphans_add(struct orphans *orphans, struct long_wait *wait)
{
    os_mutex_lock(&orphans->lock);
    wait->next = orphans->first;
    orphans->first = wait;
    if (!orphans->running) {
        if (orphans->started)
            os_thread_join(&orphans->thread);
        orphans->started =
            os_thread_start(&orphans->thread, "winscard-orphan", orphans_main, orphans)
            == SC_OK;
        orphans->running = orphans->started;
    }
    os_mutex_unlock(&orphans->lock);
}

void orphans_join(struct orphans *orphans)
{
    os_mutex_lock(&orphans->lock);
    bool joins = orphans->started;
    orphans->started = false;
    os_mutex_unlock(&orphans->lock);
    if (joins)
        os_thread_join(&orphans->thread);
    orphans_main(orphans); /* those for which no thread could be had */
}
