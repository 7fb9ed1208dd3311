/* SPDX-License-Identifier: BSD-2-Clause */
/* Threads: of POSIX, each with an object that is signalled when it has ended. */
#include "port/object.h"

#include <assert.h>
#include <process.h>

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

/* --- The life of a thread ----------------------------------------------------------- */

/* The key's destructor: also after pthread_exit() and an exception that ends the thread.
 * Destructors run in rounds, so what the program has for its threads may still run. */
static pthread_key_t ended_key;
static pthread_once_t ended_once = PTHREAD_ONCE_INIT;

static void thread_ended(void *value)
{
    struct winport_object *thread = value;
    if (thread->thread.closes != NULL)
        CloseHandle(thread->thread.closes);
    winport_begin_thread(NULL); /* other destructors may ask for the thread later */
    pthread_mutex_lock(&winport_lock);
    winport_abandon_mutexes(); /* before who waits for the thread looks at them */
    assert(!thread->thread.ended);
    thread->thread.ended = true;
    winport_changed();
    winport_object_drop(thread);
    pthread_mutex_unlock(&winport_lock);
}

static bool has_ended_key;

static void make_ended(void)
{
    has_ended_key = pthread_key_create(&ended_key, thread_ended) == 0;
}

bool winport_threads_end(void)
{
    pthread_once(&ended_once, make_ended);
    return has_ended_key;
}

static void *thread_main(void *argument)
{
    struct winport_object *thread = argument;
    winport_begin_thread(thread);
    pthread_setspecific(ended_key, thread);
    pthread_mutex_lock(&winport_lock);
    while (thread->thread.suspended)
        winport_wait_for_change();
    pthread_mutex_unlock(&winport_lock);
    DWORD code = thread->thread.routine(thread->thread.argument);
    thread->thread.exit_code = code;
    return NULL;
}

struct thread_plan {
    LPTHREAD_START_ROUTINE routine;
    LPVOID argument;
    bool suspended;
    DWORD id;
};

static int start(struct winport_object *thread, SIZE_T stack_bytes)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return -1;
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    /* Programs ask for what Windows needs; libc has larger frames. */
    size_t usual = 0;
    pthread_attr_getstacksize(&attributes, &usual);
    if (stack_bytes > usual) {
        size_t page = (size_t)sysconf(_SC_PAGESIZE);
        if (stack_bytes > SIZE_MAX - page
            || pthread_attr_setstacksize(&attributes,
                                         (stack_bytes + page - 1) / page * page)
                   != 0) {
            pthread_attr_destroy(&attributes);
            return -1;
        }
    }
    pthread_t id;
    int result = pthread_create(&id, &attributes, thread_main, thread);
    pthread_attr_destroy(&attributes);
    return result;
}

