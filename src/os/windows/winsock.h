/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files over Winsock share. */
#ifndef OS_WINDOWS_WINSOCK_H
#define OS_WINDOWS_WINSOCK_H

#include "os/windows/api.h"

#include "os/socket.h"

#include <limits.h>

/* Starts Winsock, once in the process: never from DllMain, whose lock it would take. */
bool os_winsock_start(void) MUST_CHECK;

static inline SOCKET os_winsock(struct os_socket socket)
{
    return (SOCKET)socket.native;
}

/* Winsock counts bytes in an int. */
static inline int os_winsock_size(size_t size)
{
    return size < INT_MAX ? (int)size : INT_MAX;
}

enum {
    OS_WINSOCK_SOCKETS_MAX = 4096 /* of a service, at most */
};

/* Somebody has read from a socket or written to it, or tried: after each of that, lest the
 * poller take new bytes for those that it has told of. How often; sockets may share the
 * number. */
void os_winsock_used(SOCKET socket);
uint32_t os_winsock_uses(SOCKET socket);

/* A socket that waits in its calls, or does not. */
bool os_winsock_set_waiting(SOCKET socket, bool waits);

#endif
