/* SPDX-License-Identifier: BSD-2-Clause */
/* For calls that fail in a broken program alone: a lock that is none, a thread that was
 * joined before. It ends here, in every build, before it does harm. */
#ifndef OS_POSIX_MUST_H
#define OS_POSIX_MUST_H

#include <stdlib.h>

/* `result` is what a pthread function returned. */
static inline void os_must(int result)
{
    if (result != 0)
        abort();
}

#endif
