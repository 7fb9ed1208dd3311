/* SPDX-License-Identifier: BSD-2-Clause */
/* Unix sockets of POSIX systems (os/unix_socket.h), non-blocking as all of ours. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* SOCK_CLOEXEC, struct ucred */
#endif
#include "os/unix_socket.h"

#include "os/posix/descriptor.h"
#include "os/time.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* then SO_NOSIGPIPE is there */
#endif

enum { BACKLOG = 128, RETRY_MS = 2 };

static bool make_address(const char *path, struct sockaddr_un *address)
{
    size_t size = strlen(path) + 1;
    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    if (size == 1 || size > sizeof(address->sun_path))
        return false;
    memcpy(address->sun_path, path, size);
    return true;
}

#ifndef SOCK_CLOEXEC
static bool set_unix_flags(int descriptor)
{
    int flags = fcntl(descriptor, F_GETFL);
    return flags >= 0 && fcntl(descriptor, F_SETFL, flags | O_NONBLOCK) == 0
           && fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0;
}
#endif

static void set_options(int descriptor)
{
#ifdef SO_NOSIGPIPE
    int on = 1;
    setsockopt(descriptor, SOL_SOCKET, SO_NOSIGPIPE, &on, sizeof(on));
#else
    (void)descriptor; /* MSG_NOSIGNAL is used in every write */
#endif
}

static int open_unix_socket(void)
{
#ifdef SOCK_CLOEXEC
    int descriptor = os_descriptor_raise(
        socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
#else
    int descriptor = os_descriptor_raise(socket(AF_UNIX, SOCK_STREAM, 0));
    if (descriptor >= 0 && !set_unix_flags(descriptor)) {
        close(descriptor);
        return -1;
    }
#endif
    if (descriptor >= 0)
        set_options(descriptor);
    return descriptor;
}

/* --- Connecting --------------------------------------------------------------------- */

static enum sc_error connect_error(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return SC_E_FILE_NOT_FOUND;
    case EACCES:
    case EPERM:
        return SC_E_NO_ACCESS;
    default:
        return SC_E_READER_UNAVAILABLE;
    }
}

enum sc_error os_unix_connect(const char *path, uint64_t deadline_ms,
                              struct os_socket *connection)
{
    struct sockaddr_un address;
    enum sc_error error = SC_OK;
    connection->native = -1;
    if (!make_address(path, &address))
        return SC_E_INVALID_VALUE;
    int descriptor = open_unix_socket();
    if (descriptor < 0)
        return SC_E_NO_MEMORY;
    while (connect(descriptor, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        if (errno == EISCONN)
            break;
        /* A full backlog is EAGAIN, and no poll() tells when it has room. */
        if (errno != EAGAIN && errno != EINTR && errno != EINPROGRESS
            && errno != EALREADY)
            error = connect_error();
        else if (os_ms_left(deadline_ms) == 0)
            error = SC_E_TIMEOUT;
        if (error != SC_OK) {
            close(descriptor);
            return error;
        }
        (void)poll(NULL, 0, RETRY_MS);
    }
    connection->native = descriptor;
    return SC_OK;
}

/* --- Listening ---------------------------------------------------------------------- */

/* Makes way for a new socket file. */
static enum sc_error clear_path(const char *path)
{
    struct stat found;
    struct os_socket probe;
    if (lstat(path, &found) != 0)
        return SC_OK;
    if (!S_ISSOCK(found.st_mode))
        return SC_E_NO_ACCESS;
    enum sc_error error = os_unix_connect(path, 0, &probe);
    os_socket_close(&probe);
    if (error == SC_OK || error == SC_E_TIMEOUT)
        return SC_E_SHARING_VIOLATION;
    return unlink(path) == 0 || errno == ENOENT ? SC_OK : SC_E_NO_ACCESS;
}

static enum sc_error bind_error(void)
{
    switch (errno) {
    case ENOENT:
    case ENOTDIR:
        return SC_E_FILE_NOT_FOUND;
    case EADDRINUSE: /* another one was quicker */
        return SC_E_SHARING_VIOLATION;
    case ENOMEM:
    case ENOBUFS:
        return SC_E_NO_MEMORY;
    default:
        return SC_E_NO_ACCESS;
    }
}

enum sc_error os_unix_listen(const char *path, uint32_t mode, struct os_socket *listener)
{
    struct sockaddr_un address;
    listener->native = -1;
    if (!make_address(path, &address))
        return SC_E_INVALID_VALUE;
    enum sc_error error = clear_path(path);
    if (error != SC_OK)
        return error;
    int descriptor = open_unix_socket();
    if (descriptor < 0)
        return SC_E_NO_MEMORY;
    /* Between bind and listen connections are refused, so the mode comes in time; umask
     * is of the whole process and no business of a library. */
    if (bind(descriptor, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        error = bind_error();
    } else if (chmod(path, (mode_t)mode) != 0 || listen(descriptor, BACKLOG) != 0) {
        error = SC_E_NO_ACCESS;
        unlink(path);
    }
    if (error != SC_OK) {
        close(descriptor);
        return error;
    }
    listener->native = descriptor;
    return SC_OK;
}

void os_unix_unlink(const char *path)
{
    struct stat found;
    if (lstat(path, &found) == 0 && S_ISSOCK(found.st_mode))
        unlink(path);
}

/* --- Both ends ---------------------------------------------------------------------- */

enum sc_error os_unix_peer(struct os_socket socket, uint32_t *uid, uint32_t *gid,
                           uint32_t *pid)
{
    uint32_t found[3] = {0, 0, 0};
#if defined(SO_PEERCRED) && defined(__linux__)
    struct ucred peer = {0};
    socklen_t size = sizeof(peer);
    /* A TCP socket answers too, with nobody's numbers. */
    if (getsockopt((int)socket.native, SOL_SOCKET, SO_PEERCRED, &peer, &size) != 0
        || size != sizeof(peer) || peer.uid == (uid_t)-1)
        return SC_E_UNSUPPORTED_FEATURE;
    found[0] = peer.uid;
    found[1] = peer.gid;
    found[2] = peer.pid > 0 ? (uint32_t)peer.pid : 0; /* 0: another pid namespace */
#else
    uid_t peer_uid;
    gid_t peer_gid;
    if (getpeereid((int)socket.native, &peer_uid, &peer_gid) != 0)
        return SC_E_UNSUPPORTED_FEATURE;
    found[0] = peer_uid;
    found[1] = peer_gid;
#endif
    if (uid != NULL)
        *uid = found[0];
    if (gid != NULL)
        *gid = found[1];
    if (pid != NULL)
        *pid = found[2];
    return SC_OK;
}

enum sc_error os_unix_pair(struct os_socket ends[2])
{
    int made[2];
    ends[0].native = ends[1].native = -1;
#ifdef SOCK_CLOEXEC
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, made) != 0
        || !os_descriptors_raise(made))
        return SC_E_NO_MEMORY;
#else
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, made) != 0 || !os_descriptors_raise(made))
        return SC_E_NO_MEMORY;
    if (!set_unix_flags(made[0]) || !set_unix_flags(made[1])) {
        close(made[0]);
        close(made[1]);
        return SC_E_NO_MEMORY;
    }
