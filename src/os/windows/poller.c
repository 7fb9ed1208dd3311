/* SPDX-License-Identifier: BSD-2-Clause */
/* Waiting for many sockets on Windows: WSAPoll(), which one thread at a time is in, the
 * poller. The others wait for what it finds, or for it to be away for too long: a thread
 * that has found one event alone goes to serve it, and mostly is back before that, so that
 * a request costs no change of threads. Where one was not, as with cards that take their
 * time, the place is passed on at once for a while: Windows' clock may have steps of 16 ms.
 *
 * WSAPoll() tells of a level, and each event is to be told once. So a socket of which was
 * told is not asked for the same again until somebody has read from it or written to it
 * (os_winsock_uses()): whatever is there then is told again. */
#include "os/windows/winsock.h"

#include "os/poller.h"

#include "base/alloc.h"
#include "os/lock.h"
#include "os/time.h"

#include <string.h>

enum {
    FIRST_ROOM = 16,
    AWAY_MS = 2,    /* so long is the poller away before another one takes its place */
    EAGER = 64,     /* so often the place is passed on at once after that */
    HIDDEN_MS = 100 /* so late is it seen that a thread which goes on has used one */
};

struct watched {
    SOCKET socket;
    void *item;
    /* What is wanted; a listener's `bytes` are connections. */
    bool listener, bytes, room;
    bool told, over; /* something; and its end */
    uint32_t uses;   /* before that was seen */
    bool found;      /* to be told */
    enum os_poller_event event;
};

struct poll_set {
    struct os_mutex lock;
    struct os_cond changed; /* for those that wait beside the poller */
    struct os_wake wake;    /* for the poller */
    /* Under the lock. */
    struct watched *watched;
    size_t count, room;
    uint32_t number;  /* ++ when places in `watched` become others' */
    size_t found;     /* how many are to be told */
    size_t hidden;    /* how many were not asked for all that they want */
    bool polling;     /* a thread is in WSAPoll() */
    bool standing_by; /* a thread looks whether the poller comes back */
    bool vacant;      /* it does not: whoever sees that takes the place */
    uint32_t eager;   /* so often it is vacant when the poller goes away */
    uint32_t waiting; /* beside the poller */
    uint32_t left;    /* ++ when the poller goes away */
    uint64_t left_ms; /* when it did */
    uint32_t wakes;
    uint64_t timer_ms;
    /* The poller's. */
    WSAPOLLFD *asked;
    size_t *which; /* the place of each */
};

static struct poll_set *set_of(const struct os_poller *poller)
{
    return (struct poll_set *)poller->set;
}

/* --- Life --------------------------------------------------------------------------- */

enum sc_error os_poller_init(struct os_poller *poller)
{
    struct poll_set *set = mem_alloc(sizeof(*set));
    poller->set = poller->wake = poller->timer = 0;
    if (set == NULL || os_wake_init(&set->wake) != SC_OK) {
        mem_free(set);
        return SC_E_NO_MEMORY;
    }
    set->timer_ms = OS_FOREVER;
    os_mutex_init(&set->lock);
    os_cond_init(&set->changed);
    poller->set = (intptr_t)set;
    return SC_OK;
}

void os_poller_destroy(struct os_poller *poller)
{
    struct poll_set *set = set_of(poller);
    poller->set = 0;
    if (set == NULL)
        return;
    os_wake_destroy(&set->wake);
    os_cond_destroy(&set->changed);
    os_mutex_destroy(&set->lock);
    mem_free(set->watched);
    mem_free(set->asked);
    mem_free(set->which);
    mem_free(set);
}

/* --- What is watched ---------------------------------------------------------------- */

/* The poller looks again at what it waits for. */
static void disturb(struct poll_set *set) NEEDS_LOCK(set->lock)
{
    if (set->polling)
        os_wake_raise(&set->wake);
}

