/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's parts among themselves.
 *
 * Locks, in the order they are taken: lifecycle, manager, slot; the watchdog's is taken
 * under any of them and takes none. No lock is held while a driver function runs. */
#ifndef HOST_HOST_INTERNAL_H
#define HOST_HOST_INTERNAL_H

#include "host/host.h"
#include "os/os.h"

enum {
    HOST_DRIVERS_MAX = 64, /* reader URIs served at once; more are logged and dropped */
    HOST_SETTLE_MS =
        5000 /* for the readers that are there when the first context is made */
};

struct host;

/* The host's side of a slot (slot->owner). Made once for a reader entry, and kept. */
struct host_slot {
    struct os_mutex lock;
    struct slot *slot;
    const struct driver *driver;
    void *device;    /* the driver's reader; NULL when it is closed */
    uint8_t *buffer; /* DRIVER_TRANSFER_MAX bytes, for the occupant's answer */
    uint32_t shown;  /* slot->version that was published last */
    uint32_t pins;   /* callers inside driver->abort(): no close() meanwhile */
};

struct driver_instance {
    struct driver_host port; /* first: the driver hands it back */
    struct host *host;
    const struct driver *driver;
    void *self;
};

struct watchdog {
    struct os_mutex lock;
    struct os_cond cond;
    struct os_thread thread;
    bool started, stopping;
    uint64_t wake_ms; /* atomic; OS_FOREVER: asleep */
};

struct host {
    struct os_mutex lock; /* the manager's */
    struct manager manager;
    struct watchdog watchdog;
    bool running;  /* under the lifecycle lock */
    bool stopping; /* under the manager's lock: no new readers */
    struct driver_instance instances[HOST_DRIVERS_MAX];
    uint32_t instance_count;
    bool configured; /* somebody says which readers there are */
    uint32_t transaction_idle_ms;
};

/* The process's host; NULL before the first context, and in a child after fork. */
struct host *host_current(void);

/* host_slot.c */
struct host_slot *host_slot_of(struct slot *slot);
/* Carries a request through to its end. The slot is locked, and is unlocked at return.
 * `cancellable`: pthread_cancel may end a wait in the queue. */
void host_slot_run(struct host *host, struct host_slot *hs, struct request *request,
                   bool cancellable);
/* To be called with the slot locked after anything was done to it: wakes whom it made
 * ready, unlocks, tells the watches, closes the device of a reader that is gone. */
void host_slot_unlock(struct host *host, struct host_slot *hs);
/* Asks the driver to abort; the slot is locked, and is again at return. */
void host_slot_abort(struct host_slot *hs);
void host_probe(struct host *host, struct reader *reader);

/* host_driver.c */
/* Starts a driver for each configured URI. */
void host_start_drivers(struct host *host);
/* Powers off all cards, then stops the drivers. */
void host_stop_drivers(struct host *host);
/* The manager is locked: signals watches that became ready. */
void host_wake_watches(struct host *host);

/* watchdog.c */
void watchdog_init(struct watchdog *watchdog);
/* From now on a deadline may start its thread, until watchdog_stop(). */
void watchdog_allow(struct watchdog *watchdog);
/* Somebody has a deadline: the watchdog looks at all slots then. Cheap when it is awake
 * by then anyway. Its thread starts with the first deadline. */
void watchdog_need(struct host *host, uint64_t deadline_ms);
void watchdog_stop(struct watchdog *watchdog);

#endif
