/* SPDX-License-Identifier: BSD-2-Clause */
/* The storage of os.h's objects on POSIX systems. */
#ifndef OS_TYPES_POSIX_H
#define OS_TYPES_POSIX_H

#include "base/compiler.h"

#include <pthread.h>

struct LOCK_TYPE os_mutex {
    pthread_mutex_t native;
};
struct os_cond {
    pthread_cond_t native;
};
struct os_thread {
    pthread_t native;
};
/* clang-format off */
#define OS_MUTEX_INIT {PTHREAD_MUTEX_INITIALIZER}
/* clang-format on */

#endif
