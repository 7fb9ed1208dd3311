/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of a search and which of them hold a card that is wanted. */
#ifndef DIALOG_SEARCH_H
#define DIALOG_SEARCH_H

#include "dialog/text.h"

enum seat_state {
    SEAT_EMPTY,
    SEAT_MUTE,  /* the card does not answer */
    SEAT_TAKEN, /* another program has it in a way that keeps us from connecting */
    SEAT_OTHER, /* a card, but not one that is wanted */
    SEAT_FITS
};

/* For users. */
static inline const char *seat_words(enum seat_state state)
{
    switch (state) {
    case SEAT_MUTE:
        return "a card that does not answer";
    case SEAT_TAKEN:
        return "a card in use by others";
    case SEAT_OTHER:
        return "another card";
    case SEAT_FITS:
        return "card";
    case SEAT_EMPTY:
        break;
    }
    return "no card";
}

/* What is in one reader. */
struct search_seat {
    enum seat_state state;
    bool judged;
    TCHAR *cards; /* the names it may have: a multi-string of the API, or NULL */
};

struct search {
    const OPENCARDNAME_EX *open;
    const OPENCARD_SEARCH_CRITERIA *wanted;
    TCHAR *groups, *names;     /* multi-strings of our own; NULL: not asked for */
    TCHAR *readers;            /* the API's, or NULL: there is none */
    SCARD_READERSTATE *states; /* `count`; szReader points into `readers` */
    struct search_seat *seats; /* `count` */
    size_t count;
    LONG reason; /* why card names could not be found, or 0 */
};

/* Compiled for A and for W, each has its own. */
#define search_begin   WINSCARD_NAME_AW(search_begin)
#define search_end     WINSCARD_NAME_AW(search_end)
#define search_look    WINSCARD_NAME_AW(search_look)
#define search_news    WINSCARD_NAME_AW(search_news)
#define search_count   WINSCARD_NAME_AW(search_count)
#define search_connect WINSCARD_NAME_AW(search_connect)

/* Begins a search for what `open` and its criteria ask, which stay the caller's and have
 * been checked. In any case search_end() is due.
 *
 * - SCARD_E_INVALID_VALUE: a list of names that is longer than 65536 units.
 * - SCARD_E_NO_MEMORY. */
LONG search_begin(struct search *search, const OPENCARDNAME_EX *open);
void search_end(struct search *search);

/* Looks at the readers without waiting; a card is judged when it came, or others let go
 * of it. *changed: something is not as it was at the call before.
 *
 * - SCARD_E_NO_READERS_AVAILABLE: none in these groups.
 * - What SCardListReaders and SCardGetStatusChange give. */
LONG search_look(struct search *search, bool *changed);

/* The same while the user is asked: having no reader is waited out. *settled: a card came
 * that answers the question, *chosen, as none did before and SC_DLG_FORCE_UI does not ask for
 * the user's own answer. */
LONG search_news(struct search *search, bool *changed, bool *settled, size_t *chosen);

/* How many cards fit; the first of them goes to *first. */
size_t search_count(const struct search *search, size_t *first);

/* A way to a card: the caller's own routine, or SCardConnect's arguments. */
struct search_way {
    LPOCNCONNPROC routine;
    PVOID data;
    DWORD share, protocols;
};

/* Connects to the card of a seat; *protocol is 0 if the caller's routine did it.
 *
 * - SCARD_E_CARD_UNSUPPORTED: the caller's routine gave no handle.
 * - What SCardConnect gives. */
LONG search_connect(const struct search *search, size_t seat,
                    const struct search_way *way, SCARDHANDLE *card, DWORD *protocol);

#endif
