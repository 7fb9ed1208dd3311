/* SPDX-License-Identifier: BSD-2-Clause */
/* The thread of a driver that looks after its devices: it looks, sleeps until the next
 * look is due or somebody wakes it, and looks again. */
#ifndef DRIVERS_KIT_ATTENDANT_H
#define DRIVERS_KIT_ATTENDANT_H

#include "base/compiler.h"
#include "base/error.h"
#include "os/lock.h"
#include "os/socket.h"
#include "os/thread.h"

enum kit_attendant_state {
    KIT_ATTENDANT_NEW,
    KIT_ATTENDANT_RUNS,
    KIT_ATTENDANT_STOPPED /* for good */
};

struct kit_attendant {
    const char *name;
    uint64_t (*look)(void *context);
    void *context;
    struct os_wake wake; /* raised while it is to look; kit_attendant_add_wake() */
    bool polls;          /* it has one */
    struct os_thread thread;
    struct os_mutex lock;
    struct os_cond roused;
    /* Under the lock. */
    enum kit_attendant_state state;
    bool woken;
};

/* `name` is the thread's, for debuggers. look() is called without a lock, and says when
 * the next look is due; OS_FOREVER: when it is woken. Nothing runs yet. */
void kit_attendant_init(struct kit_attendant *attendant, const char *name,
                        uint64_t (*look)(void *context), void *context);
/* For a look that waits in poll(), with attendant->wake. Errors: SC_E_NO_MEMORY. */
enum sc_error kit_attendant_add_wake(struct kit_attendant *attendant) MUST_CHECK;
void kit_attendant_destroy(struct kit_attendant *attendant);
/* Starts the thread, or wakes the one that runs. SC_OK after a stop, too. Errors:
 * SC_E_NO_MEMORY. */
enum sc_error kit_attendant_start(struct kit_attendant *attendant) MUST_CHECK;
/* There is something to look at. */
void kit_attendant_wake(struct kit_attendant *attendant);
/* Waits for the look that runs to end; there is none after that. */
void kit_attendant_stop(struct kit_attendant *attendant);

#endif
