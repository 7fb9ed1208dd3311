/* SPDX-License-Identifier: BSD-2-Clause */
/* The stress test's parts (stress.c says what it is). */
#ifndef RIG_GUEST_STRESS_H
#define RIG_GUEST_STRESS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <winscard.h>

enum {
    UNITS_MAX =
        4000, /* readers plugged in one run, each with a serial number of its own */
    NAME_ROOM = 160,
    WORKERS = 6
};

/* One plugging of one reader. Times are in milliseconds, 0: not yet. */
struct unit {
    char name[NAME_ROOM]; /* as the API lists it; "": not seen yet */
    bool hasty;           /* unplugged so early that it need not be seen */
    bool token;           /* its card cannot be moved */
    bool card;            /* it has one */
    bool card_seen;       /* what SCardGetStatusChange said last */
    uint64_t plugged, seen, unplugged, gone;
    uint64_t card_moved; /* the card went or came last */
    uint64_t told;       /* SCardGetStatusChange last said a state */
    uint32_t state;      /* and which: SCARD_STATE_... */
    unsigned disturbed;  /* how often it was unplugged, or its card moved */
};

/* What all threads share, under the mutex. */
struct stress {
    pthread_mutex_t mutex;
    struct unit units[UNITS_MAX];
    size_t count;
    bool pause, stop;
    unsigned idle;         /* workers that wait for the end of a pause */
    SCARDCONTEXT watching; /* the watcher's context */
    uint64_t call_began; /* the watcher is in SCardGetStatusChange since; 0: it is not */

    /* Figures. */
    unsigned long commands, connects, refusals, waits, pnp, lists;
    unsigned failures;
    uint64_t call_max; /* the longest call that had new readers to report at once */
    uint64_t gap_max;  /* the longest time between two acts of the main thread */
    uint64_t seen_total, seen_count, seen_max, gone_total, gone_count, gone_max;
};
extern struct stress stress;

uint64_t stress_now(void);
unsigned stress_random(unsigned *seed, unsigned below);
/* Prints what went wrong, and counts it. With the mutex. */
void stress_fail(const char *what, const struct unit *unit, LONG error);

void *stress_watch(void *unused); /* stress_watch.c */
void *stress_work(void *seed);    /* stress_work.c: a pointer to unsigned */

#endif
