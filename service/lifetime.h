/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd on Windows, from its start to its end, whoever asks for that: a console, the
 * service manager, or nobody for as long as it may be idle. */
#ifndef SERVICE_LIFETIME_H
#define SERVICE_LIFETIME_H

#include "service/tcp.h"

enum {
    LIFETIME_STOP_MS = 10000 /* a driver that keeps it for so long is left where it is */
};

struct lifetime_options {
    struct tcp_options tcp;
    const char *readers;  /* as they were named; NULL: they were not */
    uint32_t exit_idle_s; /* 0: never */
};

/* Serves until it is to end; the exit status. Once in a process. ready(), which may be
 * NULL, is called when clients can come. What goes wrong is said on standard error, or
 * logged. */
int lifetime_serve(const struct lifetime_options *options, void (*ready)(void));
/* It is to end: clients are cut off, the endpoint's file goes. From any thread, at any
 * time; it may come before lifetime_serve() too. Past LIFETIME_STOP_MS the process ends, with
 * status 1. */
void lifetime_stop(void);
/* Until lifetime_serve() is over; false: it is not in time. */
bool lifetime_wait(uint64_t deadline_ms);

#endif
