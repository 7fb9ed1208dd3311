/* SPDX-License-Identifier: BSD-2-Clause */
/* A device with CCID or ICCD interfaces, on any bus: a thread of its own opens it, says
 * which readers are there and what becomes of their cards, polls where nobody notifies,
 * tries again what did not work, and closes it.
 *
 * A bus driver finds devices. For each it fills a struct ccid_device and its ports, each
 * with a transport, and calls ccid_device_start(); when the device is pulled, or the
 * driver stops, ccid_device_leave(); after bus->finished(), ccid_device_release(). The
 * jobs of its struct driver are those of interface.h, and kit_reader_close().
 *
 * No lock is held while the host is called, nor while the bus is, but for those calls of
 * a transport that never block. */
#ifndef DRIVERS_CCID_DEVICE_H
#define DRIVERS_CCID_DEVICE_H

#include "drivers/ccid/interface.h"

enum {
    CCID_PORTS_MAX = 8,
    CCID_POLL_MS = 400,         /* between questions to a reader that does not notify */
    CCID_CLAIM_RETRY_MS = 1000, /* while another process has the reader */
    CCID_OPEN_RETRY_MS = 10000, /* of a device that may not be opened, later */
    CCID_REVIVE_MS = 1000,      /* after a reader was given up; then twice that */
    CCID_REVIVE_MAX_MS = 60000  /* but no longer */
};

enum ccid_port_state {
    CCID_PORT_LEFT,   /* not there, or not yet */
    CCID_PORT_SERVED, /* open, and its readers are the host's */
    CCID_PORT_TAKEN,  /* another process has it: its readers are only listed */
    CCID_PORT_DOWN    /* it did not answer: its readers are gone, until it does */
};

/* An interface, and what becomes of it. All but `ccid` is the device thread's. */
struct ccid_port {
    /* Set by the bus driver: transport, descriptor, kind, quirks, identity. */
    struct ccid_interface ccid;
    struct ccid_device *device;
    enum ccid_port_state state;
    enum ccid_hearing hearing;
    uint64_t due_ms; /* for the next look, if it is polled, taken or down */
    uint64_t opened_ms;
    uint32_t failures_to_open; /* in a row; a short life is one too */
};

/* What the bus does for a device; from its thread. */
struct ccid_bus {
    /* What comes before its interfaces can be opened. Tried again later, unless it is
     * SC_E_READER_UNAVAILABLE, the device has left. */
    enum sc_error (*open)(struct ccid_device *device) MUST_CHECK;
    void (*close)(struct ccid_device *device);
    /* Nobody who asks at once has to wait for this device any longer: it is served, or
     * does not open at the first try. May come more than once. */
    void (*settled)(struct ccid_device *device);
    /* Nothing of it is open any more, and the host knows of no reader: it can be
     * released, by another thread. */
    void (*finished)(struct ccid_device *device);
    /* The last call: frees it. From any thread, some time after ccid_device_release(). */
    void (*destroy)(struct ccid_device *device);
};

enum ccid_device_state { CCID_DEVICE_SHUT, CCID_DEVICE_OPEN, CCID_DEVICE_FINISHED };

struct ccid_device {
    struct kit_instance kit; /* first */
    /* Set by the bus driver. */
    const struct ccid_bus *bus;
    struct ccid_settings settings;
    struct ccid_port *ports[CCID_PORTS_MAX];
    uint32_t port_count;

    struct ccid_gate gate;        /* for interfaces with QUIRK_ONE_AT_A_TIME */
    enum ccid_device_state state; /* the thread's */
    uint32_t tries;               /* to open it; the same */
    uint32_t leaving;             /* atomic: it was pulled, or the driver stops */
};

/* `bus` is set, and the other members of the bus driver before ccid_device_start(). */
void ccid_device_init(struct ccid_device *device, struct driver_host *host);
/* Errors: SC_E_NO_MEMORY (no thread). */
enum sc_error ccid_device_start(struct ccid_device *device) MUST_CHECK;
/* Ends it soon. From any thread; never blocks. */
void ccid_device_leave(struct ccid_device *device);
bool ccid_device_is_leaving(struct ccid_device *device) MUST_CHECK;
/* Something happened that the device's thread is to see to. From any thread. */
void ccid_device_wake(struct ccid_device *device);
/* It was never started, or it has finished: lets go of it. */
void ccid_device_release(struct ccid_device *device);

#endif
