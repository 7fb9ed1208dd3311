/* SPDX-License-Identifier: BSD-2-Clause */
/* The session with the service and its connections. */
#include "client/service_wire.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "client/service_handles.h"
#include "client/service_place.h"
#include "os/cancel.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/stream.h"
#include "os/time.h"

#include <string.h>

static struct {
    struct os_mutex lock;
    bool fork_watched;
    uint32_t generation; /* of the session; ++ when one ends */
    bool open;           /* there is one */
    uint8_t id[MESSAGE_SESSION_SIZE];
    uint32_t place;         /* where it was begun: of service_places() */
    struct list_link links; /* all; those of calls under way too */
    struct service_link *idle;
    uint32_t idle_count;
    uint32_t contexts; /* alive in this session */
    uint32_t pending;  /* being made */
} session = {
    .lock = OS_MUTEX_INIT, .generation = 1, .links = {&session.links, &session.links}};

/* --- Links -------------------------------------------------------------------------- */

static void free_link(struct service_link *link)
{
    if (link->bytes != NULL)
        secret_clear(link->bytes, link->room);
    mem_free(link->bytes);
    mem_free(link);
}

/* The child of a fork has its parent's connections, which it must not use: it closes its
 * copies, those of calls under way too, lest the service take the parent for alive as
 * long as the child is. What the parent got from the service is nothing of its own. */
static void forget_session(void)
{
    os_mutex_init(&session.lock);
    for (struct list_link *at = session.links.next; at != &session.links; at = at->next)
        os_stream_forget(&LIST_ENTRY(at, struct service_link, link)->socket);
    list_init(&session.links);
    while (session.idle != NULL) {
        struct service_link *link = session.idle;
        session.idle = link->next;
        free_link(link);
    }
    session.idle_count = session.contexts = session.pending = 0;
    session.open = false;
    session.generation++;
    handles_forget();
}

/* The session is over: by the service's end, or ours. */
static void end_session(void) NEEDS_LOCK(session.lock)
{
    assert(session.idle_count <= SERVICE_IDLE_MAX);
    while (session.idle != NULL) {
        struct service_link *link = session.idle;
        session.idle = link->next;
        list_remove(&link->link);
        os_socket_close(&link->socket);
        free_link(link);
    }
    session.idle_count = session.contexts = 0;
    session.open = false;
    session.generation++;
    handles_stop(); /* if it is our end, there are none */
}

static bool grow_link(struct service_link *link, size_t wanted)
{
    if (link->room >= wanted)
        return true;
    uint8_t *larger = mem_resize(link->bytes, wanted);
    if (larger == NULL)
        return false;
    link->bytes = larger;
    link->room = wanted;
    return true;
}

/* --- Hello -------------------------------------------------------------------------- */

/* `join`: the session that is there; else a new one. */
static enum sc_error say_hello(struct service_link *link, bool tcp, const uint8_t *join,
                               uint8_t id[MESSAGE_SESSION_SIZE])
{
    uint8_t token[SERVICE_TOKEN_MAX];
    struct message_request_hello request = {.version_min = MESSAGE_VERSION,
                                            .version_max = MESSAGE_VERSION};
    struct message_response_hello response;
    struct message_writer writer;
    struct message_reader reader;
    bool broken;
    request.session.bytes = join;
    request.session.size = join != NULL ? MESSAGE_SESSION_SIZE : 0;
    request.token.bytes = token;
    request.token.size = tcp ? service_token(token) : 0;
    service_begin_request(link, &writer);
    message_put_request_hello(&writer, &request);
    secret_clear(token, sizeof(token));
    enum sc_error error =
        service_exchange(link, MESSAGE_hello, &writer, &reader, &broken);
    if (error != SC_OK)
        return error;
    if (!message_get_response_hello(&reader, &response))
        return SC_E_SERVICE_STOPPED;
    memcpy(id, response.session.bytes, MESSAGE_SESSION_SIZE);
    return SC_OK;
}

/* At one place. Errors: those of service_link_take(). */
static enum sc_error open_at(struct service_link *link, const struct service_place *place,
                             const uint8_t *join, uint8_t id[MESSAGE_SESSION_SIZE])
{
    uint64_t deadline_ms = os_now_ms() + SERVICE_OPEN_MS;
    enum sc_error error = service_place_connect(place, deadline_ms, &link->socket);
    if (error != SC_OK) {
        log_debug("%s: no connection to a service: %s", place->where,
                  sc_error_name(error));
        return error == SC_E_TIMEOUT ? SC_E_SERVER_TOO_BUSY : error;
    }
    os_mutex_lock(&session.lock);
    list_append(&session.links, &link->link);
    os_mutex_unlock(&session.lock);
    os_stream_set_blocking(link->socket);
    os_stream_limit_sending(link->socket, SERVICE_SEND_MS);
    link->patience_ms = 0;
    error = say_hello(link, place->tcp, join, id);
    if (error == SC_OK)
        return SC_OK;
    if (link->late)
        log_error("%s: somebody listens, and does not answer within %d ms", place->where,
                  SERVICE_OPEN_MS);
    else
        log_debug("%s: the service does not let us in: %s", place->where,
                  sc_error_name(error));
    os_mutex_lock(&session.lock);
    list_remove(&link->link);
    os_mutex_unlock(&session.lock);
    os_socket_close(&link->socket);
    return link->late ? SC_E_NO_SERVICE : error;
}

