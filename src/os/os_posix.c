/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks, environment and random bytes of POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* secure_getenv */
#endif
#include "os/os.h"

#include "os/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#if defined(__linux__)
#include <sys/random.h>
#endif
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

uint64_t os_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

uint64_t os_now_ms(void)
{
    return os_now_ns() / 1000000U;
}

int os_ms_left(uint64_t deadline_ms)
{
    if (deadline_ms == OS_FOREVER)
        return -1;
    uint64_t now_ms = os_now_ms();
    uint64_t left_ms = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left_ms < INT_MAX ? (int)left_ms : INT_MAX;
}

uint64_t os_deadline_ms(uint64_t timeout_ms)
{
    return timeout_ms == OS_FOREVER ? OS_FOREVER : os_now_ms() + timeout_ms;
}

const char *os_getenv(const char *name)
{
#if defined(__linux__) || defined(__GLIBC__)
    return secure_getenv(name);
#else
    return issetugid() ? NULL : getenv(name);
#endif
}

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

/* NULL: the file may be written to. */
static const char *append_fault(int file)
{
    struct stat found;
    if (fstat(file, &found) != 0 || !S_ISREG(found.st_mode))
        return "is not a regular file";
    if (found.st_uid != geteuid())
        return "belongs to another user";
    if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        return "may be read or written by others (chmod 600 mends that)";
    return found.st_nlink == 1 ? NULL : "has more than one name (hard links)";
}

int os_append_open(const char *path, const char **why)
{
    const char *fault = NULL;
    int file = os_descriptor_raise(open(path,
                                        O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC
                                            | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY,
                                        S_IRUSR | S_IWUSR));
    if (file < 0)
        fault = errno == ELOOP   ? "is a symbolic link"
                : errno == ENXIO ? "is not a regular file"
                                 : "cannot be opened or made";
    else
        fault = append_fault(file);
    if (fault != NULL && file >= 0)
        close(file);
    if (why != NULL)
        *why = fault;
    return fault == NULL ? file : -1;
}

void os_append_write(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t put = write(file, bytes, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return; /* a full disk must not fail the program that is traced */
        bytes += put;
        size -= (size_t)put;
    }
}

void os_time_text(char *text, size_t room)
{
    struct timespec now;
    struct tm parts;
    char seconds[24];
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &parts);
    (void)strftime(seconds, sizeof(seconds), "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, room, "%s.%03ldZ", seconds, now.tv_nsec / 1000000);
}

uint64_t os_thread_number(void)
{
#if defined(__linux__)
    return (uint64_t)gettid();
#else
    return (uint64_t)(uintptr_t)pthread_self();
#endif
}

uint32_t os_processor_count(void)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    return count > 0 ? (uint32_t)count : 1;
}
