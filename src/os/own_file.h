/* SPDX-License-Identifier: BSD-2-Clause */
/* Making what belongs to this user alone; os/trust.h judges what is there. On Windows the
 * system and the administrators have every right too, as they have with all that is the
 * user's. *why, where a call fails, continues "PATH: ", and is lent until the next such
 * call of the thread. */
#ifndef OS_OWN_FILE_H
#define OS_OWN_FILE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Makes a directory for this user alone, unless there is one that is; on Windows nobody
 * else may write into it. Those above it have to be there, on Windows but for one. */
bool os_make_own_directory(const char *path, const char **why) MUST_CHECK;
/* Makes a file that this user alone can read, in the place of one that is there. */
bool os_write_own_file(const char *path, const void *bytes, size_t size,
                       const char **why) MUST_CHECK;
/* A file gets another name, in the place of one that has it: whoever opens that finds the
 * one or the other. On Windows whoever has that open is in the way: then it waits, 2 s at
 * most. */
bool os_rename_file(const char *path, const char *name, const char **why) MUST_CHECK;
void os_remove_file(const char *path);

#endif
