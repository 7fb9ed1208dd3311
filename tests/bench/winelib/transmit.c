/* SPDX-License-Identifier: BSD-2-Clause */
/* transmit ROUNDS CALLS: what SCardTransmit with the first reader costs, in ns, as the least
 * of so many rounds. The same source is a Unix program and, by mingw-w64, a Windows one. */
#include "winscard.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e9 + (double)now.tv_nsec;
}

static void require(LONG status, const char *what)
{
    if (status == SCARD_S_SUCCESS)
        return;
    fprintf(stderr, "%s: %lx\n", what, (unsigned long)status);
    exit(1);
}

int main(int argc, char **argv)
{
    static const BYTE command[5] = {0x00, 0xCA, 0x00, 0x00, 0x00};
    BYTE answer[300];
    char names[1024];
    DWORD size = sizeof(names), active;
    SCARDCONTEXT context;
    SCARDHANDLE card;
    unsigned rounds = argc > 1 ? (unsigned)strtoul(argv[1], NULL, 10) : 20;
    unsigned calls = argc > 2 ? (unsigned)strtoul(argv[2], NULL, 10) : 10000;
    double least = 1e300;
    require(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), "establish");
    require(SCardListReadersA(context, NULL, names, &size), "list");
    require(SCardConnectA(context, names, SCARD_SHARE_SHARED,
                          SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &active),
            "connect");
    for (unsigned i = 0; i < rounds; i++) {
        double start = now_ns();
        for (unsigned j = 0; j < calls; j++) {
            size = sizeof(answer);
            require(SCardTransmit(
                        card, active == SCARD_PROTOCOL_T0 ? SCARD_PCI_T0 : SCARD_PCI_T1,
                        command, sizeof(command), NULL, answer, &size),
                    "transmit");
        }
        double one = (now_ns() - start) / calls;
        least = one < least ? one : least;
    }
    require(SCardDisconnect(card, SCARD_LEAVE_CARD), "disconnect");
    require(SCardReleaseContext(context), "release");
    printf("%.0f\n", least);
    return 0;
}
