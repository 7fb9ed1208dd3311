/* SPDX-License-Identifier: BSD-2-Clause */
/* Which branches of a source's conditions are compiled on Unix with our headers. */
#ifndef CLI_PORT_CONDITION_H
#define CLI_PORT_CONDITION_H

#include "cli/port/port_lex.h"
#include "cli/port/port_map.h"

enum port_truth { PORT_FALSE, PORT_TRUE, PORT_UNKNOWN };

enum { PORT_LEVELS_MAX = 256, PORT_CONDITION_MAX = 128 };

/* One #if with its branches. */
struct port_level {
    enum port_truth now;    /* this branch, given those before it */
    enum port_truth before; /* whether one of those before it was taken */
    bool windows;           /* a condition asked whether this is Windows */
    uint32_t depth;         /* of braces where it began; the caller's */
};

struct port_conditions {
    struct port_level levels[PORT_LEVELS_MAX];
    unsigned count;    /* of levels that are open */
    unsigned beyond;   /* of open ones for which there was no room: they are not judged */
    unsigned closed;   /* of levels whose branch is not compiled */
    bool cplusplus, c; /* what the file is; neither: a header of either */
    const struct port_map *defined; /* by -D, with their values; borrowed */
};

/* The directive's word is `word`; what follows it is taken from the lexer. False: it is none
 * that is about conditions. */
bool port_condition_take(struct port_conditions *conditions, struct port_lexer *lexer,
                         const struct port_token *word);
/* Whether what stands here is compiled, or may be. */
bool port_condition_open(const struct port_conditions *conditions);
/* Whether it is, for sure, as far as the innermost condition goes. */
bool port_condition_certain(const struct port_conditions *conditions);
/* Whether the branch that begins here is left out since this is not Windows. */
bool port_condition_leaves_windows(const struct port_conditions *conditions);
/* The innermost level; NULL: there is none. */
struct port_level *port_condition_level(struct port_conditions *conditions);

#endif
