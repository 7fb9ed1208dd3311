/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for any of very many sockets, by any number of threads at once: each event goes
 * to one of them. Linux: epoll. Windows: WSAPoll(), 4096 sockets at most. */
#ifndef OS_POLLER_H
#define OS_POLLER_H

#include "os/socket.h"

struct os_poller {
    intptr_t set, wake, timer;
};

/* What os_poller_wait() tells. */
enum os_poller_event {
    OS_POLLER_SOCKET, /* bytes came, or the end, or room to write: `item` says for whom */
    OS_POLLER_END,    /* the same, and the other end is closed, or writes no more; under
                       * Wine not before the bytes in front of that were read */
    OS_POLLER_WAKE,   /* os_poller_wake() was called: once for each call */
    OS_POLLER_TIMER   /* the time of os_poller_set_timer() has come */
};

/* Errors: SC_E_NO_MEMORY (no more descriptors). */
enum sc_error os_poller_init(struct os_poller *poller) MUST_CHECK;
void os_poller_destroy(struct os_poller *poller);
/* Reports the socket's events from now on: each once, when it happens, or now if it has
 * happened; `bytes`: see os_poller_want_bytes(). `item` must not be NULL. Errors:
 * SC_E_NO_MEMORY. */
enum sc_error os_poller_add(struct os_poller *poller, struct os_socket socket, void *item,
                            bool bytes) MUST_CHECK;
/* Whether room to write is an event as well. */
void os_poller_want_room(struct os_poller *poller, struct os_socket socket, void *item,
                         bool wanted);
/* Whether bytes are an event; the peer's end is one in any case. */
void os_poller_want_bytes(struct os_poller *poller, struct os_socket socket, void *item,
                          bool wanted);
/* Reports to one thread that a listener has connections; then again after each
 * os_poller_listen_on(), as soon as there are any. */
enum sc_error os_poller_add_listener(struct os_poller *poller, struct os_socket socket,
                                     void *item) MUST_CHECK;
void os_poller_listen_on(struct os_poller *poller, struct os_socket socket, void *item);
void os_poller_remove(struct os_poller *poller, struct os_socket socket);
/* Waits for one event, as long as it takes. */
enum os_poller_event os_poller_wait(struct os_poller *poller, void **item);
/* One thread's wait ends, now or later. */
void os_poller_wake(struct os_poller *poller);
/* One thread's wait ends at that time; OS_FOREVER: no more. */
void os_poller_set_timer(struct os_poller *poller, uint64_t deadline_ms);

#endif
