/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/support/daemon.h"

#include "os/time.h"
#include "tests/support/raw.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { ARGUMENTS_MAX = 16 };

bool daemon_place(struct daemon *daemon)
{
    (void)snprintf(daemon->directory, sizeof(daemon->directory),
                   "/tmp/winscard-test-XXXXXX");
    if (mkdtemp(daemon->directory) == NULL)
        return false;
    (void)snprintf(daemon->path, sizeof(daemon->path), "%s/s", daemon->directory);
    (void)snprintf(daemon->pcscd_path, sizeof(daemon->pcscd_path), "%s/p",
                   daemon->directory);
    (void)snprintf(daemon->endpoint, sizeof(daemon->endpoint), "unix:%s", daemon->path);
    return true;
}

bool daemon_answers(const struct daemon *daemon)
{
    struct raw *raw = calloc(1, sizeof(*raw));
    bool open = raw != NULL && raw_open(raw, daemon->path);
    raw_close(raw);
    free(raw);
    return open;
}

/* execv() does not write to what it is given. */
static char *argument(const char *text)
{
    char *copy;
    memcpy(&copy, &text, sizeof(copy));
    return copy;
}

static void become(const struct daemon *daemon, const char *program, const char *readers,
                   const char *const *options)
{
    const char *const usual[] = {program,      "--foreground",       "--socket",
                                 daemon->path, "--readers",          readers,
                                 "--policy",   "/nonexistent/policy"};
    char *arguments[ARGUMENTS_MAX] = {NULL};
    size_t count = 0;
    for (; count < sizeof(usual) / sizeof(usual[0]); count++)
        arguments[count] = argument(usual[count]);
    for (; options != NULL && *options != NULL && count + 1 < ARGUMENTS_MAX; options++)
        arguments[count++] = argument(*options);
    execv(program, arguments);
}

bool daemon_start(struct daemon *daemon, const char *program, const char *readers,
                  const char *const *options, void (*prepare)(void))
{
    uint64_t deadline_ms = os_now_ms() + CHECK_HANG_MS;
    daemon->pid = fork();
    if (daemon->pid == 0) {
        if (prepare != NULL)
            prepare();
        become(daemon, program, readers, options);
        _exit(127);
    }
    while (!daemon_answers(daemon) && os_now_ms() < deadline_ms)
        usleep(5000);
    return daemon_answers(daemon);
}

bool daemon_stop(struct daemon *daemon)
{
    int status = -1;
    kill(daemon->pid, SIGTERM);
    return waitpid(daemon->pid, &status, 0) == daemon->pid && status == 0
           && access(daemon->path, F_OK) != 0;
}
