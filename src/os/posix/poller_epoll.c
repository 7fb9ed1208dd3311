/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "os/poller.h"

#include "os/posix/descriptor.h"
#include "os/time.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

/* What a thread did before epoll_ctl() is seen by the one that the event wakes: the
 * kernel orders the two. ThreadSanitizer knows that of descriptors which it saw made, and
 * not of one that os_descriptor_raise() has moved. */
#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#define BEFORE_CONTROL(poller) __tsan_release(poller)
#define AFTER_WAIT(poller)     __tsan_acquire(poller)
#else
#define BEFORE_CONTROL(poller) ((void)(poller))
#define AFTER_WAIT(poller)     ((void)(poller))
#endif

enum { MS_PER_S = 1000, NS_PER_MS = 1000000 };

static bool watch_descriptor(struct os_poller *poller, intptr_t descriptor,
                             uint32_t events, void *item, int operation)
{
    struct epoll_event event = {.events = events, .data.ptr = item};
    BEFORE_CONTROL(poller);
    return epoll_ctl((int)poller->set, operation, (int)descriptor, &event) == 0;
}

static const uint32_t BYTES = (uint32_t)EPOLLIN | (uint32_t)EPOLLET;
static const uint32_t END = (uint32_t)EPOLLRDHUP | (uint32_t)EPOLLET;
static const uint32_t ROOM = EPOLLOUT;
static const uint32_t LISTEN = (uint32_t)EPOLLIN | (uint32_t)EPOLLONESHOT;
static const uint32_t GONE = EPOLLRDHUP | EPOLLHUP | EPOLLERR;

enum sc_error os_poller_init(struct os_poller *poller)
{
    poller->set = os_descriptor_raise(epoll_create1(EPOLL_CLOEXEC));
    poller->wake = os_descriptor_raise(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    poller->timer =
        os_descriptor_raise(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
    /* Both are edge-triggered, as all of them are: a level that is still there when one
     * thread has the event wakes the next one for it. */
    if (poller->set >= 0 && poller->wake >= 0 && poller->timer >= 0
        && watch_descriptor(poller, poller->wake, BYTES, &poller->wake, EPOLL_CTL_ADD)
        && watch_descriptor(poller, poller->timer, BYTES, &poller->timer, EPOLL_CTL_ADD))
        return SC_OK;
    os_poller_destroy(poller);
    return SC_E_NO_MEMORY;
}

static void close_one(intptr_t *descriptor)
{
    if (*descriptor >= 0)
        (void)close((int)*descriptor);
    *descriptor = -1;
}

void os_poller_destroy(struct os_poller *poller)
{
    close_one(&poller->timer);
    close_one(&poller->wake);
    close_one(&poller->set);
}

enum sc_error os_poller_add(struct os_poller *poller, struct os_socket socket, void *item,
                            bool bytes)
{
    return watch_descriptor(poller, socket.native, bytes ? BYTES | END : END, item,
                            EPOLL_CTL_ADD)
               ? SC_OK
               : SC_E_NO_MEMORY;
}

void os_poller_want_room(struct os_poller *poller, struct os_socket socket, void *item,
                         bool wanted)
{
    uint32_t events = BYTES | END | (wanted ? ROOM : 0);
    (void)watch_descriptor(poller, socket.native, events, item, EPOLL_CTL_MOD);
}

void os_poller_want_bytes(struct os_poller *poller, struct os_socket socket, void *item,
                          bool wanted)
{
    (void)watch_descriptor(poller, socket.native, wanted ? BYTES | END : END, item,
                           EPOLL_CTL_MOD);
}

enum sc_error os_poller_add_listener(struct os_poller *poller, struct os_socket socket,
                                     void *item)
{
    return watch_descriptor(poller, socket.native, LISTEN, item, EPOLL_CTL_ADD)
               ? SC_OK
               : SC_E_NO_MEMORY;
}

void os_poller_listen_on(struct os_poller *poller, struct os_socket socket, void *item)
{
    (void)watch_descriptor(poller, socket.native, LISTEN, item, EPOLL_CTL_MOD);
}

void os_poller_remove(struct os_poller *poller, struct os_socket socket)
{
    (void)watch_descriptor(poller, socket.native, 0, NULL, EPOLL_CTL_DEL);
}

/* How often it happened; 0: another thread has taken that. */
static uint64_t read_counter(intptr_t descriptor)
{
    uint64_t count;
    bool taken = read((int)descriptor, &count, sizeof(count)) == (ssize_t)sizeof(count);
    return taken ? count : 0;
}

static void add_to_counter(intptr_t descriptor, uint64_t count)
{
    while (write((int)descriptor, &count, sizeof(count)) < 0 && errno == EINTR) {
    }
}

/* One of the calls of os_poller_wake(); the others are for other threads. */
static bool take_wake(struct os_poller *poller)
{
    uint64_t count = read_counter(poller->wake);
    if (count > 1)
        add_to_counter(poller->wake, count - 1);
    return count > 0;
}

enum os_poller_event os_poller_wait(struct os_poller *poller, void **item)
{
    for (;;) {
        struct epoll_event event;
        if (epoll_wait((int)poller->set, &event, 1, -1) != 1)
            continue;
        AFTER_WAIT(poller);
        *item = event.data.ptr;
        if (*item != &poller->wake && *item != &poller->timer)
            return (event.events & GONE) != 0 ? OS_POLLER_END : OS_POLLER_SOCKET;
        if (*item == &poller->wake && take_wake(poller))
            return OS_POLLER_WAKE;
        if (*item == &poller->timer && read_counter(poller->timer) > 0)
            return OS_POLLER_TIMER;
    }
}

void os_poller_wake(struct os_poller *poller)
{
    add_to_counter(poller->wake, 1);
}

void os_poller_set_timer(struct os_poller *poller, uint64_t deadline_ms)
{
    struct itimerspec when;
    memset(&when, 0, sizeof(when));
    if (deadline_ms != OS_FOREVER) {
        /* The clock of os_now_ms(); a time of 0 would switch the timer off. */
        when.it_value.tv_sec = (time_t)(deadline_ms / MS_PER_S);
        when.it_value.tv_nsec = (long)(deadline_ms % MS_PER_S * NS_PER_MS + 1);
    }
    (void)timerfd_settime((int)poller->timer, TFD_TIMER_ABSTIME, &when, NULL);
}