static struct watched *find_watched(struct poll_set *set, struct os_socket socket)
    NEEDS_LOCK(set->lock)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->watched[i].socket == os_winsock(socket))
            return &set->watched[i];
    return NULL;
}

static void forget_found(struct poll_set *set, struct watched *watched)
    NEEDS_LOCK(set->lock)
{
    if (watched->found)
        set->found--;
    watched->found = false;
}

/* Room for one more, and in the poller's arrays for the wake-up besides; those are not
 * touched while it is in WSAPoll(), but made anew when it is back. */
static bool have_room(struct poll_set *set) NEEDS_LOCK(set->lock)
{
    size_t room = set->room == 0 ? FIRST_ROOM : set->room * 2;
    if (set->count < set->room)
        return true;
    if (set->count >= OS_WINSOCK_SOCKETS_MAX)
        return false;
    struct watched *larger = mem_resize(set->watched, room * sizeof(*larger));
    if (larger == NULL)
        return false;
    set->watched = larger;
    set->room = room;
    return true;
}

static enum sc_error watch(struct os_poller *poller, const struct watched *watched)
{
    struct poll_set *set = set_of(poller);
    enum sc_error error = SC_E_NO_MEMORY;
    os_mutex_lock(&set->lock);
    if (have_room(set)) {
        set->watched[set->count++] = *watched;
        disturb(set);
        error = SC_OK;
    }
    os_mutex_unlock(&set->lock);
    return error;
}

enum sc_error os_poller_add(struct os_poller *poller, struct os_socket socket, void *item,
                            bool bytes)
{
    const struct watched watched = {
        .socket = os_winsock(socket), .item = item, .bytes = bytes};
    return watch(poller, &watched);
}

enum sc_error os_poller_add_listener(struct os_poller *poller, struct os_socket socket,
                                     void *item)
{
    const struct watched watched = {
        .socket = os_winsock(socket), .item = item, .bytes = true, .listener = true};
    return watch(poller, &watched);
}

/* What is there, is told again. */
static void want(struct os_poller *poller, struct os_socket socket, void *item,
                 bool bytes, bool room)
{
    struct poll_set *set = set_of(poller);
    os_mutex_lock(&set->lock);
    struct watched *watched = find_watched(set, socket);
    if (watched != NULL) {
        forget_found(set, watched);
        watched->item = item;
        watched->bytes = bytes;
        watched->room = room;
        watched->told = watched->over = false;
        disturb(set);
    }
    os_mutex_unlock(&set->lock);
}

void os_poller_want_room(struct os_poller *poller, struct os_socket socket, void *item,
                         bool wanted)
{
    want(poller, socket, item, true, wanted);
}

void os_poller_want_bytes(struct os_poller *poller, struct os_socket socket, void *item,
                          bool wanted)
{
    want(poller, socket, item, wanted, false);
}

void os_poller_listen_on(struct os_poller *poller, struct os_socket socket, void *item)
{
    want(poller, socket, item, true, false);
}

void os_poller_remove(struct os_poller *poller, struct os_socket socket)
{
    struct poll_set *set = set_of(poller);
    os_mutex_lock(&set->lock);
    struct watched *watched = find_watched(set, socket);
    if (watched != NULL) {
        forget_found(set, watched);
        *watched = set->watched[--set->count];
        set->number++;
        disturb(set);
    }
    os_mutex_unlock(&set->lock);
}

/* --- Polling ------------------------------------------------------------------------ */

/* What the socket is asked for, which may be its end alone; -1: nothing. */
static int events_of(struct poll_set *set, struct watched *watched) NEEDS_LOCK(set->lock)
{
    uint32_t uses = os_winsock_uses(watched->socket);
    if (watched->listener)
        return watched->bytes ? POLLIN : -1;
    if (watched->told && watched->uses != uses)
        watched->told = watched->over = false;
    if (watched->told) {
        set->hidden++;
        return watched->over ? -1 : 0;
    }
    watched->uses = uses;
    /* The peer's end is something to read: Wine tells of it in no other way. */
    return POLLIN | (watched->room ? POLLOUT : 0);
}

