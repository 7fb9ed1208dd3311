/* SPDX-License-Identifier: BSD-2-Clause */
/* What is done when the process forks. Only POSIX systems do. */
#ifndef OS_FORK_H
#define OS_FORK_H

#include "os/lock.h"

enum { OS_FORK_MAX = 16 }; /* functions that os_at_fork_child takes */

/* Calls child() in the child process after every fork, from now on; once, however often
 * the function is registered. There is no way back. */
void os_at_fork_child(void (*child)(void));
/* Holds a mutex of static storage while the process forks, from now on: the child finds
 * what it guards in order, and the mutex unlocked. For one mutex only, once or more
 * often. No fork may be made with it held. */
void os_hold_at_fork(struct os_mutex *mutex);

#endif
