/* SPDX-License-Identifier: BSD-2-Clause */
/* Formats as Microsoft's page "Format specification syntax: printf and wprintf functions"
 * describes them. `long` has 32 bits. */
#ifndef PORT_FORMAT_H
#define PORT_FORMAT_H

#include "port/crt/sink.h"

#include <stdarg.h>

/* A va_list that functions can share. */
struct winport_arguments {
    va_list list;
};

/* Puts the text into the sink; the format has the sink's kind of units. `kinds` says what
 * the arguments point to (crt_kinds.h). False, and errno EINVAL, for %n, which Windows
 * refuses too, and for a format or counted string that is NULL. */
bool winport_format(struct winport_sink *sink, winport_kinds kinds, const void *format,
                    struct winport_arguments *arguments);

/* One conversion: what stands between the % and its letter, and the letter. */
enum winport_flag {
    FLAG_LEFT = 1,
    FLAG_PLUS = 2,
    FLAG_SPACE = 4,
    FLAG_ALTERNATE = 8,
    FLAG_ZERO = 16,
};

/* What a letter says of text and floating point: h; l or w; L. */
enum winport_prefix {
    PREFIX_NONE,
    PREFIX_NARROW,
    PREFIX_WIDE,
    PREFIX_LONG_DOUBLE,
};

struct winport_spec {
    unsigned flags; /* of enum winport_flag */
    size_t width;
    int precision;  /* -1: none */
    unsigned bytes; /* of an integer; 0: of int */
    enum winport_prefix prefix;
    uint32_t letter;
};

void winport_format_integer(struct winport_sink *sink, const struct winport_spec *spec,
                            uint64_t value, bool negative);
bool winport_format_floating(struct winport_sink *sink, const struct winport_spec *spec,
                             long double value);
void winport_format_string(struct winport_sink *sink, const struct winport_spec *spec,
                           const void *text, unsigned unit, size_t limit);

#endif
