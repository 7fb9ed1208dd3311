/* SPDX-License-Identifier: BSD-2-Clause */
/* phoenix_peer LINK SOCKET: a card behind a Phoenix reader, whose data line LINK leads to;
 * programs with fake_modem.c find its other lines at SOCKET. Says "ready"; then each line of
 * its input is "remove" or "insert", and its end is that of the program. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/drivers/phoenix_peer.h"
#include "tests/programs/fake_modem.h"

#include <asm/termbits.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

void __wrap_os_serial_set_lines(struct os_serial serial, uint32_t lines, bool on);
enum sc_error __wrap_os_serial_get_lines(struct os_serial serial, uint32_t *lines);

static int listener = -1;

static uint32_t lines_of(uint32_t kernels)
{
    return ((kernels & TIOCM_DTR) != 0 ? OS_SERIAL_DTR : 0)
           | ((kernels & TIOCM_RTS) != 0 ? OS_SERIAL_RTS : 0);
}

static void heed(struct fake_modem_message *message)
{
    const struct os_serial none = {-1};
    uint32_t lines = 0;
    enum os_parity parity = OS_PARITY_NONE;
    switch (message->word) {
    case FAKE_MODEM_SET:
    case FAKE_MODEM_CLEAR:
        __wrap_os_serial_set_lines(none, lines_of(message->lines),
                                   message->word == FAKE_MODEM_SET);
        break;
    case FAKE_MODEM_GET:
        message->lines = 0;
        if (__wrap_os_serial_get_lines(none, &lines) == SC_OK
            && (lines & OS_SERIAL_CD) != 0)
            message->lines = TIOCM_CAR;
        break;
    case FAKE_MODEM_FORMAT:
        if ((message->parity & PARENB) != 0)
            parity = (message->parity & PARODD) != 0 ? OS_PARITY_ODD : OS_PARITY_EVEN;
        os_mutex_lock(&phoenix_peer.lock);
        phoenix_peer.format.rate = message->rate;
        phoenix_peer.format.parity = parity;
        os_mutex_unlock(&phoenix_peer.lock);
        break;
    default:
        break;
    }
}

/* Until the listener is shut down. */
static void serve(void *context)
{
    (void)context;
    for (;;) {
        struct fake_modem_message message;
        int client = accept(listener, NULL, NULL);
        if (client < 0 && errno != EINTR)
            return;
        if (client < 0)
            continue;
        if (recv(client, &message, sizeof(message), 0) == sizeof(message)) {
            heed(&message);
            (void)!send(client, &message, sizeof(message), MSG_NOSIGNAL);
        }
        close(client);
    }
}

static bool listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    (void)snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    return listener >= 0
           && bind(listener, (struct sockaddr *)&address, sizeof(address)) == 0
           && listen(listener, 16) == 0;
}

int main(int count, char **words)
{
    char line[32];
    struct os_thread thread;
    if (count != 3)
        return 2;
    (void)snprintf(phoenix_peer.link, sizeof(phoenix_peer.link), "%s", words[1]);
    phoenix_peer.options.soft.protocols = PROTOCOL_T0 | PROTOCOL_T1;
    (void)snprintf(phoenix_peer.options.soft.pin, sizeof(phoenix_peer.options.soft.pin),
                   "123456");
    phoenix_peer.clock_hz = 3571200;
    phoenix_peer.reset = OS_SERIAL_RTS;
    phoenix_peer.power = OS_SERIAL_DTR;
    phoenix_peer.detect = OS_SERIAL_CD;
    phoenix_peer.present = phoenix_peer.has_lines = true;
    if (!phoenix_peer_start() || !listen_at(words[2])
        || os_thread_start(&thread, "modem", serve, NULL) != SC_OK)
        return 1;
    puts("ready");
    (void)fflush(stdout);
    while (fgets(line, sizeof(line), stdin) != NULL)
        phoenix_peer_move(strncmp(line, "insert", 6) == 0);
    (void)shutdown(listener, SHUT_RDWR);
    os_thread_join(&thread);
    close(listener);
    phoenix_peer_stop();
    return 0;
}
