/* SPDX-License-Identifier: BSD-2-Clause */
/* Between the files of this folder. */
#ifndef DRIVERS_CCID_SERIAL_SERIAL_H
#define DRIVERS_CCID_SERIAL_SERIAL_H

#include "drivers/ccid/device.h"
#include "drivers/ccid_serial/frame.h"
#include "os/serial.h"

enum {
    SERIAL_SLOTS_MAX = 5,
    SERIAL_PATH_MAX = 256,     /* bytes, with a NUL */
    SERIAL_READ_MAX = 64,      /* bytes taken from the line at once */
    SERIAL_RESENDS_MAX = 3,    /* of a frame that came to the reader damaged */
    SERIAL_GREETING_MS = 2000, /* for each answer when a line is opened */
    SERIAL_SETTLE_MS =
        5000 /* a program that begins waits for a reader that answers late */
};

/* A kind of reader. It has no descriptor that could be asked for. */
struct serial_model {
    const char *vendor, *product;
    uint8_t slots;
    uint8_t pin;     /* bPINSupport */
    uint32_t quirks; /* drivers/ccid/quirks.h */
    uint32_t clock_khz, rate, max_rate;
    uint32_t features; /* dwFeatures */
    const uint32_t *rates;
    size_t rate_count;
    uint8_t question; /* an escape command of this byte asks for its firmware */
    bool tells;       /* of cards that move, if it is told to */
};

/* model.c: in the order of serial_model_words, which ends with NULL. */
extern const char *const serial_model_words[];
const struct serial_model *serial_model(uint32_t number);
void serial_model_describe(const struct serial_model *model,
                           struct ccid_descriptor *descriptor);

struct serial_port {
    struct ccid_port port; /* the device's thread's */
    struct ccid_transport transport;
    const struct serial_model *model;
    char path[SERIAL_PATH_MAX];
    struct os_serial line; /* the device thread's; -1: it is not open */
    bool greeted;          /* the device thread's, before anybody else receives */
    struct os_wake wakes[SERIAL_SLOTS_MAX]; /* of what waits for a slot */

    /* The receiver's. */
    struct frame_reader reader;
    uint8_t come[SERIAL_READ_MAX];
    size_t come_size, come_at;

    struct os_mutex lock;
    /* Under the lock. */
    uint32_t interrupted;    /* a bit for each slot: ccid_transport.interrupt() */
    bool leaving;            /* for good */
    bool anew;               /* what has come before counts no more */
    uint8_t sent[FRAME_MAX]; /* the last frame, until its answer */
    size_t sent_size;
    uint32_t resends;
};

/* port.c: the transport of a port whose path and model are set. Errors: SC_E_NO_MEMORY. */
enum sc_error serial_port_init(struct serial_port *port) MUST_CHECK;
void serial_port_destroy(struct serial_port *port);

#endif
