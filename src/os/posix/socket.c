/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of POSIX systems (os/socket.h). All are non-blocking; waits are poll(). */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* accept4, POLLRDHUP */
#endif
#include "os/socket.h"

#include "os/posix/descriptor.h"
#include "os/time.h"

#include <arpa/inet.h>
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef POLLRDHUP
#define POLLRDHUP 0 /* then POLLHUP, which needs no asking, has to do */
#endif
#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* then SO_NOSIGPIPE is there */
#endif

enum { BACKLOG = 8 };

static bool would_wait(void)
{
    return errno == EAGAIN || errno == EWOULDBLOCK;
}

/* --- Wake-ups ----------------------------------------------------------------------- */

#ifndef SOCK_CLOEXEC
static bool set_socket_flags(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0
           && fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}
#endif

enum sc_error os_wake_init(struct os_wake *wake)
{
    int ends[2];
    wake->wait_end = -1;
    wake->raise_end = -1;
#ifdef SOCK_CLOEXEC
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0 || !os_descriptors_raise(ends))
        return SC_E_NO_MEMORY;
#else
    if (pipe(ends) != 0 || !os_descriptors_raise(ends))
        return SC_E_NO_MEMORY;
    if (!set_socket_flags(ends[0]) || !set_socket_flags(ends[1])) {
        close(ends[0]);
        close(ends[1]);
        return SC_E_NO_MEMORY;
    }
#endif
    wake->wait_end = ends[0];
    wake->raise_end = ends[1];
    return SC_OK;
}

void os_wake_destroy(struct os_wake *wake)
{
    if (wake->wait_end >= 0)
        close((int)wake->wait_end);
    if (wake->raise_end >= 0)
        close((int)wake->raise_end);
    wake->wait_end = -1;
    wake->raise_end = -1;
}

void os_wake_raise(struct os_wake *wake)
{
    char byte = 0;
    ssize_t put;
    do
        put = write((int)wake->raise_end, &byte, 1);
    while (put < 0 && errno == EINTR);
    /* A full pipe is as good: it is raised. */
}

void os_wake_lower(struct os_wake *wake)
{
    char bytes[64];
    ssize_t got;
    do
        got = read((int)wake->wait_end, bytes, sizeof(bytes));
    while (got > 0 || (got < 0 && errno == EINTR));
}

/* --- Addresses ---------------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The size of the address; 0 if the text is none. */
static socklen_t parse_address(const char *text, uint16_t port, union address *address)
{
    memset(address, 0, sizeof(*address));
    if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(port);
        return sizeof(address->v4);
    }
    if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(port);
        return sizeof(address->v6);
    }
    return 0;
}

bool os_address_is_loopback(const char *text)
{
    union address address;
    if (parse_address(text, 0, &address) == 0)
        return false;
    if (address.any.sa_family == AF_INET)
        return ntohl(address.v4.sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr);
}

/* --- Sockets ------------------------------------------------------------------------ */

bool os_socket_is_open(struct os_socket socket)
{
    return socket.native >= 0;
}

void os_socket_close(struct os_socket *socket)
{
    if (socket->native >= 0)
        close((int)socket->native);
    socket->native = -1;
}

void os_socket_shut(struct os_socket socket)
{
    shutdown((int)socket.native, SHUT_RDWR);
}

static void set_tcp_options(int descriptor)
{
    int on = 1;
    /* Commands are short and answers are waited for. Failure costs time alone. */
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
#ifdef SO_NOSIGPIPE
    setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#endif
}

