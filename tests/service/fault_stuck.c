/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd, whose driver never comes back from a call, is told to end: it does, in its
 * time, or at a second word, and leaves no socket behind. */
#include "tests/support/raw.h"

#include "os/time.h"
#include "tests/support/check.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int winscardd_main(int count, char **words);

enum { STOP_MS = 10000 /* winscardd(8), EXIT STATUS */ };

static char path[] = "/tmp/winscard-stuck-XXXXXX/s";

static pid_t start(struct raw *raw)
{
    static char name[] = "winscardd", foreground[] = "-f", socket[] = "-s",
                readers[] = "-r", uri[] = "fake:?cards=1&stuck=1", policy[] = "-p",
                none[] = "/nonexistent/policy";
    char *words[] = {name, foreground, socket, path, readers, uri, policy, none, NULL};
    uint64_t deadline_ms = os_now_ms() + CHECK_HANG_MS;
    pid_t child = fork();
    if (child == 0)
        exit(winscardd_main(8, words));
    while (!raw_open(raw, path) && os_now_ms() < deadline_ms) {
        raw_close(raw);
        usleep(5000);
    }
    return child;
}

/* How long it takes to end. */
static uint64_t stop(pid_t child, bool twice, int *status)
{
    uint64_t begin_ms = os_now_ms();
    kill(child, SIGTERM);
    if (twice) {
        usleep(200000); /* two signals at once are one, these two are taken for one */
        kill(child, SIGTERM);
        usleep(900000);
        kill(child, SIGTERM);
    }
    CHECK(waitpid(child, status, 0) == child);
    return os_now_ms() - begin_ms;
}

static void test_stop(bool stuck, bool twice, int want, uint64_t least_ms)
{
    static const uint8_t command[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    struct raw *raw = calloc(1, sizeof(*raw));
    int status = -1;
    pid_t child = start(raw);
    uint32_t card = raw_card(raw, raw_establish(raw), "Fake Reader 0");
    CHECK(card != 0);
    if (stuck) {
        raw_request_transmit(raw, card, command, sizeof(command));
        CHECK(!raw_has_reply(raw, 100));
    }
    uint64_t took_ms = stop(child, twice, &status);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == want);
    CHECK(took_ms >= least_ms);
    if (twice)
        CHECK(took_ms < STOP_MS); /* the second word was heard */
    CHECK(access(path, F_OK) != 0);
    fprintf(stderr, "ended after %u ms\n", (unsigned)took_ms);
    raw_close(raw);
    free(raw);
}

int main(void)
{
    char *end = strrchr(path, '/');
    *end = '\0';
    if (mkdtemp(path) == NULL)
        return 2;
    *end = '/';
    test_stop(false, false, 0, 0);
    test_stop(true, true, 1, 1000);
    test_stop(true, false, 1, STOP_MS - 100);
    *end = '\0';
    CHECK(rmdir(path) == 0);
    return check_result();
}
