/* SPDX-License-Identifier: BSD-2-Clause */
/* A session with a card behind a Phoenix reader, whose characters take their time, as a ratio
 * to what they take: the rest is the driver's, and a pseudoterminal's in place of an UART. */
#include "drivers/phoenix/phoenix.h"
#include "os/time.h"
#include "tests/drivers/phoenix_peer.h"
#include "tests/support/fake_host.h"
#include "tests/support/hang.h"
#include "tests/support/hex.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { COMMANDS = 20, CLOCK_HZ = 3571200 };

static struct fake_host host;
static uint64_t busy_ns(void)
{
    os_mutex_lock(&phoenix_peer.lock);
    uint64_t busy = phoenix_peer.busy_ns;
    os_mutex_unlock(&phoenix_peer.lock);
    return busy;
}

static void must(enum sc_error error)
{
    if (error == SC_OK)
        return;
    fprintf(stderr, "bench_phoenix: %s\n", sc_error_name(error));
    exit(1);
}

static void send(uint32_t protocol, const char *command)
{
    uint8_t in[300], out[300];
    size_t size = 0;
    must(fake_transmit(&host, 0, protocol, CHECK_HANG_MS, in,
                       hex(command, in, sizeof(in)), out, sizeof(out), &size));
}

/* From a reset on: the ATR, the negotiation, a file that is selected and read COMMANDS times,
 * 250 bytes each. */
static void measure(const char *folder, uint32_t protocol, const char *what)
{
    char uri[100];
    uint8_t atr[DRIVER_ATR_MAX];
    size_t size = 0;
    memset(&phoenix_peer, 0, sizeof(phoenix_peer));
    (void)snprintf(phoenix_peer.link, sizeof(phoenix_peer.link), "%s/line", folder);
    (void)snprintf(uri, sizeof(uri), "phoenix:%s/line", folder);
    phoenix_peer.options.soft.protocols = protocol;
    phoenix_peer.clock_hz = CLOCK_HZ;
    phoenix_peer.reset = OS_SERIAL_RTS;
    phoenix_peer.power = OS_SERIAL_DTR;
    phoenix_peer.detect = OS_SERIAL_CD;
    phoenix_peer.present = phoenix_peer.has_lines = phoenix_peer.paced = true;
    if (!phoenix_peer_start())
        abort();
    fake_host_init(&host, &phoenix_driver);
    must(fake_host_start(&host, uri));
    (void)phoenix_driver.settle(host.self, true, OS_FOREVER);
    if (!fake_wait_readers(&host, 1))
        abort();

    uint64_t began_ns = os_now_ns(), busy_before_ns = busy_ns();
    must(fake_power(&host, 0, POWER_COLD_RESET, CHECK_HANG_MS, atr, &size));
    must(fake_protocol(&host, 0, protocol));
    uint64_t up_ns = os_now_ns(), busy_up_ns = busy_ns();
    send(protocol, "00A4040C05F0534F4654");
    for (int i = 0; i < COMMANDS; i++)
        send(protocol, "00B08200FA");
    uint64_t ended_ns = os_now_ns(), busy_ended_ns = busy_ns();
    printf("%s: reset and negotiation %.0f ms (characters alone %.0f ms); %d commands "
           "%.0f ms, "
           "%.3f of what the characters take (%.0f ms)\n",
           what, (double)(up_ns - began_ns) / 1e6,
           (double)(busy_up_ns - busy_before_ns) / 1e6, COMMANDS + 1,
           (double)(ended_ns - up_ns) / 1e6,
           (double)(ended_ns - up_ns) / (double)(busy_ended_ns - busy_up_ns),
           (double)(busy_ended_ns - busy_up_ns) / 1e6);
    fake_host_stop(&host);
    phoenix_peer_stop();
}

int main(void)
{
    char folder[] = "/tmp/winscard-bench-XXXXXX";
    if (mkdtemp(folder) == NULL)
        abort();
    measure(folder, PROTOCOL_T0, "T=0");
    measure(folder, PROTOCOL_T1, "T=1");
    return rmdir(folder) == 0 ? 0 : 1;
}
