/* SPDX-License-Identifier: BSD-2-Clause */
/* A driver for tests: answers at once, or hangs, or fails, as told. */
#include "tests/support/fake.h"

#include "base/atomic.h"
#include "base/uri.h"
#include "drivers/registry.h"
#include "os/lock.h"
#include "os/stop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const uint8_t fake_atr[] = {0x3B, 0x80, 0x80, 0x01, 0x01};
const size_t fake_atr_size = sizeof(fake_atr);

struct fake_reader {
    uint32_t id;
    uint32_t present, card; /* atomic */
    struct os_mutex lock;
    struct os_cond cond;
    struct fake_behaviour behaviour;
    struct fake_counts counts;
};

static struct fake_reader *readers;
static uint32_t reader_count;
static struct driver_host *fake_host;

static enum sc_error arrive(const char *uri, uint32_t number, bool has_card)
{
    struct reader_info info = {.vendor = "Fake", .product = "Reader"};
    struct fake_reader *reader = &readers[number];
    info.card_present = has_card;
    info.type = READER_TYPE_VENDOR;
    snprintf(info.device_id, sizeof(info.device_id), "FAKE\\%04u", (unsigned)number);
    atomic_store_u32(&reader->card, has_card);
    atomic_store_u32(&reader->present, 1);
    if (uri_get_text(uri, "name", info.name, sizeof(info.name)) == SC_E_INVALID_VALUE)
        return SC_E_NO_MEMORY;
    return fake_host->reader_arrived(fake_host, &info, reader, &reader->id);
}

static enum sc_error fake_start(const char *uri, struct driver_host *host, void **self)
{
    uint32_t count = 1, cards = 0, stuck = 0;
    if (uri_get_number(uri, "count", 0, FAKE_READERS_MAX, &count) != SC_OK
        || uri_get_number(uri, "cards", 0, 1, &cards) != SC_OK
        || uri_get_number(uri, "stuck", 0, 1, &stuck) != SC_OK)
        return SC_E_INVALID_VALUE;
    fake_host = host;
    free(readers);
    readers = calloc(FAKE_READERS_MAX, sizeof(*readers));
    if (readers == NULL)
        return SC_E_NO_MEMORY;
    reader_count = count;
    for (uint32_t i = 0; i < count; i++) {
        os_mutex_init(&readers[i].lock);
        os_cond_init(&readers[i].cond);
        readers[i].behaviour.hang = readers[i].behaviour.ignore_stop = stuck;
        if (arrive(uri, i, cards != 0) != SC_OK)
            return SC_E_NO_MEMORY;
    }
    *self = readers;
    return SC_OK;
}

void fake_unplug(uint32_t number)
{
    struct fake_reader *reader = &readers[number];
    if (atomic_exchange_u32(&reader->present, 0) != 0)
        fake_host->reader_gone(fake_host, reader->id);
}

void fake_plug(uint32_t number)
{
    if (arrive("fake:", number, false) != SC_OK)
        abort();
}

void fake_plug_full(uint32_t number)
{
    if (arrive("fake:", number, true) != SC_OK)
        abort();
}

static void fake_stop(void *self)
{
    (void)self;
    for (uint32_t i = 0; i < reader_count; i++)
        fake_unplug(i);
    reader_count = 0;
}

void fake_insert(uint32_t number)
{
    atomic_store_u32(&readers[number].card, 1);
    fake_host->card_event(fake_host, readers[number].id, CARD_INSERTED);
}

void fake_remove(uint32_t number)
{
    atomic_store_u32(&readers[number].card, 0);
    fake_host->card_event(fake_host, readers[number].id, CARD_REMOVED);
}

void fake_exchange(uint32_t number)
{
    fake_host->card_event(fake_host, readers[number].id, CARD_EXCHANGED);
}

void fake_hang(uint32_t reader)
{
    atomic_store_u32(&readers[reader].behaviour.power_hang, 1);
}

void fake_answer(uint32_t number)
{
    struct fake_reader *reader = &readers[number];
    os_mutex_lock(&reader->lock);
    atomic_store_u32(&reader->behaviour.power_hang, 0);
    os_cond_broadcast(&reader->cond);
    os_mutex_unlock(&reader->lock);
}

struct fake_behaviour *fake_behaviour(uint32_t reader)
{
    return &readers[reader].behaviour;
}

struct fake_counts fake_counts(uint32_t reader)
{
    struct fake_counts *counts = &readers[reader].counts;
    return (struct fake_counts){.power = atomic_load_u32(&counts->power),
                                .protocol = atomic_load_u32(&counts->protocol),
                                .transmit = atomic_load_u32(&counts->transmit),
                                .control = atomic_load_u32(&counts->control),
                                .close = atomic_load_u32(&counts->close)};
}

