/* SPDX-License-Identifier: BSD-2-Clause */
/* SetConsoleCtrlHandler(): signals, which a thread takes to the program's handlers. */
#include "port/port.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define HANDLERS 16

static pthread_mutex_t handlers_lock = PTHREAD_MUTEX_INITIALIZER;
static PHANDLER_ROUTINE handlers[HANDLERS];
static size_t handler_count;
static int pipe_ends[2] = {-1, -1};
static bool ignores_interrupt;

static const struct {
    int number;
    DWORD event;
} signals[] = {{SIGINT, CTRL_C_EVENT},
               {SIGQUIT, CTRL_BREAK_EVENT},
               {SIGTERM, CTRL_CLOSE_EVENT},
               {SIGHUP, CTRL_CLOSE_EVENT}};

static pid_t serving; /* the process that has the thread */

static void on_signal(int number)
{
    int before = errno;
    if (getpid() == serving) {
        unsigned char byte = (unsigned char)number;
        ssize_t written = write(pipe_ends[1], &byte, 1);
        (void)written; /* a full pipe has as many as a program can want */
    } else { /* a child after fork(), without handlers: the pipe is its parent's */
        (void)signal(number, SIG_DFL);
        (void)raise(number);
    }
    errno = before;
}

/* Whether a handler has dealt with it: the last added is asked first. */
static bool is_handled(DWORD event)
{
    PHANDLER_ROUTINE asked[HANDLERS];
    pthread_mutex_lock(&handlers_lock);
    size_t count = handler_count;
    for (size_t i = 0; i < count; i++)
        asked[i] = handlers[count - 1 - i];
    pthread_mutex_unlock(&handlers_lock);
    for (size_t i = 0; i < count; i++)
        if (asked[i](event))
            return true;
    return false;
}

static void *serve_signals(void *unused)
{
    (void)unused;
    unsigned char byte;
    for (;;) {
        ssize_t got = read(pipe_ends[0], &byte, 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got != 1)
            return NULL;
        for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
            if (signals[i].number == byte && !is_handled(signals[i].event)) {
                /* As it would have been without handlers. */
                sigset_t set;
                sigemptyset(&set);
                sigaddset(&set, byte);
                (void)signal(byte, SIG_DFL);
                pthread_sigmask(SIG_UNBLOCK, &set, NULL); /* as the first caller had it */
                (void)raise(byte);
            }
    }
}

/* With the lock, once: the pipe, its thread, and the signals. */
static bool begin_serving(void)
{
    if (pipe_ends[0] >= 0 && serving == getpid())
        return true;
    int ends[2];
    if (pipe(ends) != 0)
        return false;
    for (size_t i = 0; i < 2; i++)
        fcntl(ends[i], F_SETFD, FD_CLOEXEC);
    fcntl(ends[1], F_SETFL, O_NONBLOCK);
    pipe_ends[0] = ends[0];
    pipe_ends[1] = ends[1];
    serving = getpid();
    pthread_t thread;
    if (pthread_create(&thread, NULL, serve_signals, NULL) != 0) {
        close(ends[0]);
        close(ends[1]);
        pipe_ends[0] = pipe_ends[1] = -1;
        return false;
    }
    pthread_detach(thread);
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (signals[i].number != SIGINT || !ignores_interrupt)
            sigaction(signals[i].number, &action, NULL);
    return true;
}

static BOOL add_handler(PHANDLER_ROUTINE handler)
{
    if (handler_count == HANDLERS || !begin_serving())
        return winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    handlers[handler_count++] = handler;
    return TRUE;
}

static BOOL remove_handler(PHANDLER_ROUTINE handler)
{
    for (size_t i = handler_count; i-- > 0;)
        if (handlers[i] == handler) {
            for (size_t k = i; k + 1 < handler_count; k++)
                handlers[k] = handlers[k + 1];
            handler_count--;
            return TRUE;
        }
    return winport_fail(ERROR_INVALID_PARAMETER);
}

BOOL SetConsoleCtrlHandler(PHANDLER_ROUTINE handler, BOOL add)
{
    pthread_mutex_lock(&handlers_lock);
    BOOL done = TRUE;
    if (handler == NULL) {
        ignores_interrupt = add != FALSE;
        (void)signal(SIGINT, add ? SIG_IGN : pipe_ends[0] >= 0 ? on_signal : SIG_DFL);
    } else {
        done = add ? add_handler(handler) : remove_handler(handler);
    }
    pthread_mutex_unlock(&handlers_lock);
    return done;
}
