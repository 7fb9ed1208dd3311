/* SPDX-License-Identifier: BSD-2-Clause */
/* The policy in force: read from its file at the start and on SIGHUP, and replaced in one
 * step; who asks keeps the one that it got until it gives it back. */
#ifndef SERVICE_POLICY_STORE_H
#define SERVICE_POLICY_STORE_H

#include "os/os.h"
#include "service/policy.h"

#define POLICY_PATH "/etc/winscard/policy.conf"

struct policy_store {
    struct os_mutex mutex;
    struct policy *current;
    const char *path;
    struct policy_options options;
    bool broken; /* the file as it was read last; then `fault` says how */
    struct policy_fault fault;
};

/* `path` is borrowed, options->accounts too. Nothing is read yet: all is refused. */
void policy_store_init(struct policy_store *store, const char *path,
                       const struct policy_options *options);
void policy_store_destroy(struct policy_store *store);
/* Reads the file (it may block: names are looked up) and puts what it says in force. With
 * no file that is the default, unless the file is_named: then it is a fault. A file
 * that is broken, or cannot be trusted, is logged as an error, and from then on nothing
 * is allowed but to root and the service's own user; the error is given for the one who
 * asked for it. Errors: SC_E_INVALID_VALUE (a rule), SC_E_NO_ACCESS (the file),
 * SC_E_NO_MEMORY. */
enum sc_error policy_store_load(struct policy_store *store);
/* Whether the file, as it was read last, has a fault; then *fault is a copy of it. */
bool policy_store_fault(struct policy_store *store, struct policy_fault *fault);
/* The policy in force, for policy_release(). NULL (no memory for even the simplest) means
 * that all is refused, and policy_may() takes it for that. */
struct policy *policy_store_get(struct policy_store *store) MUST_CHECK;

#endif
