/* SPDX-License-Identifier: BSD-2-Clause */
/* The table of the watch command on a narrow terminal: nothing of an event is cut. */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 600 /* posix_openpt */
#endif
#include "cli/watch_show.h"
#include "tests/support/check.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { COLUMNS = 40, SHOWN_MAX = 8192 };

static int terminal;
static struct cli cli;
static struct watch_show show;

static bool begin(void)
{
    struct winsize size = {.ws_row = 24, .ws_col = COLUMNS};
    terminal = posix_openpt(O_RDWR | O_NOCTTY);
    if (terminal < 0 || grantpt(terminal) != 0 || unlockpt(terminal) != 0)
        return false;
    int other = open(ptsname(terminal), O_RDWR | O_NOCTTY);
    if (other < 0 || ioctl(other, TIOCSWINSZ, &size) != 0)
        return false;
    cli.out = fdopen(other, "w");
    return cli.out != NULL;
}

/* What the terminal shows of one table: without its commands, spaces and line ends. No
 * line is longer than the terminal is wide. */
static void draw(const SCARD_READERSTATEA *states, size_t count, char *shown)
{
    char raw[SHOWN_MAX];
    size_t size = 0, columns = 0, used = 0;
    watch_show_table(&show, states, count);
    do {
        ssize_t got = read(terminal, raw + size, sizeof(raw) - 1 - size);
        if (got <= 0)
            abort();
        size += (size_t)got;
        raw[size] = '\0';
    } while (strstr(raw, "\033[J") == NULL);
    for (const char *at = raw; *at != '\0'; at++) {
        if (*at == '\033') {
            at += strcspn(at, "AKJ");
            continue;
        }
        columns = *at == '\r' || *at == '\n' ? 0 : columns + 1;
        CHECK(columns <= COLUMNS);
        if (columns > 0 && *at != ' ')
            shown[used++] = *at;
    }
    shown[used] = '\0';
}

static void test_events(void)
{
    SCARD_READERSTATEA states[2] = {
        {.szReader = ""},
        {.szReader = "A Reader With A Name Of More Than Forty Characters 00 00",
         .dwEventState = SCARD_STATE_EMPTY}};
    char shown[SHOWN_MAX];
    watch_show_event(&show, WATCH_CARD_REMOVED, &states[1]);
    draw(states, 2, shown);
    CHECK(strstr(shown, "card-removedAReaderWithANameOfMoreThanFortyCharacters0000:")
          != NULL);
    watch_show_event(&show, WATCH_SERVICE_LOST, NULL);
    draw(states, 2, shown);
    CHECK(strstr(shown, "service-losttheservicehasended;waitingforit") != NULL);
    /* The newest ones stay when there are too many. */
    for (int i = 0; i < WATCH_RECENT_MAX; i++)
        watch_show_event(&show, WATCH_CARD_REMOVED, &states[1]);
    watch_show_event(&show, WATCH_SERVICE_BACK, NULL);
    draw(states, 2, shown);
    CHECK(strstr(shown, "theserviceisthereagain") != NULL);
    CHECK(show.lines < 24);
}

int main(void)
{
    if (!begin())
        return 1;
    watch_show_start(&show, &cli);
    CHECK(show.table);
    test_events();
    (void)fclose(cli.out);
    (void)close(terminal);
    return check_result();
}