void *fake_device(uint32_t reader)
{
    return &readers[reader];
}

static void wake(void *context)
{
    struct fake_reader *reader = context;
    os_mutex_lock(&reader->lock);
    os_cond_broadcast(&reader->cond);
    os_mutex_unlock(&reader->lock);
}

static enum sc_error hang(struct fake_reader *reader, const uint32_t *hangs,
                          const struct driver_job *job, uint64_t deadline_ms)
{
    struct os_stop_call call = {.run = wake, .context = reader};
    enum sc_error error = SC_E_TIMEOUT;
    os_stop_call(job->stop, &call);
    os_mutex_lock(&reader->lock);
    while (atomic_load_u32(hangs) != 0) {
        if (os_stop_raised(job->stop)
            && atomic_load_u32(&reader->behaviour.ignore_stop) == 0) {
            error = SC_E_CANCELLED;
            break;
        }
        if (!os_cond_wait(&reader->cond, &reader->lock, deadline_ms))
            break;
    }
    os_mutex_unlock(&reader->lock);
    os_stop_forget(job->stop, &call);
    return error;
}

static enum sc_error fake_power(void *self, enum power_action action,
                                const struct driver_job *job, uint8_t atr[DRIVER_ATR_MAX],
                                size_t *atr_size)
{
    struct fake_reader *reader = self;
    (void)atomic_add_u32(&reader->counts.power, 1);
    if (atomic_load_u32(&reader->behaviour.power_hang) != 0) {
        enum sc_error error =
            hang(reader, &reader->behaviour.power_hang, job, job->deadline_ms);
        if (error == SC_E_CANCELLED)
            return error;
    }
    if (atomic_load_u32(&reader->card) == 0)
        return SC_E_NO_SMARTCARD;
    if (reader->behaviour.power != SC_OK)
        return reader->behaviour.power;
    if (action != POWER_OFF) {
        memcpy(atr, fake_atr, sizeof(fake_atr));
        *atr_size = sizeof(fake_atr);
    }
    return SC_OK;
}

static enum sc_error fake_set_protocol(void *self, uint32_t protocol,
                                       const struct driver_job *job)
{
    struct fake_reader *reader = self;
    (void)protocol;
    (void)job;
    (void)atomic_add_u32(&reader->counts.protocol, 1);
    return reader->behaviour.protocol;
}

static enum sc_error fake_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct fake_reader *reader = self;
    struct fake_behaviour *behaviour = &reader->behaviour;
    (void)protocol;
    (void)atomic_add_u32(&reader->counts.transmit, 1);
    if (atomic_load_u32(&behaviour->hang) != 0) {
        uint64_t deadline_ms =
            behaviour->deadline_ms != 0 ? behaviour->deadline_ms : t->job.deadline_ms;
        enum sc_error error = hang(reader, &behaviour->hang, &t->job, deadline_ms);
        if (error == SC_E_CANCELLED)
            return error;
    }
    if (atomic_load_u32(&reader->card) == 0)
        return SC_E_NO_SMARTCARD;
    if (behaviour->error != SC_OK)
        return behaviour->error;
    size_t size = behaviour->answer_size != 0 ? behaviour->answer_size : 2;
    if (size > t->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    if (size > 2)
        memset(t->out, 0xA5, size - 2);
    if (size >= 2)
        t->out[size - 2] = 0x90;
    t->out[size - 1] = 0x00;
    t->out_size = size;
    if (behaviour->parting)
        fake_unplug((uint32_t)(reader - readers));
    return SC_OK;
}

/* Echoes the input to any code of the vendor's range. */
static enum sc_error fake_control(void *self, uint32_t code, struct transfer *t)
{
    struct fake_reader *reader = self;
    (void)atomic_add_u32(&reader->counts.control, 1);
    if (code < 0x00312000 || code > 0x0031FFFF)
        return SC_E_UNSUPPORTED_FEATURE;
    if (t->in_size > t->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    if (t->in_size > 0)
        memcpy(t->out, t->in, t->in_size);
    t->out_size = t->in_size;
    return SC_OK;
}

static void fake_close(void *self)
{
    struct fake_reader *reader = self;
    (void)atomic_add_u32(&reader->counts.close, 1);
}

const struct driver fake_driver = {.scheme = "fake",
                                   .start = fake_start,
                                   .stop = fake_stop,
                                   .power = fake_power,
                                   .set_protocol = fake_set_protocol,
                                   .transmit = fake_transmit,
                                   .control = fake_control,
                                   .close = fake_close};

const struct driver *driver_find(const char *scheme)
{
    return strcmp(scheme, fake_driver.scheme) == 0 ? &fake_driver : NULL;
}
