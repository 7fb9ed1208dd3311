/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads, locks, condition variables and atomics, several threads at a time. */
#include "os/cancel.h"
#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "tests/support/check.h"

#include <pthread.h>
#include <stdlib.h>

enum { THREADS = 4, ROUNDS = 2000 };

static void run_threads(void (*run)(void *), void *context)
{
    struct os_thread threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        CHECK_EQ(os_thread_start(&threads[i], "test", run, context), SC_OK);
    for (unsigned i = 0; i < THREADS; i++)
        os_thread_join(&threads[i]);
}

/* --- Atomics ------------------------------------------------------------------------ */

static struct {
    uint32_t added, subtracted, counted, token, tokens_taken;
    uint64_t added64, subtracted64, counted64;
    uint32_t *pointer;
} shared;

static void count_atomically(void *context)
{
    (void)context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        atomic_add_u32(&shared.added, 3);
        atomic_sub_u32(&shared.subtracted, 3);
        atomic_add_u64(&shared.added64, UINT64_C(0x100000001));
        atomic_sub_u64(&shared.subtracted64, 3);
        uint32_t old;
        do
            old = atomic_load_u32(&shared.counted);
        while (!atomic_compare_exchange_u32(&shared.counted, old, old + 1));
        uint64_t old64;
        do
            old64 = atomic_load_u64(&shared.counted64);
        while (!atomic_compare_exchange_u64(&shared.counted64, old64, old64 + 1));
        atomic_add_u32(&shared.tokens_taken, atomic_exchange_u32(&shared.token, 0));
    }
}

static void test_atomics(void)
{
    const uint32_t n = THREADS * ROUNDS;
    shared.token = 1;
    run_threads(count_atomically, NULL);
    CHECK_EQ(shared.added, 3 * n);
    CHECK_EQ(shared.subtracted, 0U - 3 * n);
    CHECK_EQ(shared.added64, n * UINT64_C(0x100000001));
    CHECK_EQ(shared.subtracted64, UINT64_C(0) - 3 * n);
    CHECK_EQ(shared.counted, n);
    CHECK_EQ(shared.counted64, n);
    CHECK_EQ(shared.tokens_taken, 1); /* one thread got it */
}

/* What was written before a store is seen after the load; the thread sanitizer watches.
 */
static void publish(void *context)
{
    static uint32_t number;
    number = 42;
    atomic_store_pointer(&shared.pointer, &number);
    atomic_store_u32(context, 1);
}

static void test_publish(void)
{
    struct os_thread thread;
    uint32_t ready = 0, *got;
    CHECK_EQ(os_thread_start(&thread, "publish", publish, &ready), SC_OK);
    do
        got = atomic_load_pointer(&shared.pointer);
    while (got == NULL);
    CHECK_EQ(*got, 42);
    os_thread_join(&thread);
    CHECK_EQ(ready, 1);
}

/* --- Locks -------------------------------------------------------------------------- */

static struct os_mutex mutex = OS_MUTEX_INIT;
static struct os_cond cond;
static unsigned plain_count;

static void count_locked(void *context)
{
    struct os_mutex *which = context;
    for (unsigned i = 0; i < ROUNDS; i++) {
        os_mutex_lock(which);
        plain_count++;
        os_mutex_unlock(which);
    }
}

static void test_mutex(void)
{
    struct os_mutex made;
    run_threads(count_locked, &mutex);
    CHECK_EQ(plain_count, THREADS * ROUNDS);
    os_mutex_init(&made);
    plain_count = 0;
    run_threads(count_locked, &made);
    CHECK_EQ(plain_count, THREADS * ROUNDS);
    os_mutex_destroy(&made);
}

static unsigned turn, waiting;

static void take_turns(void *context)
{
    unsigned own = *(const unsigned *)context;
    os_mutex_lock(&mutex);
    for (unsigned i = 0; i < ROUNDS / 4; i++) {
        while (turn % 2 != own)
            os_cond_wait(&cond, &mutex, OS_FOREVER);
        turn++;
        os_cond_signal(&cond);
    }
    os_mutex_unlock(&mutex);
}

static void test_signal(void)
{
    struct os_thread thread;
    unsigned zero = 0, one = 1;
    turn = 0;
    CHECK_EQ(os_thread_start(&thread, "turns", take_turns, &one), SC_OK);
    take_turns(&zero);
    os_thread_join(&thread);
    CHECK_EQ(turn, ROUNDS / 2);
}

/* Waits for `turn` to be 1 with a deadline that lies so far that it must not count. */
static void wait_far(void *context)
{
    static const uint64_t deadlines[] = {OS_FOREVER, OS_FOREVER - 1, UINT64_C(1) << 45,
                                         UINT64_C(1) << 41};
    bool in_time = true;
    (void)context;
    os_mutex_lock(&mutex);
    uint64_t deadline_ms = deadlines[waiting++ % ARRAY_SIZE(deadlines)];
    while (turn != 1 && in_time)
        in_time = os_cond_wait(&cond, &mutex, deadline_ms);
    if (in_time)
        waiting--;
    os_mutex_unlock(&mutex);
}

