/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that closed descriptors 0, 1 and 2, as daemons do, and in which something
 * writes to them all the same: none of it may go into what the library says to a service,
 * a pcscd or a simulated card. */
#include "tests/support/check.h"
#include "tests/support/daemon.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

enum { STANDARD = 3 };

static void close_standard(void)
{
    for (int i = 0; i < STANDARD; i++)
        close(i);
}

/* Bits of what went wrong, for an exit status. */
static int use_closed(void)
{
    char names[1024], junk[200];
    DWORD size = sizeof(names), state = 0, protocol = 0, active = 0;
    BYTE command[] = {0x00, 0x84, 0x00, 0x00, 0x08}, answer[64];
    SCARDCONTEXT context = 0;
    SCARDHANDLE card = 0;
    int wrong = 0;
    memset(junk, 'j', sizeof(junk));
    close_standard();
    wrong |= SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context) != 0 ? 1 : 0;
    for (int i = 0; i < STANDARD; i++)
        wrong |= write(i, junk, sizeof(junk)) > 0 ? 2 : 0;
    wrong |= SCardListReaders(context, NULL, names, &size) != 0 ? 4 : 0;
    wrong |= SCardConnect(context, names, SCARD_SHARE_SHARED, SCARD_PROTOCOL_ANY, &card,
                          &active)
                     != 0
                 ? 8
                 : 0;
    for (int i = 0; i < STANDARD; i++)
        wrong |= write(i, junk, sizeof(junk)) > 0 ? 2 : 0;
    DWORD got = sizeof(answer);
    wrong |=
        SCardTransmit(card, active == SCARD_PROTOCOL_T1 ? SCARD_PCI_T1 : SCARD_PCI_T0,
                      command, sizeof(command), NULL, answer, &got)
                != 0
            ? 16
            : 0;
    size = sizeof(names);
    DWORD atr = sizeof(answer);
    wrong |=
        SCardStatus(card, names, &size, &state, &protocol, answer, &atr) != 0 ? 32 : 0;
    wrong |= SCardReleaseContext(context) != 0 ? 64 : 0;
    return wrong;
}

static void check_carrier(const char *carrier)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        setenv("WINSCARD_CARRIER", carrier, 1);
        _exit(use_closed());
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (status != 0)
        CHECK_FAILED("%s: status 0x%x", carrier, (unsigned)status);
}

int main(void)
{
    struct daemon service;
    if (!daemon_place(&service))
        return 2;
    const char *const options[] = {"--pcscd-socket", service.pcscd_path, NULL};
    setenv("WINSCARD_SERVICE", service.endpoint, 1);
    setenv("PCSCLITE_CSOCK_NAME", service.pcscd_path, 1);
    setenv("WINSCARD_READERS", "soft:;vpcd:0", 1);
    CHECK(daemon_start(&service, WINSCARDD, "soft:", options, close_standard));
    check_carrier("service");
    check_carrier("pcscd");
    check_carrier("local");
    CHECK(daemon_stop(&service));
    CHECK(rmdir(service.directory) == 0);
    return check_result();
}
