/* SPDX-License-Identifier: BSD-2-Clause */
/* Where a person's reader configuration lies, and reading it. */
#ifndef OS_CONFIG_H
#define OS_CONFIG_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>

enum {
    CONFIG_FILE_MAX = 65536, /* bytes of one file; larger ones are skipped, logged */
    CONFIG_FILES_MAX = 256, /* files of one directory; the rest is not read, and logged */
    CONFIG_PATH_MAX = 4096
};

/* The directory of the machine's, or with `user` of this user's, reader configuration.
 * False: there is no such place, or its path is too long. */
bool os_reader_config_place(bool user, char path[CONFIG_PATH_MAX]) MUST_CHECK;

/* Calls take() with the text of every *.conf file of the two directories, in the order of
 * their names' bytes: /etc/winscard/readers.d, then $XDG_CONFIG_HOME/winscard/readers.d
 * (or $HOME/.config/...). A missing directory is not an error and costs one system call.
 * Files that begin with a dot are not looked at; those that cannot be read, hold a NUL
 * byte, are neither root's nor this user's own, or may be written by everybody are logged
 * and skipped. Root uses the second directory only where it, and all on its path, is
 * root's (os_path_is_own). The text is borrowed for the call. */
void os_read_reader_config(void (*take)(void *context, const char *path,
                                        const char *text),
                           void *context);

#endif
