/* SPDX-License-Identifier: BSD-2-Clause */
/* How a text is cut into tokens (ISO/IEC 9899:2011, 6.4, and C++'s raw strings). What does
 * not end is taken to end where the text, or for strings their line, does. */
#include "cli/port/port_lex.h"

#include <assert.h>
#include <string.h>

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$'
           || (uint8_t)c >= 0x80;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void port_lex_start(struct port_lexer *lexer, const char *text, size_t size)
{
    assert(text[size] == '\0');
    *lexer =
        (struct port_lexer){.at = text, .end = text + size, .line = 1, .fresh = true};
}

static void skip_block_comment(struct port_lexer *lexer)
{
    uint32_t began = lexer->line;
    const char *at = lexer->at + 2;
    while (at < lexer->end && !(at[0] == '*' && at[1] == '/'))
        lexer->line += *at++ == '\n' ? 1 : 0;
    if (at == lexer->end)
        lexer->open_comment = began;
    lexer->at = at == lexer->end ? at : at + 2;
}

/* To the line's end; a backslash before that goes on. */
static void skip_line_comment(struct port_lexer *lexer)
{
    const char *at = lexer->at;
    while (at < lexer->end && *at != '\n') {
        if (at[0] == '\\' && at[1] == '\n') {
            lexer->line++;
            at++;
        }
        at++;
    }
    lexer->at = at;
}

/* Spaces and comments, up to a token or the end of a preprocessor line. */
static void skip_space(struct port_lexer *lexer)
{
    while (lexer->at < lexer->end) {
        char c = lexer->at[0], after = lexer->at[1];
        if (c == '\n') {
            if (lexer->directive)
                return;
            lexer->line++;
            lexer->fresh = true;
            lexer->at++;
        } else if (c == '\\' && after == '\n') {
            lexer->line++;
            lexer->at += 2;
        } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
            lexer->at++;
        } else if (c == '/' && after == '*') {
            skip_block_comment(lexer);
        } else if (c == '/' && after == '/') {
            skip_line_comment(lexer);
        } else {
            return;
        }
    }
}

/* From its first quote to behind its last, or to the end of its line. */
static void skip_quoted(struct port_lexer *lexer)
{
    char quote = *lexer->at++;
    while (lexer->at < lexer->end && *lexer->at != quote && *lexer->at != '\n') {
        if (*lexer->at == '\\' && lexer->at + 1 < lexer->end) {
            lexer->at++;
            lexer->line += *lexer->at == '\n' ? 1 : 0;
        }
        lexer->at++;
    }
    if (lexer->at < lexer->end && *lexer->at == quote)
        lexer->at++;
}

/* R"x(...)x", from the quote on. */
static void skip_raw(struct port_lexer *lexer)
{
    enum { DELIMITER_MAX = 16 };
    const char *delimiter = lexer->at + 1;
    size_t size = 0;
    while (size <= DELIMITER_MAX && strchr("( )\\\n", delimiter[size]) == NULL)
        size++; /* a NUL is found as well */
    if (size > DELIMITER_MAX || delimiter[size] != '(') {
        skip_quoted(lexer);
        return;
    }
    for (lexer->at = delimiter + size; lexer->at < lexer->end; lexer->at++) {
        lexer->line += *lexer->at == '\n' ? 1 : 0;
        if (*lexer->at == ')' && (size_t)(lexer->end - lexer->at) > size + 1
            && memcmp(lexer->at + 1, delimiter, size) == 0
            && lexer->at[size + 1] == '"') {
            lexer->at += size + 2;
            return;
        }
    }
}

