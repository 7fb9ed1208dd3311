/* SPDX-License-Identifier: BSD-2-Clause */
/* The sockets that clients come to. */
#include "service/listen.h"

#include "os/stream.h"
#include "os/time.h"
#include "service/connection.h"
#include "service/dispatch.h"
#include "service/pcscd.h"
#include "service/server.h"

#include <stdio.h>

enum { ACCEPT_REST_MS = 100 };

static enum sc_error add_listener(struct server *server, struct os_socket socket,
                                  const char *path, const struct protocol *protocol)
{
    if (server->listener_count == SERVER_LISTENERS_MAX) {
        os_socket_close(&socket);
        return SC_E_NO_MEMORY;
    }
    struct listener *listener = &server->listeners[server->listener_count];
    listener->socket = socket;
    listener->protocol = protocol;
    snprintf(listener->path, sizeof(listener->path), "%s", path);
    enum sc_error error = os_poller_add_listener(&server->poller, socket, listener);
    if (error == SC_OK)
        server->listener_count++;
    else
        os_socket_close(&listener->socket);
    return error;
}

enum sc_error server_listen_unix(struct server *server, const char *path, uint32_t mode)
{
    struct os_socket socket;
    enum sc_error error = os_unix_listen(path, mode, &socket);
    return error == SC_OK ? add_listener(server, socket, path, &dispatch_protocol)
                          : error;
}

enum sc_error server_listen_pcscd(struct server *server, const char *path, uint32_t mode)
{
    struct os_socket socket;
    enum sc_error error = os_unix_listen(path, mode, &socket);
    return error == SC_OK ? add_listener(server, socket, path, &pcscd_protocol) : error;
}

enum sc_error server_listen_tcp(struct server *server, const char *address, uint16_t port,
                                uint16_t *port_got)
{
    struct os_socket socket;
    if (!os_address_is_loopback(address))
        return SC_E_INVALID_VALUE; /* the token goes over it in the clear */
    enum sc_error error = os_socket_listen(address, port, &socket, port_got);
    if (error == SC_OK)
        error = add_listener(server, socket, "", &dispatch_protocol);
    if (error == SC_OK)
        server->listeners[server->listener_count - 1].tcp = true;
    return error;
}

enum sc_error server_adopt(struct server *server, int number,
                           const struct protocol *protocol)
{
    struct os_socket socket;
    if (!os_stream_adopt(number, &socket))
        return SC_E_INVALID_VALUE;
    return add_listener(server, socket, "", protocol);
}

void listen_stop(struct server *server)
{
    for (uint32_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];
        os_poller_remove(&server->poller, listener->socket);
        os_socket_close(&listener->socket);
        if (listener->path[0] != '\0')
            os_unix_unlink(listener->path);
    }
    server->listener_count = 0;
}

/* Without a descriptor for it, a client at a listener would wake the threads for ever:
 * the listeners rest for a while. A socket that was handed over may be one of them. */
static void rest_listeners(struct server *server)
{
    os_mutex_lock(&server->lock);
    if (server->accept_ms == OS_FOREVER && !server->stopping) {
        for (uint32_t i = 0; i < server->listener_count; i++)
            os_poller_remove(&server->poller, server->listeners[i].socket);
        server->accept_ms = os_now_ms() + ACCEPT_REST_MS;
        server_need(server, server->accept_ms);
    }
    os_mutex_unlock(&server->lock);
}

void listen_accept(struct server *server, struct listener *listener)
{
    struct os_socket socket;
    enum sc_error error = os_socket_accept(listener->socket, &socket);
    if (error == SC_E_NO_MEMORY) {
        rest_listeners(server);
        return;
    }
    /* First: this thread may have to do with that connection for long. */
    os_poller_listen_on(&server->poller, listener->socket, listener);
    if (error == SC_OK)
        connection_new(server, socket, listener);
}

bool listen_has(const struct server *server, const void *item)
{
    const char *at = item, *first = (const char *)server->listeners;
    return at >= first && at < first + sizeof(server->listeners);
}

void listen_again(struct server *server, uint64_t now_ms, uint64_t *next_ms)
{
    if (server->accept_ms > now_ms) {
        *next_ms = server->accept_ms < *next_ms ? server->accept_ms : *next_ms;
        return;
    }
    server->accept_ms = OS_FOREVER;
    for (uint32_t i = 0; i < server->listener_count; i++) {
        struct listener *listener = &server->listeners[i];
        os_poller_remove(&server->poller, listener->socket);
        if (os_poller_add_listener(&server->poller, listener->socket, listener) != SC_OK)
            server->accept_ms = *next_ms = now_ms + ACCEPT_REST_MS;
    }
}
