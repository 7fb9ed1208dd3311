/* SPDX-License-Identifier: BSD-2-Clause */
/* Where formatted text goes: a buffer or a stream, of one of three kinds of text, each of
 * which is named by the bytes of its units. */
#ifndef PORT_SINK_H
#define PORT_SINK_H

#include "port/port.h"

#include <stdio.h>

/* UTF-8, UTF-16 and, where a program has wchar_t of 32 bits, UTF-32. */
enum { UNIT_8 = 1, UNIT_16 = 2, UNIT_32 = 4 };

struct winport_sink {
    unsigned unit; /* of what is put in; a stream gets UTF-8 from all of them */
    size_t count;  /* units that were put in, at most INT_MAX + 1 */
    void *text;    /* a buffer, of which `room` units are for text */
    size_t room;
    FILE *stream; /* or a stream */
    bool failed;
    WCHAR high; /* the first half of a surrogate pair whose second is yet to come */
    size_t used;
    char chunk[256]; /* what goes to the stream at once */
};

/* A buffer of `room` units, which may be NULL if room is 0. */
void winport_sink_buffer(struct winport_sink *sink, unsigned unit, void *text,
                         size_t room);

/* Locks the stream; winport_sink_finish() unlocks it. */
void winport_sink_stream(struct winport_sink *sink, unsigned unit, FILE *stream);

/* One unit. What does not fit a buffer counts all the same. */
void winport_sink_put(struct winport_sink *sink, uint32_t unit);

/* One unit, `times` times. */
void winport_sink_fill(struct winport_sink *sink, uint32_t unit, size_t times);

/* One character. */
void winport_sink_put_point(struct winport_sink *sink, uint32_t point);

/* Units that a character takes. */
unsigned winport_sink_width(const struct winport_sink *sink, uint32_t point);

/* The count, or -1 if the stream failed (errno) or the count is above INT_MAX
 * (EOVERFLOW). */
int winport_sink_finish(struct winport_sink *sink);

/* A unit of a text, and a character of one, at *at, which it goes past; below `end`. */
uint32_t winport_unit_at(const void *text, unsigned unit, size_t at);
uint32_t winport_next_point(const void *text, unsigned unit, size_t *at, size_t end);

#endif
