/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "service/activation.h"

#include "base/log.h"
#include "os/environment.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { SOCKETS_MAX = 8 };

uint32_t activation_sockets(void)
{
    const char *pid = os_getenv("LISTEN_PID"), *count = os_getenv("LISTEN_FDS");
    if (pid == NULL || count == NULL || strtoul(pid, NULL, 10) != (unsigned long)getpid())
        return 0;
    unsigned long number = strtoul(count, NULL, 10);
    return number > SOCKETS_MAX ? SOCKETS_MAX : (uint32_t)number;
}

bool activation_is_named(uint32_t number, const char *name)
{
    const char *names = os_getenv("LISTEN_FDNAMES"); /* with ':' between */
    for (; names != NULL && number > 0; number--) {
        names = strchr(names, ':');
        names = names != NULL ? names + 1 : NULL;
    }
    size_t size = strlen(name);
    return names != NULL && strncmp(names, name, size) == 0
           && (names[size] == ':' || names[size] == '\0');
}

void activation_notify(const char *state)
{
    const char *path = os_getenv("NOTIFY_SOCKET");
    struct sockaddr_un address;
    size_t size = path != NULL ? strlen(path) : 0;
    if (size < 2 || size >= sizeof(address.sun_path))
        return;
    memset(&address, 0, sizeof(address));
    address.sun_family = AF_UNIX;
    memcpy(address.sun_path, path, size);
    if (path[0] == '@')
        address.sun_path[0] = '\0'; /* an abstract name */
    int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0)
        return;
    socklen_t length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size);
    if (sendto(descriptor, state, strlen(state), MSG_NOSIGNAL,
               (const struct sockaddr *)&address, length)
        < 0)
        log_error("%s: cannot be notified", path);
    close(descriptor);
}
