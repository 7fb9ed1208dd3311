/* SPDX-License-Identifier: BSD-2-Clause */
/* How conditions are judged (ISO/IEC 9899:2011, 6.10.1): with three values, since most names
 * are not known. Those that only compilers for Windows define are known not to be. */
#include "cli/port/port_condition.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

struct value {
    bool known;
    long long number;
};

static const struct value unknown_value = {false, 0};

static bool is_word_of(const struct port_token *name, const char *const *list)
{
    for (; *list != NULL; list++)
        if (port_token_is(name, *list))
            return true;
    return false;
}

static bool asks_for_windows(const struct port_token *name)
{
    static const char *const names[] = {"_WIN32",    "WIN32",       "_WIN64",   "WIN64",
                                        "__WIN32__", "__WINDOWS__", "_WINDOWS", NULL};
    return is_word_of(name, names);
}

static bool is_undefined(const struct port_token *name)
{
    static const char *const names[] = {
        "_MSC_VER",   "_MSC_FULL_VER",   "__MINGW32__", "__MINGW64__",
        "__CYGWIN__", "__BORLANDC__",    "__WATCOMC__", "_M_IX86",
        "_M_X64",     "_M_AMD64",        "_MFC_VER",    "_ATL_VER",
        "_AFXDLL",    "__cplusplus_cli", "_WIN32_WCE",  NULL};
    return asks_for_windows(name) || is_word_of(name, names);
}

static const struct port_map_entry *find_defined(const struct port_conditions *conditions,
                                                 const struct port_token *name)
{
    return port_map_find(conditions->defined, name->at, name->size);
}

/* Whether a name asks for Windows, and -D does not have it. */
static bool leaves_windows(const struct port_conditions *conditions,
                           const struct port_token *name)
{
    return asks_for_windows(name) && find_defined(conditions, name) == NULL;
}

/* Whether a name is defined. */
static struct value defined_value(const struct port_conditions *conditions,
                                  const struct port_token *name)
{
    if (find_defined(conditions, name) != NULL)
        return (struct value){true, 1};
    if (is_undefined(name) || (conditions->c && port_token_is(name, "__cplusplus")))
        return (struct value){true, 0};
    if (conditions->cplusplus && port_token_is(name, "__cplusplus"))
        return (struct value){true, 1};
    return unknown_value;
}

/* --- expressions -------------------------------------------------------------------- */

struct expression {
    const struct port_conditions *conditions;
    struct value values[PORT_CONDITION_MAX];
    struct port_token operators[PORT_CONDITION_MAX];
    size_t value_count, operator_count;
    bool windows;
    bool lost; /* something that is not judged here: all of it is unknown */
};

