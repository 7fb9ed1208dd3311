/* SPDX-License-Identifier: BSD-2-Clause */
/* The two ways of a connection's bytes: its socket, and a pair of pipes beside that. A
 * response goes the way that its request came, so that a client may use either for each
 * of its calls, and goes on by the socket if it cannot open the pipes. The end of the
 * socket is the end of the connection: pipes have none. */
#include "service/connection.h"

#include "base/alloc.h"
#include "os/stream.h"
#include "service/account.h"

enum { PIPE_DESCRIPTORS = 2 }; /* each counts as a connection of its user */

/* --- Life --------------------------------------------------------------------------- */

/* Nobody but the client has opened them, or will. */
static void forget_names(struct connection_pipes *pipes)
{
    if (pipes->named)
        os_pipes_unlink(&pipes->names);
    pipes->named = false;
}

static enum sc_error make_pipes(struct connection *connection)
{
    struct server *server = connection->server;
    struct connection_pipes *pipes = mem_alloc(sizeof(*pipes));
    if (pipes == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error =
        os_pipes_make(server->options.pipes, &pipes->ends, &pipes->names);
    if (error == SC_OK) {
        pipes->named = true;
        error = os_poller_add(&server->poller, pipes->ends.in, connection, true);
    }
    if (error == SC_OK) {
        connection->pipes = pipes;
        return SC_OK;
    }
    if (pipes->named) {
        forget_names(pipes);
        os_pipes_close(&pipes->ends);
    }
    mem_free(pipes);
    return error;
}

enum sc_error connection_make_pipes(struct connection *connection)
{
    assert(connection->pipes == NULL && connection->session != NULL);
    if (!account_take(connection->server, connection->account, ACCOUNT_CONNECTIONS,
                      PIPE_DESCRIPTORS))
        return SC_E_SERVER_TOO_BUSY;
    enum sc_error error = make_pipes(connection);
    if (error != SC_OK)
        account_give(connection->server, connection->account, ACCOUNT_CONNECTIONS,
                     PIPE_DESCRIPTORS);
    return error;
}

void connection_drop_pipes(struct connection *connection)
{
    struct connection_pipes *pipes = connection->pipes;
    connection->way = CONNECTION_BY_SOCKET;
    if (pipes == NULL)
        return;
    os_poller_remove(&connection->server->poller, pipes->ends.in);
    forget_names(pipes);
    os_pipes_close(&pipes->ends);
    account_give(connection->server, connection->account, ACCOUNT_CONNECTIONS,
                 PIPE_DESCRIPTORS);
    mem_free(pipes);
    connection->pipes = NULL;
}

/* --- Bytes -------------------------------------------------------------------------- */

/* What a pipe cannot tell; bytes there are out of order. SC_E_NOT_READY: all is well. */
static enum sc_error look_at_socket(struct connection *connection)
{
    uint8_t byte;
    size_t size;
    enum sc_error error = os_stream_receive(connection->socket, &byte, 1, &size);
    return error == SC_OK ? SC_F_COMM_ERROR : error;
}

/* A request may begin on either. */
static enum sc_error read_first(struct connection *connection, void *bytes, size_t room,
                                size_t *size)
{
    struct connection_pipes *pipes = connection->pipes;
    connection->way = CONNECTION_BY_PIPES;
    enum sc_error error = os_pipe_receive(pipes->ends.in, bytes, room, size);
    if (error == SC_OK)
        forget_names(pipes);
    if (error != SC_E_NOT_READY)
        return error;
    connection->way = CONNECTION_BY_SOCKET;
    return os_stream_receive(connection->socket, bytes, room, size);
}

enum sc_error connection_read(struct connection *connection, bool first, void *bytes,
                              size_t room, size_t *size)
{
    if (connection->pipes != NULL && first)
        return read_first(connection, bytes, room, size);
    if (connection->way == CONNECTION_BY_SOCKET)
        return os_stream_receive(connection->socket, bytes, room, size);
    assert(connection->pipes != NULL);
    enum sc_error error = os_pipe_receive(connection->pipes->ends.in, bytes, room, size);
    return error == SC_E_NOT_READY ? look_at_socket(connection) : error;
}

bool connection_is_silent(struct connection *connection)
{
    uint8_t byte;
    size_t size;
    struct connection_pipes *pipes = connection->pipes;
    return look_at_socket(connection) == SC_E_NOT_READY
           && (pipes == NULL
               || os_pipe_receive(pipes->ends.in, &byte, 1, &size) == SC_E_NOT_READY);
}

enum sc_error connection_write(struct connection *connection, const void *bytes,
                               size_t size, size_t *sent)
{
    if (connection->way == CONNECTION_BY_SOCKET)
        return os_stream_send(connection->socket, bytes, size, sent);
    assert(connection->pipes != NULL);
    enum sc_error error = os_pipe_send(connection->pipes->ends.out, bytes, size, sent);
    return error == SC_E_NOT_READY && os_stream_is_over(connection->socket)
               ? SC_F_COMM_ERROR
               : error;
}

void connection_want_room(struct connection *connection, bool wanted)
{
    struct os_poller *poller = &connection->server->poller;
    if (connection->way == CONNECTION_BY_SOCKET) {
        os_poller_want_room(poller, connection->socket, connection, wanted);
        return;
    }
    struct os_socket out = connection->pipes->ends.out;
    if (!wanted)
        os_poller_remove(poller, out);
    else if (os_poller_add(poller, out, connection, false) == SC_OK)
        os_poller_want_room(poller, out, connection, true);
    else
        connection->gone = true;
}
