/* SPDX-License-Identifier: BSD-2-Clause */
/* Objects that can be waited for, as services with cards use them: events, a mutex, a
 * semaphore, threads, and the event that says that smart cards can be used. */
#include <stdio.h>
#include <windows.h>
#include <winscard.h>

#define WORKERS 4
#define ROUNDS  250

static HANDLE g_hStart, g_hMutex, g_hSlots, g_hDone;
static volatile LONG g_lCounter, g_lInside, g_lMost;
static int g_nUnguarded;

static const char *WaitName(DWORD dwWait)
{
    switch (dwWait) {
    case WAIT_OBJECT_0:
        return "WAIT_OBJECT_0";
    case WAIT_OBJECT_0 + 1:
        return "WAIT_OBJECT_0 + 1";
    case WAIT_OBJECT_0 + 2:
        return "WAIT_OBJECT_0 + 2";
    case WAIT_TIMEOUT:
        return "WAIT_TIMEOUT";
    case WAIT_ABANDONED_0:
        return "WAIT_ABANDONED_0";
    case WAIT_FAILED:
        return "WAIT_FAILED";
    default:
        return "another";
    }
}

static void Wait(const char *szWhat, HANDLE hObject, DWORD dwMilliseconds)
{
    printf("%s: %s\n", szWhat, WaitName(WaitForSingleObject(hObject, dwMilliseconds)));
}

static void Events(void)
{
    HANDLE hManual = CreateEvent(NULL, TRUE, FALSE, NULL);
    HANDLE hAuto = CreateEvent(NULL, FALSE, TRUE, NULL);
    HANDLE rgh[2];
    DWORD dwBefore;

    Wait("manual, new", hManual, 0);
    SetEvent(hManual);
    Wait("manual, set", hManual, INFINITE);
    Wait("manual, set", hManual, 0);
    ResetEvent(hManual);
    Wait("manual, reset", hManual, 0);
    Wait("automatic, set from the start", hAuto, 0);
    Wait("automatic, taken", hAuto, 0);
    dwBefore = GetTickCount();
    Wait("automatic, 40 ms", hAuto, 40);
    printf("waited: %s\n", GetTickCount() - dwBefore >= 20 ? "yes" : "no");

    rgh[0] = hManual;
    rgh[1] = hAuto;
    printf("none: %s\n", WaitName(WaitForMultipleObjects(2, rgh, FALSE, 0)));
    SetEvent(hAuto);
    printf("all, one is set: %s\n", WaitName(WaitForMultipleObjects(2, rgh, TRUE, 10)));
    printf("any, second: %s\n", WaitName(WaitForMultipleObjects(2, rgh, FALSE, 0)));
    Wait("the second was taken", hAuto, 0);
    SetEvent(hManual);
    SetEvent(hAuto);
    printf("any, both: %s\n", WaitName(WaitForMultipleObjects(2, rgh, FALSE, 0)));
    printf("all, both: %s\n", WaitName(WaitForMultipleObjects(2, rgh, TRUE, 0)));
    Wait("all took the automatic one", hAuto, 0);
    CloseHandle(hManual);
    CloseHandle(hAuto);
}

static DWORD WINAPI Worker(LPVOID lpParameter)
{
    DWORD dwNumber = (DWORD)(DWORD_PTR)lpParameter;
    LONG lInside, lMost;
    int i;

    WaitForSingleObject(g_hStart, INFINITE);
    WaitForSingleObject(g_hSlots, INFINITE);
    lInside = InterlockedIncrement(&g_lInside);
    do
        lMost = g_lMost;
    while (lInside > lMost
           && InterlockedCompareExchange(&g_lMost, lInside, lMost) != lMost);
    for (i = 0; i < ROUNDS; i++) {
        InterlockedIncrement(&g_lCounter);
        WaitForSingleObject(g_hMutex, INFINITE);
        g_nUnguarded++;
        ReleaseMutex(g_hMutex);
    }
    Sleep(5);
    InterlockedDecrement(&g_lInside);
    ReleaseSemaphore(g_hSlots, 1, NULL);
    if (dwNumber == WORKERS - 1)
        ExitThread(100 + dwNumber);
    return 100 + dwNumber;
}

