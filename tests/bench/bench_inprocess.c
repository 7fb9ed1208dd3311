/* SPDX-License-Identifier: BSD-2-Clause */
/* What the way through the library costs in process, beside a floor measured in the same
 * run: the driver called directly, and two threads that wake each other. Prints figures
 * and ratios; asserts nothing about time. `bench_inprocess [scale]`: scale 1 takes a
 * second. */
#include "os/lock.h"
#include "os/stop.h"
#include "os/time.h"
#include "tests/support/fake.h"

#include <PCSC/winscard.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { THREADS = 16 };

static const BYTE command[5] = {0x00, 0xB0, 0x00, 0x00, 0x00};
static unsigned scale = 1;

static void require(LONG status, const char *what)
{
    if (status == SCARD_S_SUCCESS)
        return;
    fprintf(stderr, "%s: %s\n", what, pcsc_stringify_error(status));
    exit(1);
}

static SCARDCONTEXT establish(void)
{
    SCARDCONTEXT context;
    require(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context), "establish");
    return context;
}

static SCARDHANDLE connect_reader(SCARDCONTEXT context, unsigned number)
{
    char name[MAX_READERNAME];
    SCARDHANDLE card;
    DWORD protocol;
    snprintf(name, sizeof(name), "Fake Reader %02X 00", number);
    require(SCardConnect(context, name, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T0, &card,
                         &protocol),
            name);
    return card;
}

/* --- SCardTransmit ------------------------------------------------------------------ */

struct worker {
    pthread_t thread;
    SCARDHANDLE card; /* 0: call the driver directly */
    unsigned reader;
    unsigned rounds;
};

static void *transmit_many(void *argument)
{
    struct worker *worker = argument;
    BYTE answer[258];
    struct os_stop stop = OS_STOP_INIT;
    struct transfer transfer = {.job = {.deadline_ms = UINT64_MAX, .stop = &stop},
                                .in = command,
                                .in_size = sizeof(command),
                                .out = answer};
    for (unsigned i = 0; i < worker->rounds; i++) {
        if (worker->card == 0) {
            transfer.out_room = sizeof(answer);
            if (fake_driver.transmit(fake_device(worker->reader), PROTOCOL_T0, &transfer)
                != SC_OK)
                exit(1);
        } else {
            DWORD size = sizeof(answer);
            require(SCardTransmit(worker->card, SCARD_PCI_T0, command, sizeof(command),
                                  NULL, answer, &size),
                    "transmit");
        }
    }
    return NULL;
}

/* Nanoseconds per command over all threads together. */
static double time_transmit(const SCARDHANDLE *cards, unsigned threads, unsigned rounds)
{
    struct worker workers[THREADS];
    uint64_t start_ns = os_now_ns();
    for (unsigned i = 0; i < threads; i++) {
        workers[i].card = cards != NULL ? cards[i] : 0;
        workers[i].reader = i;
        workers[i].rounds = rounds;
        if (pthread_create(&workers[i].thread, NULL, transmit_many, &workers[i]) != 0)
            exit(1);
    }
    for (unsigned i = 0; i < threads; i++)
        pthread_join(workers[i].thread, NULL);
    return (double)(os_now_ns() - start_ns) / ((double)threads * rounds);
}

static double best_of(unsigned times, const SCARDHANDLE *cards, unsigned threads,
                      unsigned rounds)
{
    double best = 1e300;
    for (unsigned i = 0; i < times; i++) {
        double one = time_transmit(cards, threads, rounds);
        best = one < best ? one : best;
    }
    return best;
}

static void bench_transmit(SCARDCONTEXT context)
{
    SCARDHANDLE cards[THREADS];
    unsigned rounds = 100000 * scale;
    for (unsigned i = 0; i < THREADS; i++)
        cards[i] = connect_reader(context, i);
    double direct = best_of(5, NULL, 1, rounds);
    double library = best_of(5, cards, 1, rounds);
    printf("SCardTransmit, 1 thread: %.0f ns, driver alone %.0f ns: %.0f ns more\n",
           library, direct, library - direct);
    double direct_all = best_of(3, NULL, THREADS, rounds / 8);
    double library_all = best_of(3, cards, THREADS, rounds / 8);
    printf("SCardTransmit, %d threads on %d readers: %.2f times the rate of one thread "
           "(the driver alone: %.2f times)\n",
           THREADS, THREADS, library / library_all, direct / direct_all);
    for (unsigned i = 0; i < THREADS; i++)
        require(SCardDisconnect(cards[i], SCARD_LEAVE_CARD), "disconnect");
}

/* --- Contexts ----------------------------------------------------------------------- */

