/* SPDX-License-Identifier: BSD-2-Clause */
/* The questions that a policy answers. */
#include "service/policy.h"

#include "base/alloc.h"
#include "base/atomic.h"
#include "service/policy_internal.h"

#include <string.h>

struct policy *policy_create(const char *text, size_t size, size_t rules, uint32_t owner)
{
    struct policy *policy = mem_alloc(sizeof(*policy));
    if (policy == NULL)
        return NULL;
    policy->references = 1;
    policy->owner = owner;
    policy->text = mem_alloc(size + 1);
    policy->rules = mem_alloc_array(rules, sizeof(*policy->rules));
    if (policy->text == NULL || policy->rules == NULL) {
        policy_release(policy);
        return NULL;
    }
    if (size != 0)
        memcpy(policy->text, text, size);
    return policy;
}

struct policy *policy_create_closed(const struct policy_options *options)
{
    return policy_create("", 0, 1, options->owner);
}

struct policy *policy_create_default(const struct policy_options *options)
{
    struct policy *policy = policy_create_closed(options);
    if (policy == NULL)
        return NULL;
    policy->rules[0] = (struct policy_rule){
        .subject = {.who = WHO_EVERYONE}, .answer = POLICY_ALLOW, .rights = POLICY_USE};
    policy->rule_count = 1;
    return policy;
}

struct policy *policy_retain(struct policy *policy)
{
    if (policy != NULL)
        (void)atomic_add_u32(&policy->references, 1);
    return policy;
}

void policy_release(struct policy *policy)
{
    if (policy == NULL || atomic_sub_u32(&policy->references, 1) != 0)
        return;
    mem_free(policy->text);
    mem_free(policy->rules);
    mem_free(policy);
}

/* The character after the one at `at`, which is not the end. Stray bytes are characters.
 */
static const char *next_character(const char *at)
{
    at++;
    while (((unsigned char)*at & 0xC0) == 0x80)
        at++;
    return at;
}

