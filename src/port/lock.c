/* SPDX-License-Identifier: BSD-2-Clause */
/* Locks that live in the program's own memory: critical sections, slim locks, condition
 * variables; and values of threads. */
#include "port/object.h"

#include <errno.h>
#include <pthread.h>
#include <time.h>

_Static_assert(sizeof(pthread_mutex_t) <= sizeof(CRITICAL_SECTION), "a section has room");
_Static_assert(sizeof(pthread_rwlock_t) <= sizeof(SRWLOCK), "a slim lock has room");
_Static_assert(sizeof(pthread_cond_t) <= sizeof(CONDITION_VARIABLE),
               "a variable has room");

/* SRWLOCK_INIT and CONDITION_VARIABLE_INIT are zeros, as POSIX's initializers are in the C
 * libraries of Linux; test_lock looks at both. */

static pthread_mutex_t *mutex_of(LPCRITICAL_SECTION section)
{
    return (pthread_mutex_t *)section->Reserved;
}

static pthread_rwlock_t *rwlock_of(PSRWLOCK lock)
{
    return (pthread_rwlock_t *)lock->Reserved;
}

static pthread_cond_t *condition_of(PCONDITION_VARIABLE variable)
{
    return (pthread_cond_t *)variable->Reserved;
}

void InitializeCriticalSection(LPCRITICAL_SECTION section)
{
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(mutex_of(section), &attributes);
    pthread_mutexattr_destroy(&attributes);
}

BOOL InitializeCriticalSectionAndSpinCount(LPCRITICAL_SECTION section, DWORD spins)
{
    (void)spins;
    InitializeCriticalSection(section);
    return TRUE;
}

BOOL InitializeCriticalSectionEx(LPCRITICAL_SECTION section, DWORD spins, DWORD flags)
{
    (void)flags;
    return InitializeCriticalSectionAndSpinCount(section, spins);
}

void EnterCriticalSection(LPCRITICAL_SECTION section)
{
    pthread_mutex_lock(mutex_of(section));
}

BOOL TryEnterCriticalSection(LPCRITICAL_SECTION section)
{
    return pthread_mutex_trylock(mutex_of(section)) == 0;
}

void LeaveCriticalSection(LPCRITICAL_SECTION section)
{
    pthread_mutex_unlock(mutex_of(section));
}

void DeleteCriticalSection(LPCRITICAL_SECTION section)
{
    pthread_mutex_destroy(mutex_of(section));
}

void InitializeSRWLock(PSRWLOCK lock)
{
    pthread_rwlock_init(rwlock_of(lock), NULL);
}

void AcquireSRWLockExclusive(PSRWLOCK lock)
{
    pthread_rwlock_wrlock(rwlock_of(lock));
}

void ReleaseSRWLockExclusive(PSRWLOCK lock)
{
    pthread_rwlock_unlock(rwlock_of(lock));
}

void AcquireSRWLockShared(PSRWLOCK lock)
{
    pthread_rwlock_rdlock(rwlock_of(lock));
}

void ReleaseSRWLockShared(PSRWLOCK lock)
{
    pthread_rwlock_unlock(rwlock_of(lock));
}

void InitializeConditionVariable(PCONDITION_VARIABLE variable)
{
    pthread_cond_init(condition_of(variable), NULL);
}

/* By the clock of the day, as zeros make such a condition: setting it moves the end. */
BOOL SleepConditionVariableCS(PCONDITION_VARIABLE variable, PCRITICAL_SECTION section,
                              DWORD milliseconds)
{
    if (milliseconds == INFINITE)
        return pthread_cond_wait(condition_of(variable), mutex_of(section)) == 0;
    struct timespec end;
    clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += (time_t)(milliseconds / 1000);
    end.tv_nsec += (long)(milliseconds % 1000) * 1000000;
    if (end.tv_nsec >= 1000000000) {
        end.tv_sec++;
        end.tv_nsec -= 1000000000;
    }
    if (pthread_cond_timedwait(condition_of(variable), mutex_of(section), &end)
        == ETIMEDOUT)
        return winport_fail(ERROR_TIMEOUT);
    return TRUE;
}

void WakeConditionVariable(PCONDITION_VARIABLE variable)
{
    pthread_cond_signal(condition_of(variable));
}

void WakeAllConditionVariable(PCONDITION_VARIABLE variable)
{
    pthread_cond_broadcast(condition_of(variable));
}

/* --- Values of threads -------------------------------------------------------------- */

#define INDICES 1024 /* libc has as many keys, for all who ask */

static pthread_mutex_t indices_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_key_t keys[INDICES];
static bool used[INDICES];

DWORD TlsAlloc(void)
{
    /* The keys of this library are made before the program has all of them. */
    winport_threads_end();
    winport_this_owner();
    pthread_mutex_lock(&indices_lock);
    DWORD index = 0;
    while (index < INDICES && used[index])
        index++;
    if (index == INDICES || pthread_key_create(&keys[index], NULL) != 0) {
        winport_fail(ERROR_NO_MORE_ITEMS);
        index = TLS_OUT_OF_INDEXES;
    } else {
        used[index] = true;
    }
    pthread_mutex_unlock(&indices_lock);
    return index;
}

/* Whether there is such an index, and its key. */
static bool key_of(DWORD index, pthread_key_t *key)
{
    pthread_mutex_lock(&indices_lock);
    bool known = index < INDICES && used[index];
    if (known)
        *key = keys[index];
    pthread_mutex_unlock(&indices_lock);
    if (!known)
        winport_fail(ERROR_INVALID_PARAMETER);
    return known;
}

BOOL TlsFree(DWORD index)
{
    pthread_mutex_lock(&indices_lock);
    bool known = index < INDICES && used[index];
    if (known) {
        used[index] = false;
        pthread_key_delete(keys[index]);
    }
    pthread_mutex_unlock(&indices_lock);
    return known || winport_fail(ERROR_INVALID_PARAMETER);
}

LPVOID TlsGetValue(DWORD index)
{
    pthread_key_t key;
    if (!key_of(index, &key))
        return NULL;
    /* NULL is a value too: the last error tells. */
    SetLastError(ERROR_SUCCESS);
    return pthread_getspecific(key);
}

BOOL TlsSetValue(DWORD index, LPVOID value)
{
    pthread_key_t key;
    if (!key_of(index, &key))
        return FALSE;
    return pthread_setspecific(key, value) == 0 || winport_fail(ERROR_NOT_ENOUGH_MEMORY);
}
