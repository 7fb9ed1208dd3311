/* SPDX-License-Identifier: BSD-2-Clause */
/* Where text to scan comes from: a text or a stream. */
#ifndef PORT_SOURCE_H
#define PORT_SOURCE_H

#include "port/crt/sink.h"

/* No more text. */
#define WINPORT_END UINT32_MAX

struct winport_source {
    unsigned unit;
    const void *text; /* ends with a NUL */
    size_t at;
    FILE *stream;     /* or a stream, of UTF-8 whatever the unit is */
    size_t count;     /* units taken */
    uint32_t waiting; /* the unit that peek looked at, if `looked` */
    bool looked;
    WCHAR low; /* the second half of a surrogate pair, yet to be read */
};

/* The next unit, which stays; and it is gone past. */
uint32_t winport_source_peek(struct winport_source *source);
void winport_source_take(struct winport_source *source);

/* A stream gets back what was looked at and not taken. */
void winport_source_finish(struct winport_source *source);

/* One unit (UNIT_16 or UNIT_32) of UTF-8 from a stream; what is read of a character above
 * U+FFFF stays in *low until the next call. */
uint32_t winport_stream_unit(FILE *stream, unsigned unit, WCHAR *low);

#endif
