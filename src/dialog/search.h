/* SPDX-License-Identifier: BSD-2-Clause */
/* The readers of a search and which of them hold a card that is wanted. */
#ifndef DIALOG_SEARCH_H
#define DIALOG_SEARCH_H

#include "dialog/text.h"

enum seat_state {
    SEAT_EMPTY,
    SEAT_MUTE,  /* the card does not answer */
    SEAT_TAKEN, /* somebody has it in a way that keeps us from connecting */
    SEAT_OTHER, /* a card, but not one that is wanted */
    SEAT_FITS
};

/* What is in one reader. */
struct search_seat {
    enum seat_state state;
    bool judged;
    dialog_char *cards; /* the names it may have: a multi-string of the API, or NULL */
};

struct search {
    const dialog_open *open;
    const dialog_criteria *wanted;
    dialog_char *groups, *names; /* multi-strings of our own; NULL: not asked for */
    dialog_char *readers;        /* the API's, or NULL: there is none */
    dialog_state *states; /* `count`, as are the seats; szReader points into `readers` */
    struct search_seat *seats;
    size_t count;
    LONG reason; /* why card names could not be found, or 0 */
};

/* Begins a search for what `open` and its criteria ask, which stay the caller's and have
 * been checked. In any case search_end() is due.
 *
 * - SCARD_E_INVALID_VALUE: a list of names that is longer than 65536 units.
 * - SCARD_E_NO_MEMORY. */
LONG DIALOG(search_begin)(struct search *search, const dialog_open *open);
void DIALOG(search_end)(struct search *search);

/* Looks at the readers without waiting; a card is judged when it came, or others let go
 * of it. *changed: something is not as it was at the call before.
 *
 * - SCARD_E_NO_READERS_AVAILABLE: none in these groups.
 * - What SCardListReaders and SCardGetStatusChange give. */
LONG DIALOG(search_look)(struct search *search, bool *changed);

/* How many cards fit; the first of them goes to *first. */
size_t DIALOG(search_count)(const struct search *search, size_t *first);

/* A way to a card: the caller's own routine, or SCardConnect's arguments. */
struct search_way {
    dialog_connect routine;
    PVOID data;
    DWORD share, protocols;
};

/* Connects to the card of a seat; *protocol is 0 if the caller's routine did it.
 *
 * - SCARD_E_CARD_UNSUPPORTED: the caller's routine gave no handle.
 * - What SCardConnect gives. */
LONG DIALOG(search_connect)(const struct search *search, size_t seat,
                            const struct search_way *way, SCARDHANDLE *card,
                            DWORD *protocol);

#endif
