/* SPDX-License-Identifier: BSD-2-Clause */
/* The sockets that clients come to. */
#ifndef SERVICE_LISTEN_H
#define SERVICE_LISTEN_H

#include "service/server.h"

struct protocol;

/* Listens: "unix:PATH" with permissions `mode`, "tcp:ADDRESS:PORT", or an open socket. */
enum sc_error server_listen_unix(struct server *server, const char *path,
                                 uint32_t mode) MUST_CHECK;
/* The same for clients that speak pcscd's protocol. */
enum sc_error server_listen_pcscd(struct server *server, const char *path,
                                  uint32_t mode) MUST_CHECK;
enum sc_error server_listen_tcp(struct server *server, const char *address, uint16_t port,
                                uint16_t *port_got) MUST_CHECK;
enum sc_error server_adopt(struct server *server, int number,
                           const struct protocol *protocol) MUST_CHECK;

/* True: the poller's item is one of the listeners. */
bool listen_has(const struct server *server, const void *item);
/* Somebody waits there. */
void listen_accept(struct server *server, struct listener *listener);
/* Listeners that rested for want of descriptors, at their time. */
void listen_again(struct server *server, uint64_t now_ms, uint64_t *next_ms)
    NEEDS_LOCK(server->lock);
void listen_stop(struct server *server);

#endif
