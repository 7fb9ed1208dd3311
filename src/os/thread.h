/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of our own. */
#ifndef OS_THREAD_H
#define OS_THREAD_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stdint.h>

#if defined(_WIN32)
#include "os/windows/types.h"
#else
#include "os/posix/types.h"
#endif

/* Threads of our own: all signals are blocked in them, they are named for debuggers (the
 * first 15 bytes). Errors: SC_E_NO_MEMORY: no memory, or no more threads. */
enum sc_error os_thread_start(struct os_thread *thread, const char *name,
                              void (*run)(void *), void *context) MUST_CHECK;
void os_thread_join(struct os_thread *thread);
/* Others that could run on this processor go first. */
void os_thread_yield(void);

/* A number that tells this thread from others, as debuggers show it. */
uint64_t os_thread_number(void);

/* A thread, so that others can ask whether it has ended: Windows programs end threads that
 * wait in a call (TerminateThread). Where nothing tells, it has not; on POSIX systems only
 * after os_thread_expect_ends(). */
struct os_thread_mark {
    void *native;
    uint64_t number;
};

/* This process is a Windows program, whatever the system. */
void os_thread_expect_ends(void);
/* The calling thread's; os_thread_unmark() by whomever. */
void os_thread_mark(struct os_thread_mark *mark);
bool os_thread_has_ended(const struct os_thread_mark *mark);
void os_thread_unmark(struct os_thread_mark *mark);

/* Processors that this process may use; 1 at least. */
uint32_t os_processor_count(void);

#endif
