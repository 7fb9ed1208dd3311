/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/lite.h"

#include "tests/support/raw.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

bool lite_connect(struct lite *lite, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    memset(lite, 0, sizeof(*lite));
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    lite->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    return lite->fd >= 0
           && connect(lite->fd, (const struct sockaddr *)&address, sizeof(address)) == 0;
}

void lite_close(struct lite *lite)
{
    if (lite->fd >= 0)
        close(lite->fd);
    lite->fd = -1;
}

bool lite_send(struct lite *lite, const void *bytes, size_t size)
{
    return raw_send_all(lite->fd, bytes, size);
}

bool lite_hears(const struct lite *lite, int ms)
{
    struct pollfd one = {.fd = lite->fd, .events = POLLIN};
    int found;
    do
        found = poll(&one, 1, ms);
    while (found < 0 && errno == EINTR);
    return found > 0;
}

bool lite_receive(struct lite *lite, void *bytes, size_t size)
{
    char *at = bytes;
    while (size > 0) {
        if (!lite_hears(lite, LITE_WAIT_MS)) {
            fprintf(stderr, "no answer\n");
            abort();
        }
        ssize_t got = recv(lite->fd, at, size, 0);
        if (got <= 0)
            return false;
        at += got;
        size -= (size_t)got;
    }
    return true;
}

bool lite_is_gone(struct lite *lite)
{
    char byte;
    return lite_hears(lite, LITE_WAIT_MS) && recv(lite->fd, &byte, 1, MSG_DONTWAIT) <= 0;
}

bool lite_ask(struct lite *lite, uint32_t command, const void *body, uint32_t size)
{
    uint32_t words[2 + 70] = {size, command};
    if (size > 0)
        memcpy(words + 2, body, size);
    return lite_send(lite, words, 8 + size);
}

uint32_t lite_call(struct lite *lite, uint32_t command, const void *body, uint32_t size)
{
    if (!lite_ask(lite, command, body, size) || !lite_receive(lite, lite->words, size))
        return LITE_GONE;
    return lite->words[size / 4 - 1];
}

uint32_t lite_version(struct lite *lite, uint32_t major, uint32_t minor)
{
    const uint32_t body[3] = {major, minor, 0};
    return lite_call(lite, LITE_VERSION, body, sizeof(body));
}

bool lite_open(struct lite *lite, const char *path, uint32_t minor)
{
    const uint32_t body[3] = {2, 0, 0};
    if (!lite_connect(lite, path) || lite_version(lite, 4, minor) != 0
        || lite_call(lite, LITE_ESTABLISH, body, sizeof(body)) != 0)
        return false;
    lite->context = lite->words[1];
    return lite->context != 0;
}

uint32_t lite_card(struct lite *lite, const char *reader, uint32_t share,
                   uint32_t protocols)
{
    uint32_t body[38] = {lite->context};
    memcpy(body + 1, reader, strlen(reader) < 128 ? strlen(reader) : 128);
    body[33] = share;
    body[34] = protocols;
    return lite_call(lite, LITE_CONNECT, body, sizeof(body)) == 0 ? lite->words[35] : 0;
}

uint32_t lite_plain(struct lite *lite, uint32_t command, uint32_t handle)
{
    const uint32_t body[2] = {handle, 0};
    return lite_call(lite, command, body, sizeof(body));
}

uint32_t lite_dispose(struct lite *lite, uint32_t command, uint32_t handle,
                      uint32_t disposition)
{
    const uint32_t body[3] = {handle, disposition, 0};
    return lite_call(lite, command, body, sizeof(body));
}

/* What follows a body on either side. */
static uint32_t transfer(struct lite *lite, uint32_t command, const uint32_t *body,
                         uint32_t size, const void *in, uint32_t in_size, unsigned length,
                         void *out, uint32_t *out_size)
{
    if (!lite_ask(lite, command, body, size) || !lite_send(lite, in, in_size)
        || !lite_receive(lite, lite->words, size))
        return LITE_GONE;
    uint32_t result = lite->words[size / 4 - 1];
    *out_size = lite->words[length];
    if (result == 0 && *out_size <= 65548 && !lite_receive(lite, out, *out_size))
        return LITE_GONE;
    return result;
}

uint32_t lite_transmit(struct lite *lite, uint32_t card, uint32_t protocol,
                       const void *in, uint32_t in_size, uint32_t room, void *out,
                       uint32_t *size)
{
    const uint32_t body[8] = {card, protocol, 16, in_size, 3, 16, room, 0};
    return transfer(lite, LITE_TRANSMIT, body, sizeof(body), in, in_size, 6, out, size);
}

uint32_t lite_control(struct lite *lite, uint32_t card, uint32_t code, const void *in,
                      uint32_t in_size, uint32_t room, void *out, uint32_t *size)
{
    const uint32_t body[6] = {card, code, in_size, room, 0, 0};
    return transfer(lite, LITE_CONTROL, body, sizeof(body), in, in_size, 4, out, size);
}

bool lite_states(struct lite *lite, struct lite_record records[LITE_RECORDS])
{
    return lite_ask(lite, LITE_STATES, NULL, 0)
           && lite_receive(lite, records, sizeof(*records) * LITE_RECORDS);
}

uint32_t lite_event(struct lite *lite)
{
    uint32_t words[2];
    return lite_receive(lite, words, sizeof(words)) && words[0] == 0 ? words[1]
                                                                     : LITE_GONE;
}
