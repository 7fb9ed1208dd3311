/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include "service/background.h"

#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <syslog.h> /* after log.h, whose LOG_INFO and LOG_DEBUG it hides */
#include <unistd.h>

enum { START_MS = 60000 /* a driver lets a start wait for 5 s, a busy machine longer */ };

static int ready_end = -1; /* where the child says that it runs */

static void write_syslog(enum log_level level, const char *line)
{
    /* By enum log_level; what is said whatever the level is about a setting. */
    static const int priorities[] = {LOG_WARNING, LOG_ERR, LOG_INFO, LOG_DEBUG,
                                     LOG_DEBUG};
    syslog(priorities[level], "%s", line);
}

static int exit_status(pid_t child)
{
    int status = 0;
    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return 1;
    }
    if (WIFEXITED(status))
        return WEXITSTATUS(status) != 0 ? WEXITSTATUS(status) : 1;
    fprintf(stderr, "winscardd: ended by signal %d while it started\n", WTERMSIG(status));
    return 1;
}

/* In the parent, until the child says that it runs, or ends: the exit status. */
static int wait_for_child(pid_t child, int end)
{
    struct pollfd said = {.fd = end, .events = POLLIN};
    char byte;
    int count;
    do
        count = poll(&said, 1, START_MS);
    while (count < 0 && errno == EINTR);
    if (count > 0 && read(end, &byte, 1) == 1)
        return 0;
    if (count == 0) {
        fprintf(stderr, "winscardd: not ready after %d seconds\n", START_MS / 1000);
        kill(child, SIGKILL);
    }
    return exit_status(child);
}

bool background_begin(void)
{
    int ends[2];
    (void)fflush(NULL); /* or both would write what is there */
    if (pipe2(ends, O_CLOEXEC) != 0) {
        fprintf(stderr, "winscardd: no descriptor is left\n");
        return false;
    }
    pid_t child = fork();
    if (child > 0) {
        close(ends[1]);
        exit(wait_for_child(child, ends[0]));
    }
    close(ends[0]);
    ready_end = ends[1];
    if (child < 0)
        fprintf(stderr, "winscardd: no process can be made: %s\n", strerror(errno));
    return child == 0;
}

bool background_ready(bool stay)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0 || setsid() < 0 || (!stay && chdir("/") != 0)) {
        fprintf(stderr, "winscardd: cannot go to the background: %s\n", strerror(errno));
        return false;
    }
    openlog("winscardd", LOG_PID, LOG_DAEMON);
    log_set_sink(write_syslog);
    for (int i = 0; i <= 2; i++)
        (void)dup2(nothing, i);
    if (nothing > 2)
        close(nothing);
    bool told = write(ready_end, "", 1) == 1;
    close(ready_end);
    return told;
}
