/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads of an application that are cancelled: inside a wait the undo runs with the
 * mutex held, everywhere else between os_cancel_off and os_cancel_restore not at all. */
#include "os/cancel.h"
#include "os/lock.h"
#include "os/time.h"

#include "base/atomic.h"
#include "tests/support/check.h"

#include <errno.h>
#include <time.h>

struct waiter {
    struct os_mutex mutex;
    struct os_cond cond;
    uint64_t deadline_ms;
    unsigned depth;    /* of os_cancel_off around the wait */
    int state, type;   /* the application's own */
    unsigned waiting;  /* under the mutex: the thread is in its wait */
    unsigned go;       /* under the mutex: what it waits for */
    unsigned undone;   /* how often undo ran */
    unsigned unlocked; /* undo ran without the mutex */
    bool returned, in_time;
    int state_after, type_after; /* what was found when the wait returned */
};

static void undo(void *context)
{
    struct waiter *waiter = context;
    waiter->undone++;
    waiter->waiting = 0; /* the thread sanitizer sees it if the mutex is not held */
    if (pthread_mutex_trylock(&waiter->mutex.native) != EBUSY)
        waiter->unlocked++;
}

static void *wait_as_told(void *argument)
{
    struct waiter *waiter = argument;
    int ignored;
    pthread_setcancelstate(waiter->state, &ignored);
    for (unsigned i = 0; i < waiter->depth; i++)
        os_cancel_off();
    os_mutex_lock(&waiter->mutex);
    waiter->waiting = 1;
    pthread_setcanceltype(waiter->type, &ignored);
    bool in_time = true;
    while (waiter->go == 0 && in_time)
        in_time = os_cond_wait_cancellable(&waiter->cond, &waiter->mutex,
                                           waiter->deadline_ms, undo, waiter);
    pthread_setcanceltype(PTHREAD_CANCEL_DEFERRED, &waiter->type_after);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &waiter->state_after);
    waiter->in_time = in_time;
    waiter->returned = true;
    os_mutex_unlock(&waiter->mutex);
    pthread_setcancelstate(waiter->state_after, &ignored);
    for (unsigned i = 0; i < waiter->depth; i++)
        os_cancel_restore();
    pthread_testcancel();
    return NULL;
}

static void waiter_init(struct waiter *waiter)
{
    memset(waiter, 0, sizeof(*waiter));
    os_mutex_init(&waiter->mutex);
    os_cond_init(&waiter->cond);
    waiter->deadline_ms = OS_FOREVER;
    waiter->state = PTHREAD_CANCEL_ENABLE;
    waiter->type = PTHREAD_CANCEL_DEFERRED;
}

static void waiter_clear(struct waiter *waiter)
{
    os_cond_destroy(&waiter->cond);
    os_mutex_destroy(&waiter->mutex);
}

static void await_waiting(struct waiter *waiter)
{
    unsigned waiting = 0;
    while (waiting == 0) {
        os_mutex_lock(&waiter->mutex);
        waiting = waiter->waiting;
        os_mutex_unlock(&waiter->mutex);
    }
}

static void let_go(struct waiter *waiter)
{
    os_mutex_lock(&waiter->mutex);
    waiter->go = 1;
    os_cond_signal(&waiter->cond);
    os_mutex_unlock(&waiter->mutex);
}

