/* SPDX-License-Identifier: BSD-2-Clause */
/* From the text of a policy file to rules; winscard-policy.conf(5) has the grammar. */
#include "service/policy.h"

#include "base/log.h"
#include "base/utf.h"
#include "service/policy_internal.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { WORDS_MAX = 16 }; /* of a line; the longest sentence has 15 */

struct word {
    char *text;
    bool quoted; /* then it is a name or a pattern, never a word of ours */
};

struct parser {
    const struct policy_options *options;
    struct policy *policy;
    struct policy_fault *fault;
    uint32_t line;
    struct word words[WORDS_MAX];
    size_t count, next;
    policy_fault_sink *tell; /* of each fault, and go on; NULL: end at the first */
    void *context;           /* of tell() */
    uint32_t faults;         /* reported so far */
};

PRINTF_LIKE(2, 3)
static bool fail_at_line(struct parser *parser, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(parser->fault->text, sizeof(parser->fault->text), format, arguments);
    va_end(arguments);
    parser->fault->line = parser->line;
    return false;
}

static bool is_rule_space(char c)
{
    return c == ' ' || c == '\t';
}

/* Takes a word out of the line at *at, which is ended with NUL, and so is the word then.
 */
static bool cut_word(struct parser *parser, char **at)
{
    bool quoted = **at == '"';
    char *begin = *at + (quoted ? 1 : 0);
    char *end = begin;
    while (*end != '\0' && *end != '"' && (quoted || !is_rule_space(*end)))
        end++;
    if (quoted != (*end == '"') || (quoted && end[1] != '\0' && !is_rule_space(end[1])))
        return fail_at_line(parser, "a quotation mark is missing, or is inside a word");
    if (end - begin > POLICY_WORD_MAX || parser->count == WORDS_MAX)
        return fail_at_line(parser,
                            "a word is longer than %d bytes, or there are too many",
                            POLICY_WORD_MAX);
    if (end == begin)
        return fail_at_line(parser, "there is nothing between the quotation marks");
    *at = *end == '\0' ? end : end + 1;
    *end = '\0';
    parser->words[parser->count++] = (struct word){begin, quoted};
    return true;
}

static bool cut_line(struct parser *parser, char *at)
{
    parser->count = parser->next = 0;
    while (*at != '\0') {
        if (is_rule_space(*at))
            at++;
        else if (*at == '#') /* only where a word could begin */
            return true;
        else if (!cut_word(parser, &at))
            return false;
    }
    return true;
}

/* For messages too: what comes next, in words. */
static const char *peek_word(const struct parser *parser)
{
    return parser->next < parser->count ? parser->words[parser->next].text
                                        : "the end of the line";
}

/* Goes past the word if it comes next. */
static bool take_rule_word(struct parser *parser, const char *word)
{
    bool here = parser->next < parser->count && !parser->words[parser->next].quoted
                && strcmp(parser->words[parser->next].text, word) == 0;
    if (here)
        parser->next++;
    return here;
}

/* Digits alone, up to `most`. */
static bool read_limit(const char *text, uint32_t most, uint32_t *number)
{
    uint64_t value = 0;
    const char *at = text;
    for (; *at >= '0' && *at <= '9' && value <= most; at++)
        value = value * 10 + (uint64_t)(*at - '0');
    if (at == text || *at != '\0' || value > most)
        return false;
    *number = (uint32_t)value;
    return true;
}

/* "user NAME" and "group NAME"; `lasting` says that the rule may not be skipped. */
static bool find_name(struct parser *parser, struct policy_subject *subject, bool lasting)
{
    const struct policy_accounts *accounts = parser->options->accounts;
    bool user = subject->who == WHO_USER;
    const char *kind = user ? "user" : "group";
    if (parser->next == parser->count)
        return fail_at_line(parser, "the name of a %s is missing", kind);
    const char *name = parser->words[parser->next++].text;
    enum sc_error error = (user ? accounts->find_user : accounts->find_group)(
        accounts->context, name, &subject->id);
    if (error == SC_OK)
        return true;
    const char *why = error == SC_E_FILE_NOT_FOUND ? "there is no" : "cannot look up";
    if (lasting)
        return fail_at_line(parser, "%s %s '%s', so the rule would be skipped", why, kind,
                            name);
    log_info("policy, line %u: %s %s '%s': the rule matches nobody",
             (unsigned)parser->line, why, kind, name);
    subject->who = WHO_NOBODY;
    return true;
}

