/* SPDX-License-Identifier: BSD-2-Clause */
/* Which subcommands there are, and how a run of one begins and ends. Above them all: no
 * command knows of the others. */
#include "cli/commands.h"

#include "cli/errors.h"

#include <assert.h>
#include <string.h>

static const struct command *const all_commands[] = {
    &cmd_demo,  &cmd_list,     &cmd_watch,   &cmd_apdu,    &cmd_status,
    &cmd_reset, &cmd_features, &cmd_control, &cmd_lend,    &cmd_atr,
    &cmd_db,    &cmd_doctor,   &cmd_port,    &cmd_version,
};

static const struct command *command_by_name(const char *name)
{
    for (size_t i = 0; i < TEXT_COUNT(all_commands); i++)
        if (strcmp(all_commands[i]->name, name) == 0)
            return all_commands[i];
    return NULL;
}

static void print_overview(FILE *out)
{
    fputs("Usage: scard COMMAND [OPTIONS] [ARGUMENTS]\n"
          "Talks to smart cards, and shows what readers and cards do.\n\n",
          out);
    for (size_t i = 0; i < TEXT_COUNT(all_commands); i++)
        fprintf(out, "  %-10s %s\n", all_commands[i]->name, all_commands[i]->summary);
    fprintf(out, "  %-10s %s\n", "help", "this list, or \"scard help COMMAND\"");
    fputs("\nOptions that every command takes:\n", out);
    options_print(options_common, out);
    fputs("\nNew here? \"scard demo\" shows a session with a card made of software; it "
          "needs\n"
          "no hardware. \"scard doctor\" says why a reader is not found.\n",
          out);
}

static void print_help(const struct command *command, FILE *out)
{
    fprintf(out, "Usage: scard %s [OPTIONS]%s%s\n%s\n\n%s\n", command->name,
            *command->arguments != '\0' ? " " : "", command->arguments, command->summary,
            command->help);
    fputs("Options:\n", out);
    options_print(command->options, out);
    options_print(options_common, out);
    fputs("\nExit codes: 0 done; 1 done, but the answer is no; 2 the command line is "
          "wrong;\n"
          "3 a smart card call failed; 4 the output could not be written.\n",
          out);
}

/* Ends the JSON document, with the error in it if there was one; one that never began
 * becomes a document of its own. */
static void finish_json(struct cli *cli)
{
    if (cli->failed) {
        if (cli->json.depth == 0)
            json_object(&cli->json, NULL);
        json_end_to(&cli->json, 1);
        json_object(&cli->json, "error");
        if (cli->code != 0) {
            const char *name = error_name(cli->code);
            char code[12];
            struct text text;
            text_start(&text, code, sizeof code);
            text_add(&text, "0x%08X", (unsigned)cli->code);
            json_string(&cli->json, "code", code);
            if (name != NULL)
                json_string(&cli->json, "name", name);
        }
        json_string(&cli->json, "message", cli->message);
    }
    json_end_to(&cli->json, 0);
}

static int run_command(struct cli *cli, const struct command *command)
{
    assert(!cli->failed);
    if (cli->options.positional_count > command->positional_max)
        return cli_fail_plain(cli, CLI_USAGE, "too many arguments (see scard %s --help)",
                              command->name);
    cli->json_wanted = cli->options.given[OPTION_JSON];
    cli->reader = cli->options.value[OPTION_READER];
    return command->run(cli);
}

/* "help", "help COMMAND". */
static int run_help(struct cli *cli, int argc, char **argv)
{
    const struct command *command = argc > 0 ? command_by_name(argv[0]) : NULL;
    if (argc > 0 && command == NULL)
        return cli_fail_plain(cli, CLI_USAGE, "no such command: %s", argv[0]);
    if (command != NULL)
        print_help(command, cli->out);
    else
        print_overview(cli->out);
    return CLI_OK;
}

static int find_and_run(struct cli *cli, int argc, char **argv)
{
    assert(argc > 0);
    const char *name = argv[0];
    if (strcmp(name, "help") == 0)
        return run_help(cli, argc - 1, argv + 1);
    const struct command *command = command_by_name(name);
    if (command == NULL)
        return cli_fail_plain(cli, CLI_USAGE, "no such command: %s (see scard help)",
                              name);
    if (!options_read(&cli->options, argc - 1, argv + 1, command->options, false))
        return cli_fail_plain(cli, CLI_USAGE, "%s", cli->options.fault);
    if (cli->options.given[OPTION_HELP]) {
        print_help(command, cli->out);
        return CLI_OK;
    }
    return run_command(cli, command);
}

static int run_line(struct cli *cli, int argc, char **argv)
{
    char version[] = "version";
    char *version_argv[] = {version};
    if (argc == 2 && (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0))
        return find_and_run(cli, 1, version_argv);
    if (!options_read(&cli->options, argc > 0 ? argc - 1 : 0, argv + 1, NULL, true))
        return cli_fail_plain(cli, CLI_USAGE, "%s", cli->options.fault);
    if (cli->options.positional_count == 0) {
        print_overview(cli->options.given[OPTION_HELP] ? cli->out : cli->err);
        return cli->options.given[OPTION_HELP] ? CLI_OK : CLI_USAGE;
    }
    return find_and_run(cli, (int)cli->options.positional_count, cli->options.positional);
}

int cli_run(int argc, char **argv, FILE *in, FILE *out, FILE *err)
{
    struct cli cli = {.in = in, .out = out, .err = err};
    json_start(&cli.json, out);
    cli.json_wanted = argc > 1 && options_want_json(argc - 1, argv + 1);
    int code = run_line(&cli, argc, argv);
    if (cli.json_wanted && (cli.failed || cli.json.depth > 0))
        finish_json(&cli);
    if (fflush(out) != 0 || ferror(out)) {
        fputs("scard: the output could not be written\n", err);
        return CLI_OUTPUT;
    }
    return code;
}
