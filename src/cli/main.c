/* SPDX-License-Identifier: BSD-2-Clause */
/* The program scard: the standard streams, and where it stands. */
#include "cli/commands.h"
#include "cli/platform.h"
#include "os/setting.h"

/* A build has a directory cards.d beside the program, which an installation has in
 * another place. */
static void find_cards(void)
{
    char path[PLATFORM_PATH_MAX];
    if (os_setting(SETTING_CARDS_DIR) == NULL
        && platform_beside_program("cards.d", path, sizeof path))
        platform_set_environment(os_setting_row(SETTING_CARDS_DIR)->name, path);
}

int main(int argc, char **argv)
{
    platform_start();
    find_cards();
    return cli_run(argc, argv, stdin, stdout, stderr);
}
