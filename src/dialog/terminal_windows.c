/* SPDX-License-Identifier: BSD-2-Clause */
/* Windows asks in a window, not in a terminal: there is none. */
#include "dialog/terminal.h"

bool terminal_open(struct terminal *terminal)
{
    *terminal = (struct terminal){.in = -1, .out = -1};
    return false;
}

void terminal_close(struct terminal *terminal)
{
    (void)terminal;
}

void terminal_write(struct terminal *terminal, const char *text)
{
    (void)terminal;
    (void)text;
}

enum terminal_event terminal_wait(struct terminal *terminal, unsigned ms)
{
    (void)terminal;
    (void)ms;
    return TERMINAL_CLOSED;
}
