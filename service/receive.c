/* SPDX-License-Identifier: BSD-2-Clause */
/* Bytes of a client, until they are a request. */
#include "service/connection.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "service/call.h"
#include "service/protocol.h"

#include <string.h>

void connection_drop_rest(struct connection *connection)
{
    if (connection->rest != NULL)
        secret_clear(connection->rest, connection->rest_size);
    mem_free(connection->rest);
    connection->rest = NULL;
    connection->rest_size = 0;
}

/* What came with a request, and is not of it. */
static bool keep_rest(struct connection *connection, struct call *call, size_t whole)
{
    assert(connection->rest == NULL);
    assert(whole < call->request_size);
    size_t size = call->request_size - whole;
    connection->rest = mem_alloc(size);
    if (connection->rest == NULL)
        return false;
    memcpy(connection->rest, call->request + whole, size);
    secret_clear(call->request + whole, size);
    connection->rest_size = size;
    call->request_size = whole;
    return true;
}

static enum received check_request(struct connection *connection, struct call *call)
{
    size_t whole = 0;
    for (;;) {
        size_t wanted = connection->protocol->measure(connection, call);
        if (wanted == 0)
            return RECEIVED_NONSENSE;
        if (wanted == whole || wanted > call->request_size) {
            whole = wanted;
            break;
        }
        whole = wanted; /* with these bytes it may tell more */
    }
    if (call->request_size == whole)
        return RECEIVED_WHOLE;
    call->wanted = whole;
    if (call->request_size < whole)
        return call_make_request_room(call, whole) ? RECEIVED_PART : RECEIVED_NONSENSE;
    /* Another request before the response. */
    return connection->protocol->pipelined && keep_rest(connection, call, whole)
               ? RECEIVED_WHOLE
               : RECEIVED_NONSENSE;
}

enum received connection_receive(struct connection *connection)
{
    struct call *call = connection->call;
    if (connection->rest != NULL) {
        memcpy(call->request, connection->rest, connection->rest_size);
        call->request_size = connection->rest_size;
        connection_drop_rest(connection);
        enum received received = check_request(connection, call);
        if (received != RECEIVED_PART)
            return received;
    }
    for (;;) {
        size_t room = call->request_room - call->request_size, size = 0;
        enum sc_error error =
            connection_read(connection, call->request_size == 0,
                            call->request + call->request_size, room, &size);
        connection->unread = error == SC_OK && size == room;
        connection_heard(connection, error == SC_OK);
        if (error == SC_E_NOT_READY)
            return RECEIVED_PART;
        if (error != SC_OK)
            return RECEIVED_NONSENSE;
        call->request_size += size;
        enum received received = check_request(connection, call);
        /* Else to the last byte: the client's end may have come with the same event. */
        if (received != RECEIVED_PART || connection->attention != ATTENTION_POLLER)
            return received;
    }
}
