/* SPDX-License-Identifier: BSD-2-Clause */
/* A host for one driver (fake_host.h). */
#include "tests/support/fake_host.h"

#include "base/atomic.h"
#include "os/lock.h"
#include "os/time.h"
#include "tests/support/hang.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WAIT_MS = CHECK_HANG_MS, REMOVED_PAUSE_MS = 10 /* on a busy machine */ };

static struct fake_reader *find(struct fake_host *host, uint32_t id)
{
    for (uint32_t i = 0; i < host->count; i++)
        if (host->readers[i].id == id)
            return &host->readers[i];
    return NULL;
}

static enum sc_error on_arrived(struct driver_host *port, const struct reader_info *info,
                                void *device, uint32_t *id)
{
    struct fake_host *host = (struct fake_host *)(void *)port;
    enum sc_error error = SC_E_NO_MEMORY;
    os_mutex_lock(&host->lock);
    if (host->count < host->limit) {
        struct fake_reader *reader = &host->readers[host->count];
        reader->info = *info;
        os_stop_init(&reader->stop);
        reader->device = device;
        reader->present = info->card_present;
        reader->id = 1000 + host->count++;
        *id = reader->id;
        error = SC_OK;
        os_cond_broadcast(&host->changed);
    }
    os_mutex_unlock(&host->lock);
    return error;
}

/* Locked; unlocks for the call. */
static void close_if_done(struct fake_host *host, struct fake_reader *reader)
{
    void *device = reader->device;
    if (!reader->gone || reader->jobs != 0 || device == NULL)
        return;
    reader->device = NULL;
    host->closed++;
    os_mutex_unlock(&host->lock);
    host->driver->close(device);
    os_mutex_lock(&host->lock);
}

static void on_gone(struct driver_host *port, uint32_t id)
{
    struct fake_host *host = (struct fake_host *)(void *)port;
    os_mutex_lock(&host->lock);
    struct fake_reader *reader = find(host, id);
    if (reader != NULL) {
        reader->gone = true;
        os_cond_broadcast(&host->changed);
        close_if_done(host, reader);
    }
    os_mutex_unlock(&host->lock);
}

static void pause_ms(uint32_t ms)
{
    struct os_mutex mutex = OS_MUTEX_INIT;
    struct os_cond cond;
    uint64_t until_ms = os_now_ms() + ms;
    os_cond_init(&cond);
    os_mutex_lock(&mutex);
    while (ms != 0 && os_cond_wait(&cond, &mutex, until_ms)) {
    }
    os_mutex_unlock(&mutex);
    os_cond_destroy(&cond);
    os_mutex_destroy(&mutex);
}

/* A removal or an insertion. */
static void note(struct fake_host *host, uint32_t id, enum card_event event)
{
    if (event == CARD_REMOVED)
        pause_ms(atomic_load_u32(&host->removed_pause_ms));
    os_mutex_lock(&host->lock);
    struct fake_reader *reader = find(host, id);
    if (reader != NULL) {
        if (reader->present == (event == CARD_INSERTED) || reader->device == NULL)
            reader->bad_events++;
        reader->present = event == CARD_INSERTED;
        if (reader->event_count < FAKE_EVENTS_MAX)
            reader->events[reader->event_count] = event;
        reader->event_count++;
        os_cond_broadcast(&host->changed);
    }
    os_mutex_unlock(&host->lock);
}

static void on_card_event(struct driver_host *port, uint32_t id, enum card_event event)
{
    struct fake_host *host = (struct fake_host *)(void *)port;
    if (event != CARD_INSERTED)
        note(host, id, CARD_REMOVED);
    if (event != CARD_REMOVED)
        note(host, id, CARD_INSERTED);
}

void fake_host_init(struct fake_host *host, const struct driver *driver)
{
    memset(host, 0, sizeof(*host));
    host->port.reader_arrived = on_arrived;
    host->port.reader_gone = on_gone;
    host->port.card_event = on_card_event;
    host->driver = driver;
    host->limit = FAKE_READERS_MAX;
    host->removed_pause_ms = REMOVED_PAUSE_MS;
    host->readers = calloc(FAKE_READERS_MAX, sizeof(*host->readers));
    if (host->readers == NULL)
        abort();
    os_mutex_init(&host->lock);
    os_cond_init(&host->changed);
}

