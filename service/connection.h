/* SPDX-License-Identifier: BSD-2-Clause */
/* One client's socket: requests in, one call at a time, responses out. A connection is
 * used by whichever thread set it BUSY.
 *
 *     connection.c  its life, calls and responses
 *     carriage.c    the ways of its bytes
 *     receive.c     bytes, until they are a request
 *     attend.c      waiting for what comes next */
#ifndef SERVICE_CONNECTION_H
#define SERVICE_CONNECTION_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/list.h"
#include "message/message.h"
#include "os/pipe.h"
#include "os/socket.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    WRITE_MS = 10000,  /* for a client to read its response; then it is dropped */
    HELLO_MS = 10000,  /* for a new connection to say hello */
    REQUEST_MS = 30000 /* for a request to come whole, from its first byte on */
};

struct account;
struct call;
struct listener;
struct protocol;
struct server;
struct session;

/* What happens at the other end of a connection is noted while its user works, and seen
 * to afterwards. */
enum connection_state {
    CONNECTION_IDLE,
    CONNECTION_BUSY, /* a thread has it */
    CONNECTION_MORE  /* and something happened meanwhile */
};

enum connection_origin { CONNECTION_UNIX, CONNECTION_TCP /* it has to show the token */ };

/* CROWDED: its user has as many connections as it may, so it cannot begin a session.
 * EXTRA: it is beyond the user's or the session's limit, for calls that end others. */
enum connection_standing { CONNECTION_REGULAR, CONNECTION_CROWDED, CONNECTION_EXTRA };

/* What connection->deadline_ms is for. HOLD: an event is reported to the client then; the
 * others: the connection is closed. */
enum connection_limit {
    CONNECTION_NO_LIMIT,
    CONNECTION_HELLO,
    CONNECTION_WHOLE_REQUEST,
    CONNECTION_READ_RESPONSE,
    CONNECTION_HOLD
};

/* READING: no call, or its request is not whole; WAITING: the call is under way; WRITING:
 * the rest of its response goes out as the client reads. */
enum connection_phase { CONNECTION_READING, CONNECTION_WAITING, CONNECTION_WRITING };

/* Who looks for the next bytes: the poller; the connection's user, and the poller does
 * not; YIELDED: the same, the user let the client run, and no bytes came since. */
enum connection_attention { ATTENTION_POLLER, ATTENTION_USER, ATTENTION_YIELDED };

/* By which a request came, and its response goes. */
enum connection_way { CONNECTION_BY_SOCKET, CONNECTION_BY_PIPES };

/* That a client by TCP was offered beside its socket. */
struct connection_pipes {
    struct os_pipes ends;
    struct os_pipe_names names;
    bool named; /* the files are there */
};

/* By TCP: what the client has to show in its hello, after it asked for a challenge. */
struct connection_challenge {
    bool made;
    uint8_t proof[MESSAGE_PROOF_SIZE];
};

struct connection {
    struct list_link link; /* server->connections */
    struct server *server;
    struct os_socket socket;
    const struct protocol *protocol;
    /* NULL until hello. Changed by its user under the server's lock. */
    struct session *session;
    uint32_t uid, gid, pid;
    enum connection_origin origin;
    enum connection_standing standing;
    struct connection_challenge challenge;
    struct connection_pipes *pipes; /* NULL: it has none */
    enum connection_way way;
    struct account *account;    /* of its user; changed under the server's lock */
    struct list_link peer_link; /* account->connections */
    uint64_t charged;           /* bytes that its account has for it */
    uint32_t evicted;           /* atomic: it is to go, if it is idle */
    uint32_t state;             /* atomic, enum connection_state */
    uint32_t over;              /* atomic: the client is gone */
    uint32_t running; /* atomic: the card that its user runs a job on; 0: none */
    uint32_t expired; /* atomic: its time has come */
    bool gone;        /* to be closed by its user */
    enum connection_phase phase;
    struct call *call;
    size_t sent; /* of call->response */
    uint64_t deadline_ms;
    enum connection_limit limit;
    bool unread; /* more may be in the socket */
    bool polled; /* the poller has it, at least for its end */
    enum connection_attention attention;
    uint32_t misses; /* so often, one after another, no bytes came after yielding */
    uint32_t served; /* server->served when it was last thought of attending it */
    /* Of protocols that are pipelined. */
    uint8_t *rest; /* requests that came with another, at most CALL_ROOM bytes; or NULL */
    size_t rest_size;
    uint32_t parts; /* of the request that is not whole yet */
    struct call
        *event; /* a call that waits for an event, beside the client's own calls */
    void *peer; /* struct protocol.peer_size bytes; NULL: 0 */
};

