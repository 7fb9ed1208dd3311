/* SPDX-License-Identifier: BSD-2-Clause */
#include <conio.h>

#include "port/convert.h"

#include <errno.h>
#include <poll.h>
#include <termios.h>
#include <unistd.h>

/* What _ungetch put back, plus 1; and a second half of a character of _getwch. */
static int waiting;
static WCHAR waiting_half;

/* Signals stay on: Control-C ends the program while it waits for a key. A program that is
 * ended so has its terminal as the shell sets it for the next one. */
static bool set_raw(struct termios *before)
{
    if (tcgetattr(STDIN_FILENO, before) != 0)
        return false;
    struct termios raw = *before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IGNCR); /* Enter is 13 */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    return tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0;
}

static int read_byte(void)
{
    unsigned char byte;
    ssize_t count;
    do
        count = read(STDIN_FILENO, &byte, 1);
    while (count < 0 && errno == EINTR);
    return count == 1 ? byte : EOF;
}

/* What terminals send for the key that Windows has as '\b'. */
#define TERMINAL_BACKSPACE 0x7F

/* A key as `length` bytes; 0 at the end of input. */
static unsigned read_terminal_key(char bytes[4], bool whole)
{
    struct termios before;
    unsigned count = 0, length = 1;
    (void)fflush(stdout);
    const bool raw = set_raw(&before);
    while (count < length) {
        const int byte = read_byte();
        if (byte == EOF)
            break;
        bytes[count++] = (char)byte;
        if (whole && count == 1)
            length = byte < 0xC2 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
    }
    if (raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    return count;
}

int _getch(void)
{
    char byte[4];
    if (waiting != 0) {
        const int key = waiting - 1;
        waiting = 0;
        return key;
    }
    if (read_terminal_key(byte, false) == 0)
        return EOF;
    return byte[0] == TERMINAL_BACKSPACE ? '\b' : (unsigned char)byte[0];
}

int _getche(void)
{
    const int key = _getch();
    if (key != EOF)
        _putch(key);
    return key;
}

wint_t _getwch(void)
{
    char bytes[4];
    WCHAR units[2];
    if (waiting_half != 0) {
        const WCHAR half = waiting_half;
        waiting_half = 0;
        return half;
    }
    const unsigned count = read_terminal_key(bytes, true);
    if (count == 0)
        return WEOF;
    if (bytes[0] == TERMINAL_BACKSPACE)
        return '\b';
    const char *at = bytes;
    if (winport_utf16_put(winport_utf8_next(&at, bytes + count, NULL), units) == 2)
        waiting_half = units[1];
    return units[0];
}

wint_t _getwche(void)
{
    const wint_t key = _getwch();
    if (key != WEOF)
        _putwch((WCHAR)key);
    return key;
}

int _kbhit(void)
{
    struct termios before;
    if (waiting != 0)
        return 1;
    const bool raw = set_raw(&before);
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    const int ready = poll(&input, 1, 0);
    if (raw)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    return ready > 0;
}

int _ungetch(int key)
{
    if (key == EOF || waiting != 0)
        return EOF;
    waiting = key + 1;
    return key;
}

int _putch(int character)
{
    return putchar(character) == EOF || fflush(stdout) != 0 ? EOF : character;
}

wint_t _putwch(WCHAR character)
{
    return putwchar(character) == WEOF || fflush(stdout) != 0 ? WEOF : character;
}

int _cputs(const char *text)
{
    return fputs(text, stdout) < 0 || fflush(stdout) != 0 ? EOF : 0;
}