enum sc_error fake_host_start(struct fake_host *host, const char *uri)
{
    return host->driver->start(uri, &host->port, &host->self);
}

void fake_host_stop(struct fake_host *host)
{
    uint32_t bad = 0, untold = 0;
    if (host->self != NULL)
        host->driver->stop(host->self);
    for (uint32_t i = 0; i < host->count; i++)
        bad += host->readers[i].bad_events + (host->readers[i].device != NULL);
    for (uint32_t i = 0; i < host->count; i++)
        untold += host->readers[i].untold;
    if (untold != 0) {
        fprintf(stderr, "%u jobs found no card before the host was told\n",
                (unsigned)untold);
        abort();
    }
    if (bad != 0 || host->closed != host->count) {
        fprintf(stderr, "%u readers, %u closed, %u bad events or open readers\n",
                (unsigned)host->count, (unsigned)host->closed, (unsigned)bad);
        abort();
    }
    os_cond_destroy(&host->changed);
    os_mutex_destroy(&host->lock);
    free(host->readers);
}

/* --- Waiting ------------------------------------------------------------------------ */

bool fake_wait_events(struct fake_host *host, uint32_t reader, uint32_t count)
{
    uint64_t until_ms = os_now_ms() + WAIT_MS;
    os_mutex_lock(&host->lock);
    while (host->readers[reader].event_count < count
           && os_cond_wait(&host->changed, &host->lock, until_ms)) {
    }
    bool came = host->readers[reader].event_count >= count;
    os_mutex_unlock(&host->lock);
    return came;
}

bool fake_wait_readers(struct fake_host *host, uint32_t count)
{
    uint64_t until_ms = os_now_ms() + WAIT_MS;
    os_mutex_lock(&host->lock);
    while (host->count < count && os_cond_wait(&host->changed, &host->lock, until_ms)) {
    }
    bool came = host->count >= count;
    os_mutex_unlock(&host->lock);
    return came;
}

bool fake_wait_gone(struct fake_host *host, uint32_t reader)
{
    uint64_t until_ms = os_now_ms() + WAIT_MS;
    os_mutex_lock(&host->lock);
    while (!host->readers[reader].gone
           && os_cond_wait(&host->changed, &host->lock, until_ms)) {
    }
    bool gone = host->readers[reader].gone;
    os_mutex_unlock(&host->lock);
    return gone;
}

uint32_t fake_event_count(struct fake_host *host, uint32_t reader)
{
    os_mutex_lock(&host->lock);
    uint32_t count = host->readers[reader].event_count;
    os_mutex_unlock(&host->lock);
    return count;
}

bool fake_present(struct fake_host *host, uint32_t reader)
{
    os_mutex_lock(&host->lock);
    bool present = host->readers[reader].present;
    os_mutex_unlock(&host->lock);
    return present;
}

/* --- Jobs --------------------------------------------------------------------------- */

/* *events: how many there were. */
static void *enter(struct fake_host *host, uint32_t reader, uint32_t *events)
{
    os_mutex_lock(&host->lock);
    struct fake_reader *r = &host->readers[reader];
    void *device = r->gone ? NULL : r->device;
    if (device != NULL)
        r->jobs++;
    *events = r->event_count;
    os_mutex_unlock(&host->lock);
    return device;
}

static struct driver_job job_in(struct fake_host *host, uint32_t reader, uint64_t in_ms)
{
    return (struct driver_job){.deadline_ms = os_now_ms() + in_ms,
                               .stop = &host->readers[reader].stop};
}

/* What a job's answer says of the card is known already: driver.h, rule 7. */
static void check_told(struct fake_reader *reader, uint32_t events, enum sc_error error)
{
    bool empty =
        error == SC_E_NO_SMARTCARD && reader->present && reader->event_count == events;
    bool removed = error == SC_W_REMOVED_CARD && reader->powered
                   && reader->event_count == reader->powered_at;
    reader->untold += empty || removed;
}

