/* SPDX-License-Identifier: BSD-2-Clause */
/* How the uses of a source are judged, one token after the other. */
#include "cli/port/port_look.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { CALLS_MAX = 64 };

struct look {
    const struct port_sources *sources;
    const char *path;
    struct port_report *report;
    struct port_walk walk;
    struct port_token last, before;     /* the tokens before this one */
    struct port_token calls[CALLS_MAX]; /* what each open parenthesis is the call of */
    uint32_t open;                      /* parentheses; may be beyond CALLS_MAX */
    bool statement; /* since its begin it has named a type of Windows' wide text */
    bool literal;   /* L"..." was given to a call of Windows */
    bool generic;   /* a call that is A or W as UNICODE has it was made */
};

static const struct port_token no_token = {PORT_MARK, ";", 1, 0};

static void add_finding(struct look *look, enum port_family family, const char *name,
                        size_t size, uint32_t line)
{
    char key[PORT_NAME_MAX + 1];
    struct port_report *report = look->report;
    size_t kept = size < PORT_NAME_MAX ? size : PORT_NAME_MAX - 1;
    if (report->failed)
        return;
    key[0] = (char)(family + 1);
    memcpy(key + 1, name, kept);
    const struct port_map_entry *entry = port_map_find(&report->names, key, kept + 1);
    if (entry == NULL && report->count == PORT_FINDINGS_MAX) {
        report->beyond++;
        return;
    }
    if (entry == NULL) {
        if (report->count == report->room) {
            size_t room = report->room != 0 ? report->room * 2 : 16;
            struct port_finding *more = realloc(report->findings, room * sizeof(*more));
            report->failed = more == NULL;
            if (report->failed)
                return;
            report->findings = more;
            report->room = room;
        }
        report->failed =
            !port_map_put(&report->names, key, kept + 1, (uint32_t)report->count);
        if (report->failed)
            return;
        entry = port_map_find(&report->names, key, kept + 1);
        report->findings[report->count++] =
            (struct port_finding){.family = family, .name = entry->name + 1};
    }
    assert(entry->value < report->count);
    struct port_finding *finding = &report->findings[entry->value];
    if (finding->count < PORT_LINES_MAX)
        finding->lines[finding->count] = line;
    finding->count++;
}

static void add_token(struct look *look, enum port_family family,
                      const struct port_token *token)
{
    add_finding(look, family, token->at, token->size, token->line);
}

/* --- names -------------------------------------------------------------------------- */

/* Behind a . or -> or a class it is no name of Windows'. */
static bool is_member(const struct look *look)
{
    static const char *const before_global[] = {"return", "else", "case", "throw"};
    if (port_token_is(&look->last, ".") || port_token_is(&look->last, "->"))
        return true;
    if (!port_token_is(&look->last, "::") || look->before.kind != PORT_NAME)
        return false;
    for (size_t i = 0; i < TEXT_COUNT(before_global); i++)
        if (port_token_is(&look->before, before_global[i]))
            return false;
    return true;
}

/* Text of the C and C++ libraries that has 32 bits a character, whatever the compiler is
 * told. */
static bool is_library_wide(const struct look *look, const struct port_token *name)
{
    static const char *const words[] = {"wstring",  "wcout",         "wcerr",
                                        "wcin",     "wofstream",     "wifstream",
                                        "wostream", "wstringstream", "wostringstream"};
    for (size_t i = 0; i < TEXT_COUNT(words); i++)
        if (port_token_is(name, words[i]))
            return !port_token_is(&look->last, ".") && !port_token_is(&look->last, "->");
    return false;
}

static bool is_wide_type(const struct port_token *name)
{
    static const char *const words[] = {"WCHAR",  "LPCWSTR", "LPWSTR", "PWSTR",
                                        "PCWSTR", "PWCHAR",  "LPCWCH", "OLECHAR"};
    for (size_t i = 0; i < TEXT_COUNT(words); i++)
        if (port_token_is(name, words[i]))
            return true;
    return false;
}

/* One of ours that is an A or a W call, as UNICODE has it. */
static bool is_generic_call(const struct port_token *call)
{
    char name[PORT_NAME_MAX + 2];
    if (call->kind != PORT_NAME || call->size >= PORT_NAME_MAX
        || call->at[call->size - 1] == 'A' || call->at[call->size - 1] == 'W')
        return false;
    memcpy(name, call->at, call->size);
    name[call->size] = 'W';
    return port_is_ours(name, call->size + 1);
}

