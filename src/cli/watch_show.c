/* SPDX-License-Identifier: BSD-2-Clause */
/* What a watched event looks like in each of the three forms. */
#include "cli/watch_show.h"

#include "cli/card_names.h"
#include "cli/platform.h"
#include "cli/readers.h"

#include <assert.h>
#include <string.h>

enum {
    NARROW = 60,       /* columns, below which a reader's state has a line of its own */
    RECENT_MARGIN = 2, /* of an event's further lines */
    RECENT_LINES = 8   /* that events have at the foot: the table must fit the screen */
};

void watch_show_start(struct watch_show *show, struct cli *cli)
{
    memset(show, 0, sizeof *show);
    show->cli = cli;
    show->table = !cli->json_wanted && platform_is_terminal(cli->out);
}

static void write_object(struct watch_show *show, enum watch_event event,
                         const SCARD_READERSTATEA *state)
{
    struct json *json = &show->cli->json;
    char time[32];
    platform_time(true, time, sizeof time);
    json_object(json, NULL);
    json_string(json, "time", time);
    json_string(json, "event", watch_event_name(event));
    if (state != NULL)
        json_string(json, "reader", state->szReader);
    if (state != NULL && event != WATCH_READER_REMOVED) {
        size_t size = readers_atr_size(state);
        readers_state_json(json, "state", state->dwEventState);
        json_number(json, "events", state->dwEventState >> 16);
        if (size > 0 && event != WATCH_CARD_REMOVED) {
            json_hex(json, "atr", state->rgbAtr, size);
            card_names_json(0, state->rgbAtr, size, json, "cards");
        }
    }
    json_end_to(json, 0);
    fflush(show->cli->out);
}

/* ", YubiKey 5, ATR 3B 80 ...": what the database calls a card, and its ATR. */
static void add_card(const SCARD_READERSTATEA *state, struct text *text)
{
    char names[200];
    struct text called;
    size_t size = readers_atr_size(state);
    text_start(&called, names, sizeof names);
    card_names_words(0, state->rgbAtr, size, &called);
    if (called.size > 0)
        text_add(text, ", %s", names);
    if (size > 0) {
        text_add(text, ", ATR ");
        text_add_hex(text, state->rgbAtr, size, " ");
    }
}

/* "12:34:56  card-inserted   Reader 00 00: card present, ATR 3B 80 ..." */
static void format_line(enum watch_event event, const SCARD_READERSTATEA *state,
                        char *line)
{
    struct text text;
    char time[32];
    platform_time(false, time, sizeof time);
    text_start(&text, line, WATCH_LINE_MAX);
    text_add(&text, "%s  %-14s", time, watch_event_name(event));
    if (state == NULL) {
        text_add(&text, event == WATCH_SERVICE_LOST
                            ? "  the service has ended; waiting for it"
                            : "  the service is there again");
        return;
    }
    text_add(&text, "  %s", state->szReader);
    if (event == WATCH_READER_REMOVED)
        return;
    text_add(&text, ": ");
    readers_state_words(state->dwEventState, &text);
    if (event != WATCH_CARD_REMOVED && event != WATCH_STATE)
        add_card(state, &text);
}

/* Keeps the line for the foot of the table. */
static void remember_for_foot(struct watch_show *show, const char *line)
{
    struct text text;
    assert(show->recent_count <= WATCH_RECENT_MAX);
    if (show->recent_count == WATCH_RECENT_MAX) {
        memmove(show->recent[0], show->recent[1], sizeof show->recent - WATCH_LINE_MAX);
        show->recent_count--;
    }
    text_start(&text, show->recent[show->recent_count++], WATCH_LINE_MAX);
    text_add(&text, "%s", line);
}

void watch_show_event(struct watch_show *show, enum watch_event event,
                      const SCARD_READERSTATEA *state)
{
    char line[WATCH_LINE_MAX];
    if (show->cli->json_wanted) {
        write_object(show, event, state);
        return;
    }
    format_line(event, state, line);
    if (show->table) {
        if (event != WATCH_PRESENT)
            remember_for_foot(show, line);
        return;
    }
    text_print(show->cli->out, line);
    fputc('\n', show->cli->out);
    fflush(show->cli->out);
}

