/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/sim_driver.h"

#include "drivers/registry.h"
#include "manager/driver.h"
#include "os/stop.h"
#include "os/time.h"
#include "tests/sim/fibers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One arrival of a reader: from reader_arrived() to close(). */
struct sim_reader {
    unsigned device;
    uint32_t id;
    bool in_job, gone, told_gone;
};

static struct {
    struct driver_host *host; /* NULL: it does not run */
    struct sim_reader *readers[SIM_DEVICES];
    bool cards[SIM_DEVICES];
    uint32_t posting; /* fibers in a call of the host */
    uint32_t open;
    bool stopping, calm;
} driver;

struct sim_driver_counts sim_driver_counts;

static const uint8_t atrs[][6] = {{0x3B, 0x80, 0x80, 0x01, 0x01}, {0x3B, 0x00}};
static const size_t atr_sizes[] = {5, 2};

/* --- Arrival and departure ---------------------------------------------------------- */

static void arrive(unsigned device)
{
    struct reader_info info = {.vendor = "Sim", .product = "Reader"};
    struct sim_reader *reader = calloc(1, sizeof(*reader));
    if (reader == NULL)
        exit(2);
    snprintf(info.device_id, sizeof(info.device_id), "SIM\\%u", device);
    info.card_present = driver.cards[device] = fiber_random(3) != 0;
    info.taken = fiber_random(20) == 0;
    reader->device = device;
    driver.open++;
    if (driver.host->reader_arrived(driver.host, &info, reader, &reader->id) != SC_OK) {
        driver.open--;
        free(reader);
        return;
    }
    driver.readers[device] = reader;
}

static void depart(struct sim_reader *reader)
{
    uint32_t id = reader->id;
    driver.readers[reader->device] = NULL;
    reader->gone = true;
    driver.host->reader_gone(driver.host, id);
    /* It may be closed, and freed, by now. */
}

static enum sc_error start(const char *uri, struct driver_host *host, void **self)
{
    (void)uri;
    FIBERS_REQUIRE(driver.host == NULL);
    driver.host = host;
    driver.stopping = false;
    *self = &driver;
    driver.posting++;
    for (unsigned i = 0; i < SIM_DEVICES; i++)
        if (fiber_random(4) != 0)
            arrive(i);
    driver.posting--;
    fiber_wake(&driver.posting);
    return SC_OK;
}

static void settle(void *self, bool cards, uint64_t deadline_ms)
{
    (void)self;
    if (cards && fiber_random(2) == 0 && os_now_ms() < deadline_ms)
        fiber_sleep(fiber_random(100));
}

static void stop(void *self)
{
    FIBERS_REQUIRE(self == &driver && !driver.stopping);
    driver.stopping = true;
    while (driver.posting > 0)
        (void)fiber_wait(&driver.posting, OS_FOREVER);
    for (unsigned i = 0; i < SIM_DEVICES; i++) {
        if (driver.readers[i] == NULL)
            continue;
        FIBERS_REQUIRE(!driver.readers[i]->in_job); /* "No job runs any more" */
        depart(driver.readers[i]);
    }
    driver.host = NULL;
}

void sim_driver_event(void)
{
    unsigned device = fiber_random(SIM_DEVICES);
    if (driver.host == NULL || driver.stopping || driver.posting > 0)
        return;
    driver.posting++; /* one at a time: each change in order */
    struct sim_reader *reader = driver.readers[device];
    if (reader == NULL) {
        arrive(device);
    } else if (fiber_random(10) == 0) {
        depart(reader);
    } else if (driver.cards[device] && fiber_random(4) == 0) {
        driver.host->card_event(driver.host, reader->id, CARD_EXCHANGED);
    } else {
        driver.cards[device] = !driver.cards[device];
        driver.host->card_event(driver.host, reader->id,
                                driver.cards[device] ? CARD_INSERTED : CARD_REMOVED);
    }
    driver.posting--;
    fiber_wake(&driver.posting);
}

void sim_driver_calm(bool calm)
{
    driver.calm = calm;
}

bool sim_driver_runs(void)
{
    return driver.host != NULL;
}

uint32_t sim_driver_open(void)
{
    return driver.open;
}

/* --- Jobs --------------------------------------------------------------------------- */

static void unplug(void *context)
{
    struct sim_reader *reader = context;
    while (driver.posting > 0 && !driver.stopping)
        (void)fiber_wait(&driver.posting, OS_FOREVER);
    /* Still there, and this arrival of it? */
    bool there = false;
    for (unsigned i = 0; i < SIM_DEVICES; i++)
        there |= driver.readers[i] == reader;
    if (driver.stopping || driver.host == NULL || !there)
        return;
    driver.posting++;
    depart(reader);
    driver.posting--;
    fiber_wake(&driver.posting);
}

static enum sc_error any_result(const struct sim_reader *reader)
{
    static const enum sc_error errors[] = {
        SC_F_COMM_ERROR,     SC_E_TIMEOUT,   SC_E_NO_SMARTCARD, SC_W_UNRESPONSIVE_CARD,
        SC_E_PROTO_MISMATCH, SC_E_CANCELLED, SC_W_REMOVED_CARD};
    if (reader->gone)
        return SC_E_READER_UNAVAILABLE;
    if (!driver.calm && fiber_random(8) == 0)
        return errors[fiber_random(7)];
    return SC_OK;
}

