/* SPDX-License-Identifier: BSD-2-Clause */
/* A thread that watches the readers, as tray programs have one, and a main thread that takes
 * the card out and puts it in: by events, a list within a critical section, and SCardCancel at
 * the end. */
#include <windows.h>

#include <process.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <winscard.h>
#include <winsmcrd.h>

#define MAX_NEWS    32
#define PNP_READER  "\\\\?PnP?\\Notification"
#define WAIT_FOR_IT 20000

typedef struct _NEWS {
    BOOL fPresent;
    DWORD cbAtr;
} NEWS, *PNEWS;

typedef struct _MONITOR {
    SCARDCONTEXT hContext;
    HANDLE hStopEvent; /* manual */
    HANDLE hNewsEvent; /* automatic */
    HANDLE hThread;
    CRITICAL_SECTION csNews;
    NEWS rgNews[MAX_NEWS];
    DWORD cNews;
    char szReader[128];
} MONITOR, *PMONITOR;

static void AddNews(PMONITOR pMonitor, const SCARD_READERSTATEA *pState)
{
    EnterCriticalSection(&pMonitor->csNews);
    if (pMonitor->cNews < MAX_NEWS) {
        PNEWS pNews = &pMonitor->rgNews[pMonitor->cNews++];
        pNews->fPresent = (pState->dwEventState & SCARD_STATE_PRESENT) != 0;
        pNews->cbAtr = pState->cbAtr;
    }
    LeaveCriticalSection(&pMonitor->csNews);
    SetEvent(pMonitor->hNewsEvent);
}

static unsigned __stdcall MonitorThread(void *pvArgument)
{
    PMONITOR pMonitor = (PMONITOR)pvArgument;
    SCARD_READERSTATEA rgState[2];
    DWORD dwBefore = 0, dwNow;
    LONG lStatus;

    ZeroMemory(rgState, sizeof(rgState));
    rgState[0].szReader = pMonitor->szReader;
    rgState[1].szReader = PNP_READER;
    while (WaitForSingleObject(pMonitor->hStopEvent, 0) == WAIT_TIMEOUT) {
        lStatus = SCardGetStatusChangeA(pMonitor->hContext, INFINITE, rgState, 2);
        if (lStatus == SCARD_E_CANCELLED)
            continue;
        if (lStatus != SCARD_S_SUCCESS)
            return (unsigned)lStatus;
        dwNow = rgState[0].dwEventState & (SCARD_STATE_PRESENT | SCARD_STATE_EMPTY);
        if (dwNow != dwBefore)
            AddNews(pMonitor, &rgState[0]);
        dwBefore = dwNow;
        rgState[0].dwCurrentState = rgState[0].dwEventState & ~SCARD_STATE_CHANGED;
        rgState[1].dwCurrentState = rgState[1].dwEventState;
    }
    return 0x5AFE;
}

static BOOL StartMonitor(PMONITOR pMonitor)
{
    unsigned uThreadId = 0;

    InitializeCriticalSection(&pMonitor->csNews);
    pMonitor->hStopEvent = CreateEvent(NULL, TRUE, FALSE, NULL);
    pMonitor->hNewsEvent = CreateEvent(NULL, FALSE, FALSE, NULL);
    if (pMonitor->hStopEvent == NULL || pMonitor->hNewsEvent == NULL)
        return FALSE;
    pMonitor->hThread =
        (HANDLE)_beginthreadex(NULL, 0, MonitorThread, pMonitor, 0, &uThreadId);
    if (pMonitor->hThread == NULL)
        return FALSE;
    printf("the monitor runs, %s thread\n",
           uThreadId != GetCurrentThreadId() ? "in another" : "in this");
    return TRUE;
}

/* Until there is one piece of news more, or the thread is gone. */
static BOOL WaitForNews(PMONITOR pMonitor, DWORD cExpected)
{
    HANDLE rghWait[2];
    DWORD cNews;

    rghWait[0] = pMonitor->hNewsEvent;
    rghWait[1] = pMonitor->hThread;
    for (;;) {
        EnterCriticalSection(&pMonitor->csNews);
        cNews = pMonitor->cNews;
        LeaveCriticalSection(&pMonitor->csNews);
        if (cNews >= cExpected)
            return TRUE;
        switch (WaitForMultipleObjects(2, rghWait, FALSE, WAIT_FOR_IT)) {
        case WAIT_OBJECT_0:
            break;
        case WAIT_OBJECT_0 + 1:
            printf("the monitor has ended\n");
            return FALSE;
        default:
            printf("no news\n");
            return FALSE;
        }
    }
}

/* A cancel that comes before the wait is none, so there may have to be another. */
static DWORD StopMonitor(PMONITOR pMonitor)
{
    DWORD dwExit = 0;

    SetEvent(pMonitor->hStopEvent);
    do
        SCardCancel(pMonitor->hContext);
    while (WaitForSingleObject(pMonitor->hThread, 20) == WAIT_TIMEOUT);
    GetExitCodeThread(pMonitor->hThread, &dwExit);
    CloseHandle(pMonitor->hThread);
    CloseHandle(pMonitor->hNewsEvent);
    CloseHandle(pMonitor->hStopEvent);
    DeleteCriticalSection(&pMonitor->csNews);
    return dwExit;
}

static void MoveCards(PMONITOR pMonitor)
{
    SCARDCONTEXT hContext;
    SCARDHANDLE hReader;
    DWORD dwProtocol, cbReturned = 0, i;
    LONG lStatus;

    SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &hContext);
    lStatus = SCardConnectA(hContext, pMonitor->szReader, SCARD_SHARE_DIRECT, 0, &hReader,
                            &dwProtocol);
    printf("direct: 0x%08lX\n", (unsigned long)lStatus);
    for (i = 0; i < 4 && lStatus == SCARD_S_SUCCESS; i++) {
        lStatus = SCardControl(
            hReader, i % 2 == 0 ? IOCTL_SMARTCARD_EJECT : IOCTL_SMARTCARD_SWALLOW, NULL,
            0, NULL, 0, &cbReturned);
        printf("%s: 0x%08lX\n", i % 2 == 0 ? "eject" : "swallow", (unsigned long)lStatus);
        if (!WaitForNews(pMonitor, i + 2))
            break;
    }
    SCardDisconnect(hReader, SCARD_LEAVE_CARD);
    SCardReleaseContext(hContext);
}

int main(void)
{
    static MONITOR monitor;
    DWORD cch = sizeof(monitor.szReader), dwExit, i;
    LONG lStatus;

    lStatus = SCardEstablishContext(SCARD_SCOPE_SYSTEM, NULL, NULL, &monitor.hContext);
    if (lStatus == SCARD_S_SUCCESS)
        lStatus = SCardListReadersA(monitor.hContext, NULL, monitor.szReader, &cch);
    if (lStatus != SCARD_S_SUCCESS) {
        printf("no reader: 0x%08lX\n", (unsigned long)lStatus);
        return EXIT_FAILURE;
    }
    if (!StartMonitor(&monitor)) {
        printf("no monitor: %lu\n", GetLastError());
        return EXIT_FAILURE;
    }
    if (WaitForNews(&monitor, 1))
        MoveCards(&monitor);
    dwExit = StopMonitor(&monitor);
    printf("the monitor ended with 0x%lX\n", dwExit);
    for (i = 0; i < monitor.cNews; i++)
        printf("%lu: %s, ATR of %lu bytes\n", i,
               monitor.rgNews[i].fPresent ? "card" : "no card", monitor.rgNews[i].cbAtr);
    SCardReleaseContext(monitor.hContext);
    return EXIT_SUCCESS;
}
