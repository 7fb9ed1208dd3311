/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/windows/winsock.h"

#include "os/stream.h"

void os_stream_set_blocking(struct os_socket socket)
{
    (void)os_winsock_set_waiting(os_winsock(socket), true);
}

static void limit(struct os_socket socket, int option, uint32_t ms)
{
    DWORD time_ms = ms;
    (void)setsockopt(os_winsock(socket), SOL_SOCKET, option, (const char *)&time_ms,
                     sizeof(time_ms));
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
    int error = WSAGetLastError();
    return error == WSAEWOULDBLOCK || error == WSAETIMEDOUT ? SC_E_NOT_READY
                                                            : SC_F_COMM_ERROR;
}

enum sc_error os_stream_send(struct os_socket socket, const void *bytes, size_t size,
                             size_t *sent)
{
    const char *from = bytes;
    enum sc_error error = SC_OK;
    *sent = 0;
    while (*sent < size && error == SC_OK) {
        int put =
            send(os_winsock(socket), from + *sent, os_winsock_size(size - *sent), 0);
        if (put >= 0)
            *sent += (size_t)put;
        else
            error = stream_error();
    }
    os_winsock_used(os_winsock(socket));
    return *sent > 0 && error == SC_E_NOT_READY ? SC_OK : error;
}

enum sc_error os_stream_receive(struct os_socket socket, void *bytes, size_t room,
                                size_t *size)
{
    int got = recv(os_winsock(socket), bytes, os_winsock_size(room), 0);
    enum sc_error error = SC_OK;
    *size = got > 0 ? (size_t)got : 0;
    if (got <= 0)
        error = got == 0 ? SC_W_EOF : stream_error();
    os_winsock_used(os_winsock(socket));
    return error;
}

/* What happened to the socket within that time; 0: nothing. */
static short look(struct os_socket socket, short events, int ms)
{
    WSAPOLLFD one = {.fd = os_winsock(socket), .events = events};
    return WSAPoll(&one, 1, ms) > 0 ? one.revents : 0;
}

bool os_stream_await(struct os_socket socket, uint32_t ms)
{
    return look(socket, POLLIN, os_winsock_size(ms)) != 0;
}

bool os_stream_is_over(struct os_socket socket)
{
    char byte;
    short seen = look(socket, POLLIN, 0);
    if ((seen & (POLLHUP | POLLERR | POLLNVAL)) != 0)
        return true;
    return (seen & POLLIN) != 0 && recv(os_winsock(socket), &byte, 1, MSG_PEEK) <= 0;
}

void os_stream_forget(struct os_socket *socket)
{
    os_socket_close(socket);
}

bool os_stream_is_hung_up(struct os_socket socket)
{
    return (look(socket, 0, 0) & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

/* No program of this system's opens sockets for another. */
bool os_stream_adopt(int number, struct os_socket *socket)
{
    (void)number;
    socket->native = -1;
    return false;
}
