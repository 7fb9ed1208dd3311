/* SPDX-License-Identifier: BSD-2-Clause */
/* Wake-ups of Windows: a UDP socket that is connected to itself, so that WSAPoll() waits for
 * it as for any other. Events would do for 63 sockets at most. Nobody else can raise it, as
 * a connected socket takes what comes from its peer alone. */
#include "os/windows/winsock.h"

#include "os/time.h"

static SOCKET wake_socket(const struct os_wake *wake)
{
    return (SOCKET)wake->wait_end;
}

static bool connect_to_itself(SOCKET socket)
{
    struct sockaddr_in own = {.sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    int size = sizeof(own);
    return bind(socket, (struct sockaddr *)&own, size) == 0
           && getsockname(socket, (struct sockaddr *)&own, &size) == 0
           && connect(socket, (struct sockaddr *)&own, size) == 0
           && os_winsock_set_waiting(socket, false);
}

enum sc_error os_wake_init(struct os_wake *wake)
{
    wake->wait_end = wake->raise_end = -1;
    if (!os_winsock_start())
        return SC_E_NO_MEMORY;
    SOCKET made = socket(AF_INET, SOCK_DGRAM, 0);
    if (made == INVALID_SOCKET)
        return SC_E_NO_MEMORY;
    (void)SetHandleInformation((HANDLE)made, HANDLE_FLAG_INHERIT, 0);
    if (!connect_to_itself(made)) {
        closesocket(made);
        return SC_E_NO_MEMORY;
    }
    wake->wait_end = wake->raise_end = (intptr_t)made;
    return SC_OK;
}

void os_wake_destroy(struct os_wake *wake)
{
    if (wake->wait_end >= 0)
        closesocket(wake_socket(wake));
    wake->wait_end = wake->raise_end = -1;
}

void os_wake_raise(struct os_wake *wake)
{
    char byte = 0;
    /* If there is no room it is raised already. */
    (void)send(wake_socket(wake), &byte, 1, 0);
}

void os_wake_lower(struct os_wake *wake)
{
    char byte;
    while (recv(wake_socket(wake), &byte, 1, 0) >= 0)
        ;
}
