/* SPDX-License-Identifier: BSD-2-Clause */
/* Our null driver, equal to pcscd's of null_ifd.c: "null:?readers=N" is N readers over
 * the card of null_card.h. This file is the drivers/registry of the service that links
 * it; it knows soft: besides. */
#include "tests/bench/service/null_driver.h"
#include "tests/bench/service/null_card.h"

#include "base/atomic.h"
#include "base/uri.h"
#include "drivers/registry.h"
#include "drivers/soft/soft.h"

#include <poll.h>
#include <pthread.h>
#include <unistd.h>

struct null_reader {
    uint32_t id;
    uint32_t absent; /* atomic */
};

struct null_service {
    struct driver_host *host;
    uint32_t count;
    pthread_t thread; /* takes events, if there are FIFOs */
    struct pollfd waits[NULL_READERS_MAX + 1];
    int stop; /* the other end of waits[count] */
    struct null_reader readers[NULL_READERS_MAX];
};

static void take_event(struct null_service *service, uint32_t number)
{
    struct null_reader *reader = &service->readers[number];
    char event;
    if (read(service->waits[number].fd, &event, 1) != 1)
        return;
    atomic_store_u32(&reader->absent, event == 'r');
    service->host->card_event(service->host, reader->id,
                              event == 'r' ? CARD_REMOVED : CARD_INSERTED);
}

static void *take_events(void *argument)
{
    struct null_service *service = argument;
    for (;;) {
        if (poll(service->waits, service->count + 1, -1) <= 0)
            continue;
        if (service->waits[service->count].revents != 0)
            return NULL;
        for (uint32_t i = 0; i < service->count; i++)
            if ((service->waits[i].revents & POLLIN) != 0)
                take_event(service, i);
    }
}

static enum sc_error start_events(struct null_service *service)
{
    int ends[2];
    service->stop = -1;
    for (uint32_t i = 0; i < service->count; i++)
        service->waits[i] = (struct pollfd){.fd = null_card_events(i), .events = POLLIN};
    if (service->waits[0].fd < 0)
        return SC_OK;
    if (pipe(ends) != 0)
        return SC_E_NO_MEMORY;
    service->waits[service->count] = (struct pollfd){.fd = ends[0], .events = POLLIN};
    if (pthread_create(&service->thread, NULL, take_events, service) != 0)
        return SC_E_NO_MEMORY;
    service->stop = ends[1];
    return SC_OK;
}

static enum sc_error null_start(const char *uri, struct driver_host *host, void **self)
{
    uint32_t count = 1;
    enum sc_error error = uri_get_number(uri, "readers", 1, NULL_READERS_MAX, &count);
    if (error != SC_OK)
        return error;
    struct null_service *service = calloc(1, sizeof(*service));
    if (service == NULL)
        return SC_E_NO_MEMORY;
    service->host = host;
    service->count = count;
    for (uint32_t i = 0; i < count && error == SC_OK; i++) {
        struct reader_info info = {.vendor = "Null",
                                   .product = "Reader",
                                   .card_present = true,
                                   .type = READER_TYPE_VENDOR};
        snprintf(info.device_id, sizeof(info.device_id), "NULL\\%02u", (unsigned)i);
        error = host->reader_arrived(host, &info, &service->readers[i],
                                     &service->readers[i].id);
    }
    if (error == SC_OK)
        error = start_events(service);
    *self = service; /* of a test: what half started is not taken back */
    return error;
}

static void null_stop(void *self)
{
    struct null_service *service = self;
    if (service->stop >= 0) {
        close(service->stop); /* the thread sees the hang-up */
        pthread_join(service->thread, NULL);
        for (uint32_t i = 0; i <= service->count; i++)
            close(service->waits[i].fd);
    }
    for (uint32_t i = 0; i < service->count; i++)
        service->host->reader_gone(service->host, service->readers[i].id);
}

static enum sc_error null_power(void *self, enum power_action action,
                                const struct driver_job *job, uint8_t atr[DRIVER_ATR_MAX],
                                size_t *atr_size)
{
    struct null_reader *reader = self;
    (void)job;
    if (atomic_load_u32(&reader->absent) != 0)
        return SC_E_NO_SMARTCARD;
    if (action == POWER_OFF)
        return SC_OK;
    memcpy(atr, null_atr, sizeof(null_atr));
    *atr_size = sizeof(null_atr);
    return SC_OK;
}

static enum sc_error null_set_protocol(void *self, uint32_t protocol,
                                       const struct driver_job *job)
{
    (void)self, (void)protocol, (void)job;
    return SC_OK;
}

static enum sc_error null_transmit(void *self, uint32_t protocol, struct transfer *t)
{
    struct null_reader *reader = self;
    (void)protocol;
    size_t size = null_card_size(t->in, t->in_size);
    if (atomic_load_u32(&reader->absent) != 0)
        return SC_E_NO_SMARTCARD;
    if (size == 0)
        return SC_F_COMM_ERROR;
    if (size > t->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    null_card_answer(t->in, t->out, size);
    t->out_size = size;
    return SC_OK;
}

/* Echoes any code of the vendor's range. */
static enum sc_error null_control(void *self, uint32_t code, struct transfer *t)
{
    (void)self;
    if (code < 0x00312000)
        return SC_E_UNSUPPORTED_FEATURE;
    if (t->in_size > t->out_room)
        return SC_E_INSUFFICIENT_BUFFER;
    if (t->in_size > 0)
        memcpy(t->out, t->in, t->in_size);
    t->out_size = t->in_size;
    return SC_OK;
}

static void null_close(void *self)
{
    (void)self;
}

const struct driver null_driver = {.scheme = "null",
                                   .start = null_start,
                                   .stop = null_stop,
                                   .power = null_power,
                                   .set_protocol = null_set_protocol,
                                   .transmit = null_transmit,
                                   .control = null_control,
                                   .close = null_close};

const struct driver *driver_find(const char *scheme)
{
    if (strcmp(scheme, null_driver.scheme) == 0)
        return &null_driver;
    return strcmp(scheme, soft_driver.scheme) == 0 ? &soft_driver : NULL;
}
