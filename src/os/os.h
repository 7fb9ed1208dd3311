/* SPDX-License-Identifier: BSD-2-Clause */
/* Everything this project asks of an operating system's threads, clocks and environment.
 * One implementation per system stands beside it (os_posix.c). No errno leaves this
 * folder. */
#ifndef OS_OS_H
#define OS_OS_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#include "os/types_windows.h"
#else
#include "os/types_posix.h"
#endif

#define OS_FOREVER UINT64_MAX /* a deadline that never comes */

/* Milliseconds of a clock that never goes back. The origin is arbitrary. */
uint64_t os_now_ms(void);
/* The same clock in nanoseconds, for measuring. */
uint64_t os_now_ns(void);
/* Milliseconds from now until deadline_ms, 0 when it has passed, at most INT_MAX: what
 * poll() wants, with -1 for OS_FOREVER. */
int os_ms_left(uint64_t deadline_ms);
/* So long from now; OS_FOREVER stays that. */
uint64_t os_deadline_ms(uint64_t timeout_ms);

/* Mutexes: not recursive. os_mutex_init on static storage is OS_MUTEX_INIT. */
void os_mutex_init(struct os_mutex *mutex);
void os_mutex_destroy(struct os_mutex *mutex);
void os_mutex_lock(struct os_mutex *mutex);
void os_mutex_unlock(struct os_mutex *mutex);

/* Condition variables, on the clock of os_now_ms(). Waits may wake for no reason. */
void os_cond_init(struct os_cond *cond);
void os_cond_destroy(struct os_cond *cond);
void os_cond_signal(struct os_cond *cond);
void os_cond_broadcast(struct os_cond *cond);
/* False when the deadline has passed. */
bool os_cond_wait(struct os_cond *cond, struct os_mutex *mutex, uint64_t deadline_ms);
/* The same, but the thread may be cancelled (pthread_cancel) here, if it could be before
 * os_cancel_off(): then `undo(context)` runs with the mutex held, the mutex is unlocked,
 * and the thread ends. */
bool os_cond_wait_cancellable(struct os_cond *cond, struct os_mutex *mutex,
                              uint64_t deadline_ms, void (*undo)(void *), void *context);

/* Between these the calling thread cannot be cancelled. They nest. */
void os_cancel_off(void);
void os_cancel_restore(void);

/* Calls wait(context) with the thread as cancellable as it was before os_cancel_off(). If
 * it is cancelled in there, undo(context) runs and the thread ends. */
void os_wait_cancellable(void (*wait)(void *), void (*undo)(void *), void *context);

/* Calls run(context), in which the thread may be cancelled by the calls above; if it is,
 * undo(context) runs after theirs: for what the caller of such a call holds. */
void os_run_with_undo(void (*run)(void *), void (*undo)(void *), void *context);

/* Threads of our own: all signals are blocked in them, they are named for debuggers (the
 * first 15 bytes). Errors: SC_E_NO_MEMORY: no memory, or no more threads. */
enum sc_error os_thread_start(struct os_thread *thread, const char *name,
                              void (*run)(void *), void *context) MUST_CHECK;
void os_thread_join(struct os_thread *thread);

enum { OS_FORK_MAX = 16 }; /* functions that os_at_fork_child takes */

/* Calls child() in the child process after every fork, from now on; once, however often
 * the function is registered. There is no way back. */
void os_at_fork_child(void (*child)(void));
/* Holds a mutex of static storage while the process forks, from now on: the child finds
 * what it guards in order, and the mutex unlocked. For one mutex only, once or more
 * often. No fork may be made with it held. */
void os_hold_at_fork(struct os_mutex *mutex);

/* An environment variable, or NULL; always NULL in a set-uid process (secure_getenv). The
 * text is borrowed from the environment. */
const char *os_getenv(const char *name);

/* A file to append lines to, made with mode 0600 if it is not there. One that is there
 * has to be a regular file under one name, this user's own, and nobody else may read or
 * write it: what is written is nobody else's business. -1: it is not, or cannot be
 * opened; *why (if not NULL) is what is wrong, a text of static storage that continues
 * "PATH ". Never waits, for a FIFO's reader neither. Each write is one system call, so
 * lines of several processes do not mix. */
int os_append_open(const char *path, const char **why);
void os_append_write(int file, const char *bytes, size_t size);
/* "2026-01-31T12:00:00.123Z" of the wall clock; room for at least 25 bytes. */
void os_time_text(char *text, size_t room);
/* A number that tells this thread from others, as debuggers show it. */
uint64_t os_thread_number(void);

/* Processors that this process may use; 1 at least. */
uint32_t os_processor_count(void);

/* Random bytes fit for keys and challenges. Errors: SC_F_INTERNAL_ERROR. */
enum sc_error os_random(void *bytes, size_t size) MUST_CHECK;

#endif
