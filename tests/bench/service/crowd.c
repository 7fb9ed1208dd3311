/* SPDX-License-Identifier: BSD-2-Clause */
/* Many clients at once, each a process: how much one reader carries for them beside an
 * epoll loop that only sends bytes back, how even their shares are, and what idle ones
 * cost the service. */
#include "tests/bench/service/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CROWD_MAX = 20000, ROUNDS_MAX = 5 };

struct crowd {
    uint32_t ready, refused, go, stop; /* atomic */
    uint32_t next;                     /* atomic: numbers the workers */
    const char *path;                  /* of the ping-pong's socket */
    uint64_t counts[CROWD_MAX];
};

static bool stopped(struct crowd *crowd)
{
    return __atomic_load_n(&crowd->stop, __ATOMIC_ACQUIRE) != 0;
}

/* Joins the crowd and waits for its start. A service may have no room for all. */
static uint64_t *join(struct crowd *crowd, bool admitted)
{
    uint32_t number = __atomic_fetch_add(&crowd->next, 1, __ATOMIC_ACQ_REL);
    __atomic_fetch_add(admitted ? &crowd->ready : &crowd->refused, 1, __ATOMIC_ACQ_REL);
    if (!admitted)
        _exit(0);
    await(&crowd->go, 1);
    return &crowd->counts[number];
}

static void ping_worker(void *argument)
{
    struct crowd *crowd = argument;
    int socket = pong_connect(crowd->path);
    ping(socket, 29, 21);
    for (uint64_t *count = join(crowd, true); !stopped(crowd); ++*count)
        ping(socket, 29, 21);
}

static bool try_connect(SCARDCONTEXT *context, SCARDHANDLE *card)
{
    char names[4096];
    DWORD size = sizeof(names), protocol;
    return SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, context)
               == SCARD_S_SUCCESS
           && SCardListReaders(*context, NULL, names, &size) == SCARD_S_SUCCESS
           && SCardConnect(*context, names, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, card,
                           &protocol)
                  == SCARD_S_SUCCESS;
}

static void transmit_worker(void *argument)
{
    static const BYTE command[5] = {0, 0xCA};
    static BYTE answer[MEASURE_FRAME_MAX];
    struct crowd *crowd = argument;
    SCARDCONTEXT context;
    SCARDHANDLE card;
    bool admitted = try_connect(&context, &card);
    for (uint64_t *count = join(crowd, admitted); !stopped(crowd); ++*count)
        transmit_echo(card, command, sizeof(command), answer);
    require(SCardReleaseContext(context), "SCardReleaseContext");
}

static void transaction_worker(void *argument)
{
    static const BYTE command[5] = {0, 0xCA};
    static BYTE answer[MEASURE_FRAME_MAX];
    struct crowd *crowd = argument;
    SCARDCONTEXT context;
    SCARDHANDLE card;
    bool admitted = try_connect(&context, &card);
    for (uint64_t *count = join(crowd, admitted); !stopped(crowd); ++*count) {
        begin(card);
        transmit_echo(card, command, sizeof(command), answer);
        require(SCardEndTransaction(card, SCARD_LEAVE_CARD), "SCardEndTransaction");
    }
    require(SCardReleaseContext(context), "SCardReleaseContext");
}

static void idle_worker(void *argument)
{
    SCARDCONTEXT context;
    bool admitted = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &context)
                    == SCARD_S_SUCCESS;
    join(argument, admitted);
    require(SCardReleaseContext(context), "SCardReleaseContext");
}

/* Starts `count` workers and waits until each has joined or was refused. */
static struct crowd *gather(void (*worker)(void *), unsigned count, const char *path,
                            pid_t *pids)
{
    struct crowd *crowd = shared_memory(sizeof(*crowd));
    crowd->path = path;
    for (unsigned i = 0; i < count; i++)
        pids[i] = start_process(worker, crowd);
    for (unsigned ms = 0; crowd->ready + crowd->refused < count; ms++) {
        if (ms == 60000)
            fail("clients do not get ready in a minute");
        sleep_us(1000);
    }
    return crowd;
}

static void dismiss(struct crowd *crowd, unsigned count, const pid_t *pids)
{
    set(&crowd->stop, 1);
    set(&crowd->go, 1);
    for (unsigned i = 0; i < count; i++)
        end_process(pids[i]);
}

/* Counts a second between the two, in one process or another; gives it per second. */
static double run(struct crowd *crowd, unsigned ms)
{
    uint64_t start_ns = now_ns(), total = 0;
    set(&crowd->go, 1);
    sleep_us(ms * 1000);
    set(&crowd->stop, 1);
    uint64_t taken_ns = now_ns() - start_ns;
    for (unsigned i = 0; i < CROWD_MAX; i++)
        total += crowd->counts[i];
    return (double)total * 1e9 / (double)taken_ns;
}

