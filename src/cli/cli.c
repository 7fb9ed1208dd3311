/* SPDX-License-Identifier: BSD-2-Clause */
/* How a run fails. */
#include "cli/cli.h"

#include "cli/errors.h"

#include <stdarg.h>
#include <string.h>

static void note_failure(struct cli *cli, uint32_t code, const char *message)
{
    cli->failed = true;
    cli->code = code;
    fputs("scard: ", cli->err);
    text_print(cli->err, message);
    fputc('\n', cli->err);
    fflush(cli->err);
}

static void add_name(struct text *text, uint32_t code)
{
    const char *name = error_name(code);
    if (name != NULL)
        text_add(text, " (%s)", name);
    else
        text_add(text, " (0x%08X)", (unsigned)code);
}

/* Puts the formatted text into cli->message and leaves `text` open for more. */
static void format_message(struct cli *cli, struct text *text, const char *format,
                           va_list values) TEXT_PRINTF(3, 0);

static void format_message(struct cli *cli, struct text *text, const char *format,
                           va_list values)
{
    char first[CLI_MESSAGE_MAX - 120];
    if (vsnprintf(first, sizeof first, format, values) < 0)
        first[0] = '\0';
    text_start(text, cli->message, sizeof cli->message);
    text_add(text, "%s", first);
}

int cli_fail(struct cli *cli, uint32_t code, const char *format, ...)
{
    struct text text;
    va_list values;
    va_start(values, format);
    format_message(cli, &text, format, values);
    va_end(values);
    text_add(&text, ": %s", error_words(code));
    add_name(&text, code);
    note_failure(cli, code, cli->message);
    return CLI_FAILED;
}

int cli_fail_short(struct cli *cli, uint32_t code, const char *format, ...)
{
    struct text text;
    va_list values;
    va_start(values, format);
    format_message(cli, &text, format, values);
    va_end(values);
    add_name(&text, code);
    note_failure(cli, code, cli->message);
    return CLI_FAILED;
}

int cli_fail_plain(struct cli *cli, int exit_code, const char *format, ...)
{
    struct text text;
    va_list values;
    va_start(values, format);
    format_message(cli, &text, format, values);
    va_end(values);
    note_failure(cli, 0, cli->message);
    return exit_code;
}
