/* SPDX-License-Identifier: BSD-2-Clause */
/* Making what belongs to this user alone, or to the machine; os/trust.h judges what is
 * there. On Windows the system and the administrators have every right too, as they have
 * with all that is the user's. *why, where a call fails, continues "PATH: ", and is lent
 * until the next such call of the thread. */
#ifndef OS_OWN_FILE_H
#define OS_OWN_FILE_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

/* Whose something is to be. What is the machine's belongs to the administrators and to the
 * user of the machine's service; on Windows alone. */
enum os_owner { OS_OWNER_USER, OS_OWNER_MACHINE };

/* Makes a directory for its owner alone, unless there is one that is; on Windows nobody
 * else may write into it. Those above it have to be there, on Windows but for one, which
 * nobody else may take the machine's out of. */
bool os_make_own_directory(const char *path, enum os_owner owner,
                           const char **why) MUST_CHECK;
/* The same for the machine's, for an administrator of Windows, whatever rights it and the
 * one above it have by now: they get those that they need. */
bool os_install_machine_directory(const char *path, const char **why) MUST_CHECK;
/* Makes a file that its owner alone can read, in the place of one that is there. */
bool os_write_own_file(const char *path, enum os_owner owner, const void *bytes,
                       size_t size, const char **why) MUST_CHECK;
/* A file gets another name, in the place of one that has it: whoever opens that finds the
 * one or the other. On Windows whoever has that open is in the way: then it waits, 2 s at
 * most. */
bool os_rename_file(const char *path, const char *name, const char **why) MUST_CHECK;
void os_remove_file(const char *path);

/* Keeps a file's name to this process, for as long as that lives, in a directory of its
 * owner's. What is in the file is nobody's. */
enum os_kept { OS_KEPT, OS_KEPT_BY_ANOTHER, OS_KEPT_BY_NOBODY };
enum os_kept os_keep_name(const char *path, enum os_owner owner,
                          const char **why) MUST_CHECK;

#endif
