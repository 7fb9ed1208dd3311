/* SPDX-License-Identifier: BSD-2-Clause */
/* Which handles hear that their service stopped. */
#include "client/service_handles.h"
#include "tests/support/check.h"

#include <sys/wait.h>
#include <unistd.h>

enum { MANY = SERVICE_HANDLES_MAX + 10 };

static void check_told_once(void)
{
    handles_add(7, 0, false);
    handles_add(8, 7, false);
    handles_add(9, 0, false);
    CHECK(!handles_any_stopped());
    CHECK(!handles_is_stopped(7, true));
    handles_stop();
    CHECK(handles_any_stopped());
    CHECK(handles_is_stopped(7, false));
    CHECK(handles_is_stopped(7, true));
    CHECK(!handles_is_stopped(7, true));
    CHECK(handles_is_stopped(9, true));
    CHECK(handles_is_stopped(8, true));
    CHECK(!handles_any_stopped());
    CHECK(!handles_is_stopped(10, true));
    handles_add(11, 0, true); /* lost on the way */
    CHECK(handles_is_stopped(11, true));
}

/* What was given back is told nothing; with a context its cards are. */
static void check_given_back(void)
{
    handles_add(1, 0, false);
    handles_add(2, 0, false);
    for (uint32_t card = 100; card < 3000; card++)
        handles_add(card, 1 + card % 2, false);
    handles_remove(101);
    handles_remove(101);
    handles_remove(1);
    handles_stop();
    CHECK(!handles_is_stopped(1, true));
    CHECK(!handles_is_stopped(101, true));
    CHECK(handles_is_stopped(2, true));
    for (uint32_t card = 100; card < 3000; card++)
        if (card != 101)
            CHECK_EQ(handles_is_stopped(card, true), card % 2 == 1);
    CHECK(!handles_any_stopped());
}

/* A number that comes again is the new handle's. */
static void check_reuse(void)
{
    handles_add(5, 0, false);
    handles_stop();
    handles_add(5, 0, false);
    CHECK(!handles_any_stopped());
    CHECK(!handles_is_stopped(5, true));
    handles_remove(5);
}

/* No honest service gives a card the number of its context. */
static void check_same_number(void)
{
    handles_add(5, 0, false);
    handles_add(5, 5, false);
    handles_add(6, 5, false);
    handles_remove(5);
    handles_stop();
    CHECK(!handles_any_stopped());
}

static void check_limit(void)
{
    for (uint32_t handle = 1; handle <= MANY; handle++)
        handles_add(handle, 0, false);
    handles_stop();
    CHECK(handles_is_stopped(SERVICE_HANDLES_MAX, true));
    CHECK(!handles_is_stopped(MANY, true));
    for (uint32_t handle = 1; handle <= MANY; handle++)
        handles_remove(handle);
    CHECK(!handles_any_stopped());
}

/* The memory stays the child's until its end. */
static void check_fork(void)
{
    int status = 1;
    handles_add(3, 0, true);
    pid_t child = fork();
    if (child == 0) {
        handles_forget();
        _exit(handles_any_stopped() || handles_is_stopped(3, true));
    }
    CHECK_EQ(waitpid(child, &status, 0), child);
    CHECK_EQ(status, 0);
    handles_remove(3);
}

int main(void)
{
    check_told_once();
    check_given_back();
    check_reuse();
    check_same_number();
    check_limit();
    check_fork();
    return check_result();
}
