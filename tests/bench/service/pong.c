/* SPDX-License-Identifier: BSD-2-Clause */
/* The floor of every figure: two processes, a Unix socket, and no work at all. */
#include "tests/bench/service/measure.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

struct ping_head {
    uint32_t out, in; /* bytes of the ping, this head counted, and of the pong */
};

struct pong_client {
    int socket;
    size_t have;
    unsigned char frame[MEASURE_FRAME_MAX];
};

static void write_all(int socket, const unsigned char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(socket, bytes, size);
        if (done < 0)
            fail("ping-pong: the other side is gone");
        bytes += done;
        size -= (size_t)done;
    }
}

void ping(int socket, size_t out, size_t in)
{
    static unsigned char frame[MEASURE_FRAME_MAX];
    struct ping_head head = {(uint32_t)out, (uint32_t)in};
    memcpy(frame, &head, sizeof(head));
    write_all(socket, frame, out);
    for (size_t have = 0; have < in;) {
        ssize_t got = read(socket, frame, sizeof(frame));
        if (got <= 0)
            fail("ping-pong: no answer");
        have += (size_t)got;
    }
}

/* Reads what is there; answers when a ping is whole. False at the end. */
static bool serve(struct pong_client *client)
{
    struct ping_head head;
    ssize_t got = read(client->socket, client->frame + client->have,
                       sizeof(client->frame) - client->have);
    if (got <= 0)
        return false;
    client->have += (size_t)got;
    memcpy(&head, client->frame, sizeof(head));
    if (client->have < sizeof(head) || client->have < head.out)
        return true;
    client->have = 0;
    write_all(client->socket, client->frame, head.in);
    return true;
}

static void pong_loop(void *argument)
{
    struct pong_client *client = calloc(1, sizeof(*client));
    int *ends = argument;
    if (client == NULL)
        fail("no memory");
    close(ends[0]);
    client->socket = ends[1];
    while (serve(client))
        ;
}

int pong_start(pid_t *pid)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        fail("no socket");
    *pid = start_process(pong_loop, ends);
    close(ends[1]);
    return ends[0];
}

static struct sockaddr_un address_of(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof(address.sun_path))
        fail(path);
    memcpy(address.sun_path, path, strlen(path));
    return address;
}

static void accept_one(int loop, int listener)
{
    struct pong_client *client = calloc(1, sizeof(*client));
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    if (client == NULL)
        fail("no memory");
    client->socket = accept(listener, NULL, NULL);
    if (client->socket < 0 || epoll_ctl(loop, EPOLL_CTL_ADD, client->socket, &event) != 0)
        fail("ping-pong: no more clients");
}

static void epoll_loop(void *argument)
{
    struct epoll_event events[64] = {{.events = EPOLLIN}};
    int listener = *(int *)argument, loop = epoll_create1(0);
    epoll_ctl(loop, EPOLL_CTL_ADD, listener, &events[0]);
    for (;;) {
        int count = epoll_wait(loop, events, 64, -1);
        for (int i = 0; i < count; i++) {
            struct pong_client *client = events[i].data.ptr;
            if (client == NULL) {
                accept_one(loop, listener);
            } else if (!serve(client)) {
                close(client->socket);
                free(client);
            }
        }
    }
}

pid_t pong_start_epoll(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    unlink(path);
    if (bind(listener, (struct sockaddr *)&address, sizeof(address)) != 0
        || listen(listener, 4096) != 0)
        fail(path);
    pid_t pid = start_process(epoll_loop, &listener);
    close(listener);
    return pid;
}

int pong_connect(const char *path)
{
    struct sockaddr_un address = address_of(path);
    int client = socket(AF_UNIX, SOCK_STREAM, 0);
    if (connect(client, (struct sockaddr *)&address, sizeof(address)) != 0)
        fail(path);
    return client;
}
