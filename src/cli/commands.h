/* SPDX-License-Identifier: BSD-2-Clause */
/* The subcommands, and the whole tool above them. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

#include "cli/cli.h"

extern const struct command cmd_list, cmd_watch, cmd_apdu, cmd_status, cmd_features;
extern const struct command cmd_db, cmd_demo, cmd_doctor, cmd_version;
extern const struct command cmd_atr, cmd_control, cmd_lend, cmd_port, cmd_reset;

/* The whole tool except for main(): runs the command line and gives the exit code. */
int cli_run(int argc, char **argv, FILE *in, FILE *out, FILE *err);

#endif
