/* SPDX-License-Identifier: BSD-2-Clause */
#include "tests/sim/fibers.h"

#include "os/cancel.h"
#include "os/config.h"
#include "os/environment.h"
#include "os/fork.h"
#include "os/lock.h"
#include "os/process.h"
#include "os/thread.h"
#include "os/time.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

#if defined(__SANITIZE_ADDRESS__)
#define HAVE_ASAN
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define HAVE_ASAN
#endif
#endif
#ifdef HAVE_ASAN
#include <sanitizer/asan_interface.h>
#else
#define ASAN_UNPOISON_MEMORY_REGION(start, size) ((void)(start), (void)(size))
#endif

enum { FIBERS_MAX = 96, STACK_SIZE = 512 * 1024, FORKS_MAX = 8 };

enum fiber_state { FIBER_FREE, FIBER_READY, FIBER_WAITS };

struct fiber {
    enum fiber_state state;
    bool in_time;
    uint64_t serial; /* never used twice */
    uint64_t until_ms;
    const void *object;
    void (*run)(void *);
    void *context;
    void (*cancelled)(void *); /* NULL: it cannot be cancelled */
    void *cancel_context;
    ucontext_t registers;
    char *stack;
};

static struct fiber fibers[FIBERS_MAX];
static struct fiber *current;
static ucontext_t scheduler;
static uint64_t random_state, seed_of_run, steps, now_ms, last_serial;
static void (*check)(void);
static void (*at_fork[FORKS_MAX])(void);

/* --- The schedule ------------------------------------------------------------------- */

void fibers_fail(const char *what, const char *file, int line)
{
    fprintf(stderr, "%s:%d: seed %llu, step %llu: does not hold: %s\n", file, line,
            (unsigned long long)seed_of_run, (unsigned long long)steps, what);
    abort();
}

uint32_t fiber_random(uint32_t n)
{
    random_state += UINT64_C(0x9E3779B97F4A7C15); /* splitmix64 */
    uint64_t z = random_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return (uint32_t)((z ^ (z >> 31)) % n);
}

void fibers_begin(uint64_t seed)
{
    seed_of_run = random_state = seed;
    steps = 0;
    now_ms = 1000;
}

void fibers_set_check(void (*function)(void))
{
    check = function;
}

static void leave(void)
{
    swapcontext(&current->registers, &scheduler);
}

static void fiber_main(void)
{
    current->run(current->context);
    current->state = FIBER_FREE;
    fiber_wake(current);
    leave();
}

static void prepare(struct fiber *fiber, char *stack)
{
    ASAN_UNPOISON_MEMORY_REGION(stack, STACK_SIZE); /* a cancelled one left it */
    memset(fiber, 0, sizeof(*fiber));
    fiber->stack = stack;
    fiber->serial = ++last_serial;
    fiber->state = FIBER_READY;
    getcontext(&fiber->registers);
    fiber->registers.uc_stack.ss_sp = stack;
    fiber->registers.uc_stack.ss_size = STACK_SIZE;
    makecontext(&fiber->registers, fiber_main, 0);
}

static struct fiber *start(void (*run)(void *), void *context)
{
    struct fiber *fiber = fibers;
    while (fiber < fibers + FIBERS_MAX
           && (fiber->state != FIBER_FREE || fiber == current))
        fiber++;
    if (fiber == fibers + FIBERS_MAX)
        return NULL;
    char *stack = fiber->stack != NULL ? fiber->stack : malloc(STACK_SIZE);
    if (stack == NULL)
        exit(2);
    prepare(fiber, stack);
    fiber->run = run;
    fiber->context = context;
    return fiber;
}

bool fiber_start(void (*run)(void *), void *context)
{
    return start(run, context) != NULL;
}

/* One of those that are ready; NULL: none. */
static struct fiber *choose(void)
{
    struct fiber *ready[FIBERS_MAX];
    uint32_t count = 0;
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        if (fiber->state == FIBER_READY)
            ready[count++] = fiber;
    return count > 0 ? ready[fiber_random(count)] : NULL;
}

