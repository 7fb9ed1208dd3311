/* SPDX-License-Identifier: BSD-2-Clause */
/* How a definition or declaration is told from a use, without a compiler: by what stands
 * before and behind a name, and by whether it is inside a function. In doubt it is one, so
 * that nothing is complained of that is there. */
#include "cli/port/port_own.h"

#include <assert.h>
#include <string.h>

enum scope {
    SCOPE_FILE, /* the file, a namespace, a class: declarations */
    SCOPE_BODY, /* a function, an initializer: uses */
    SCOPE_ENUM
};

enum { DEPTH_MAX = 512 };

struct own {
    struct port_map *names;
    struct port_walk walk;
    uint8_t scopes[DEPTH_MAX]; /* of each open brace */
    uint32_t depth;            /* of braces; may be beyond DEPTH_MAX */
    unsigned levels;           /* of conditions that are open */
    uint32_t parentheses;
    uint32_t typedef_depth; /* one more than that of a typedef that is open, or 0 */
    struct port_token last, before; /* the tokens before this one */
    enum scope pending;             /* what the next brace opens */
    bool value;                     /* behind a = of this declaration */
    bool parameters;                /* of a macro */
    bool full;
};

static enum scope scope_now(const struct own *own)
{
    if (own->depth == 0)
        return SCOPE_FILE;
    return own->depth <= DEPTH_MAX ? (enum scope)own->scopes[own->depth - 1] : SCOPE_BODY;
}

static void own_add(struct own *own, const struct port_token *name)
{
    if (!port_map_put(own->names, name->at, name->size, 0))
        own->full = true;
}

