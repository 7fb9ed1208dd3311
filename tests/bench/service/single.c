/* SPDX-License-Identifier: BSD-2-Clause */
/* Small things that bench.sh looks at from outside, and the start of a service. */
#include "tests/bench/service/measure.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

enum { STARTS = 9, START_PATIENCE_MS = 10000 };

void measure_transmits(unsigned count)
{
    static const BYTE command[5] = {0, 0xCA};
    static BYTE answer[MEASURE_FRAME_MAX];
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_shared(context);
    for (unsigned i = 0; i < count; i++)
        transmit_echo(card, command, sizeof(command), answer);
    require(SCardDisconnect(card, SCARD_LEAVE_CARD), "SCardDisconnect");
    require(SCardReleaseContext(context), "SCardReleaseContext");
}

static void wait_for_ever(void *argument)
{
    (void)argument;
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE reader = {.szReader = first_reader(context)};
    for (;;) {
        require(SCardGetStatusChange(context, INFINITE, &reader, 1),
                "SCardGetStatusChange");
        reader.dwCurrentState = reader.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
    }
}

void measure_idle(void)
{
    char byte;
    pid_t waiter = start_process(wait_for_ever, NULL);
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_shared(context);
    while (read(STDIN_FILENO, &byte, 1) > 0)
        ;
    kill_process(waiter);
    require(SCardDisconnect(card, SCARD_LEAVE_CARD), "SCardDisconnect");
    require(SCardReleaseContext(context), "SCardReleaseContext");
}

static bool answers(void)
{
    char names[4096];
    DWORD size = sizeof(names);
    SCARDCONTEXT context;
    if (SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)
        != SCARD_S_SUCCESS)
        return false;
    LONG status = SCardListReaders(context, NULL, names, &size);
    if (status != SCARD_E_NO_READERS_AVAILABLE)
        require(status, "SCardListReaders");
    require(SCardReleaseContext(context), "SCardReleaseContext");
    return status == SCARD_S_SUCCESS;
}

/* Connections that a full queue refuses are not waited for. */
static unsigned connect_silent(unsigned count, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    unsigned connected = 0;
    if (strlen(path) >= sizeof(address.sun_path))
        fail(path);
    memcpy(address.sun_path, path, strlen(path));
    for (unsigned i = 0; i < count; i++) {
        int one = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
        connected += connect(one, (struct sockaddr *)&address, sizeof(address)) == 0;
        if (i % 16 == 0)
            sleep_us(500);
    }
    return connected;
}

void measure_silent(unsigned count, const char *path)
{
    unsigned connected = connect_silent(count, path);
    char key[32];
    uint64_t start_ns = now_ns();
    snprintf(key, sizeof(key), "silent-%u", count);
    if (answers())
        report(key, "-", "served in %.1f ms", (double)(now_ns() - start_ns) / 1e6);
    else
        report(key, "-", "locked out (by %u)", connected);
}

static double start_once(char **command)
{
    uint64_t start_ns = now_ns();
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        execvp(command[0], command);
        _exit(127);
    }
    while (!answers()) {
        if (now_ns() - start_ns > START_PATIENCE_MS * 1000000ull
            || waitpid(pid, NULL, WNOHANG) != 0)
            fail("start: the service does not answer");
        sleep_us(100);
    }
    double ms = (double)(now_ns() - start_ns) / 1e6;
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
    return ms;
}

void measure_start(char **command)
{
    double ms[STARTS];
    for (unsigned i = 0; i < STARTS; i++)
        ms[i] = start_once(command);
    double worst = largest(ms, STARTS);
    report("start", "-", "%.1f / %.1f ms", median(ms, STARTS), worst);
}
