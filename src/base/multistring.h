/* SPDX-License-Identifier: BSD-2-Clause */
/* Multi-strings: texts in UTF-8, each ended by a NUL, the whole by one more. An empty one
 * is a single NUL. They come from callers, so every scan has a limit. */
#ifndef BASE_MULTISTRING_H
#define BASE_MULTISTRING_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* Bytes of the whole, its last NUL counted; 0 if it does not end within `max` bytes. */
size_t multistring_size(const char *list, size_t max);
/* The text after `text`, or NULL at the end. Pass NULL for the first. The list is known
 * to be well-formed (multistring_size). */
const char *multistring_next(const char *list, const char *text);
size_t multistring_count(const char *list);
bool multistring_contains(const char *list, const char *text);

/* A multi-string that grows, up to `max` bytes. */
struct multistring {
    char *bytes; /* owned; a well-formed multi-string once something was added */
    size_t size; /* with the final NUL; 0: nothing was added */
    size_t room, max;
};

void multistring_init(struct multistring *list, size_t max);
void multistring_clear(struct multistring *list);
/* Errors: SC_E_INVALID_VALUE (an empty text, which would end the list), SC_E_NO_MEMORY
 * (or past `max`); the list stays as it was. */
enum sc_error multistring_add(struct multistring *list, const char *text) MUST_CHECK;

#endif
