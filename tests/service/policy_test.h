/* SPDX-License-Identifier: BSD-2-Clause */
/* What the tests of policies share: some accounts, and policies from text. */
#ifndef TESTS_UNIT_SERVICE_POLICY_TEST_H
#define TESTS_UNIT_SERVICE_POLICY_TEST_H

#include "service/policy.h"
#include "tests/support/check.h"

enum { ALICE = 1001, BOB = 1002, MALLORY = 1003, STAFF = 50, SCARD = 120, OWNER = 990 };

static inline enum sc_error test_find_user(void *context, const char *name, uint32_t *uid)
{
    (void)context;
    if (strcmp(name, "down") == 0)
        return SC_F_INTERNAL_ERROR;
    *uid = strcmp(name, "alice") == 0     ? ALICE
           : strcmp(name, "bob") == 0     ? BOB
           : strcmp(name, "mallory") == 0 ? MALLORY
           : strcmp(name, "al ice") == 0  ? ALICE
                                          : UINT32_MAX;
    return *uid != UINT32_MAX ? SC_OK : SC_E_FILE_NOT_FOUND;
}

static inline enum sc_error test_find_group(void *context, const char *name,
                                            uint32_t *gid)
{
    (void)context;
    *gid = strcmp(name, "staff") == 0   ? STAFF
           : strcmp(name, "scard") == 0 ? SCARD
                                        : UINT32_MAX;
    return *gid != UINT32_MAX ? SC_OK : SC_E_FILE_NOT_FOUND;
}

static const struct policy_accounts test_accounts = {test_find_user, test_find_group,
                                                     NULL};
static const struct policy_options test_options = {&test_accounts, OWNER, true, false};

/* NULL if the text is wrong. */
static inline struct policy *test_policy(const char *text)
{
    struct policy *policy = NULL;
    struct policy_fault fault;
    if (policy_parse(text, strlen(text), &test_options, &policy, &fault) != SC_OK)
        fprintf(stderr, "line %u: %s\n", (unsigned)fault.line, fault.text);
    CHECK(policy != NULL);
    return policy;
}

#endif
