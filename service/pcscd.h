/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol (message/pcscd.h), versions 4:3 to 4:6: what libpcsclite of pcsc-lite
 * 1.8 to 2.5 speaks. A connection is one context's, and a session of its own, so a handle
 * of another connection is not valid here: a client that uses one is cut off, as by
 * pcscd, and so is one that sends what is not a request.
 *
 * Transactions. As in pcscd, whoever meets another handle's is answered with
 * SCARD_E_SHARING_VIOLATION, upon which libpcsclite lets go of its context for 100 ms and
 * asks again (of SCardBeginTransaction, SCardTransmit and SCardReconnect; it gives others
 * the error). Where the connection has no other handle the answer waits for a moment
 * first, so that most transactions pass on at once; and whoever asks again keeps his
 * place among those that wait (manager/slot.h).
 *
 * Events. WAIT_READER_STATE_CHANGE registers the connection for one event. It has exactly
 * one answer: when something changes, when its context is cancelled, or when it stops
 * waiting; and that comes alone, while nothing else is under way. Clients of 4:5 and 4:6
 * ask for states while they are registered, and would take an event for what they asked
 * for: it is held back until they have what they want. */
#ifndef SERVICE_PCSCD_H
#define SERVICE_PCSCD_H

#include "message/pcscd.h"
#include "service/call.h"
#include "service/connection.h"

extern const struct protocol pcscd_protocol;

/* What the protocol has to know of a connection. Used by the connection's user alone. */
struct pcscd_peer {
    uint64_t hold_ms;      /* an event is not reported before this time */
    uint32_t minor;        /* of the version that it speaks */
    uint32_t context;      /* its last one */
    uint32_t records;      /* readers announced by GET_READERS_STATE_SIZE */
    bool heard;            /* an event, and asked for no states since */
    uint64_t told;         /* which states it got last, for host_op_states(); 0: none */
    uint64_t cancelled_ms; /* a wait that begins until then is cancelled already */
};

static inline struct pcscd_peer *pcscd_peer(const struct connection *connection)
{
    assert(connection->peer != NULL);
    return connection->peer;
}

/* --- Its parts among themselves: pcscd_words.c -------------------------------------- */

uint32_t pcscd_word_at(const uint8_t *bytes);
/* A word of the request's body. */
uint32_t pcscd_word(const struct call *call, unsigned number);
/* The response is the request's body with this result; pcscd_put() then changes words of
 * it. True. */
bool pcscd_respond(struct call *call, unsigned rv, enum sc_error error);
void pcscd_put(struct call *call, unsigned number, uint32_t word);
/* pcsc-lite's number of an error. */
uint32_t pcscd_result(enum sc_error error);
/* The connection ends. True. */
bool pcscd_refuse(struct call *call);

/* --- pcscd_card.c: handles ---------------------------------------------------------- */

/* Each begins a call; true: it is finished. */
bool pcscd_take_connect(struct call *call);
bool pcscd_reconnect(struct call *call);
bool pcscd_disconnect(struct call *call);
bool pcscd_begin(struct call *call);
bool pcscd_end(struct call *call);
bool pcscd_transmit(struct call *call);
bool pcscd_control(struct call *call);
bool pcscd_status(struct call *call);
bool pcscd_get_attrib(struct call *call);
bool pcscd_set_attrib(struct call *call);
/* The host has finished a call of them. True. */
bool pcscd_card_done(struct call *call);

/* --- pcscd_state.c: readers and events ---------------------------------------------- */

/* The requests whose response is, or begins with, the readers' states: new cards are
 * asked for their ATR first. */
bool pcscd_take_states(struct call *call);
void pcscd_answer(struct call *call);
bool pcscd_get_count(struct call *call);
bool pcscd_get_events(struct call *call);
bool pcscd_stop_waiting(struct call *call);
/* For connection->event, which waits for what is reported next. */
bool pcscd_event_begin(struct call *event);
bool pcscd_event_end(struct call *event);
bool pcscd_idle(struct connection *connection);

#endif
