/* SPDX-License-Identifier: BSD-2-Clause */
/* What was found, for people and for machines. */
#ifndef CLI_PORT_SHOW_H
#define CLI_PORT_SHOW_H

#include "cli/port/port_look.h"

enum { PORT_LINES_SHOWN = 5 };

/* Of all files so far. All zero: none. */
struct port_totals {
    size_t files;
    size_t changed, doubtful, unreadable; /* the others need nothing */
    size_t names[PORT_NOTE + 1];          /* of each class: different ones */
    size_t families;                      /* whose names are missing */
    bool seen[PORT_FAMILIES];
    struct port_map counted;
};

/* `wrong`: why it could not be read, or NULL. */
void port_show_file(struct cli *cli, const char *path, const char *wrong,
                    const struct port_report *report, struct port_totals *totals);
void port_show_totals(struct cli *cli, const struct port_totals *totals);

#endif
