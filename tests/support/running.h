/* SPDX-License-Identifier: BSD-2-Clause */
/* The service in this process, at a socket of its own: a server and the thread that runs
 * it, for tests. */
#ifndef TESTS_SUPPORT_RUNNING_H
#define TESTS_SUPPORT_RUNNING_H

#include "os/thread.h"
#include "service/listen.h"
#include "service/server.h"

struct running {
    char directory[64];
    char path[OS_UNIX_PATH_MAX];
    char pcscd_path[OS_UNIX_PATH_MAX]; /* for pcscd's clients */
    struct policy_store policy;
    struct server *server;
    struct os_thread thread;
    enum sc_error ended; /* of server_run_until_stopped() */
    uint16_t tcp_port;   /* 0: it does not listen there */
};

/* Starts it; `token`, if not NULL, is that of clients by TCP, and it listens there too.
 * Prints what went wrong. */
bool running_start(struct running *running, const char *token);
/* Waits until it has so many connections, and nothing left of others. Prints it if not.
 */
bool running_settles(const struct running *running, uint32_t connections);
/* Stops it and waits for its end. Gives how many ms that took. */
uint64_t running_stop(struct running *running);

#endif
