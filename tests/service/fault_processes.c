/* SPDX-License-Identifier: BSD-2-Clause */
/* The service as a process, and clients as processes: crowds, kill -9 on either side, and
 * forks. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* prlimit */
#endif
#include "tests/support/check.h"
#include "tests/support/daemon.h"
#include "tests/support/raw.h"

#include "os/time.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <winscard.h>

#define READER             "WinSCard Software Card 00 00"
#define EXPECT(call, want) expect(__LINE__, #call, (uint32_t)(call), (uint32_t)(want))

enum { CROWD = 8, ROUNDS = 150, THREADS = 12, AT_ONCE = 1000, IDLE = 10000, DEATHS = 40 };

static struct daemon service;

/* What processes share. */
static struct {
    uint32_t inside, broken, ready, shares[CROWD];
} * shared;

static pthread_mutex_t counting = PTHREAD_MUTEX_INITIALIZER;
static unsigned expected; /* calls whose result was looked at */

/* From any thread. */
static void expect(int line, const char *call, uint32_t got, uint32_t want)
{
    pthread_mutex_lock(&counting);
    expected++;
    if (got != want)
        CHECK_FAILED("line %d: %s is 0x%" PRIX32 ", want 0x%" PRIX32, line, call, got,
                     want);
    pthread_mutex_unlock(&counting);
}

/* --- The service -------------------------------------------------------------------- */

static void start_service(void)
{
    CHECK(daemon_start(&service, WINSCARDD, "soft:?protocol=t1", NULL, NULL));
}

static void kill_service(void)
{
    int status;
    kill(service.pid, SIGKILL);
    waitpid(service.pid, &status, 0);
}

static long service_rss_kib(void)
{
    char name[64], line[256];
    long kib = 0;
    snprintf(name, sizeof(name), "/proc/%d/status", (int)service.pid);
    FILE *file = fopen(name, "r");
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        if (sscanf(line, "VmRSS: %ld", &kib) == 1)
            break;
    if (file != NULL)
        fclose(file);
    return kib;
}

/* --- Clients ------------------------------------------------------------------------ */

static LONG command(SCARDHANDLE card, unsigned ms)
{
    BYTE bytes[] = {0x80, 0xE2, (BYTE)(ms >> 8), (BYTE)ms};
    BYTE answer[300];
    DWORD size = sizeof(answer);
    return SCardTransmit(card, SCARD_PCI_T1, bytes, sizeof(bytes), NULL, answer, &size);
}

static SCARDCONTEXT new_context(void)
{
    SCARDCONTEXT context = 0;
    EXPECT(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), 0);
    return context;
}

static SCARDHANDLE new_card(SCARDCONTEXT context)
{
    SCARDHANDLE card = 0;
    DWORD active = 0;
    EXPECT(SCardConnect(context, READER, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1, &card,
                        &active),
           0);
    return card;
}

static void one_of_crowd(unsigned number)
{
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context);
    for (int i = 0; i < ROUNDS; i++) {
        EXPECT(SCardBeginTransaction(card), 0);
        if (__atomic_add_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST) != 1)
            __atomic_add_fetch(&shared->broken, 1, __ATOMIC_SEQ_CST);
        EXPECT(command(card, 0), 0);
        __atomic_sub_fetch(&shared->inside, 1, __ATOMIC_SEQ_CST);
        EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
        shared->shares[number]++;
    }
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0); /* or the others' is reset */
    EXPECT(SCardReleaseContext(context), 0);
}

static void test_crowd(void)
{
    pid_t pids[CROWD];
    for (unsigned i = 0; i < CROWD; i++) {
        pids[i] = fork();
        if (pids[i] == 0) {
            check_failures = 0;
            one_of_crowd(i);
            _exit(check_failures == 0 ? 0 : 1);
        }
    }
    for (unsigned i = 0; i < CROWD; i++) {
        int status = -1;
        waitpid(pids[i], &status, 0);
        CHECK_EQ(status, 0);
        CHECK_EQ(shared->shares[i], ROUNDS);
    }
    CHECK_EQ(shared->broken, 0);
}

/* --- kill -9 of clients ------------------------------------------------------------- */

