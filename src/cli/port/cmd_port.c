/* SPDX-License-Identifier: BSD-2-Clause */
/* scard port: what sources for Windows use that is not there on Unix, and what to do. */
#include "cli/commands.h"
#include "cli/port/port_show.h"

enum { ARGUMENTS_MAX = 10000 };

/* NULL, or why it cannot be done. */
static const char *look_at_file(const struct port_sources *sources, const char *path,
                                struct port_report *report)
{
    struct port_text text;
    const char *wrong = port_text_read(path, &text);
    if (wrong != NULL)
        return wrong;
    struct port_file file = {path, &text, &sources->defined};
    bool done = port_look(sources, &file, report);
    port_text_clear(&text);
    return done ? NULL : "needs more memory than there is";
}

static void look_at_files(struct cli *cli, struct port_sources *sources,
                          struct port_totals *totals)
{
    if (cli->json_wanted)
        json_array(&cli->json, "files");
    for (size_t i = 0; i < sources->count; i++) {
        const struct port_source *source = &sources->at[i];
        struct port_report report = {.findings = NULL};
        if (!source->own)
            continue;
        const char *wrong = look_at_file(sources, source->path, &report);
        if (wrong != NULL && !source->failed)
            (void)cli_fail_plain(cli, CLI_FAILED, "%s: %s", source->path, wrong);
        port_show_file(cli, source->path, wrong, &report, totals);
        port_report_clear(&report);
    }
    if (cli->json_wanted)
        json_end(&cli->json);
}

/* For those who need one, a message that comes after all others. */
static int end_port(struct cli *cli, const struct port_totals *totals)
{
    if (cli->failed)
        return CLI_FAILED;
    if (totals->files == 0)
        return cli_fail_plain(cli, CLI_FAILED, "no C or C++ source is there");
    return totals->changed + totals->doubtful > 0 ? CLI_NEGATIVE : CLI_OK;
}

static int port_main(struct cli *cli)
{
    struct port_sources sources;
    struct port_totals totals = {.files = 0};
    if (cli->options.positional_count == 0)
        return cli_fail_plain(cli, CLI_USAGE, "no file is named (see scard port --help)");
    if (cli->json_wanted)
        json_object(&cli->json, NULL);
    port_sources_start(&sources, cli);
    if (sources.code == CLI_OK) {
        look_at_files(cli, &sources, &totals);
        if (totals.files > 0)
            port_show_totals(cli, &totals);
    }
    port_sources_clear(&sources);
    port_map_clear(&totals.counted);
    return end_port(cli, &totals);
}

static const struct option_spec port_options[] = {
    {PORT_OPTION_DEFINE, 'D', "define", "NAME",
     "as for the compiler: NAME, or NAME=VALUE, is defined"},
    {PORT_OPTION_INCLUDE, 'I', "include", "DIR",
     "where headers of the sources are, too; may be repeated"},
    {0, 0, NULL, NULL, NULL},
};

const struct command cmd_port = {
    .name = "port",
    .arguments = "FILE...",
    .summary = "what sources for Windows use that is not there, and what to do",
    .help =
        "FILE is a source or header in C or C++, or a folder of them, with all folders\n"
        "in it. No compiler is needed, and no reader. Exit code 1: something is missing\n"
        "or not known.\n\n"
        "  scard port main.cpp\n"
        "  scard port -I ../common src\n",
    .options = port_options,
    .positional_max = ARGUMENTS_MAX,
    .run = port_main,
};
