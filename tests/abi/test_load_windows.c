/* SPDX-License-Identifier: BSD-2-Clause */
/* test_load_windows.exe WINSCARD.DLL: as programs do that load it when they need it. */
#include "tests/support/check.h"

#include <windows.h>

#include <stdbool.h>
#include <tlhelp32.h>

enum { ROUNDS = 100 };

typedef LONG WINAPI establish_call(DWORD scope, const void *a, const void *b,
                                   ULONG_PTR *context);
typedef LONG WINAPI release_call(ULONG_PTR context);
typedef LONG WINAPI list_call(ULONG_PTR context, const char *groups, char *readers,
                              DWORD *size);
typedef HANDLE WINAPI event_call(void);
typedef LONG WINAPI watch_call(ULONG_PTR context, DWORD timeout, void *states,
                               DWORD count);

union symbol {
    FARPROC found;
    establish_call *establish;
    release_call *release;
    list_call *list;
    event_call *event;
    watch_call *watch;
};

static union symbol look_up(HMODULE library, const char *name)
{
    union symbol symbol = {.found = GetProcAddress(library, name)};
    CHECK(symbol.found != NULL);
    if (symbol.found == NULL)
        exit(check_result());
    return symbol;
}

static unsigned count_threads(void)
{
    THREADENTRY32 entry = {.dwSize = sizeof(entry)};
    HANDLE all = CreateToolhelp32Snapshot(TH32CS_SNAPTHREAD, 0);
    unsigned count = 0;
    CHECK(all != INVALID_HANDLE_VALUE);
    for (BOOL more = Thread32First(all, &entry); more; more = Thread32Next(all, &entry))
        count += entry.th32OwnerProcessID == GetCurrentProcessId();
    CloseHandle(all);
    return count;
}

static HMODULE load(const char *path)
{
    HMODULE library = LoadLibraryA(path);
    CHECK(library != NULL);
    if (library == NULL)
        exit(check_result());
    return library;
}

static DWORD count_handles(void)
{
    DWORD count = 0;
    CHECK(GetProcessHandleCount(GetCurrentProcess(), &count));
    return count;
}

/* A DLL that nobody has called leaves nothing behind: no thread, no handle, no other DLL,
 * itself neither. The first round may load what is Windows' own. */
static void check_unused(const char *path)
{
    unsigned threads = count_threads();
    DWORD handles = 0;
    for (unsigned i = 0; i < ROUNDS; i++) {
        HMODULE library = load(path);
        CHECK_EQ(count_threads(), threads);
        CHECK(FreeLibrary(library));
        CHECK(GetModuleHandleA(path) == NULL);
        CHECK_EQ(count_threads(), threads);
        if (i == 0)
            handles = count_handles();
    }
    CHECK_EQ(count_handles(), handles);
}

/* The PCI objects by GetProcAddress, as programs without import libraries have them. */
static void check_pci(HMODULE library)
{
    static const struct {
        const char *name;
        DWORD protocol;
    } rows[] = {
        {"g_rgSCardT0Pci", 1}, {"g_rgSCardT1Pci", 2}, {"g_rgSCardRawPci", 0x10000}};
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        union {
            FARPROC found;
            const DWORD *words;
        } pci = {.found = GetProcAddress(library, rows[i].name)};
        CHECK(pci.found != NULL);
        if (pci.found == NULL)
            continue;
        CHECK_EQ(pci.words[0], rows[i].protocol);
        CHECK_EQ(pci.words[1], 8);
    }
    /* By its ordinal too, which is the first of winscard.def's. */
    CHECK(GetProcAddress(library, (LPCSTR)1)
          == GetProcAddress(library, "ClassInstall32"));
}

static void use(HMODULE library)
{
    char names[256];
    DWORD size = sizeof(names);
    ULONG_PTR context = 0;
    CHECK_EQ(look_up(library, "SCardEstablishContext").establish(0, NULL, NULL, &context),
             0);
    CHECK_EQ(look_up(library, "SCardListReadersA").list(context, NULL, names, &size), 0);
    CHECK_STR(names, "WinSCard Software Card 0");
    CHECK_EQ(look_up(library, "SCardReleaseContext").release(context), 0);
}

/* Once it is used it stays, so that whatever still waits in it has code to come back to. */
static void check_used(const char *path)
{
    HMODULE library = load(path);
    use(library);
    HANDLE started = look_up(library, "SCardAccessStartedEvent").event();
    CHECK_EQ(WaitForSingleObject(started, CHECK_HANG_MS), WAIT_OBJECT_0);
    for (unsigned i = 0; i < ROUNDS; i++) {
        CHECK(FreeLibrary(library));
        CHECK(GetModuleHandleA(path) == library);
        CHECK(load(path) == library);
        use(library);
    }
}

/* --- In mid-call -------------------------------------------------------------------- */

struct state {
    const char *reader;
    void *data;
    DWORD current, event, atr_size;
    BYTE atr[36];
};

struct watcher {
    HMODULE library;
    ULONG_PTR context;
    LONG status;
};

/* Waits for the card to go, which it never does. */
static DWORD WINAPI watch(LPVOID argument)
{
    struct watcher *watcher = argument;
    struct state state = {.reader = "WinSCard Software Card 0"};
    watch_call *call = look_up(watcher->library, "SCardGetStatusChangeA").watch;
    LONG status = call(watcher->context, 0, &state, 1);
    while (status == 0 && state.current != state.event) {
        state.current = state.event & ~(DWORD)2; /* CHANGED */
        status = call(watcher->context, INFINITE, &state, 1);
    }
    watcher->status = status;
    return 0;
}

/* Every use of the DLL is given back while a thread waits in it: it stays, and so does what
 * it does. Once is done for each stage at which the thread may be by then. */
static void check_in_call(const char *path)
{
    for (unsigned i = 0; i < ROUNDS; i++) {
        struct watcher watcher = {.library = load(path)};
        CHECK_EQ(look_up(watcher.library, "SCardEstablishContext")
                     .establish(0, NULL, NULL, &watcher.context),
                 0);
        HANDLE thread = CreateThread(NULL, 0, watch, &watcher, 0, NULL);
        CHECK(thread != NULL);
        while (FreeLibrary(watcher.library) && GetModuleHandleA(path) == NULL)
            CHECK(false);
        release_call *cancel = look_up(watcher.library, "SCardCancel").release;
        while (WaitForSingleObject(thread, 1) == WAIT_TIMEOUT)
            CHECK_EQ(cancel(watcher.context), 0);
        CloseHandle(thread);
        CHECK_EQ((unsigned)watcher.status, 0x80100002); /* SCARD_E_CANCELLED */
        CHECK_EQ(look_up(watcher.library, "SCardReleaseContext").release(watcher.context),
                 0);
    }
}

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    check_unused(argv[1]);
    HMODULE library = load(argv[1]);
    check_pci(library);
    CHECK(FreeLibrary(library));
    check_used(argv[1]);
    check_in_call(argv[1]);
    return check_result();
}