/* It works until it is stopped or late; then it takes its time with the answer. */
static enum sc_error hang(struct sim_reader *reader, const struct driver_job *job)
{
    bool stopped = os_stop_wait(job->stop, job->deadline_ms);
    sim_driver_counts.stopped += stopped ? 1U : 0U;
    switch (fiber_random(5)) {
    case 0: /* answers after it */
        fiber_sleep(fiber_random(3000));
        sim_driver_counts.late += stopped ? 1U : 0U;
        return any_result(reader);
    case 1: /* the reader goes while its job is stopped */
        if (!reader->gone && fiber_start(unplug, reader))
            sim_driver_counts.gone_while_stopped += stopped ? 1U : 0U;
        fiber_sleep(fiber_random(3000));
        return any_result(reader);
    default:
        return stopped ? SC_E_CANCELLED : SC_E_TIMEOUT;
    }
}

static enum sc_error work(struct sim_reader *reader, const struct driver_job *job)
{
    static const uint32_t durations_ms[] = {0, 1, 5, 40, 700, 4000};
    uint32_t what = driver.calm ? 0 : fiber_random(60);
    if (what < 40) {
        if (!os_stop_wait(job->stop, os_now_ms() + durations_ms[what % 6]))
            return any_result(reader);
        sim_driver_counts.stopped++;
        return fiber_random(4) == 0 ? any_result(reader) : SC_E_CANCELLED;
    }
    if (what < 44)
        return hang(reader, job);
    if (what < 46) { /* ignores its stop, and its deadline */
        fiber_sleep(1000 + fiber_random(20000) + (fiber_random(4) == 0 ? 700000U : 0U));
        sim_driver_counts.ignored += os_stop_raised(job->stop) ? 1U : 0U;
    }
    return any_result(reader);
}

/* Rule 7 of driver.h: the host knows before the job answers. */
static enum sc_error tell_removal(struct sim_reader *reader, enum sc_error error)
{
    if (error != SC_E_NO_SMARTCARD && error != SC_W_REMOVED_CARD)
        return error;
    while (driver.posting > 0 && !driver.stopping)
        (void)fiber_wait(&driver.posting, OS_FOREVER);
    if (reader->gone || driver.stopping)
        return SC_E_READER_UNAVAILABLE;
    if (!driver.cards[reader->device])
        return error;
    driver.posting++;
    driver.cards[reader->device] = false;
    driver.host->card_event(driver.host, reader->id, CARD_REMOVED);
    driver.posting--;
    fiber_wake(&driver.posting);
    return error;
}

static enum sc_error run(void *device, const struct driver_job *job)
{
    struct sim_reader *reader = device;
    sim_driver_counts.jobs++;
    FIBERS_REQUIRE(driver.host != NULL);
    FIBERS_REQUIRE(!reader->in_job && job->deadline_ms != 0); /* rules 1 and 2 */
    reader->in_job = true;
    fiber_yield();
    enum sc_error error = tell_removal(reader, work(reader, job));
    reader->in_job = false;
    return error;
}

static enum sc_error power(void *device, enum power_action action,
                           const struct driver_job *job, uint8_t atr[DRIVER_ATR_MAX],
                           size_t *atr_size)
{
    enum sc_error error = run(device, job);
    uint32_t which = fiber_random(8) == 0 ? 1 : 0;
    if (error != SC_OK || action == POWER_OFF)
        return error;
    *atr_size = atr_sizes[which];
    memcpy(atr, atrs[which], *atr_size);
    return SC_OK;
}

static enum sc_error set_protocol(void *device, uint32_t protocol,
                                  const struct driver_job *job)
{
    FIBERS_REQUIRE(protocol == PROTOCOL_T0 || protocol == PROTOCOL_T1);
    return run(device, job);
}

static enum sc_error transfer(void *device, uint32_t number, struct transfer *t)
{
    enum sc_error error = run(device, &t->job);
    (void)number;
    if (error != SC_OK)
        return error;
    FIBERS_REQUIRE(t->out_room >= 2);
    memcpy(t->out, "\x90", 2);
    t->out_size = 2;
    return SC_OK;
}

static void close_reader(void *device)
{
    struct sim_reader *reader = device;
    FIBERS_REQUIRE(reader->gone && !reader->in_job);
    FIBERS_REQUIRE(driver.open > 0);
    driver.open--;
    memset(reader, 0xA5, sizeof(*reader));
    free(reader);
}

static const struct driver sim_driver = {.scheme = "sim",
                                         .start = start,
                                         .settle = settle,
                                         .stop = stop,
                                         .power = power,
                                         .set_protocol = set_protocol,
                                         .transmit = transfer,
                                         .control = transfer,
                                         .get_attribute = transfer,
                                         .set_attribute = transfer,
                                         .close = close_reader};

const struct driver *driver_find(const char *scheme)
{
    return strcmp(scheme, sim_driver.scheme) == 0 ? &sim_driver : NULL;
}
