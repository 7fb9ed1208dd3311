/* SPDX-License-Identifier: BSD-2-Clause */
/* Sockets of Windows (os/socket.h): Winsock 2. All are non-blocking; waits are WSAPoll(). */
#include "os/windows/winsock.h"

#include "base/atomic.h"
#include "os/time.h"

#include <string.h>

enum { BACKLOG = 8 };

bool os_winsock_start(void)
{
    static uint32_t started;
    WSADATA data;
    if (atomic_load_u32(&started) != 0)
        return true;
    if (WSAStartup(MAKEWORD(2, 2), &data) != 0)
        return false;
    /* Another thread may have done it too: then it is counted twice, and never taken back,
     * as the program may have started it itself. */
    atomic_store_u32(&started, 1);
    return true;
}

bool os_winsock_set_waiting(SOCKET socket, bool waits)
{
    u_long non_blocking = waits ? 0 : 1;
    return ioctlsocket(socket, (long)FIONBIO, &non_blocking) == 0;
}

/* --- Use ---------------------------------------------------------------------------- */

/* Handles are multiples of four, and low numbers. */
static uint32_t *uses_of(SOCKET socket)
{
    enum { NUMBERS = 2 * OS_WINSOCK_SOCKETS_MAX, HANDLE_STEP = 4 };
    static uint32_t uses[NUMBERS]; /* atomic */
    return &uses[socket / HANDLE_STEP % NUMBERS];
}

void os_winsock_used(SOCKET socket)
{
    (void)atomic_add_u32(uses_of(socket), 1);
}

uint32_t os_winsock_uses(SOCKET socket)
{
    return atomic_load_u32(uses_of(socket));
}

static bool would_wait(void)
{
    return WSAGetLastError() == WSAEWOULDBLOCK;
}

/* --- Addresses ---------------------------------------------------------------------- */

union address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* The size of the address; 0 if the text is none. */
static int parse_address(const char *text, uint16_t port, union address *address)
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
    enum { LOOPBACK_NET = 127 };
    union address address;
    if (!os_winsock_start() || parse_address(text, 0, &address) == 0)
        return false;
    if (address.any.sa_family == AF_INET)
        return ntohl(address.v4.sin_addr.s_addr) >> 24 == LOOPBACK_NET;
    return IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr);
}

/* --- Sockets ------------------------------------------------------------------------ */

bool os_socket_is_open(struct os_socket socket)
{
    return socket.native != -1;
}

void os_socket_close(struct os_socket *socket)
{
    if (os_socket_is_open(*socket))
        closesocket(os_winsock(*socket));
    socket->native = -1;
}

void os_socket_shut(struct os_socket socket)
{
    shutdown(os_winsock(socket), SD_BOTH);
}

static void set_option(SOCKET socket, int level, int option)
{
    BOOL on = TRUE;
    (void)setsockopt(socket, level, option, (const char *)&on, sizeof(on));
}

/* Not inherited, and non-blocking. */
static bool prepare(SOCKET socket)
{
    (void)SetHandleInformation((HANDLE)socket, HANDLE_FLAG_INHERIT, 0);
    /* Commands are short and responses are waited for. Failure costs time alone. */
    set_option(socket, IPPROTO_TCP, TCP_NODELAY);
    return os_winsock_set_waiting(socket, false);
}

static SOCKET open_socket(int family)
{
    SOCKET made = socket(family, SOCK_STREAM, 0);
    if (made != INVALID_SOCKET && !prepare(made)) {
        closesocket(made);
        return INVALID_SOCKET;
    }
    return made;
}

enum sc_error os_socket_listen(const char *address, uint16_t port,
                               struct os_socket *listener, uint16_t *port_got)
{
    union address bound;
    listener->native = -1;
    int size = os_winsock_start() ? parse_address(address, port, &bound) : 0;
    if (size == 0)
        return SC_E_INVALID_VALUE;
    SOCKET made = open_socket(bound.any.sa_family);
    if (made == INVALID_SOCKET)
        return SC_E_NO_MEMORY;
    /* Otherwise another program could listen at the same port (MS-Docs "Using
     * SO_REUSEADDR and SO_EXCLUSIVEADDRUSE"). */
    set_option(made, SOL_SOCKET, SO_EXCLUSIVEADDRUSE);
    if (bind(made, &bound.any, size) != 0 || listen(made, BACKLOG) != 0
        || getsockname(made, &bound.any, &size) != 0) {
        closesocket(made);
        return SC_E_READER_UNAVAILABLE;
    }
    listener->native = (intptr_t)made;
    *port_got =
        ntohs(bound.any.sa_family == AF_INET ? bound.v4.sin_port : bound.v6.sin6_port);
    return SC_OK;
}

