/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients by TCP: where they come to, and the token that they have to know. What goes
 * wrong is said on standard error. */
#ifndef SERVICE_TCP_H
#define SERVICE_TCP_H

#include "service/endpoint_file.h"
#include "service/server.h"

struct tcp_options {
    const char *where;      /* ADDRESS:PORT; NULL: nowhere that was named */
    const char *token_file; /* for the clients that come there */
    bool endpoint;          /* at a port of the system's choice, which a file tells */
    enum os_owner owner;    /* of the files */
};

/* A new token for every start, if one is needed, and the endpoint's place. */
bool tcp_prepare(const struct tcp_options *options, struct endpoint_file *endpoint,
                 struct server_options *server);
bool tcp_listen(struct server *server, const struct tcp_options *options,
                struct endpoint_file *endpoint);
/* The files, which their owner alone can read: when the service is complete, so a start
 * that fails leaves none behind, and those of a service that runs as they are. */
bool tcp_write_files(const struct server *server, const struct tcp_options *options,
                     struct endpoint_file *endpoint);

#endif
