/* SPDX-License-Identifier: BSD-2-Clause */
/* Fuzzes policy files and the questions asked of them. Input: the text of a file. The
 * accounts of the harness: a user or group whose name begins with a digit has that
 * number,
 * '!' means that it cannot be known now, and there is no other. */
#include "base/utf.h"
#include "service/policy.h"
#include "tests/fuzz/property.h"

enum { OWNER = 4 };

static enum sc_error find(void *context, const char *name, uint32_t *id)
{
    (void)context;
    PROPERTY(name[0] != '\0' && strlen(name) <= POLICY_WORD_MAX);
    if (name[0] >= '0' && name[0] <= '9')
        *id = (uint32_t)(name[0] - '0');
    else
        return name[0] == '!' ? SC_F_INTERNAL_ERROR : SC_E_FILE_NOT_FOUND;
    return SC_OK;
}

static const struct policy_accounts accounts = {find, find, NULL};

static void check_amount(uint32_t amount, uint32_t least, uint32_t most)
{
    PROPERTY(amount >= least && amount <= most);
}

static void check_limits(const struct policy *policy, const struct policy_peer *peer)
{
    static const struct policy_limits least = POLICY_LIMITS_LEAST;
    static const struct policy_limits most = POLICY_LIMITS_MOST;
    struct policy_limits limits = policy_limits(policy, peer);
    check_amount(limits.contexts, least.contexts, most.contexts);
    check_amount(limits.handles, least.handles, most.handles);
    check_amount(limits.requests, least.requests, most.requests);
    check_amount(limits.bytes, least.bytes, most.bytes);
}

/* Where no line decides, root and the owner may and others may not. */
static void check_answers(const struct policy *policy, const struct policy_peer *peer,
                          size_t lines, bool can_ask)
{
    static const char *const names[] = {"Reader 0", "Reader [X] (1) 00 00"};
    bool own = peer->uid == 0 || peer->uid == OWNER, seen = false;
    for (unsigned right = POLICY_USE; right <= POLICY_CONTROL; right++) {
        enum policy_answer answer =
            policy_may(policy, peer, names, 2, (enum policy_right)right);
        uint32_t line = policy_line(policy, peer, names, 2, (enum policy_right)right);
        PROPERTY(line <= lines);
        PROPERTY(line != 0 || answer == (own ? POLICY_ALLOW : POLICY_DENY));
        PROPERTY(can_ask || answer != POLICY_ASK);
        seen = seen || answer != POLICY_DENY;
    }
    PROPERTY(policy_list_visible(policy, peer, names, 2) == seen);
    check_limits(policy, peer);
}

static void take_fault(void *context, const struct policy_fault *fault)
{
    struct policy_fault *first = context;
    PROPERTY(fault->text[0] != '\0');
    if (first->text[0] == '\0')
        *first = *fault;
}

/* What tells all faults finds the one that policy_parse() ended at, or none. */
static void check_faults(const char *text, size_t size,
                         const struct policy_options *options, enum sc_error error,
                         const struct policy_fault *fault)
{
    struct policy_fault first = {0, ""};
    uint32_t count = policy_check(text, size, options, take_fault, &first);
    PROPERTY((count == 0) == (error == SC_OK));
    PROPERTY(error == SC_OK
             || (first.line == fault->line && strcmp(first.text, fault->text) == 0));
}

static void check_policy(const uint8_t *data, size_t size, bool can_ask)
{
    static const uint32_t groups[] = {2, 7};
    const struct policy_options options = {&accounts, OWNER, can_ask, false};
    struct policy *policy = NULL;
    struct policy_fault fault;
    size_t lines = 1;
    for (size_t i = 0; i < size; i++)
        lines += data[i] == '\n' ? 1 : 0;
    char *text = (char *)property_copy(data, size);
    enum sc_error error = policy_parse(text, size, &options, &policy, &fault);
    check_faults(text, size, &options, error, &fault);
    free(text);
    if (error != SC_OK) {
        PROPERTY(error == SC_E_INVALID_VALUE && policy == NULL && fault.line <= lines);
        PROPERTY(fault.text[0] != '\0');
        PROPERTY(memchr(fault.text, '\0', sizeof(fault.text)) != NULL);
        return;
    }
    for (uint32_t uid = 0; uid < 10; uid++) {
        struct policy_peer peer = {uid, groups, uid % 3};
        check_answers(policy, &peer, lines, can_ask);
    }
    policy_release(policy);
}

/* The text as a pattern and a name, cut at a newline: a star more fits no less, and what
 * has no special character fits itself alone. */
static void check_pattern(const uint8_t *data, size_t size)
{
    const uint8_t *cut = size != 0 ? memchr(data, '\n', size) : NULL;
    size_t first = cut != NULL ? (size_t)(cut - data) : size / 2;
    size_t second = size - first;
    if (first > POLICY_WORD_MAX || second > POLICY_WORD_MAX)
        return;
    char pattern[POLICY_WORD_MAX + 2] = "*";
    char *name = (char *)property_room(second + 1);
    if (first != 0)
        memcpy(pattern + 1, data, first);
    if (second != 0)
        memcpy(name, data + first, second);
    name[second] = '\0';
    bool fits = policy_pattern_fits(pattern + 1, name);
    PROPERTY(!fits || policy_pattern_fits(pattern, name));
    if (strpbrk(pattern + 1, "*?") == NULL)
        PROPERTY(fits == (strcmp(pattern + 1, name) == 0));
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    check_policy(data, size, true);
    check_policy(data, size, false);
    check_pattern(data, size);
    return 0;
}
