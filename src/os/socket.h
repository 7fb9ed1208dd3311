/* SPDX-License-Identifier: BSD-2-Clause */
/* TCP connections to programs of this machine (or of a numeric address): nothing here
 * asks a name server. Each wait has a deadline on the clock of os_now_ms(), and ends at
 * once when a wake-up is raised. Sockets and wake-ups are not inherited by programs that
 * this one starts. */
#ifndef OS_SOCKET_H
#define OS_SOCKET_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct os_socket {
    intptr_t native;
};
/* clang-format off */
#define OS_SOCKET_NONE {-1}
/* clang-format on */

enum {
    OS_POLL_MAX = 64 /* sockets in one os_poll */
};

/* --- Wake-ups: a flag that ends waits ----------------------------------------------- */

struct os_wake {
    intptr_t wait_end, raise_end;
};

/* Errors: SC_E_NO_MEMORY (no more descriptors). */
enum sc_error os_wake_init(struct os_wake *wake) MUST_CHECK;
void os_wake_destroy(struct os_wake *wake);
/* From any thread; stays raised until it is lowered. Raising twice is raising once. */
void os_wake_raise(struct os_wake *wake);
void os_wake_lower(struct os_wake *wake);

/* --- Sockets ------------------------------------------------------------------------ */

bool os_socket_is_open(struct os_socket socket);
/* Also if it is not open. Nobody may use or poll it any more. */
void os_socket_close(struct os_socket *socket);
/* Ends the connection both ways, but keeps the socket: there is nothing more to read or to
 * write. Waits of other threads end by it on POSIX systems alone. */
void os_socket_shut(struct os_socket socket);

/* Takes ADDRESS:PORT apart: a numeric address, IPv6 in brackets or without, or the name
 * "localhost", which is 127.0.0.1 and asked of nobody (RFC 6761, 6.3); a port from 0 to
 * 65535. Whether the address is one, the calls below say. Errors: SC_E_INVALID_VALUE. */
enum sc_error os_address_split(const char *text, char *address, size_t room,
                               uint16_t *port) MUST_CHECK;
/* Whether a numeric address, IPv4 or IPv6, is of this machine alone. */
bool os_address_is_loopback(const char *address);

/* Listens on a numeric address; port 0 takes a free one. *port_got is the port. Errors:
 * SC_E_INVALID_VALUE (no such address), SC_E_READER_UNAVAILABLE (the port is taken, or
 * the address is not this machine's), SC_E_NO_MEMORY. */
enum sc_error os_socket_listen(const char *address, uint16_t port,
                               struct os_socket *listener, uint16_t *port_got) MUST_CHECK;
/* Takes a connection that waits. Never blocks. Errors: SC_E_NOT_READY (there is none),
 * SC_E_NO_MEMORY (no more descriptors; it still waits). */
enum sc_error os_socket_accept(struct os_socket listener,
                               struct os_socket *connection) MUST_CHECK;
/* Connects to a numeric address. Errors: SC_E_INVALID_VALUE, SC_E_READER_UNAVAILABLE
 * (nobody listens), SC_E_TIMEOUT, SC_E_NO_MEMORY. */
enum sc_error os_socket_connect(const char *address, uint16_t port, uint64_t deadline_ms,
                                struct os_socket *connection) MUST_CHECK;

/* Writes head and body as one, all of them. `wake` may be NULL. Errors: SC_E_TIMEOUT,
 * SC_E_CANCELLED (the wake-up is raised), SC_F_COMM_ERROR (the peer is gone); then an
 * unknown part was written. Raises no signal. */
enum sc_error os_socket_write(struct os_socket socket, const void *head, size_t head_size,
                              const void *body, size_t body_size, uint64_t deadline_ms,
                              const struct os_wake *wake) MUST_CHECK;
/* Reads exactly `size` bytes. Errors as above, and SC_W_EOF: the peer closed before. */
enum sc_error os_socket_read(struct os_socket socket, void *bytes, size_t size,
                             uint64_t deadline_ms, const struct os_wake *wake) MUST_CHECK;
/* Reads what is there, at most `room` bytes, and never waits. Errors: SC_E_NOT_READY (there
 * is nothing yet), SC_W_EOF, SC_F_COMM_ERROR. */
enum sc_error os_socket_read_some(struct os_socket socket, void *bytes, size_t room,
                                  size_t *size) MUST_CHECK;
/* Whether a read would not wait: bytes are there, or the end. */
bool os_socket_is_readable(struct os_socket socket);

/* --- Waiting for many --------------------------------------------------------------- */

struct os_poll_entry {
    struct os_socket socket; /* may be closed: then nothing happens to it */
    bool want_read;          /* else hang-ups alone are reported */
    bool readable;           /* set by os_poll */
    bool hung_up;            /* set by os_poll: the peer closed its side, or failed; under
                              * Wine not before the bytes in front of that were read */
};

/* Waits until something happens to one of at most OS_POLL_MAX entries, the wake-up is
 * raised, or the deadline passes. Errors: SC_E_TIMEOUT, SC_F_INTERNAL_ERROR. */
enum sc_error os_poll(struct os_poll_entry *entries, size_t count,
                      const struct os_wake *wake, uint64_t deadline_ms) MUST_CHECK;

#endif