/* Words behind which a name is used, not declared. */
static bool is_no_type(const struct port_token *token)
{
    static const char *const words[] = {
        "return", "else",   "new",   "delete",   "throw",     "case",
        "goto",   "sizeof", "do",    "operator", "co_return", "co_await",
        "gcnew",  "and",    "or",    "not",      "if",        "while",
        "for",    "switch", "__try", "try",      "typeof",    "defined"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (port_token_is(token, words[i]))
            return true;
    return false;
}

static bool is_mark_of(const struct port_token *token, const char *marks)
{
    return token->kind == PORT_MARK && token->size == 1
           && strchr(marks, token->at[0]) != NULL;
}

/* A tag: behind class, struct and the like, but for attributes. */
static bool opens_tag(const struct port_token *token)
{
    static const char *const words[] = {"class",       "struct",    "union",    "enum",
                                        "namespace",   "interface", "typename", "using",
                                        "__interface", "concept"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        if (port_token_is(token, words[i]))
            return true;
    return false;
}

/* "TYPE name" and what may follow. */
static bool is_declared_variable(const struct own *own, const struct port_token *next)
{
    bool typed = own->last.kind == PORT_NAME && !is_no_type(&own->last);
    bool pointer = (is_mark_of(&own->last, "*&") || port_token_is(&own->last, "&&"))
                   && own->before.kind == PORT_NAME && !is_no_type(&own->before)
                   && scope_now(own) == SCOPE_FILE && !own->value;
    return (typed || pointer) && is_mark_of(next, ";,=)[({:");
}

/* "name(" among declarations: a function, or a constructor with its type. */
static bool is_declared_function(const struct own *own, const struct port_token *next)
{
    if (!is_mark_of(next, "(") || scope_now(own) != SCOPE_FILE || own->parentheses > 0
        || own->value)
        return false;
    return (own->last.kind == PORT_NAME && !is_no_type(&own->last))
           || own->last.kind == PORT_STRING || is_mark_of(&own->last, "*&>~)")
           || port_token_is(&own->last, "::");
}

static bool is_declared(const struct own *own, const struct port_token *next)
{
    if (opens_tag(&own->last) || is_declared_variable(own, next)
        || is_declared_function(own, next))
        return true;
    if (is_mark_of(&own->last, "*") && is_mark_of(next, ")"))
        return true; /* (*name)(...), a pointer to a function */
    if (scope_now(own) == SCOPE_ENUM && is_mark_of(&own->last, "{,"))
        return true;
    return own->typedef_depth == own->depth + 1 && is_mark_of(next, ",;[");
}

static void own_name(struct own *own, const struct port_token *name)
{
    struct port_token next = port_lex_peek(&own->walk.lexer);
    if (is_declared(own, &next))
        own_add(own, name);
    if (port_token_is(name, "typedef"))
        own->typedef_depth = own->depth + 1;
    else if (port_token_is(name, "enum"))
        own->pending = SCOPE_ENUM;
    else if ((opens_tag(name) || port_token_is(name, "extern"))
             && own->pending != SCOPE_ENUM)
        own->pending = SCOPE_FILE;
}

static enum scope scope_of_brace(const struct own *own)
{
    static const char *const behind[] = {"=", ")", "const", "noexcept", "override"};
    for (size_t i = 0; i < sizeof(behind) / sizeof(behind[0]); i++)
        if (port_token_is(&own->last, behind[i]))
            return SCOPE_BODY;
    return own->pending;
}

static void own_brace(struct own *own, char brace)
{
    if (brace == '{') {
        enum scope scope = scope_of_brace(own);
        if (own->depth < DEPTH_MAX)
            own->scopes[own->depth] = (uint8_t)scope;
        own->depth++;
        assert(scope_now(own) == scope || own->depth > DEPTH_MAX);
    } else if (own->depth > 0) {
        own->depth--;
    }
    if (own->typedef_depth > own->depth + 1)
        own->typedef_depth = 0;
    own->parentheses = 0;
    own->pending = SCOPE_BODY;
    own->value = false;
}

static void take_own_mark(struct own *own, const struct port_token *mark)
{
    switch (mark->at[0]) {
    case '{':
    case '}':
        own_brace(own, mark->at[0]);
        break;
    case '(':
        own->parentheses++;
        break;
    case ')':
        own->parentheses -= own->parentheses > 0 ? 1 : 0;
        break;
    case ';':
        own->parentheses = 0;
        own->pending = SCOPE_BODY;
        own->value = false;
        if (own->typedef_depth == own->depth + 1)
            own->typedef_depth = 0;
        break;
    case '=':
        own->value = own->value || (mark->size == 1 && own->parentheses == 0);
        break;
    default:
        break;
    }
}

/* Of a macro only its parameters matter. */
static void take_macro(struct own *own, const struct port_token *token)
{
    if (own->parameters && token->kind == PORT_NAME)
        own_add(own, token);
    else if (port_token_is(token, ")"))
        own->parameters = false;
}

static void own_take(struct own *own, const struct port_token *token)
{
    if (own->walk.in_define) {
        take_macro(own, token);
        return;
    }
    if (token->kind == PORT_NAME)
        own_name(own, token);
    else if (token->kind == PORT_MARK)
        take_own_mark(own, token);
    own->before = own->last;
    own->last = *token;
}

static void begin_macro(struct own *own, const struct port_token *name)
{
    own_add(own, name);
    own->parameters = own->walk.in_define && name->at[name->size] == '(';
}

/* The branches of a condition begin with the same braces open. */
static void mend_depth(struct own *own)
{
    struct port_level *level = port_condition_level(&own->walk.conditions);
    unsigned count = own->walk.conditions.count;
    if (level != NULL && count > own->levels)
        level->depth = own->depth;
    else if (level != NULL && count == own->levels && own->walk.conditions.beyond == 0)
        own->depth = level->depth;
    own->levels = count;
}

bool port_own_add(struct port_map *names, const struct port_file *file,
                  port_own_include *include, void *context)
{
    struct own own = {.names = names, .pending = SCOPE_BODY};
    struct port_token token;
    enum port_event event;
    own.last = own.before = (struct port_token){PORT_MARK, ";", 1, 0};
    port_walk_start(&own.walk, file);
    while (!own.full && (event = port_walk_next(&own.walk, &token)) != PORT_EVENT_END) {
        switch (event) {
        case PORT_EVENT_TOKEN:
            own_take(&own, &token);
            break;
        case PORT_EVENT_INCLUDE:
            include(context, token.at, token.size, token.at[-1] == '"');
            break;
        case PORT_EVENT_DEFINE:
            begin_macro(&own, &token);
            break;
        case PORT_EVENT_BRANCH:
        case PORT_EVENT_SKIPPED:
            mend_depth(&own);
            break;
        case PORT_EVENT_LINE:
            port_lex_skip_line(&own.walk.lexer);
            break;
        case PORT_EVENT_END:
            break;
        }
    }
    return !own.full;
}