static bool parse_subject(struct parser *parser, struct policy_subject *subject,
                          bool lasting)
{
    static const struct {
        const char *word;
        struct policy_subject subject;
    } plain[] = {{"everyone", {WHO_EVERYONE, 0}}, {"root", {WHO_USER, 0}}};
    for (size_t i = 0; i < ARRAY_SIZE(plain); i++) {
        if (take_rule_word(parser, plain[i].word)) {
            *subject = plain[i].subject;
            return true;
        }
    }
    bool user = take_rule_word(parser, "user");
    subject->who = user ? WHO_USER : WHO_GROUP;
    if (user || take_rule_word(parser, "group"))
        return find_name(parser, subject, lasting);
    const char *word = peek_word(parser);
    bool uid = strncmp(word, "uid:", 4) == 0;
    subject->who = uid ? WHO_USER : WHO_GROUP;
    /* The largest number stands for "none" (chown(2)). */
    if ((uid || strncmp(word, "gid:", 4) == 0)
        && read_limit(word + 4, UINT32_MAX - 1, &subject->id)) {
        parser->next++;
        return true;
    }
    return fail_at_line(
        parser,
        "expected everyone, root, user NAME, group NAME, uid:NUMBER or gid:NUMBER, "
        "found '%.40s'",
        word);
}

static unsigned take_right(struct parser *parser)
{
    if (take_rule_word(parser, "use"))
        return POLICY_USE;
    return take_rule_word(parser, "control") ? POLICY_CONTROL : 0;
}

/* "use", "control" or "use and control"; then "any reader" or a pattern. */
static bool parse_rights(struct parser *parser, struct policy_rule *rule)
{
    unsigned first = take_right(parser), second = first;
    if (first != 0 && take_rule_word(parser, "and"))
        second = take_right(parser);
    if (first == 0 || second == 0)
        return fail_at_line(parser,
                            "expected use, control or 'use and control', found '%.40s'",
                            peek_word(parser));
    rule->rights = first | second;
    if (parser->next < parser->count && parser->words[parser->next].quoted) {
        rule->pattern = parser->words[parser->next++].text;
        return true;
    }
    return (take_rule_word(parser, "any") && take_rule_word(parser, "reader"))
           || fail_at_line(parser,
                           "expected 'any reader' or a pattern in quotation marks, found "
                           "'%.40s'",
                           peek_word(parser));
}

static bool parse_access(struct parser *parser, struct policy_rule *rule)
{
    bool may_skip_subject = false;
    if (rule->answer == POLICY_ASK) {
        if (!take_rule_word(parser, "polkit"))
            return fail_at_line(parser, "expected polkit, found '%.40s'",
                                peek_word(parser));
        if (!parser->options->can_ask)
            return fail_at_line(parser, "this winscardd is built without polkit");
        const char *word = peek_word(parser);
        may_skip_subject = strcmp(word, "use") == 0 || strcmp(word, "control") == 0;
    }
    rule->subject.who = WHO_EVERYONE;
    return (may_skip_subject
            || parse_subject(parser, &rule->subject, rule->answer != POLICY_ALLOW))
           && parse_rights(parser, rule);
}

static bool parse_limits(struct parser *parser, struct policy_rule *rule)
{
    static const char *const names[] = {"contexts", "handles",  "requests",
                                        "bytes",    "sessions", "connections"};
    static const struct policy_limits least = POLICY_LIMITS_LEAST;
    static const struct policy_limits most = POLICY_LIMITS_MOST;
    const uint32_t low[] = {least.contexts, least.handles,  least.requests,
                            least.bytes,    least.sessions, least.connections};
    const uint32_t high[] = {most.contexts, most.handles,  most.requests,
                             most.bytes,    most.sessions, most.connections};
    rule->limits = true;
    if (!parse_subject(parser, &rule->subject, false))
        return false;
    do {
        size_t i = 0;
        while (i < POLICY_LIMIT_COUNT && !take_rule_word(parser, names[i]))
            i++;
        if (i == POLICY_LIMIT_COUNT || rule->amount[i] != 0)
            return fail_at_line(
                parser,
                "expected contexts, handles, requests, bytes, sessions or "
                "connections, each once, found '%.40s'",
                peek_word(parser));
        if (!read_limit(peek_word(parser), high[i], &rule->amount[i])
            || rule->amount[i] < low[i])
            return fail_at_line(
                parser, "%s: expected a number from %u to %u, found '%.40s'", names[i],
                (unsigned)low[i], (unsigned)high[i], peek_word(parser));
        parser->next++;
    } while (parser->next < parser->count);
    return true;
}

static bool parse_rule(struct parser *parser, struct policy_rule *rule)
{
    static const struct {
        const char *word;
        enum policy_answer answer;
    } verbs[] = {{"allow", POLICY_ALLOW}, {"deny", POLICY_DENY}, {"ask", POLICY_ASK}};
    rule->line = parser->line;
    for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
        if (take_rule_word(parser, verbs[i].word)) {
            rule->answer = verbs[i].answer;
            return parse_access(parser, rule);
        }
    }
    if (take_rule_word(parser, "limit"))
        return parse_limits(parser, rule);
    return fail_at_line(parser, "expected allow, deny, ask or limit, found '%.40s'",
                        peek_word(parser));
}

