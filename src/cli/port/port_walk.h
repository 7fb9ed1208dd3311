/* SPDX-License-Identifier: BSD-2-Clause */
/* What of a source is compiled, in its order: tokens, and the preprocessor's lines. */
#ifndef CLI_PORT_WALK_H
#define CLI_PORT_WALK_H

#include "cli/port/port_condition.h"
#include "cli/port/port_text.h"

enum port_event {
    PORT_EVENT_END,
    PORT_EVENT_TOKEN, /* also inside a #define, behind its name, where `in_define` is set */
    PORT_EVENT_INCLUDE, /* the token is the header's name; the mark before it is at[-1] */
    PORT_EVENT_DEFINE,  /* the token is the name; what follows comes as tokens */
    PORT_EVENT_LINE,    /* another directive: its word; the rest is yet to be taken */
    PORT_EVENT_BRANCH,  /* a condition begins, goes on, or ends */
    PORT_EVENT_SKIPPED  /* a branch for Windows is left out: the token is its directive */
};

struct port_walk {
    struct port_lexer lexer;
    struct port_conditions conditions;
    bool in_define;
};

/* A file that was read. All is borrowed. */
struct port_file {
    const char *path; /* it says what the file is: C, C++, or by .h either */
    const struct port_text *text;
    const struct port_map *defined; /* names of -D */
};

void port_walk_start(struct port_walk *walk, const struct port_file *file);
enum port_event port_walk_next(struct port_walk *walk, struct port_token *token);

#endif
