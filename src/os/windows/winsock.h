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

/* A socket that waits in its calls, or does not. */
bool os_winsock_set_waiting(SOCKET socket, bool waits);

#endif