enum state { HOLDING, RUNNING, WAITING_TURN, WATCHING, IN_A_LOOP, STATES };

static void *hold_and_run(void *argument)
{
    (void)command(*(SCARDHANDLE *)argument, 60000);
    return NULL;
}

static void be_in(enum state state)
{
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context);
    SCARD_READERSTATE reader = {.szReader = "\\\\?PnP?\\Notification"};
    pthread_t thread;
    reader.dwCurrentState = 1u << 16;
    if (state != WAITING_TURN)
        EXPECT(SCardBeginTransaction(card), 0);
    if (state == RUNNING)
        (void)pthread_create(&thread, NULL, hold_and_run, &card);
    usleep(20000);
    __atomic_store_n(&shared->ready, 1, __ATOMIC_SEQ_CST);
    if (state == WAITING_TURN)
        (void)SCardBeginTransaction(card);
    while (state == WATCHING)
        (void)SCardGetStatusChange(context, INFINITE, &reader, 1);
    while (state == IN_A_LOOP)
        (void)command(card, 0);
    for (;;)
        pause();
}

static void test_killed_clients(void)
{
    static const char *const names[STATES] = {"holding", "running", "waiting", "watching",
                                              "in a loop"};
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context);
    for (int i = 0; i < 2 * STATES; i++) {
        enum state state = (enum state)(i % STATES);
        int status;
        if (state == WAITING_TURN)
            EXPECT(SCardBeginTransaction(card), 0);
        __atomic_store_n(&shared->ready, 0, __ATOMIC_SEQ_CST);
        pid_t pid = fork();
        if (pid == 0)
            be_in(state);
        while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) == 0)
            usleep(1000);
        usleep(30000);
        kill(pid, SIGKILL);
        waitpid(pid, &status, 0);
        uint64_t begin_ns = os_now_ns();
        if (state == WAITING_TURN)
            EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
        EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                              SCARD_LEAVE_CARD, &(DWORD){0}),
               0);
        EXPECT(SCardBeginTransaction(card), 0);
        uint64_t spent_us = (os_now_ns() - begin_ns) / 1000;
        if (i < STATES)
            printf("killed %s: free after %u us\n", names[state], (unsigned)spent_us);
        CHECK(spent_us < 1500000);
        EXPECT(command(card, 0), 0);
        EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
    }
    EXPECT(SCardReleaseContext(context), 0);
}

/* --- kill -9 of the service --------------------------------------------------------- */

struct waiter {
    SCARDCONTEXT context;
    SCARDHANDLE card;
    LONG result;
    pthread_t thread;
};

static void *watch(void *argument)
{
    struct waiter *waiter = argument;
    SCARD_READERSTATE reader = {.szReader = "\\\\?PnP?\\Notification",
                                .dwCurrentState = 1u << 16};
    do
        waiter->result = SCardGetStatusChange(waiter->context, INFINITE, &reader, 1);
    while (waiter->result == 0);
    return NULL;
}

static void *run_long(void *argument)
{
    struct waiter *waiter = argument;
    waiter->result = command(waiter->card, 30000);
    return NULL;
}

/* A question whether it is valid does not count. */
static void expect_told_once(SCARDCONTEXT context)
{
    EXPECT(SCardIsValidContext(context), SCARD_E_SERVICE_STOPPED);
    EXPECT(SCardCancel(context), SCARD_E_SERVICE_STOPPED);
    EXPECT(SCardIsValidContext(context), SCARD_E_INVALID_HANDLE);
}

