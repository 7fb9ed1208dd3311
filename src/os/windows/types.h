/* SPDX-License-Identifier: BSD-2-Clause */
/* The storage of os.h's objects on Windows, without <windows.h>: SRWLOCK and
 * CONDITION_VARIABLE (`native`) are one pointer each, and all zeros is their initial value. */
#ifndef OS_TYPES_WINDOWS_H
#define OS_TYPES_WINDOWS_H

#include "base/compiler.h"

struct LOCK_TYPE os_mutex {
    void *native;
};
struct os_cond {
    void *native;
    void *event; /* of the one thread that waits by os_cond_wait_cancellable(), or NULL */
};
struct os_thread {
    void *native;
};
/* clang-format off */
#define OS_MUTEX_INIT {0}
/* clang-format on */

#endif
