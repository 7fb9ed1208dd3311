/* SPDX-License-Identifier: BSD-2-Clause */
/* Mutexes and condition variables of Windows: slim locks, which need no making, and an event
 * where a thread may be terminated. */
#include "os/windows/api.h"

#include "os/cancel.h"

#include "os/time.h"

static_assert(sizeof(struct os_mutex) == sizeof(SRWLOCK), "types.h has SRWLOCK's size");
static_assert(sizeof(void *) == sizeof(CONDITION_VARIABLE),
              "types.h has CONDITION_VARIABLE's size");

static SRWLOCK *native_lock(struct os_mutex *mutex)
{
    return (SRWLOCK *)&mutex->native;
}

static CONDITION_VARIABLE *native_condition(struct os_cond *cond)
{
    return (CONDITION_VARIABLE *)&cond->native;
}

void os_mutex_init(struct os_mutex *mutex)
{
    InitializeSRWLock(native_lock(mutex));
}

void os_mutex_destroy(struct os_mutex *mutex)
{
    (void)mutex; /* the system keeps nothing for it */
}

LOCKS_UNSEEN void os_mutex_lock(struct os_mutex *mutex)
{
    AcquireSRWLockExclusive(native_lock(mutex));
}

LOCKS_UNSEEN void os_mutex_unlock(struct os_mutex *mutex)
{
    ReleaseSRWLockExclusive(native_lock(mutex));
}

void os_cond_init(struct os_cond *cond)
{
    InitializeConditionVariable(native_condition(cond));
    cond->event = NULL;
}

void os_cond_destroy(struct os_cond *cond)
{
    assert(cond->event == NULL); /* nobody waits */
    (void)cond;
}

void os_cond_signal(struct os_cond *cond)
{
    if (cond->event != NULL)
        (void)SetEvent(cond->event);
    else
        WakeConditionVariable(native_condition(cond));
}

void os_cond_broadcast(struct os_cond *cond)
{
    if (cond->event != NULL)
        (void)SetEvent(cond->event);
    else
        WakeAllConditionVariable(native_condition(cond));
}

/* The system's waits are counted in ticks of its own, and may end before our clock has come
 * so far: that counts as waking for no reason. */
static DWORD wait_limit(uint64_t deadline_ms)
{
    int left_ms = os_ms_left(deadline_ms);
    return left_ms < 0 ? INFINITE : (DWORD)left_ms;
}

bool os_cond_wait(struct os_cond *cond, struct os_mutex *mutex, uint64_t deadline_ms)
{
    DWORD wait_ms = wait_limit(deadline_ms);
    if (SleepConditionVariableSRW(native_condition(cond), native_lock(mutex), wait_ms, 0))
        return true;
    assert(GetLastError() == ERROR_TIMEOUT); /* nothing else is documented to fail */
    return deadline_ms == OS_FOREVER || os_ms_left(deadline_ms) > 0;
}

/* A condition variable has its waiters on their stacks, which go with threads that are
 * terminated; an event has nothing of its waiters. */
LOCKS_UNSEEN bool os_cond_wait_cancellable(struct os_cond *cond, struct os_mutex *mutex,
                                           uint64_t deadline_ms, void (*undo)(void *),
                                           void *context)
{
    (void)undo;
    (void)context;
    assert(cond->event == NULL); /* one at a time */
    cond->event = CreateEventW(NULL, FALSE, FALSE, NULL);
    if (cond->event == NULL)
        return os_cond_wait(cond, mutex, deadline_ms);
    os_mutex_unlock(mutex);
    (void)WaitForSingleObject(cond->event, wait_limit(deadline_ms));
    os_mutex_lock(mutex);
    CloseHandle(cond->event);
    cond->event = NULL;
    return deadline_ms == OS_FOREVER || os_ms_left(deadline_ms) > 0;
}

void os_cond_forget(struct os_cond *cond)
{
    if (cond->event != NULL)
        CloseHandle(cond->event);
}
