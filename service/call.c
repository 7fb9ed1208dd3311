/* SPDX-License-Identifier: BSD-2-Clause */
/* The memory of calls. */
#include "service/call.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "base/secret.h"
#include "os/time.h"
#include "service/protocol.h"

#include <string.h>

struct call *call_new(struct server *server)
{
    struct call *call = mem_alloc(sizeof(*call));
    if (call == NULL)
        return NULL;
    call->server = server;
    call->deadline_ms = OS_FOREVER;
    list_init(&call->link);
    list_init(&call->timer);
    return call;
}

void call_clear(struct call *call)
{
    struct call clean = {.server = call->server,
                         .ask = call->ask,
                         .ask_room = call->ask_room,
                         .reply = call->reply,
                         .reply_room = call->reply_room,
                         .deadline_ms = OS_FOREVER};
    secret_clear(call->ask, call->ask_size);
    mem_free(call->entries);
    mem_free(call->names);
    *call = clean;
    list_init(&call->link);
    list_init(&call->timer);
}

void call_free(struct call *call)
{
    if (call == NULL)
        return;
    /* What was used: the rest may never have been memory. */
    if (call->ask != NULL)
        secret_clear(call->ask, call->ask_size);
    if (call->reply != NULL)
        secret_clear(call->reply, call->reply_size);
    mem_free(call->ask);
    mem_free(call->reply);
    mem_free(call->entries);
    mem_free(call->names);
    mem_free(call);
}

static bool make_room(uint8_t **bytes, size_t *room, size_t wanted)
{
    if (*room >= wanted)
        return true;
    uint8_t *larger = mem_resize(*bytes, wanted);
    if (larger == NULL)
        return false;
    *bytes = larger;
    *room = wanted;
    return true;
}

bool call_make_ask_room(struct call *call, size_t wanted)
{
    return make_room(&call->ask, &call->ask_room, wanted);
}

bool call_make_reply_room(struct call *call, size_t wanted)
{
    return make_room(&call->reply, &call->reply_room, wanted);
}

/* What it needs, not the room for the longest; no copy of it stays behind. */
void call_shrink(struct call *call)
{
    enum { REPLY_LEAST = 512 };
    struct transfer *transfer = &call->op.request.transfer;
    /* What polkit is asked about begins anew, and takes its room. */
    if (call->protocol->short_replies && transfer->out == NULL
        && atomic_load_u32(&call->asking) == CALL_NOT_ASKING
        && call->reply_room > REPLY_LEAST) {
        uint8_t *short_reply = mem_resize(call->reply, REPLY_LEAST);
        call->reply = short_reply != NULL ? short_reply : call->reply;
        call->reply_room = short_reply != NULL ? REPLY_LEAST : call->reply_room;
    }
    bool longer = call->ask_size > 0 && call->ask_size < call->ask_room;
    uint8_t *smaller = longer ? mem_alloc(call->ask_size) : NULL;
    if (smaller == NULL)
        return;
    memcpy(smaller, call->ask, call->ask_size);
    if (transfer->in != NULL)
        transfer->in = smaller + (transfer->in - call->ask);
    secret_clear(call->ask, call->ask_size);
    mem_free(call->ask);
    call->ask = smaller;
    call->ask_room = call->ask_size;
}

/* Not whole: no more than what is announced, and no room for a reply. */
void call_wait_for_rest(struct call *call)
{
    mem_free(call->reply); /* nothing was written there */
    call->reply = NULL;
    call->reply_room = 0;
    size_t wanted = call->wanted > call->ask_size ? call->wanted : call->ask_size;
    if (wanted >= call->ask_room)
        return;
    uint8_t *smaller = mem_alloc(wanted);
    if (smaller == NULL)
        return;
    memcpy(smaller, call->ask, call->ask_size);
    secret_clear(call->ask, call->ask_size);
    mem_free(call->ask);
    call->ask = smaller;
    call->ask_room = wanted;
}
