/* SPDX-License-Identifier: BSD-2-Clause */
/* The environment of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* secure_getenv */
#endif
#include "os/environment.h"

#include <stdlib.h>
#include <unistd.h>

const char *os_getenv(const char *name)
{
#if defined(__linux__) || defined(__GLIBC__)
    return secure_getenv(name);
#else
    return issetugid() ? NULL : getenv(name);
#endif
}