static void test_killed_service(void)
{
    for (int i = 0; i < 4; i++) {
        bool busy = i % 2 == 0;
        struct waiter watcher = {0}, runner = {0};
        SCARDCONTEXT context = new_context(), other = new_context();
        SCARDHANDLE card = new_card(context);
        EXPECT(SCardIsValidContext(context), 0);
        EXPECT(SCardBeginTransaction(card), 0);
        watcher.context = runner.context = other;
        runner.card = card;
        if (busy) {
            CHECK_EQ(pthread_create(&watcher.thread, NULL, watch, &watcher), 0);
            CHECK_EQ(pthread_create(&runner.thread, NULL, run_long, &runner), 0);
            usleep(100000);
        }
        kill_service();
        if (busy) {
            pthread_join(watcher.thread, NULL);
            pthread_join(runner.thread, NULL);
            EXPECT(watcher.result, SCARD_E_SERVICE_STOPPED);
            EXPECT(runner.result, SCARD_E_SERVICE_STOPPED);
        }
        if (i >= 2) { /* noticed while there is none, or when there is a new one */
            if (!busy)
                EXPECT(command(card, 0), SCARD_E_SERVICE_STOPPED);
            EXPECT(command(card, 0), SCARD_E_INVALID_HANDLE);
            SCARDCONTEXT none = 0;
            EXPECT(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &none),
                   SCARD_E_NO_SERVICE);
            start_service();
        } else {
            start_service();
            if (!busy)
                EXPECT(command(card, 0), SCARD_E_SERVICE_STOPPED);
        }
        expect_told_once(context);
        SCARDCONTEXT fresh = new_context();
        CHECK(fresh != context && fresh != other);
        EXPECT(SCardIsValidContext(context), SCARD_E_INVALID_HANDLE);
        EXPECT(SCardIsValidContext(fresh), 0);
        EXPECT(command(card, 0), SCARD_E_INVALID_HANDLE);
        SCARDHANDLE again = new_card(fresh);
        CHECK(again != card);
        EXPECT(command(card, 0), SCARD_E_INVALID_HANDLE);
        EXPECT(command(again, 0), 0);
        EXPECT(SCardReleaseContext(context), SCARD_E_INVALID_HANDLE);
        EXPECT(SCardReleaseContext(fresh), 0);
    }
}

/* The service dies while nobody looks; the next thing that is done is to begin anew. */
static void test_quiet_restart(void)
{
    SCARDCONTEXT context = new_context(), other = new_context();
    kill_service();
    start_service();
    SCARDCONTEXT fresh = new_context();
    expect_told_once(other);
    expect_told_once(context);
    EXPECT(SCardReleaseContext(fresh), 0);
}

static pthread_barrier_t together;

static void *find_stopped(void *argument)
{
    SCARDCONTEXT *context = argument;
    (void)pthread_barrier_wait(&together);
    expect_told_once(*context);
    return NULL;
}

/* It dies, and calls with many contexts find out at the same time: each of them is told of
 * it, whichever was first. */
static void test_found_at_once(void)
{
    pthread_t threads[THREADS];
    SCARDCONTEXT contexts[THREADS];
    CHECK_EQ(pthread_barrier_init(&together, NULL, THREADS), 0);
    for (int i = 0; i < DEATHS; i++) {
        for (unsigned k = 0; k < THREADS; k++)
            contexts[k] = new_context();
        kill_service();
        for (unsigned k = 0; k < THREADS; k++)
            CHECK_EQ(pthread_create(&threads[k], NULL, find_stopped, &contexts[k]), 0);
        for (unsigned k = 0; k < THREADS; k++)
            (void)pthread_join(threads[k], NULL);
        start_service();
    }
    (void)pthread_barrier_destroy(&together);
}

/* --- Forks -------------------------------------------------------------------------- */

/* A child lives on after its parent is killed inside a call; what the parent held is free
 * all the same. */
