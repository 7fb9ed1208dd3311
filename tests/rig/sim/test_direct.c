/* SPDX-License-Identifier: BSD-2-Clause */
/* The direct transport: real time, several threads. */
#include "tests/rig/sim/direct.h"
#include "tests/rig/sim/test_parts.h"

#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"
#include "tests/support/check.h"

#include <string.h>

static const uint8_t power_on[] = {0x62, 0, 0, 0, 0, 0, 1, 0, 0, 0};
static const uint8_t wait_300[] = {0x6F, 4, 0, 0,    0,    0,    2,
                                   0,    0, 0, 0x80, 0xE2, 0x01, 0x2C};

struct job {
    struct sim_direct *direct;
    struct ccid_transport *transport;
    enum sc_error error;
    uint8_t bytes[512];
    size_t size;
};

static void receive(void *context)
{
    struct job *job = context;
    job->error = job->transport->receive(job->transport, 0, job->bytes,
                                         sizeof(job->bytes), &job->size, OS_FOREVER);
}

static void listen(void *context)
{
    struct job *job = context;
    job->error = sim_direct_listen(job->direct, 0, job->bytes, sizeof(job->bytes),
                                   &job->size, OS_FOREVER);
}

static void sleep_ms(uint32_t ms)
{
    struct os_mutex mutex;
    struct os_cond never;
    uint64_t end = os_now_ms() + ms;
    os_mutex_init(&mutex);
    os_cond_init(&never);
    os_mutex_lock(&mutex);
    while (os_now_ms() < end)
        (void)os_cond_wait(&never, &mutex, end);
    os_mutex_unlock(&mutex);
    os_cond_destroy(&never);
    os_mutex_destroy(&mutex);
}

static void test_exchange(struct job *job)
{
    struct ccid_transport *t = job->transport;
    struct os_thread thread;
    uint64_t deadline = os_now_ms() + 5000;
    CHECK_EQ(t->packet_size, 64);
    CHECK_EQ(os_thread_start(&thread, "receive", receive, job), SC_OK);
    CHECK_EQ(t->send(t, 0, power_on, sizeof(power_on), deadline), SC_OK);
    os_thread_join(&thread);
    CHECK(job->error == SC_OK && job->size > 12 && job->bytes[10] == 0x3B);
    uint64_t before = os_now_ms();
    CHECK_EQ(t->send(t, 0, wait_300, sizeof(wait_300), deadline), SC_OK);
    CHECK_EQ(t->receive(t, 0, job->bytes, 512, &job->size, before + 100), SC_E_TIMEOUT);
    receive(job);
    CHECK(job->error == SC_OK && job->size == 12);
    CHECK(os_now_ms() - before >= 299 && os_now_ms() - before < 2000);
}

static void test_interrupted(struct job *job)
{
    struct ccid_transport *t = job->transport;
    struct os_thread thread;
    CHECK_EQ(os_thread_start(&thread, "receive", receive, job), SC_OK);
    sleep_ms(30);
    t->interrupt(t, 0);
    os_thread_join(&thread);
    CHECK_EQ(job->error, SC_E_CANCELLED);
    CHECK_EQ(t->send(t, 0, power_on, sizeof(power_on), OS_FOREVER), SC_E_CANCELLED);
    t->resume(t, 0);
    CHECK_EQ(t->send(t, 0, power_on, sizeof(power_on), OS_FOREVER), SC_OK);
    receive(job);
    CHECK_EQ(job->error, SC_OK);
    CHECK_EQ(t->clear_halt(t), SC_OK);
    CHECK_EQ(t->reset(t), SC_OK);
}

static void test_world(struct job *job)
{
    struct ccid_transport *t = job->transport;
    struct os_thread thread;
    listen(job); /* the card that is there */
    CHECK(job->error == SC_OK && job->size == 2 && job->bytes[1] == 3);
    CHECK_EQ(os_thread_start(&thread, "listen", listen, job), SC_OK);
    sleep_ms(20);
    sim_direct_remove(job->direct, 0);
    os_thread_join(&thread);
    CHECK(job->error == SC_OK && job->bytes[1] == 2);
    sim_direct_insert(job->direct, 0);
    listen(job);
    CHECK(job->error == SC_OK && job->bytes[1] == 3);
    CHECK_EQ(os_thread_start(&thread, "listen", listen, job), SC_OK);
    sim_direct_stop_listening(job->direct, 0);
    os_thread_join(&thread);
    CHECK_EQ(job->error, SC_E_CANCELLED);
    CHECK_EQ(os_thread_start(&thread, "receive", receive, job), SC_OK);
    sim_direct_unplug(job->direct);
    os_thread_join(&thread);
    CHECK_EQ(job->error, SC_E_READER_UNAVAILABLE);
    CHECK_EQ(t->send(t, 0, power_on, sizeof(power_on), OS_FOREVER),
             SC_E_READER_UNAVAILABLE);
}

void test_direct(void)
{
    char why[64];
    struct job job = {.direct = sim_direct_new("yubikey", why, sizeof(why))};
    CHECK(job.direct != NULL);
    if (job.direct != NULL) {
        job.transport = sim_direct_transport(job.direct, 0);
        CHECK(sim_direct_transport(job.direct, 1) == NULL);
        test_exchange(&job);
        test_interrupted(&job);
        test_world(&job);
        CHECK(sim_direct_counts(job.direct).bulk_out >= 3);
    }
    sim_direct_free(job.direct);
    printf("direct: ");
    (void)check_result();
    test_failures += check_failures;
}
