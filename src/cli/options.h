/* SPDX-License-Identifier: BSD-2-Clause */
/* The command line's options: --name, --name=value, --name value, -n value, -nvalue; they
 * may stand between other arguments, and "--" ends them (POSIX guidelines 4, 6, 9, 10).
 */
#ifndef CLI_OPTIONS_H
#define CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum { OPTION_ID_MAX = 32, OPTION_VALUES_MAX = 96, OPTION_FAULT_MAX = 200 };

/* Options that every command takes. Commands number theirs from OPTION_OWN. */
enum { OPTION_HELP = 1, OPTION_JSON, OPTION_READER, OPTION_OWN };

struct option_spec {
    int id;            /* below OPTION_ID_MAX; 0 ends a list */
    char letter;       /* or 0 */
    const char *name;  /* without the dashes */
    const char *value; /* what to call the value in --help; NULL: takes none */
    const char *help;
};

struct options {
    bool given[OPTION_ID_MAX];
    const char *value[OPTION_ID_MAX]; /* of the last one given; borrowed from argv */
    /* All that were given, in order, for options that may be repeated. */
    struct option_value {
        int id;
        const char *text;
    } values[OPTION_VALUES_MAX];
    size_t value_count;
    char fault[OPTION_FAULT_MAX]; /* what is wrong, if options_read() says false */
    char **positional;            /* the other arguments, in order, in argv itself */
    size_t positional_count;
};

/* Options every command takes. */
extern const struct option_spec options_common[];

/* Reads argv[0..argc-1], which is reordered. False: options->fault says what is wrong.
 * `own` may be NULL. With `stop`, reading ends at the first argument that is not an option;
 * it and all that follow are positional. */
bool options_read(struct options *options, int argc, char **argv,
                  const struct option_spec *own, bool stop);

/* Whether --json stands among the arguments before "--", whatever else does. */
bool options_want_json(int argc, char **argv);

/* The list for --help. */
void options_print(const struct option_spec *list, FILE *out);

#endif