static double time_contexts(unsigned rounds)
{
    uint64_t start_ns = os_now_ns();
    for (unsigned i = 0; i < rounds; i++)
        require(SCardReleaseContext(establish()), "release");
    return (double)(os_now_ns() - start_ns) / rounds / 1000;
}

/* --- Waking ------------------------------------------------------------------------- */

struct wake {
    struct os_mutex lock;
    struct os_cond cond;
    unsigned turn;
    SCARDCONTEXT context;
    uint64_t event_ns, sum_ns, worst_ns;
    unsigned rounds;
};

static void note_wake(struct wake *wake)
{
    uint64_t late_ns = os_now_ns() - wake->event_ns;
    wake->sum_ns += late_ns;
    wake->worst_ns = late_ns > wake->worst_ns ? late_ns : wake->worst_ns;
}

static void pass_turn(struct wake *wake, unsigned turn)
{
    os_mutex_lock(&wake->lock);
    wake->turn = turn;
    os_cond_broadcast(&wake->cond);
    os_mutex_unlock(&wake->lock);
}

static void await_turn(struct wake *wake, unsigned turn)
{
    os_mutex_lock(&wake->lock);
    while (wake->turn != turn)
        os_cond_wait(&wake->cond, &wake->lock, OS_FOREVER);
    os_mutex_unlock(&wake->lock);
}

/* The floor: one thread wakes another by a condition variable. */
static void *wait_for_signal(void *argument)
{
    struct wake *wake = argument;
    for (unsigned i = 0; i < wake->rounds; i++) {
        await_turn(wake, 1);
        note_wake(wake);
        pass_turn(wake, 0);
    }
    return NULL;
}

static void *wait_for_card(void *argument)
{
    struct wake *wake = argument;
    SCARD_READERSTATE state = {.szReader = "Fake Reader 00 00"};
    require(SCardGetStatusChange(wake->context, 0, &state, 1), "first state");
    for (unsigned i = 0; i < wake->rounds; i++) {
        state.dwCurrentState = state.dwEventState;
        pass_turn(wake, 1);
        require(SCardGetStatusChange(wake->context, INFINITE, &state, 1), "wait");
        note_wake(wake);
    }
    pass_turn(wake, 2);
    return NULL;
}

static void drive_signals(struct wake *wake)
{
    for (unsigned i = 0; i < wake->rounds; i++) {
        wake->event_ns = os_now_ns();
        pass_turn(wake, 1);
        await_turn(wake, 0);
    }
}

static void drive_cards(struct wake *wake)
{
    for (unsigned i = 0; i < wake->rounds; i++) {
        await_turn(wake, 1);
        pass_turn(wake, 0);
        struct timespec pause = {0, 300000}; /* let it fall asleep in the call */
        nanosleep(&pause, NULL);
        wake->event_ns = os_now_ns();
        if (i % 2 == 0)
            fake_remove(0);
        else
            fake_insert(0);
    }
}

static double time_wakes(SCARDCONTEXT context, void *(*waiter)(void *),
                         void (*driver)(struct wake *), uint64_t *worst_ns)
{
    struct wake wake = {.context = context, .rounds = 500 * scale};
    pthread_t thread;
    os_mutex_init(&wake.lock);
    os_cond_init(&wake.cond);
    if (pthread_create(&thread, NULL, waiter, &wake) != 0)
        exit(1);
    driver(&wake);
    pthread_join(thread, NULL);
    *worst_ns = wake.worst_ns;
    return (double)wake.sum_ns / wake.rounds / 1000;
}

static void bench_wake(SCARDCONTEXT context)
{
    uint64_t floor_worst_ns, worst_ns;
    double floor_us =
        time_wakes(context, wait_for_signal, drive_signals, &floor_worst_ns);
    double wake_us = time_wakes(context, wait_for_card, drive_cards, &worst_ns);
    printf("SCardGetStatusChange wakes %.1f us after the driver's event (worst %.1f); a "
           "condition variable alone %.1f us (worst %.1f): %.1f times\n",
           wake_us, (double)worst_ns / 1000, floor_us, (double)floor_worst_ns / 1000,
           wake_us / floor_us);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        scale = (unsigned)strtoul(argv[1], NULL, 10);
    setenv("WINSCARD_READERS", "fake:?count=16&cards=1", 1);
    double alone_us = time_contexts(200 * scale);
    SCARDCONTEXT context = establish();
    printf("SCardEstablishContext+SCardReleaseContext: %.1f us beside another context, "
           "%.1f us when each starts and stops the manager with 16 readers\n",
           time_contexts(20000 * scale), alone_us);
    bench_transmit(context);
    bench_wake(context);
    require(SCardReleaseContext(context), "release");
    return 0;
}
