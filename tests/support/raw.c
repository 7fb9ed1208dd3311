/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/raw.h"

#include "message/proof.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool raw_connect(struct raw *raw, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memset(raw, 0, sizeof(*raw));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    raw->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return raw->fd >= 0
           && connect(raw->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

bool raw_connect_tcp(struct raw *raw, uint16_t port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
    memset(raw, 0, sizeof(*raw));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    raw->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return raw->fd >= 0
           && connect(raw->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

void raw_close(struct raw *raw)
{
    if (raw->fd >= 0)
        close(raw->fd);
    raw->fd = -1;
    if (raw->pipe_out > 0)
        close(raw->pipe_out);
    if (raw->pipe_in > 0)
        close(raw->pipe_in);
    raw->pipe_out = raw->pipe_in = 0;
    free(raw->in);
    raw->in = NULL;
}

bool raw_send_all(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t sent = send(fd, at, size, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR)
            continue;
        if (sent <= 0)
            return false;
        at += sent;
        size -= (size_t)sent;
    }
    return true;
}

bool raw_send(struct raw *raw, const void *bytes, size_t size)
{
    if (raw->pipe_out > 0) /* at most as much as fits */
        return write(raw->pipe_out, bytes, size) == (ssize_t)size;
    return raw_send_all(raw->fd, bytes, size);
}

uint32_t raw_pipes(struct raw *raw)
{
    char path[MESSAGE_PIPE_MAX + 1];
    struct message_response_pipes reply;
    RAW_REQUEST(raw, pipes, 0);
    uint32_t error = raw_receive(raw);
    if (error != SC_OK)
        return error;
    if (!message_get_response_pipes(&raw->reader, &reply))
        return RAW_GONE;
    snprintf(path, sizeof(path), "%.*s", (int)reply.to_client.size,
             (const char *)reply.to_client.bytes);
    raw->pipe_in = open(path, O_RDONLY | O_CLOEXEC);
    snprintf(path, sizeof(path), "%.*s", (int)reply.to_service.size,
             (const char *)reply.to_service.bytes);
    raw->pipe_out = open(path, O_WRONLY | O_CLOEXEC);
    return raw->pipe_in > 0 && raw->pipe_out > 0 ? SC_OK : RAW_GONE;
}

void raw_begin(struct raw *raw)
{
    struct message_header none = {0};
    memset(&raw->writer, 0, sizeof(raw->writer));
    raw->writer.bytes = raw->out;
    raw->writer.room = sizeof(raw->out);
    message_put_header(&raw->writer, &none);
}

bool raw_end(struct raw *raw, uint16_t call)
{
    struct message_header header = {.size =
                                        (uint32_t)raw->writer.size - MESSAGE_HEADER_SIZE,
                                    .call = call,
                                    .serial = ++raw->serial};
    struct message_writer front = {.bytes = raw->out, .room = MESSAGE_HEADER_SIZE};
    message_put_header(&front, &header);
    return raw_send(raw, raw->out, raw->writer.size);
}

bool raw_has_reply(const struct raw *raw, int ms)
{
    struct pollfd one = {.fd = raw->pipe_in > 0 ? raw->pipe_in : raw->fd,
                         .events = POLLIN};
    int found;
    do
        found = poll(&one, 1, ms);
    while (found < 0 && errno == EINTR);
    return found > 0;
}

static bool receive_bytes(struct raw *raw, uint8_t *bytes, size_t size)
{
    while (size > 0) {
        if (!raw_has_reply(raw, RAW_WAIT_MS)) {
            fprintf(stderr, "no reply to message %u\n", (unsigned)raw->serial);
            abort();
        }
        ssize_t got = read(raw->pipe_in > 0 ? raw->pipe_in : raw->fd, bytes, size);
        if (got <= 0)
            return false;
        bytes += got;
        size -= (size_t)got;
    }
    return true;
}

uint32_t raw_receive(struct raw *raw)
{
    uint8_t bytes[MESSAGE_HEADER_SIZE];
    struct message_header header;
    if (!receive_bytes(raw, bytes, sizeof(bytes)))
        return RAW_GONE;
    message_get_header(bytes, &header);
    free(raw->in);
    raw->in = malloc(header.size > 0 ? header.size : 1);
    raw->size = header.size;
    if (raw->in == NULL || header.size > MESSAGE_RESPONSE_MAX
        || !receive_bytes(raw, raw->in, header.size))
        return RAW_GONE;
    memset(&raw->reader, 0, sizeof(raw->reader));
    raw->reader.bytes = raw->in;
    raw->reader.size = header.size;
    return header.status & ~(uint32_t)MESSAGE_BARE;
}

static uint32_t say_hello(struct raw *raw, const uint8_t *session,
                          struct message_span token)
{
    struct message_response_hello reply;
    RAW_REQUEST(raw, hello, .version_min = 1, .version_max = MESSAGE_VERSION,
                .session = {session, session != NULL ? MESSAGE_SESSION_SIZE : 0},
                .token = token);
    uint32_t error = raw_receive(raw);
    if (error == SC_OK && message_get_response_hello(&raw->reader, &reply)
        && reply.session.size == MESSAGE_SESSION_SIZE)
        memcpy(raw->session, reply.session.bytes, MESSAGE_SESSION_SIZE);
    return error;
}

uint32_t raw_hello(struct raw *raw, const uint8_t *session, const char *token)
{
    return say_hello(raw, session, message_text(token != NULL ? token : ""));
}

uint32_t raw_prove(struct raw *raw, const uint8_t *session, const char *token)
{
    uint8_t nonce[MESSAGE_NONCE_SIZE] = {1, 2, 3}, proof[MESSAGE_PROOF_SIZE];
    struct message_span secret = message_text(token);
    struct message_response_challenge reply;
    RAW_REQUEST(raw, challenge, .nonce = {nonce, sizeof(nonce)});
    uint32_t error = raw_receive(raw);
    if (error != SC_OK)
        return error;
    if (!message_get_response_challenge(&raw->reader, &reply))
        return RAW_GONE;
    proof_make(secret, PROOF_SERVICE, nonce, reply.nonce.bytes, proof);
    if (memcmp(proof, reply.proof.bytes, sizeof(proof)) != 0)
        return SC_E_COMM_DATA_LOST;
    proof_make(secret, PROOF_CLIENT, nonce, reply.nonce.bytes, proof);
    return say_hello(raw, session, message_bytes(proof, sizeof(proof)));
}

bool raw_open(struct raw *raw, const char *path)
{
    return raw_connect(raw, path) && raw_hello(raw, NULL, NULL) == SC_OK;
}

bool raw_join(struct raw *raw, const char *path, const struct raw *first)
{
    return raw_connect(raw, path) && raw_hello(raw, first->session, NULL) == SC_OK;
}

uint32_t raw_establish(struct raw *raw)
{
    struct message_response_establish reply;
    RAW_REQUEST(raw, establish, .abi = 0);
    return raw_receive(raw) == SC_OK
                   && message_get_response_establish(&raw->reader, &reply)
               ? reply.context
               : 0;
}

void raw_request_connect(struct raw *raw, uint32_t context, const char *reader)
{
    RAW_REQUEST(raw, connect, .context = context,
                .reader = {(const uint8_t *)reader, strlen(reader)}, .share = 2,
                .protocols = 3);
}

uint32_t raw_card(struct raw *raw, uint32_t context, const char *reader)
{
    struct message_response_connect reply;
    raw_request_connect(raw, context, reader);
    return raw_receive(raw) == SC_OK && message_get_response_connect(&raw->reader, &reply)
               ? reply.card
               : 0;
}

uint32_t raw_simple(struct raw *raw, uint16_t call, uint32_t handle)
{
    raw_begin(raw);
    message_put_u32(&raw->writer, handle);
    if (call == MESSAGE_end || call == MESSAGE_disconnect)
        message_put_u32(&raw->writer, 0);
    if (!raw_end(raw, call))
        return RAW_GONE;
    return raw_receive(raw);
}

void raw_request_transmit(struct raw *raw, uint32_t card, const void *command,
                          size_t size)
{
    RAW_REQUEST(raw, transmit, .card = card, .room = 65538, .in = {command, size});
}

uint32_t raw_transmit(struct raw *raw, uint32_t card)
{
    static const uint8_t command[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    raw_request_transmit(raw, card, command, sizeof(command));
    return raw_receive(raw);
}

void raw_request_watch(struct raw *raw, uint32_t context, const char *reader,
                       uint32_t current, uint64_t timeout_ms)
{
    uint8_t bytes[600];
    struct message_writer list = {.bytes = bytes, .room = sizeof(bytes)};
    struct message_watch_entry entry = {
        .current = current, .name = {(const uint8_t *)reader, strlen(reader)}};
    message_put_watch_entry(&list, &entry);
    RAW_REQUEST(raw, watch, .context = context, .timeout_ms = timeout_ms, .count = 1,
                .entries = {bytes, list.size});
}
