/* SPDX-License-Identifier: BSD-2-Clause */
/* POSIX's general terminal interface (POSIX.1-2017, chapter 11). */
#if !defined(_POSIX_C_SOURCE)
#define _POSIX_C_SOURCE 200809L
#endif
#include "dialog/terminal.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum {
    KEY_END = 0x04 /* Ctrl-D, as it comes from a terminal that a program made raw */
};

/* A terminal that is not a controlling one has no foreground: it may be read. */
static bool may_read(int file)
{
    pid_t group = tcgetpgrp(file);
    return group < 0 || group == getpgrp();
}

bool terminal_open(struct terminal *terminal)
{
    *terminal = (struct terminal){.in = STDIN_FILENO, .out = STDERR_FILENO};
    if (isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1)
        return may_read(STDIN_FILENO);
    int file = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (file < 0)
        return false;
    terminal->in = terminal->out = file;
    terminal->opened = true;
    if (may_read(file))
        return true;
    terminal_close(terminal);
    return false;
}

void terminal_close(struct terminal *terminal)
{
    if (terminal->opened)
        close(terminal->in);
    terminal->opened = false;
}

void terminal_write(struct terminal *terminal, const char *text)
{
    size_t left = strlen(text);
    while (left > 0) {
        ssize_t done = write(terminal->out, text, left);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return;
        text += done;
        left -= (size_t)done;
    }
}

/* One byte of what was typed. Byte by byte, so that nothing after the line is taken from
 * the program whose terminal this is. */
static enum terminal_event take_byte(struct terminal *terminal, char byte)
{
    if (byte == '\n' || byte == '\r') {
        terminal->line[terminal->length] = '\0';
        terminal->length = 0;
        return TERMINAL_ANSWER;
    }
    if (byte == KEY_END && terminal->length == 0)
        return TERMINAL_CLOSED;
    if (terminal->length < TERMINAL_LINE_MAX - 1)
        terminal->line[terminal->length++] = byte;
    return TERMINAL_QUIET;
}

enum terminal_event terminal_wait(struct terminal *terminal, unsigned ms)
{
    struct pollfd wanted = {.fd = terminal->in, .events = POLLIN};
    enum terminal_event event = TERMINAL_QUIET;
    int timeout = (int)ms;
    while (event == TERMINAL_QUIET && poll(&wanted, 1, timeout) > 0) {
        char byte;
        ssize_t got = read(terminal->in, &byte, 1);
        if (got == 1)
            event = take_byte(terminal, byte);
        else if (got == 0 || (errno != EINTR && errno != EAGAIN))
            event = TERMINAL_CLOSED;
        timeout = 0; /* what is there already, and then back to the readers */
    }
    return event;
}
