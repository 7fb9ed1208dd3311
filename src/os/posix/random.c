/* SPDX-License-Identifier: BSD-2-Clause */
/* Random bytes of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_CLOEXEC */
#endif
#include "os/random.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#if defined(__linux__)
#include <sys/random.h>
#endif
#include <unistd.h>

#if defined(__linux__)
static ssize_t get_random(void *bytes, size_t size)
{
    return getrandom(bytes, size, 0);
}
#else
static ssize_t get_random(void *bytes, size_t size)
{
    (void)bytes;
    (void)size;
    errno = ENOSYS;
    return -1;
}
#endif

static enum sc_error read_urandom(unsigned char *at, size_t size)
{
    int file = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    while (file >= 0 && size > 0) {
        ssize_t got = read(file, at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        at += got;
        size -= (size_t)got;
    }
    if (file >= 0)
        close(file);
    return file >= 0 && size == 0 ? SC_OK : SC_F_INTERNAL_ERROR;
}

enum sc_error os_random(void *bytes, size_t size)
{
    unsigned char *at = bytes;
    while (size > 0) {
        ssize_t got = get_random(at, size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0) /* a kernel, or a sandbox, without that call */
            return read_urandom(at, size);
        at += got;
        size -= (size_t)got;
    }
    return SC_OK;
}
