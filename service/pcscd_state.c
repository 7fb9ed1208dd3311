/* SPDX-License-Identifier: BSD-2-Clause */
/* pcscd's protocol: the states of readers, and waiting for the next. */
#include "service/pcscd.h"

#include "base/atomic.h"
#include "base/utf.h"
#include "host/host.h"
#include "os/time.h"
#include "service/permit.h"
#include "service/server.h"

#include <string.h>

/* How long an event is held back for a client that is registered and about to ask: from
 * registering until it has the states, which every client of 4:6 asks for, however slow
 * its machine (it would take the event for them), and then for the number of arrivals,
 * which few ask for. */
enum { HOLD_FOR_STATES_MS = 1000, HOLD_MS = 2 };

/* How long after states that were cancelled the wait comes that was meant. */
enum { CANCEL_MS = 1000 };

/* --- Records ------------------------------------------------------------------------ */

/* A protocol in force leaves it at NEGOTIABLE, in pcscd. */
static uint32_t state_of(const struct slot_view *view)
{
    if ((view->state & VIEW_UNAVAILABLE) != 0)
        return THEIR_UNKNOWN;
    switch (view->card) {
    case CARD_ABSENT:
    case CARD_UNKNOWN: /* a card is in when its ATR is known, or that it has none */
        break;
    case CARD_MUTE:
        return THEIR_PRESENT | THEIR_SWALLOWED;
    case CARD_OFF:
        return THEIR_PRESENT;
    case CARD_NEGOTIABLE:
    case CARD_SPECIFIC:
        return THEIR_PRESENT | THEIR_POWERED | THEIR_NEGOTIABLE;
    }
    return THEIR_ABSENT;
}

static void put_word(uint8_t *record, size_t at, uint32_t word)
{
    memcpy(record + at, &word, sizeof(word));
}

/* Into zeroed bytes. */
static void put_state_record(uint8_t *record, const struct reader_state *reader)
{
    const struct slot_view *view = reader->view;
    /* What is not shown yet is not counted yet. */
    uint32_t events =
        view->card == CARD_UNKNOWN && view->events > 0 ? view->events - 1 : view->events;
    const char *name = reader->names[NAME_PCSCLITE];
    memcpy(record + RECORD_NAME, name, utf8_length(name, WIRE_NAME_MAX - 1));
    put_word(record, RECORD_EVENTS, events);
    put_word(record, RECORD_STATE, state_of(view));
    put_word(record, RECORD_SHARING, view->alone ? UINT32_MAX : view->handles);
    memcpy(record + RECORD_ATR, view->atr, view->atr_size);
    put_word(record, RECORD_ATR_SIZE, (uint32_t)view->atr_size);
    put_word(record, RECORD_PROTOCOL, view->protocol & (PROTOCOL_T0 | PROTOCOL_T1));
}

struct records {
    const struct session *session;
    uint8_t *next, *end; /* those that are empty */
};

static void add_record(void *context, const struct reader_state *reader)
{
    struct records *records = context;
    if (records->next == records->end
        || !permit_visible_names(records->session, reader->names))
        return;
    put_state_record(records->next, reader);
    records->next += WIRE_RECORD_SIZE;
}

/* The readers that the client may see, in `room` records; the rest of them are empty. */
static void respond_records(struct call *call, uint32_t room)
{
    assert(room > 0);
    struct pcscd_peer *peer = pcscd_peer(call->connection);
    size_t size = (size_t)room * WIRE_RECORD_SIZE;
    if (!call_make_response_room(call, size)) {
        (void)pcscd_refuse(call); /* there is no other way to say so */
        return;
    }
    memset(call->response, 0, size);
    struct records records = {call->session, call->response, call->response + size};
    if (host_visit_readers(add_record, &records, &peer->told) != SC_OK) {
        (void)pcscd_refuse(call);
        return;
    }
    peer->heard = false;
    call->response_size = size;
}

static void count_reader(void *context, const struct reader_state *reader)
{
    (void)reader;
    *(uint32_t *)context += 1;
}

/* The number of records must never become less while the service runs: libpcsclite 2.5
 * takes a smaller one than before for a fault. */
static uint32_t count_records(struct server *server)
{
    uint64_t changes;
    uint32_t count = 0;
    (void)host_visit_readers(count_reader, &count, &changes);
    os_mutex_lock(&server->lock);
    if (server->pcscd_records < WIRE_RECORDS_FIXED)
        server->pcscd_records = WIRE_RECORDS_FIXED;
    while (server->pcscd_records < count)
        server->pcscd_records *= 2;
    count = server->pcscd_records;
    os_mutex_unlock(&server->lock);
    return count;
}

/* Up to 4:5 a client expects as many as its library was built for, and says nowhere how
 * many those are. */
static uint32_t fixed_records(const struct call *call)
{
    uint32_t told = call->server->options.pcscd_records;
    return told != 0 ? told : WIRE_RECORDS_FIXED;
}

bool pcscd_get_count(struct call *call)
{
    struct pcscd_peer *peer = pcscd_peer(call->connection);
    peer->records = count_records(call->server);
    pcscd_put(call, 0, peer->records);
    call->response_size = sizeof(uint32_t);
    return true;
}

/* As many as were announced, however many there are by now. */
static void respond_array(struct call *call)
{
    struct pcscd_peer *peer = pcscd_peer(call->connection);
    uint32_t room = peer->records != 0 ? peer->records : count_records(call->server);
    if (call->connection->event != NULL)
        peer->hold_ms = os_now_ms() + HOLD_MS;
    respond_records(call, room);
}