static int precedence_of(const struct port_token *operator_mark)
{
    static const struct {
        const char *mark;
        int precedence;
    } rows[] = {{"||", 1}, {"&&", 2}, {"==", 3}, {"!=", 3}, {"<", 4},
                {">", 4},  {"<=", 4}, {">=", 4}, {"!", 5}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        if (port_token_is(operator_mark, rows[i].mark))
            return rows[i].precedence;
    return 0; /* a parenthesis, or none that is judged */
}

static struct value compared(const struct port_token *mark, long long a, long long b)
{
    bool is = a == b;
    if (port_token_is(mark, "!="))
        is = a != b;
    else if (mark->at[0] == '<')
        is = a < b || (mark->size == 2 && a == b);
    else if (mark->at[0] == '>')
        is = a > b || (mark->size == 2 && a == b);
    return (struct value){true, is};
}

static struct value joined(bool both, struct value a, struct value b)
{
    /* One side that is known may decide it: false for &&, true for ||. */
    if ((a.known && (a.number != 0) != both) || (b.known && (b.number != 0) != both))
        return (struct value){true, !both};
    return a.known && b.known ? (struct value){true, both} : unknown_value;
}

static void apply_operator(struct expression *expression)
{
    const struct port_token *mark = &expression->operators[--expression->operator_count];
    size_t needed = port_token_is(mark, "!") ? 1 : 2;
    if (precedence_of(mark) == 0 || expression->value_count < needed) {
        expression->lost = true;
        return;
    }
    assert(expression->value_count <= PORT_CONDITION_MAX);
    struct value *to = &expression->values[expression->value_count - needed];
    expression->value_count -= needed - 1;
    if (needed == 1)
        to->number = to->number == 0;
    else if (precedence_of(mark) <= 2)
        *to = joined(precedence_of(mark) == 2, to[0], to[1]);
    else
        *to = to[0].known && to[1].known ? compared(mark, to[0].number, to[1].number)
                                         : unknown_value;
}

static void push_value(struct expression *expression, struct value value)
{
    if (expression->value_count == PORT_CONDITION_MAX)
        expression->lost = true;
    else
        expression->values[expression->value_count++] = value;
}

static void push_operator(struct expression *expression, const struct port_token *mark)
{
    int precedence = precedence_of(mark);
    bool prefix = port_token_is(mark, "!") || port_token_is(mark, "(");
    while (!prefix && !expression->lost && expression->operator_count > 0
           && precedence_of(&expression->operators[expression->operator_count - 1])
                  >= precedence)
        apply_operator(expression);
    if (expression->operator_count == PORT_CONDITION_MAX)
        expression->lost = true;
    else
        expression->operators[expression->operator_count++] = *mark;
}

static void close_parenthesis(struct expression *expression)
{
    while (!expression->lost && expression->operator_count > 0
           && !port_token_is(&expression->operators[expression->operator_count - 1], "("))
        apply_operator(expression);
    if (expression->operator_count == 0)
        expression->lost = true;
    else if (!expression->lost)
        expression->operator_count--;
}

static void take_closing(struct expression *expression, struct port_lexer *lexer)
{
    struct port_token token = port_lex_peek(lexer);
    if (port_token_is(&token, ")"))
        port_lex_next(lexer, &token);
    else
        expression->lost = true;
}

/* NAME or (NAME) behind "defined". */
static void take_defined(struct expression *expression, struct port_lexer *lexer)
{
    struct port_token token;
    port_lex_next(lexer, &token);
    bool inside = port_token_is(&token, "(");
    if (inside)
        port_lex_next(lexer, &token);
    if (token.kind != PORT_NAME) {
        expression->lost = true;
        return;
    }
    expression->windows =
        expression->windows || leaves_windows(expression->conditions, &token);
    push_value(expression, defined_value(expression->conditions, &token));
    if (inside) /* a line that ends here is left for the caller to see */
        take_closing(expression, lexer);
}

static void take_operand(struct expression *expression, struct port_lexer *lexer,
                         const struct port_token *name)
{
    if (port_token_is(name, "defined")) {
        take_defined(expression, lexer);
        return;
    }
    const struct port_map_entry *defined = find_defined(expression->conditions, name);
    expression->windows =
        expression->windows || leaves_windows(expression->conditions, name);
    if (defined != NULL)
        push_value(expression, (struct value){true, defined->value});
    else
        push_value(expression,
                   is_undefined(name) ? (struct value){true, 0} : unknown_value);
}

/* The rest of the line; takes its end, too. */
static enum port_truth judge_expression(const struct port_conditions *conditions,
                                        struct port_lexer *lexer, bool *windows)
{
    struct expression expression = {.conditions = conditions};
    struct port_token token;
    for (port_lex_next(lexer, &token); token.kind != PORT_LINE_END;
         port_lex_next(lexer, &token)) {
        if (token.kind == PORT_NAME)
            take_operand(&expression, lexer, &token);
        else if (token.kind == PORT_NUMBER)
            push_value(&expression, (struct value){true, strtoll(token.at, NULL, 0)});
        else if (port_token_is(&token, ")"))
            close_parenthesis(&expression);
        else if (precedence_of(&token) > 0 || port_token_is(&token, "("))
            push_operator(&expression, &token);
        else
            expression.lost = true;
        if (expression.lost) {
            port_lex_skip_line(lexer);
            break;
        }
    }
    while (!expression.lost && expression.operator_count > 0)
        apply_operator(&expression);
    *windows = expression.windows;
    if (expression.lost || expression.value_count != 1 || !expression.values[0].known)
        return PORT_UNKNOWN;
    return expression.values[0].number != 0 ? PORT_TRUE : PORT_FALSE;
}

/* --- branches ----------------------------------------------------------------------- */

static enum port_truth truth_not(enum port_truth truth)
{
    if (truth == PORT_UNKNOWN)
        return truth;
    return truth == PORT_TRUE ? PORT_FALSE : PORT_TRUE;
}

static enum port_truth truth_and(enum port_truth a, enum port_truth b)
{
    if (a == PORT_FALSE || b == PORT_FALSE)
        return PORT_FALSE;
    return a == PORT_TRUE && b == PORT_TRUE ? PORT_TRUE : PORT_UNKNOWN;
}

/* #ifdef NAME, #ifndef NAME */
static enum port_truth judge_name(const struct port_conditions *conditions,
                                  struct port_lexer *lexer, bool negated, bool *windows)
{
    struct port_token name;
    port_lex_next(lexer, &name);
    struct value value = defined_value(conditions, &name);
    *windows = leaves_windows(conditions, &name);
    port_lex_skip_line(lexer);
    if (!value.known)
        return PORT_UNKNOWN;
    return (value.number != 0) != negated ? PORT_TRUE : PORT_FALSE;
}

static void set_branch(struct port_conditions *conditions, struct port_level *level,
                       enum port_truth now)
{
    conditions->closed -= level->now == PORT_FALSE ? 1 : 0;
    level->now = now;
    conditions->closed += now == PORT_FALSE ? 1 : 0;
}

static void open_condition(struct port_conditions *conditions, struct port_lexer *lexer,
                           const struct port_token *word)
{
    bool windows = false;
    enum port_truth truth =
        port_token_is(word, "if")
            ? judge_expression(conditions, lexer, &windows)
            : judge_name(conditions, lexer, port_token_is(word, "ifndef"), &windows);
    if (conditions->count == PORT_LEVELS_MAX) {
        conditions->beyond++;
        return;
    }
    struct port_level *level = &conditions->levels[conditions->count++];
    *level = (struct port_level){PORT_UNKNOWN, truth, windows, 0};
    set_branch(conditions, level, truth);
}

/* #else; #elif, #elifdef and #elifndef with their conditions. */
static void next_branch(struct port_conditions *conditions, struct port_lexer *lexer,
                        const struct port_token *word)
{
    struct port_level *level = port_condition_level(conditions);
    enum port_truth truth = PORT_TRUE;
    bool windows = false;
    if (level == NULL || conditions->beyond > 0) {
        port_lex_skip_line(lexer);
        return;
    }
    if (port_token_is(word, "elif"))
        truth = judge_expression(conditions, lexer, &windows);
    else if (!port_token_is(word, "else"))
        truth = judge_name(conditions, lexer, port_token_is(word, "elifndef"), &windows);
    port_lex_skip_line(lexer);
    level->windows = level->windows || windows;
    set_branch(conditions, level, truth_and(truth_not(level->before), truth));
    level->before = truth_not(truth_and(truth_not(level->before), truth_not(truth)));
}

static void close_condition(struct port_conditions *conditions, struct port_lexer *lexer)
{
    struct port_level *level = port_condition_level(conditions);
    port_lex_skip_line(lexer);
    if (conditions->beyond > 0) {
        conditions->beyond--;
    } else if (level != NULL) {
        set_branch(conditions, level, PORT_TRUE);
        conditions->count--;
    }
}

bool port_condition_take(struct port_conditions *conditions, struct port_lexer *lexer,
                         const struct port_token *word)
{
    static const char *const opening[] = {"if", "ifdef", "ifndef", NULL};
    static const char *const between[] = {"else", "elif", "elifdef", "elifndef", NULL};
    if (is_word_of(word, opening))
        open_condition(conditions, lexer, word);
    else if (is_word_of(word, between))
        next_branch(conditions, lexer, word);
    else if (port_token_is(word, "endif"))
        close_condition(conditions, lexer);
    else
        return false;
    assert(conditions->closed <= conditions->count);
    return true;
}

bool port_condition_open(const struct port_conditions *conditions)
{
    return conditions->closed == 0;
}

bool port_condition_certain(const struct port_conditions *conditions)
{
    return conditions->closed == 0 && conditions->beyond == 0
           && (conditions->count == 0
               || conditions->levels[conditions->count - 1].now == PORT_TRUE);
}

bool port_condition_leaves_windows(const struct port_conditions *conditions)
{
    const struct port_level *level =
        conditions->count > 0 ? &conditions->levels[conditions->count - 1] : NULL;
    return level != NULL && conditions->closed == 1 && conditions->beyond == 0
           && level->windows && level->now == PORT_FALSE;
}

struct port_level *port_condition_level(struct port_conditions *conditions)
{
    return conditions->count > 0 ? &conditions->levels[conditions->count - 1] : NULL;
}