/* --- connection.c ------------------------------------------------------------------- */

/* Takes a new connection. The socket becomes the server's. */
void connection_new(struct server *server, struct os_socket socket,
                    const struct listener *listener);
/* A client by TCP has shown the token, which only the service's own user can read: it is
 * that user. False: that user has as many connections as it may. */
bool connection_name(struct connection *connection) MUST_CHECK;
/* Its client's first: connection->session is a new session. Errors: SC_E_NO_MEMORY,
 * SC_E_SERVER_TOO_BUSY (its user has as many as it may, or too many connections). */
enum sc_error connection_begin_session(struct connection *connection) MUST_CHECK;
/* Something happened to it: from the poller. */
void connection_event(struct connection *connection);
/* The same, and the client is gone: what its user runs for it is aborted. */
void connection_end(struct connection *connection);

/* --- carriage.c --------------------------------------------------------------------- */

/* Pipes beside its socket, which its session's client can open from now on. Errors:
 * SC_E_UNSUPPORTED_FEATURE, SC_E_NO_ACCESS, SC_E_NO_MEMORY, SC_E_SERVER_TOO_BUSY (its
 * user has as many connections as it may). */
enum sc_error connection_make_pipes(struct connection *connection) MUST_CHECK;
void connection_drop_pipes(struct connection *connection);
/* As os_stream_receive(). `first`: of a request. */
enum sc_error connection_read(struct connection *connection, bool first, void *bytes,
                              size_t room, size_t *size) MUST_CHECK;
/* As os_stream_send(), the way that the request came. */
enum sc_error connection_write(struct connection *connection, const void *bytes,
                               size_t size, size_t *sent) MUST_CHECK;
/* Whether room for the response is an event. */
void connection_want_room(struct connection *connection, bool wanted);
/* Nothing came, and the client is not gone; what came is lost. */
bool connection_is_silent(struct connection *connection) MUST_CHECK;

/* --- receive.c ---------------------------------------------------------------------- */

/* PART: more is to come; NONSENSE: it can never be a request, or the client is gone. */
enum received { RECEIVED_PART, RECEIVED_WHOLE, RECEIVED_NONSENSE };

/* Reads what is there into connection->call. */
enum received connection_receive(struct connection *connection) MUST_CHECK;
/* What came with a request and is not of it is of no use any more. */
void connection_drop_rest(struct connection *connection);

/* --- attend.c ----------------------------------------------------------------------- */

/* Sets connection->deadline_ms. By its user. */
void connection_set_deadline(struct connection *connection, enum connection_limit limit,
                             uint64_t deadline_ms);
/* A request has begun, and is to become whole in time. */
void connection_await_rest(struct connection *connection);
/* From now on the poller tells of its end, and, if wanted, of bytes. connection->gone: it
 * cannot. */
void connection_poll(struct connection *connection, bool bytes);
/* Waits for a moment for the connection's next bytes, as its user, if that is wanted and
 * another thread waits in the poller. True: there may be some, or its end; call again if
 * there are none. */
bool connection_attend(struct connection *connection) MUST_CHECK;
/* A read gave bytes, or none. */
void connection_heard(struct connection *connection, bool bytes);
/* Bytes are the poller's again, before the connection has no user. True: the connection
 * is to be closed, for it may not have a request that is not whole. */
bool connection_leave(struct connection *connection) MUST_CHECK;

#endif
