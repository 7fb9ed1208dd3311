/* SPDX-License-Identifier: BSD-2-Clause */
/* What can be set in the environment: settings.def is the table. In a program that runs with
 * more rights than its caller (set-uid) nothing is set. */
#ifndef OS_SETTING_H
#define OS_SETTING_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum setting {
#define SETTING(id, ...) SETTING_##id,
#include "os/settings.def"
#undef SETTING
    SETTING_COUNT
};

enum setting_kind { SETTING_KIND_WORDS, SETTING_KIND_NUMBER, SETTING_KIND_TEXT };

/* Where it counts. */
enum setting_where {
    SETTING_FOR_ANYWHERE,
    SETTING_FOR_PROGRAM, /* in the program that uses the library */
    SETTING_FOR_MANAGER, /* where the readers are: that program, or the service */
    SETTING_FOR_DATABASE /* wherever the smart card database is used */
};

struct setting_row {
    const char *name; /* of the variable */
    enum setting_kind kind;
    uint32_t lowest, highest; /* NUMBERS */
    const char *form;         /* WORDS: the words, a space between; TEXTS: for people */
    const char *otherwise;    /* what holds unless it is set, "": winscard(7) says it */
    enum setting_where where;
    const char *meaning;
};

const struct setting_row *os_setting_row(enum setting setting);

/* What is set, as it stands in the environment, from which it is borrowed; or NULL. */
const char *os_setting(enum setting setting);
/* The same, but NULL for "". */
const char *os_setting_unless_empty(enum setting setting);
/* The number that is set, or `otherwise` where there is none. A value that is not a number
 * of the setting's range has no effect, which is said once in a process (log_setting). */
uint32_t os_setting_number(enum setting setting, uint32_t otherwise);

/* Whether a value is one of the words, or a number of the range. TEXTS are always. */
bool os_setting_fits(enum setting setting, const char *value);

#endif