static enum sc_error leave(struct fake_host *host, uint32_t reader, uint32_t events,
                           enum sc_error error)
{
    os_mutex_lock(&host->lock);
    check_told(&host->readers[reader], events, error);
    host->readers[reader].jobs--;
    os_stop_lower(&host->readers[reader].stop);
    close_if_done(host, &host->readers[reader]);
    os_mutex_unlock(&host->lock);
    return error;
}

static void note_power(struct fake_host *host, uint32_t reader, uint32_t events, bool on)
{
    os_mutex_lock(&host->lock);
    host->readers[reader].powered = on;
    host->readers[reader].powered_at = events;
    os_mutex_unlock(&host->lock);
}

enum sc_error fake_power(struct fake_host *host, uint32_t reader,
                         enum power_action action, uint64_t in_ms, uint8_t *atr,
                         size_t *atr_size)
{
    uint32_t events;
    void *device = enter(host, reader, &events);
    if (device == NULL)
        return SC_E_READER_UNAVAILABLE;
    struct driver_job job = job_in(host, reader, in_ms);
    enum sc_error error = host->driver->power(device, action, &job, atr, atr_size);
    note_power(host, reader, events, error == SC_OK && action != POWER_OFF);
    return leave(host, reader, events, error);
}

enum sc_error fake_protocol(struct fake_host *host, uint32_t reader, uint32_t protocol)
{
    uint32_t events;
    void *device = enter(host, reader, &events);
    if (device == NULL)
        return SC_E_READER_UNAVAILABLE;
    struct driver_job job = job_in(host, reader, WAIT_MS);
    enum sc_error error = host->driver->set_protocol(device, protocol, &job);
    return leave(host, reader, events, error);
}

typedef enum sc_error transfer_job(void *reader, uint32_t number, struct transfer *t);

static enum sc_error carry(struct fake_host *host, uint32_t reader, transfer_job *job,
                           uint32_t number, struct transfer *t, size_t *out_size)
{
    uint32_t events;
    void *device = enter(host, reader, &events);
    if (device == NULL)
        return SC_E_READER_UNAVAILABLE;
    enum sc_error error = job(device, number, t);
    if (error == SC_OK)
        *out_size = t->out_size;
    return leave(host, reader, events, error);
}

enum sc_error fake_transmit(struct fake_host *host, uint32_t reader, uint32_t protocol,
                            uint64_t in_ms, const uint8_t *in, size_t in_size,
                            uint8_t *out, size_t room, size_t *out_size)
{
    struct transfer t = {.in = in,
                         .in_size = in_size,
                         .out = out,
                         .out_room = room,
                         .job = job_in(host, reader, in_ms)};
    return carry(host, reader, host->driver->transmit, protocol, &t, out_size);
}

enum sc_error fake_control(struct fake_host *host, uint32_t reader, uint32_t code,
                           const uint8_t *in, size_t in_size, uint8_t *out, size_t room,
                           size_t *out_size)
{
    struct transfer t = {.in = in,
                         .in_size = in_size,
                         .out = out,
                         .out_room = room,
                         .job = job_in(host, reader, WAIT_MS)};
    return carry(host, reader, host->driver->control, code, &t, out_size);
}

enum sc_error fake_attribute(struct fake_host *host, uint32_t reader, uint32_t id,
                             uint8_t *out, size_t room, size_t *out_size)
{
    struct transfer t = {
        .out = out, .out_room = room, .job = job_in(host, reader, WAIT_MS)};
    return carry(host, reader, host->driver->get_attribute, id, &t, out_size);
}

void fake_stop_next(struct fake_host *host, uint32_t reader)
{
    os_mutex_lock(&host->lock);
    os_stop_raise(&host->readers[reader].stop);
    os_mutex_unlock(&host->lock);
}

void fake_abort(struct fake_host *host, uint32_t reader)
{
    os_mutex_lock(&host->lock);
    struct fake_reader *r = &host->readers[reader];
    if (r->jobs > 0)
        os_stop_raise(&r->stop);
    os_mutex_unlock(&host->lock);
}
