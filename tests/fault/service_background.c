/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd in the background: it leaves the directory that it was started in, and what
 * was named from there stays in force, when the policy is read again too. */
#include "tests/unit/service/raw.h"

#include "os/os.h"
#include "tests/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

int winscardd_main(int count, char **words);

enum { SOON_MS = 10000, NOBODY = 65534 };

static char directory[] = "/tmp/winscard-background-XXXXXX", path[sizeof(directory) + 2];

/* The only child that this process has: it inherits those of its children (init does it
 * otherwise). */
static pid_t only_child(void)
{
    char name[64];
    int child = 0;
    snprintf(name, sizeof(name), "/proc/self/task/%d/children", (int)getpid());
    FILE *file = fopen(name, "r");
    CHECK(file != NULL && fscanf(file, "%d", &child) == 1);
    if (file != NULL)
        fclose(file);
    return child;
}

static pid_t start(void)
{
    static char name[] = "winscardd", socket[] = "-s", at[] = "s", readers[] = "-r",
                uri[] = "fake:?cards=1", policy[] = "-p", file[] = "policy";
    char *words[] = {name, socket, at, readers, uri, policy, file, NULL};
    int status = -1;
    pid_t child = fork();
    if (child == 0)
        exit(winscardd_main(7, words));
    CHECK(waitpid(child, &status, 0) == child && status == 0);
    return only_child();
}

static bool open_soon(struct raw *raw)
{
    uint64_t deadline_ms = os_now_ms() + SOON_MS;
    while (!raw_open(raw, path)) {
        raw_close(raw);
        if (os_now_ms() > deadline_ms)
            return false;
        usleep(5000);
    }
    return true;
}

/* Whether a user who is neither root nor the service's gets a card. */
static bool lets_in(void)
{
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
        struct raw *raw = calloc(1, sizeof(*raw));
        if (setgid(NOBODY) != 0 || setuid(NOBODY) != 0 || !raw_open(raw, path))
            _exit(2);
        _exit(raw_card(raw, raw_establish(raw), "Fake Reader 0") != 0 ? 1 : 0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status)
          && WEXITSTATUS(status) != 2);
    return status != 0;
}

static void write_policy(const char *text)
{
    FILE *file = fopen("policy", "w");
    CHECK(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    CHECK(chmod("policy", 0644) == 0);
}

static void read_again(pid_t service)
{
    kill(service, SIGHUP);
    usleep(300000);
}

static void test_policy(pid_t service)
{
    CHECK(!lets_in());
    read_again(service);
    CHECK(!lets_in());
    write_policy("allow everyone use any reader\n");
    read_again(service);
    CHECK(lets_in());
    CHECK(unlink("policy") == 0);
    read_again(service);
    CHECK(!lets_in());
}

int main(void)
{
    int status = -1;
    if (mkdtemp(directory) == NULL || chdir(directory) != 0 || chmod(directory, 0755) != 0
        || prctl(PR_SET_CHILD_SUBREAPER, 1) != 0)
        return 2;
    snprintf(path, sizeof(path), "%s/s", directory);
    write_policy("deny everyone use and control any reader\n");
    pid_t service = start();
    struct raw *raw = calloc(1, sizeof(*raw));
    CHECK(service > 1 && open_soon(raw));
    if (service <= 1)
        return check_result();
    if (geteuid() == 0)
        test_policy(service);
    else
        puts("who else may do what: asked by root alone, who can be somebody else");
    raw_close(raw);
    free(raw);
    kill(service, SIGTERM);
    CHECK(waitpid(service, &status, 0) == service && status == 0);
    CHECK(access(path, F_OK) != 0);
    (void)unlink("policy");
    CHECK(rmdir(directory) == 0);
    return check_result();
}