/* `plan` says what, with what, and whether it waits for ResumeThread(). */
static HANDLE make_thread(const struct thread_plan *plan, SIZE_T stack_bytes)
{
    if (!winport_threads_end()) {
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    pthread_mutex_lock(&winport_lock);
    struct winport_object *thread = winport_object_new(WINPORT_THREAD);
    if (thread == NULL) {
        pthread_mutex_unlock(&winport_lock);
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    thread->thread.routine = plan->routine;
    thread->thread.argument = plan->argument;
    thread->thread.suspended = plan->suspended;
    thread->thread.id = plan->id;
    thread->thread.exit_code = STILL_ACTIVE;
    HANDLE handle = winport_handle_new(thread);
    pthread_mutex_unlock(&winport_lock);
    if (handle != NULL && start(thread, stack_bytes) == 0)
        return handle;
    if (handle != NULL) {
        CloseHandle(handle);
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    pthread_mutex_lock(&winport_lock);
    winport_object_drop(thread);
    pthread_mutex_unlock(&winport_lock);
    return NULL;
}

HANDLE CreateThread(LPSECURITY_ATTRIBUTES attributes, SIZE_T stack_bytes,
                    LPTHREAD_START_ROUTINE routine, LPVOID argument, DWORD flags,
                    LPDWORD thread_id)
{
    (void)attributes;
    const DWORD known = CREATE_SUSPENDED | STACK_SIZE_PARAM_IS_A_RESERVATION;
    if (routine == NULL || (flags & ~known) != 0) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    struct thread_plan plan = {.routine = routine,
                               .argument = argument,
                               .suspended = (flags & CREATE_SUSPENDED) != 0,
                               .id = winport_new_thread_id()};
    HANDLE handle = make_thread(&plan, stack_bytes);
    if (handle != NULL && thread_id != NULL)
        *thread_id = plan.id;
    return handle;
}

DWORD ResumeThread(HANDLE handle)
{
    DWORD before = (DWORD)-1;
    pthread_mutex_lock(&winport_lock);
    struct winport_object *thread = winport_object_of(handle, WINPORT_THREAD);
    if (thread != NULL) {
        before = thread->thread.suspended ? 1 : 0;
        thread->thread.suspended = false;
        winport_changed();
    }
    pthread_mutex_unlock(&winport_lock);
    return before;
}

void ExitThread(DWORD code)
{
    struct winport_object *own = winport_this_thread();
    if (own != NULL)
        own->thread.exit_code = code;
    pthread_exit(NULL);
}

BOOL GetExitCodeThread(HANDLE handle, LPDWORD code)
{
    if (code == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    pthread_mutex_lock(&winport_lock);
    struct winport_object *thread = winport_this_thread();
    if (handle != GetCurrentThread() || thread == NULL)
        thread = winport_object_of(handle, WINPORT_THREAD);
    if (thread != NULL)
        *code = thread->thread.ended ? thread->thread.exit_code : STILL_ACTIVE;
    pthread_mutex_unlock(&winport_lock);
    return thread != NULL;
}

DWORD GetThreadId(HANDLE handle)
{
    if (handle == GetCurrentThread())
        return GetCurrentThreadId();
    pthread_mutex_lock(&winport_lock);
    struct winport_object *thread = winport_object_of(handle, WINPORT_THREAD);
    DWORD id = thread == NULL ? 0 : thread->thread.id;
    pthread_mutex_unlock(&winport_lock);
    return id;
}

BOOL SwitchToThread(void)
{
    return sched_yield() == 0;
}

/* --- As Microsoft's C library makes them -------------------------------------------- */

struct crt_start {
    unsigned (*routine)(void *);
    void (*plain)(void *); /* instead of it */
    void *argument;
};

static DWORD WINAPI begin_crt(LPVOID argument)
{
    struct crt_start start = *(struct crt_start *)argument;
    free(argument);
    if (start.plain == NULL)
        return start.routine(start.argument);
    start.plain(start.argument);
    return 0;
}

static HANDLE make_crt(const struct crt_start *plan, unsigned stack_bytes, unsigned flags,
                       unsigned *thread_id)
{
    struct crt_start *start = malloc(sizeof(*start));
    if (start == NULL) {
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    *start = *plan;
    DWORD id;
    HANDLE handle = CreateThread(NULL, stack_bytes, begin_crt, start, flags, &id);
    if (handle == NULL)
        free(start);
    else if (thread_id != NULL)
        *thread_id = id;
    return handle;
}

uintptr_t _beginthreadex(void *security, unsigned stack_bytes,
                         unsigned (*routine)(void *), void *argument, unsigned flags,
                         unsigned *thread_id)
{
    (void)security;
    if (routine == NULL) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return 0;
    }
    struct crt_start plan = {.routine = routine, .argument = argument};
    return (uintptr_t)make_crt(&plan, stack_bytes, flags, thread_id);
}

/* The thread closes its own handle, so it is made suspended: it must not be over before
 * the caller knows it. */
uintptr_t _beginthread(void (*routine)(void *), unsigned stack_bytes, void *argument)
{
    if (routine == NULL) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return (uintptr_t)-1;
    }
    struct crt_start plan = {.plain = routine, .argument = argument};
    HANDLE handle = make_crt(&plan, stack_bytes, CREATE_SUSPENDED, NULL);
    if (handle == NULL)
        return (uintptr_t)-1;
    pthread_mutex_lock(&winport_lock);
    struct winport_object *thread = winport_object_of(handle, WINPORT_THREAD);
    if (thread != NULL) {
        thread->thread.closes = handle;
        thread->thread.suspended = false;
        winport_changed();
    }
    pthread_mutex_unlock(&winport_lock);
    return (uintptr_t)handle;
}

void _endthreadex(unsigned code)
{
    ExitThread(code);
}

void _endthread(void)
{
    ExitThread(0);
}