static void *release_all(void *context)
{
    unsigned ready = 0;
    (void)context;
    while (ready != THREADS) {
        os_mutex_lock(&mutex);
        ready = waiting; /* then all are in the wait: they hold no lock */
        os_mutex_unlock(&mutex);
    }
    os_mutex_lock(&mutex);
    turn = 1;
    os_cond_broadcast(&cond);
    os_mutex_unlock(&mutex);
    return NULL;
}

static void test_broadcast(void)
{
    pthread_t releaser;
    turn = waiting = 0;
    CHECK_EQ(pthread_create(&releaser, NULL, release_all, NULL), 0);
    run_threads(wait_far, NULL);
    CHECK_EQ(pthread_join(releaser, NULL), 0);
    CHECK_EQ(waiting, 0);
}

static void test_timeout(void)
{
    static const unsigned waits_ms[] = {0, 1, 20, 60};
    os_mutex_lock(&mutex);
    CHECK(!os_cond_wait(&cond, &mutex, 0));
    for (size_t i = 0; i < ARRAY_SIZE(waits_ms); i++) {
        uint64_t before_ms = os_now_ms(), deadline_ms = before_ms + waits_ms[i];
        while (os_cond_wait(&cond, &mutex, deadline_ms))
            CHECK(os_now_ms() < before_ms + 20000);
        CHECK(os_now_ms() >= deadline_ms);
        CHECK(os_now_ms() < deadline_ms + 20000);
    }
    os_mutex_unlock(&mutex);
}

/* --- Long waits --------------------------------------------------------------------- */

static uint32_t told; /* under the mutex */

static void undo_nothing(void *context)
{
    (void)context; /* nobody is cancelled here */
}

static void wait_until_told(void *context)
{
    (void)context;
    os_mutex_lock(&mutex);
    while (told == 0)
        CHECK(os_cond_wait_cancellable(&cond, &mutex, OS_FOREVER, undo_nothing, NULL));
    told = 2;
    os_mutex_unlock(&mutex);
}

static void test_long_wait(void)
{
    struct os_thread thread;
    CHECK_EQ(os_thread_start(&thread, "wait", wait_until_told, NULL), SC_OK);
    os_mutex_lock(&mutex);
    told = 1;
    os_cond_signal(&cond);
    os_mutex_unlock(&mutex);
    os_thread_join(&thread);
    CHECK_EQ(told, 2);
    uint64_t deadline_ms = os_now_ms() + 20;
    os_mutex_lock(&mutex);
    while (os_cond_wait_cancellable(&cond, &mutex, deadline_ms, undo_nothing, NULL))
        CHECK(os_now_ms() < deadline_ms + CHECK_HANG_MS);
    os_mutex_unlock(&mutex);
    CHECK(os_now_ms() >= deadline_ms);
}

struct marked {
    struct os_thread_mark mark;
    uint32_t stage; /* atomic */
};

static void mark_and_wait(void *context)
{
    struct marked *marked = context;
    os_thread_mark(&marked->mark);
    atomic_store_u32(&marked->stage, 1);
    while (atomic_load_u32(&marked->stage) == 1)
        os_thread_yield();
}

/* The system may take a moment for the last of a thread that was joined. */
static void test_marks(void)
{
    struct marked marked = {.stage = 0};
    struct os_thread thread;
    os_thread_expect_ends();
    CHECK_EQ(os_thread_start(&thread, "marked", mark_and_wait, &marked), SC_OK);
    while (atomic_load_u32(&marked.stage) == 0)
        os_thread_yield();
    CHECK(!os_thread_has_ended(&marked.mark));
    atomic_store_u32(&marked.stage, 2);
    os_thread_join(&thread);
    uint64_t end_ms = os_now_ms() + CHECK_HANG_MS;
    while (!os_thread_has_ended(&marked.mark) && os_now_ms() < end_ms)
        os_thread_yield();
    CHECK(os_thread_has_ended(&marked.mark));
    os_thread_unmark(&marked.mark);
}

/* --- Faults ------------------------------------------------------------------------- */

static uint32_t failed, gate;

static void allocate(void *context)
{
    (void)context;
    while (atomic_load_u32(&gate) == 0)
        continue;
    for (unsigned i = 0; i < ROUNDS; i++) {
        void *memory = mem_alloc(16);
        if (memory == NULL)
            atomic_add_u32(&failed, 1);
        mem_free(memory);
    }
}

static void test_one_fault(void)
{
    struct os_thread threads[THREADS];
    for (unsigned i = 0; i < THREADS; i++)
        CHECK_EQ(os_thread_start(&threads[i], "allocate", allocate, NULL), SC_OK);
    uint32_t before = mem_allocation_count(); /* starting a thread takes one as well */
    mem_fail_at(THREADS * ROUNDS / 2);
    atomic_store_u32(&gate, 1);
    for (unsigned i = 0; i < THREADS; i++)
        os_thread_join(&threads[i]);
    mem_fail_at(0);
    CHECK_EQ(failed, 1);
    CHECK_EQ(mem_allocation_count() - before, THREADS * ROUNDS);
}

int main(void)
{
    os_cond_init(&cond);
    test_atomics();
    test_publish();
    test_mutex();
    test_signal();
    test_broadcast();
    test_timeout();
    test_long_wait();
    test_marks();
    test_one_fault();
    os_cond_destroy(&cond);
    os_mutex_destroy(&mutex);
    return check_result();
}
