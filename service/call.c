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
    assert(list_empty(&call->link) && list_empty(&call->timer));
    struct call clean = {.server = call->server,
                         .request = call->request,
                         .request_room = call->request_room,
                         .response = call->response,
                         .response_room = call->response_room,
                         .deadline_ms = OS_FOREVER};
    secret_clear(call->request, call->request_size);
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
    assert(list_empty(&call->link) && list_empty(&call->timer));
    /* What was used: the rest may never have been memory. */
    if (call->request != NULL)
        secret_clear(call->request, call->request_size);
    if (call->response != NULL)
        secret_clear(call->response, call->response_size);
    mem_free(call->request);
    mem_free(call->response);
    mem_free(call->entries);
    mem_free(call->names);
    mem_free(call);
}

static bool grow_bytes(uint8_t **bytes, size_t *room, size_t wanted)
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

bool call_make_request_room(struct call *call, size_t wanted)
{
    return grow_bytes(&call->request, &call->request_room, wanted);
}

bool call_make_response_room(struct call *call, size_t wanted)
{
    return grow_bytes(&call->response, &call->response_room, wanted);
}

/* What it needs, not the room for the longest; no copy of it stays behind. */
void call_shrink(struct call *call)
{
    assert(call->request_size <= call->request_room);
    enum { RESPONSE_LEAST = 512 };
    struct transfer *transfer = &call->op.request.transfer;
    /* What polkit is asked about begins anew, and takes its room. */
    if (transfer->out == NULL && atomic_load_u32(&call->asking) == CALL_NOT_ASKING
        && call->response_room > RESPONSE_LEAST) {
        uint8_t *short_response = mem_resize(call->response, RESPONSE_LEAST);
        call->response = short_response != NULL ? short_response : call->response;
        call->response_room =
            short_response != NULL ? RESPONSE_LEAST : call->response_room;
    }
    bool longer = call->request_size > 0 && call->request_size < call->request_room;
    uint8_t *smaller = longer ? mem_alloc(call->request_size) : NULL;
    if (smaller == NULL)
        return;
    memcpy(smaller, call->request, call->request_size);
    assert(
        transfer->in == NULL
        || (transfer->in >= call->request
            && transfer->in + transfer->in_size <= call->request + call->request_size));
    if (transfer->in != NULL)
        transfer->in = smaller + (transfer->in - call->request);
    secret_clear(call->request, call->request_size);
    mem_free(call->request);
    call->request = smaller;
    call->request_room = call->request_size;
}

/* Not whole: no more than what is announced, and no room for a response. */
void call_wait_for_rest(struct call *call)
{
    assert(call->request_size <= call->request_room);
    assert(call->response_size == 0);
    mem_free(call->response); /* nothing was written there */
    call->response = NULL;
    call->response_room = 0;
    size_t wanted = call->wanted > call->request_size ? call->wanted : call->request_size;
    if (wanted >= call->request_room)
        return;
    uint8_t *smaller = mem_alloc(wanted);
    if (smaller == NULL)
        return;
    memcpy(smaller, call->request, call->request_size);
    secret_clear(call->request, call->request_size);
    mem_free(call->request);
    call->request = smaller;
    call->request_room = wanted;
}
