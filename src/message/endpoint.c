/* SPDX-License-Identifier: BSD-2-Clause */
#include "message/endpoint.h"

#include <stdio.h>

#define FIRST_WORD "winscard-endpoint"

enum { PORT_MAX = 65535 };

size_t endpoint_print(const struct endpoint *endpoint, char *text, size_t room)
{
    assert(endpoint->port != 0 && endpoint->token_size >= ENDPOINT_TOKEN_MIN);
    int size = snprintf(text, room, "%s 1\naddress %s\nport %u\ntoken %.*s\n", FIRST_WORD,
                        endpoint->address, (unsigned)endpoint->port,
                        (int)endpoint->token_size, (const char *)endpoint->token);
    return size > 0 && (size_t)size < room ? (size_t)size : 0;
}

/* The rest of the next line, if it is "KEY REST\n"; else nothing. */
static struct message_span take_line(struct message_span *text, const char *key)
{
    struct message_span rest = {NULL, 0};
    size_t skipped = strlen(key) + 1;
    const uint8_t *end = text->size > 0 ? memchr(text->bytes, '\n', text->size) : NULL;
    size_t size = end != NULL ? (size_t)(end - text->bytes) : 0;
    if (size <= skipped || memcmp(text->bytes, key, skipped - 1) != 0
        || text->bytes[skipped - 1] != ' ')
        return rest;
    rest = message_bytes(text->bytes + skipped, size - skipped);
    text->bytes += size + 1;
    text->size -= size + 1;
    for (size_t i = 0; i < rest.size; i++)
        if (rest.bytes[i] <= ' ' || rest.bytes[i] > '~')
            rest.size = 0; /* printable, and one word */
    return rest;
}

/* 0: it is none. */
static uint16_t read_port(struct message_span digits)
{
    uint32_t port = 0;
    for (size_t i = 0; i < digits.size; i++) {
        if (digits.bytes[i] < '0' || digits.bytes[i] > '9' || port > PORT_MAX / 10)
            return 0;
        port = port * 10 + digits.bytes[i] - '0';
    }
    return port <= PORT_MAX ? (uint16_t)port : 0;
}

enum sc_error endpoint_parse(const uint8_t *bytes, size_t size, struct endpoint *endpoint)
{
    struct message_span text = message_bytes(bytes, size);
    struct message_span version = take_line(&text, FIRST_WORD);
    if (version.size == 0)
        return SC_E_INVALID_VALUE;
    if (version.size != 1 || version.bytes[0] != '1')
        return SC_E_UNSUPPORTED_FEATURE;
    struct message_span address = take_line(&text, "address");
    uint16_t port = read_port(take_line(&text, "port"));
    struct message_span token = take_line(&text, "token");
    if (address.size == 0 || address.size >= sizeof(endpoint->address) || port == 0
        || token.size < ENDPOINT_TOKEN_MIN || token.size > sizeof(endpoint->token))
        return SC_E_INVALID_VALUE;
    memset(endpoint, 0, sizeof(*endpoint));
    memcpy(endpoint->address, address.bytes, address.size);
    endpoint->port = port;
    memcpy(endpoint->token, token.bytes, token.size);
    endpoint->token_size = token.size;
    return SC_OK;
}
