/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "tests/drivers/pty.h"

#include <fcntl.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

bool pty_open(struct pty *pty)
{
    struct termios raw;
    pty->master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->master < 0 || grantpt(pty->master) != 0 || unlockpt(pty->master) != 0
        || ptsname_r(pty->master, pty->path, sizeof(pty->path)) != 0)
        return false;
    pty->slave = open(pty->path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (pty->slave < 0 || tcgetattr(pty->slave, &raw) != 0)
        return false;
    cfmakeraw(&raw);
    return tcsetattr(pty->slave, TCSANOW, &raw) == 0;
}

bool pty_show(const struct pty *pty, const char *link)
{
    (void)unlink(link);
    return symlink(pty->path, link) == 0;
}
