/* SPDX-License-Identifier: BSD-2-Clause */
/* scard version: which release this is, and which library it talks to. */
#include "cli/commands.h"
#include "cli/platform.h"

#ifndef SCARD_VERSION
#define SCARD_VERSION "development"
#endif

static int version_main(struct cli *cli)
{
    char path[PLATFORM_PATH_MAX] = "";
    bool known = platform_library_path(path, sizeof path);
    if (cli->json_wanted) {
        json_object(&cli->json, NULL);
        json_string(&cli->json, "version", SCARD_VERSION);
        if (known)
            json_string(&cli->json, "library", path);
        return CLI_OK;
    }
    fprintf(cli->out, "scard %s\n", SCARD_VERSION);
    if (known) {
        fputs("library ", cli->out);
        text_print(cli->out, path);
        fputc('\n', cli->out);
    }
    return CLI_OK;
}

const struct command cmd_version = {
    .name = "version",
    .arguments = "",
    .summary = "the release, and the library in use",
    .help = "Prints the release and the file the smart card calls come from.\n",
    .options = NULL,
    .positional_max = 0,
    .run = version_main,
};
