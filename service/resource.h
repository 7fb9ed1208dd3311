/* SPDX-License-Identifier: BSD-2-Clause */
/* What users hold of the service, as account.h counts it. */
#ifndef SERVICE_RESOURCE_H
#define SERVICE_RESOURCE_H

#include <stdint.h>

enum account_resource {
    ACCOUNT_SESSIONS,
    ACCOUNT_CONNECTIONS,
    ACCOUNT_CONTEXTS,
    ACCOUNT_HANDLES,
    ACCOUNT_BYTES, /* of requests that are not whole, or wait, and of unread responses */
    ACCOUNT_RESOURCES
};

/* Of all users. Under the server's lock. */
struct account_totals {
    uint64_t held[ACCOUNT_RESOURCES], capacity[ACCOUNT_RESOURCES];
};

/* Sets the capacities: connections as the system has descriptors. */
void account_totals_init(struct account_totals *totals);

#endif
