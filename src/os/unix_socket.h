/* SPDX-License-Identifier: BSD-2-Clause */
/* Unix stream sockets, beside the TCP ones of os/socket.h, whose reading, writing,
 * polling and closing serve them too. On systems that have none every call gives
 * SC_E_UNSUPPORTED_FEATURE. */
#ifndef OS_UNIX_SOCKET_H
#define OS_UNIX_SOCKET_H

#include "os/socket.h"

enum {
    OS_UNIX_PATH_MAX = 104 /* bytes of a path, its NUL counted: what every system takes;
                            * a longer one may work, see os_unix_connect */
};

/* Connects to the socket at `path`. While the listener's backlog is full it tries again
 * until the deadline. Errors: SC_E_INVALID_VALUE (an empty path, or one longer than the
 * system takes), SC_E_FILE_NOT_FOUND (nothing of that name), SC_E_NO_ACCESS (the file's
 * permissions), SC_E_READER_UNAVAILABLE (nobody listens, or no socket), SC_E_TIMEOUT,
 * SC_E_NO_MEMORY (no more descriptors). */
enum sc_error os_unix_connect(const char *path, uint64_t deadline_ms,
                              struct os_socket *connection) MUST_CHECK;

/* Listens at `path`, whose file gets exactly the permissions `mode` (0666: everybody may
 * connect); nobody can connect before it has them. A socket file that a listener left
 * behind, at which nobody listens, is replaced; any other file stays. Take connections
 * with os_socket_accept. Errors: SC_E_INVALID_VALUE (the path), SC_E_SHARING_VIOLATION
 * (somebody listens there), SC_E_NO_ACCESS (the directory's permissions, or another file
 * has the name), SC_E_FILE_NOT_FOUND (no such directory), SC_E_NO_MEMORY. */
enum sc_error os_unix_listen(const char *path, uint32_t mode,
                             struct os_socket *listener) MUST_CHECK;
/* Removes the file of a listener. */
void os_unix_unlink(const char *path);

/* The process that connected (or, on the connecting side, that listens), as the kernel
 * knew it when they connected. Each pointer may be NULL; *pid is 0 where a system does
 * not tell. Errors: SC_E_UNSUPPORTED_FEATURE (no Unix socket, or a system that cannot
 * tell). */
enum sc_error os_unix_peer(struct os_socket socket, uint32_t *uid, uint32_t *gid,
                           uint32_t *pid) MUST_CHECK;

/* The groups of the user that connected, but for the primary one, which os_unix_peer()
 * gives: at most `room`, gives their number. 0 where the system cannot tell. */
size_t os_unix_groups(struct os_socket socket, uint32_t *gids, size_t room);

/* Two ends of one connection. Errors: SC_E_NO_MEMORY. */
enum sc_error os_unix_pair(struct os_socket ends[2]) MUST_CHECK;

/* Gives the process at the other end a socket of this one, which keeps its own. It stands
 * in the stream as one byte, which the other takes with the call below and no other.
 * Errors: those of os_socket_write(). */
enum sc_error os_unix_pass(struct os_socket socket, struct os_socket passed,
                           uint64_t deadline_ms) MUST_CHECK;
/* Errors: those of os_socket_read(), SC_F_COMM_ERROR (the byte brings none),
 * SC_E_NO_MEMORY (no more descriptors). */
enum sc_error os_unix_take(struct os_socket socket, struct os_socket *taken,
                           uint64_t deadline_ms) MUST_CHECK;

#endif
