/* SPDX-License-Identifier: BSD-2-Clause */
/* test_load_windows.exe WINSCARD.DLL: as programs do that load it when they need it. */
#include "tests/support/check.h"

#include <windows.h>

#include <tlhelp32.h>

enum { ROUNDS = 20 };

typedef LONG WINAPI establish_call(DWORD scope, const void *a, const void *b,
                                   ULONG_PTR *context);
typedef LONG WINAPI release_call(ULONG_PTR context);
typedef LONG WINAPI list_call(ULONG_PTR context, const char *groups, char *readers,
                              DWORD *size);
typedef HANDLE WINAPI event_call(void);

union symbol {
    FARPROC found;
    establish_call *establish;
    release_call *release;
    list_call *list;
    event_call *event;
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

/* A DLL that nobody has used leaves nothing behind: no thread, no other DLL, itself neither. */
static void check_unused(const char *path)
{
    unsigned before = count_threads();
    for (unsigned i = 0; i < ROUNDS; i++) {
        HMODULE library = load(path);
        CHECK_EQ(count_threads(), before);
        CHECK(FreeLibrary(library));
        CHECK(GetModuleHandleA(path) == NULL);
    }
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

int main(int argc, char **argv)
{
    if (argc != 2)
        return 2;
    check_unused(argv[1]);
    HMODULE library = load(argv[1]);
    check_pci(library);
    CHECK(FreeLibrary(library));
    check_used(argv[1]);
    return check_result();
}
