/* SPDX-License-Identifier: BSD-2-Clause */
/* The question at the terminal. Compiled for A and W. */
#include "dialog/prompt.h"
#include "dialog/terminal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum {
    SHOWN_MAX = 320, /* bytes of a name or a text of the caller */
    LINE_MAX_BYTES = 3 * SHOWN_MAX,
    /* Between looks at the readers. A thread could wait for both, but not without the
     * caller's program having one more; a user does not notice a fifth of a second. */
    LOOK_MS = 200
};

struct prompt {
    struct terminal terminal;
    struct search *search;
};

/* The caller's text as a line of its own, if there is any. */
static void write_caller_text(struct prompt *prompt, const TCHAR *text)
{
    char shown[SHOWN_MAX], line[LINE_MAX_BYTES];
    if (text == NULL || text[0] == 0)
        return;
    text_show(text, shown, sizeof(shown));
    snprintf(line, sizeof(line), "%s\n", shown);
    terminal_write(&prompt->terminal, line);
}

static void write_seat(struct prompt *prompt, size_t index)
{
    const struct search_seat *seat = &prompt->search->seats[index];
    char reader[SHOWN_MAX], card[SHOWN_MAX] = "", line[LINE_MAX_BYTES];
    assert(index < prompt->search->count);
    bool named = seat->state == SEAT_FITS && seat->cards != NULL && seat->cards[0] != 0;
    text_show(prompt->search->states[index].szReader, reader, sizeof(reader));
    if (named)
        text_show(seat->cards, card, sizeof(card));
    snprintf(line, sizeof(line), "%3zu  %s: %s%s%s%s\n", index + 1, reader,
             seat_words(seat->state), named ? " (" : "", card, named ? ")" : "");
    terminal_write(&prompt->terminal, line);
}

static void write_question(struct prompt *prompt)
{
    const struct search *search = prompt->search;
    size_t first;
    if (search->count == 0)
        terminal_write(&prompt->terminal, "Connect a reader, or q to cancel: ");
    else if (search_count(search, &first) == 0)
        terminal_write(&prompt->terminal, "Insert the card, or q to cancel: ");
    else
        terminal_write(&prompt->terminal, "Number of the reader, or q to cancel: ");
}

static void write_readers(struct prompt *prompt)
{
    if (prompt->search->count == 0)
        terminal_write(&prompt->terminal, "No reader is connected.\n");
    for (size_t i = 0; i < prompt->search->count; i++)
        write_seat(prompt, i);
    write_question(prompt);
}

static void write_head(struct prompt *prompt)
{
    const OPENCARDNAME_EX *open = prompt->search->open;
    if (open->lpstrTitle != NULL && open->lpstrTitle[0] != 0)
        write_caller_text(prompt, open->lpstrTitle);
    else
        terminal_write(&prompt->terminal, "Select a smart card\n");
    write_caller_text(prompt, open->lpstrSearchDesc);
    write_readers(prompt);
}

/* The number of an answer, which stands for itself or between blanks; 0: not a number. */
static size_t parse_number(const char *line)
{
    size_t number = 0;
    line += strspn(line, " \t");
    size_t digits = strspn(line, "0123456789");
    if (digits == 0 || digits > 6 || line[digits + strspn(line + digits, " \t")] != '\0')
        return 0;
    for (size_t i = 0; i < digits; i++)
        number = number * 10 + (size_t)(line[i] - '0');
    return number;
}

static bool is_cancel(const char *line)
{
    line += strspn(line, " \t");
    return (line[0] == 'q' || line[0] == 'Q')
           && line[1 + strspn(line + 1, " \t")] == '\0';
}

/* True: the answer is a choice. */
static bool take_choice(struct prompt *prompt, const char *line, size_t *chosen)
{
    const struct search *search = prompt->search;
    size_t number = parse_number(line);
    if (number >= 1 && number <= search->count
        && search->seats[number - 1].state == SEAT_FITS) {
        *chosen = number - 1;
        return true;
    }
    if (number >= 1 && number <= search->count)
        terminal_write(&prompt->terminal, "That reader has no card that fits.\n");
    else if (line[strspn(line, " \t")] != '\0')
        terminal_write(&prompt->terminal, "There is no such reader.\n");
    write_question(prompt);
    return false;
}

/* Looks at the readers again; *found: a card came that settles the matter. */
static LONG look_for_changes(struct prompt *prompt, size_t *chosen, bool *found)
{
    bool changed;
    LONG status = search_news(prompt->search, &changed, found, chosen);
    if (status != SCARD_S_SUCCESS || !changed)
        return status;
    terminal_write(&prompt->terminal, "\n");
    if (!*found)
        write_readers(prompt);
    return SCARD_S_SUCCESS;
}

static LONG ask_until_chosen(struct prompt *prompt, size_t *chosen)
{
    write_head(prompt);
    for (;;) {
        bool found = false;
        enum terminal_event event = terminal_wait(&prompt->terminal, LOOK_MS);
        const char *line = prompt->terminal.line;
        if (event == TERMINAL_CLOSED)
            terminal_write(&prompt->terminal, "\n");
        if (event == TERMINAL_CLOSED || (event == TERMINAL_ANSWER && is_cancel(line)))
            return SCARD_W_CANCELLED_BY_USER;
        if (event == TERMINAL_ANSWER && take_choice(prompt, line, chosen))
            return SCARD_S_SUCCESS;
        LONG status = look_for_changes(prompt, chosen, &found);
        if (status != SCARD_S_SUCCESS || found)
            return status;
    }
}

LONG prompt_choose(struct search *search, size_t *chosen)
{
    struct prompt prompt = {.search = search};
    if (!terminal_open(&prompt.terminal))
        return SCARD_E_UNSUPPORTED_FEATURE;
    LONG status = ask_until_chosen(&prompt, chosen);
    assert(status != SCARD_S_SUCCESS || *chosen < search->count);
    terminal_close(&prompt.terminal);
    return status;
}
