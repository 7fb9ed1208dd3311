/* SPDX-License-Identifier: BSD-2-Clause */
/* The session with the service and its connections. */
#include "client/service_wire.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/secret.h"
#include "client/service_handles.h"
#include "client/service_hello.h"
#include "client/service_place.h"
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
    for (struct list_link *at = session.links.next; at != &session.links; at = at->next) {
        struct service_link *link = LIST_ENTRY(at, struct service_link, link);
        os_stream_forget(&link->socket);
        os_pipes_close(&link->pipes);
    }
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
        service_link_close(link);
        free_link(link);
    }
    session.idle_count = session.contexts = 0;
    session.open = false;
    session.generation++;
    handles_stop(); /* if it is our end, there are none */
}

/* --- Opening ------------------------------------------------------------------------ */

/* At one place. Errors: those of service_link_take(). */
static enum sc_error open_at(struct service_link *link, const struct service_place *place,
                             const uint8_t *join, uint8_t id[MESSAGE_SESSION_SIZE])
{
    uint64_t deadline_ms = os_now_ms() + SERVICE_OPEN_MS;
    struct service_token token;
    enum sc_error error =
        service_place_connect(place, deadline_ms, &link->socket, &token);
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
    error = service_introduce(link, place, &token, join, id);
    secret_clear(&token, sizeof(token));
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
    service_link_close(link);
    return link->late ? SC_E_NO_SERVICE : error;
}

/* The service sees the end of the connection, and that nobody waits any more. It must not
 * be the last one, with which the session would end. */
static void abandon_link(struct service_link *link)
{
    struct service_link *other;
    if (service_link_take(false, &other) == SC_OK)
        service_link_give(other);
    service_link_drop(link);
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
    link->pipes = (struct os_pipes)OS_PIPES_NONE;
    list_init(&link->link);
    link->abandon = abandon_link;
    if (!service_link_grow(link, SERVICE_ROOM)) {
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
    service_link_close(link);
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