static void Threads(void)
{
    HANDLE rghThreads[WORKERS];
    DWORD dwThreadId, dwExit, i;
    LONG lBefore;

    g_hStart = CreateEventA(NULL, TRUE, FALSE, NULL);
    g_hMutex = CreateMutexA(NULL, FALSE, NULL);
    g_hSlots = CreateSemaphoreA(NULL, 2, 2, NULL);
    for (i = 0; i < WORKERS; i++)
        rghThreads[i] =
            CreateThread(NULL, 0, Worker, (LPVOID)(DWORD_PTR)i, 0, &dwThreadId);
    Wait("a thread that waits", rghThreads[0], 0);
    GetExitCodeThread(rghThreads[0], &dwExit);
    printf("its code: %s\n", dwExit == STILL_ACTIVE ? "STILL_ACTIVE" : "another");
    SetEvent(g_hStart);
    printf("all threads: %s\n",
           WaitName(WaitForMultipleObjects(WORKERS, rghThreads, TRUE, INFINITE)));
    for (i = 0; i < WORKERS; i++) {
        GetExitCodeThread(rghThreads[i], &dwExit);
        printf("thread %lu: code %lu\n", i, dwExit);
        CloseHandle(rghThreads[i]);
    }
    printf("counted %ld, guarded %d, at once %s\n", g_lCounter, g_nUnguarded,
           g_lMost >= 1 && g_lMost <= 2 ? "1 or 2" : "more");
    lBefore = InterlockedExchange(&g_lCounter, 7);
    printf("exchange: %ld, then %ld\n", lBefore, g_lCounter);
    lBefore = InterlockedExchangeAdd(&g_lCounter, -10);
    printf("added: %ld, then %ld\n", lBefore, g_lCounter);
}

static void Mutexes(void)
{
    LONG lPrevious = -1;
    BOOL fDone;

    Wait("mutex", g_hMutex, 0);
    Wait("mutex, again by its owner", g_hMutex, 0);
    printf("released: %d %d\n", ReleaseMutex(g_hMutex), ReleaseMutex(g_hMutex));
    SetLastError(0);
    fDone = ReleaseMutex(g_hMutex);
    printf("released once more: %d, %s\n", fDone,
           GetLastError() == ERROR_NOT_OWNER ? "ERROR_NOT_OWNER" : "another");
    Wait("semaphore", g_hSlots, 0);
    Wait("semaphore", g_hSlots, 0);
    Wait("semaphore at 0", g_hSlots, 0);
    fDone = ReleaseSemaphore(g_hSlots, 2, &lPrevious);
    printf("two more: %d, before %ld\n", fDone, lPrevious);
    fDone = ReleaseSemaphore(g_hSlots, 1, &lPrevious);
    printf("too many: %d, %s\n", fDone,
           GetLastError() == ERROR_TOO_MANY_POSTS ? "ERROR_TOO_MANY_POSTS" : "another");
    CloseHandle(g_hStart);
    CloseHandle(g_hMutex);
    CloseHandle(g_hSlots);
}

static void Errors(void)
{
    DWORD dwWait;
    BOOL fDone;

    SetLastError(0);
    fDone = CloseHandle(NULL);
    printf("CloseHandle(NULL): %d, error %lu\n", fDone, GetLastError());
    SetLastError(0);
    fDone = SetEvent(NULL);
    printf("SetEvent(NULL): %d, error %lu\n", fDone, GetLastError());
    SetLastError(0);
    dwWait = WaitForSingleObject(NULL, 0);
    printf("WaitForSingleObject(NULL): %s, error %lu\n", WaitName(dwWait),
           GetLastError());
}

static DWORD CALLBACK SaysDone(LPVOID lpParameter)
{
    SetLastError(*(DWORD *)lpParameter);
    SetEvent(g_hDone);
    return GetLastError();
}

static void ErrorsOfThreads(void)
{
    DWORD dwCode = 4711, dwExit = 0;
    HANDLE hThread;

    g_hDone = CreateEvent(NULL, FALSE, FALSE, NULL);
    SetLastError(12);
    hThread = CreateThread(NULL, 0, SaysDone, &dwCode, 0, NULL);
    Wait("done", g_hDone, INFINITE);
    Wait("ended", hThread, INFINITE);
    GetExitCodeThread(hThread, &dwExit);
    printf("its last error %lu, ours not its: %s\n", dwExit,
           GetLastError() != dwCode ? "yes" : "no");
    CloseHandle(hThread);
    CloseHandle(g_hDone);
}

int main(void)
{
    HANDLE hStarted, rgh[2];

    Events();
    Threads();
    Mutexes();
    Errors();
    ErrorsOfThreads();
    hStarted = SCardAccessStartedEvent();
    Wait("smart cards can be used", hStarted, 5000);
    rgh[0] = CreateEvent(NULL, TRUE, FALSE, NULL);
    rgh[1] = hStarted;
    printf("among others: %s\n", WaitName(WaitForMultipleObjects(2, rgh, FALSE, 5000)));
    CloseHandle(rgh[0]);
    SCardReleaseStartedEvent();
    return 0;
}
