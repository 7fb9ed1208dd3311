/* SPDX-License-Identifier: BSD-2-Clause */
/* SCardGetStatusChange: what it reports, and how one waits for it. Needs the manager's
 * lock.
 *
 *     watch_begin()     once
 *     watch_check()     READY: report, done
 *                       PROBE: let somebody run a REQUEST_PROBE on *probe, check again
 *                       IDLE: check again when woken, and at watch->until_ms
 *     watch_end()
 *
 * A new card is news when its ATR is known, or PROBE_HOLD_MS after it was asked for it:
 * until then its entry stays as the caller knows it, and other entries are news all the
 * same. Only a caller that asks about a reader for the first time (SCARD_STATE_UNAWARE) waits for
 * its card, that long for all of them, if there is no news of readers that it knows. A
 * time limit is exceeded by that long at most. */
#ifndef MANAGER_WATCH_H
#define MANAGER_WATCH_H

#include "manager/manager.h"

/* Bits of SCARD_STATE_* beside those of a slot_view, VIEW_*. */
enum { ENTRY_IGNORE = 0x0001, ENTRY_CHANGED = 0x0002, ENTRY_ATRMATCH = 0x0040 };

/* One SCARD_READERSTATE. */
struct watch_entry {
    const char *name; /* UTF-8, borrowed for the call */
    uint32_t current; /* dwCurrentState */
    uint32_t event;   /* dwEventState, out */
    uint8_t atr[DRIVER_ATR_MAX];
    size_t atr_size;

    /* The watch's own. */
    struct reader *reader; /* NULL: unknown so far */
    struct reader *hidden; /* the one of this name that the caller may not see, or NULL */
    uint32_t serial;       /* of the reader when first seen */
    uint32_t first_events; /* its counter then */
    bool seen;
    bool is_pnp; /* the pseudo reader \\?PnP?\Notification */
};

/* The two ways to tell a difference, and other habits of the two ABIs. */
enum watch_rule {
    WATCH_WINDOWS,  /* any bit differs; unknown readers are reported in their entry */
    WATCH_PCSCLITE, /* a bit contradicts; an unknown reader fails the call */
    WATCH_NEWS,     /* no entries: whatever changes anywhere after `since` */
    WATCH_STATES    /* no entries: the time to tell of all readers, after `since` */
};

struct watch {
    uint32_t context;
    enum watch_rule rule;
    struct watch_entry *entries;
    uint32_t count;
    uint64_t deadline_ms; /* UINT64_MAX: none */
    /* Whether the caller may know of a reader with these names; NULL: of every one. It is
     * asked with the manager locked, once for each entry and reader. */
    bool (*may_see)(const void *viewer, char names[2][DRIVER_NAME_MAX]);
    const void *viewer;
    uint64_t since; /* manager->changes when it reported last; 0: never, for NEWS: now */
    enum sc_error error; /* when READY: SC_OK, SC_E_TIMEOUT (the entries say how things
                            are), SC_E_CANCELLED, SC_E_UNKNOWN_READER */
    uint64_t until_ms;   /* when IDLE */

    void *waiter; /* the host's */
    bool woken;   /* something happened since the last check */
    uint32_t probes;
    uint64_t patience_ms; /* PROBE_HOLD_MS after it held something first; 0: not yet */
    uint32_t first_changes;
    struct list_link link;       /* of all watches under way */
    struct list_link ready_link; /* of those woken, until the host takes it */
};

/* It has no entries. */
static inline bool watch_is_about_all(const struct watch *watch)
{
    return watch->rule == WATCH_NEWS || watch->rule == WATCH_STATES;
}

enum watch_verdict { WATCH_READY, WATCH_PROBE, WATCH_IDLE };

/* Errors: SC_E_INVALID_HANDLE (context), SC_E_INVALID_PARAMETER (too many entries),
 * SC_E_INVALID_VALUE (a name is NULL). */
enum sc_error watch_begin(struct manager *manager, struct watch *watch);
enum watch_verdict watch_check(struct manager *manager, struct watch *watch,
                               uint64_t now_ms, struct reader **probe);
/* The request that PROBE was said for has ended, with whatever result. */
void watch_probe_done(struct manager *manager, struct reader *reader);

/* --- watch_wake.c ------------------------------------------------------------------- */

/* The watch is over, by a result, a time-out or because its thread ends. */
void watch_end(struct watch *watch);
/* The watches of a context end with SC_E_CANCELLED. */
void watch_cancel(struct manager *manager, uint32_t context);
/* Something about this reader (NULL: about the set of readers) changed. */
void watch_notify(struct manager *manager, const struct reader *reader);
/* The next watch that was woken, or NULL. */
struct watch *watch_take_ready(struct manager *manager);

#endif
