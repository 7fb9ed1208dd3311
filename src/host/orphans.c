/* SPDX-License-Identifier: BSD-2-Clause */
/* What takes the calls of ended threads to their ends: a thread that starts with the first
 * one and stays for as long as the host runs. It is not joined before that: the end of a
 * thread of Windows takes the loader's lock, which the caller of orphans_add() may hold. */
#include "host/host_internal.h"

#include "os/time.h"

#include <assert.h>

/* NULL: there are no more, and there are to be none. */
static struct long_wait *take_orphan(struct orphans *orphans)
{
    os_mutex_lock(&orphans->lock);
    while (orphans->first == NULL && !orphans->stopping)
        (void)os_cond_wait(&orphans->changed, &orphans->lock, OS_FOREVER);
    struct long_wait *wait = orphans->first;
    if (wait != NULL)
        orphans->first = wait->next;
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
    os_cond_init(&orphans->changed);
}

/* Where no thread can be had the next one's takes it along. */
void orphans_add(struct orphans *orphans, struct long_wait *wait)
{
    os_mutex_lock(&orphans->lock);
    wait->next = orphans->first;
    orphans->first = wait;
    if (!orphans->started)
        orphans->started =
            os_thread_start(&orphans->thread, "winscard-orphan", orphans_main, orphans)
            == SC_OK;
    os_cond_signal(&orphans->changed);
    os_mutex_unlock(&orphans->lock);
}

void orphans_join(struct orphans *orphans)
{
    os_mutex_lock(&orphans->lock);
    bool joins = orphans->started;
    orphans->stopping = true;
    os_cond_signal(&orphans->changed);
    os_mutex_unlock(&orphans->lock);
    if (joins)
        os_thread_join(&orphans->thread);
    orphans_main(orphans); /* those for which no thread could be had */
    os_mutex_lock(&orphans->lock);
    assert(orphans->first == NULL); /* whoever adds some has stopped */
    orphans->started = orphans->stopping = false;
    os_mutex_unlock(&orphans->lock);
}
