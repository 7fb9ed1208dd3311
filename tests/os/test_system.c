/* SPDX-License-Identifier: BSD-2-Clause */
/* Clocks, environment, random bytes; on Linux also without getrandom(). */
#include "os/environment.h"
#include "os/random.h"
#include "os/time.h"

#include "tests/support/check.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>
#if defined(__linux__)
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#endif

static void test_clock(void)
{
    uint64_t before = os_now_ns();
    uint64_t ms = os_now_ms();
    uint64_t after = os_now_ns();
    CHECK(before / 1000000 <= ms && ms <= after / 1000000);
    uint64_t about_ms = os_now_about_ms();
    CHECK(about_ms + 16 >= ms && about_ms <= os_now_ms());
    struct timespec pause = {.tv_nsec = 30000000};
    CHECK_EQ(nanosleep(&pause, NULL), 0);
    CHECK(os_now_ns() - before >= 30000000);
    CHECK(os_now_ms() - ms >= 29);
    CHECK(os_now_about_ms() > about_ms);
}

static void test_ms_left(void)
{
    uint64_t now = os_now_ms();
    CHECK_EQ(os_ms_left(OS_FOREVER), -1);
    CHECK_EQ(os_ms_left(0), 0);
    CHECK_EQ(os_ms_left(now), 0);
    int left = os_ms_left(now + 100000);
    CHECK(left <= 100000 && left > 90000);
    CHECK_EQ(os_ms_left(OS_FOREVER - 1), INT_MAX);
    CHECK_EQ(os_ms_left(now + (uint64_t)INT_MAX + 100000), INT_MAX);
}

static void test_environment(void)
{
    CHECK_EQ(setenv("WINSCARD_TEST", "value", 1), 0);
    CHECK_STR(os_getenv("WINSCARD_TEST"), "value");
    CHECK_EQ(setenv("WINSCARD_TEST", "", 1), 0);
    CHECK_STR(os_getenv("WINSCARD_TEST"), "");
    CHECK_EQ(unsetenv("WINSCARD_TEST"), 0);
    CHECK(os_getenv("WINSCARD_TEST") == NULL);
}

/* Random bytes differ, and every byte of the room is written. */
static unsigned check_random(void)
{
    unsigned char a[300] = {0}, b[300] = {0}, seen[300] = {0};
    unsigned wrong = 0;
    for (unsigned round = 0; round < 20; round++) {
        wrong += os_random(a, sizeof(a)) != SC_OK;
        for (size_t i = 0; i < sizeof(a); i++)
            seen[i] |= a[i];
    }
    wrong += os_random(b, sizeof(b)) != SC_OK;
    wrong += memcmp(a, b, sizeof(a)) == 0;
    for (size_t i = 0; i < sizeof(seen); i++)
        wrong += seen[i] == 0;
    memset(b, 7, sizeof(b));
    wrong += os_random(b, 10) != SC_OK;
    wrong += b[10] != 7;
    wrong += os_random(NULL, 0) != SC_OK;
    return wrong;
}

#if defined(__linux__)
/* Exit status of a process to which the kernel answers ENOSYS at getrandom(); 99 if it
 * could not be set up. */
static int child_without_getrandom(void)
{
    char byte;
    struct sock_filter rules[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), /* the number of the call */
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getrandom, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const struct sock_fprog program = {.len = ARRAY_SIZE(rules), .filter = rules};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
        || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) != 0)
        return 99;
    if (getrandom(&byte, 1, 0) != -1 || errno != ENOSYS)
        return 98;
    return check_random() == 0 ? 0 : 1;
}

static void test_without_getrandom(void)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(child_without_getrandom());
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 99)
        puts("not checked: random bytes without getrandom (no seccomp here)");
    else
        CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}
#endif

static void test_time_text(void)
{
    char text[32] = "";
    struct tm parts = {0};
    int year, month, ms;
    time_t before = time(NULL);
    os_time_text(text, sizeof(text));
    time_t after = time(NULL);
    CHECK_EQ(strlen(text), 24);
    CHECK_EQ(sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2d.%3dZ", &year, &month, &parts.tm_mday,
                    &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &ms),
             7);
    CHECK_EQ(text[23], 'Z');
    parts.tm_year = year - 1900;
    parts.tm_mon = month - 1;
    time_t seconds = timegm(&parts);
    /* time() may lag behind the finer clock by a tick, so by a second at its turn. */
    CHECK(seconds >= before - 1 && seconds <= after + 1);
    memset(text, 'x', sizeof(text));
    os_time_text(text, 25);
    CHECK_EQ(text[24], '\0');
    CHECK_EQ(text[25], 'x');
}

int main(void)
{
    test_clock();
    test_ms_left();
    test_environment();
    CHECK_EQ(check_random(), 0);
#if defined(__linux__)
    test_without_getrandom();
#endif
    test_time_text();
    return check_result();
}
