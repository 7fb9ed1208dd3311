/* SPDX-License-Identifier: BSD-2-Clause */
/* Fork handlers: in the child alone, once however often they are registered, also by many
 * threads at a time. */
#include "os/fork.h"
#include "os/thread.h"

#include "base/atomic.h"
#include "tests/support/check.h"

#include <sys/wait.h>
#include <unistd.h>

static unsigned first_calls, second_calls, third_calls;

static void first(void)
{
    first_calls++;
}

static void second(void)
{
    second_calls++;
}

static void third(void)
{
    third_calls++;
}

/* The calls that a child sees, as digits. */
static int fork_and_count(void)
{
    int status = 0;
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit((int)(first_calls * 100 + second_calls * 10 + third_calls));
    CHECK(child > 0 && waitpid(child, &status, 0) == child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static uint32_t gate;

static void register_third(void *context)
{
    (void)context;
    while (atomic_load_u32(&gate) == 0)
        continue;
    for (unsigned i = 0; i < 100; i++)
        os_at_fork_child(third);
}

int main(void)
{
    struct os_thread threads[4];
    CHECK_EQ(fork_and_count(), 0);
    os_at_fork_child(first);
    CHECK_EQ(fork_and_count(), 100);
    for (unsigned i = 0; i < 3 * OS_FORK_MAX; i++)
        os_at_fork_child(first);
    os_at_fork_child(second);
    os_at_fork_child(first);
    CHECK_EQ(fork_and_count(), 110);

    for (unsigned i = 0; i < ARRAY_SIZE(threads); i++)
        CHECK_EQ(os_thread_start(&threads[i], "register", register_third, NULL), SC_OK);
    atomic_store_u32(&gate, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(threads); i++)
        os_thread_join(&threads[i]);
    CHECK_EQ(fork_and_count(), 111);
    CHECK_EQ(first_calls + second_calls + third_calls, 0); /* none in the parent */
    return check_result();
}
