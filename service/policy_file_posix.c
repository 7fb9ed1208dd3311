/* SPDX-License-Identifier: BSD-2-Clause */
/* Reading a policy file on POSIX systems. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "service/policy_file.h"

#include "base/alloc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static enum sc_error refuse_file(struct policy_fault *fault, const char *why)
{
    fault->line = 0;
    (void)snprintf(fault->text, sizeof(fault->text), "%s", why);
    return SC_E_NO_ACCESS;
}

/* Whoever may write the file makes the policy. */
static enum sc_error check_file(int file, uint32_t owner, struct policy_fault *fault)
{
    struct stat about;
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode))
        return refuse_file(fault, "is not a plain file");
    if (about.st_uid != 0 && about.st_uid != owner)
        return refuse_file(fault, "belongs neither to root nor to the service's user");
    if ((about.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return refuse_file(fault, "may be written by others than its owner");
    return SC_OK;
}

static enum sc_error read_policy_text(int file, char *text, size_t *size,
                                      struct policy_fault *fault)
{
    ssize_t got = 1;
    *size = 0;
    while (got != 0 && *size <= POLICY_TEXT_MAX) {
        got = read(file, text + *size, POLICY_TEXT_MAX + 1 - *size);
        if (got < 0 && errno != EINTR)
            return refuse_file(fault, "cannot be read");
        if (got > 0)
            *size += (size_t)got;
    }
    return *size <= POLICY_TEXT_MAX ? SC_OK
                                    : refuse_file(fault, "is larger than 65536 bytes");
}

enum sc_error policy_file_read(const char *path, uint32_t owner, char **text,
                               size_t *size, struct policy_fault *fault)
{
    struct stat about;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    /* A link that leads nowhere is a file that is missing by mistake. */
    if (file < 0 && errno == ENOENT && lstat(path, &about) != 0 && errno == ENOENT)
        return SC_E_FILE_NOT_FOUND;
    if (file < 0)
        return refuse_file(fault, "cannot be opened");
    char *room = mem_alloc(POLICY_TEXT_MAX + 1);
    enum sc_error error = room != NULL ? check_file(file, owner, fault) : SC_E_NO_MEMORY;
    if (error == SC_OK)
        error = read_policy_text(file, room, size, fault);
    close(file);
    if (error == SC_OK)
        *text = room;
    else
        mem_free(room);
    return error;
}
