/* SPDX-License-Identifier: BSD-2-Clause */
/* test_leaving.exe WINSCARD.DLL: processes that end with calls in flight, and console events
 * that come meanwhile. Each case is a process of its own, which this program starts:
 * test_leaving.exe WINSCARD.DLL CASE. */
#include "tests/support/check.h"

#include <stdbool.h>
#include <stdlib.h>
#include <wchar.h>
#include <windows.h>
#include <winscard.h>

enum {
    ROUNDS = sizeof(void *) == 8 ? 10 : 3, /* 32-bit programs may run in an emulator */
    EXIT_CODE = 42,
    ALIVE_CALLS = 100
};

#define READER "WinSCard Software Card 0"

/* --- The calls of the DLL ------------------------------------------------------------ */

typedef LONG WINAPI establish_call(DWORD scope, LPCVOID a, LPCVOID b, SCARDCONTEXT *made);
typedef LONG WINAPI context_call(SCARDCONTEXT context);
typedef LONG WINAPI connect_call(SCARDCONTEXT context, LPCSTR reader, DWORD share,
                                 DWORD protocols, SCARDHANDLE *card, DWORD *active);
typedef LONG WINAPI card_call(SCARDHANDLE card);
typedef LONG WINAPI card_end_call(SCARDHANDLE card, DWORD disposition);
typedef LONG WINAPI watch_call(SCARDCONTEXT context, DWORD timeout,
                               SCARD_READERSTATEA *states, DWORD count);
typedef LONG WINAPI count_call(SCARDHANDLE card, DWORD *count);
typedef HANDLE WINAPI event_call(void);

union symbol {
    FARPROC found;
    establish_call *establish;
    context_call *context;
    connect_call *connect;
    card_call *card;
    card_end_call *card_end;
    watch_call *watch;
    count_call *count;
    event_call *event;
};

static HMODULE library;

static union symbol look_up(const char *name)
{
    union symbol symbol = {.found = GetProcAddress(library, name)};
    if (symbol.found == NULL)
        ExitProcess(1);
    return symbol;
}

/* --- A process with calls of all kinds under way ------------------------------------- */

static SCARDCONTEXT context;
static SCARDHANDLE holder, waiting;
static volatile LONG calls, ended, events;
static LONG watch_status, begin_status;

static SCARDHANDLE new_card(void)
{
    SCARDHANDLE card = 0;
    DWORD active;
    CHECK_EQ(look_up("SCardConnectA")
                 .connect(context, READER, SCARD_SHARE_SHARED,
                          SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1, &card, &active),
             0);
    return card;
}

static DWORD WINAPI watch(LPVOID argument)
{
    SCARD_READERSTATEA state = {.szReader = READER};
    watch_call *call = look_up("SCardGetStatusChangeA").watch;
    LONG status;
    (void)argument;
    do {
        state.dwCurrentState = state.dwEventState & ~(DWORD)SCARD_STATE_CHANGED;
        status = call(context, INFINITE, &state, 1);
    } while (status == 0);
    watch_status = status;
    return 0;
}

static DWORD WINAPI begin(LPVOID argument)
{
    (void)argument;
    begin_status = look_up("SCardBeginTransaction").card(waiting);
    return 0;
}

static DWORD WINAPI count(LPVOID argument)
{
    count_call *call = look_up("SCardGetTransmitCount").count;
    DWORD transmissions;
    while (ended == 0 && call(holder, &transmissions) == 0)
        InterlockedIncrement(&calls);
    (void)argument;
    return 0;
}

static HANDLE start(LPTHREAD_START_ROUTINE function)
{
    HANDLE thread = CreateThread(NULL, 0, function, NULL, 0, NULL);
    CHECK(thread != NULL);
    return thread;
}

static HANDLE watcher, beginner, counter;

/* A watch, a wait for another's transaction, calls that come and go, and the thread that
 * looks for new readers. */
static void set_off(void)
{
    CHECK_EQ(look_up("SCardEstablishContext")
                 .establish(SCARD_SCOPE_USER, NULL, NULL, &context),
             0);
    holder = new_card();
    waiting = new_card();
    CHECK_EQ(look_up("SCardBeginTransaction").card(holder), 0);
    CHECK(look_up("SCardAccessNewReaderEvent").event() != NULL);
    watcher = start(watch);
    beginner = start(begin);
    counter = start(count);
    LONG before = calls;
    while (calls - before < ALIVE_CALLS)
        SwitchToThread();
}