static void end_drawn_line(struct watch_show *show)
{
    fputs("\033[K\n", show->cli->out); /* and nothing of an older line stays */
    show->lines++;
}

static size_t character_count(const char *text)
{
    uint32_t code_point;
    size_t count = 0;
    for (; *text != '\0'; count++)
        text += utf8_next(text, &code_point);
    return count;
}

/* How many characters of a text go on a line of so many: up to a space, if there is one.
 */
static size_t line_length(const char *text, size_t columns)
{
    uint32_t code_point;
    size_t count = 0, fits = 0;
    for (; *text != '\0' && count < columns; count++) {
        if (*text == ' ')
            fits = count;
        text += utf8_next(text, &code_point);
    }
    return *text == '\0' || *text == ' ' || fits == 0 ? count : fits;
}

/* What is after that line. */
static const char *skip_drawn_line(const char *text, size_t columns)
{
    uint32_t code_point;
    for (size_t left = line_length(text, columns); left > 0; left--)
        text += utf8_next(text, &code_point);
    return text + strspn(text, " ");
}

static unsigned columns_beside(unsigned margin, unsigned width)
{
    return width > margin + 8 ? width - margin - 1 : 8;
}

/* All of a text, in as many lines as it needs, each with this margin; the first line has
 * it already. */
static void draw_wrapped(struct watch_show *show, const char *text, unsigned margin,
                         unsigned width)
{
    unsigned columns = columns_beside(margin, width);
    for (;;) {
        assert(columns > 0); /* or no text would ever end */
        text_print_width(show->cli->out, text, (unsigned)line_length(text, columns));
        text = skip_drawn_line(text, columns);
        end_drawn_line(show);
        if (*text == '\0')
            return;
        fprintf(show->cli->out, "%*s", (int)margin, "");
    }
}

/* The newest events, as many as have room, but one at least. */
static void draw_recent(struct watch_show *show, unsigned width)
{
    unsigned columns = columns_beside(RECENT_MARGIN, width);
    size_t first = show->recent_count, lines = 0;
    while (first > 0) {
        for (const char *at = show->recent[first - 1]; *at != '\0'; lines++)
            at = skip_drawn_line(at, columns);
        if (lines > RECENT_LINES && first < show->recent_count)
            break;
        first--;
    }
    for (; first < show->recent_count; first++)
        draw_wrapped(show, show->recent[first], RECENT_MARGIN, width);
}

static void draw_reader(struct watch_show *show, unsigned number, unsigned width,
                        const SCARD_READERSTATEA *state)
{
    FILE *out = show->cli->out;
    char words[WATCH_LINE_MAX];
    struct text text;
    unsigned name = width / 2 > 44 ? 44 : width / 2;
    text_start(&text, words, sizeof words);
    readers_state_words(state->dwEventState, &text);
    if (state->dwEventState & SCARD_STATE_PRESENT)
        add_card(state, &text);
    fprintf(out, "%3u  ", number);
    if (width < NARROW || character_count(state->szReader) > name) {
        draw_wrapped(show, state->szReader, 5, width); /* nothing of a name is cut */
        fputs("       ", out);
        draw_wrapped(show, words, 7, width);
    } else {
        text_print_width(out, state->szReader, name);
        fputs("  ", out);
        draw_wrapped(show, words, name + 7, width);
    }
}

void watch_show_table(struct watch_show *show, const SCARD_READERSTATEA *states,
                      size_t count)
{
    FILE *out = show->cli->out;
    if (!show->table)
        return;
    unsigned width = platform_width(out);
    if (show->lines > 0)
        fprintf(out, "\033[%uA\r", show->lines);
    show->lines = 0;
    text_print_width(out,
                     width < NARROW ? "Readers (Ctrl+C ends):"
                                    : "Readers and cards, as they come and go (Ctrl+C "
                                      "ends):",
                     width - 1);
    end_drawn_line(show);
    for (size_t i = 1; i < count; i++)
        draw_reader(show, (unsigned)i, width, &states[i]);
    if (count <= 1) {
        fputs("     no reader is connected", out);
        end_drawn_line(show);
    }
    end_drawn_line(show);
    draw_recent(show, width);
    fputs("\033[J", out);
    fflush(out);
}
