/* SPDX-License-Identifier: BSD-2-Clause */
/* A library to be loaded before libc: pseudoterminals have a modem's lines, and a parity, by
 * what somebody at the socket FAKE_MODEM makes of them. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/programs/fake_modem.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT int ioctl(int fd, unsigned long request, ...);

/* 0, or -1 with errno as of a device that is gone. */
static int ask(struct fake_modem_message *message)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *path = getenv("FAKE_MODEM");
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), result = -1;
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s",
                   path != NULL ? path : "");
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0
        && send(fd, message, sizeof(*message), MSG_NOSIGNAL) == sizeof(*message)
        && recv(fd, message, sizeof(*message), 0) == sizeof(*message))
        result = 0;
    if (fd >= 0)
        close(fd);
    if (result != 0)
        errno = EIO;
    return result;
}

static int set_format(int fd, unsigned long request, const struct termios2 *line)
{
    struct fake_modem_message message = {.word = FAKE_MODEM_FORMAT,
                                         .rate = line->c_ospeed,
                                         .parity = line->c_cflag & (PARENB | PARODD)};
    int result = (int)syscall(SYS_ioctl, fd, request, line);
    return result == 0 ? ask(&message) : result;
}

EXPORT int ioctl(int fd, unsigned long request, ...)
{
    struct fake_modem_message message = {.word = FAKE_MODEM_GET};
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    switch (request) {
    case TIOCMBIS:
    case TIOCMBIC:
        message.word = request == TIOCMBIS ? FAKE_MODEM_SET : FAKE_MODEM_CLEAR;
        message.lines = (uint32_t) * (const int *)argument;
        return ask(&message);
    case TIOCMGET:
        if (ask(&message) != 0)
            return -1;
        *(int *)argument = (int)message.lines;
        return 0;
    case TCSETSW2:
        return set_format(fd, request, argument);
    default:
        return (int)syscall(SYS_ioctl, fd, request, argument);
    }
}
