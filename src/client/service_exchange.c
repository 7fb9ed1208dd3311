/* SPDX-License-Identifier: BSD-2-Clause */
#include "client/service_exchange.h"

#include "base/alloc.h"
#include "base/secret.h"
#include "os/cancel.h"
#include "os/stream.h"
#include "os/time.h"

#include <string.h>

bool service_link_grow(struct service_link *link, size_t wanted)
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

void service_link_close(struct service_link *link)
{
    os_pipes_close(&link->pipes);
    os_socket_close(&link->socket);
}

void service_begin_request(struct service_link *link, struct message_writer *writer)
{
    struct message_header none = {0};
    memset(writer, 0, sizeof(*writer));
    writer->bytes = link->bytes;
    writer->room = link->room;
    message_put_header(writer, &none);
}

/* How long the response to a call may take; 0: for ever, since it waits for others, or
 * for what a card does. */
static uint32_t patience(enum message_call call)
{
    if (call == MESSAGE_hello || call == MESSAGE_challenge)
        return SERVICE_OPEN_MS;
    bool quick = (message_call_traits((uint16_t)call) & MESSAGE_QUICK) != 0;
    return quick ? (uint32_t)SERVICE_QUICK_MS : 0;
}

/* Pipes have no limit of time: the calls that do not need one go by them, as far as they
 * do not fill the pipe, which is empty, so that no write waits. */
static enum service_way choose_way(const struct service_link *link,
                                   enum message_call call, size_t size)
{
    bool fit = os_socket_is_open(link->pipes.out) && size <= OS_PIPE_ROOM;
    return fit && patience(call) == 0 ? SERVICE_BY_PIPES : SERVICE_BY_SOCKET;
}

static bool send_by_pipes(struct service_link *link, size_t size, size_t body_size)
{
    size_t sent = 0, body_sent = 0;
    enum sc_error error = os_pipe_send(link->pipes.out, link->bytes, size, &sent);
    if (error == SC_OK && body_size > 0)
        error = os_pipe_send(link->pipes.out, link->body, body_size, &body_sent);
    return error == SC_OK && sent + body_sent == size + body_size;
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
    if (link->way == SERVICE_BY_PIPES)
        return send_by_pipes(link, writer->size, body_size);
    if (body_size > 0)
        return os_socket_write(link->socket, link->bytes, writer->size, link->body,
                               body_size, os_now_ms() + SERVICE_SEND_MS, NULL)
               == SC_OK;
    enum sc_error error = os_stream_send(link->socket, link->bytes, writer->size, &sent);
    return error == SC_OK && sent == writer->size;
}

static void set_patience(struct service_link *link, enum message_call call)
{
    uint32_t wanted = patience(call);
    if (wanted != link->patience_ms)
        os_stream_limit_receiving(link->socket, wanted);
    link->patience_ms = wanted;
}

/* Bytes that come one by one do not make it wait for ever either. */
static bool receive_some(struct service_link *link, uint64_t begin_ms)
{
    assert(link->size < link->room);
    size_t size = 0;
    uint8_t *to = link->bytes + link->size;
    enum sc_error error =
        link->way == SERVICE_BY_PIPES
            ? os_pipe_receive(link->pipes.in, to, link->room - link->size, &size)
            : os_stream_receive(link->socket, to, link->room - link->size, &size);
    link->late = error == SC_E_NOT_READY
                 || (begin_ms != 0 && os_now_ms() - begin_ms > link->patience_ms);
    link->size += size;
    return error == SC_OK && !link->late;
}

/* A whole response, mostly with one read. */
static bool receive_response(struct service_link *link, struct message_header *header)
{
    size_t wanted = MESSAGE_HEADER_SIZE;
    bool limited = link->way == SERVICE_BY_SOCKET && link->patience_ms != 0;
    uint64_t begin_ms = 0; /* of the second read on, if there is a limit */
    link->size = 0;
    while (link->size < wanted) {
        if (!receive_some(link, begin_ms))
            return false;
        if (limited && begin_ms == 0)
            begin_ms = os_now_ms();
        if (wanted > MESSAGE_HEADER_SIZE || link->size < MESSAGE_HEADER_SIZE)
            continue;
        message_get_header(link->bytes, header);
        if (header->size > MESSAGE_RESPONSE_MAX)
            return false;
        wanted += header->size;
        if (wanted > MESSAGE_HEADER_SIZE && !service_link_grow(link, wanted))
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

static void abandon_link(void *context)
{
    struct wait *wait = context;
    wait->link->abandon(wait->link);
}

static bool await_service_response(struct service_link *link, enum message_call call,
                                   struct message_header *header)
{
    struct wait wait = {.link = link, .header = header};
    if ((message_call_traits((uint16_t)call) & MESSAGE_WAITS) == 0)
        return receive_response(link, header);
    os_wait_cancellable(wait_for_response, abandon_link, &wait);
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
    link->late = false;
    link->way = choose_way(link, call, writer->size + link->body_size);
    if (link->way == SERVICE_BY_SOCKET)
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
