/* SPDX-License-Identifier: BSD-2-Clause */
/* Asks polkitd, where a rule says so (POLICY_ASK). Built with -DWITH_POLKIT=ON; without,
 * no rule can ask, since policy_options.can_ask is POLKIT_BUILT.
 *
 * A question may stand for as long as a person takes to type a password, so it holds no
 * serving thread: a thread of this module waits for all of them, and calls back. */
#ifndef SERVICE_POLKIT_H
#define SERVICE_POLKIT_H

#include "service/policy.h"

#if defined(WITH_POLKIT)
#define POLKIT_BUILT true
#else
#define POLKIT_BUILT false
#endif

enum {
    POLKIT_WAIT_MS = 60000, /* then the answer is no */
    POLKIT_PENDING_MAX = 64 /* questions at once; more are answered no, at once */
};

/* The process that asks, as it was when it connected: polkit takes the number of another
 * process in its place for what it is, by the time at which it started. */
struct polkit_process {
    int32_t pid;
    uint32_t uid;
    uint64_t start_time; /* os_process_start_time() */
};

/* The action's name: "org.winscard.use" or "org.winscard.control". */
const char *polkit_action(enum policy_right right);

/* The answer, exactly once for every question that polkit_ask() took, in the thread of
 * this module, which it must not hold up. False: no, or nobody to ask, or too late, or
 * cancelled. Within it polkit_ask() and polkit_cancel() may be called, polkit_stop() not.
 */
typedef void polkit_done(void *context, bool allowed);

struct polkit;

/* Starts the thread; no connection is made before the first question. `wait_ms` is
 * POLKIT_WAIT_MS, or less in tests. Errors: SC_E_NO_MEMORY. */
enum sc_error polkit_start(uint32_t wait_ms, struct polkit **out) MUST_CHECK;
/* Answers what is still asked with false, and ends the thread. NULL does nothing. */
void polkit_stop(struct polkit *polkit);
/* Asks. *asked names the question for polkit_cancel(), and is set before done() can be
 * called. `reader` is for the person who is asked. Errors, and then done() is not called:
 * SC_E_SERVER_TOO_BUSY (POLKIT_PENDING_MAX), SC_E_NO_ACCESS (the process has no start
 * time: it is gone, or /proc does not show it), SC_E_NO_MEMORY. GLib, which this is built
 * with, ends the process when it has no memory. */
enum sc_error polkit_ask(struct polkit *polkit, const struct polkit_process *process,
                         enum policy_right right, const char *reader, polkit_done *done,
                         void *context, uint64_t *asked) MUST_CHECK;
/* The client that asked is gone: done() comes soon, with false. Nothing happens to a
 * question that was answered already. */
void polkit_cancel(struct polkit *polkit, uint64_t question);

#endif