/* Cancelled in the wait, at each depth and with each type. */
static void check_cancelled(unsigned depth, int type, bool at_once)
{
    struct waiter waiter;
    pthread_t thread;
    void *result = NULL;
    waiter_init(&waiter);
    waiter.depth = depth;
    waiter.type = type;
    CHECK_EQ(pthread_create(&thread, NULL, wait_as_told, &waiter), 0);
    if (!at_once)
        await_waiting(&waiter);
    CHECK_EQ(pthread_cancel(thread), 0);
    CHECK_EQ(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK_EQ(waiter.undone, 1);
    CHECK_EQ(waiter.unlocked, 0);
    CHECK(!waiter.returned);
    CHECK_EQ(pthread_mutex_trylock(&waiter.mutex.native), 0); /* it was unlocked */
    os_mutex_unlock(&waiter.mutex);
    waiter_clear(&waiter);
}

static void test_cancelled(void)
{
    for (unsigned depth = 0; depth <= 3; depth++) {
        check_cancelled(depth, PTHREAD_CANCEL_DEFERRED, false);
        check_cancelled(depth, PTHREAD_CANCEL_ASYNCHRONOUS, false);
    }
    /* The cancellation comes before the wait, or anywhere in its beginning. */
    for (unsigned i = 0; i < 200; i++)
        check_cancelled(1 + i % 2, PTHREAD_CANCEL_DEFERRED, true);
}

/* A thread that the application made uncancellable stays so. */
static void test_application_disabled(void)
{
    for (unsigned depth = 0; depth <= 2; depth++) {
        struct waiter waiter;
        pthread_t thread;
        void *result = &waiter;
        waiter_init(&waiter);
        waiter.depth = depth;
        waiter.state = PTHREAD_CANCEL_DISABLE;
        CHECK_EQ(pthread_create(&thread, NULL, wait_as_told, &waiter), 0);
        await_waiting(&waiter);
        CHECK_EQ(pthread_cancel(thread), 0);
        struct timespec pause = {.tv_nsec = 5000000};
        nanosleep(&pause, NULL);
        let_go(&waiter);
        CHECK_EQ(pthread_join(thread, &result), 0);
        CHECK(result == NULL);
        CHECK_EQ(waiter.undone, 0);
        CHECK(waiter.returned && waiter.in_time);
        CHECK_EQ(waiter.state_after, PTHREAD_CANCEL_DISABLE);
        waiter_clear(&waiter);
    }
}

/* A wait that ends leaves state and type as they were; one that times out says so. */
static void check_return(unsigned depth, int type, bool in_time)
{
    struct waiter waiter;
    pthread_t thread;
    void *result = &waiter;
    waiter_init(&waiter);
    waiter.depth = depth;
    waiter.type = type;
    waiter.deadline_ms = in_time ? OS_FOREVER : os_now_ms() + 5;
    CHECK_EQ(pthread_create(&thread, NULL, wait_as_told, &waiter), 0);
    if (in_time) {
        await_waiting(&waiter);
        let_go(&waiter);
    }
    CHECK_EQ(pthread_join(thread, &result), 0);
    CHECK(result == NULL);
    CHECK_EQ(waiter.undone, 0);
    CHECK_EQ(waiter.in_time, in_time);
    CHECK_EQ(waiter.state_after,
             depth != 0 ? PTHREAD_CANCEL_DISABLE : PTHREAD_CANCEL_ENABLE);
    CHECK_EQ(waiter.type_after, type);
    waiter_clear(&waiter);
}

static void test_return(void)
{
    for (unsigned depth = 0; depth <= 2; depth++) {
        check_return(depth, PTHREAD_CANCEL_DEFERRED, true);
        check_return(depth, PTHREAD_CANCEL_ASYNCHRONOUS, true);
        check_return(depth, PTHREAD_CANCEL_DEFERRED, false);
    }
}

/* How far a thread came that was cancelled before it began. */
static uint32_t reached, may_begin;

static void *pass_cancellation_points(void *argument)
{
    (void)argument;
    os_cancel_off();
    atomic_store_u32(&reached, 1);
    while (atomic_load_u32(&may_begin) == 0)
        continue;
    pthread_testcancel();
    atomic_store_u32(&reached, 2);
    os_cancel_off();
    pthread_testcancel();
    os_cancel_restore(); /* the inner one: still off */
    pthread_testcancel();
    atomic_store_u32(&reached, 3);
    os_cancel_restore();
    pthread_testcancel();
    atomic_store_u32(&reached, 4);
    return NULL;
}

static void test_off(void)
{
    pthread_t thread;
    void *result = NULL;
    CHECK_EQ(pthread_create(&thread, NULL, pass_cancellation_points, NULL), 0);
    while (atomic_load_u32(&reached) == 0)
        continue;
    CHECK_EQ(pthread_cancel(thread), 0);
    atomic_store_u32(&may_begin, 1);
    CHECK_EQ(pthread_join(thread, &result), 0);
    CHECK(result == PTHREAD_CANCELED);
    CHECK_EQ(atomic_load_u32(&reached), 3);
}

int main(void)
{
    test_cancelled();
    test_application_disabled();
    test_return();
    test_off();
    return check_result();
}
