/* SPDX-License-Identifier: BSD-2-Clause */
/* The program scard: the standard streams, and nothing else. */
#include "cli/cli.h"
#include "cli/platform.h"

int main(int argc, char **argv)
{
    platform_start();
    return cli_run(argc, argv, stdin, stdout, stderr);
}
