/* SPDX-License-Identifier: BSD-2-Clause */
/* A program that closed descriptors 0, 1 and 2, as daemons do, and in which something
 * writes to them all the same: none of it may go into what the library says to a service,
 * a pcscd or a simulated card. */
#include "tests/support/check.h"

#include "os/time.h"
#include "tests/support/raw.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include <winscard.h>

enum { STANDARD = 3, SOON_MS = CHECK_HANG_MS };

static char directory[] = "/tmp/winscard-test-XXXXXX";
static char path[64], pcscd_path[64];

static bool answers(void)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    bool open = raw != NULL && raw_open(raw, path);
    raw_close(raw);
    free(raw);
    return open;
}

static pid_t start_service(void)
{
    uint64_t deadline_ms = os_now_ms() + SOON_MS;
    pid_t service = fork();
    if (service == 0) {
        for (int i = 0; i < STANDARD; i++)
            close(i);
        execl(WINSCARDD, WINSCARDD, "--foreground", "--socket", path, "--pcscd-socket",
              pcscd_path, "--readers", "soft:", (char *)NULL);
        _exit(127);
    }
    while (!answers() && os_now_ms() < deadline_ms)
        usleep(5000);
    CHECK(answers());
    return service;
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
    for (int i = 0; i < STANDARD; i++)
        close(i);
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
    int status = -1;
    char endpoint[96];
    if (mkdtemp(directory) == NULL)
        return 2;
    snprintf(path, sizeof(path), "%s/s", directory);
    snprintf(pcscd_path, sizeof(pcscd_path), "%s/p", directory);
    snprintf(endpoint, sizeof(endpoint), "unix:%s", path);
    setenv("WINSCARD_SERVICE", endpoint, 1);
    setenv("PCSCLITE_CSOCK_NAME", pcscd_path, 1);
    setenv("WINSCARD_READERS", "soft:;vpcd:0", 1);
    pid_t service = start_service();
    check_carrier("service");
    check_carrier("pcscd");
    check_carrier("local");
    kill(service, SIGTERM);
    CHECK(waitpid(service, &status, 0) == service && status == 0);
    CHECK(rmdir(directory) == 0);
    return check_result();
}
