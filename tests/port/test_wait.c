/* SPDX-License-Identifier: BSD-2-Clause */
/* Waits that other threads end. A thread announces by SignalObjectAndWait() that it waits,
 * so that no time has to pass. Source: MS-Docs WaitForMultipleObjects,
 * SignalObjectAndWait, "Mutex Objects", "Event Objects". */
#include <windows.h>

#include "tests/port/fails.h"

/* A thread that says so and waits, and what its wait gave. */
struct waiter {
    HANDLE waits, object, thread;
    DWORD result;
    LONG *finished;
};

static DWORD WINAPI wait_in_thread(LPVOID argument)
{
    struct waiter *waiter = (struct waiter *)argument;
    waiter->result = SignalObjectAndWait(waiter->waits, waiter->object, INFINITE, FALSE);
    if (waiter->finished != NULL)
        InterlockedIncrement(waiter->finished);
    return waiter->result;
}

/* Returns when it waits. */
static void start_waiter(struct waiter *waiter, HANDLE object)
{
    waiter->waits = CreateEventA(NULL, FALSE, FALSE, NULL);
    waiter->object = object;
    waiter->thread = CreateThread(NULL, 0, wait_in_thread, waiter, 0, NULL);
    CHECK(waiter->thread != NULL);
    CHECK_EQ(WaitForSingleObject(waiter->waits, CHECK_HANG_MS), WAIT_OBJECT_0);
}

static DWORD end_waiter(struct waiter *waiter)
{
    CHECK_EQ(WaitForSingleObject(waiter->thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(CloseHandle(waiter->thread) && CloseHandle(waiter->waits));
    return waiter->result;
}

/* --- Several threads at one object -------------------------------------------------- */

static void automatic_event_wakes_one(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    LONG finished = 0;
    struct waiter waiters[4] = {0};
    HANDLE threads[4];
    for (int i = 0; i < 4; i++) {
        waiters[i].finished = &finished;
        start_waiter(&waiters[i], event);
        threads[i] = waiters[i].thread;
    }
    CHECK(SetEvent(event));
    CHECK(WaitForMultipleObjects(4, threads, FALSE, CHECK_HANG_MS) < 4);
    CHECK_EQ(InterlockedExchangeAdd(&finished, 0), 1);
    /* It was reset for the one that it woke. */
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    /* Two that follow at once wake two, though none has run between them. */
    CHECK(SetEvent(event) && SetEvent(event) && SetEvent(event));
    for (int i = 0; i < 4; i++)
        CHECK_EQ(end_waiter(&waiters[i]), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
}

static void manual_event_wakes_all(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    struct waiter waiters[4] = {0};
    for (int i = 0; i < 4; i++)
        start_waiter(&waiters[i], event);
    /* All who wait, though it is over before they run. */
    CHECK(SetEvent(event) && ResetEvent(event));
    for (int i = 0; i < 4; i++)
        CHECK_EQ(end_waiter(&waiters[i]), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(event));
}

static void semaphore_wakes_as_many(void)
{
    HANDLE semaphore = CreateSemaphoreA(NULL, 0, 10, NULL);
    struct waiter waiters[4] = {0};
    for (int i = 0; i < 4; i++)
        start_waiter(&waiters[i], semaphore);
    LONG before = -1;
    CHECK(ReleaseSemaphore(semaphore, 3, &before));
    CHECK_EQ(before, 0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(ReleaseSemaphore(semaphore, 2, &before));
    CHECK_EQ(before, 0);
    for (int i = 0; i < 4; i++)
        CHECK_EQ(end_waiter(&waiters[i]), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(semaphore));
}

static void mutex_goes_to_who_waits(void)
{
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    struct waiter waiter = {0};
    start_waiter(&waiter, mutex);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0); /* once more */
    CHECK(ReleaseMutex(mutex));
    CHECK(ReleaseMutex(mutex));
    /* The other thread has it, be it at its end already. */
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK_EQ(end_waiter(&waiter), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_ABANDONED); /* it did not release it */
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex) && ReleaseMutex(mutex));
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(mutex));
}

static DWORD WINAPI take_and_end(LPVOID argument)
{
    HANDLE *mutexes = (HANDLE *)argument;
    for (int i = 0; i < 3; i++)
        WaitForSingleObject(mutexes[i], INFINITE);
    WaitForSingleObject(mutexes[0], INFINITE);
    ExitThread(5);
}