#endif
    for (int i = 0; i < 2; i++) {
        set_options(made[i]);
        ends[i].native = made[i];
    }
    return SC_OK;
}

/* Waits for one of `events`. */
static enum sc_error await_socket(struct os_socket socket, short events,
                                  uint64_t deadline_ms)
{
    struct pollfd fd = {.fd = (int)socket.native, .events = events};
    int count;
    do
        count = poll(&fd, 1, os_ms_left(deadline_ms));
    while (count < 0 && errno == EINTR);
    if (count < 0)
        return SC_F_COMM_ERROR;
    return count == 0 ? SC_E_TIMEOUT : SC_OK;
}

/* Room for one descriptor, aligned as the system wants it. */
/* A message of one byte, with a descriptor. It points into itself. */
struct passing {
    char byte;
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))];
    struct iovec piece;
    struct msghdr message;
};

static void prepare_passing(struct passing *passing)
{
    memset(passing, 0, sizeof(*passing));
    passing->piece = (struct iovec){.iov_base = &passing->byte, .iov_len = 1};
    passing->message = (struct msghdr){.msg_iov = &passing->piece,
                                       .msg_iovlen = 1,
                                       .msg_control = passing->control,
                                       .msg_controllen = sizeof(passing->control)};
}

enum sc_error os_unix_pass(struct os_socket socket, struct os_socket passed,
                           uint64_t deadline_ms)
{
    int descriptor = (int)passed.native;
    struct passing passing;
    prepare_passing(&passing);
    struct cmsghdr *header = CMSG_FIRSTHDR(&passing.message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(descriptor));
    memcpy(CMSG_DATA(header), &descriptor, sizeof(descriptor));
    for (;;) {
        ssize_t put = sendmsg((int)socket.native, &passing.message, MSG_NOSIGNAL);
        enum sc_error error = SC_OK;
        if (put == 1)
            return SC_OK;
        if (put < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            error = await_socket(socket, POLLOUT, deadline_ms);
        else if (put >= 0 || errno != EINTR)
            error = SC_F_COMM_ERROR;
        if (error != SC_OK)
            return error;
    }
}

static int descriptor_in(struct msghdr *message)
{
    int descriptor = -1;
    struct cmsghdr *header = CMSG_FIRSTHDR(message);
    if (header != NULL && header->cmsg_level == SOL_SOCKET
        && header->cmsg_type == SCM_RIGHTS
        && header->cmsg_len == CMSG_LEN(sizeof(descriptor)))
        memcpy(&descriptor, CMSG_DATA(header), sizeof(descriptor));
    return descriptor;
}

#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif

enum sc_error os_unix_take(struct os_socket socket, struct os_socket *taken,
                           uint64_t deadline_ms)
{
    taken->native = -1;
    for (;;) {
        struct passing passing;
        prepare_passing(&passing);
        ssize_t got = recvmsg((int)socket.native, &passing.message, MSG_CMSG_CLOEXEC);
        enum sc_error error = SC_OK;
        if (got == 1) {
            int descriptor = descriptor_in(&passing.message);
            taken->native = os_descriptor_raise(descriptor);
            if (descriptor < 0)
                return SC_F_COMM_ERROR;
            return taken->native >= 0 ? SC_OK : SC_E_NO_MEMORY;
        }
        if (got == 0)
            error = SC_W_EOF;
        else if (errno == EAGAIN || errno == EWOULDBLOCK)
            error = await_socket(socket, POLLIN, deadline_ms);
        else if (errno != EINTR)
            error = SC_F_COMM_ERROR;
        if (error != SC_OK)
            return error;
    }
}

size_t os_unix_groups(struct os_socket socket, uint32_t *gids, size_t room)
{
    size_t count = 0;
#ifdef SO_PEERGROUPS
    gid_t groups[64];
    socklen_t size = sizeof(groups);
    if (getsockopt((int)socket.native, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
        for (size_t i = 0; i < size / sizeof(groups[0]) && count < room; i++)
            gids[count++] = (uint32_t)groups[i];
#else
    (void)socket;
    (void)gids;
    (void)room;
#endif
    return count;
}
