/* SPDX-License-Identifier: BSD-2-Clause */
/* Two named pipes (FIFOs), one each way, between a service and a program of the same user
 * that has a connection to it already. Under Wine they take a fraction of the time that
 * sockets take, in calls that every Windows program can make. The connection stays, as
 * the sign that the other side lives: neither pipe tells of that. */
#ifndef OS_PIPE_H
#define OS_PIPE_H

#include "os/socket.h"

enum {
    OS_PIPE_PATH_MAX = 256, /* bytes, with a NUL */
    /* What a pipe takes at once when it is empty: as much as every system that has named
     * pipes of this kind gives them. */
    OS_PIPE_ROOM = 65536
};

struct os_pipes {
    struct os_socket in, out; /* read from, written to */
};
/* clang-format off */
#define OS_PIPES_NONE {OS_SOCKET_NONE, OS_SOCKET_NONE}
/* clang-format on */

/* Their paths, by the direction of bytes. */
struct os_pipe_names {
    char to_service[OS_PIPE_PATH_MAX], to_client[OS_PIPE_PATH_MAX];
};

/* For the service: makes them, for this user alone, with names that nobody can guess, in a
 * directory that is the user's; their calls never wait. Errors: SC_E_UNSUPPORTED_FEATURE
 * (this system has none, or the path is too long), SC_E_NO_ACCESS, SC_E_NO_MEMORY (no
 * more descriptors). */
enum sc_error os_pipes_make(const char *directory, struct os_pipes *pipes,
                            struct os_pipe_names *names) MUST_CHECK;
/* Nobody else can open them any more; who has, keeps them. */
void os_pipes_unlink(const struct os_pipe_names *names);
/* Removes those that services which were killed have left in the directory. */
void os_pipes_sweep(const char *directory);

/* For the client: whether this program is better served by them than by its socket. */
bool os_pipes_help(void);
/* Opens those that the service has made; their calls wait. Errors: SC_E_NO_ACCESS (not
 * there, or no such pipes), SC_E_UNSUPPORTED_FEATURE, SC_E_NO_MEMORY. */
enum sc_error os_pipes_open(const struct os_pipe_names *names,
                            struct os_pipes *pipes) MUST_CHECK;

void os_pipes_close(struct os_pipes *pipes);
/* As os_stream_send() and os_stream_receive(). SC_W_EOF: the service has closed its ends.
 */
enum sc_error os_pipe_send(struct os_socket pipe, const void *bytes, size_t size,
                           size_t *sent) MUST_CHECK;
enum sc_error os_pipe_receive(struct os_socket pipe, void *bytes, size_t room,
                              size_t *size) MUST_CHECK;

#endif