enum sc_error os_socket_accept(struct os_socket listener, struct os_socket *connection)
{
    SOCKET made;
    do
        made = accept(os_winsock(listener), NULL, NULL);
    while (made == INVALID_SOCKET && WSAGetLastError() == WSAECONNRESET);
    connection->native = -1;
    if (made == INVALID_SOCKET)
        return would_wait() ? SC_E_NOT_READY : SC_E_NO_MEMORY;
    if (!prepare(made)) {
        closesocket(made);
        return SC_E_NO_MEMORY;
    }
    connection->native = (intptr_t)made;
    return SC_OK;
}

/* Waits for one socket; `wake` may be NULL. */
static enum sc_error wait_for(SOCKET socket, short events, uint64_t deadline_ms,
                              const struct os_wake *wake)
{
    WSAPOLLFD fds[2] = {{.fd = socket, .events = events}};
    ULONG count = 1;
    if (wake != NULL) {
        fds[1].fd = (SOCKET)wake->wait_end;
        fds[1].events = POLLIN;
        count = 2;
    }
    int happened = WSAPoll(fds, count, os_ms_left(deadline_ms));
    if (happened < 0)
        return SC_F_COMM_ERROR;
    if (fds[1].revents != 0)
        return SC_E_CANCELLED;
    return happened == 0 && os_ms_left(deadline_ms) == 0 ? SC_E_TIMEOUT : SC_OK;
}

/* By select(): before Windows 10 (2004) WSAPoll() does not tell of a connection that
 * failed. */
static enum sc_error finish_connect(SOCKET socket, uint64_t deadline_ms)
{
    enum { PART_MS = 1000, US_PER_MS = 1000 };
    int left_ms = os_ms_left(deadline_ms);
    while (left_ms != 0) {
        int part_ms = left_ms > 0 && left_ms < PART_MS ? left_ms : PART_MS;
        struct timeval wait = {.tv_sec = part_ms / 1000,
                               .tv_usec = part_ms % 1000 * US_PER_MS};
        fd_set made = {.fd_count = 1, .fd_array = {socket}};
        fd_set failed = {.fd_count = 1, .fd_array = {socket}};
        if (select(0, NULL, &made, &failed, &wait) < 0 || failed.fd_count > 0)
            return SC_E_READER_UNAVAILABLE;
        if (made.fd_count > 0)
            return SC_OK;
        left_ms = os_ms_left(deadline_ms);
    }
    return SC_E_TIMEOUT;
}

enum sc_error os_socket_connect(const char *address, uint16_t port, uint64_t deadline_ms,
                                struct os_socket *connection)
{
    union address peer;
    connection->native = -1;
    int size = os_winsock_start() ? parse_address(address, port, &peer) : 0;
    if (size == 0)
        return SC_E_INVALID_VALUE;
    SOCKET made = open_socket(peer.any.sa_family);
    if (made == INVALID_SOCKET)
        return SC_E_NO_MEMORY;
    enum sc_error error = SC_OK;
    if (connect(made, &peer.any, size) != 0)
        error =
            would_wait() ? finish_connect(made, deadline_ms) : SC_E_READER_UNAVAILABLE;
    if (error != SC_OK) {
        closesocket(made);
        return error;
    }
    connection->native = (intptr_t)made;
    return SC_OK;
}

/* --- Bytes -------------------------------------------------------------------------- */

/* What is left of both parts after `done` bytes. */
static void fill_buffers(WSABUF buffers[2], const void *head, size_t head_size,
                         const void *body, size_t body_size, size_t done)
{
    size_t in_head = done < head_size ? done : head_size;
    size_t in_body = done - in_head;
    assert(in_body < body_size || in_head < head_size);
    /* WSABUF has no const; WSASend writes nothing there */
    buffers[0].buf = (char *)(uintptr_t)head + in_head;
    buffers[0].len = (ULONG)os_winsock_size(head_size - in_head);
    buffers[1].buf = body_size > 0 ? (char *)(uintptr_t)body + in_body : NULL;
    buffers[1].len = (ULONG)os_winsock_size(body_size - in_body);
}

enum sc_error os_socket_write(struct os_socket socket, const void *head, size_t head_size,
                              const void *body, size_t body_size, uint64_t deadline_ms,
                              const struct os_wake *wake)
{
    size_t done = 0;
    enum sc_error error = SC_OK;
    while (done < head_size + body_size && error == SC_OK) {
        WSABUF buffers[2];
        DWORD put = 0;
        fill_buffers(buffers, head, head_size, body, body_size, done);
        if (WSASend(os_winsock(socket), buffers, ARRAY_SIZE(buffers), &put, 0, NULL, NULL)
            == 0)
            done += put;
        else if (would_wait())
            error = wait_for(os_winsock(socket), POLLOUT, deadline_ms, wake);
        else
            error = SC_F_COMM_ERROR;
    }
    os_winsock_used(os_winsock(socket));
    return error;
}