/* False: no memory. */
static bool gather(struct poll_set *set, ULONG *count) NEEDS_LOCK(set->lock)
{
    size_t room = set->room + 1;
    WSAPOLLFD *asked = mem_resize(set->asked, room * sizeof(*asked));
    if (asked == NULL)
        return false;
    set->asked = asked;
    size_t *which = mem_resize(set->which, room * sizeof(*which));
    if (which == NULL)
        return false;
    set->which = which;
    set->hidden = 0;
    *count = 0;
    for (size_t i = 0; i < set->count; i++) {
        int events = events_of(set, &set->watched[i]);
        if (events < 0)
            continue;
        asked[*count] =
            (WSAPOLLFD){.fd = set->watched[i].socket, .events = (short)events};
        which[(*count)++] = i;
    }
    asked[(*count)++] = (WSAPOLLFD){.fd = (SOCKET)set->wake.wait_end, .events = POLLIN};
    return true;
}

static bool is_at_end(SOCKET socket)
{
    char byte;
    int got = recv(socket, &byte, 1, MSG_PEEK);
    return got == 0 || (got < 0 && WSAGetLastError() != WSAEWOULDBLOCK);
}

/* What WSAPoll() says of one socket. */
static void note(struct poll_set *set, struct watched *watched, short seen)
    NEEDS_LOCK(set->lock)
{
    bool bytes = (seen & POLLIN) != 0, room = (seen & POLLOUT) != 0;
    bool over = (seen & (POLLHUP | POLLERR | POLLNVAL)) != 0;
    if (watched->listener) {
        watched->bytes = false;
    } else {
        over = over || (bytes && is_at_end(watched->socket));
        watched->told = true;
        watched->over |= over;
        if (!over && !(bytes && watched->bytes) && !(room && watched->room))
            return; /* bytes that nobody wants: not to be asked for, until they are read */
    }
    if (!watched->found)
        set->found++;
    watched->found = true;
    watched->event = over && !watched->listener ? OS_POLLER_END : OS_POLLER_SOCKET;
}

/* Until when the poller waits at most. */
static int patience(const struct poll_set *set)
{
    int left_ms = os_ms_left(set->timer_ms);
    if (set->hidden > 0 && (left_ms < 0 || left_ms > HIDDEN_MS))
        return HIDDEN_MS;
    return left_ms;
}

/* The lock is given up meanwhile. */
static void poll_sockets(struct poll_set *set) NEEDS_LOCK(set->lock)
{
    enum { REST_MS = 10 };
    ULONG count = 0;
    if (!gather(set, &count)) {
        (void)os_cond_wait(&set->changed, &set->lock, os_now_ms() + REST_MS);
        return;
    }
    int wait_ms = patience(set);
    uint32_t number = set->number;
    set->polling = true;
    set->vacant = false;
    os_mutex_unlock(&set->lock);
    int seen = WSAPoll(set->asked, count, wait_ms);
    os_mutex_lock(&set->lock);
    set->polling = false;
    set->left++;
    set->left_ms = os_now_ms();
    if (seen < 0)
        (void)os_cond_wait(&set->changed, &set->lock, set->left_ms + REST_MS);
    if (seen <= 0)
        return;
    if (set->asked[count - 1].revents != 0)
        os_wake_lower(&set->wake);
    for (ULONG i = 0; i + 1 < count && number == set->number; i++)
        if (set->asked[i].revents != 0)
            note(set, &set->watched[set->which[i]], set->asked[i].revents);
}

/* --- Waiting ------------------------------------------------------------------------ */

/* There is something for another thread. */
static void pass_on(struct poll_set *set) NEEDS_LOCK(set->lock)
{
    if (set->waiting > 0)
        os_cond_signal(&set->changed);
    else
        disturb(set);
}

