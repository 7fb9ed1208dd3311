/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0 /* then POLLHUP, which needs no asking, has to do */
#endif

void os_stream_set_blocking(struct os_socket socket)
{
    int flags = fcntl((int)socket.native, F_GETFL);
    if (flags >= 0)
        (void)fcntl((int)socket.native, F_SETFL, flags & ~O_NONBLOCK);
}

static void limit(struct os_socket socket, int option, uint32_t ms)
{
    enum { MS_PER_S = 1000, US_PER_MS = 1000 };
    struct timeval time = {.tv_sec = (time_t)(ms / MS_PER_S),
                           .tv_usec = (suseconds_t)(ms % MS_PER_S * US_PER_MS)};
    (void)setsockopt((int)socket.native, SOL_SOCKET, option, &time, sizeof(time));
}

void os_stream_limit_receiving(struct os_socket socket, uint32_t ms)
{
    limit(socket, SO_RCVTIMEO, ms);
}

void os_stream_limit_sending(struct os_socket socket, uint32_t ms)
{
    limit(socket, SO_SNDTIMEO, ms);
}

static enum sc_error stream_error(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK ? SC_E_NOT_READY : SC_F_COMM_ERROR;
}

enum sc_error os_stream_send(struct os_socket socket, const void *bytes, size_t size,
                             size_t *sent)
{
    const char *from = bytes;
    *sent = 0;
    while (*sent < size) {
        ssize_t put = send((int)socket.native, from + *sent, size - *sent, MSG_NOSIGNAL);
        if (put >= 0)
            *sent += (size_t)put;
        else if (errno != EINTR)
            return *sent > 0 && stream_error() == SC_E_NOT_READY ? SC_OK : stream_error();
    }
    return SC_OK;
}

enum sc_error os_stream_receive(struct os_socket socket, void *bytes, size_t room,
                                size_t *size)
{
    ssize_t got;
    do
        got = recv((int)socket.native, bytes, room, 0);
    while (got < 0 && errno == EINTR);
    *size = got > 0 ? (size_t)got : 0;
    if (got > 0)
        return SC_OK;
    return got == 0 ? SC_W_EOF : stream_error();
}

bool os_stream_await(struct os_socket socket, uint32_t ms)
{
    struct pollfd one = {.fd = (int)socket.native, .events = POLLIN};
    return poll(&one, 1, (int)ms) > 0;
}

bool os_stream_is_over(struct os_socket socket)
{
    struct pollfd one = {.fd = (int)socket.native, .events = POLLRDHUP};
    return poll(&one, 1, 0) > 0;
}

void os_stream_forget(struct os_socket *socket)
{
    if (socket->native >= 0)
        (void)close((int)socket->native);
    socket->native = -1;
}

bool os_stream_is_hung_up(struct os_socket socket)
{
    struct pollfd look = {.fd = (int)socket.native, .events = 0};
    return poll(&look, 1, 0) != 0 && (look.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

bool os_stream_adopt(int number, struct os_socket *socket)
{
    struct stat found;
    if (fstat(number, &found) != 0 || !S_ISSOCK(found.st_mode))
        return false;
    int flags = fcntl(number, F_GETFL);
    if (flags < 0 || fcntl(number, F_SETFL, flags | O_NONBLOCK) != 0
        || fcntl(number, F_SETFD, FD_CLOEXEC) != 0)
        return false;
    socket->native = number;
    return true;
}