enum sc_error os_socket_read(struct os_socket socket, void *bytes, size_t size,
                             uint64_t deadline_ms, const struct os_wake *wake)
{
    char *at = bytes;
    enum sc_error error = SC_OK;
    while (size > 0 && error == SC_OK) {
        int got = recv(os_winsock(socket), at, os_winsock_size(size), 0);
        if (got > 0) {
            at += got;
            size -= (size_t)got;
        } else if (got == 0) {
            error = SC_W_EOF;
        } else if (would_wait()) {
            error = wait_for(os_winsock(socket), POLLIN, deadline_ms, wake);
        } else {
            error = SC_F_COMM_ERROR;
        }
    }
    os_winsock_used(os_winsock(socket));
    return error;
}

enum sc_error os_socket_read_some(struct os_socket socket, void *bytes, size_t room,
                                  size_t *size)
{
    enum sc_error error = SC_OK;
    int got = recv(os_winsock(socket), bytes, os_winsock_size(room), 0);
    *size = got > 0 ? (size_t)got : 0;
    if (got < 0)
        error = would_wait() ? SC_E_NOT_READY : SC_F_COMM_ERROR;
    else if (got == 0)
        error = SC_W_EOF;
    os_winsock_used(os_winsock(socket));
    return error;
}

bool os_socket_is_readable(struct os_socket socket)
{
    char byte;
    int got = recv(os_winsock(socket), &byte, 1, MSG_PEEK);
    return got >= 0 || !would_wait();
}

/* --- Many --------------------------------------------------------------------------- */

/* How long bytes that nobody asked for may hide the peer's end. */
enum { HIDDEN_MS = 100 };

/* One os_poll(): what WSAPoll() looks at, which takes no closed sockets. */
struct poll_set {
    WSAPOLLFD fds[OS_POLL_MAX + 1];
    size_t which[OS_POLL_MAX]; /* the entry of each of fds */
    bool hidden[OS_POLL_MAX];  /* it has bytes that nobody asked for */
    ULONG gathered, all;       /* the entries' fds; with the wake-up's */
    bool any_hidden;
};

static void gather(struct poll_set *set, struct os_poll_entry *entries, size_t count,
                   const struct os_wake *wake)
{
    set->gathered = 0;
    set->any_hidden = false;
    for (size_t i = 0; i < count; i++) {
        entries[i].readable = entries[i].hung_up = false;
        if (!os_socket_is_open(entries[i].socket))
            continue;
        set->hidden[set->gathered] = false;
        set->fds[set->gathered].fd = os_winsock(entries[i].socket);
        set->which[set->gathered++] = i;
    }
    set->all = set->gathered;
    if (wake != NULL)
        set->fds[set->all++].fd = (SOCKET)wake->wait_end;
}

/* The peer's end is something to read, so all are asked for that: Wine tells of it in no
 * other way. But not those with bytes in front of it, or the wait would end at once. */
static int poll_once(struct poll_set *set, uint64_t deadline_ms)
{
    int wait_ms = os_ms_left(deadline_ms);
    for (ULONG i = 0; i < set->all; i++) {
        bool ask = i >= set->gathered || !set->hidden[i];
        set->fds[i].events = ask ? POLLIN : 0;
        set->fds[i].revents = 0;
    }
    if (set->any_hidden && (wait_ms < 0 || wait_ms > HIDDEN_MS))
        wait_ms = HIDDEN_MS;
    if (set->all > 0)
        return WSAPoll(set->fds, set->all, wait_ms);
    Sleep((DWORD)wait_ms); /* WSAPoll() refuses to wait for nothing */
    return 0;
}

static bool is_at_end(SOCKET socket)
{
    char byte;
    int got = recv(socket, &byte, 1, MSG_PEEK);
    return got == 0 || (got < 0 && !would_wait());
}

/* Whether something that was asked for happened. */
static bool take_events(struct poll_set *set, struct os_poll_entry *entries)
{
    bool happened = set->all > set->gathered && set->fds[set->gathered].revents != 0;
    set->any_hidden = false;
    for (ULONG i = 0; i < set->gathered; i++) {
        struct os_poll_entry *entry = &entries[set->which[i]];
        bool bytes = (set->fds[i].revents & POLLIN) != 0;
        entry->hung_up = (set->fds[i].revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
        entry->readable = bytes && entry->want_read;
        if (bytes && !entry->want_read)
            entry->hung_up |= is_at_end(set->fds[i].fd);
        set->hidden[i] = bytes && !entry->want_read && !entry->hung_up;
        set->any_hidden |= set->hidden[i];
        happened |= entry->readable || entry->hung_up;
    }
    return happened;
}

enum sc_error os_poll(struct os_poll_entry *entries, size_t count,
                      const struct os_wake *wake, uint64_t deadline_ms)
{
    struct poll_set set;
    if (count > OS_POLL_MAX)
        return SC_F_INTERNAL_ERROR;
    gather(&set, entries, count, wake);
    for (;;) {
        int seen = poll_once(&set, deadline_ms);
        if (seen < 0)
            return SC_F_INTERNAL_ERROR;
        if (take_events(&set, entries))
            return SC_OK;
        if (os_ms_left(deadline_ms) == 0)
            return SC_E_TIMEOUT;
    }
}
