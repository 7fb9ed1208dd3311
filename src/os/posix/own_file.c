/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/own_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

bool os_make_own_directory(const char *path, enum os_owner owner, const char **why)
{
    struct stat found;
    (void)owner;
    *why = NULL;
    if ((mkdir(path, 0700) != 0 && errno != EEXIST) || lstat(path, &found) != 0)
        *why = strerror(errno);
    else if (!S_ISDIR(found.st_mode) || found.st_uid != geteuid())
        *why = "is not a directory of this user's";
    else if ((found.st_mode & (S_IRWXG | S_IRWXO)) != 0)
        *why = "is open to others (chmod 700 mends that)";
    return *why == NULL;
}

bool os_write_own_file(const char *path, enum os_owner owner, const void *bytes,
                       size_t size, const char **why)
{
    (void)owner;
    (void)unlink(path);
    int made = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    bool written = made >= 0 && write(made, bytes, size) == (ssize_t)size;
    if (!written)
        *why = strerror(errno);
    if (made >= 0)
        close(made);
    if (made >= 0 && !written)
        (void)unlink(path);
    return written;
}

bool os_rename_file(const char *path, const char *name, const char **why)
{
    bool done = rename(path, name) == 0;
    if (!done)
        *why = strerror(errno);
    return done;
}

void os_remove_file(const char *path)
{
    (void)unlink(path);
}

enum os_kept os_keep_name(const char *path, enum os_owner owner, const char **why)
{
    (void)owner;
    int kept = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (kept >= 0 && flock(kept, LOCK_EX | LOCK_NB) == 0)
        return OS_KEPT; /* the descriptor stays open */
    bool another = kept >= 0 && errno == EWOULDBLOCK;
    *why = another ? "another process has it" : strerror(errno);
    if (kept >= 0)
        close(kept);
    return another ? OS_KEPT_BY_ANOTHER : OS_KEPT_BY_NOBODY;
}
