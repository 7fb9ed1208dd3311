/* SPDX-License-Identifier: BSD-2-Clause */
/* How a source is gone through. */
#include "cli/port/port_walk.h"

#include <assert.h>
#include <string.h>

void port_walk_start(struct port_walk *walk, const struct port_file *file)
{
    const char *dot = strrchr(file->path, '.');
    *walk = (struct port_walk){.in_define = false};
    port_lex_start(&walk->lexer, file->text->at, file->text->size);
    assert(file->defined != NULL);
    walk->conditions.defined = file->defined;
    walk->conditions.c =
        dot != NULL && (strcmp(dot, ".c") == 0 || strcmp(dot, ".C") == 0);
    walk->conditions.cplusplus =
        dot != NULL && !walk->conditions.c && dot[1] != 'h' && dot[1] != 'H';
}

/* A directive of a part that is compiled. */
static enum port_event walk_line(struct port_walk *walk, struct port_token *token)
{
    if (port_token_is(token, "include") || port_token_is(token, "include_next")) {
        struct port_token header;
        if (port_lex_header(&walk->lexer, &header)) {
            *token = header;
            port_lex_skip_line(&walk->lexer);
            return PORT_EVENT_INCLUDE;
        }
    }
    if (port_token_is(token, "define")) {
        port_lex_next(&walk->lexer, token);
        walk->in_define = walk->lexer.directive;
        return PORT_EVENT_DEFINE;
    }
    return PORT_EVENT_LINE;
}

/* PORT_EVENT_TOKEN: nothing that matters. */
static enum port_event walk_directive(struct port_walk *walk, struct port_token *token)
{
    struct port_token hash = *token;
    port_lex_next(&walk->lexer, token);
    if (token->kind != PORT_NAME) {
        port_lex_skip_line(&walk->lexer);
        return PORT_EVENT_TOKEN;
    }
    if (port_condition_take(&walk->conditions, &walk->lexer, token)) {
        *token = hash;
        return port_condition_leaves_windows(&walk->conditions) ? PORT_EVENT_SKIPPED
                                                                : PORT_EVENT_BRANCH;
    }
    if (port_condition_open(&walk->conditions))
        return walk_line(walk, token);
    port_lex_skip_line(&walk->lexer);
    return PORT_EVENT_TOKEN;
}

enum port_event port_walk_next(struct port_walk *walk, struct port_token *token)
{
    for (;;) {
        port_lex_next(&walk->lexer, token);
        switch (token->kind) {
        case PORT_END:
            return PORT_EVENT_END;
        case PORT_DIRECTIVE: {
            enum port_event event = walk_directive(walk, token);
            if (event != PORT_EVENT_TOKEN)
                return event;
            break;
        }
        case PORT_LINE_END:
            walk->in_define = false;
            break;
        case PORT_NAME:
        case PORT_NUMBER:
        case PORT_STRING:
        case PORT_CHARACTER:
        case PORT_MARK:
            if (port_condition_open(&walk->conditions))
                return PORT_EVENT_TOKEN;
            break;
        }
    }
}
