/* SPDX-License-Identifier: BSD-2-Clause */
/* A row in its process: what it says goes to standard output, a line each, by its first
 * letter: F a failure, S why it is skipped, E its end. */
#include "tests/conformance/run.h"

#include "os/lock.h"
#include "os/thread.h"
#include "os/time.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct os_mutex lock = OS_MUTEX_INIT;
static struct os_cond ended;

static void say(char letter, const char *format, va_list arguments) PRINTF_LIKE(2, 0);
static void say(char letter, const char *format, va_list arguments)
{
    char text[RUN_LINE_ROOM - 8];
    (void)vsnprintf(text, sizeof(text), format, arguments);
    for (char *at = text; *at != '\0'; at++)
        if (*at == '\n' || *at == '\r')
            *at = ' ';
    os_mutex_lock(&lock);
    printf("%c %s\n", letter, text);
    (void)fflush(stdout);
    os_mutex_unlock(&lock);
}

static void say_line(char letter, const char *format, ...) PRINTF_LIKE(2, 3);
static void say_line(char letter, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    say(letter, format, arguments);
    va_end(arguments);
}

void row_failed(const char *file, int line, const char *format, ...)
{
    char text[RUN_LINE_ROOM / 2];
    const char *slash = strrchr(file, '/');
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    say_line('F', "%s:%d: %s", slash != NULL ? slash + 1 : file, line, text);
}

void row_skip(const char *why)
{
    say_line('S', "%s", why);
}

void row_lacks_call(void)
{
    say_line('F', "a call that it makes is not exported");
    say_line('E', " ");
    _Exit(0);
}

static void watch(void *data)
{
    uint64_t deadline_ms = os_deadline_ms(RUN_HANG_MS);
    (void)data;
    os_mutex_lock(&lock);
    while (os_now_ms() < deadline_ms)
        (void)os_cond_wait(&ended, &lock, deadline_ms);
    os_mutex_unlock(&lock);
    say_line('F', "it has not ended after %d s", RUN_HANG_MS / 1000);
    say_line('E', " ");
    _Exit(0);
}

void run_row(const struct row_set *set, const struct row *row, const char *reader)
{
    struct os_thread watcher; /* ends with the process */
    os_cond_init(&ended);
    if (os_thread_start(&watcher, "watch", watch, NULL) != SC_OK)
        say_line('F', "a thread cannot be started");
    set->load(system_find, reader);
    row->run();
    say_line('E', " ");
    (void)fflush(stdout);
    _Exit(0); /* what a library does at exit is not the row's */
}
