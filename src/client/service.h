/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to winscardd: calls as messages (src/message) over connections.
 *
 * A call takes a connection for itself, so that any number of threads can wait at once,
 * on one context too; when it is over the connection is kept for the next. All of them
 * are one session to the service: handles are of the process, not of a connection.
 *
 * The endpoint is WINSCARD_SERVICE: unix:PATH, tcp:ADDRESS:PORT with the token in the file
 * that WINSCARD_TOKEN names, or file:PATH, a file that has all of that; else the user's and
 * then the machine's own socket, or where there are no such sockets the user's file. */
#ifndef CLIENT_SERVICE_H
#define CLIENT_SERVICE_H

#include "client/client.h"

extern const struct carrier carrier_service;

/* Whether a service answers at the endpoint. */
bool client_service_answers(void);

#endif
