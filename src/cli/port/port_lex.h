/* SPDX-License-Identifier: BSD-2-Clause */
/* The tokens of C and C++: as many kinds of them as are needed to find names. */
#ifndef CLI_PORT_LEX_H
#define CLI_PORT_LEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum port_kind {
    PORT_END,
    PORT_NAME, /* keywords too */
    PORT_NUMBER,
    PORT_STRING,    /* with its quotes and prefix, as L"x" */
    PORT_CHARACTER, /* a character constant */
    PORT_MARK,      /* one character, or one of those two that mean something here */
    PORT_DIRECTIVE, /* the # that begins a preprocessor line */
    PORT_LINE_END   /* of a preprocessor line */
};

struct port_token {
    enum port_kind kind;
    const char *at; /* borrowed from the text */
    size_t size;
    uint32_t line; /* from 1 */
};

struct port_lexer {
    const char *at, *end; /* borrowed; a NUL stands at `end` */
    uint32_t line;
    bool fresh;            /* nothing but space before it in its line */
    bool directive;        /* inside a preprocessor line */
    uint32_t open_comment; /* the line of a comment that has no end; 0: there is none */
};

void port_lex_start(struct port_lexer *lexer, const char *text, size_t size);
void port_lex_next(struct port_lexer *lexer, struct port_token *token);
/* The token that comes next, without taking it. */
struct port_token port_lex_peek(const struct port_lexer *lexer);
/* Inside a preprocessor line: <name> or "name" without the marks around it; the first mark
 * is at[-1]. False: something else stands there. */
bool port_lex_header(struct port_lexer *lexer, struct port_token *token);
/* To the end of the preprocessor line, taking that. */
void port_lex_skip_line(struct port_lexer *lexer);

/* Whether the token is this word or mark. */
bool port_token_is(const struct port_token *token, const char *text);

#endif
