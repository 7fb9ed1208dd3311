/* SPDX-License-Identifier: BSD-2-Clause */
/* Stop tokens: raised before, while and after somebody works with one, for one piece of
 * work after the other. */
#include "os/stop.h"

#include "base/atomic.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/support/check.h"

enum { HANG_MS = 60000, ROUNDS = 2000 };

struct work {
    struct os_stop stop;
    struct os_mutex lock;
    struct os_cond woken;
    bool began;    /* under the lock */
    uint32_t runs; /* of `count`; atomic */
};

static void count(void *context)
{
    struct work *work = context;
    CHECK(os_stop_raised(&work->stop));
    (void)atomic_add_u32(&work->runs, 1);
}

static void init(struct work *work)
{
    *work = (struct work){.lock = OS_MUTEX_INIT};
    os_stop_init(&work->stop);
    os_cond_init(&work->woken);
}

static void destroy(struct work *work)
{
    os_stop_destroy(&work->stop);
    os_cond_destroy(&work->woken);
    os_mutex_destroy(&work->lock);
}

static void check_calls(void)
{
    struct work work;
    init(&work);
    struct os_stop_call one = {.run = count, .context = &work}, other = one;
    os_stop_call(&work.stop, &one);
    os_stop_call(&work.stop, &other);
    CHECK(!os_stop_raised(&work.stop));
    CHECK_EQ(work.runs, 0);
    os_stop_raise(&work.stop);
    os_stop_raise(&work.stop);
    CHECK_EQ(work.runs, 2); /* each once */
    os_stop_forget(&work.stop, &one);
    os_stop_forget(&work.stop, &other);
    os_stop_call(&work.stop, &one); /* it is raised already */
    CHECK_EQ(work.runs, 3);
    os_stop_forget(&work.stop, &one);
    os_stop_lower(&work.stop);
    CHECK(!os_stop_raised(&work.stop));
    os_stop_call(&work.stop, &one);
    os_stop_forget(&work.stop, &one);
    os_stop_raise(&work.stop); /* what is forgotten is not called */
    CHECK_EQ(work.runs, 3);
    destroy(&work);
}

static void check_wait(void)
{
    struct os_stop stop = OS_STOP_INIT;
    uint64_t start_ms = os_now_ms();
    CHECK(!os_stop_wait(&stop, start_ms + 20));
    CHECK(os_now_ms() >= start_ms + 20);
    os_stop_raise(&stop);
    CHECK(os_stop_wait(&stop, OS_FOREVER));
    os_stop_lower(&stop);
    CHECK(!os_stop_wait(&stop, 0));
    os_stop_destroy(&stop);
}

/* Works again and again, until each has been stopped. */
static void wait_rounds(void *context)
{
    struct work *work = context;
    for (int i = 0; i < ROUNDS; i++) {
        os_mutex_lock(&work->lock);
        work->began = true;
        os_cond_signal(&work->woken);
        os_mutex_unlock(&work->lock);
        CHECK(os_stop_wait(&work->stop, os_now_ms() + HANG_MS));
        os_mutex_lock(&work->lock);
        os_stop_lower(&work->stop);
        work->began = false;
        os_mutex_unlock(&work->lock);
    }
}

/* As the host does: raises under the lock that the work begins and ends under. Each raise
 * ends one wait, wherever that is, and no other. */
static void check_rounds(void)
{
    struct work work;
    struct os_thread thread;
    init(&work);
    CHECK_EQ(os_thread_start(&thread, "wait", wait_rounds, &work), SC_OK);
    for (int i = 0; i < ROUNDS; i++) {
        os_mutex_lock(&work.lock);
        while (!work.began || os_stop_raised(&work.stop)) {
            os_mutex_unlock(&work.lock);
            os_mutex_lock(&work.lock);
        }
        os_stop_raise(&work.stop);
        os_mutex_unlock(&work.lock);
    }
    os_thread_join(&thread);
    CHECK(!os_stop_raised(&work.stop));
    destroy(&work);
}

static void call_rounds(void *context)
{
    struct work *work = context;
    for (int i = 0; i < ROUNDS; i++) {
        struct os_stop_call call = {.run = count, .context = work};
        os_stop_call(&work->stop, &call);
        os_stop_forget(&work->stop, &call);
        uint32_t runs = atomic_load_u32(&work->runs);
        CHECK(runs <= 1); /* the next is not called before this one is forgotten */
        atomic_store_u32(&work->runs, 0);
        os_stop_lower(&work->stop);
    }
}

/* A call that is just being forgotten: it has run, or never does. */
static void check_race(void)
{
    struct work work;
    struct os_thread thread;
    init(&work);
    CHECK_EQ(os_thread_start(&thread, "call", call_rounds, &work), SC_OK);
    for (int i = 0; i < ROUNDS; i++)
        os_stop_raise(&work.stop);
    os_thread_join(&thread);
    destroy(&work);
}

int main(void)
{
    check_calls();
    check_wait();
    check_rounds();
    check_race();
    return check_result();
}
