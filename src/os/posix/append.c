/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of lines, on POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* O_NOFOLLOW */
#endif
#include "os/append.h"

#include "os/posix/descriptor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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