static enum os_poller_event take_found(struct poll_set *set, void **item)
    NEEDS_LOCK(set->lock)
{
    size_t i = 0;
    while (!set->watched[i].found)
        i++;
    assert(i < set->count);
    struct watched *watched = &set->watched[i];
    forget_found(set, watched);
    *item = watched->item;
    return watched->event;
}

/* The first of what there is. False: nothing. */
static bool take(struct poll_set *set, void **item, enum os_poller_event *event)
    NEEDS_LOCK(set->lock)
{
    if (set->wakes > 0) {
        set->wakes--;
        *event = OS_POLLER_WAKE;
    } else if (os_ms_left(set->timer_ms) == 0) {
        set->timer_ms = OS_FOREVER;
        *event = OS_POLLER_TIMER;
    } else if (set->found > 0) {
        *event = take_found(set, item);
    } else {
        return false;
    }
    if (!set->polling && set->eager > 0) {
        set->eager--;
        set->vacant = true;
    }
    if (set->wakes > 0 || set->found > 0
        || (!set->polling && (set->vacant || !set->standing_by)))
        pass_on(set);
    return true;
}

/* Beside the poller. One of the threads looks again and again whether it is away, until it
 * has stayed where it is between two looks; *left is when this thread looked last. */
static void wait_beside(struct poll_set *set, uint32_t *left) NEEDS_LOCK(set->lock)
{
    bool stays = set->polling && *left == set->left;
    bool looks = !set->standing_by && !stays;
    *left = set->left;
    set->waiting++;
    set->standing_by |= looks;
    (void)os_cond_wait(&set->changed, &set->lock,
                       looks ? os_now_ms() + AWAY_MS : OS_FOREVER);
    if (looks)
        set->standing_by = false;
    set->waiting--;
}

/* Sockets that were not asked for all may have been used by this thread. */
static void see_used(struct poll_set *set) NEEDS_LOCK(set->lock)
{
    bool used = false;
    for (size_t i = 0; i < set->count && set->polling && set->hidden > 0; i++) {
        const struct watched *watched = &set->watched[i];
        used |= watched->told && watched->uses != os_winsock_uses(watched->socket);
    }
    if (used)
        disturb(set);
}

/* Nobody polls: whether this thread is to. */
static bool lacks_poller(struct poll_set *set) NEEDS_LOCK(set->lock)
{
    if (set->vacant)
        return true;
    bool late = os_now_ms() - set->left_ms >= AWAY_MS;
    if (late)
        set->eager = EAGER;
    return late;
}

enum os_poller_event os_poller_wait(struct os_poller *poller, void **item)
{
    struct poll_set *set = set_of(poller);
    enum os_poller_event event = OS_POLLER_WAKE;
    os_mutex_lock(&set->lock);
    see_used(set);
    uint32_t left = set->left;
    bool polls = !set->polling; /* whoever comes takes the place that is free */
    while (!take(set, item, &event)) {
        if (polls) {
            poll_sockets(set);
            polls = !set->polling; /* it may have rested, and another come in its place */
            continue;
        }
        wait_beside(set, &left);
        polls = !set->polling && lacks_poller(set);
    }
    os_mutex_unlock(&set->lock);
    return event;
}

void os_poller_wake(struct os_poller *poller)
{
    struct poll_set *set = set_of(poller);
    os_mutex_lock(&set->lock);
    assert(set->wakes < UINT32_MAX);
    set->wakes++;
    pass_on(set);
    os_mutex_unlock(&set->lock);
}

void os_poller_set_timer(struct os_poller *poller, uint64_t deadline_ms)
{
    struct poll_set *set = set_of(poller);
    os_mutex_lock(&set->lock);
    set->timer_ms = deadline_ms;
    disturb(set);
    os_mutex_unlock(&set->lock);
}
