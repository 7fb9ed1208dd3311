/* SPDX-License-Identifier: BSD-2-Clause */
/* A way from TCP to a service's Unix socket, for one user's programs that cannot use that:
 * a process of the user's own, so that the service sees who they are. Each connection is
 * one to the service; the token is asked for here, and what comes after hello is passed
 * on as it is.
 *
 *     forward.c        clients and their connections, a thread for each
 *     forward_posix.c  the process */
#ifndef SERVICE_FORWARD_H
#define SERVICE_FORWARD_H

#include "base/compiler.h"
#include "base/error.h"
#include "message/endpoint.h"
#include "os/lock.h"
#include "os/socket.h"
#include "os/thread.h"

enum {
    FORWARD_CONNECTIONS_MAX = 256, /* of those that have shown the token, and others */
    FORWARD_UNNAMED_MAX = 32,      /* that have not: the oldest goes for a new one */
    FORWARD_IDLE_S = 60            /* it ends after so long without a client */
};

struct forwarder;

enum forward_state { FORWARD_FREE, FORWARD_UNNAMED, FORWARD_NAMED, FORWARD_OVER };

/* One client; under the forwarder's lock, but for what its thread alone uses. */
struct forwarded {
    struct forwarder *forwarder;
    struct os_thread thread;
    enum forward_state state; /* OVER: its thread is about to end */
    uint64_t number;          /* those that came before it */
    struct os_socket client;
    struct os_socket service; /* its thread's alone */
};

struct forwarder {
    const char *path; /* of the service's socket; borrowed */
    struct endpoint says;
    uint64_t idle_ms; /* OS_FOREVER: it stays */
    struct os_socket listener;
    struct os_wake news; /* a connection is over, or all are to end */
    struct os_wake end;  /* all are to end */
    struct os_mutex lock;
    bool stopping;
    uint64_t count; /* connections so far */
    struct forwarded connections[FORWARD_CONNECTIONS_MAX];
};

/* Listens: says->address is where, and port and token are set. Errors: those of
 * os_socket_listen(), SC_E_NO_MEMORY. */
enum sc_error forward_init(struct forwarder *forwarder, const char *path) MUST_CHECK;
/* Until forward_stop(), from any thread, or until it was idle for so long. */
void forward_run(struct forwarder *forwarder);
void forward_stop(struct forwarder *forwarder);
/* Also where forward_run() was not called. */
void forward_destroy(struct forwarder *forwarder);

struct forward_options {
    const char *path; /* of the service's socket; NULL: where programs look for it */
    uint32_t idle_s;  /* 0: FORWARD_IDLE_S */
    bool background;  /* leave the terminal once it runs */
};

/* The process: gives its exit status. It is 0 too if this user has a forwarder already, or
 * a service that needs none. */
int forward_main(const struct forward_options *options);

#endif