static void abandoned(void)
{
    HANDLE mutexes[3];
    for (int i = 0; i < 3; i++)
        mutexes[i] = CreateMutexA(NULL, FALSE, NULL);
    HANDLE thread = CreateThread(NULL, 0, take_and_end, mutexes, 0, NULL);
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(3, mutexes, FALSE, 0), WAIT_ABANDONED_0);
    CHECK_EQ(WaitForMultipleObjects(2, mutexes + 1, TRUE, 0), WAIT_ABANDONED_0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(WaitForSingleObject(mutexes[i], 0), WAIT_OBJECT_0);
        CHECK(ReleaseMutex(mutexes[i]) && ReleaseMutex(mutexes[i]));
        CHECK_FAILS(ReleaseMutex(mutexes[i]), ERROR_NOT_OWNER);
        CHECK(CloseHandle(mutexes[i]));
    }
    CHECK(CloseHandle(thread));
}

/* --- Several objects ---------------------------------------------------------------- */

static void any_and_all(void)
{
    HANDLE events[MAXIMUM_WAIT_OBJECTS + 1];
    for (int i = 0; i <= MAXIMUM_WAIT_OBJECTS; i++)
        events[i] = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK_EQ(WaitForMultipleObjects(64, events, FALSE, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForMultipleObjectsEx(64, events, TRUE, 1, TRUE), WAIT_TIMEOUT);
    CHECK(SetEvent(events[63]) && SetEvent(events[40]));
    /* The lowest; the others stay as they are. */
    CHECK_EQ(WaitForMultipleObjects(64, events, FALSE, 0), WAIT_OBJECT_0 + 40);
    CHECK_EQ(WaitForMultipleObjects(64, events, FALSE, 0), WAIT_OBJECT_0 + 63);
    CHECK_EQ(WaitForMultipleObjects(64, events, FALSE, 0), WAIT_TIMEOUT);
    /* All at once, or none. */
    CHECK(SetEvent(events[0]));
    CHECK_EQ(WaitForMultipleObjects(2, events, TRUE, 0), WAIT_TIMEOUT);
    CHECK(SetEvent(events[1]));
    CHECK_EQ(WaitForMultipleObjects(2, events, TRUE, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForMultipleObjects(2, events, FALSE, 0), WAIT_TIMEOUT);

    CHECK_FAILS_AS(WaitForMultipleObjects(65, events, FALSE, 0), WAIT_FAILED,
                   ERROR_INVALID_PARAMETER);
    CHECK_FAILS_AS(WaitForMultipleObjects(0, events, FALSE, 0), WAIT_FAILED,
                   ERROR_INVALID_PARAMETER);
    /* One twice: for all at once that is an error, for any it is not. */
    HANDLE twice[3] = {events[0], events[1], events[0]};
    CHECK_FAILS_AS(WaitForMultipleObjects(3, twice, TRUE, 0), WAIT_FAILED,
                   ERROR_INVALID_PARAMETER);
    CHECK(SetEvent(events[0]));
    CHECK_EQ(WaitForMultipleObjects(3, twice, FALSE, 0), WAIT_OBJECT_0);
    HANDLE bad[2] = {events[0], NULL};
    CHECK(SetEvent(events[0]));
    CHECK_FAILS_AS(WaitForMultipleObjects(2, bad, FALSE, 0), WAIT_FAILED,
                   ERROR_INVALID_HANDLE);
    CHECK_EQ(WaitForSingleObject(events[0], 0), WAIT_OBJECT_0); /* not taken */
    CHECK_FAILS_AS(WaitForSingleObject(NULL, 0), WAIT_FAILED, ERROR_INVALID_HANDLE);
#ifndef _WIN32
    CHECK_FAILS_AS(WaitForMultipleObjects(1, NULL, FALSE, 0), WAIT_FAILED,
                   ERROR_INVALID_PARAMETER);
    /* There, it is the process itself. */
    CHECK_FAILS_AS(WaitForSingleObject(INVALID_HANDLE_VALUE, 0), WAIT_FAILED,
                   ERROR_INVALID_HANDLE);
#endif
    for (int i = 0; i <= MAXIMUM_WAIT_OBJECTS; i++)
        CHECK(CloseHandle(events[i]));
}

struct all_waiter {
    HANDLE ready;
    HANDLE objects[3];
    DWORD result;
};

static DWORD WINAPI wait_for_all(LPVOID argument)
{
    struct all_waiter *waiter = (struct all_waiter *)argument;
    SetEvent(waiter->ready);
    waiter->result = WaitForMultipleObjects(3, waiter->objects, TRUE, CHECK_HANG_MS);
    ReleaseMutex(waiter->objects[2]);
    return 0;
}

/* Who waits for all takes nothing from others meanwhile. */
static void all_from_threads(void)
{
    struct all_waiter waiter = {CreateEventA(NULL, TRUE, FALSE, NULL),
                                {CreateEventA(NULL, FALSE, FALSE, NULL),
                                 CreateSemaphoreA(NULL, 0, 5, NULL),
                                 CreateMutexA(NULL, TRUE, NULL)},
                                WAIT_FAILED};
    HANDLE thread = CreateThread(NULL, 0, wait_for_all, &waiter, 0, NULL);
    CHECK_EQ(WaitForSingleObject(waiter.ready, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(SetEvent(waiter.objects[0]));
    CHECK_EQ(WaitForSingleObject(waiter.objects[0], 0), WAIT_OBJECT_0);
    CHECK(ReleaseSemaphore(waiter.objects[1], 1, NULL));
    CHECK_EQ(WaitForSingleObject(waiter.objects[1], 0), WAIT_OBJECT_0);
    CHECK(ReleaseSemaphore(waiter.objects[1], 1, NULL));
    CHECK(SetEvent(waiter.objects[0]));
    CHECK_EQ(WaitForSingleObject(thread, 0), WAIT_TIMEOUT);
    CHECK(ReleaseMutex(waiter.objects[2]));
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(waiter.result, WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(waiter.objects[0], 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(waiter.objects[1], 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(waiter.objects[2], 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(waiter.objects[2]));
    for (int i = 0; i < 3; i++)
        CHECK(CloseHandle(waiter.objects[i]));
    CHECK(CloseHandle(thread) && CloseHandle(waiter.ready));
}

/* --- Signal and wait ---------------------------------------------------------------- */

static void signal_and_wait(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE semaphore = CreateSemaphoreA(NULL, 0, 1, NULL);
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    CHECK_EQ(SignalObjectAndWait(event, event, 0, FALSE), WAIT_OBJECT_0);
    CHECK_EQ(SignalObjectAndWait(event, semaphore, 0, FALSE), WAIT_TIMEOUT);
    CHECK_EQ(SignalObjectAndWait(semaphore, event, 0, FALSE), WAIT_OBJECT_0);
    CHECK_FAILS_AS(SignalObjectAndWait(semaphore, event, 0, FALSE), WAIT_FAILED,
                   ERROR_TOO_MANY_POSTS);
    CHECK_EQ(SignalObjectAndWait(mutex, event, 0, FALSE), WAIT_TIMEOUT);
    CHECK_FAILS_AS(SignalObjectAndWait(mutex, event, 0, FALSE), WAIT_FAILED,
                   ERROR_NOT_OWNER);
    CHECK_FAILS_AS(SignalObjectAndWait(NULL, event, 0, FALSE), WAIT_FAILED,
                   ERROR_INVALID_HANDLE);
    CHECK_FAILS_AS(SignalObjectAndWait(event, NULL, 0, FALSE), WAIT_FAILED,
                   ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event) && CloseHandle(semaphore) && CloseHandle(mutex));
}

static void waits_for_threads_and_files(void)
{
    struct waiter waiter = {0}, outer = {0};
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    start_waiter(&waiter, event);
    start_waiter(&outer, waiter.thread);
    CHECK_EQ(WaitForSingleObject(waiter.thread, 0), WAIT_TIMEOUT);
    CHECK_FAILS(SetEvent(waiter.thread), ERROR_INVALID_HANDLE);
    CHECK_FAILS_AS(SignalObjectAndWait(waiter.thread, event, 0, FALSE), WAIT_FAILED,
                   ERROR_INVALID_HANDLE);
    CHECK(SetEvent(event));
    CHECK_EQ(end_waiter(&outer), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(waiter.thread, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(end_waiter(&waiter), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
}

#ifndef _WIN32
/* Undefined there; here the wait goes on with the object, which others may still signal by
 * another handle. */
static void closed_while_waited_for(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, "winscard-test-closed"), copy = NULL;
    struct waiter waiter = {0}, timed = {0};
    CHECK(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0,
                          FALSE, 0));
    start_waiter(&waiter, event);
    CHECK(CloseHandle(event));
    CHECK_FAILS(SetEvent(event), ERROR_INVALID_HANDLE);
    CHECK(SetEvent(copy));
    CHECK_EQ(end_waiter(&waiter), WAIT_OBJECT_0);
    /* The last handle takes the name along, and the thread waits on. */
    start_waiter(&timed, copy);
    HANDLE thread_event = CreateEventA(NULL, FALSE, FALSE, "winscard-test-closed");
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(SetEvent(thread_event));
    CHECK(CloseHandle(thread_event) && CloseHandle(copy));
    CHECK_EQ(end_waiter(&timed), WAIT_OBJECT_0);
    CHECK_FAILS(OpenEventA(SYNCHRONIZE, FALSE, "winscard-test-closed"),
                ERROR_FILE_NOT_FOUND);
    /* A mutex that is closed while its owner has it and another waits. */
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    HANDLE second = NULL;
    CHECK(DuplicateHandle(GetCurrentProcess(), mutex, GetCurrentProcess(), &second, 0,
                          FALSE, 0));
    start_waiter(&waiter, mutex);
    CHECK(CloseHandle(mutex));
    CHECK(ReleaseMutex(second));
    CHECK(CloseHandle(second));
    CHECK_EQ(end_waiter(&waiter), WAIT_OBJECT_0);
}
#endif

/* --- Many at once ------------------------------------------------------------------- */

enum { ROUNDS = 200, WORKERS = 4 };

struct shared {
    HANDLE mutex, items, stop;
    LONG plain; /* guarded by the mutex */
    LONG taken;
};

static DWORD WINAPI work(LPVOID argument)
{
    struct shared *shared = (struct shared *)argument;
    HANDLE objects[2] = {shared->stop, shared->items};
    while (WaitForMultipleObjects(2, objects, FALSE, INFINITE) == WAIT_OBJECT_0 + 1) {
        if (WaitForSingleObject(shared->mutex, INFINITE) == WAIT_OBJECT_0)
            shared->plain++;
        ReleaseMutex(shared->mutex);
        if (InterlockedIncrement(&shared->taken) == ROUNDS)
            SetEvent(shared->stop);
    }
    return 0;
}

static void workers(void)
{
    struct shared shared = {CreateMutexA(NULL, FALSE, NULL),
                            CreateSemaphoreA(NULL, 0, ROUNDS, NULL),
                            CreateEventA(NULL, TRUE, FALSE, NULL), 0, 0};
    HANDLE threads[WORKERS];
    for (int i = 0; i < WORKERS; i++)
        threads[i] = CreateThread(NULL, 0, work, &shared, 0, NULL);
    for (int i = 0; i < ROUNDS; i++)
        CHECK(ReleaseSemaphore(shared.items, 1, NULL));
    CHECK_EQ(WaitForMultipleObjects(WORKERS, threads, TRUE, CHECK_HANG_MS),
             WAIT_OBJECT_0);
    CHECK_EQ(shared.plain, ROUNDS);
    for (int i = 0; i < WORKERS; i++)
        CHECK(CloseHandle(threads[i]));
    CHECK(CloseHandle(shared.mutex) && CloseHandle(shared.items)
          && CloseHandle(shared.stop));
}

int main(void)
{
    automatic_event_wakes_one();
    manual_event_wakes_all();
    semaphore_wakes_as_many();
    mutex_goes_to_who_waits();
    abandoned();
    any_and_all();
    all_from_threads();
    signal_and_wait();
    waits_for_threads_and_files();
#ifndef _WIN32
    closed_while_waited_for();
#endif
    workers();
    Sleep(0);
    Sleep(1);
    CHECK_EQ(SleepEx(1, TRUE), 0);
    return check_result();
}