static void measure_rate(const char *key, unsigned count, unsigned rounds, unsigned ms)
{
    static pid_t pids[CROWD_MAX];
    char path[64], floor[32];
    double floors[ROUNDS_MAX], ratios[ROUNDS_MAX];
    uint32_t refused = 0;
    snprintf(path, sizeof(path), "/tmp/pong.%ld", (long)getpid());
    pid_t pong = pong_start_epoll(path);
    for (unsigned i = 0; i < rounds; i++) {
        struct crowd *pings = gather(ping_worker, count, path, pids);
        floors[i] = run(pings, ms);
        dismiss(pings, count, pids);
        struct crowd *calls = gather(transmit_worker, count, path, pids);
        ratios[i] = run(calls, ms) / floors[i];
        refused = calls->refused;
        dismiss(calls, count, pids);
    }
    kill_process(pong);
    unlink(path);
    snprintf(floor, sizeof(floor), "%.0f /s", median(floors, rounds));
    if (refused != 0)
        report(key, floor, "%.2f (%u refused)", median(ratios, rounds), refused);
    else
        report(key, floor, "%.2f", median(ratios, rounds));
}

void measure_throughput(bool quick)
{
    unsigned rounds = quick ? 1 : ROUNDS_MAX, ms = quick ? 100 : 700;
    measure_rate("throughput-1", 1, rounds, ms);
    measure_rate("throughput-16", 16, rounds, ms);
    measure_rate("throughput-200", 200, quick ? 1 : 3, ms);
}

void measure_fairness(bool quick)
{
    enum { CLIENTS = 16 };
    pid_t pids[CLIENTS];
    struct crowd *crowd = gather(transaction_worker, CLIENTS, NULL, pids);
    double rate = run(crowd, quick ? 300 : 4000);
    uint64_t least = UINT64_MAX, most = 0;
    for (unsigned i = 0; i < CLIENTS; i++) {
        least = crowd->counts[i] < least ? crowd->counts[i] : least;
        most = crowd->counts[i] > most ? crowd->counts[i] : most;
    }
    dismiss(crowd, CLIENTS, pids);
    report("fairness", "-", "%llu .. %llu", (unsigned long long)least,
           (unsigned long long)most);
    report("fairness-rate", "-", "%.0f /s", rate);
}

/* VmRSS of a process in KiB. */
static double resident_kib(pid_t pid)
{
    char path[64], line[256];
    unsigned long kib = 0;
    snprintf(path, sizeof(path), "/proc/%ld/status", (long)pid);
    FILE *file = fopen(path, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (strncmp(line, "VmRSS:", 6) == 0)
            kib = strtoul(line + 6, NULL, 10);
    if (file == NULL || kib == 0)
        fail(path);
    fclose(file);
    return (double)kib;
}

static double transmit_us(void)
{
    static const BYTE command[5] = {0, 0xCA};
    static BYTE answer[MEASURE_FRAME_MAX];
    SCARDCONTEXT context;
    SCARDHANDLE card;
    double us[201];
    if (!try_connect(&context, &card))
        return -1;
    for (unsigned i = 0; i < sizeof(us) / sizeof(us[0]); i++) {
        uint64_t start_ns = now_ns();
        transmit_echo(card, command, sizeof(command), answer);
        us[i] = (double)(now_ns() - start_ns) / 1000;
    }
    require(SCardReleaseContext(context), "SCardReleaseContext");
    return median(us, sizeof(us) / sizeof(us[0]));
}

void measure_clients(unsigned count, pid_t server)
{
    static pid_t pids[CROWD_MAX];
    char key[32];
    if (count == 0 || count > CROWD_MAX)
        fail("clients: from 1 to 20000");
    double alone_us = transmit_us(), before = resident_kib(server);
    struct crowd *crowd = gather(idle_worker, count, NULL, pids);
    double after = resident_kib(server), among_us = transmit_us();
    uint32_t ready = crowd->ready, refused = crowd->refused;
    dismiss(crowd, count, pids);
    snprintf(key, sizeof(key), "clients-%u", count);
    if (ready == 0)
        fail("no client was served");
    report(key, "-", "%.2f KiB each (from %.0f), %u refused", (after - before) / ready,
           before, refused);
    snprintf(key, sizeof(key), "among-%u", count);
    report(key, "-", among_us < 0 ? "refused" : "%.2f", among_us / alone_us);
}
