/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that were found, of one layer after the other: each is given once. */
#ifndef DATABASE_NAMES_H
#define DATABASE_NAMES_H

#include "base/compiler.h"
#include "base/error.h"
#include "base/multistring.h"

#include <stdbool.h>
#include <stddef.h>

enum { NAMES_LAYERS = 3 };

/* Zeroed, it is empty. */
struct names {
    char *text; /* one behind the other, each with its NUL */
    size_t size, room;
    size_t *starts; /* offsets in `text`, sorted within a layer when it is complete */
    size_t count, starts_room;
    size_t layer_end[NAMES_LAYERS];
    int layers; /* that are complete */
};

void names_free(struct names *names);
/* Adds to the layer that is not complete. Errors: SC_E_NO_MEMORY. */
enum sc_error names_add(struct names *names, const char *name) MUST_CHECK;
/* The layer is complete: sorts it, unless it is `sorted` and has each name once, and
 * drops what is in it twice or in one before. */
void names_end_layer(struct names *names, bool sorted);
/* Adds all to a multi-string, layer by layer. */
enum sc_error names_give(const struct names *names, struct multistring *out) MUST_CHECK;

#endif