/* `join`: the session to join, which was begun at `at`; NULL: a new one. */
static enum sc_error open_link(const uint8_t *join, uint32_t at,
                               uint8_t id[MESSAGE_SESSION_SIZE],
                               struct service_link **made)
{
    struct service_place places[SERVICE_PLACES_MAX];
    struct service_link *link = mem_alloc(sizeof(*link));
    if (link == NULL)
        return SC_E_NO_MEMORY;
    list_init(&link->link);
    if (!grow_link(link, SERVICE_ROOM)) {
        free_link(link);
        return SC_E_NO_MEMORY;
    }
    enum sc_error error = SC_E_NO_SERVICE;
    size_t count = service_places(places);
    for (uint32_t i = 0; i < count && error == SC_E_NO_SERVICE; i++) {
        link->place = i;
        if (join == NULL || i == at)
            error = open_at(link, &places[i], join, id);
    }
    if (error != SC_OK) {
        free_link(link);
        return error;
    }
    *made = link;
    return SC_OK;
}

/* --- Taking and giving -------------------------------------------------------------- */

/* The first connection of a session. Two threads may both make one: the second has
 * SC_E_NOT_READY, and joins. */
static enum sc_error begin_session(struct service_link **link)
{
    uint8_t id[MESSAGE_SESSION_SIZE];
    enum sc_error error = open_link(NULL, 0, id, link);
    if (error != SC_OK)
        return error;
    os_mutex_lock(&session.lock);
    bool mine = !session.open;
    if (mine) {
        session.open = true;
        memcpy(session.id, id, sizeof(id));
        session.place = (*link)->place;
        (*link)->generation = session.generation;
    }
    os_mutex_unlock(&session.lock);
    if (mine)
        return SC_OK;
    service_link_drop(*link); /* its session held nothing */
    return SC_E_NOT_READY;
}

/* Whether a connection of the session stands. With the lock none is closed meanwhile. */
static bool session_stands(uint32_t generation) NEEDS_LOCK(session.lock)
{
    bool stands = false;
    for (struct list_link *at = session.links.next; at != &session.links; at = at->next) {
        const struct service_link *link = LIST_ENTRY(at, struct service_link, link);
        stands |= link->generation == generation && !os_stream_is_over(link->socket);
    }
    return stands;
}

/* No further connection could be made. That alone is not the end of the session. */
static enum sc_error judge_session(uint32_t generation, enum sc_error error)
{
    os_mutex_lock(&session.lock);
    bool current = session.generation == generation;
    bool stands = current && session_stands(generation);
    if (current && !stands)
        end_session();
    os_mutex_unlock(&session.lock);
    if (!stands)
        return SC_E_SERVICE_STOPPED;
    return error == SC_E_NO_MEMORY ? error : SC_E_SERVER_TOO_BUSY;
}

/* SC_E_NOT_READY: once more. */
static enum sc_error try_link(bool establishing, struct service_link **link)
{
    uint8_t id[MESSAGE_SESSION_SIZE], same[MESSAGE_SESSION_SIZE];
    os_mutex_lock(&session.lock);
    if (!session.fork_watched) {
        os_at_fork_child(forget_session);
        session.fork_watched = true;
    }
    bool open = session.open;
    uint32_t generation = session.generation, place = session.place;
    struct service_link *idle = session.idle;
    if (idle != NULL) {
        session.idle = idle->next;
        session.idle_count--;
    }
    memcpy(id, session.id, sizeof(id));
    os_mutex_unlock(&session.lock);
    if (idle != NULL) {
        *link = idle;
        return SC_OK;
    }
    if (!open)
        return establishing ? begin_session(link) : SC_E_INVALID_HANDLE;
    enum sc_error error = open_link(id, place, same, link);
    if (error == SC_OK) {
        os_mutex_lock(&session.lock); /* others look at the links */
        (*link)->generation = generation;
        os_mutex_unlock(&session.lock);
        (*link)->joined = true;
        return SC_OK;
    }
    error = judge_session(generation, error);
    return establishing && error == SC_E_SERVICE_STOPPED ? begin_session(link) : error;
}

