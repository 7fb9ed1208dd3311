/* SPDX-License-Identifier: BSD-2-Clause */
/* Through the service: what a client lacks for one more call ends that call alone. Its
 * contexts and cards stay what they are, and what waits can still be ended. */
#include "base/atomic.h"
#include "face_test.h"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    REQUESTS = 256 /* the usual limit: winscard-policy.conf(5) */,
    BEYOND = 8,
    TRIES = 5000,
    WAITERS = 50
};

static SCARDCONTEXT context;

struct waiter {
    pthread_t thread;
    LONG status;
    uint32_t ended; /* atomic */
};

static void *wait_for_change(void *argument)
{
    struct waiter *waiter = argument;
    SCARD_READERSTATE state = {.szReader = READER_0, .dwCurrentState = SCARD_STATE_EMPTY};
    waiter->status = SCardGetStatusChange(context, INFINITE, &state, 1);
    atomic_store_u32(&waiter->ended, 1);
    return NULL;
}

/* SCardCancel is for who waits by then: so once more, until each has been ended. `want`:
 * what those got that could not wait. */
static void end_all(struct waiter *waiters, unsigned count, uint32_t want)
{
    for (unsigned i = 0; i < count; i++) {
        while (atomic_load_u32(&waiters[i].ended) == 0) {
            EXPECT(SCardCancel(context), 0);
            usleep(2000);
        }
        pthread_join(waiters[i].thread, NULL);
        waiters[i].ended = 0;
        CHECK((uint32_t)waiters[i].status == (uint32_t)SCARD_E_CANCELLED
              || (uint32_t)waiters[i].status == want);
    }
}

/* As many calls as may wait, and some more. */
static void check_too_many(void)
{
    static struct waiter waiters[REQUESTS + BEYOND];
    unsigned ended = 0;
    for (unsigned i = 0; i < REQUESTS + BEYOND; i++)
        CHECK(pthread_create(&waiters[i].thread, NULL, wait_for_change, &waiters[i])
              == 0);
    for (unsigned tries = 0; tries < TRIES && ended != BEYOND; tries++) {
        usleep(1000);
        ended = 0;
        for (unsigned i = 0; i < REQUESTS + BEYOND; i++)
            ended += atomic_load_u32(&waiters[i].ended);
    }
    CHECK_EQ(ended, BEYOND);
    EXPECT(SCardIsValidContext(context), SCARD_E_SERVER_TOO_BUSY);
    end_all(waiters, REQUESTS + BEYOND, (uint32_t)SCARD_E_SERVER_TOO_BUSY);
    EXPECT(SCardIsValidContext(context), 0);
}

/* Without a descriptor for the connection of one more call. */
static void check_no_descriptor(SCARDHANDLE card)
{
    struct waiter waiters[WAITERS] = {{.ended = 0}};
    struct rlimit before, none;
    unsigned count = 0;
    LONG status = 0;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    none = before;
    none.rlim_cur = 0;
    for (unsigned i = 0; i < TRIES && (uint32_t)status == 0; i++) {
        /* What is idle is used up first: by calls that wait. They take it or not,
         * whichever thread is faster, and may find no descriptor themselves. */
        if (i % (TRIES / WAITERS) == 0) {
            CHECK(pthread_create(&waiters[count].thread, NULL, wait_for_change,
                                 &waiters[count])
                  == 0);
            count++;
        }
        usleep(1000);
        CHECK(setrlimit(RLIMIT_NOFILE, &none) == 0);
        status = command(card);
        CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    }
    EXPECT(status, SCARD_E_NO_MEMORY);
    EXPECT(command(card), 0);
    end_all(waiters, count, (uint32_t)SCARD_E_NO_MEMORY);
    EXPECT(command(card), 0);
}

int main(void)
{
    setenv("WINSCARD_READERS", "fake:?count=2", 1);
    context = new_context();
    fake_insert(1);
    SCARDHANDLE card = new_card(context, READER_1);
    check_no_descriptor(card);
    check_too_many();
    EXPECT(command(card), 0);
    EXPECT(SCardDisconnect(card, SCARD_LEAVE_CARD), 0);
    EXPECT(SCardReleaseContext(context), 0);
    return check_result();
}