/* All of them go on, and end as they should. */
static void check_end(void)
{
    CHECK_EQ(WaitForSingleObject(watcher, 0), WAIT_TIMEOUT);
    CHECK_EQ(WaitForSingleObject(beginner, 0), WAIT_TIMEOUT);
    CHECK_EQ(look_up("SCardEndTransaction").card_end(holder, SCARD_LEAVE_CARD), 0);
    CHECK_EQ(WaitForSingleObject(beginner, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(begin_status, 0);
    CHECK_EQ(look_up("SCardCancel").context(context), 0);
    while (WaitForSingleObject(watcher, 1) == WAIT_TIMEOUT)
        (void)look_up("SCardCancel").context(context);
    CHECK_EQ(watch_status, SCARD_E_CANCELLED);
    InterlockedExchange(&ended, 1);
    CHECK_EQ(WaitForSingleObject(counter, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK_EQ(look_up("SCardReleaseContext").context(context), 0);
}

/* --- Cases ---------------------------------------------------------------------------- */

static BOOL WINAPI take_event(DWORD event)
{
    (void)event;
    InterlockedIncrement(&events);
    return TRUE;
}

static BOOL WINAPI leave_on_event(DWORD event)
{
    (void)event;
    ExitProcess(EXIT_CODE);
}

static bool send_event(void)
{
    return GenerateConsoleCtrlEvent(CTRL_C_EVENT, 0) != 0;
}

/* The program takes Ctrl-C for itself: no call hears of it. */
static void take_events(void)
{
    for (LONG i = 0; i < ROUNDS; i++) {
        CHECK(send_event());
        while (events <= i)
            SwitchToThread();
    }
    LONG before = calls;
    while (calls - before < ALIVE_CALLS)
        SwitchToThread();
    check_end();
    ExitProcess((UINT)(check_result() == 0 ? EXIT_CODE : 1));
}

/* Ends this process, or has it ended. */
static void run_case(const char *name)
{
    (void)SetConsoleCtrlHandler(NULL, FALSE); /* Ctrl-C counts, whatever was inherited */
    if (strcmp(name, "take") == 0)
        (void)SetConsoleCtrlHandler(take_event, TRUE);
    else if (strcmp(name, "leave") == 0)
        (void)SetConsoleCtrlHandler(leave_on_event, TRUE);
    set_off();
    if (strcmp(name, "exit") == 0)
        ExitProcess(EXIT_CODE);
    if (strcmp(name, "return") == 0)
        exit(EXIT_CODE);
    if (strcmp(name, "terminate") == 0)
        (void)TerminateProcess(GetCurrentProcess(), EXIT_CODE);
    if (strcmp(name, "free") == 0) {
        (void)FreeLibrary(library);
        ExitProcess(EXIT_CODE);
    }
    if (strcmp(name, "take") == 0)
        take_events();
    if (!send_event()) /* "leave", "default" */
        ExitProcess(1);
    (void)WaitForSingleObject(watcher, INFINITE);
}

/* --- The program that starts them ----------------------------------------------------- */

/* In a console of its own, so that what is sent to it is for it alone. */
static DWORD run_process(const char *path, const char *name)
{
    char own[MAX_PATH], line[3 * MAX_PATH];
    STARTUPINFOA startup = {.cb = sizeof(startup)};
    PROCESS_INFORMATION process;
    DWORD code = STILL_ACTIVE;
    CHECK(GetModuleFileNameA(NULL, own, sizeof(own)) > 0);
    snprintf(line, sizeof(line), "\"%s\" \"%s\" %s", own, path, name);
    if (!CreateProcessA(own, line, NULL, NULL, FALSE, CREATE_NEW_CONSOLE, NULL, NULL,
                        &startup, &process)) {
        CHECK_FAILED("%s: error %lu", name, (unsigned long)GetLastError());
        return 0;
    }
    DWORD waited = WaitForSingleObject(process.hProcess, CHECK_HANG_MS);
    if (waited != WAIT_OBJECT_0)
        CHECK_FAILED("%s: the process does not end", name);
    CHECK(GetExitCodeProcess(process.hProcess, &code));
    if (waited != WAIT_OBJECT_0)
        (void)TerminateProcess(process.hProcess, 1);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    return code;
}

/* "default" is ended by Ctrl-C itself: with 0 in Wine 8. */
static bool is_expected(const char *name, DWORD code)
{
    return strcmp(name, "default") == 0 ? code == (DWORD)CONTROL_C_EXIT || code == 0
                                        : code == EXIT_CODE;
}

int main(int argc, char **argv)
{
    static const char *const cases[] = {"exit", "return", "terminate", "free",
                                        "take", "leave",  "default"};
    if (argc < 2)
        return 2;
    if (argc == 3) {
        library = LoadLibraryA(argv[1]);
        if (library != NULL)
            run_case(argv[2]);
        return 1;
    }
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (unsigned round = 0; round < ROUNDS; round++) {
            DWORD code = run_process(argv[1], cases[i]);
            CHECK(true);
            if (!is_expected(cases[i], code))
                CHECK_FAILED("%s: ended with 0x%lX", cases[i], (unsigned long)code);
        }
    return check_result();
}
