/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the service is, and the way there. */
#ifndef CLIENT_SERVICE_PLACE_H
#define CLIENT_SERVICE_PLACE_H

#include "message/message.h"
#include "os/socket.h"
#include "os/unix_socket.h"

enum {
    SERVICE_PLACES_MAX = 3,
    SERVICE_WHERE_MAX = 1024 /* bytes, with a NUL */
};

enum service_place_kind {
    SERVICE_PLACE_UNIX, /* `where` is the socket's path */
    SERVICE_PLACE_TCP,  /* ADDRESS:PORT */
    SERVICE_PLACE_FILE  /* the path of an endpoint's file (message/endpoint.h) */
};

struct service_place {
    char where[SERVICE_WHERE_MAX];
    enum service_place_kind kind;
    bool named;  /* by the environment: it has to be trustworthy (client/trust.h) */
    bool starts; /* os_start_endpoint() may make the file that is missing */
};

/* What a service behind TCP has to know, and wants its clients to. */
struct service_token {
    uint8_t bytes[MESSAGE_TOKEN_MAX];
    size_t size; /* 0: there is none, or it cannot be read */
};

/* Whether WINSCARD_SERVICE names one. */
bool service_is_named(void);
/* Where to look, in this order; gives how many. None: WINSCARD_SERVICE is not a place,
 * which is logged. */
size_t service_places(struct service_place places[SERVICE_PLACES_MAX]);
/* Connects, until then at most. *token, to be wiped, is that of a service behind TCP: out
 * of the endpoint's file, or that of WINSCARD_TOKEN, which have to be root's or this
 * user's own, and nobody else may read; what is wrong with them is logged. Errors:
 * SC_E_NO_SERVICE (nobody listens there, or somebody that is not trusted, which is
 * logged), SC_E_TIMEOUT, SC_E_NO_MEMORY. */
enum sc_error service_place_connect(const struct service_place *place,
                                    uint64_t deadline_ms, struct os_socket *socket,
                                    struct service_token *token) MUST_CHECK;

#endif
