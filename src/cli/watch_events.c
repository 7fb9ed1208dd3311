/* SPDX-License-Identifier: BSD-2-Clause */
/* Which differences of a reader's state are events (winscard.h, SCARD_STATE_*). */
#include "cli/watch_events.h"

#include "cli/api.h"

#include <assert.h>

#define USE_BITS                                                                         \
    (SCARD_STATE_EXCLUSIVE | SCARD_STATE_INUSE | SCARD_STATE_MUTE                        \
     | SCARD_STATE_UNPOWERED | SCARD_STATE_UNAVAILABLE)

size_t watch_compare(uint32_t before, uint32_t now,
                     enum watch_event events[WATCH_EVENTS_MAX])
{
    uint32_t card_before = before & SCARD_STATE_PRESENT;
    uint32_t card_now = now & SCARD_STATE_PRESENT;
    if (card_before != card_now) {
        events[0] = card_now != 0 ? WATCH_CARD_INSERTED : WATCH_CARD_REMOVED;
        return 1;
    }
    if (before >> 16 != now >> 16) {
        events[0] = card_now != 0 ? WATCH_CARD_REMOVED : WATCH_CARD_INSERTED;
        events[1] = card_now != 0 ? WATCH_CARD_INSERTED : WATCH_CARD_REMOVED;
        return 2;
    }
    events[0] = WATCH_STATE;
    return ((before ^ now) & USE_BITS) != 0 ? 1 : 0;
}

const char *watch_event_name(enum watch_event event)
{
    static const char *const names[] = {
        [WATCH_PRESENT] = "present",
        [WATCH_READER_ADDED] = "reader-added",
        [WATCH_READER_REMOVED] = "reader-removed",
        [WATCH_CARD_INSERTED] = "card-inserted",
        [WATCH_CARD_REMOVED] = "card-removed",
        [WATCH_STATE] = "state",
        [WATCH_SERVICE_LOST] = "service-lost",
        [WATCH_SERVICE_BACK] = "service-back",
    };
    assert(event <= WATCH_SERVICE_BACK);
    return names[event];
}
