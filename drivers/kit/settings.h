/* SPDX-License-Identifier: BSD-2-Clause */
/* The parameters of a reader URI as a table, and one way to refuse what is not right. */
#ifndef DRIVERS_KIT_SETTINGS_H
#define DRIVERS_KIT_SETTINGS_H

#include "base/compiler.h"
#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum kit_kind {
    KIT_NUMBER, /* uint32_t, from min to max */
    KIT_WORD,   /* uint32_t: one of `words`, as min and its place among them */
    KIT_BOOL,   /* bool: the first of `words`, or the second */
    KIT_TEXT,   /* an array of `max` bytes, with the final NUL */
    KIT_PARSED  /* whatever parse() writes */
};

struct kit_setting {
    const char *key; /* "": what stands between the colon and the question mark */
    enum kit_kind kind;
    size_t offset; /* in the structure of the values */
    uint32_t min, max;
    const char *const *words; /* ended by NULL */
    bool (*parse)(const char *text, void *value);
    const char
        *wanted; /* what a refusal says it has to be; NULL: a number of the range */
};

/* Writes what the URI says to `values`, and leaves the rest as it is. `table` ends with an
 * entry whose key is NULL. An empty path counts as none. Errors: SC_E_INVALID_VALUE; the
 * reason is logged, with the scheme and the key, and without the value, which may be a
 * PIN. */
enum sc_error kit_settings_read(const char *uri, const struct kit_setting *table,
                                void *values) MUST_CHECK;
/* For what a table cannot say: "SCHEME: WHAT is not WANTED". SC_E_INVALID_VALUE. */
enum sc_error kit_settings_refuse(const char *uri, const char *what,
                                  const char *wanted) MUST_CHECK;

#endif