static void look_at_word(struct look *look, const struct port_token *name)
{
    struct port_token next = port_lex_peek(&look->walk.lexer);
    bool called = port_token_is(&next, "(");
    if (is_wide_type(name) && !is_member(look)) {
        look->statement = true;
        add_token(look, PORT_FAMILY_generic, name);
    }
    if (is_library_wide(look, name))
        add_token(look, PORT_FAMILY_wide_text, name);
    look->generic = look->generic || (called && is_generic_call(name));
    if (name->size > PORT_NAME_MAX || is_member(look)
        || port_map_find(&look->sources->own, name->at, name->size) != NULL)
        return;
    enum port_family family =
        port_known_name(&look->sources->known, name->at, name->size, called);
    if (port_is_ours(name->at, name->size)) {
        if (family != PORT_FAMILY_NONE && !look->sources->windows
            && !look->sources->incomplete && !port_is_base(name->at, name->size))
            add_token(look, PORT_FAMILY_include, name);
        return;
    }
    /* Constants may be those of a header that nobody has found. */
    if (family == PORT_FAMILY_unknown && !called && look->sources->incomplete)
        return;
    if (family != PORT_FAMILY_NONE)
        add_token(look, family, name);
}

/* --- wide literals ------------------------------------------------------------------ */

/* Whether a call takes 16-bit text: ours, with W at its end or with a W call beside it, or
 * one of the C library's that our headers have for such text. */
static bool is_wide_call(const struct port_token *call)
{
    if (call->kind != PORT_NAME || call->size >= PORT_NAME_MAX
        || !port_is_ours(call->at, call->size))
        return false;
    if (call->at[call->size - 1] == 'W'
        || (call->size > 3 && strncmp(call->at, "wcs", 3) == 0))
        return true;
    return is_generic_call(call);
}

static void look_at_string(struct look *look, const struct port_token *string)
{
    if (string->at[0] != 'L')
        return;
    bool given = look->open > 0 && look->open <= CALLS_MAX
                 && is_wide_call(&look->calls[look->open - 1]);
    if (!given && !(look->statement && look->open == 0))
        return;
    add_finding(look, PORT_FAMILY_literal, "L\"...\"", 6, string->line);
    look->literal = true;
}

/* --- marks -------------------------------------------------------------------------- */

/* "Type ^name" at the begin of a statement, a handle of C++/CLI: nobody writes an exclusive
 * or there, whose value would be lost. */
static bool is_handle(const struct look *look, const struct port_token *mark)
{
    struct port_token next = port_lex_peek(&look->walk.lexer);
    return port_token_is(mark, "^") && look->last.kind == PORT_NAME
           && next.kind == PORT_NAME
           && (port_token_is(&look->before, ";") || port_token_is(&look->before, "{")
               || port_token_is(&look->before, "}")
               || port_token_is(&look->before, "::"));
}

static void look_at_mark(struct look *look, const struct port_token *mark)
{
    if (is_handle(look, mark))
        add_token(look, PORT_FAMILY_dotnet, mark);
    switch (mark->at[0]) {
    case '(':
        if (look->open < CALLS_MAX)
            look->calls[look->open] = look->last;
        look->open++;
        break;
    case ')':
        look->open -= look->open > 0 ? 1 : 0;
        break;
    case ';':
    case '{':
    case '}':
        look->open = 0;
        look->statement = mark->at[0] == '{' && look->statement;
        break;
    default:
        break;
    }
}

static void look_at_token(struct look *look, const struct port_token *token)
{
    if (token->kind == PORT_NAME)
        look_at_word(look, token);
    else if (token->kind == PORT_STRING)
        look_at_string(look, token);
    else if (token->kind == PORT_MARK)
        look_at_mark(look, token);
    look->before = look->last;
    look->last = *token;
}

/* --- lines of the preprocessor ------------------------------------------------------ */

