/* SPDX-License-Identifier: BSD-2-Clause */
/* The commands of one apdu run, read from arguments or from the lines of a file. */
#ifndef CLI_APDU_SCRIPT_H
#define CLI_APDU_SCRIPT_H

#include "cli/hex.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

enum {
    APDU_SCRIPT_COMMANDS_MAX = 100000,
    APDU_SCRIPT_LINE_MAX = 4 * 65548 + 1000 /* bytes: the longest command, spaced */
};

struct apdu_command {
    uint8_t *bytes; /* owned, wiped when freed */
    size_t size;
    bool has_typed_pin; /* set by the caller; apdu_script_add() clears it */
};

struct apdu_script {
    struct apdu_command *commands;
    size_t count, room;
};

enum apdu_script_result {
    APDU_SCRIPT_OK,
    APDU_SCRIPT_END,   /* of the file */
    APDU_SCRIPT_WRONG, /* *hex says how */
    APDU_SCRIPT_SHORT, /* fewer bytes than a header has */
    APDU_SCRIPT_MEMORY,
    APDU_SCRIPT_LIMIT, /* the line is too long, or there are too many */
    APDU_SCRIPT_FILE   /* it could not be read */
};

/* Adds one command; `least` bytes are wanted at least. */
enum apdu_script_result apdu_script_add(struct apdu_script *script, const char *text,
                                        size_t least, enum hex_result *hex);

/* Reads on to the next line that holds a command: *text, for apdu_script_free_line(),
 * also on errors; empty lines, and whatever follows a '#', are skipped. *line counts
 * lines.
 */
enum apdu_script_result apdu_script_read_line(FILE *file, char **text,
                                              unsigned long *line);
/* Wipes it; NULL is not a line. */
void apdu_script_free_line(char *text);

/* Wipes and frees the commands; the script may be used again. */
void apdu_script_clear(struct apdu_script *script);

/* What is wrong, in words that continue "the command " (for APDU_SCRIPT_WRONG and so on).
 */
const char *apdu_script_words(enum apdu_script_result result, enum hex_result hex);

#endif
