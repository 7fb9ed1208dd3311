/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of data: finding, reading and making them. */
#ifndef OS_FILES_H
#define OS_FILES_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FILES_PATH_MAX = 4096, FILES_IN_DIRECTORY_MAX = 1024 };

/* Who may read what is made: everybody (0644, directories 0755), or its owner alone
 * (0600, 0700). Everybody's umask is without effect. */
enum files_audience { FILES_SHARED, FILES_PRIVATE };

bool os_file_exists(const char *path);
/* For a process of root: whether the file, and every directory and link on the way to it,
 * is root's, and none may be changed by everybody; what is not there does not count. Who
 * is not root may use any file that the system lets them. */
bool os_path_is_own(const char *path);
/* Makes an empty file and the directories that it needs, unless it is there. Errors:
 * SC_E_NO_ACCESS, SC_F_INTERNAL_ERROR (the disk is full, and so on). */
enum sc_error os_make_file(const char *path, enum files_audience audience) MUST_CHECK;
/* The whole of a file, which mem_free() frees. Errors: SC_E_NO_ACCESS (or not there),
 * SC_E_NO_MEMORY (or larger than max). */
enum sc_error os_read_file(const char *path, size_t max, uint8_t **bytes,
                           size_t *size) MUST_CHECK;

typedef void files_take_path(void *context, const char *path);

/* Calls take() with the path of each entry of a directory whose name ends with `suffix` and
 * does not begin with a dot, in the order of their names' bytes, lent for the call; what
 * comes after `max` of them is left out, and logged. Errors: SC_E_FILE_NOT_FOUND (there is
 * no such directory), SC_E_NO_ACCESS (it cannot be listed). */
enum sc_error os_list_names(const char *directory, const char *suffix, unsigned max,
                            files_take_path *take, void *context);

struct files_entry {
    const char *path; /* borrowed for the call */
    uint64_t modified_ns, changed_ns, size, number;
};

/* What is known of a regular file, or where a link leads to one. False: it is none. */
bool os_file_entry(const char *path, struct files_entry *entry) MUST_CHECK;

/* Calls take() for each regular file that os_list_names() finds, at most
 * FILES_IN_DIRECTORY_MAX. A directory that is not there, or cannot be read, has none. */
void os_list_files(const char *directory, const char *suffix,
                   void (*take)(void *context, const struct files_entry *entry),
                   void *context);

#endif
