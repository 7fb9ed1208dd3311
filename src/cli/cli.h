/* SPDX-License-Identifier: BSD-2-Clause */
/* What the subcommands of scard share: options, output, errors and exit codes. */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include "cli/json.h"
#include "cli/options.h"
#include "cli/text.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes; packaging/man/scard.1 documents them. */
enum {
    CLI_OK = 0,
    CLI_NEGATIVE =
        1, /* all worked, but the answer is no: no reader, a card's error status */
    CLI_USAGE = 2, /* the command line or a script is wrong; nothing was done */
    CLI_FAILED =
        3,         /* an SCard call or the database failed, or a file could not be read */
    CLI_OUTPUT = 4 /* the output could not be written */
};

enum { CLI_MESSAGE_MAX = 400 };

/* One run of the tool. */
struct cli {
    FILE *in;
    FILE *out; /* people's text, or JSON */
    FILE *err; /* people's text always */
    bool json_wanted;
    struct json json;
    const char *reader; /* of --reader, or NULL */
    struct options options;
    bool failed;   /* cli_fail or cli_fail_plain was called */
    uint32_t code; /* of the last failure; 0 for cli_fail_plain */
    char message[CLI_MESSAGE_MAX];
};

struct command {
    const char *name;
    const char *arguments;             /* for the usage line, "READER [HEX...]" */
    const char *summary;               /* one line, for the list of commands */
    const char *help;                  /* the rest of --help, ends with a new line */
    const struct option_spec *options; /* ends with a zero id; NULL: none */
    size_t positional_max;
    int (*run)(struct cli *cli); /* gives an exit code */
};

/* Says on stderr what failed, "scard: <text>: <words> (SCARD_E_...)", and notes it for
 * the JSON document. Always returns CLI_FAILED. */
int cli_fail(struct cli *cli, uint32_t code, const char *format, ...) TEXT_PRINTF(3, 4);
/* The same where the text needs no words after it: "scard: <text> (SCARD_E_...)". */
int cli_fail_short(struct cli *cli, uint32_t code, const char *format, ...)
    TEXT_PRINTF(3, 4);
/* The same for what is not an SCard error. Returns `exit_code`. */
int cli_fail_plain(struct cli *cli, int exit_code, const char *format, ...)
    TEXT_PRINTF(3, 4);

#endif
