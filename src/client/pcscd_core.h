/* SPDX-License-Identifier: BSD-2-Clause */
/* The carrier to pcscd: what it knows, and its parts among themselves.
 *
 * Which connections there are. pcscd serves the requests of a connection one after
 * another, and a card handle belongs to the connection that connected it. So that no call
 * waits for another that it has nothing to do with there are, in one process:
 *   - one for the states of readers, as long as there is a context;
 *   - one for events, with a thread of ours that reads it, from the first
 *     SCardGetStatusChange that has to wait to the last SCardReleaseContext;
 *   - one for each card handle. Some are kept for the next SCardConnect.
 * A context needs none of its own: what pcscd calls a context belongs to a connection.
 *
 * What is known of the readers is kept in a manager (manager/manager.h) whose slots do
 * nothing: it gives handles, names and units, it holds the cache, and it decides what
 * SCardGetStatusChange reports, as it does for readers of this process.
 *
 * Locks: the lifecycle's, then the core's. Neither the core's lock nor one of a link is
 * held while the other is taken; no I/O is done with the core's lock. */
#ifndef CLIENT_PCSCD_CORE_H
#define CLIENT_PCSCD_CORE_H

#include "client/client.h"
#include "client/pcscd_link.h"
#include "os/lock.h"
#include "os/thread.h"

enum { IDLE_LINKS_MAX = 4 };

/* A card handle that is connected, or about to be. */
struct remote_card {
    struct card_handle *local; /* the manager's */
    struct pcscd_link *link;   /* NULL while it is opened */
    uint32_t handle;           /* pcscd's */
    uint32_t context;          /* ours */
    uint32_t epoch;
    uint32_t share;
    uint32_t active;     /* PROTOCOL_* */
    uint32_t last_error; /* enum sc_error of its last request */
    uint32_t depth;      /* of its transaction */
    uint32_t users;      /* threads in a call */
    uint32_t cancels;    /* SCardCancel calls of its context */
    bool closing;        /* the last user frees it */
    bool reusable;       /* its link has nothing left in pcscd */
    bool reported;       /* SC_E_SERVICE_STOPPED was given */
    struct os_cond
        turn; /* wakes threads that wait for others: it closes, or is cancelled */
};

struct pcscd_watcher {
    struct os_thread thread;
    struct os_cond cond;
    struct os_wake wake;
    bool started, stopping;
};

struct pcscd {
    struct os_mutex lock;
    struct manager manager;
    struct remote_card **cards; /* by index of the handle */
    uint32_t *epochs;           /* of contexts, by index; 0: its end was reported */
    uint32_t epoch;             /* ++ for each pcscd that was found, from 1 */
    bool alive;                 /* that pcscd is, as far as is known */
    struct pcscd_link *states;
    uint64_t asked, applied; /* questions for states: begun, and the newest answered */
    struct pcscd_link *idle[IDLE_LINKS_MAX];
    uint32_t idle_count;
    struct pcscd_watcher watcher;
};

/* --- pcscd_core.c: contexts and what is known --------------------------------------- */

/* True: the core is locked, the context is there and its pcscd too. Else the error:
 * SC_E_SERVICE_STOPPED the first time, SC_E_INVALID_HANDLE from then on. */
bool core_lock_context(uint32_t context, struct pcscd **core,
                       enum sc_error *error) MUST_CHECK TRY_LOCKS(true, (*core)->lock);
/* NULL before the first context, and in a child after fork. */
struct pcscd *core_current(void);
/* Asks for the states of all readers. Without a lock. Errors: SC_E_SERVICE_STOPPED (that
 * of this epoch is gone), SC_E_NO_MEMORY. */
enum sc_error core_refresh(struct pcscd *core, uint32_t epoch) MUST_CHECK;
/* core_refresh, then core_lock_context. */
bool core_lock_fresh(uint32_t context, struct pcscd **core,
                     enum sc_error *error) MUST_CHECK TRY_LOCKS(true, (*core)->lock);
/* core_lock_context(), which does not count as the one time that SC_E_SERVICE_STOPPED is
 * given. */
bool core_peek_context(uint32_t context, struct pcscd **core,
                       enum sc_error *error) MUST_CHECK TRY_LOCKS(true, (*core)->lock);