/* A name, or a string or character constant with a prefix. */
static enum port_kind take_word(struct port_lexer *lexer)
{
    const char *began = lexer->at;
    while (is_letter(*lexer->at) || is_digit(*lexer->at))
        lexer->at++;
    size_t size = (size_t)(lexer->at - began);
    char quote = *lexer->at;
    if ((quote != '"' && quote != '\'') || size > 3)
        return PORT_NAME;
    bool raw = quote == '"' && began[size - 1] == 'R';
    size_t letters = raw ? size - 1 : size;
    bool prefix = letters == 0
                  || (letters == 1 && (*began == 'L' || *began == 'u' || *began == 'U'))
                  || (letters == 2 && memcmp(began, "u8", 2) == 0);
    if (!prefix)
        return PORT_NAME;
    if (raw)
        skip_raw(lexer);
    else
        skip_quoted(lexer);
    return quote == '"' ? PORT_STRING : PORT_CHARACTER;
}

/* A preprocessing number; apostrophes between its digits as in C++. */
static void take_number(struct port_lexer *lexer)
{
    while (is_letter(*lexer->at) || is_digit(*lexer->at) || *lexer->at == '.'
           || (*lexer->at == '\'' && (is_digit(lexer->at[1]) || is_letter(lexer->at[1]))
               && is_digit(lexer->at[-1]))
           || ((*lexer->at == '+' || *lexer->at == '-')
               && strchr("eEpP", lexer->at[-1]) != NULL))
        lexer->at++;
}

static void take_mark(struct port_lexer *lexer)
{
    static const char pairs[][3] = {"::", "->", "&&", "||", "==", "!=", "<=", ">="};
    size_t size = 1;
    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (lexer->at[0] == pairs[i][0] && lexer->at[1] == pairs[i][1])
            size = 2;
    lexer->at += size;
}

static enum port_kind cut_token(struct port_lexer *lexer)
{
    char c = *lexer->at;
    if (is_letter(c))
        return take_word(lexer);
    if (is_digit(c) || (c == '.' && is_digit(lexer->at[1]))) {
        lexer->at++;
        take_number(lexer);
        return PORT_NUMBER;
    }
    if (c == '"' || c == '\'') {
        skip_quoted(lexer);
        return c == '"' ? PORT_STRING : PORT_CHARACTER;
    }
    take_mark(lexer);
    return PORT_MARK;
}

void port_lex_next(struct port_lexer *lexer, struct port_token *token)
{
    skip_space(lexer);
    *token = (struct port_token){PORT_END, lexer->at, 0, lexer->line};
    if (lexer->directive && (lexer->at == lexer->end || *lexer->at == '\n')) {
        token->kind = PORT_LINE_END;
        lexer->directive = false;
        return;
    }
    if (lexer->at == lexer->end)
        return;
    if (*lexer->at == '#' && lexer->fresh && !lexer->directive) {
        token->kind = PORT_DIRECTIVE;
        lexer->directive = true;
        lexer->at++;
    } else {
        token->kind = cut_token(lexer);
    }
    lexer->fresh = false;
    token->size = (size_t)(lexer->at - token->at);
    assert(token->size > 0 && lexer->at <= lexer->end);
}

struct port_token port_lex_peek(const struct port_lexer *lexer)
{
    struct port_lexer copy = *lexer;
    struct port_token token;
    port_lex_next(&copy, &token);
    return token;
}

bool port_lex_header(struct port_lexer *lexer, struct port_token *token)
{
    skip_space(lexer);
    char close = *lexer->at == '<' ? '>' : '"';
    if (*lexer->at != '<' && *lexer->at != '"')
        return false;
    const char *at = lexer->at + 1;
    size_t size = 0;
    while (at + size < lexer->end && at[size] != close && at[size] != '\n')
        size++;
    if (at[size] != close)
        return false;
    *token = (struct port_token){PORT_STRING, at, size, lexer->line};
    lexer->at = at + size + 1;
    return true;
}

void port_lex_skip_line(struct port_lexer *lexer)
{
    struct port_token token;
    while (lexer->directive)
        port_lex_next(lexer, &token);
}

bool port_token_is(const struct port_token *token, const char *text)
{
    size_t size = strlen(text);
    return token->size == size && memcmp(token->at, text, size) == 0;
}
