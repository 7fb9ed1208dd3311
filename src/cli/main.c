/* SPDX-License-Identifier: BSD-2-Clause */
/* The program scard: the standard streams, and where it stands. */
#include "cli/cli.h"
#include "cli/platform.h"

#include <stdlib.h>

/* A build has a directory cards.d beside the program, which an installation has in
 * another place. */
static void find_cards(void)
{
    char path[PLATFORM_PATH_MAX];
    if (getenv("WINSCARD_CARDS_DIR") == NULL
        && platform_beside_program("cards.d", path, sizeof path))
        platform_set_environment("WINSCARD_CARDS_DIR", path);
}

int main(int argc, char **argv)
{
    platform_start();
    find_cards();
    return cli_run(argc, argv, stdin, stdout, stderr);
}
