/* SPDX-License-Identifier: BSD-2-Clause */
/* How the watch command shows events: a line each, an object of JSON each, or a table. */
#ifndef CLI_WATCH_SHOW_H
#define CLI_WATCH_SHOW_H

#include "cli/api.h"
#include "cli/cli.h"
#include "cli/watch_events.h"

enum { WATCH_RECENT_MAX = 6, WATCH_LINE_MAX = 640 };

struct watch_show {
    struct cli *cli;
    bool table;
    unsigned lines; /* of the table as it stands on the screen */
    char recent[WATCH_RECENT_MAX][WATCH_LINE_MAX]; /* the newest last */
    size_t recent_count;
};

void watch_show_start(struct watch_show *show, struct cli *cli);

/* Shows one event of a reader, whose entry says the state it led to; NULL: of none. */
void watch_show_event(struct watch_show *show, enum watch_event event,
                      const SCARD_READERSTATEA *state);

/* Draws the table anew, if there is one; entry 0 is not a reader. */
void watch_show_table(struct watch_show *show, const SCARD_READERSTATEA *states,
                      size_t count);

#endif
