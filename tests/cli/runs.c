/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/cli/runs.h"

#include <stdlib.h>

char output[OUTPUT_MAX];
char errors[OUTPUT_MAX];

static void take(FILE *file, char *text)
{
    rewind(file);
    size_t size = fread(text, 1, OUTPUT_MAX - 1, file);
    text[size] = '\0';
    fclose(file);
}

int run_with(const char *line, const char *input)
{
    static char copy[4000];
    char *argv[ARGUMENTS_MAX + 1] = {"scard"};
    int argc = 1;
    FILE *in = tmpfile();
    FILE *out = tmpfile();
    FILE *err = tmpfile();
    if (in == NULL || out == NULL || err == NULL)
        abort();
    fputs(input, in);
    rewind(in);
    memcpy(copy, line, strlen(line) + 1);
    for (char *at = copy; *at != '\0' && argc < ARGUMENTS_MAX;) {
        argv[argc++] = at;
        at += strcspn(at, "|");
        if (*at == '|')
            *at++ = '\0';
    }
    fake.log[0] = '\0';
    int code = cli_run(argc, argv, in, out, err);
    take(out, output);
    take(err, errors);
    fclose(in);
    CHECK_EQ(fake.contexts, 0);
    CHECK_EQ(fake.cards, 0);
    CHECK_EQ(fake.allocations, 0);
    return code;
}

int run(const char *line)
{
    return run_with(line, "");
}

void two_readers(void)
{
    fake_reset();
    fake_add_reader("L\xC3\xA9"
                    "cteur A 00",
                    1U << 16 | SCARD_STATE_EMPTY, NULL);
    fake_add_reader("Reader B 01", 3U << 16 | SCARD_STATE_PRESENT | SCARD_STATE_INUSE,
                    ATR);
}
