/* SPDX-License-Identifier: BSD-2-Clause */
/* A host for one driver, as small as it can be: it writes down what the driver posts, and
 * closes a reader that is gone as soon as no job of it runs. */
#ifndef TESTS_SUPPORT_FAKE_HOST_H
#define TESTS_SUPPORT_FAKE_HOST_H

#include "manager/driver.h"
#include "os/lock.h"
#include "os/stop.h"

enum { FAKE_READERS_MAX = 1200, FAKE_EVENTS_MAX = 64 };

struct fake_reader {
    struct reader_info info;
    void *device; /* NULL when it is closed */
    uint32_t id;
    bool gone;
    uint32_t jobs;       /* inside the driver now */
    struct os_stop stop; /* of the job that runs; raised and lowered under the lock */
    enum card_event events[FAKE_EVENTS_MAX];
    uint32_t event_count;
    uint32_t bad_events; /* posted twice, or after the reader was gone and closed */
    bool present;
    bool powered;        /* the last power job switched a card on, */
    uint32_t powered_at; /* after so many events */
    uint32_t untold;     /* jobs against rule 7 of driver.h */
};

struct fake_host {
    struct driver_host port; /* first: the driver hands it back */
    const struct driver *driver;
    void *self;
    struct os_mutex lock;
    struct os_cond changed;
    struct fake_reader *readers; /* in the order they came; a new entry each time */
    uint32_t count;
    uint32_t limit; /* of readers; more are refused */
    uint32_t closed;
    uint32_t removed_pause_ms; /* atomic: how long it thinks about a card that went */
};

void fake_host_init(struct fake_host *host, const struct driver *driver);
enum sc_error fake_host_start(struct fake_host *host, const char *uri);
/* Stops the driver, and checks that each reader was closed, and what the driver port says
 * of events. */
void fake_host_stop(struct fake_host *host);

/* These wait, at most 5 s; false if it did not come to that. */
bool fake_wait_events(struct fake_host *host, uint32_t reader, uint32_t count);
bool fake_wait_readers(struct fake_host *host, uint32_t count);
bool fake_wait_gone(struct fake_host *host, uint32_t reader);
uint32_t fake_event_count(struct fake_host *host, uint32_t reader);
bool fake_present(struct fake_host *host, uint32_t reader);

/* Jobs of reader number `reader`, with a deadline of so many ms from now. */
enum sc_error fake_power(struct fake_host *host, uint32_t reader,
                         enum power_action action, uint64_t in_ms, uint8_t *atr,
                         size_t *atr_size);
enum sc_error fake_protocol(struct fake_host *host, uint32_t reader, uint32_t protocol);
enum sc_error fake_transmit(struct fake_host *host, uint32_t reader, uint32_t protocol,
                            uint64_t in_ms, const uint8_t *in, size_t in_size,
                            uint8_t *out, size_t room, size_t *out_size);
enum sc_error fake_control(struct fake_host *host, uint32_t reader, uint32_t code,
                           const uint8_t *in, size_t in_size, uint8_t *out, size_t room,
                           size_t *out_size);
enum sc_error fake_attribute(struct fake_host *host, uint32_t reader, uint32_t id,
                             uint8_t *out, size_t room, size_t *out_size);
/* The next job of the reader, which has none now, begins with its stop raised. */
void fake_stop_next(struct fake_host *host, uint32_t reader);
/* Raises the stop of the job that runs; nothing without one. */
void fake_abort(struct fake_host *host, uint32_t reader);

#endif