bool pcscd_get_events(struct call *call)
{
    pcscd_put(call, 0, host_reader_changes());
    pcscd_put(call, 1, 0);
    call->response_size = WIRE_EVENT_SIZE;
    return true;
}

/* --- Waiting ------------------------------------------------------------------------ */

bool pcscd_event_end(struct call *event)
{
    assert(event->event && event->response_room >= 2 * sizeof(uint32_t));
    const uint32_t words[2] = {0, pcscd_result(event->op.error)};
    memcpy(event->response, words, sizeof(words));
    event->response_size = sizeof(words);
    return true;
}

/* Up to 4:3 no states come when the wait begins: what the client does not know is an
 * event. */
bool pcscd_event_begin(struct call *event)
{
    const struct pcscd_peer *peer = pcscd_peer(event->connection);
    return host_op_news(&event->op, peer->context, peer->minor < 4 ? peer->told : 0)
           && pcscd_event_end(event);
}

static bool register_event(struct call *call)
{
    assert(call->connection->event == NULL);
    struct pcscd_peer *peer = pcscd_peer(call->connection);
    struct call *event = call_new(call->server);
    if (event == NULL || !call_make_response_room(event, WIRE_EVENT_SIZE)) {
        call_free(event);
        return false;
    }
    event->connection = call->connection;
    event->protocol = call->protocol;
    event->session = call->session;
    event->event = true;
    call->connection->event = event;
    event->op.error = SC_E_CANCELLED;
    bool cancelled = os_ms_left(peer->cancelled_ms) > 0;
    peer->cancelled_ms = 0;
    if (cancelled ? pcscd_event_end(event) : server_run(event, true))
        atomic_store_u32(&event->finished, 1);
    return true;
}

/* Its time may not have come. */
bool pcscd_idle(struct connection *connection)
{
    assert(connection->event != NULL);
    struct pcscd_peer *peer = pcscd_peer(connection);
    struct call *event = connection->event;
    if (os_ms_left(peer->hold_ms) > 0) {
        connection_set_deadline(connection, CONNECTION_HOLD, peer->hold_ms);
        return false;
    }
    if (event->response_size == 0)
        (void)pcscd_event_end(event); /* it was to stop, just when a thread had it */
    peer->heard = true;
    return true;
}

/* A client that waits already still waits for one event. */
static void respond_wait(struct call *call)
{
    struct pcscd_peer *peer = pcscd_peer(call->connection);
    if (call->connection->event == NULL && !register_event(call)) {
        (void)pcscd_refuse(call);
        return;
    }
    peer->hold_ms = peer->minor < 5 ? 0 : os_now_ms() + HOLD_MS;
    if (peer->minor == 4 || peer->minor == 5)
        respond_records(call, fixed_records(call));
    if (peer->minor >= 6)
        peer->hold_ms = os_now_ms() + HOLD_FOR_STATES_MS;
}

static bool tells_states(const struct pcscd_peer *peer, uint32_t command)
{
    return command != WIRE_WAIT_READER_STATE_CHANGE || peer->minor == 4
           || peer->minor == 5;
}

/* Nothing tells a single look from the beginning of a wait: either has the card shown
 * that is in, so new cards are waited for, whatever else happened. A client that asks
 * because of an event does not wait for another one. */
bool pcscd_take_states(struct call *call)
{
    const struct pcscd_peer *peer = pcscd_peer(call->connection);
    call->op.error = SC_OK;
    return !tells_states(peer, call->header.call)
           || host_op_states(&call->op, peer->context, peer->heard ? peer->told : 0);
}

/* A cancel that came while the states were waited for which a wait comes with, or, up to
 * 4:3, right behind, is that wait's. */
static void note_cancel(const struct call *call)
{
    struct pcscd_peer *peer = pcscd_peer(call->connection);
    bool before = call->header.call == WIRE_GET_READERS_STATE && peer->minor < 4;
    if (call->op.error == SC_E_CANCELLED
        && (before || call->header.call == WIRE_WAIT_READER_STATE_CHANGE))
        peer->cancelled_ms = os_now_ms() + CANCEL_MS;
    else if (before)
        peer->cancelled_ms = 0;
}

void pcscd_answer(struct call *call)
{
    if (call->event || call->response_size > 0)
        return;
    note_cancel(call);
    switch (call->header.call) {
    case WIRE_GET_READERS_STATE:
        respond_records(call, fixed_records(call));
        break;
    case WIRE_GET_READERS_STATE_ARRAY:
        respond_array(call);
        break;
    case WIRE_WAIT_READER_STATE_CHANGE:
        respond_wait(call);
        break;
    default:
        break;
    }
}

bool pcscd_stop_waiting(struct call *call)
{
    struct call *event = call->connection->event;
    pcscd_peer(call->connection)->hold_ms = 0;
    /* The event was reported, or is being reported by another thread: that is the
     * response. */
    if (event == NULL || !server_abandon(event))
        return true;
    memset(call->response, 0, WIRE_EVENT_SIZE);
    if (event->response_size == WIRE_EVENT_SIZE)
        memcpy(call->response, event->response, WIRE_EVENT_SIZE);
    call->response_size = WIRE_EVENT_SIZE;
    call->connection->event = NULL;
    call_free(event);
    return true;
}
