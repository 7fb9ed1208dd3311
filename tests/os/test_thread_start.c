/* SPDX-License-Identifier: BSD-2-Clause */
/* Starting threads on POSIX systems: their signals, their names, and that there is none. */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* pthread_setattr_default_np */
#endif
#include "os/thread.h"

#include "base/alloc.h"
#include "tests/support/check.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

/* Sanitizers put stacks of their own beneath threads. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif

struct seen {
    char name[32];
    unsigned open_signals;
    uint64_t number, number_again;
};

enum { SIGNALS = 32 }; /* of POSIX; beyond, the C library keeps some to itself */

static sigset_t mask_at_start;

static void look_around(void *context)
{
    struct seen *seen = context;
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    for (int i = 1; i < SIGNALS; i++)
        if (i != SIGKILL && i != SIGSTOP && sigismember(&mask, i) == 0)
            seen->open_signals++;
#if defined(__linux__)
    prctl(PR_GET_NAME, seen->name);
#endif
    seen->number = os_thread_number();
    seen->number_again = os_thread_number();
}

static void test_thread(void)
{
    static const char *const names[] = {"winscard-timer", "exactly-fifteen",
                                        "exactly-sixteen-", "a name of more bytes", ""};
    sigset_t after;
    for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
        struct os_thread thread;
        struct seen seen = {.open_signals = 0};
        CHECK_EQ(os_thread_start(&thread, names[i], look_around, &seen), SC_OK);
        os_thread_join(&thread);
        CHECK_EQ(seen.open_signals, 0);
        CHECK_EQ(seen.number, seen.number_again);
        CHECK(seen.number != os_thread_number());
#if defined(__linux__)
        char want[16];
        CHECK(snprintf(want, sizeof(want), "%.15s", names[i]) >= 0);
        CHECK_STR(seen.name, want);
#endif
    }
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    for (int i = 1; i < SIGNALS; i++)
        CHECK_EQ(sigismember(&after, i), sigismember(&mask_at_start, i));
}

static void must_not_run(void *context)
{
    *(bool *)context = true;
}

static void test_no_thread(void)
{
    struct os_thread thread;
    bool ran = false;
    mem_fail_at(1);
    CHECK_EQ(os_thread_start(&thread, "none", must_not_run, &ran), SC_E_NO_MEMORY);
    mem_fail_at(0);
#if defined(__GLIBC__) && !defined(SANITIZED)
    pthread_attr_t usual, huge;
    CHECK_EQ(pthread_getattr_default_np(&usual), 0);
    CHECK_EQ(pthread_attr_init(&huge), 0);
    CHECK_EQ(pthread_attr_setstacksize(&huge, (size_t)1 << (sizeof(size_t) * 6)), 0);
    CHECK_EQ(pthread_setattr_default_np(&huge), 0);
    CHECK_EQ(os_thread_start(&thread, "none", must_not_run, &ran), SC_E_NO_MEMORY);
    CHECK_EQ(pthread_setattr_default_np(&usual), 0);
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    CHECK_EQ(sigismember(&mask, SIGTERM), sigismember(&mask_at_start, SIGTERM));
#endif
    CHECK(!ran);
}

int main(void)
{
    pthread_sigmask(SIG_SETMASK, NULL, &mask_at_start);
    test_thread();
    test_no_thread();
    return check_result();
}
