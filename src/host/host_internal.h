/* SPDX-License-Identifier: BSD-2-Clause */
/* The host's parts among themselves.
 *
 * Locks, in the order they are taken: lifecycle, manager, slot; the watchdog's is taken
 * under any of them and takes none. No lock is held while a driver function runs. */
#ifndef HOST_HOST_INTERNAL_H
#define HOST_HOST_INTERNAL_H

#include "host/host.h"
#include "host/host_op.h"
#include "os/lock.h"
#include "os/stop.h"
#include "os/thread.h"

enum {
    HOST_DRIVERS_MAX = 64, /* reader URIs served at once; more are logged and dropped */
    HOST_SETTLE_MS =
        5000 /* for the readers that are there when the first context is made */
};

/* A thread that does something to one reader of its own accord. */
enum helper_kind { HELPER_PROBER, HELPER_TENDER, HELPERS };
struct host_helper {
    struct os_thread thread;
    bool started; /* and not joined so far */
};

/* The host's side of a slot (slot->owner). Made once for a reader entry, and kept. */
struct host_slot {
    struct os_mutex lock;
    struct host *host;
    struct slot *slot;
    const struct driver *driver;
    void *device;        /* the driver's reader; NULL when it is closed */
    uint8_t *buffer;     /* DRIVER_TRANSFER_MAX bytes, for the occupant's answer */
    uint32_t shown;      /* slot->version that was published last */
    struct os_stop stop; /* of the occupant's job; raised and lowered under the lock */
    struct host_helper helpers[HELPERS]; /* under the manager's lock */
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
    uint64_t (*look)(struct host *host);
    struct host *host;
};

/* Calls whose threads have ended, and the thread that takes them to their ends. */
struct orphans {
    struct os_mutex lock; /* taken under any other, and takes none */
    struct os_cond changed;
    struct long_wait *first;
    struct os_thread thread;
    bool started;  /* and not joined so far */
    bool stopping; /* it ends when there are no more */
};