static void test_fork(void)
{
    int status = -1;
    __atomic_store_n(&shared->ready, 0, __ATOMIC_SEQ_CST);
    pid_t parent = fork();
    if (parent == 0) {
        struct waiter watcher = {.context = new_context()};
        SCARDHANDLE card = new_card(watcher.context);
        EXPECT(SCardBeginTransaction(card), 0);
        (void)pthread_create(&watcher.thread, NULL, watch, &watcher);
        usleep(50000);
        pid_t child = fork();
        if (child == 0) {
            EXPECT(SCardIsValidContext(watcher.context), SCARD_E_INVALID_HANDLE);
            EXPECT(command(card, 0), SCARD_E_INVALID_HANDLE);
            SCARDCONTEXT own = new_context();
            EXPECT(SCardIsValidContext(own), 0);
            EXPECT(SCardReleaseContext(own), 0);
            own = new_context();
            __atomic_store_n(&shared->ready, check_failures == 0 ? 1 : 2,
                             __ATOMIC_SEQ_CST);
            sleep(20);
            _exit(0);
        }
        shared->shares[0] = (uint32_t)child;
        for (;;)
            pause();
    }
    while (__atomic_load_n(&shared->ready, __ATOMIC_SEQ_CST) == 0)
        usleep(1000);
    CHECK_EQ(shared->ready, 1);
    kill(parent, SIGKILL);
    waitpid(parent, &status, 0);
    SCARDCONTEXT context = new_context();
    uint64_t begin_ms = os_now_ms();
    SCARDHANDLE card = new_card(context);
    LONG begun = SCardBeginTransaction(card);
    if (begun
        == SCARD_W_RESET_CARD) { /* the parent's end was seen after our connecting */
        DWORD protocol;
        EXPECT(SCardReconnect(card, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                              SCARD_LEAVE_CARD, &protocol),
               0);
        begun = SCardBeginTransaction(card);
    }
    EXPECT(begun, 0);
    CHECK(os_now_ms() - begin_ms < 1500);
    EXPECT(SCardReleaseContext(context), 0);
    kill((pid_t)shared->shares[0], SIGKILL);
}

/* --- Threads ------------------------------------------------------------------------ */

static void *use(void *argument)
{
    struct waiter *waiter = argument;
    for (int i = 0; i < 60; i++) {
        SCARDHANDLE card = new_card(waiter->context);
        DWORD size = 0;
        EXPECT(SCardBeginTransaction(card), 0);
        EXPECT(command(card, 0), 0);
        EXPECT(SCardEndTransaction(card, SCARD_LEAVE_CARD), 0);
        EXPECT(SCardListReaders(waiter->context, NULL, NULL, &size), 0);
        EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    }
    return NULL;
}

static void *come_and_go(void *argument)
{
    (void)argument;
    for (int i = 0; i < 200; i++) {
        SCARDCONTEXT context = new_context();
        EXPECT(SCardIsValidContext(context), 0);
        EXPECT(SCardReleaseContext(context), 0);
    }
    return NULL;
}

static void test_threads(void)
{
    struct waiter users[THREADS], watcher = {.context = new_context()};
    CHECK_EQ(pthread_create(&watcher.thread, NULL, watch, &watcher), 0);
    for (int i = 0; i < THREADS; i++) {
        users[i].context = watcher.context;
        CHECK_EQ(pthread_create(&users[i].thread, NULL, use, &users[i]), 0);
    }
    for (int i = 0; i < THREADS; i++)
        pthread_join(users[i].thread, NULL);
    EXPECT(SCardCancel(watcher.context), 0);
    pthread_join(watcher.thread, NULL);
    EXPECT(watcher.result, SCARD_E_CANCELLED);
    EXPECT(SCardReleaseContext(watcher.context), 0);
    for (int i = 0; i < THREADS; i++)
        CHECK_EQ(pthread_create(&users[i].thread, NULL, come_and_go, NULL), 0);
    for (int i = 0; i < THREADS; i++)
        pthread_join(users[i].thread, NULL);
}

/* --- Crowds of connections ---------------------------------------------------------- */

/* All at once: first they connect, then they speak. */
static void test_at_once(void)
{
    static struct raw *raws[AT_ONCE];
    uint64_t begin_ms = os_now_ms();
    for (int i = 0; i < AT_ONCE; i++) {
        raws[i] = calloc(1, sizeof(*raws[i]));
        CHECK(raws[i] != NULL && raw_connect(raws[i], service.path));
    }
    for (int i = 0; i < AT_ONCE; i++)
        RAW_REQUEST(raws[i], hello, .version_min = 1, .version_max = 1);
    for (int i = 0; i < AT_ONCE; i++) {
        CHECK_EQ(raw_receive(raws[i]), 0);
        RAW_REQUEST(raws[i], establish, .abi = 0);
    }
    for (int i = 0; i < AT_ONCE; i++) {
        struct message_response_establish reply;
        CHECK_EQ(raw_receive(raws[i]), 0);
        CHECK(message_get_response_establish(&raws[i]->reader, &reply));
        raw_request_watch(raws[i], reply.context, "Nobody", 4, 3600000);
    }
    printf("%d clients at once: %u ms\n", AT_ONCE, (unsigned)(os_now_ms() - begin_ms));
    SCARDCONTEXT context = new_context();
    EXPECT(SCardReleaseContext(context), 0);
    for (int i = 0; i < AT_ONCE; i++) {
        raw_close(raws[i]);
        free(raws[i]);
    }
}