/* To the next moment that somebody waits for, or by `most_ms`. False: there is none. */
static bool pass_time(uint64_t most_ms)
{
    uint64_t next_ms = OS_FOREVER;
    for (const struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        if (fiber->state == FIBER_WAITS && fiber->until_ms < next_ms)
            next_ms = fiber->until_ms;
    if (next_ms == OS_FOREVER)
        return false;
    if (next_ms > now_ms)
        now_ms = next_ms - now_ms < most_ms ? next_ms : now_ms + most_ms;
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++) {
        if (fiber->state != FIBER_WAITS || fiber->until_ms > now_ms)
            continue;
        fiber->state = FIBER_READY;
        fiber->in_time = false;
    }
    return true;
}

static bool are_over(void)
{
    for (const struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        if (fiber->state != FIBER_FREE)
            return false;
    return true;
}

void fibers_run(void)
{
    while (!are_over()) {
        struct fiber *fiber = choose();
        if (fiber == NULL) {
            if (!pass_time(OS_FOREVER))
                fibers_fail("somebody can go on, or waits for a time", __FILE__,
                            __LINE__);
            continue;
        }
        if (fiber_random(800) == 0) /* time passes while somebody could go on */
            (void)pass_time(50);
        steps++;
        current = fiber;
        swapcontext(&scheduler, &fiber->registers);
        current = NULL;
        if (check != NULL)
            check();
    }
}

void fiber_yield(void)
{
    if (current != NULL && fiber_random(3) == 0)
        leave();
}

bool fiber_wait(const void *object, uint64_t deadline_ms)
{
    current->state = FIBER_WAITS;
    current->object = object;
    current->until_ms = deadline_ms;
    current->in_time = true;
    leave();
    current->object = NULL;
    return current->in_time;
}

void fiber_wake(const void *object)
{
    for (struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        if (fiber->state == FIBER_WAITS && fiber->object == object)
            fiber->state = FIBER_READY;
}

void fiber_sleep(uint64_t ms)
{
    (void)fiber_wait(NULL, now_ms + ms);
}

uint32_t fiber_others(void)
{
    uint32_t count = 0;
    for (const struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        count += fiber->state != FIBER_FREE && fiber != current;
    return count;
}

void fiber_allow_cancel(void (*ended)(void *), void *context)
{
    current->cancelled = ended;
    current->cancel_context = context;
}

/* --- os/lock.h ---------------------------------------------------------------------- */

/* What stands in the memory of a struct os_mutex. All zeros is one that is free. */
struct lock {
    const struct fiber *owner;
};
_Static_assert(sizeof(struct lock) <= sizeof(struct os_mutex), "it has to fit");

static struct lock *lock_in(struct os_mutex *mutex)
{
    return (struct lock *)(void *)mutex;
}

bool fiber_lock_is_free(const struct os_mutex *mutex)
{
    return ((const struct lock *)(const void *)mutex)->owner == NULL;
}

void os_mutex_init(struct os_mutex *mutex)
{
    memset(mutex, 0, sizeof(*mutex));
}

void os_mutex_destroy(struct os_mutex *mutex)
{
    FIBERS_REQUIRE(lock_in(mutex)->owner == NULL);
}

static void take(struct lock *lock)
{
    FIBERS_REQUIRE(lock->owner != current || current == NULL);
    while (lock->owner != NULL)
        (void)fiber_wait(lock, OS_FOREVER);
    lock->owner = current;
}

static void give(struct lock *lock)
{
    FIBERS_REQUIRE(lock->owner == current);
    lock->owner = NULL;
    fiber_wake(lock);
}

void os_mutex_lock(struct os_mutex *mutex)
{
    fiber_yield();
    take(lock_in(mutex));
}

void os_mutex_unlock(struct os_mutex *mutex)
{
    give(lock_in(mutex));
    fiber_yield();
}

void os_cond_init(struct os_cond *cond)
{
    memset(cond, 0, sizeof(*cond));
}

void os_cond_destroy(struct os_cond *cond)
{
    for (const struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        FIBERS_REQUIRE(fiber->state == FIBER_FREE || fiber->object != cond);
}

/* Waits may wake for no reason: all are woken, always. */
void os_cond_signal(struct os_cond *cond)
{
    fiber_wake(cond);
}

void os_cond_broadcast(struct os_cond *cond)
{
    fiber_wake(cond);
}

bool os_cond_wait(struct os_cond *cond, struct os_mutex *mutex, uint64_t deadline_ms)
{
    bool for_no_reason = fiber_random(20) == 0;
    give(lock_in(mutex));
    bool in_time = fiber_wait(cond, for_no_reason ? now_ms : deadline_ms);
    take(lock_in(mutex));
    return in_time || now_ms < deadline_ms;
}

/* --- os/cancel.h -------------------------------------------------------------------- */

/* The fiber is over, and another one goes on for it. */
static void end_early(void)
{
    current->cancelled(current->cancel_context);
    current->state = FIBER_FREE;
    fiber_wake(current);
    leave();
    abort();
}

bool os_cond_wait_cancellable(struct os_cond *cond, struct os_mutex *mutex,
                              uint64_t deadline_ms, void (*undo)(void *), void *context)
{
    if (current->cancelled != NULL && fiber_random(40) == 0) {
        give(lock_in(mutex)); /* TerminateThread: nothing else is done for it */
        end_early();
    }
    bool in_time = os_cond_wait(cond, mutex, deadline_ms);
    if (current->cancelled == NULL || fiber_random(20) != 0)
        return in_time;
    undo(context);
    os_mutex_unlock(mutex);
    end_early();
    return false;
}

void os_cond_forget(struct os_cond *cond)
{
    (void)cond;
}

/* --- os/thread.h -------------------------------------------------------------------- */

struct thread {
    uint64_t serial;
};
_Static_assert(sizeof(struct thread) <= sizeof(struct os_thread), "it has to fit");

enum sc_error os_thread_start(struct os_thread *thread, const char *name,
                              void (*run)(void *), void *context)
{
    struct fiber *fiber = fiber_random(12) != 0 ? start(run, context) : NULL;
    (void)name;
    if (fiber == NULL)
        return SC_E_NO_MEMORY;
    ((struct thread *)(void *)thread)->serial = fiber->serial;
    return SC_OK;
}

void os_thread_join(struct os_thread *thread)
{
    uint64_t serial = ((struct thread *)(void *)thread)->serial;
    for (const struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        while (fiber->serial == serial && fiber->state != FIBER_FREE)
            (void)fiber_wait(fiber, OS_FOREVER);
}

void os_thread_mark(struct os_thread_mark *mark)
{
    mark->number = current->serial;
}

bool os_thread_has_ended(const struct os_thread_mark *mark)
{
    for (const struct fiber *fiber = fibers; fiber < fibers + FIBERS_MAX; fiber++)
        if (fiber->serial == mark->number && fiber->state != FIBER_FREE)
            return false;
    return true;
}

void os_thread_unmark(struct os_thread_mark *mark)
{
    (void)mark;
}

/* --- The rest of os ----------------------------------------------------------------- */

uint64_t os_now_ms(void)
{
    return now_ms;
}

/* Late at random, but never going back. */
uint64_t os_now_about_ms(void)
{
    static uint64_t told_ms;
    uint64_t about_ms = now_ms - fiber_random(11);
    if (about_ms > told_ms || told_ms > now_ms) /* or another run has begun */
        told_ms = about_ms;
    return told_ms;
}

uint64_t os_deadline_ms(uint64_t timeout_ms)
{
    return timeout_ms >= OS_FOREVER - now_ms ? OS_FOREVER : now_ms + timeout_ms;
}

int os_ms_left(uint64_t deadline_ms)
{
    uint64_t left = deadline_ms > now_ms ? deadline_ms - now_ms : 0;
    return left > INT_MAX ? INT_MAX : (int)left;
}

void os_at_fork_child(void (*child)(void))
{
    for (unsigned i = 0; i < FORKS_MAX; i++) {
        if (at_fork[i] == child)
            return;
        if (at_fork[i] == NULL) {
            at_fork[i] = child;
            return;
        }
    }
}

void fibers_forget_process(void)
{
    for (unsigned i = 0; i < FORKS_MAX && at_fork[i] != NULL; i++)
        at_fork[i]();
}

enum os_process_state os_process_state(uint32_t pid, uint64_t start_time)
{
    uint32_t what = fiber_random(20);
    FIBERS_REQUIRE(pid != 0);
    (void)start_time;
    return what == 0 ? OS_PROCESS_GONE : what < 15 ? OS_PROCESS_RUNS : OS_PROCESS_STOPPED;
}

const char *os_getenv(const char *name)
{
    return strcmp(name, "WINSCARD_READERS") == 0 ? "sim:" : NULL;
}

void os_read_reader_config(void (*take_text)(void *context, const char *path,
                                             const char *text),
                           void *context)
{
    (void)take_text;
    (void)context;
}
