/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the driver share. The attendant alone reads from connections, accepts
 * and closes them; jobs write to them, and wait for what the attendant brings. */
#ifndef DRIVERS_VSCARD_INTERNAL_H
#define DRIVERS_VSCARD_INTERNAL_H

#include "drivers/kit/reader.h"
#include "drivers/vscard/vscard.h"
#include "proto/vscard.h"

enum {
    VSCARD_GREET_MS = 10000, /* for a client's first message */
    VSCARD_SEND_MS = 5000    /* a client that takes nothing for so long is dropped */
};

struct vscard;

/* A connection. */
struct vscard_client {
    struct vscard *vscard;
    struct os_socket socket;
    struct vscard_stream *stream; /* NULL: there is no connection */
    bool greeted;
    uint64_t greet_by_ms;
    uint32_t broken; /* atomic: the attendant is to drop it */
    struct os_mutex sending;
};

struct vscard_reader {
    struct kit_reader kit;        /* first: the host hands it back */
    struct vscard_client *client; /* NULL: free. Set by the attendant, before the reader
                                   * arrives, and forgotten when its last job is over */
    char name[DRIVER_TEXT_MAX];

    /* Under the reader's lock. */
    uint8_t atr[VSCARD_ATR_MAX]; /* of the card that is in */
    size_t atr_size;
    bool asked;    /* a command has no answer yet */
    bool flushing; /* answers to commands that were given up may come until the client
                    * says that there are no more */
    uint8_t *out;  /* the job's that has asked */
    size_t room, size;
    enum sc_error result;

    uint32_t protocols; /* the jobs': of the card that was powered last */
};

struct vscard {
    struct kit_instance kit; /* first */
    char name[DRIVER_NAME_MAX], address[64];
    uint32_t wanted_port, apdu_timeout_ms, settle_ms;
    uint16_t port;
    struct os_socket listener;
    struct os_mutex lock;
    struct os_cond came;
    bool card_came; /* under the lock */
    struct vscard_client clients[VSCARD_CLIENTS_MAX];
    struct vscard_reader readers[VSCARD_READERS_MAX];
};

/* Sends a message. After an error the connection is of no more use, and the attendant
 * drops it. Errors: SC_E_TIMEOUT, SC_E_CANCELLED, SC_F_COMM_ERROR. */
enum sc_error vscard_send(struct vscard_client *client, uint32_t type, uint32_t reader_id,
                          const void *data, size_t size, uint64_t deadline_ms,
                          const struct os_wake *wake) MUST_CHECK;

/* The attendant's: a connection is there for a client, without one so far. False: there is
 * no memory for it. */
bool vscard_client_begin(struct vscard_client *client,
                         struct os_socket socket) MUST_CHECK;
/* Takes what has come. False: the connection is at its end, or what came is wrong. */
bool vscard_client_read(struct vscard_client *client) MUST_CHECK;
/* Its readers leave, and the connection is closed. */
void vscard_client_end(struct vscard_client *client);

enum sc_error vscard_power(void *self, enum power_action action,
                           const struct driver_job *asked, uint8_t atr[DRIVER_ATR_MAX],
                           size_t *atr_size);
enum sc_error vscard_set_protocol(void *self, uint32_t protocol,
                                  const struct driver_job *asked);
enum sc_error vscard_transmit(void *self, uint32_t protocol, struct transfer *t);
enum sc_error vscard_control(void *self, uint32_t code, struct transfer *t);

#endif
