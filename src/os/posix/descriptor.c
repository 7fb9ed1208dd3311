/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/descriptor.h"

#include "os/posix/descriptor.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

enum { FIRST_OWN = STDERR_FILENO + 1 };

int os_descriptor_raise(int descriptor)
{
    if (descriptor < 0 || descriptor >= FIRST_OWN)
        return descriptor;
    int raised = fcntl(descriptor, F_DUPFD_CLOEXEC, FIRST_OWN), why = errno;
    assert(raised < 0 || raised >= FIRST_OWN);
    close(descriptor);
    errno = why;
    return raised;
}

bool os_descriptors_raise(int pair[2])
{
    for (int i = 0; i < 2; i++) {
        pair[i] = os_descriptor_raise(pair[i]);
        if (pair[i] >= 0)
            continue;
        int why = errno;
        if (pair[1 - i] >= 0)
            close(pair[1 - i]);
        errno = why;
        return false;
    }
    return true;
}

uint32_t os_descriptor_limit(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur > UINT32_MAX)
        return UINT32_MAX;
    return (uint32_t)limit.rlim_cur;
}

void os_descriptors_fill(void)
{
    /* The lowest free number comes first. */
    int null;
    do
        null = open("/dev/null", O_RDONLY | O_CLOEXEC | O_NOCTTY);
    while (null >= 0 && null < FIRST_OWN);
    if (null >= 0)
        close(null);
}
