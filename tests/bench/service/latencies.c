/* SPDX-License-Identifier: BSD-2-Clause */
/* How long one client waits for what another does: hands over a transaction, dies in one,
 * stops in one, cancels; and for a card. In milliseconds, median and worst. */
#include "tests/bench/service/measure.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    TIMES_MAX = 50,
    PARKED_US = 3000,  /* until a call that was about to wait does so */
    STOPPED_MS = 12000 /* patience with a client that is stopped */
};

/* Between the process that measures and its helpers. */
struct stage {
    uint32_t joined; /* the waiter is connected: while another has a transaction it may
                      * not get a handle */
    uint32_t ready;  /* the number of the round whose waiter is about to wait */
    uint32_t done;   /* the last round that is over */
    uint32_t held;   /* the holder has its transaction */
    uint32_t times;
    uint64_t since_ns;
    double ms[TIMES_MAX];
};

static struct stage *new_stage(uint32_t times)
{
    struct stage *stage = shared_memory(sizeof(*stage));
    stage->times = times;
    return stage;
}

static void note(struct stage *stage, uint32_t round)
{
    stage->ms[round - 1] = (double)(now_ns() - stage->since_ns) / 1e6;
    set(&stage->done, round);
}

static void report_times(const char *key, struct stage *stage)
{
    double worst = largest(stage->ms, stage->times);
    report(key, "-", "%.2f / %.2f ms", median(stage->ms, stage->times), worst);
}

/* Begins and ends a transaction in every round. */
static void transaction_waiter(void *argument)
{
    struct stage *stage = argument;
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_shared(context);
    set(&stage->joined, 1);
    for (uint32_t round = 1; round <= stage->times; round++) {
        await(&stage->held, round);
        set(&stage->ready, round);
        begin(card);
        note(stage, round);
        require(SCardEndTransaction(card, SCARD_LEAVE_CARD), "SCardEndTransaction");
    }
    require(SCardReleaseContext(context), "SCardReleaseContext");
}

static void measure_hand_over(uint32_t times)
{
    struct stage *stage = new_stage(times);
    pid_t waiter = start_process(transaction_waiter, stage);
    SCARDCONTEXT context = establish();
    SCARDHANDLE card = connect_shared(context);
    await(&stage->joined, 1);
    for (uint32_t round = 1; round <= times; round++) {
        begin(card);
        set(&stage->held, round);
        await(&stage->ready, round);
        sleep_us(PARKED_US);
        stage->since_ns = now_ns();
        require(SCardEndTransaction(card, SCARD_LEAVE_CARD), "SCardEndTransaction");
        await(&stage->done, round);
    }
    end_process(waiter);
    require(SCardReleaseContext(context), "SCardReleaseContext");
    report_times("hand-over", stage);
}

/* Begins a transaction and stays in it. */
static void transaction_holder(void *argument)
{
    struct stage *stage = argument;
    SCARDHANDLE card = connect_shared(establish());
    begin(card);
    set(&stage->held, stage->done + 1);
    for (;;)
        pause();
}

static void measure_killed(uint32_t times)
{
    struct stage *stage = new_stage(times);
    pid_t waiter = start_process(transaction_waiter, stage);
    await(&stage->joined, 1);
    for (uint32_t round = 1; round <= times; round++) {
        pid_t holder = start_process(transaction_holder, stage);
        await(&stage->ready, round);
        sleep_us(PARKED_US);
        stage->since_ns = now_ns();
        kill_process(holder);
        await(&stage->done, round);
    }
    end_process(waiter);
    report_times("killed", stage);
}

static void measure_stopped(void)
{
    struct stage *stage = new_stage(1);
    pid_t waiter = start_process(transaction_waiter, stage);
    await(&stage->joined, 1);
    pid_t holder = start_process(transaction_holder, stage);
    await(&stage->ready, 1);
    stage->since_ns = now_ns();
    kill(holder, SIGSTOP);
    if (await_for(&stage->done, 1, STOPPED_MS))
        report("stopped", "-", "%.0f ms", stage->ms[0]);
    else
        report("stopped", "-", "not in %d ms", STOPPED_MS);
    kill_process(holder);
    end_process(waiter);
}

/* Waits until the first reader has a card or has none. */
static void await_card(SCARDCONTEXT context, SCARD_READERSTATE *reader, DWORD wanted)
{
    do {
        reader->dwCurrentState = reader->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        require(SCardGetStatusChange(context, INFINITE, reader, 1),
                "SCardGetStatusChange");
    } while ((reader->dwEventState & wanted) == 0);
}

static void card_waiter(void *argument)
{
    struct stage *stage = argument;
    SCARDCONTEXT context = establish();
    SCARD_READERSTATE reader = {.szReader = first_reader(context)};
    require(SCardGetStatusChange(context, 0, &reader, 1), "SCardGetStatusChange");
    for (uint32_t round = 1; round <= stage->times; round++) {
        set(&stage->ready, round);
        await_card(context, &reader,
                   round % 2 != 0 ? SCARD_STATE_EMPTY : SCARD_STATE_PRESENT);
        note(stage, round);
    }
    require(SCardReleaseContext(context), "SCardReleaseContext");
}

static void measure_cards(uint32_t times)
{
    struct stage *stage = new_stage(times);
    pid_t waiter = start_process(card_waiter, stage);
    for (uint32_t round = 1; round <= times; round++) {
        await(&stage->ready, round);
        sleep_us(10 * PARKED_US);
        stage->since_ns = now_ns();
        card_event(round % 2 != 0 ? 'r' : 'i');
        await(&stage->done, round);
    }
    end_process(waiter);
    report_times("card-event", stage);
}

struct cancel {
    SCARDCONTEXT context;
    struct stage *stage;
};

static void *cancelled_waiter(void *argument)
{
    struct cancel *cancel = argument;
    SCARD_READERSTATE reader = {.szReader = first_reader(cancel->context)};
    require(SCardGetStatusChange(cancel->context, 0, &reader, 1), "SCardGetStatusChange");
    for (uint32_t round = 1; round <= cancel->stage->times; round++) {
        reader.dwCurrentState = reader.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        set(&cancel->stage->ready, round);
        LONG status = SCardGetStatusChange(cancel->context, INFINITE, &reader, 1);
        if (status != SCARD_E_CANCELLED)
            fail("SCardGetStatusChange is not cancelled");
        note(cancel->stage, round);
    }
    return NULL;
}

static void measure_cancel(uint32_t times)
{
    struct cancel cancel = {.context = establish(), .stage = new_stage(times)};
    pthread_t thread;
    if (pthread_create(&thread, NULL, cancelled_waiter, &cancel) != 0)
        fail("no more threads");
    for (uint32_t round = 1; round <= times; round++) {
        await(&cancel.stage->ready, round);
        sleep_us(PARKED_US);
        /* One that comes before the wait has begun is lost: once more then. */
        do {
            cancel.stage->since_ns = now_ns();
            require(SCardCancel(cancel.context), "SCardCancel");
        } while (!await_for(&cancel.stage->done, round, 1000));
    }
    pthread_join(thread, NULL);
    require(SCardReleaseContext(cancel.context), "SCardReleaseContext");
    report_times("cancel", cancel.stage);
}

void measure_latencies(bool quick)
{
    uint32_t times = quick ? 4 : TIMES_MAX;
    measure_hand_over(times);
    measure_killed(quick ? 2 : 20);
    measure_cancel(times);
    if (has_card_events())
        measure_cards(times);
    if (!quick)
        measure_stopped();
}
