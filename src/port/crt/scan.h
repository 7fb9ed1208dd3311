/* SPDX-License-Identifier: BSD-2-Clause */
/* Scanning as Microsoft's page "Format specification fields: scanf and wscanf functions"
 * describes it. `long` has 32 bits. */
#ifndef PORT_SCAN_H
#define PORT_SCAN_H

#include "port/crt/format.h"
#include "port/crt/source.h"

struct winport_scan {
    struct winport_source *source;
    const void *format; /* of the source's units */
    winport_kinds kinds;
    struct winport_arguments *arguments;
    bool sizes; /* buffers are followed by their size: scanf_s */
};

/* Fields that were stored, or EOF if the text ended before the first. */
int winport_scan(struct winport_scan *scan);

/* One field. */
struct winport_field {
    bool skip;      /* * */
    size_t width;   /* units at most */
    unsigned kind;  /* bytes that the argument points to, or 0 */
    unsigned bytes; /* of a number by the format, or 0 */
    enum winport_prefix prefix;
    uint32_t letter;
};

/* What a field came to. */
enum winport_match { MATCHED, MISMATCHED, ENDED };

enum winport_match winport_scan_integer(struct winport_source *source,
                                        const struct winport_field *field, void *to);
enum winport_match winport_scan_floating(struct winport_source *source,
                                         const struct winport_field *field, void *to);

/* Stores an integer of as many bytes. */
void winport_store(void *to, unsigned bytes, uint64_t value);

bool winport_is_blank(uint32_t unit);

#endif