static void look_at_header(struct look *look, const struct port_token *name)
{
    char header[PORT_NAME_MAX + 1], path[PORT_PATH_MAX], shown[PORT_NAME_MAX + 3];
    struct text text;
    bool quoted = name->at[-1] == '"';
    text_start(&text, shown, sizeof shown);
    text_add(&text, quoted ? "\"%.*s\"" : "<%.*s>", (int)name->size, name->at);
    if (memchr(name->at, '\\', name->size) != NULL)
        add_finding(look, PORT_FAMILY_backslash, shown, text.size, name->line);
    if (!port_header_name(name->at, name->size, header))
        return;
    enum port_family family = port_known_header(&look->sources->known, header);
    if (family == PORT_FAMILY_NONE)
        return;
    enum port_found found =
        port_sources_find(look->sources, look->path, header, quoted, path);
    if (found == PORT_FOUND_SPELLED)
        family = PORT_FAMILY_spelling;
    if (found != PORT_FOUND && found != PORT_FOUND_SYSTEM)
        add_finding(look, family, shown, text.size, name->line);
}

/* #pragma comment(lib, "...") */
static void look_at_pragma(struct look *look)
{
    static const char *const before[] = {"comment", "(", "lib", ","};
    struct port_token token;
    for (size_t i = 0; i < TEXT_COUNT(before); i++) {
        port_lex_next(&look->walk.lexer, &token);
        if (!port_token_is(&token, before[i]))
            return;
    }
    port_lex_next(&look->walk.lexer, &token);
    if (token.kind == PORT_STRING)
        add_token(look, PORT_FAMILY_link, &token);
}

static void look_at_line(struct look *look, const struct port_token *word)
{
    if (port_token_is(word, "pragma"))
        look_at_pragma(look);
    else if (port_token_is(word, "import"))
        add_finding(look, PORT_FAMILY_com, "#import", 7, word->line);
    else if (port_token_is(word, "using"))
        add_finding(look, PORT_FAMILY_dotnet, "#using", 6, word->line);
    else if (port_token_is(word, "error")
             && port_condition_certain(&look->walk.conditions))
        add_finding(look, PORT_FAMILY_condition, "#error", 6, word->line);
    if (look->walk.lexer.directive)
        port_lex_skip_line(&look->walk.lexer);
}

static void begin_statement(struct look *look)
{
    look->last = look->before = no_token;
    look->open = 0;
    look->statement = false;
}

/* Wide text of the C++ library is in the way of nothing where no other is, and types of
 * wide text are right where calls are named W. */
static void drop_harmless(struct look *look)
{
    struct port_report *report = look->report;
    size_t to = 0;
    bool unicode = port_map_find(&look->sources->own, "UNICODE", 7) != NULL
                   || port_map_find(&look->sources->defined, "UNICODE", 7) != NULL;
    for (size_t i = 0; i < report->count; i++) {
        enum port_family family = report->findings[i].family;
        if ((family != PORT_FAMILY_wide_text || look->literal)
            && (family != PORT_FAMILY_generic || (look->generic && !unicode)))
            report->findings[to++] = report->findings[i];
    }
    report->count = to;
}

static void look_at_text(struct look *look)
{
    struct port_token token;
    enum port_event event;
    while ((event = port_walk_next(&look->walk, &token)) != PORT_EVENT_END) {
        if (event == PORT_EVENT_TOKEN) {
            look_at_token(look, &token);
            continue;
        }
        if (event == PORT_EVENT_INCLUDE)
            look_at_header(look, &token);
        else if (event == PORT_EVENT_LINE)
            look_at_line(look, &token);
        else if (event == PORT_EVENT_SKIPPED)
            add_finding(look, PORT_FAMILY_branch, "#if", 3, token.line);
        else if (event == PORT_EVENT_DEFINE)
            begin_statement(look);
    }
    if (look->walk.lexer.open_comment != 0)
        add_finding(look, PORT_FAMILY_open_comment, "/*", 2,
                    look->walk.lexer.open_comment);
}

bool port_look(const struct port_sources *sources, const struct port_file *file,
               struct port_report *report)
{
    struct look look = {.sources = sources, .path = file->path, .report = report};
    *report = (struct port_report){.findings = NULL};
    begin_statement(&look);
    port_walk_start(&look.walk, file);
    look_at_text(&look);
    drop_harmless(&look);
    assert(report->count <= PORT_FINDINGS_MAX);
    return !report->failed;
}

void port_report_clear(struct port_report *report)
{
    free(report->findings);
    port_map_clear(&report->names);
    *report = (struct port_report){.findings = NULL};
}
