/* SPDX-License-Identifier: BSD-2-Clause */
/* The question in a window. Compiled for A and W. */
#include "dialog/prompt.h"
#include "dialog/window.h"

#include <assert.h>
#include <string.h>

struct prompt {
    struct search *search;
    LONG status; /* why looking failed */
};

static size_t append(WCHAR *text, size_t used, size_t room, const WCHAR *more)
{
    while (*more != 0 && used < room - 1)
        text[used++] = *more++;
    text[used] = 0;
    return used;
}

static size_t append_ascii(WCHAR *text, size_t used, size_t room, const char *more)
{
    while (*more != '\0' && used < room - 1)
        text[used++] = (WCHAR)*more++;
    text[used] = 0;
    return used;
}

static size_t count_rows(const void *asker)
{
    const struct prompt *prompt = asker;
    return prompt->search->count;
}

static void make_row(const void *asker, size_t index, struct window_row *row)
{
    const struct prompt *prompt = asker;
    const struct search_seat *seat = &prompt->search->seats[index];
    size_t room = sizeof(row->text) / sizeof(row->text[0]), used;
    assert(index < prompt->search->count);
    window_text(prompt->search->states[index].szReader, row->reader);
    used = append(row->text, 0, room, row->reader);
    used = append_ascii(row->text, used, room, ": ");
    used = append_ascii(row->text, used, room, seat_words(seat->state));
    row->fits = seat->state == SEAT_FITS;
    if (row->fits && seat->cards != NULL && seat->cards[0] != 0) {
        WCHAR card[WINDOW_TEXT_MAX];
        window_text(seat->cards, card);
        used = append_ascii(row->text, used, room, " (");
        used = append(row->text, used, room, card);
        append_ascii(row->text, used, room, ")");
    }
}

static const char *give_advice(const void *asker)
{
    const struct search *search = ((const struct prompt *)asker)->search;
    size_t first;
    if (search->count == 0)
        return "No reader is connected. Connect one.";
    return search_count(search, &first) == 0 ? "Insert the card."
                                             : "Choose the reader with the card.";
}

static enum window_news look(void *asker, size_t *chosen)
{
    struct prompt *prompt = asker;
    bool changed = false, settled = false;
    prompt->status = search_news(prompt->search, &changed, &settled, chosen);
    if (prompt->status != SCARD_S_SUCCESS)
        return WINDOW_FAILED;
    if (settled)
        return WINDOW_SETTLED;
    return changed ? WINDOW_CHANGED : WINDOW_SAME;
}

LONG prompt_choose(struct search *search, size_t *chosen)
{
    static const TCHAR title[] = TEXT("Select a smart card");
    const OPENCARDNAME_EX *open = search->open;
    struct prompt prompt = {.search = search};
    struct window window = {.owner = open->hwndOwner,
                            .icon = open->hIcon,
                            .asker = &prompt,
                            .look = look,
                            .count = count_rows,
                            .row = make_row,
                            .advice = give_advice};
    bool titled = open->lpstrTitle != NULL && open->lpstrTitle[0] != 0;
    window_text(titled ? open->lpstrTitle : title, window.title);
    if (open->lpstrSearchDesc != NULL)
        window_text(open->lpstrSearchDesc, window.description);
    LONG status = window_ask(&window);
    if (status == SCARD_F_UNKNOWN_ERROR)
        return prompt.status;
    if (status == SCARD_S_SUCCESS) {
        assert(window.chosen < search->count);
        *chosen = window.chosen;
    }
    return status;
}
