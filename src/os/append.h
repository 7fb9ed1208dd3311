/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that lines are appended to: traces. */
#ifndef OS_APPEND_H
#define OS_APPEND_H

#include <stddef.h>

/* A file to append lines to, made with mode 0600 if it is not there. One that is there
 * has to be a regular file under one name, this user's own, and nobody else may read or
 * write it: what is written is nobody else's business. -1: it is not, or cannot be
 * opened; *why (if not NULL) is what is wrong, a text of static storage that continues
 * "PATH ". Never waits, for a FIFO's reader neither. Each write is one system call, so
 * lines of several processes do not mix. */
int os_append_open(const char *path, const char **why);
void os_append_write(int file, const char *bytes, size_t size);

#endif
