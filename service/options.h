/* SPDX-License-Identifier: BSD-2-Clause */
/* Options that winscardd has on every system. What is wrong with one is said on standard
 * error. */
#ifndef SERVICE_OPTIONS_H
#define SERVICE_OPTIONS_H

#include "base/compiler.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct option;

/* What a program takes: an option that take() does not take ends it, with status 2. */
struct options_taken {
    const struct option *known;
    bool (*take)(void *options, int option, const char *value);
    void (*print_usage)(FILE *to);
    void *options;
};
/* Reads all words; --help and --version are answered, and words behind the options are
 * none. -1: go on; else the exit status. */
int options_read(int count, char **words, const struct options_taken *taken) MUST_CHECK;
/* --log, and the level where none is named: errors, unless it is set. With a broken policy
 * people are shut out, and look for the reason. */
const char *options_log_level(void);

/* --exit-idle: 1 to 86400. */
bool options_read_seconds(const char *text, uint32_t *seconds) MUST_CHECK;
/* --readers: one at least, whatever it is; "" would be taken for no setting. */
bool options_name_readers(const char *text) MUST_CHECK;
/* Whether all readers of --readers are served, which may be NULL: what a person who starts
 * it is to know before it goes on. The host runs. */
bool options_readers_complete(const char *readers) MUST_CHECK;

#endif