enum sc_error service_link_take(bool establishing, struct service_link **link)
{
    enum sc_error error;
    do
        error = try_link(establishing, link);
    while (error == SC_E_NOT_READY);
    return error;
}

/* A link that grew for one long message goes back to what most need. */
static void shrink(struct service_link *link)
{
    if (link->room == SERVICE_ROOM)
        return;
    secret_clear(link->bytes, link->room);
    uint8_t *smaller = mem_resize(link->bytes, SERVICE_ROOM);
    if (smaller == NULL)
        return;
    link->bytes = smaller;
    link->room = SERVICE_ROOM;
}

void service_link_give(struct service_link *link)
{
    shrink(link);
    os_mutex_lock(&session.lock);
    /* The last connection must stay: with it the session would end. */
    bool keep = session.open && link->generation == session.generation && !link->temporary
                && session.idle_count < SERVICE_IDLE_MAX;
    link->joined = false;
    if (keep) {
        link->next = session.idle;
        session.idle = link;
        session.idle_count++;
    }
    os_mutex_unlock(&session.lock);
    if (!keep)
        service_link_drop(link);
}

void service_link_distrust(struct service_link *link)
{
    os_mutex_lock(&session.lock);
    if (session.open && link->generation == session.generation)
        end_session();
    os_mutex_unlock(&session.lock);
    service_link_drop(link);
}

void service_link_drop(struct service_link *link)
{
    os_mutex_lock(&session.lock);
    list_remove(&link->link);
    os_mutex_unlock(&session.lock);
    os_socket_close(&link->socket);
    free_link(link);
}

void service_context_begin(void)
{
    os_mutex_lock(&session.lock);
    session.pending++;
    os_mutex_unlock(&session.lock);
}

/* Whether the link is of the session that is. */
static bool is_current(const struct service_link *link) NEEDS_LOCK(session.lock)
{
    return session.open && link->generation == session.generation;
}

void service_context_made(const struct service_link *link, uint32_t context)
{
    os_mutex_lock(&session.lock);
    assert(session.pending > 0);
    session.pending--;
    if (link != NULL)
        handles_add(context, 0, !is_current(link));
    if (link != NULL && is_current(link))
        session.contexts++;
    os_mutex_unlock(&session.lock);
}

void service_context_released(const struct service_link *link, uint32_t context)
{
    os_mutex_lock(&session.lock);
    bool ours = is_current(link);
    handles_remove(context);
    if (ours && session.contexts > 0)
        session.contexts--;
    if (ours && session.contexts == 0 && session.pending == 0)
        end_session();
    os_mutex_unlock(&session.lock);
}

void service_card_made(const struct service_link *link, uint32_t card, uint32_t context)
{
    os_mutex_lock(&session.lock);
    handles_add(card, context, !is_current(link));
    os_mutex_unlock(&session.lock);
}

void service_card_gone(uint32_t card)
{
    os_mutex_lock(&session.lock);
    handles_remove(card);
    os_mutex_unlock(&session.lock);
}

bool service_handle_is_stopped(uint32_t handle, bool once)
{
    if (!handles_any_stopped())
        return false;
    os_mutex_lock(&session.lock);
    bool stopped = handles_is_stopped(handle, once);
    os_mutex_unlock(&session.lock);
    return stopped;
}

/* --- One exchange ------------------------------------------------------------------- */

void service_begin_request(struct service_link *link, struct message_writer *writer)
{
    struct message_header none = {0};
    memset(writer, 0, sizeof(*writer));
    writer->bytes = link->bytes;
    writer->room = link->room;
    message_put_header(writer, &none);
}

static bool send_request(struct service_link *link, enum message_call call,
                         struct message_writer *writer)
{
    assert(writer->bytes == link->bytes && writer->size >= MESSAGE_HEADER_SIZE);
    size_t body_size = link->body_size, size = writer->size + body_size;
    struct message_header header = {.size = (uint32_t)(size - MESSAGE_HEADER_SIZE),
                                    .call = (uint16_t)call,
                                    .serial = ++link->serial};
    struct message_writer front = {.bytes = link->bytes, .room = MESSAGE_HEADER_SIZE};
    size_t sent = 0;
    message_put_header(&front, &header);
    link->requested = writer->size;
    link->body_size = 0;
    if (body_size > 0)
        return os_socket_write(link->socket, link->bytes, writer->size, link->body,
                               body_size, os_now_ms() + SERVICE_SEND_MS, NULL)
               == SC_OK;
    enum sc_error error = os_stream_send(link->socket, link->bytes, writer->size, &sent);
    return error == SC_OK && sent == writer->size;
}

