/* SPDX-License-Identifier: BSD-2-Clause */
/* What one source uses that is not there. */
#ifndef CLI_PORT_LOOK_H
#define CLI_PORT_LOOK_H

#include "cli/port/port_sources.h"
#include "cli/port/port_walk.h"

enum {
    PORT_FINDINGS_MAX = 500, /* of one file: different names */
    PORT_LINES_MAX = 20      /* of one name: lines that are kept */
};

struct port_finding {
    enum port_family family;
    const char *name; /* owned by the report */
    uint32_t lines[PORT_LINES_MAX];
    uint32_t count; /* of uses */
};

struct port_report {
    struct port_finding *findings; /* owned; in the order in which they were found */
    size_t count, room;
    size_t beyond;         /* uses of further names, of which nothing is kept */
    struct port_map names; /* family and name: their index */
    bool failed;           /* no memory */
};

/* What a file uses. False: no memory. The report is to be cleared in any case. */
bool port_look(const struct port_sources *sources, const struct port_file *file,
               struct port_report *report);
void port_report_clear(struct port_report *report);

#endif
