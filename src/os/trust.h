/* SPDX-License-Identifier: BSD-2-Clause */
/* Whose something is: users by their names, files that only the right user may have
 * written or may read, and which users could have put a socket where it is. */
#ifndef OS_TRUST_H
#define OS_TRUST_H

#include "base/compiler.h"
#include "base/error.h"
#include "os/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The user that this process acts as. */
uint32_t os_own_user(void);

/* The number of a user's or a group's name. Errors: SC_E_FILE_NOT_FOUND (there is none of
 * this name), SC_E_NO_MEMORY, SC_F_INTERNAL_ERROR (it cannot be known now). */
enum sc_error os_find_user(const char *name, uint32_t *uid) MUST_CHECK;
enum sc_error os_find_group(const char *name, uint32_t *gid) MUST_CHECK;

enum os_care {
    OS_CARE_TRUSTED, /* what it says is followed: not writable by everybody */
    OS_CARE_SECRET   /* a key: no rights for anybody but its owner, and no symbolic link,
                      * which may lead to another file that is to be kept secret */
};

/* The whole of a regular file that is root's or this user's own, and has what its care
 * asks for; mem_free() frees it. Waits for nothing, at a FIFO neither. Errors:
 * SC_E_FILE_NOT_FOUND, SC_E_NO_ACCESS, SC_E_NO_MEMORY; *why is then what is wrong, a text
 * of static storage that continues "PATH ". */
enum sc_error os_read_own_file(const char *path, enum os_care care, size_t max,
                               uint8_t **bytes, size_t *size,
                               const char **why) MUST_CHECK;

/* Everybody may make files in the directory of this file, sticky or not, or, if it is a
 * symbolic link, in that of the file it leads to; true too if that cannot be known. Not on
 * Windows. */
bool os_is_everybodys_place(const char *path) MUST_CHECK;
/* The path of this process's program, if nobody but this user and the system can put another
 * one in its place, or in that of its directory or of one above. False: `program` is where
 * somebody can, or "", and *why continues it. On Windows alone. */
bool os_safe_program(char *program, size_t room, const char **why) MUST_CHECK;

/* Whether whoever listens at a Unix socket is to be trusted as a service: STRANGER is a
 * user that is not; with PLACE somebody else could have put another one there. */
enum os_trust { OS_TRUST_YES, OS_TRUST_STRANGER, OS_TRUST_PLACE };

/* The connection to the socket at `path`. Trusted are root, this user, `usual` (a user's
 * name: the one that such a service has) and the user that WINSCARD_SERVICE_USER names,
 * at a place that is not everybody's, as /tmp is; with WINSCARD_SERVICE_USER=any
 * everything is. The listener is the process that called listen(): root for a socket of
 * systemd's. *uid: its user, where that is known. */
enum os_trust os_judge_service(struct os_socket socket, const char *path,
                               const char *usual, uint32_t *uid) MUST_CHECK;

#endif