static void test_idle(void)
{
    static int fds[IDLE];
    struct raw *raw = calloc(1, sizeof(*raw));
    int count = 0;
    CHECK(daemon_answers(&service));
    long before = service_rss_kib();
    while (count < IDLE && raw_open(raw, service.path) && raw_establish(raw) != 0) {
        fds[count++] = raw->fd;
        free(raw->in);
        raw->in = NULL;
    }
    long after = service_rss_kib();
    printf("%d idle clients: %ld KiB before, %ld KiB after, %.2f KiB each\n", count,
           before, after, (double)(after - before) / (count > 0 ? count : 1));
    CHECK(count == IDLE || errno == EMFILE);
    uint64_t begin_ns = os_now_ns();
    SCARDCONTEXT context = new_context();
    SCARDHANDLE card = new_card(context);
    EXPECT(command(card, 0), 0);
    EXPECT(SCardReleaseContext(context), 0);
    printf("a client beside them: %u us\n", (unsigned)((os_now_ns() - begin_ns) / 1000));
    begin_ns = os_now_ns();
    for (int i = 0; i < count; i++)
        close(fds[i]);
    context = new_context();
    EXPECT(SCardReleaseContext(context), 0);
    printf("they go: %u us\n", (unsigned)((os_now_ns() - begin_ns) / 1000));
    free(raw);
}

static uint64_t service_cpu_ns(void)
{
    clockid_t clock;
    struct timespec time = {0};
    if (clock_getcpuclockid(service.pid, &clock) == 0)
        (void)clock_gettime(clock, &time);
    return (uint64_t)time.tv_sec * 1000000000U + (uint64_t)time.tv_nsec;
}

static int connect_only(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", service.path);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    return fd;
}

/* Out of descriptors with clients at the door: the service does not run round in circles,
 * and serves them when there is room again. */
static void test_no_descriptors(void)
{
    enum { WAITING = 60, FEW = 24 };
    int fds[WAITING];
    struct rlimit few, before;
    CHECK(daemon_answers(&service));
    CHECK(prlimit(service.pid, RLIMIT_NOFILE, NULL, &before) == 0);
    few = before;
    few.rlim_cur = FEW;
    CHECK(prlimit(service.pid, RLIMIT_NOFILE, &few, NULL) == 0);
    for (int i = 0; i < WAITING; i++)
        fds[i] = connect_only();
    uint64_t cpu_ns = service_cpu_ns(), begin_ns = os_now_ns();
    usleep(500000);
    cpu_ns = service_cpu_ns() - cpu_ns;
    printf("out of descriptors: %u us of processor time in %u ms\n",
           (unsigned)(cpu_ns / 1000), (unsigned)((os_now_ns() - begin_ns) / 1000000));
    CHECK(cpu_ns * 5 < os_now_ns() - begin_ns);
    for (int i = 0; i < WAITING - 4; i++)
        (void)close(fds[i]);
    CHECK(daemon_answers(&service));
    for (int i = WAITING - 4; i < WAITING; i++)
        (void)close(fds[i]);
    CHECK(prlimit(service.pid, RLIMIT_NOFILE, &before, NULL) == 0);
    CHECK(daemon_answers(&service));
}

int main(void)
{
    struct rlimit limit;
    if (!daemon_place(&service))
        return 2;
    (void)getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    (void)setrlimit(RLIMIT_NOFILE, &limit);
    setenv("WINSCARD_SERVICE", service.endpoint, 1);
    setenv("WINSCARD_CARRIER", "service", 1);
    shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
                  MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (shared == MAP_FAILED)
        return 2;
    start_service();
    test_crowd();
    test_killed_clients();
    test_fork();
    test_threads();
    test_killed_service();
    test_quiet_restart();
    test_found_at_once();
    test_at_once();
    test_no_descriptors();
    test_idle();
    CHECK(daemon_stop(&service));
    rmdir(service.directory);
    printf("%u calls\n", expected);
    return check_result();
}
