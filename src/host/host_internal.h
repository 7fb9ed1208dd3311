/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's parts among themselves.
 *
 * Locks, in the order they are taken: lifecycle, manager, slot; the watchdog's is taken
 * under any of them and takes none. No lock is held while a driver function runs. */
#ifndef HOST_HOST_INTERNAL_H
#define HOST_HOST_INTERNAL_H

#include "host/host.h"
#include "os/lock.h"
#include "os/stop.h"
#include "os/thread.h"

enum {
    HOST_DRIVERS_MAX = 64, /* reader URIs served at once; more are logged and dropped */
    HOST_SETTLE_MS =
        5000 /* for the readers that are there when the first context is made */
};

struct host;

/* A thread that does something to one reader of its own accord. */
enum helper_kind { HELPER_PROBER, HELPER_TENDER, HELPERS };
struct host_helper {
    struct os_thread thread;
    bool started; /* and not joined so far */
};

/* The host's side of a slot (slot->owner). Made once for a reader entry, and kept. */
struct host_slot {
    struct os_mutex lock;
    struct slot *slot;
    const struct driver *driver;
    void *device;        /* the driver's reader; NULL when it is closed */
    uint8_t *buffer;     /* DRIVER_TRANSFER_MAX bytes, for the occupant's answer */
    uint32_t shown;      /* slot->version that was published last */
    struct os_stop stop; /* of the occupant's job; raised and lowered under the lock */
    struct host_helper helpers[HELPERS]; /* under the manager's lock */
};

/* Who is told when a parked request may go on, or a watch has something to look at:
 * request->waiter and watch->waiter. Called with the slot's or the manager's lock held,
 * so it only wakes. */
struct host_waiter {
    void (*wake)(struct host_waiter *waiter);
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
    uint32_t refused;        /* reader URIs of them that are not served */
    bool configured;         /* somebody says which readers there are */
    struct slot_rules rules; /* of every slot; as the settings say */
};

/* The process's host; NULL before the first context, and in a child after fork. */
struct host *host_current(void);

/* host_slot.c */
/* NULL: memory ran out when its first reader came, which was refused. */
struct host_slot *host_slot_of(struct slot *slot);
/* Carries a request through to its end. The slot is locked, and is unlocked at return.
 * `cancellable`: pthread_cancel may end a wait in the queue. */
void host_slot_run(struct host *host, struct host_slot *hs, struct request *request,
                   bool cancellable);
/* The same for who cannot block. The slot is locked, and is unlocked at return. True:
 * done. False: parked; when waiter->wake() was called, host_slot_resume() takes it to its
 * end (false: it is parked still). */
bool host_slot_start(struct host *host, struct host_slot *hs, struct request *request,
                     struct host_waiter *waiter);
bool host_slot_resume(struct host *host, struct host_slot *hs,
                      struct request *request) MUST_CHECK;
/* To be called with the slot locked after anything was done to it: wakes whom it made
 * ready, unlocks, tells the watches, closes the device of a reader that is gone. */
void host_slot_unlock(struct host *host, struct host_slot *hs);
/* Tells the manager how the slot is, and the watches. No lock is held. */
void host_slot_publish(struct host *host, struct host_slot *hs);
/* SCardCancel for a card handle: what of it waits to be alone ends. The manager is
 * locked.
 */
void host_slot_cancel(struct host_slot *hs, struct card *card);
/* Has the occupant's job end soon. The slot is locked. */
void host_slot_abort(struct host_slot *hs);

/* host_call.c */
/* The slot of a card handle, locked; NULL if the handle is not valid. */
struct host_slot *host_lock_card(struct host *host, uint32_t id, struct card **card);
/* An attribute that the driver need not be asked for, or cannot be: true, and the request
 * has its result and the slot is unlocked. The slot is locked. */
bool host_attribute_known(struct host_slot *hs, struct request *request) MUST_CHECK;
/* After the driver was asked: what it does not know, the manager may. No lock is held. */
void host_attribute_asked(struct host *host, uint32_t id, struct request *request);
/* Room for the answer of requests that carry one. The slot is locked. */
void host_make_buffer(struct host_slot *hs, const struct request *request);
/* A card handle for a connection to be made. Errors: SC_E_INVALID_HANDLE,
 * SC_E_UNKNOWN_READER, SC_E_NO_MEMORY. On success the slot is locked. */
enum sc_error host_prepare_connect(struct host *host, uint32_t context, const char *name,
                                   struct request *request, struct host_slot **slot);
/* The handle is valid from now on. False: its context was released meanwhile. */
bool host_publish_card(struct host *host, struct host_slot *hs, struct card *card);
void host_free_card(struct host *host, struct card *card);
/* A handle that is disconnected: invalid from now on, and nothing waits for it any more;
 * what did ends with `error`. The slot is locked. */
void host_retire_card(struct host_slot *hs, struct card *card, uint32_t id,
                      enum sc_error error);
/* After a disconnect: frees the handle, unless a dead reader still has its request. */
void host_forget_card(struct host *host, struct host_slot *hs, struct card *card);
/* host.c: what a card is doing ends, as its client is gone. */
void host_hurry_card(struct host *host, uint32_t id);
/* The disconnection of a card of a released context: with a reset, as what its client had
 * from the card must not outlive it. *slot is locked. False: it is disconnected already.
 */
bool host_desert_card(struct host *host, uint32_t id, struct request *request,
                      struct host_slot **slot) MUST_CHECK;
/* The same for the end of a context: stops the host if it was the last. */
void host_stop_if_unused(struct host *host);

/* host_driver.c */
/* Starts a driver for each configured URI, and lets them settle; `cards`: cards that come
 * by themselves too. */
void host_start_drivers(struct host *host, bool cards);
/* Powers off all cards, then stops the drivers. */
void host_stop_drivers(struct host *host);
/* When the watchdog has stopped, which starts them. */
void host_join_tenders(struct host *host);
/* The next reader from *index on that has a slot, of all that there ever were; NULL:
 * none.
 */
struct reader *host_next_reader(struct host *host, uint32_t *index);
/* The manager is locked: signals watches that became ready. */
void host_wake_watches(struct host *host);

/* helper.c */
/* Has the card asked for its ATR: a watch said WATCH_PROBE. The manager is locked. */
void prober_start(struct host *host, struct reader *reader);
/* Has done what slot_tick() asked for (slot_chores.tend). No lock is held. */
void tender_start(struct host *host, struct reader *reader);
/* The last helper of this kind has ended, or is about to. No lock is held. */
void helper_join(struct host *host, struct reader *reader, enum helper_kind kind);

/* watchdog.c */
void watchdog_init(struct watchdog *watchdog);
/* From now on a deadline may start its thread, until watchdog_stop(). */
void watchdog_allow(struct watchdog *watchdog);
/* Somebody has a deadline: the watchdog looks at all slots then. Cheap when it is awake
 * by then anyway. Its thread starts with the first deadline. */
void watchdog_need(struct host *host, uint64_t deadline_ms);
void watchdog_stop(struct watchdog *watchdog);

#endif
