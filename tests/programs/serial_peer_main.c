/* SPDX-License-Identifier: BSD-2-Clause */
/* serial_peer LINK READER: a reader of tests/rig/sim on a serial line, which LINK leads to. Says
 * "ready"; then each line of its input is "remove" or "insert", and its end is that of the
 * program. */
#include "tests/drivers/serial_peer.h"

#include <stdio.h>
#include <string.h>

static struct serial_peer peer;

int main(int count, char **words)
{
    char line[32];
    if (count != 3)
        return 2;
    (void)snprintf(peer.link, sizeof(peer.link), "%s", words[1]);
    peer.reader = words[2];
    peer.echoes = true;
    if (!serial_peer_start(&peer))
        return 1;
    puts("ready");
    (void)fflush(stdout);
    while (fgets(line, sizeof(line), stdin) != NULL)
        serial_peer_move(&peer, strncmp(line, "insert", 6) == 0);
    serial_peer_stop(&peer);
    return 0;
}
