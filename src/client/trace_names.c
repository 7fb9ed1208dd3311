/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of winscard.h by their names, for a trace. */
#include "client/trace.h"

#include <stdio.h>

const char *trace_share(uint32_t share)
{
    static const char *const names[] = {"0", "EXCLUSIVE", "SHARED", "DIRECT"};
    return share < ARRAY_SIZE(names) ? names[share] : "?";
}

const char *trace_disposition(uint32_t disposition)
{
    static const char *const names[] = {"LEAVE", "RESET", "UNPOWER", "EJECT"};
    return disposition < ARRAY_SIZE(names) ? names[disposition] : "?";
}

/* RAW is another bit in each of the two ABIs, and neither uses the other's. */
const char *trace_protocols(char text[TRACE_PROTOCOLS_ROOM], uint32_t protocols)
{
    static const struct {
        uint32_t bits;
        const char *name;
    } known[] = {{0x1, "T0"}, {0x2, "T1"}, {0x10004, "RAW"}, {0x8, "T15"}};
    size_t size = 0;
    const char *between = "";
    text[0] = '\0';
    for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
        if ((protocols & known[i].bits) == 0)
            continue;
        size += (size_t)snprintf(text + size, TRACE_PROTOCOLS_ROOM - size, "%s%s",
                                 between, known[i].name);
        protocols &= ~known[i].bits;
        between = "|";
    }
    if (protocols != 0)
        (void)snprintf(text + size, TRACE_PROTOCOLS_ROOM - size, "%s%lx", between,
                       (unsigned long)protocols);
    else if (size == 0)
        (void)snprintf(text, TRACE_PROTOCOLS_ROOM, "UNDEFINED");
    return text;
}