bool policy_pattern_fits(const char *pattern, const char *name)
{
    const char *star = NULL; /* what follows the last '*', */
    const char *from = NULL; /* tried from here on in the name */
    while (*name != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            from = name;
        } else if (*pattern == '?') {
            pattern++;
            name = next_character(name);
        } else if (*pattern == *name) {
            pattern++;
            name++;
        } else if (star != NULL) {
            pattern = star;
            from = next_character(from);
            name = from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

static bool subject_fits(const struct policy_subject *subject,
                         const struct policy_peer *peer)
{
    if (subject->who == WHO_USER)
        return peer->uid == subject->id;
    for (size_t i = 0; subject->who == WHO_GROUP && i < peer->gid_count; i++) {
        if (peer->gids[i] == subject->id)
            return true;
    }
    return subject->who == WHO_EVERYONE;
}

static bool reader_fits(const struct policy_rule *rule, const char *const *names,
                        size_t name_count)
{
    for (size_t i = 0; rule->pattern != NULL && i < name_count; i++) {
        if (policy_pattern_fits(rule->pattern, names[i]))
            return true;
    }
    return rule->pattern == NULL;
}

static const struct policy_rule *find_rule(const struct policy *policy,
                                           const struct policy_peer *peer,
                                           const char *const *names, size_t name_count,
                                           unsigned right)
{
    for (size_t i = 0; policy != NULL && i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        if ((rule->rights & right) != 0 && subject_fits(&rule->subject, peer)
            && reader_fits(rule, names, name_count))
            return rule;
    }
    return NULL;
}

enum policy_answer policy_may(const struct policy *policy, const struct policy_peer *peer,
                              const char *const *names, size_t name_count,
                              enum policy_right right)
{
    const struct policy_rule *rule = find_rule(policy, peer, names, name_count, right);
    if (rule != NULL)
        return rule->answer;
    bool own = policy != NULL && (peer->uid == 0 || peer->uid == policy->owner);
    return own ? POLICY_ALLOW : POLICY_DENY;
}

uint32_t policy_line(const struct policy *policy, const struct policy_peer *peer,
                     const char *const *names, size_t name_count, enum policy_right right)
{
    const struct policy_rule *rule = find_rule(policy, peer, names, name_count, right);
    return rule != NULL ? rule->line : 0;
}

bool policy_list_visible(const struct policy *policy, const struct policy_peer *peer,
                         const char *const *names, size_t name_count)
{
    return policy_may(policy, peer, names, name_count, POLICY_USE) != POLICY_DENY
           || policy_may(policy, peer, names, name_count, POLICY_CONTROL) != POLICY_DENY;
}

/* Microsoft's codes that do what a call does that everybody may make who may use the
 * reader (winsmcrd.h). Others of them move the card, or set attributes. */
static bool is_of_use(uint32_t function)
{
    enum { POWER = 1, GET_ATTRIBUTE = 2, TRANSMIT = 5, IS_PRESENT = 10, IS_ABSENT = 11 };
    enum { SET_PROTOCOL = 12, GET_STATE = 14, GET_LAST_ERROR = 15 };
    return function == POWER || function == GET_ATTRIBUTE || function == TRANSMIT
           || function == IS_PRESENT || function == IS_ABSENT || function == SET_PROTOCOL
           || function == GET_STATE || function == GET_LAST_ERROR;
}

enum policy_right policy_control_right(uint32_t code)
{
    /* Functions 0x800 and up are a vendor's own (CTL_CODE). Ours for features is 0xF00 +
     * tag, that of libccid 0x330000 + tag; 3400 is for the list of them (part 10, 2.2).
     */
    enum { LIST = 3400, OURS = 0xF00, THEIRS = 0x330000 };
    enum { ESCAPE = 0x42000001 }; /* the one where pcsc-lite means another than Windows */
    uint32_t function = code - 0x42000000U;
    if ((code & 0xFFFFC003U) == 0x00310000U)
        function = (code & 0x3FFFU) >> 2;
    if (function == LIST || (is_of_use(function) && code != ESCAPE))
        return POLICY_USE;
    switch (function - (function >= THEIRS ? THEIRS : OURS)) {
    case 0x06: /* VERIFY_PIN_DIRECT, */
    case 0x07: /* MODIFY_PIN_DIRECT, */
    case 0x08: /* MCT_READER_DIRECT, of which drivers let PIN commands through alone */
    case 0x0A: /* IFD_PIN_PROPERTIES */
    case 0x11: /* IFD_DISPLAY_PROPERTIES */
    case 0x12: /* GET_TLV_PROPERTIES */
        return POLICY_USE;
    default:
        return POLICY_CONTROL;
    }
}

/* Root and the service's own user have all there is, but one program of theirs no more
 * than of anybody's. */
static struct policy_limits usual_limits(const struct policy *policy, uint32_t uid)
{
    struct policy_limits usual = POLICY_LIMITS_DEFAULT;
    const uint32_t requests = usual.requests;
    if (uid == 0 || (policy != NULL && uid == policy->owner))
        usual = (struct policy_limits)POLICY_LIMITS_MOST;
    usual.requests = requests;
    return usual;
}

struct policy_limits policy_limits(const struct policy *policy,
                                   const struct policy_peer *peer)
{
    const struct policy_limits usual = usual_limits(policy, peer->uid);
    uint32_t amount[POLICY_LIMIT_COUNT] = {0};
    for (size_t i = 0; policy != NULL && i < policy->rule_count; i++) {
        const struct policy_rule *rule = &policy->rules[i];
        if (!rule->limits || !subject_fits(&rule->subject, peer))
            continue;
        for (size_t k = 0; k < POLICY_LIMIT_COUNT; k++) {
            if (amount[k] == 0)
                amount[k] = rule->amount[k];
        }
    }
    return (struct policy_limits){
        .contexts = amount[0] != 0 ? amount[0] : usual.contexts,
        .handles = amount[1] != 0 ? amount[1] : usual.handles,
        .requests = amount[2] != 0 ? amount[2] : usual.requests,
        .bytes = amount[3] != 0 ? amount[3] : usual.bytes,
        .sessions = amount[4] != 0 ? amount[4] : usual.sessions,
        .connections = amount[5] != 0 ? amount[5] : usual.connections,
    };
}