static int open_socket(int family)
{
#ifdef SOCK_CLOEXEC
    return os_descriptor_raise(
        socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
#else
    int descriptor = os_descriptor_raise(socket(family, SOCK_STREAM, 0));
    if (descriptor >= 0 && !set_socket_flags(descriptor)) {
        close(descriptor);
        return -1;
    }
    return descriptor;
#endif
}

static int accept_socket(int listener, union address *peer)
{
    socklen_t size = sizeof(*peer);
#ifdef SOCK_CLOEXEC
    return os_descriptor_raise(
        accept4(listener, &peer->any, &size, SOCK_CLOEXEC | SOCK_NONBLOCK));
#else
    int descriptor = os_descriptor_raise(accept(listener, &peer->any, &size));
    if (descriptor >= 0 && !set_socket_flags(descriptor)) {
        close(descriptor);
        return -1;
    }
    return descriptor;
#endif
}

enum sc_error os_socket_listen(const char *address, uint16_t port,
                               struct os_socket *listener, uint16_t *port_got)
{
    union address bound;
    int on = 1;
    socklen_t size = parse_address(address, port, &bound);
    listener->native = -1;
    if (size == 0)
        return SC_E_INVALID_VALUE;
    int descriptor = open_socket(bound.any.sa_family);
    if (descriptor < 0)
        return SC_E_NO_MEMORY;
    /* A port that was left a moment ago may be taken again at once. */
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (bind(descriptor, &bound.any, size) != 0 || listen(descriptor, BACKLOG) != 0
        || getsockname(descriptor, &bound.any, &size) != 0) {
        close(descriptor);
        return SC_E_READER_UNAVAILABLE;
    }
    listener->native = descriptor;
    *port_got =
        ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    return SC_OK;
}

enum sc_error os_socket_accept(struct os_socket listener, struct os_socket *connection)
{
    union address peer = {.any.sa_family = AF_UNSPEC};
    int descriptor;
    do
        descriptor = accept_socket((int)listener.native, &peer);
    while (descriptor < 0 && (errno == EINTR || errno == ECONNABORTED));
    connection->native = descriptor;
    if (descriptor < 0)
        return would_wait() ? SC_E_NOT_READY : SC_E_NO_MEMORY;
    if (peer.any.sa_family != AF_UNIX)
        set_tcp_options(descriptor);
    return SC_OK;
}

/* Waits for one socket; `wake` may be NULL. */
static enum sc_error wait_for(int descriptor, short events, uint64_t deadline_ms,
                              const struct os_wake *wake)
{
    struct pollfd fds[2] = {
        {.fd = descriptor, .events = events},
        {.fd = wake != NULL ? (int)wake->wait_end : -1, .events = POLLIN}};
    int count;
    do
        count = poll(fds, ARRAY_SIZE(fds), os_ms_left(deadline_ms));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return SC_F_COMM_ERROR;
    if (fds[1].revents != 0)
        return SC_E_CANCELLED;
    return count == 0 && os_ms_left(deadline_ms) == 0 ? SC_E_TIMEOUT : SC_OK;
}

static enum sc_error finish_connect(int descriptor, uint64_t deadline_ms)
{
    int failure = 0;
    socklen_t size = sizeof(failure);
    enum sc_error error = wait_for(descriptor, POLLOUT, deadline_ms, NULL);
    if (error != SC_OK)
        return error;
    if (getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &failure, &size) != 0
        || failure != 0)
        return SC_E_READER_UNAVAILABLE;
    return SC_OK;
}

enum sc_error os_socket_connect(const char *address, uint16_t port, uint64_t deadline_ms,
                                struct os_socket *connection)
{
    union address peer;
    socklen_t size = parse_address(address, port, &peer);
    connection->native = -1;
    if (size == 0)
        return SC_E_INVALID_VALUE;
    int descriptor = open_socket(peer.any.sa_family);
    if (descriptor < 0)
        return SC_E_NO_MEMORY;
    enum sc_error error = SC_OK;
    if (connect(descriptor, &peer.any, size) != 0)
        error = errno == EINPROGRESS || errno == EINTR
                    ? finish_connect(descriptor, deadline_ms)
                    : SC_E_READER_UNAVAILABLE;
    if (error != SC_OK) {
        close(descriptor);
        return error;
    }
    set_tcp_options(descriptor);
    connection->native = descriptor;
    return SC_OK;
}

/* --- Bytes -------------------------------------------------------------------------- */

