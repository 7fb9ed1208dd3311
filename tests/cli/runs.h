/* SPDX-License-Identifier: BSD-2-Clause */
/* The tool as tests run it: on the scripted library, its output kept. */
#ifndef TESTS_UNIT_CLI_RUNS_H
#define TESTS_UNIT_CLI_RUNS_H

#include "cli/commands.h"

#include "tests/cli/fake_scard.h"
#include "tests/support/check.h"

enum { OUTPUT_MAX = 40000, ARGUMENTS_MAX = 16 };

/* Of the last run. */
extern char output[OUTPUT_MAX];
extern char errors[OUTPUT_MAX];

/* Runs the tool with arguments separated by '|', and this on its standard input. Gives
 * its exit code. */
int run_with(const char *line, const char *input);
int run(const char *line);

/* An empty reader, and one with a card. */
void two_readers(void);

#define CHECK_OUTPUT(part) CHECK_HAS(output, part)
#define CHECK_ERRORS(part) CHECK_HAS(errors, part)
#define CHECK_HAS(text, part)                                                            \
    do {                                                                                 \
        check_count++;                                                                   \
        if (strstr((text), (part)) == NULL)                                              \
            CHECK_FAILED("\"%s\" is not in: %s", (part), (text));                        \
    } while (0)

#define ATR "3BF81300008131FE15597562696B657934D4"

#endif
