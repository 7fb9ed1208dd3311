/* SPDX-License-Identifier: BSD-2-Clause */
/* What POSIX systems alone have: threads that are cancelled, forks, sockets in the file
 * system, descriptors that a program finds closed. The calls of those headers, for a system
 * without them. */
#include "os/cancel.h"
#include "os/descriptor.h"
#include "os/fork.h"
#include "os/unix_socket.h"
#include "os/windows/winsock.h"

/* --- Cancelling: nobody can be ------------------------------------------------------- */

void os_cancel_thread(struct os_thread *thread)
{
    (void)thread;
}

void os_cancel_off(void)
{
}

void os_cancel_restore(void)
{
}

void os_wait_cancellable(void (*wait)(void *), void (*undo)(void *), void *context)
{
    (void)undo;
    wait(context);
}

void os_run_with_undo(void (*run)(void *), void (*undo)(void *), void *context)
{
    (void)undo;
    run(context);
}

/* --- Forks: there are none ----------------------------------------------------------- */

void os_at_fork_child(void (*child)(void))
{
    (void)child;
}

void os_hold_at_fork(struct os_mutex *mutex)
{
    (void)mutex;
}

/* --- Descriptors: handles of the system are another matter, and not three of them special */

/* What the poller takes. */
uint32_t os_descriptor_limit(void)
{
    return OS_WINSOCK_SOCKETS_MAX;
}

void os_descriptors_fill(void)
{
}

/* --- Unix sockets: Wine refuses them, and old Windows has none ------------------------ */

enum sc_error os_unix_connect(const char *path, uint64_t deadline_ms,
                              struct os_socket *connection)
{
    (void)path;
    (void)deadline_ms;
    connection->native = -1;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error os_unix_listen(const char *path, uint32_t mode, struct os_socket *listener)
{
    (void)path;
    (void)mode;
    listener->native = -1;
    return SC_E_UNSUPPORTED_FEATURE;
}

void os_unix_unlink(const char *path)
{
    (void)path;
}

enum sc_error os_unix_peer(struct os_socket socket, uint32_t *uid, uint32_t *gid,
                           uint32_t *pid)
{
    (void)socket;
    (void)uid;
    (void)gid;
    (void)pid;
    return SC_E_UNSUPPORTED_FEATURE;
}

size_t os_unix_groups(struct os_socket socket, uint32_t *gids, size_t room)
{
    (void)socket;
    (void)gids;
    (void)room;
    return 0;
}

enum sc_error os_unix_pair(struct os_socket ends[2])
{
    ends[0].native = ends[1].native = -1;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error os_unix_pass(struct os_socket socket, struct os_socket passed,
                           uint64_t deadline_ms)
{
    (void)socket;
    (void)passed;
    (void)deadline_ms;
    return SC_E_UNSUPPORTED_FEATURE;
}

enum sc_error os_unix_take(struct os_socket socket, struct os_socket *taken,
                           uint64_t deadline_ms)
{
    (void)socket;
    (void)deadline_ms;
    taken->native = -1;
    return SC_E_UNSUPPORTED_FEATURE;
}
