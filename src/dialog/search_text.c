/* SPDX-License-Identifier: BSD-2-Clause */
/* Which readers hold a card that is wanted. Compiled for A and W. */
#include "dialog/search.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum {
    LIST_MAX = 65536, /* units of a caller's multi-string */
    LOOKS_MAX = 4     /* how often readers may go away during one look */
};

/* MS-Docs OPENCARD_SEARCH_CRITERIA: without groups, the default one is searched. */
static const TCHAR default_group[] = SCARD_DEFAULT_READERS;

/* --- The caller's lists ------------------------------------------------------------- */

/* Copies a multi-string: `max` units of it may be read (0: as many as it has), and it is
 * complete where they end. None, or an empty one: NULL. */
static LONG copy_list(const TCHAR *list, DWORD max, TCHAR **copy)
{
    size_t limit = max > 0 && max < LIST_MAX ? max : LIST_MAX, size = 0;
    *copy = NULL;
    if (list == NULL || list[0] == 0)
        return SCARD_S_SUCCESS;
    while (size < limit && (list[size] != 0 || list[size - 1] != 0))
        size++;
    if (size == LIST_MAX)
        return SCARD_E_INVALID_VALUE;
    *copy = calloc(size + 2, sizeof(**copy));
    if (*copy == NULL)
        return SCARD_E_NO_MEMORY;
    memcpy(*copy, list, size * sizeof(**copy));
    return SCARD_S_SUCCESS;
}

LONG search_begin(struct search *search, const OPENCARDNAME_EX *open)
{
    static const OPENCARD_SEARCH_CRITERIA everything;
    const OPENCARD_SEARCH_CRITERIA *wanted = open->pOpenCardSearchCriteria;
    *search = (struct search){.open = open, .wanted = wanted ? wanted : &everything};
    wanted = search->wanted;
    LONG status =
        copy_list(wanted->lpstrGroupNames, wanted->nMaxGroupNames, &search->groups);
    if (status == SCARD_S_SUCCESS)
        status = copy_list(wanted->lpstrCardNames, wanted->nMaxCardNames, &search->names);
    return status;
}

/* --- Readers ------------------------------------------------------------------------ */

static void forget_readers(struct search *search)
{
    SCARDCONTEXT context = search->open->hSCardContext;
    for (size_t i = 0; i < search->count; i++)
        SCardFreeMemory(context, search->seats[i].cards);
    SCardFreeMemory(context, search->readers);
    free(search->seats);
    free(search->states);
    search->readers = NULL;
    search->seats = NULL;
    search->states = NULL;
    search->count = 0;
}

void search_end(struct search *search)
{
    forget_readers(search);
    free(search->groups);
    free(search->names);
    search->groups = search->names = NULL;
}

/* `readers` is ours from here. */
static LONG take_readers(struct search *search, TCHAR *readers)
{
    size_t count = 0;
    forget_readers(search);
    search->readers = readers;
    if (readers == NULL)
        return SCARD_S_SUCCESS;
    for (TCHAR *name = readers; *name != 0; name = text_after(name))
        count++;
    search->states = calloc(count + 1, sizeof(*search->states));
    search->seats = calloc(count + 1, sizeof(*search->seats));
    if (search->states == NULL || search->seats == NULL)
        return SCARD_E_NO_MEMORY;
    search->count = count;
    for (size_t i = 0; i < count; i++, readers = text_after(readers))
        search->states[i].szReader = readers;
    assert(*readers == 0);
    return SCARD_S_SUCCESS;
}

static bool same_readers(TCHAR *one, TCHAR *other)
{
    if (one == NULL || other == NULL)
        return one == other;
    while (*one != 0 && text_same(one, other)) {
        one = text_after(one);
        other = text_after(other);
    }
    return *one == *other;
}

static LONG update_readers(struct search *search, bool *changed)
{
    SCARDCONTEXT context = search->open->hSCardContext;
    const TCHAR *groups = search->groups ? search->groups : default_group;
    TCHAR *readers = NULL;
    DWORD length = SCARD_AUTOALLOCATE;
    LONG status = SCardListReaders(context, groups, (TCHAR *)&readers, &length);
    if (status != SCARD_S_SUCCESS && status != SCARD_E_NO_READERS_AVAILABLE)
        return status;
    if (same_readers(readers, search->readers)) {
        SCardFreeMemory(context, readers);
        return SCARD_S_SUCCESS;
    }
    *changed = true;
    return take_readers(search, readers);
}

/* --- Cards -------------------------------------------------------------------------- */

/* Keeps of a seat's card names those that are asked for. */
static void keep_wanted(TCHAR *cards, TCHAR *names)
{
    TCHAR *kept = cards;
    while (*cards != 0) {
        size_t size = text_length(cards) + 1;
        if (text_listed(names, cards)) {
            memmove(kept, cards, size * sizeof(*kept));
            kept += size;
        }
        cards += size;
    }
    *kept = 0;
}

/* The names a card may have by its ATR and interfaces; true: it is one that is wanted. A
 * card that the database does not know, or that it cannot be asked about, is wanted if
 * any card is. */
static bool has_name(struct search *search, const SCARD_READERSTATE *state,
                     struct search_seat *seat)
{
    const OPENCARD_SEARCH_CRITERIA *wanted = search->wanted;
    DWORD length = SCARD_AUTOALLOCATE;
    LONG status = SCardListCards(search->open->hSCardContext, state->rgbAtr,
                                 wanted->rgguidInterfaces, wanted->cguidInterfaces,
                                 (TCHAR *)&seat->cards, &length);
    if (status != SCARD_S_SUCCESS) {
        seat->cards = NULL;
        search->reason = status;
    } else if (search->names != NULL) {
        keep_wanted(seat->cards, search->names);
    }
    return (search->names == NULL && wanted->cguidInterfaces == 0)
           || (seat->cards != NULL && seat->cards[0] != 0);
}