struct host {
    struct os_mutex lock; /* the manager's */
    struct manager manager;
    struct watchdog watchdog;
    struct orphans orphans;
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

/* --- host_slot.c: slots, and the requests at them ----------------------------------- */

/* NULL: memory ran out when its first reader came, which was refused. */
struct host_slot *host_slot_of(struct slot *slot);
/* The next reader from *index on that has a slot, of all that there ever were; NULL:
 * none. */
struct reader *host_next_reader(struct host *host, uint32_t *index);
/* op->pending is submitted. The slot is locked, and is unlocked at return. True: done.
 * False: parked; when op->wake() was called, host_slot_resume() takes it to its end
 * (false: it is parked still). */
bool host_slot_start(struct host *host, struct host_slot *hs,
                     struct host_op *op) MUST_CHECK UNLOCKS(hs->lock);
bool host_slot_resume(struct host *host, struct host_slot *hs,
                      struct request *request) MUST_CHECK;
/* To be called with the slot locked after anything was done to it: wakes whom it made
 * ready, unlocks, tells the watches, closes the device of a reader that is gone. */
void host_slot_unlock(struct host *host, struct host_slot *hs) UNLOCKS(hs->lock);
/* Tells the manager how the slot is, and the watches. No lock is held. */
void host_slot_publish(struct host *host, struct host_slot *hs);
/* SCardCancel for a card handle: what of it waits to be alone ends. The manager is
 * locked. */
void host_slot_cancel(struct host_slot *hs, struct card_handle *card);
/* An access through this handle that is not a request. The slot is locked. */
void host_slot_touch(struct host_slot *hs, const struct card_handle *card)
    NEEDS_LOCK(hs->lock);
/* Has the occupant's job end soon. The slot is locked. */
void host_slot_stop_job(struct host_slot *hs) NEEDS_LOCK(hs->lock);
/* The manager is locked: wakes the watches that became ready. */
void host_wake_watches(struct host *host) NEEDS_LOCK(host->lock);

/* --- host_op.c: what operations have in common -------------------------------------- */

/* The operation is over: true. */
static inline bool host_op_finish(struct host_op *op, enum sc_error error)
{
    op->error = error;
    return true;
}

/* Submits the request at op->slot, which is locked, and is unlocked at return. `next` is
 * called when it is done, here or by host_op_resume(). */
MUST_CHECK static inline bool host_op_start(struct host_op *op, struct request *request,
                                            bool (*next)(struct host_op *op))
    UNLOCKS(op->slot->lock)
{
    op->pending = request;
    op->next = next;
    return host_slot_start(op->host, op->slot, op) && next(op);
}

/* A request of the host's own: PROBE, CLOSE, TEND. Nothing of the operation is set; the
 * slot is locked, and is unlocked at return. */
bool host_op_own(struct host_op *op, struct host *host, struct host_slot *hs,
                 enum request_kind kind) MUST_CHECK UNLOCKS(hs->lock);

/* --- host_wait.c -------------------------------------------------------------------- */

/* The lock that the operation's wake() comes with, and whether it is parked still, under
 * that. */
struct os_mutex *host_op_lock(const struct host_op *op);
bool host_op_is_parked(const struct host_op *op);
/* Parked as it is, it goes out of the queue again. False: it is finished instead. */
bool host_op_take_back(struct host_op *op);
/* Waits until a parked operation is finished, which this thread takes to its end. Nobody
 * else knows of it: op->wake was NULL until now. */
void host_op_wait(struct host_op *op);

/* --- long_wait.c -------------------------------------------------------------------- */

/* A call that may wait for as long as others please: SCardGetStatusChange,
 * SCardBeginTransaction. Its thread may end in the wait (os/cancel.h), and its stack with
 * it, so what others touch is in memory of its own. */
struct long_wait {
    struct host_op op; /* first: what wakes it has that */
    struct request request;
    struct os_cond woken;
    struct os_thread_mark thread;
    bool orphaned; /* its thread has ended; under the operation's lock */
    void (*end_orphaned)(struct long_wait *wait);
    struct long_wait *next; /* of the orphans */
    uint32_t count;
    struct watch_entry *entries; /* copies, names too; in the same memory */
};

/* With copies of the entries. NULL: no memory. */
struct long_wait *long_wait_new(const struct watch_entry *entries,
                                uint32_t count) MUST_CHECK;
/* host_op_wait(); with the thread `wait` goes, too. */
void long_wait_run(struct long_wait *wait);
/* The operation is finished: gives the entries, and frees it. */
enum sc_error long_wait_end(struct long_wait *wait, struct watch_entry *entries);

/* --- orphans.c ---------------------------------------------------------------------- */

void orphans_init(struct orphans *orphans);
/* Has a thread call wait->end_orphaned(), which frees it. Any lock may be held, and that of
 * Windows' loader. */
void orphans_add(struct orphans *orphans, struct long_wait *wait);
/* Until all are at their ends; the host stops. */
void orphans_join(struct orphans *orphans);

/* --- host_card.c: what is done with cards ------------------------------------------- */

/* host_op_connect() and host_op_card() with a request that is not in the operation. */
bool host_op_connect_by(struct host_op *op, uint32_t context, const char *reader,
                        struct request *request) MUST_CHECK;
bool host_op_card_by(struct host_op *op, uint32_t card,
                     struct request *request) MUST_CHECK;
/* Finds the slot of a card handle, and locks it. False: the handle is not valid. `host`
 * may be NULL. */
bool host_lock_card(struct host *host, uint32_t id, struct host_slot **slot,
                    struct card_handle **card) MUST_CHECK TRY_LOCKS(true, (*slot)->lock);

/* --- host.c: the host's life -------------------------------------------------------- */

/* The process's host; NULL before the first context, and in a child after fork. */
struct host *host_current(void);
/* A context has ended: stops the host if it was the last. */
void host_stop_if_unused(struct host *host);

/* --- host_driver.c ------------------------------------------------------------------ */

/* Starts a driver for each configured URI, and lets them settle; `cards`: cards that come
 * by themselves too. */
void host_start_drivers(struct host *host, bool cards);
/* Powers off all cards, then stops the drivers. */
void host_stop_drivers(struct host *host);
/* When the watchdog has stopped, which starts them. */
void host_join_tenders(struct host *host);

/* --- helper.c ----------------------------------------------------------------------- */

/* Has the card asked for its ATR: a watch said WATCH_PROBE. The manager is locked. */
void prober_start(struct host *host, struct reader *reader) NEEDS_LOCK(host->lock);
/* The last helper of this kind has ended, or is about to. No lock is held. */
void helper_join(struct host *host, struct reader *reader, enum helper_kind kind);
/* Looks at every slot for what time brings, and does it. Returns when to look again. No
 * lock is held. */
uint64_t helper_look(struct host *host);

/* --- watchdog.c --------------------------------------------------------------------- */

void watchdog_init(struct watchdog *watchdog, struct host *host,
                   uint64_t (*look)(struct host *host));
/* From now on a deadline may start its thread, until watchdog_stop(). */
void watchdog_allow(struct watchdog *watchdog);
/* Somebody has a deadline: the watchdog looks at all slots then. Cheap when it is awake
 * by then anyway. Its thread starts with the first deadline. */
void watchdog_need(struct watchdog *watchdog, uint64_t deadline_ms);
void watchdog_stop(struct watchdog *watchdog);

#endif
