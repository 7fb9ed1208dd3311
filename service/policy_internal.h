/* SPDX-License-Identifier: BSD-2-Clause */
/* What policy.c and policy_parse.c share: a policy as it lies in memory. */
#ifndef SERVICE_POLICY_INTERNAL_H
#define SERVICE_POLICY_INTERNAL_H

#include "service/policy.h"

enum policy_who { WHO_NOBODY, WHO_EVERYONE, WHO_USER, WHO_GROUP };

struct policy_subject {
    enum policy_who who;
    uint32_t id; /* uid or gid */
};

enum { POLICY_LIMIT_COUNT = 6 }; /* in the order of struct policy_limits */

/* One line that says something. */
struct policy_rule {
    uint32_t line;
    struct policy_subject subject;
    bool limits;                         /* a rule about `amount`, else about `rights` */
    uint32_t amount[POLICY_LIMIT_COUNT]; /* 0: it does not say */
    enum policy_answer answer;
    unsigned rights;     /* bits of enum policy_right */
    const char *pattern; /* in the policy's text; NULL: any reader */
};

struct policy {
    uint32_t references;
    uint32_t owner;
    char *text; /* the file's, cut into words */
    struct policy_rule *rules;
    size_t rule_count;
};

/* A policy with a copy of `text` and no rule yet, with room for `rules`. NULL: no memory.
 */
struct policy *policy_create(const char *text, size_t size, size_t rules, uint32_t owner);

#endif