/* For pcscd_carrier.c. The lifecycle's lock, which is held around the other two: finds a
 * pcscd; takes leave of it, as no context is left. */
struct os_mutex *core_lifecycle(void);
enum sc_error core_find(struct pcscd **found) MUST_CHECK NEEDS_LOCK(*core_lifecycle());
void core_rest(struct pcscd *core) NEEDS_LOCK(*core_lifecycle());

/* --- pcscd_mirror.c: the manager's view of pcscd's readers ------------------------- */

/* Of the readers that pcscd has. */
void mirror_apply(struct pcscd *core, const struct wire_reader *readers, size_t count)
    NEEDS_LOCK(core->lock);
/* The same: signals watches that became ready. */
void mirror_wake_watches(struct pcscd *core) NEEDS_LOCK(core->lock);
/* All readers are gone; all watches end with `error`. */
void mirror_clear(struct pcscd *core, enum sc_error error) NEEDS_LOCK(core->lock);

/* --- pcscd_watch.c ------------------------------------------------------------------ */

enum sc_error pcscd_watch(uint32_t context, enum watch_rule rule, uint64_t timeout_ms,
                          struct watch_entry *entries, uint32_t count);
/* Without a lock, when no context is left. */
void watcher_stop(struct pcscd *core);

/* --- pcscd_card.c: handles ---------------------------------------------------------- */

enum sc_error pcscd_connect(uint32_t context, const char *name, struct request *request,
                            uint32_t *card);
/* The card of a handle, which stays until card_give. Errors: SC_E_INVALID_HANDLE. */
enum sc_error card_take(uint32_t id, struct pcscd **core,
                        struct remote_card **card) MUST_CHECK;
/* Returns the error that the caller gets in the place of `error`. */
enum sc_error card_give(struct pcscd *core, struct remote_card *card,
                        enum sc_error error);
/* The same under the lock, for a thread that is cancelled. */
void card_drop(struct pcscd *core, struct remote_card *card) NEEDS_LOCK(core->lock);
enum sc_error card_disconnect(uint32_t id, uint32_t disposition);
/* A card of a context that is released; the lock is given up meanwhile. */
void card_release(struct pcscd *core, uint32_t id) NEEDS_LOCK(core->lock);
/* SCardCancel: threads that wait to have a card alone stop. */
void card_cancel(struct pcscd *core, uint32_t context) NEEDS_LOCK(core->lock);
/* card_release() for connections that are made at this moment. */
void card_release_pending(struct pcscd *core, uint32_t context) NEEDS_LOCK(core->lock);

/* --- pcscd_request.c: one request for a card's handle ------------------------------- */

/* One without more than words. */
enum sc_error card_exchange(struct remote_card *card, const struct wire_message *message,
                            uint8_t *answer, size_t size, unsigned rv);
/* What pcscd says of the handle. */
enum sc_error card_check(struct remote_card *card);
enum sc_error card_end(struct remote_card *card, uint32_t disposition);
/* Any request but CONNECT and DISCONNECT; `active`: the card's protocol. */
enum sc_error card_call_once(struct remote_card *card, uint32_t active,
                             struct request *request);

/* --- pcscd_turn.c, pcscd_ioctl.c, pcscd_call.c: what is done with handles ----------- */

/* A request for the card, when its turn comes. The core is not locked. */
enum sc_error card_call_in_turn(struct pcscd *core, struct remote_card *card,
                                struct request *request);
/* The same, and what it changes is noted. */
enum sc_error card_run(struct pcscd *core, struct remote_card *card,
                       struct request *request);
/* A control code of Microsoft's (manager/ioctl.h), as far as pcscd has something that
 * does the same. False: it is not such a code. */
bool card_ioctl(struct pcscd *core, struct remote_card *card, struct request *request,
                enum sc_error *error) MUST_CHECK;
enum sc_error pcscd_card_call(uint32_t id, struct request *request);
enum sc_error pcscd_card_status(uint32_t id, enum name_style style,
                                struct card_status *status);
enum sc_error pcscd_get_attribute(uint32_t id, enum name_style style, uint32_t number,
                                  uint8_t value[DRIVER_ATTRIBUTE_MAX], size_t *size);

#endif
