/* SPDX-License-Identifier: BSD-2-Clause */
/* The terminal the user sits at: lines in, text out. Where there is none, there is nobody
 * to ask. */
#ifndef DIALOG_TERMINAL_H
#define DIALOG_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

enum {
    TERMINAL_LINE_MAX = 64 /* bytes of an answer; the rest of a longer one is dropped */
};

enum terminal_event {
    TERMINAL_QUIET,  /* the time passed, or a signal came */
    TERMINAL_ANSWER, /* `line` is what was typed, without its end */
    TERMINAL_CLOSED  /* end of file (Ctrl-D), or the terminal went away */
};

struct terminal {
    int in, out;
    bool opened;   /* `in` is ours to close */
    size_t length; /* bytes of `line` so far */
    char line[TERMINAL_LINE_MAX];
};

/* Standard input and error if both are a terminal, otherwise the controlling terminal.
 * False: neither is there, or this process runs in the background of it, where reading
 * would stop it. After true, terminal_close() is due. */
bool terminal_open(struct terminal *terminal);
void terminal_close(struct terminal *terminal);

/* Shows UTF-8 text that has no control characters but '\n'. What cannot be written is
 * lost: the next read says that the terminal is gone. */
void terminal_write(struct terminal *terminal, const char *text);

/* Waits for a line, at most `ms` milliseconds. What was typed of a line before the time
 * passed is kept. */
enum terminal_event terminal_wait(struct terminal *terminal, unsigned ms);

#endif
