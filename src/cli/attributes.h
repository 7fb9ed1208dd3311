/* SPDX-License-Identifier: BSD-2-Clause */
/* The attributes of a reader by name, and their values in words (winsmcrd.h). */
#ifndef CLI_ATTRIBUTES_H
#define CLI_ATTRIBUTES_H

#include "cli/text.h"

#include <stddef.h>
#include <stdint.h>

enum attribute_kind {
    ATTRIBUTE_TEXT,
    ATTRIBUTE_WIDE_TEXT, /* UTF-16, little-endian */
    ATTRIBUTE_NUMBER,
    ATTRIBUTE_VERSION,   /* 0xMMmmbbbb */
    ATTRIBUTE_CHANNEL,   /* kind of line << 16 | number */
    ATTRIBUTE_PROTOCOLS, /* bits */
    ATTRIBUTE_BYTES
};

struct attribute {
    uint32_t id;
    const char *name; /* without SCARD_ATTR_ */
    enum attribute_kind kind;
    const char *unit; /* behind a number; may be "" */
};

extern const struct attribute attributes[];
extern const size_t attribute_count;

/* A value as text for people. One that has not the size its kind asks for is shown as
 * bytes. */
void attribute_words(const struct attribute *attribute, const uint8_t *value, size_t size,
                     struct text *text);

#endif