/* How long the response to a call may take; 0: for ever, since it waits for others, or
 * for what a card does. */
static uint32_t patience(enum message_call call)
{
    if (call == MESSAGE_hello)
        return SERVICE_OPEN_MS;
    bool quick = (message_call_traits((uint16_t)call) & MESSAGE_QUICK) != 0;
    return quick ? (uint32_t)SERVICE_QUICK_MS : 0;
}

static void set_patience(struct service_link *link, enum message_call call)
{
    uint32_t wanted = patience(call);
    link->late = false;
    if (wanted != link->patience_ms)
        os_stream_limit_receiving(link->socket, wanted);
    link->patience_ms = wanted;
}

/* Bytes that come one by one do not make it wait for ever either. */
static bool receive_some(struct service_link *link, uint64_t begin_ms)
{
    assert(link->size < link->room);
    size_t size = 0;
    enum sc_error error = os_stream_receive(link->socket, link->bytes + link->size,
                                            link->room - link->size, &size);
    link->late = error == SC_E_NOT_READY
                 || (begin_ms != 0 && os_now_ms() - begin_ms > link->patience_ms);
    link->size += size;
    return error == SC_OK && !link->late;
}

/* A whole response, mostly with one read. */
static bool receive_response(struct service_link *link, struct message_header *header)
{
    size_t wanted = MESSAGE_HEADER_SIZE;
    uint64_t begin_ms = 0; /* of the second read on, if there is a limit */
    link->size = 0;
    while (link->size < wanted) {
        if (!receive_some(link, begin_ms))
            return false;
        if (link->patience_ms != 0 && begin_ms == 0)
            begin_ms = os_now_ms();
        if (wanted > MESSAGE_HEADER_SIZE || link->size < MESSAGE_HEADER_SIZE)
            continue;
        message_get_header(link->bytes, header);
        if (header->size > MESSAGE_RESPONSE_MAX)
            return false;
        wanted += header->size;
        if (wanted > MESSAGE_HEADER_SIZE && !grow_link(link, wanted))
            return false;
        if (header->size == 0)
            break;
    }
    return link->size == MESSAGE_HEADER_SIZE + header->size;
}

/* Calls that may wait for as long as they please can be cancelled with their thread. */
struct wait {
    struct service_link *link;
    struct message_header *header;
    bool received;
};

static void wait_for_response(void *context)
{
    struct wait *wait = context;
    wait->received = receive_response(wait->link, wait->header);
}

/* The service sees the end of the connection, and that nobody waits any more. It must not
 * be the last one, with which the session would end. */
static void shut_waiting_link(void *context)
{
    struct wait *wait = context;
    struct service_link *other;
    if (service_link_take(false, &other) == SC_OK)
        service_link_give(other);
    service_link_drop(wait->link);
}

static bool await_service_response(struct service_link *link, enum message_call call,
                                   struct message_header *header)
{
    struct wait wait = {.link = link, .header = header};
    if ((message_call_traits((uint16_t)call) & MESSAGE_WAITS) == 0)
        return receive_response(link, header);
    os_wait_cancellable(wait_for_response, shut_waiting_link, &wait);
    return wait.received;
}

static bool is_error(uint16_t status)
{
    return strcmp(sc_error_name((enum sc_error)status), "unknown") != 0;
}

enum sc_error service_exchange(struct service_link *link, enum message_call call,
                               struct message_writer *writer,
                               struct message_reader *reader, bool *broken)
{
    assert(link->body_size == 0 || link->body != NULL);
    struct message_header header;
    *broken = true;
    if (writer->size > writer->room)
        return SC_F_INTERNAL_ERROR; /* made without asking for room */
    set_patience(link, call);
    if (!send_request(link, call, writer) || !await_service_response(link, call, &header)
        || header.call != call || header.serial != link->serial
        || !is_error(header.status & (uint16_t)~MESSAGE_BARE)) {
        return SC_E_SERVICE_STOPPED;
    }
    /* The response stands where the request stood; what it did not cover may be a PIN. */
    if (link->requested > link->size)
        secret_clear(link->bytes + link->size, link->requested - link->size);
    *broken = false;
    link->temporary =
        link->joined
        && ((message_call_traits((uint16_t)call) & MESSAGE_ENDS_OTHERS) != 0
            || (header.status & (uint16_t)~MESSAGE_BARE) == SC_E_SERVER_TOO_BUSY);
    memset(reader, 0, sizeof(*reader));
    reader->bytes = link->bytes + MESSAGE_HEADER_SIZE;
    reader->size = header.size;
    reader->bad = (header.status & MESSAGE_BARE) != 0;
    return (enum sc_error)(header.status & ~MESSAGE_BARE);
}
