/* SPDX-License-Identifier: BSD-2-Clause */
/* Calls that may wait for as long as others please, and what becomes of them when their
 * thread ends meanwhile. POSIX tells (pthread_cancel), and the thread takes its call to the
 * end. TerminateThread of Windows, which no thread hears of, leaves the call parked. Whoever
 * would wake it finds that the thread has ended, and gives it to a thread of ours: until
 * then it costs its memory alone. What is lost is a call whose thread ends in the moment
 * between its waking and its going on, and with it a turn that it was given, for as long as
 * an idle transaction may last. */
#include "base/alloc.h"
#include "host/host_internal.h"
#include "os/cancel.h"
#include "os/time.h"

#include <assert.h>
#include <string.h>

/* --- Orphans ------------------------------------------------------------------------ */

/* Nobody wants it: to its end, whatever that is. A turn that it was given is given back. */
static void end_orphan(struct long_wait *wait)
{
    struct host_op *op = &wait->op;
    bool over = false;
    while (!over && !host_op_resume(op))
        over = host_op_abandon(op);
    if (!over && op->error == SC_OK && op->slot != NULL) {
        struct host_op end = {.request = {.kind = REQUEST_END}};
        if (!host_op_card(&end, op->id)) /* fails where the handle is gone */
            host_op_wait(&end);
    }
    os_cond_forget(&wait->woken);
    os_thread_unmark(&wait->thread);
    mem_free(wait);
}

/* --- Memory ------------------------------------------------------------------------- */

static size_t name_size(const struct watch_entry *entry)
{
    return entry->name != NULL ? strlen(entry->name) + 1 : 0;
}

struct long_wait *long_wait_new(const struct watch_entry *entries, uint32_t count)
{
    size_t size = sizeof(struct long_wait) + count * sizeof(*entries);
    for (uint32_t i = 0; i < count; i++)
        size += name_size(&entries[i]);
    struct long_wait *wait = mem_alloc(size);
    if (wait == NULL)
        return NULL;
    wait->end_orphaned = end_orphan;
    wait->count = count;
    wait->entries = (struct watch_entry *)(wait + 1);
    char *text = (char *)(wait->entries + count);
    for (uint32_t i = 0; i < count; i++) {
        wait->entries[i] = entries[i];
        if (entries[i].name == NULL)
            continue;
        wait->entries[i].name = text;
        memcpy(text, entries[i].name, name_size(&entries[i]));
        text += name_size(&entries[i]);
    }
    return wait;
}

enum sc_error long_wait_end(struct long_wait *wait, struct watch_entry *entries)
{
    enum sc_error error = wait->op.error;
    for (uint32_t i = 0; i < wait->count; i++) {
        const char *name = entries[i].name;
        entries[i] = wait->entries[i];
        entries[i].name = name;
    }
    mem_free(wait);
    return error;
}

/* --- Waiting ------------------------------------------------------------------------ */

static void wake_long_wait(struct host_op *op)
{
    struct long_wait *wait = (struct long_wait *)(void *)op;
    os_cond_signal(&wait->woken);
    if (wait->orphaned || !os_thread_has_ended(&wait->thread))
        return;
    wait->orphaned = true;
    orphans_add(&op->host->orphans, wait);
}

/* The thread is cancelled while it waits, and has the operation's lock, which is unlocked
 * after this. What was to go on already does so to its end. */
LOCKS_UNSEEN static void abandon_wait(void *context)
{
    struct long_wait *wait = context;
    struct os_mutex *lock = host_op_lock(&wait->op);
    os_mutex_unlock(lock);
    (void)host_op_take_back(&wait->op);
    os_cond_destroy(&wait->woken);
    os_thread_unmark(&wait->thread);
    mem_free(wait);
    os_mutex_lock(lock);
}

static void wait_for_wake(struct long_wait *wait)
{
    struct host_op *op = &wait->op;
    struct os_mutex *lock = host_op_lock(op);
    bool in_time = true;
    os_mutex_lock(lock);
    op->wake = wake_long_wait;
    while (host_op_is_parked(op) && in_time)
        in_time = os_cond_wait_cancellable(&wait->woken, lock, host_op_until(op),
                                           abandon_wait, wait);
    os_mutex_unlock(lock);
}

void long_wait_run(struct long_wait *wait)
{
    assert(wait->op.wake == NULL); /* else somebody else resumes it */
    os_cond_init(&wait->woken);
    os_thread_mark(&wait->thread);
    do
        wait_for_wake(wait);
    while (!host_op_resume(&wait->op));
    os_cond_destroy(&wait->woken);
    os_thread_unmark(&wait->thread);
}