LONG search_connect(const struct search *search, size_t seat,
                    const struct search_way *way, SCARDHANDLE *card, DWORD *protocol)
{
    SCARDCONTEXT context = search->open->hSCardContext;
    const TCHAR *reader = search->states[seat].szReader;
    TCHAR none[2] = {0}, *cards = search->seats[seat].cards;
    assert(seat < search->count);
    *protocol = 0;
    *card = 0;
    if (way->routine == NULL)
        return SCardConnect(context, reader, way->share, way->protocols, card, protocol);
    *card = way->routine(context, (TCHAR *)(uintptr_t)reader,
                         cards != NULL ? cards : none, way->data);
    return *card != 0 ? SCARD_S_SUCCESS : SCARD_E_CARD_UNSUPPORTED;
}

/* The caller's check, for which the card is connected and left as it was. */
static bool passes(const struct search *search, size_t seat)
{
    const OPENCARD_SEARCH_CRITERIA *wanted = search->wanted;
    const struct search_way way = {wanted->lpfnConnect, wanted->pvUserData,
                                   wanted->dwShareMode, wanted->dwPreferredProtocols};
    SCARDCONTEXT context = search->open->hSCardContext;
    SCARDHANDLE card;
    DWORD protocol;
    if (wanted->lpfnCheck == NULL)
        return true;
    if (search_connect(search, seat, &way, &card, &protocol) != SCARD_S_SUCCESS)
        return false;
    bool passed = wanted->lpfnCheck(context, card, wanted->pvUserData) != 0;
    if (wanted->lpfnDisconnect != NULL)
        wanted->lpfnDisconnect(context, card, wanted->pvUserData);
    else
        SCardDisconnect(card, SCARD_LEAVE_CARD);
    return passed;
}

/* The bits that say that a card can no longer be connected, or can be again. */
static DWORD taken_bits(const struct search *search)
{
    const OPENCARDNAME_EX *open = search->open;
    if (open->lpfnConnect != NULL || open->dwShareMode == 0
        || open->dwShareMode == SCARD_SHARE_DIRECT)
        return 0;
    if (open->dwShareMode == SCARD_SHARE_EXCLUSIVE)
        return SCARD_STATE_EXCLUSIVE | SCARD_STATE_INUSE;
    return SCARD_STATE_EXCLUSIVE;
}

static enum seat_state judge_seat(struct search *search, size_t index)
{
    const SCARD_READERSTATE *state = &search->states[index];
    struct search_seat *seat = &search->seats[index];
    SCardFreeMemory(search->open->hSCardContext, seat->cards);
    assert(index < search->count);
    seat->cards = NULL;
    if ((state->dwEventState & SCARD_STATE_PRESENT) == 0)
        return SEAT_EMPTY;
    if ((state->dwEventState & SCARD_STATE_MUTE) != 0)
        return SEAT_MUTE;
    if (!has_name(search, state, seat))
        return SEAT_OTHER;
    if ((state->dwEventState & taken_bits(search)) != 0)
        return SEAT_TAKEN;
    return passes(search, index) ? SEAT_FITS : SEAT_OTHER;
}

/* Judges what is not as it was. Our own connecting is not a reason: a card whose use by us
 * changed the state would be checked for ever. The high word counts cards. */
static void judge_changed(struct search *search, bool *changed)
{
    DWORD telling =
        SCARD_STATE_PRESENT | SCARD_STATE_MUTE | taken_bits(search) | 0xFFFF0000U;
    for (size_t i = 0; i < search->count; i++) {
        SCARD_READERSTATE *state = &search->states[i];
        DWORD differs = state->dwCurrentState ^ state->dwEventState;
        state->dwCurrentState = state->dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        if (search->seats[i].judged && (differs & telling) == 0)
            continue;
        search->seats[i].state = judge_seat(search, i);
        search->seats[i].judged = true;
        *changed = true;
    }
}

LONG search_look(struct search *search, bool *changed)
{
    *changed = false;
    for (unsigned looks = 0; looks < LOOKS_MAX; looks++) {
        LONG status = update_readers(search, changed);
        if (status != SCARD_S_SUCCESS)
            return status;
        if (search->count == 0)
            break;
        status = SCardGetStatusChange(search->open->hSCardContext, 0, search->states,
                                      (DWORD)search->count);
        if (status == SCARD_S_SUCCESS || status == SCARD_E_TIMEOUT) {
            judge_changed(search, changed);
            return SCARD_S_SUCCESS;
        }
        if (status != SCARD_E_UNKNOWN_READER && status != SCARD_E_NO_READERS_AVAILABLE)
            return status;
        forget_readers(search); /* one went away since the list was made */
        *changed = true;
    }
    return SCARD_E_NO_READERS_AVAILABLE;
}

size_t search_count(const struct search *search, size_t *first)
{
    size_t count = 0;
    for (size_t i = search->count; i > 0; i--) {
        if (search->seats[i - 1].state == SEAT_FITS) {
            *first = i - 1;
            count++;
        }
    }
    return count;
}

LONG search_news(struct search *search, bool *changed, bool *settled, size_t *chosen)
{
    size_t before = search_count(search, chosen);
    *settled = false;
    LONG status = search_look(search, changed);
    if (status != SCARD_S_SUCCESS && status != SCARD_E_NO_READERS_AVAILABLE)
        return status;
    *settled = *changed && before == 0 && search_count(search, chosen) == 1
               && (search->open->dwFlags & SC_DLG_FORCE_UI) == 0;
    return SCARD_S_SUCCESS;
}
