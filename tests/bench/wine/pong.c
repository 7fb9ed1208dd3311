/* SPDX-License-Identifier: BSD-2-Clause */
/* pong FOLDER: the other side of the floor, a native program: sends back what it gets, by
 * TCP at a port of 127.0.0.1, and by two FIFOs of the folder. Prints the port when it is
 * there; ends with its standard input. */
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WAYS = 4, ROOM = 65536, LISTENER = 0, SOCKET, FIFO, INPUT };

static void fail(const char *what)
{
    perror(what);
    exit(1);
}

static int listen_somewhere(uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, size) != 0 || listen(listener, 4) != 0
        || getsockname(listener, (struct sockaddr *)&address, &size) != 0)
        fail("pong: no port");
    *port = ntohs(address.sin_port);
    return listener;
}

/* Open for both, so that it is there before the other side, and stays after it. */
static int make_fifo(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    (void)unlink(path);
    if (mkfifo(path, 0600) != 0)
        fail(path);
    return open(path, O_RDWR);
}

static void send_back(int from, int to)
{
    static char bytes[ROOM];
    ssize_t got = read(from, bytes, sizeof(bytes));
    if (got > 0 && write(to, bytes, (size_t)got) != got)
        fail("pong: short");
}

int main(int count, char **words)
{
    struct pollfd ways[WAYS] = {{.fd = -1}, {.fd = -1}, {.fd = -1}, {.fd = 0}};
    uint16_t port = 0;
    const char *folder = count == 2 ? words[1] : ".";
    ways[LISTENER].fd = listen_somewhere(&port);
    ways[FIFO].fd = make_fifo(folder, "ping");
    int back = make_fifo(folder, "pong");
    printf("%u\n", (unsigned)port);
    (void)fflush(stdout);
    for (int i = 0; i < WAYS; i++)
        ways[i].events = POLLIN;
    while (ways[INPUT].revents == 0) {
        if (poll(ways, WAYS, -1) < 0)
            fail("pong: poll");
        if (ways[LISTENER].revents != 0) {
            close(ways[SOCKET].fd);
            ways[SOCKET].fd = accept(ways[LISTENER].fd, NULL, NULL);
        }
        if (ways[SOCKET].revents != 0)
            send_back(ways[SOCKET].fd, ways[SOCKET].fd);
        if (ways[FIFO].revents != 0)
            send_back(ways[FIFO].fd, back);
    }
    return 0;
}
