/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, mutexes and semaphores: making, naming, signalling, closing. Source: MS-Docs
 * "Synchronization Functions", CloseHandle, DuplicateHandle. */
#include <windows.h>

#include "tests/port/fails.h"

static const WCHAR wide_name[] = {0x00E9, 0x4E2D, 0xD83D, 0xDE00, 'x', 0};
static const char narrow_name[] = "\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80x";

static void events(void)
{
    HANDLE manual = CreateEventA(NULL, TRUE, FALSE, NULL);
    HANDLE automatic = CreateEventW(NULL, FALSE, TRUE, NULL);
    CHECK(manual != NULL && automatic != NULL && manual != automatic);
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_TIMEOUT);
    CHECK_EQ(SetEvent(manual), TRUE);
    CHECK_EQ(SetEvent(manual), TRUE);
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(manual, INFINITE), WAIT_OBJECT_0);
    CHECK_EQ(ResetEvent(manual), TRUE);
    CHECK_EQ(ResetEvent(manual), TRUE);
    CHECK_EQ(WaitForSingleObject(manual, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(automatic, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(automatic, 0), WAIT_TIMEOUT);
    /* Set twice is set once. */
    CHECK(SetEvent(automatic) && SetEvent(automatic));
    CHECK_EQ(WaitForSingleObjectEx(automatic, 0, TRUE), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObjectEx(automatic, 0, FALSE), WAIT_TIMEOUT);
    SECURITY_ATTRIBUTES attributes = {sizeof(attributes), NULL, TRUE};
    HANDLE inherited = CreateEvent(&attributes, 7, -1, NULL); /* TRUE is all but 0 */
    CHECK_EQ(WaitForSingleObject(inherited, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(inherited, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(inherited) && CloseHandle(manual) && CloseHandle(automatic));
}

static void mutexes(void)
{
    HANDLE mutex = CreateMutexA(NULL, TRUE, NULL);
    CHECK(mutex != NULL);
    CHECK_EQ(WaitForSingleObject(mutex, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex) && ReleaseMutex(mutex));
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK(CloseHandle(mutex));
    mutex = CreateMutexW(NULL, FALSE, NULL);
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_NOT_OWNER);
    CHECK_EQ(WaitForSingleObject(mutex, INFINITE), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(mutex));
}

static void semaphores(void)
{
    HANDLE semaphore = CreateSemaphoreA(NULL, 1, 3, NULL);
    LONG before = -1;
    CHECK(semaphore != NULL);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(ReleaseSemaphore(semaphore, 2, &before));
    CHECK_EQ(before, 0);
    CHECK_FAILS(ReleaseSemaphore(semaphore, 2, NULL), ERROR_TOO_MANY_POSTS);
    CHECK_FAILS(ReleaseSemaphore(semaphore, MAXLONG, NULL), ERROR_TOO_MANY_POSTS);
    CHECK_FAILS(ReleaseSemaphore(semaphore, 0, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReleaseSemaphore(semaphore, -1, NULL), ERROR_INVALID_PARAMETER);
    CHECK(ReleaseSemaphore(semaphore, 1, &before));
    CHECK_EQ(before, 2);
    for (int i = 0; i < 3; i++)
        CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(semaphore, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(semaphore));
    semaphore = CreateSemaphoreW(NULL, MAXLONG, MAXLONG, NULL);
    CHECK_FAILS(ReleaseSemaphore(semaphore, 1, NULL), ERROR_TOO_MANY_POSTS);
    CHECK(CloseHandle(semaphore));
    CHECK_FAILS(CreateSemaphoreA(NULL, 0, 0, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CreateSemaphoreA(NULL, 2, 1, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CreateSemaphoreW(NULL, -1, 1, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CreateSemaphoreW(NULL, 0, -1, NULL), ERROR_INVALID_PARAMETER);
}

/* --- Names -------------------------------------------------------------------------- */

static void names(void)
{
    CHECK_FAILS(OpenEventA(EVENT_ALL_ACCESS, FALSE, narrow_name), ERROR_FILE_NOT_FOUND);
    SetLastError(NO_ERROR_SET);
    HANDLE event = CreateEventW(NULL, TRUE, FALSE, wide_name);
    CHECK(event != NULL);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    HANDLE again = CreateEventW(NULL, FALSE, TRUE, wide_name); /* it is what it is */
    CHECK(again != NULL && again != event);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_EQ(WaitForSingleObject(again, 0), WAIT_TIMEOUT);
    HANDLE opened = OpenEventW(SYNCHRONIZE | EVENT_MODIFY_STATE, FALSE, wide_name);
    CHECK(SetEvent(opened));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK_EQ(WaitForSingleObject(again, 0), WAIT_OBJECT_0);
    /* One of another kind. */
    CHECK_FAILS(CreateMutexW(NULL, TRUE, wide_name), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CreateSemaphoreW(NULL, 0, 1, wide_name), ERROR_INVALID_HANDLE);
    CHECK_FAILS(OpenMutexW(SYNCHRONIZE, FALSE, wide_name), ERROR_INVALID_HANDLE);
    /* It is there until the last handle is closed. */
    CHECK(CloseHandle(event) && CloseHandle(again));
    again = OpenEventW(SYNCHRONIZE, FALSE, wide_name);
    CHECK(again != NULL);
    CHECK(CloseHandle(again) && CloseHandle(opened));
    CHECK_FAILS(OpenEventW(SYNCHRONIZE, FALSE, wide_name), ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(OpenMutexA(SYNCHRONIZE, FALSE, "no such mutex"), ERROR_FILE_NOT_FOUND);
}

#ifndef _WIN32
/* Text of A calls is UTF-8 here, and names are this process's. */
static void names_of_both_encodings(void)
{
    HANDLE mutex = CreateMutexW(NULL, FALSE, wide_name);
    HANDLE same = OpenMutexA(MUTEX_ALL_ACCESS, FALSE, narrow_name);
    CHECK(mutex != NULL && same != NULL);
    CHECK_EQ(WaitForSingleObject(same, 0), WAIT_OBJECT_0);
    CHECK(ReleaseMutex(mutex));
    CHECK(CloseHandle(mutex) && CloseHandle(same));
}
#endif

static void spaces_of_names(void)
{
    HANDLE plain = CreateMutexA(NULL, FALSE, "winscard-test-mutex");
    HANDLE local = CreateMutexA(NULL, FALSE, "Local\\winscard-test-mutex");
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    HANDLE global = CreateMutexA(NULL, FALSE, "Global\\winscard-test-global");
    CHECK(plain != NULL && local != NULL && global != NULL);
    HANDLE upper = CreateMutexA(NULL, FALSE, "WINSCARD-test-mutex");
    CHECK_EQ(GetLastError(), ERROR_SUCCESS); /* case counts */
    CHECK(CloseHandle(plain) && CloseHandle(local) && CloseHandle(global)
          && CloseHandle(upper));
    CHECK_FAILS(CreateMutexA(NULL, FALSE, "a\\b"), ERROR_PATH_NOT_FOUND);
    CHECK_FAILS(CreateEventA(NULL, FALSE, FALSE, "Global\\a\\b"), ERROR_PATH_NOT_FOUND);
    CHECK_FAILS(OpenEventA(SYNCHRONIZE, FALSE, "a\\b"), ERROR_PATH_NOT_FOUND);
    CHECK_FAILS(OpenEventA(SYNCHRONIZE, FALSE, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(OpenMutexW(SYNCHRONIZE, FALSE, NULL), ERROR_INVALID_PARAMETER);
    /* An empty name is none. */
    HANDLE first = CreateEventA(NULL, FALSE, FALSE, "");
    HANDLE second = CreateEventA(NULL, FALSE, TRUE, "");
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK_EQ(WaitForSingleObject(first, 0), WAIT_TIMEOUT);
    CHECK(CloseHandle(first) && CloseHandle(second));
}

/* The mutex that its thread has goes with its last handle, as another. */
static void closed_while_owned(void)
{
    HANDLE mutex = CreateMutexA(NULL, TRUE, "winscard-test-owned");
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL);
    CHECK(CloseHandle(mutex));
    CHECK_FAILS(OpenMutexA(SYNCHRONIZE, FALSE, "winscard-test-owned"),
                ERROR_FILE_NOT_FOUND);
    mutex = CreateMutexA(NULL, TRUE, "winscard-test-owned");
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    HANDLE other = CreateMutexA(NULL, TRUE, NULL);
    HANDLE third = CreateMutexA(NULL, TRUE, NULL);
    CHECK(CloseHandle(other)); /* from the middle of what the thread has */
    CHECK(ReleaseMutex(mutex) && ReleaseMutex(third));
    CHECK(CloseHandle(mutex) && CloseHandle(third) && CloseHandle(event));
}

static void long_names(void)
{
    char name[300];
    memset(name, 'n', sizeof(name));
    name[260 - 1] = '\0'; /* MAX_PATH counts the NUL in the A calls of Windows */
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, name);
    CHECK(event != NULL);
    CHECK(CloseHandle(event));
    name[260 - 1] = 'n';
    name[261] = '\0';
    CHECK_FAILS(CreateEventA(NULL, FALSE, FALSE, name), ERROR_FILENAME_EXCED_RANGE);
    CHECK_FAILS(CreateMutexA(NULL, FALSE, name), ERROR_FILENAME_EXCED_RANGE);
    CHECK_FAILS(CreateSemaphoreA(NULL, 0, 1, name), ERROR_FILENAME_EXCED_RANGE);
    CHECK_FAILS(OpenEventA(SYNCHRONIZE, FALSE, name), ERROR_FILENAME_EXCED_RANGE);
#ifndef _WIN32
    WCHAR wide[300];
    for (size_t i = 0; i < 300; i++)
        wide[i] = 0x4E2D; /* three bytes of UTF-8 each */
    wide[260] = 0;
    event = CreateEventW(NULL, FALSE, FALSE, wide);
    CHECK(event != NULL);
    CHECK(CloseHandle(event));
    wide[260] = 0x4E2D;
    wide[261] = 0;
    CHECK_FAILS(CreateEventW(NULL, FALSE, FALSE, wide), ERROR_FILENAME_EXCED_RANGE);
#endif
}

/* --- Handles ------------------------------------------------------------------------ */

static void none_are_handles(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE mutex = CreateMutexA(NULL, FALSE, NULL);
    HANDLE semaphore = CreateSemaphoreA(NULL, 0, 1, NULL);
    CHECK_FAILS(SetEvent(mutex), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetEvent(semaphore), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ResetEvent(mutex), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseMutex(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseSemaphore(mutex, 1, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetEvent(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetEvent((HANDLE)(ULONG_PTR)0xFFF0), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseMutex(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseSemaphore(NULL, 1, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(CloseHandle(NULL), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event) && CloseHandle(mutex) && CloseHandle(semaphore));
    CHECK_FAILS(CloseHandle(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(SetEvent(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ResetEvent(event), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseMutex(mutex), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseSemaphore(semaphore, 1, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS_AS(WaitForSingleObject(event, 0), WAIT_FAILED, ERROR_INVALID_HANDLE);
    /* Those that stand for the thread and the process need no closing. */
    CHECK(CloseHandle(GetCurrentThread()) && CloseHandle(GetCurrentProcess()));
#ifndef _WIN32
    /* The next handle has the closed one's place, and not its number. */
    HANDLE next = CreateEventA(NULL, FALSE, FALSE, NULL);
    CHECK(next != event && next != mutex && next != semaphore);
    CHECK_FAILS(SetEvent(event), ERROR_INVALID_HANDLE);
    /* Handles fit a DWORD and are multiples of 4. */
    CHECK_EQ((ULONG_PTR)next & ~(ULONG_PTR)0xFFFFFFFC, 0);
    CHECK_FAILS(SetEvent((HANDLE)((ULONG_PTR)next + 1)), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(next));
#endif
}

static void copies(void)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), copy = NULL;
    CHECK(DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0,
                          FALSE, DUPLICATE_SAME_ACCESS));
    CHECK(copy != event);
    CHECK(SetEvent(copy));
    CHECK_EQ(WaitForSingleObject(event, 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(event));
    CHECK_EQ(WaitForSingleObject(copy, 0), WAIT_OBJECT_0);
    HANDLE moved = NULL;
    CHECK(DuplicateHandle(GetCurrentProcess(), copy, GetCurrentProcess(), &moved, 0,
                          FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    CHECK_FAILS(DuplicateHandle(GetCurrentProcess(), NULL, GetCurrentProcess(), &event, 0,
                                FALSE, DUPLICATE_SAME_ACCESS),
                ERROR_INVALID_HANDLE);
#ifndef _WIN32
    CHECK_FAILS(CloseHandle(copy),
                ERROR_INVALID_HANDLE); /* there, the number is reused */
    CHECK_FAILS(DuplicateHandle(GetCurrentProcess(), moved, GetCurrentProcess(), NULL, 0,
                                FALSE, DUPLICATE_SAME_ACCESS),
                ERROR_INVALID_PARAMETER);
    CHECK_FAILS(DuplicateHandle(moved, moved, GetCurrentProcess(), &event, 0, FALSE, 0),
                ERROR_NOT_SUPPORTED);
    CHECK_FAILS(DuplicateHandle(GetCurrentProcess(), moved, NULL, &event, 0, FALSE, 0),
                ERROR_NOT_SUPPORTED);
#endif
    CHECK(CloseHandle(moved));
}

#ifndef _WIN32
static void as_many_as_go(void)
{
    static HANDLE handles[16384];
    DWORD count = 0;
    while (count < 16384 && (handles[count] = CreateEventA(NULL, 0, 0, NULL)) != NULL)
        count++;
    CHECK_EQ(count, 16384);
    HANDLE copy = NULL;
    CHECK_FAILS(CreateEventA(NULL, 0, 0, NULL), ERROR_TOO_MANY_OPEN_FILES);
    CHECK_FAILS(CreateMutexA(NULL, 1, "one too many"), ERROR_TOO_MANY_OPEN_FILES);
    CHECK_FAILS(CreateSemaphoreA(NULL, 0, 1, NULL), ERROR_TOO_MANY_OPEN_FILES);
    CHECK_FAILS(DuplicateHandle(GetCurrentProcess(), handles[0], GetCurrentProcess(),
                                &copy, 0, FALSE, 0),
                ERROR_TOO_MANY_OPEN_FILES);
    CHECK(SetEvent(handles[16383]));
    CHECK_EQ(WaitForSingleObject(handles[16383], 0), WAIT_OBJECT_0);
    CHECK(CloseHandle(handles[7]));
    HANDLE next = CreateEventA(NULL, 0, 0, NULL);
    CHECK(next != NULL && next != handles[7]);
    handles[7] = next;
    /* What failed has left no name. */
    CHECK_FAILS(OpenMutexA(SYNCHRONIZE, FALSE, "one too many"), ERROR_FILE_NOT_FOUND);
    for (DWORD i = 0; i < count; i++)
        CHECK(CloseHandle(handles[i]));
}
#endif

int main(void)
{
    events();
    mutexes();
    semaphores();
    names();
    spaces_of_names();
    closed_while_owned();
    long_names();
    none_are_handles();
    copies();
#ifndef _WIN32
    names_of_both_encodings();
    as_many_as_go();
#endif
    return check_result();
}
