/* SPDX-License-Identifier: BSD-2-Clause */
/* A pseudoterminal, which stands in for a serial line. */
#ifndef TESTS_DRIVERS_PTY_H
#define TESTS_DRIVERS_PTY_H

#include "base/compiler.h"

#include <stdbool.h>

struct pty {
    int master, slave;
    char path[64]; /* of the slave's end */
};

/* Raw from the first byte on, whatever the driver sets. */
bool pty_open(struct pty *pty) MUST_CHECK;
/* Makes a symbolic link to it, in the place of one that is there. */
bool pty_show(const struct pty *pty, const char *link) MUST_CHECK;

#endif
