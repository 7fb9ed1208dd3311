/* SPDX-License-Identifier: BSD-2-Clause */
/* Connections to the service, and one exchange over one of them. */
#ifndef CLIENT_SERVICE_WIRE_H
#define CLIENT_SERVICE_WIRE_H

#include "base/list.h"
#include "message/message.h"
#include "os/socket.h"

enum {
    /* Bytes of most messages either way: one read takes a whole response. */
    SERVICE_ROOM = MESSAGE_ROOM,
    SERVICE_IDLE_MAX = 16, /* idle connections that are kept */
    /* Milliseconds: */
    SERVICE_OPEN_MS = 5000,   /* to connect and get the response to hello */
    SERVICE_SEND_MS = 60000,  /* for the service to take a request */
    SERVICE_QUICK_MS = 60000, /* to answer what it answers out of its memory */
};

struct service_link {
    struct os_socket socket;
    uint32_t generation; /* of the session it belongs to */
    uint32_t serial;
    bool joined;          /* was made for this call, as all others were in use */
    bool temporary;       /* is not kept: see service_link_give() */
    bool late;            /* no response in time */
    uint32_t patience_ms; /* that its socket has for a read; 0: for ever */
    uint32_t place;       /* of service_places() */
    uint8_t *bytes;       /* the request, then the response */
    size_t room, size, requested;
    /* Bytes that follow those of the writer in the next request: of a long command, which
     * need not be copied. Owned by the caller. */
    const uint8_t *body;
    size_t body_size;
    struct service_link *next; /* of the idle ones */
    struct list_link link;     /* of all */
};

/* A connection for one call: an idle one, or a new one. `establishing`: a session may
 * begin with it; else there must be one. Errors: SC_E_NO_SERVICE (nobody answers),
 * SC_E_SERVICE_STOPPED (the session is over), SC_W_SECURITY_VIOLATION (the service does
 * not let us in), SC_E_NO_MEMORY (or no descriptor), SC_E_SERVER_TOO_BUSY (the service
 * takes no further connection now). After the last two the session goes on. */
enum sc_error service_link_take(bool establishing, struct service_link **link) MUST_CHECK;
/* Keeps it for the next call; but not one that was made for a call that ends others, or
 * for one that was too many: it may be one that the service takes nothing else from. */
void service_link_give(struct service_link *link);
/* Closes one that belongs to no session of ours. */
void service_link_drop(struct service_link *link);
/* It broke, or what came is not a response: closes it, and the session is over. */
void service_link_distrust(struct service_link *link);

/* Begins a request: a writer over the link's bytes. */
void service_begin_request(struct service_link *link, struct message_writer *writer);
/* Sends it and waits for the response, whose fields *reader is over. The result is what
 * the service said of the call. SC_E_SERVICE_STOPPED: the connection broke, or what came
 * is not a response, or none came in time: then the link is to be distrusted (*broken). A
 * call that waits for others or for a card by its nature may take any time. */
enum sc_error service_exchange(struct service_link *link, enum message_call call,
                               struct message_writer *writer,
                               struct message_reader *reader, bool *broken) MUST_CHECK;

/* Around the making of a context: meanwhile the session does not end. `link`: of the call
 * that made it; NULL if none was made. */
void service_context_begin(void);
void service_context_made(const struct service_link *link, uint32_t context);
/* One was released by a call over `link`: with the last one the session ends, and its
 * connections close. */
void service_context_released(const struct service_link *link, uint32_t context);
/* A card was connected, disconnected. */
void service_card_made(const struct service_link *link, uint32_t card, uint32_t context);
void service_card_gone(uint32_t card);
/* Whether the session that made this context or card is over, and the program has not
 * heard so of this one. `once`: it hears it now, and the handle is none from then on. */
bool service_handle_is_stopped(uint32_t handle, bool once);

#endif
