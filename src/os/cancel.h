/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of the program that end inside a call of ours: POSIX systems have pthread_cancel,
 * Windows has TerminateThread, which no thread hears of. */
#ifndef OS_CANCEL_H
#define OS_CANCEL_H

#include "os/lock.h"

/* os_cond_wait, but the thread may be cancelled (pthread_cancel) here, if it could be before
 * os_cancel_off(): then `undo(context)` runs with the mutex held, the mutex is unlocked,
 * and the thread ends. On Windows it may be terminated here, and nothing is
 * left of it: one thread at a time waits so for a condition, which stands in memory that
 * stays, and is signalled with the mutex held. */
bool os_cond_wait_cancellable(struct os_cond *cond, struct os_mutex *mutex,
                              uint64_t deadline_ms, void (*undo)(void *), void *context)
    NEEDS_LOCK(*mutex);

/* os_cond_destroy() after its thread was terminated. */
void os_cond_forget(struct os_cond *cond);

/* Cancels a thread of ours, which has the system's own calls in it end it, unless it has
 * switched that off; it is to be joined. Not on Windows: nothing happens there. */
struct os_thread;
void os_cancel_thread(struct os_thread *thread);

/* Between these the calling thread cannot be cancelled. They nest. */
void os_cancel_off(void);
void os_cancel_restore(void);

/* Calls wait(context) with the thread as cancellable as it was before os_cancel_off(). If
 * it is cancelled in there, undo(context) runs and the thread ends. */
void os_wait_cancellable(void (*wait)(void *), void (*undo)(void *), void *context);

/* Calls run(context), in which the thread may be cancelled by the calls above; if it is,
 * undo(context) runs after theirs: for what the caller of such a call holds. */
void os_run_with_undo(void (*run)(void *), void (*undo)(void *), void *context);

#endif