enum sc_error os_socket_write(struct os_socket socket, const void *head, size_t head_size,
                              const void *body, size_t body_size, uint64_t deadline_ms,
                              const struct os_wake *wake)
{
    const uint8_t *parts[] = {head, body};
    size_t done = 0;
    enum sc_error error = SC_OK;
    while (done < head_size + body_size && error == SC_OK) {
        size_t in_head = done < head_size ? done : head_size;
        size_t in_body = done - in_head;
        assert(in_body < body_size || in_head < head_size);
        /* iovec has no const; sendmsg writes nothing there */
        struct iovec pieces[2] = {
            {.iov_base = (void *)(uintptr_t)(parts[0] + in_head),
             .iov_len = head_size - in_head},
            {.iov_base = body_size != 0 ? (void *)(uintptr_t)(parts[1] + in_body) : NULL,
             .iov_len = body_size - in_body}};
        struct msghdr message = {.msg_iov = pieces, .msg_iovlen = 2};
        ssize_t put = sendmsg((int)socket.native, &message, MSG_NOSIGNAL);
        if (put >= 0)
            done += (size_t)put;
        else if (would_wait())
            error = wait_for((int)socket.native, POLLOUT, deadline_ms, wake);
        else if (errno != EINTR)
            error = SC_F_COMM_ERROR;
    }
    return error;
}

enum sc_error os_socket_read(struct os_socket socket, void *bytes, size_t size,
                             uint64_t deadline_ms, const struct os_wake *wake)
{
    uint8_t *at = bytes;
    enum sc_error error = SC_OK;
    while (size > 0 && error == SC_OK) {
        ssize_t got = recv((int)socket.native, at, size, 0);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        } else if (got == 0) {
            error = SC_W_EOF;
        } else if (would_wait()) {
            error = wait_for((int)socket.native, POLLIN, deadline_ms, wake);
        } else if (errno != EINTR) {
            error = SC_F_COMM_ERROR;
        }
    }
    return error;
}

enum sc_error os_socket_read_some(struct os_socket socket, void *bytes, size_t room,
                                  size_t *size)
{
    ssize_t got;
    do
        got = recv((int)socket.native, bytes, room, 0);
    while (got < 0 && errno == EINTR);
    *size = got > 0 ? (size_t)got : 0;
    if (got < 0)
        return would_wait() ? SC_E_NOT_READY : SC_F_COMM_ERROR;
    return got == 0 ? SC_W_EOF : SC_OK;
}

bool os_socket_is_readable(struct os_socket socket)
{
    char byte;
    ssize_t got;
    do
        got = recv((int)socket.native, &byte, 1, MSG_PEEK);
    while (got < 0 && errno == EINTR);
    return got >= 0 || !would_wait();
}

/* --- Many --------------------------------------------------------------------------- */

enum sc_error os_poll(struct os_poll_entry *entries, size_t count,
                      const struct os_wake *wake, uint64_t deadline_ms)
{
    struct pollfd fds[OS_POLL_MAX + 1];
    int happened;
    if (count > OS_POLL_MAX)
        return SC_F_INTERNAL_ERROR;
    for (size_t i = 0; i < count; i++) {
        fds[i].fd = (int)entries[i].socket.native;
        fds[i].events = (short)(POLLRDHUP | (entries[i].want_read ? POLLIN : 0));
        fds[i].revents = 0;
    }
    fds[count].fd = wake != NULL ? (int)wake->wait_end : -1;
    fds[count].events = POLLIN;
    do
        happened = poll(fds, (nfds_t)count + 1, os_ms_left(deadline_ms));
    while (happened < 0 && errno == EINTR);
    if (happened < 0)
        return SC_F_INTERNAL_ERROR;
    for (size_t i = 0; i < count; i++) {
        entries[i].readable = (fds[i].revents & POLLIN) != 0;
        entries[i].hung_up =
            (fds[i].revents & (POLLRDHUP | POLLHUP | POLLERR | POLLNVAL)) != 0;
    }
    return happened == 0 && os_ms_left(deadline_ms) == 0 ? SC_E_TIMEOUT : SC_OK;
}
