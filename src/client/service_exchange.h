/* SPDX-License-Identifier: BSD-2-Clause */
/* One connection to the service, and one exchange over it. */
#ifndef CLIENT_SERVICE_EXCHANGE_H
#define CLIENT_SERVICE_EXCHANGE_H

#include "base/list.h"
#include "message/message.h"
#include "os/pipe.h"
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

/* By which a request goes, and its response comes. */
enum service_way { SERVICE_BY_SOCKET, SERVICE_BY_PIPES };

struct service_link {
    struct os_socket socket;
    struct os_pipes pipes; /* beside it, where they help; else closed */
    enum service_way way;  /* of the call under way */
    uint32_t generation;   /* of the session it belongs to */
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
    /* The thread ends while it waits for a response: this takes the link. */
    void (*abandon)(struct service_link *link);
    struct service_link *next; /* of the idle ones */
    struct list_link link;     /* of all */
};

/* Room for so many bytes at least. False: no memory. */
bool service_link_grow(struct service_link *link, size_t wanted) MUST_CHECK;
/* Closes its socket and its pipes. */
void service_link_close(struct service_link *link);
/* Begins a request: a writer over the link's bytes. */
void service_begin_request(struct service_link *link, struct message_writer *writer);
/* Sends it and waits for the response, whose fields *reader is over. The result is what
 * the service said of the call. SC_E_SERVICE_STOPPED: the connection broke, or what came
 * is not a response, or none came in time: then the link is to be distrusted (*broken). A
 * call that waits for others or for a card by its nature may take any time. */
enum sc_error service_exchange(struct service_link *link, enum message_call call,
                               struct message_writer *writer,
                               struct message_reader *reader, bool *broken) MUST_CHECK;

#endif
