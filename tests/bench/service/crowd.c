/* SPDX-License-Identifier: BSD-2-Clause */
/* Many clients at once, each a process: how much one reader carries for them beside an
 * epoll loop that only sends bytes back, how even their shares are, and what idle ones
 * cost the service. */
#include "tests/bench/service/measure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CROWD_MAX = 20000, ROUNDS_MAX = 15, ROUND_MS = 150 };

/* Turns of a crowd: it rests in even ones and works in odd ones. */
enum { TURN_END = 0x7FFFFFFF };

struct crowd {
    uint32_t ready, refused, turn; /* atomic */
    uint32_t next;                 /* atomic: numbers the workers */
    const char *path;              /* of the ping-pong's socket */
    uint64_t counts[CROWD_MAX];
};

/* Rests as long as it is not the crowd's turn. False at the end. */
static bool works(struct crowd *crowd)
{
    for (;;) {
        uint32_t turn = __atomic_load_n(&crowd->turn, __ATOMIC_ACQUIRE);
        if (turn % 2 != 0)
            return turn != TURN_END;
        await_change(&crowd->turn, turn);
    }
}

/* Joins the crowd, or says that the service has no room for one more, and ends. */
static uint64_t *join(struct crowd *crowd, bool admitted)
{
    uint32_t number = __atomic_fetch_add(&crowd->next, 1, __ATOMIC_ACQ_REL);
    __atomic_fetch_add(admitted ? &crowd->ready : &crowd->refused, 1, __ATOMIC_ACQ_REL);
    if (!admitted)
        _exit(0);
    return &crowd->counts[number];
}

static void ping_worker(void *argument)
{
    struct crowd *crowd = argument;
    int socket = pong_connect(crowd->path);
    ping(socket, 29, 21);
    for (uint64_t *count = join(crowd, true); works(crowd); ++*count)
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
    for (uint64_t *count = join(crowd, admitted); works(crowd); ++*count)
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
    for (uint64_t *count = join(crowd, admitted); works(crowd); ++*count) {
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
    while (works(argument))
        ;
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
    set(&crowd->turn, TURN_END);
    for (unsigned i = 0; i < count; i++)
        end_process(pids[i]);
}

static uint64_t count_all(const struct crowd *crowd)
{
    uint64_t total = 0;
    for (unsigned i = 0; i < CROWD_MAX; i++)
        total += __atomic_load_n(&crowd->counts[i], __ATOMIC_RELAXED);
    return total;
}

/* Lets the crowd work for a while; gives what it did, per second. */
static double run(struct crowd *crowd, unsigned ms)
{
    uint64_t before = count_all(crowd), start_ns = now_ns();
    set(&crowd->turn, crowd->turn + 1);
    sleep_us(ms * 1000);
    set(&crowd->turn, crowd->turn + 1);
    double rate =
        (double)(count_all(crowd) - before) * 1e9 / (double)(now_ns() - start_ns);
    sleep_us(20000); /* until all rest */
    return rate;
}

/* The rates are those near the best of each: what else runs makes them lower. */
static void measure_rate(const char *key, unsigned count, unsigned rounds)
{
    static pid_t ping_pids[CROWD_MAX], call_pids[CROWD_MAX];
    char path[64], floor[32];
    double ping_ns[ROUNDS_MAX], call_ns[ROUNDS_MAX];
    snprintf(path, sizeof(path), "/tmp/pong.%ld", (long)getpid());
    pid_t pong = pong_start_epoll(path);
    struct crowd *pings = gather(ping_worker, count, path, ping_pids);
    struct crowd *calls = gather(transmit_worker, count, path, call_pids);
    for (unsigned i = 0; i < rounds; i++) {
        ping_ns[i] = 1e9 / run(pings, ROUND_MS);
        call_ns[i] = 1e9 / run(calls, ROUND_MS);
    }
    uint32_t refused = calls->refused;
    dismiss(pings, count, ping_pids);
    dismiss(calls, count, call_pids);
    kill_process(pong);
    unlink(path);
    double best = near_least(ping_ns, rounds);
    double ratio = best / near_least(call_ns, rounds);
    snprintf(floor, sizeof(floor), "%.0f /s", 1e9 / best);
    if (refused != 0)
        report(key, floor, "%.2f (%u refused)", ratio, refused);
    else
        report(key, floor, "%.2f", ratio);
}

void measure_throughput(bool quick)
{
    unsigned rounds = quick ? 2 : ROUNDS_MAX;
    measure_rate("throughput-1", 1, rounds);
    measure_rate("throughput-16", 16, rounds);
    measure_rate("throughput-200", 200, rounds);
    if (!quick)
        measure_rate("throughput-1000", 1000, rounds);
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
