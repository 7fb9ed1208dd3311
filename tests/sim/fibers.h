/* SPDX-License-Identifier: BSD-2-Clause */
/* src/os in place of the real one, for programs that simulate threads: each is a fiber,
 * one runs at a time, and which one goes on, at every lock and wait, is the seed's to
 * say. The clock goes on when all of them wait. The same seed gives the same run. */
#ifndef TESTS_SIM_FIBERS_H
#define TESTS_SIM_FIBERS_H

#include <stdbool.h>
#include <stdint.h>

void fibers_begin(uint64_t seed);
/* Called between any two steps of fibers; must not block. */
void fibers_set_check(void (*check)(void));
/* Runs until no fiber is left. */
void fibers_run(void);
/* Fails the run, with the seed and the step that show it. */
void fibers_fail(const char *what, const char *file, int line);
#define FIBERS_REQUIRE(condition)                                                        \
    do {                                                                                 \
        if (!(condition))                                                                \
            fibers_fail(#condition, __FILE__, __LINE__);                                 \
    } while (0)

/* A number from 0 to n-1. */
uint32_t fiber_random(uint32_t n);
/* False: there are too many. */
bool fiber_start(void (*run)(void *), void *context);
/* Lets others go on, or not. */
void fiber_yield(void);
void fiber_sleep(uint64_t ms);
/* Waits until somebody wakes what waits for this object. False: the deadline passed. */
bool fiber_wait(const void *object, uint64_t deadline_ms);
void fiber_wake(const void *object);
/* How many there are, but the one that asks. */
uint32_t fiber_others(void);
/* Whether somebody has this lock at the moment; for the check. */
struct os_mutex;
bool fiber_lock_is_free(const struct os_mutex *mutex);
/* From now on a fiber is cancelled (pthread_cancel), or terminated (TerminateThread), once in
 * a while where it may be: ended(context) is called in its place. 0: never again. */
void fiber_allow_cancel(void (*ended)(void *), void *context);

/* What the host asked to be called in the child of a fork; it stands for the next run. */
void fibers_forget_process(void);

#endif
