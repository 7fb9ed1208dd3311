/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy in force: read from its file at the start and on SIGHUP, and replaced in one
 * step; a caller keeps the one that it got until it gives it back. */
#ifndef SERVICE_POLICY_STORE_H
#define SERVICE_POLICY_STORE_H

#include "os/lock.h"
#include "service/policy.h"

/* What became of the file as it was read last. */
enum policy_state {
    POLICY_GOOD,  /* what it says is in force, or it is not there and need not be */
    POLICY_KEPT,  /* it has a fault: the one that was read before stays in force */
    POLICY_CLOSED /* it has a fault, and there was none before: policy_create_closed() */
};

/* What that means, in words for a log. */
const char *policy_state_words(enum policy_state state);

struct policy_store {
    struct os_mutex mutex;
    struct policy *current;
    const char *path;
    struct policy_options options;
    enum policy_state state;
    struct policy_fault fault; /* of the file as it was read last, unless POLICY_GOOD */
};

/* `path` is borrowed, options->accounts too. Nothing is read yet: all is refused. */
void policy_store_init(struct policy_store *store, const char *path,
                       const struct policy_options *options);
void policy_store_destroy(struct policy_store *store);
/* Reads the file (it may block: names are looked up) and puts what it says in force. With
 * no file that is the default, unless the file is_named: then it is a fault. A file
 * that is broken, or cannot be trusted, is logged as an error. What was in force before
 * stays so, as a slip of the pen is to let nobody in and to shut nobody out; where no
 * file was read so far, nothing is allowed but to root and the service's own user.
 * The error is for the caller that asked for it. Errors: SC_E_INVALID_VALUE (a rule),
 * SC_E_NO_ACCESS (the file), SC_E_NO_MEMORY. One call at a time. */
enum sc_error policy_store_load(struct policy_store *store);
/* What became of the file as it was read last; unless it is good, *fault is a copy of
 * what is wrong. */
enum policy_state policy_store_state(struct policy_store *store,
                                     struct policy_fault *fault);
/* The policy in force, for policy_release(). NULL (no memory for even the simplest) means
 * that all is refused, and policy_may() takes it for that. */
struct policy *policy_store_get(struct policy_store *store) MUST_CHECK;

#endif
