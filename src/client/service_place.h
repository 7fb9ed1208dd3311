/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the service is, and the way there. */
#ifndef CLIENT_SERVICE_PLACE_H
#define CLIENT_SERVICE_PLACE_H

#include "os/socket.h"
#include "os/unix_socket.h"

enum {
    SERVICE_PLACES_MAX = 2,
    SERVICE_TOKEN_MAX = 64 /* bytes */
};

struct service_place {
    char where[OS_UNIX_PATH_MAX + 8]; /* the socket's path, or ADDRESS:PORT */
    bool tcp;
    bool named; /* by the environment: it has to be trustworthy (client/trust.h) */
};

/* Whether WINSCARD_SERVICE names one. */
bool service_is_named(void);
/* Where to look, in this order; gives how many. None: WINSCARD_SERVICE is not a place,
 * which is logged. */
size_t service_places(struct service_place places[SERVICE_PLACES_MAX]);
/* Connects, until then at most. Errors: SC_E_NO_SERVICE (nobody listens there, or
 * somebody that is not trusted, which is logged), SC_E_TIMEOUT, SC_E_NO_MEMORY. */
enum sc_error service_place_connect(const struct service_place *place,
                                    uint64_t deadline_ms,
                                    struct os_socket *socket) MUST_CHECK;
/* The token of a service behind TCP; 0 bytes, which is as good as a wrong one, where the
 * file of WINSCARD_TOKEN is not root's or this user's own, or others may read it; that is
 * logged. */
size_t service_token(uint8_t token[SERVICE_TOKEN_MAX]);

#endif
