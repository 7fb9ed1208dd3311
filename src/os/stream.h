/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections at full speed: whole messages with one system call each way, beside the
 * careful reading and writing of os/socket.h. */
#ifndef OS_STREAM_H
#define OS_STREAM_H

#include "os/socket.h"

/* From now on the socket's calls wait as long as it takes. */
void os_stream_set_blocking(struct os_socket socket);
/* How long a blocking socket's calls wait: then they give SC_E_NOT_READY; 0: as long as
 * it takes. */
void os_stream_limit_receiving(struct os_socket socket, uint32_t ms);
void os_stream_limit_sending(struct os_socket socket, uint32_t ms);
/* Sends what the socket takes at once, of a blocking one all: *sent bytes. Errors:
 * SC_E_NOT_READY (nothing now), SC_F_COMM_ERROR (the peer is gone). */
enum sc_error os_stream_send(struct os_socket socket, const void *bytes, size_t size,
                             size_t *sent) MUST_CHECK;
/* One read: 1 to `room` bytes. Errors: SC_E_NOT_READY (nothing now), SC_W_EOF (the peer
 * closed), SC_F_COMM_ERROR. */
enum sc_error os_stream_receive(struct os_socket socket, void *bytes, size_t room,
                                size_t *size) MUST_CHECK;
/* Whether the peer closed, or writes no more; there may be bytes before that. */
/* Waits so long for bytes, or the peer's end. False: nothing came. */
bool os_stream_await(struct os_socket socket, uint32_t ms) MUST_CHECK;
bool os_stream_is_over(struct os_socket socket);
/* Closes, without telling the peer: for a child process whose parent goes on using it. */
void os_stream_forget(struct os_socket *socket);
/* Whether the peer has gone, or will neither read nor write; bytes that it sent before
 * may still be there. */
bool os_stream_is_hung_up(struct os_socket socket) MUST_CHECK;
/* A socket that another program opened for us, by its number. False: it is none. */
bool os_stream_adopt(int number, struct os_socket *socket) MUST_CHECK;

#endif