/* Does the earlier rule decide wherever the later one would, and otherwise? */
static bool contradicts(const struct policy_rule *first, const struct policy_rule *second)
{
    bool same_who = first->subject.who == second->subject.who
                    && first->subject.id == second->subject.id;
    if (first->subject.who != WHO_EVERYONE && !same_who)
        return false;
    for (size_t i = 0; i < POLICY_LIMIT_COUNT; i++) {
        if (first->amount[i] != 0 && second->amount[i] != 0
            && first->amount[i] != second->amount[i])
            return true;
    }
    bool same_reader =
        first->pattern == NULL
        || (second->pattern != NULL && strcmp(first->pattern, second->pattern) == 0);
    return (first->rights & second->rights) != 0 && first->answer != second->answer
           && same_reader;
}

static bool add_rule(struct parser *parser, const struct policy_rule *rule)
{
    struct policy *policy = parser->policy;
    if (parser->next != parser->count)
        return fail_at_line(parser, "expected the end of the line, found '%.40s'",
                            peek_word(parser));
    for (size_t i = 0; rule->subject.who != WHO_NOBODY && i < policy->rule_count; i++) {
        if (contradicts(&policy->rules[i], rule))
            return fail_at_line(parser,
                                "comes too late: line %u decides this otherwise, and the "
                                "first rule that matches counts",
                                (unsigned)policy->rules[i].line);
    }
    if (policy->rule_count == POLICY_RULES_MAX)
        return fail_at_line(parser, "more than %d rules", POLICY_RULES_MAX);
    policy->rules[policy->rule_count++] = *rule;
    return true;
}

/* No NUL, no other control character but the tab, and UTF-8. */
static bool is_text(const char *line, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (((unsigned char)line[i] < 0x20 && line[i] != '\t') || line[i] == 0x7F)
            return false;
    }
    return utf8_is_valid(line, size);
}

static bool parse_line(struct parser *parser, char *line, size_t size)
{
    struct policy_rule rule = {0};
    if (size != 0 && line[size - 1] == '\r')
        size--;
    if (!is_text(line, size))
        return fail_at_line(parser, "this is not text in UTF-8");
    line[size] = '\0';
    if (!cut_line(parser, line))
        return false;
    return parser->count == 0 || (parse_rule(parser, &rule) && add_rule(parser, &rule));
}

static bool parse_text(struct parser *parser, size_t size)
{
    char *at = parser->policy->text, *end = at + size;
    while (at < end) {
        char *stop = memchr(at, '\n', (size_t)(end - at));
        if (stop == NULL)
            stop = end; /* there is a NUL */
        parser->line++;
        if (!parse_line(parser, at, (size_t)(stop - at))) {
            if (parser->tell == NULL)
                return false;
            parser->tell(parser->context, parser->fault);
            parser->faults++;
        }
        at = stop + 1;
    }
    return true;
}

/* Makes parser->policy, which is to be released, also on errors. */
static enum sc_error parse(struct parser *parser, const char *text, size_t size)
{
    size_t lines = 1;
    *parser->fault = (struct policy_fault){0};
    if (size > POLICY_TEXT_MAX) {
        (void)fail_at_line(parser, "larger than %d bytes", POLICY_TEXT_MAX);
        return SC_E_INVALID_VALUE;
    }
    for (size_t i = 0; i < size && lines < POLICY_RULES_MAX; i++)
        lines += text[i] == '\n' ? 1 : 0;
    parser->policy = policy_create(text, size, lines, parser->options->owner);
    if (parser->policy == NULL) {
        (void)fail_at_line(parser, "no memory");
        return SC_E_NO_MEMORY;
    }
    return parse_text(parser, size) ? SC_OK : SC_E_INVALID_VALUE;
}

enum sc_error policy_parse(const char *text, size_t size,
                           const struct policy_options *options, struct policy **policy,
                           struct policy_fault *fault)
{
    struct parser parser = {.options = options, .fault = fault};
    enum sc_error error = parse(&parser, text, size);
    if (error == SC_OK)
        *policy = parser.policy;
    else
        policy_release(parser.policy);
    return error;
}

uint32_t policy_check(const char *text, size_t size, const struct policy_options *options,
                      policy_fault_sink *tell, void *context)
{
    struct policy_fault fault;
    struct parser parser = {
        .options = options, .fault = &fault, .tell = tell, .context = context};
    if (parse(&parser, text, size) != SC_OK) { /* the text as a whole */
        tell(context, &fault);
        parser.faults++;
    }
    policy_release(parser.policy);
    return parser.faults;
}
