/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd as a process of the test's, at sockets in a directory of its own. */
#ifndef TESTS_SUPPORT_DAEMON_H
#define TESTS_SUPPORT_DAEMON_H

#include <stdbool.h>
#include <sys/types.h>

struct daemon {
    char directory[32];
    char path[40], pcscd_path[40];
    char endpoint[48]; /* for WINSCARD_SERVICE */
    pid_t pid;
};

/* Makes the directory and the names. */
bool daemon_place(struct daemon *daemon);
/* Starts `program` with the readers and, up to NULL, these options besides; `prepare`, if
 * not NULL, is called in its process before. Waits until it answers; false: it does not.
 */
bool daemon_start(struct daemon *daemon, const char *program, const char *readers,
                  const char *const *options, void (*prepare)(void));
bool daemon_answers(const struct daemon *daemon);
/* By SIGTERM. Whether it ended well, and its socket is gone. */
bool daemon_stop(struct daemon *daemon);

#endif
