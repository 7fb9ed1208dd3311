/* SPDX-License-Identifier: BSD-2-Clause */
/* What the system tells of other processes. */
#include "os/process.h"
#include "tests/support/check.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_parsing(void)
{
    static const struct {
        const char *text;
        uint64_t ticks;
        char state;
    } cases[] = {
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654 23 24\n", 987654,
         'S'},
        {"1 (a) T 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 987654", 987654, 'T'},
        {"1 (x) S 1 2) R 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 5 6", 5, 'R'},
        {"1 (\n) ( )) Z 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 77 6", 77, 'Z'},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 "
         "18446744073709551616 1",
         0, 'S'},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 x", 0, 'S'},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 ", 0, 'S'},
        {"1 (a) S 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21", 0, 'S'},
        {"1 a S 4 5", 0, '\0'},
        {")", 0, '\0'},
        {"", 0, '\0'},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        char state = '?';
        CHECK_EQ(os_process_parse(cases[i].text, &state), cases[i].ticks);
        CHECK_EQ(state, cases[i].state);
    }
}

#if defined(__linux__)
/* Until it does what it was told to. */
static void await(uint32_t pid, uint64_t start_time, enum os_process_state wanted)
{
    while (os_process_state(pid, start_time) != wanted)
        usleep(1000);
}

static void test_states(void)
{
    pid_t child = fork();
    if (child == 0)
        for (;;)
            pause();
    uint32_t pid = (uint32_t)child;
    uint64_t start_time = os_process_start_time(pid);
    CHECK(start_time != 0);
    CHECK_EQ(os_process_start_time(pid), start_time);
    CHECK_EQ(os_process_state(pid, start_time), OS_PROCESS_RUNS);
    CHECK_EQ(os_process_state(pid, start_time + 1), OS_PROCESS_GONE);
    CHECK_EQ(os_process_state(pid, 0), OS_PROCESS_RUNS);
    CHECK_EQ(kill(child, SIGSTOP), 0);
    await(pid, start_time, OS_PROCESS_STOPPED);
    CHECK_EQ(kill(child, SIGCONT), 0);
    await(pid, start_time, OS_PROCESS_RUNS);
    CHECK_EQ(kill(child, SIGKILL), 0);
    await(pid, start_time, OS_PROCESS_GONE); /* a zombie */
    CHECK_EQ(waitpid(child, NULL, 0), child);
    CHECK_EQ(os_process_state(pid, start_time), OS_PROCESS_GONE);
    CHECK_EQ(os_process_start_time(pid), 0);
    CHECK_EQ(os_process_start_time(0), 0);
}
#endif

int main(void)
{
    test_parsing();
#if defined(__linux__)
    test_states();
#endif
    return check_result();
}
