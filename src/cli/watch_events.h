/* SPDX-License-Identifier: BSD-2-Clause */
/* What happened between two states of a reader. */
#ifndef CLI_WATCH_EVENTS_H
#define CLI_WATCH_EVENTS_H

#include <stddef.h>
#include <stdint.h>

enum watch_event {
    WATCH_PRESENT, /* the reader was there when watching began */
    WATCH_READER_ADDED,
    WATCH_READER_REMOVED,
    WATCH_CARD_INSERTED,
    WATCH_CARD_REMOVED,
    WATCH_STATE, /* its users, or whether the card answers, have changed */
    /* Of no reader: the service ended, and watching goes on when it is back. */
    WATCH_SERVICE_LOST,
    WATCH_SERVICE_BACK
};

enum { WATCH_EVENTS_MAX = 2 };

/* Compares two dwEventState values, counters in the high words included: a card that was
 * replaced between two looks is a removal and an insertion, one that came and went is
 * both the other way round. Returns how many events are in `events`, in order. */
size_t watch_compare(uint32_t before, uint32_t now,
                     enum watch_event events[WATCH_EVENTS_MAX]);

/* "card-inserted": for JSON and for scripts. */
const char *watch_event_name(enum watch_event event);

#endif
