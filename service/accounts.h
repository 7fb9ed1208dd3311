/* SPDX-License-Identifier: BSD-2-Clause */
/* The names of users and groups, as this system knows them (getpwnam, getgrnam; so LDAP
 * and the like too, which may block for as long as they please: not for a serving
 * thread). */
#ifndef SERVICE_ACCOUNTS_H
#define SERVICE_ACCOUNTS_H

#include "service/policy.h"

/* Both calls: SC_E_FILE_NOT_FOUND (no such name), SC_E_NO_MEMORY, SC_F_INTERNAL_ERROR
 * (the system could not say). Static storage; from any thread. */
const struct policy_accounts *accounts_system(void);

#endif
