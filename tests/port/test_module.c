/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries. Source: MS-Docs LoadLibraryExA, GetProcAddress, FreeLibrary,
 * GetModuleFileNameA. */
#include <windows.h>

#include "tests/port/fails.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* PROBE_FOLDER/libport_probe.so, under a name of Windows; *.so is that of Unix. */
static const char probe[] = PROBE_FOLDER "/libport_probe.so";
static const char probe_of_windows[] = PROBE_FOLDER "\\PORT_probe.dll";

static int call(FARPROC address)
{
    return address == NULL ? -1 : (int)address();
}

static WCHAR *wide(const char *text)
{
    static WCHAR places[4][PATH_MAX + 10];
    static unsigned next;
    WCHAR *place = places[next++ % 4];
    CHECK(MultiByteToWideChar(CP_UTF8, 0, text, -1, place, PATH_MAX + 10) > 0);
    return place;
}

/* --- Loading ------------------------------------------------------------------------ */

static void load_and_free(void)
{
    HMODULE library = LoadLibraryA(probe);
    CHECK(library != NULL);
    CHECK_EQ(call(GetProcAddress(library, "probe_value")), 42);
    CHECK(GetProcAddress(library, "probe_data") != NULL);
    CHECK_FAILS(GetProcAddress(library, "no_such_name"), ERROR_PROC_NOT_FOUND);
    CHECK_FAILS(GetProcAddress(library, ""), ERROR_PROC_NOT_FOUND);
    CHECK_FAILS(GetProcAddress(library, (LPCSTR)5), ERROR_PROC_NOT_FOUND);
    CHECK_FAILS(GetProcAddress(library, NULL), ERROR_PROC_NOT_FOUND);
    /* Each load is counted. */
    CHECK(LoadLibraryW(wide(probe)) == library);
    CHECK(LoadLibraryExA(probe, NULL, LOAD_WITH_ALTERED_SEARCH_PATH) == library);
    CHECK(LoadLibraryExW(wide(probe), NULL, 0) == library);
    CHECK(GetModuleHandleA(probe) == library);
    CHECK(GetModuleHandleW(wide(probe)) == library);
    for (int i = 0; i < 4; i++) {
        CHECK_EQ(call(GetProcAddress(library, "probe_value")), 42);
        CHECK(FreeLibrary(library));
    }
    CHECK_FAILS(FreeLibrary(library), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetProcAddress(library, "probe_value"), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetModuleHandleA(probe), ERROR_MOD_NOT_FOUND);
    CHECK_FAILS(GetModuleHandleW(wide(probe)), ERROR_MOD_NOT_FOUND);
    char path[100];
    CHECK_FAILS(GetModuleFileNameA(library, path, sizeof(path)), ERROR_INVALID_HANDLE);
}

static void names(void)
{
    /* NAME.dll: NAME.so and libNAME.so are looked for. */
    HMODULE library = LoadLibraryA(PROBE_FOLDER "\\port_probe.dll");
    CHECK(library != NULL);
    CHECK(LoadLibraryA(PROBE_FOLDER "/port_probe.DLL") == library);
    CHECK(LoadLibraryA(PROBE_FOLDER "/libport_probe.dll") == library);
    CHECK(FreeLibrary(library) && FreeLibrary(library) && FreeLibrary(library));
    CHECK_FAILS(LoadLibraryA(probe_of_windows), ERROR_MOD_NOT_FOUND); /* case counts */
    CHECK_FAILS(LoadLibraryA("no-such-library.dll"), ERROR_MOD_NOT_FOUND);
    CHECK_FAILS(LoadLibraryA("no-such-library"), ERROR_MOD_NOT_FOUND);
    CHECK_FAILS(LoadLibraryA(".dll"), ERROR_MOD_NOT_FOUND);
    CHECK_FAILS(LoadLibraryA(""), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(LoadLibraryA(NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(LoadLibraryW(NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(LoadLibraryExW(NULL, NULL, 0), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(GetModuleHandleA(""), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(LoadLibraryExA(probe, NULL, LOAD_LIBRARY_AS_DATAFILE),
                ERROR_NOT_SUPPORTED);
    static char path[PATH_MAX + 10];
    memset(path, 'n', sizeof(path));
    path[PATH_MAX] = '\0';
    CHECK_FAILS(LoadLibraryA(path), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(LoadLibraryW(wide(path)), ERROR_INVALID_PARAMETER);
    path[PATH_MAX - 1] = '\0';
    CHECK_FAILS(LoadLibraryA(path), ERROR_MOD_NOT_FOUND);
    memcpy(path + PATH_MAX - 5, ".dll", 5);
    CHECK_FAILS(LoadLibraryA(path), ERROR_MOD_NOT_FOUND);
}

static void none_are_modules(void)
{
    int other = 0;
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    HMODULE wrong[] = {(HMODULE)(void *)&other, (HMODULE)event, (HMODULE)(ULONG_PTR)1};
    char path[100];
    WCHAR wide_path[100];
    for (int i = 0; i < 3; i++) {
        CHECK_FAILS(FreeLibrary(wrong[i]), ERROR_INVALID_HANDLE);
        CHECK_FAILS(GetProcAddress(wrong[i], "probe_value"), ERROR_INVALID_HANDLE);
        CHECK_FAILS(GetModuleFileNameA(wrong[i], path, 100), ERROR_INVALID_HANDLE);
        CHECK_FAILS(GetModuleFileNameW(wrong[i], wide_path, 100), ERROR_INVALID_HANDLE);
    }
    CHECK_FAILS(FreeLibrary(NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(FreeLibrary(GetModuleHandleA(NULL)), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
}

/* One that the program itself has: its handle stays, however often others load and free. */
static void of_the_program(void)
{
    CHECK(GetModuleHandleA(NULL) != NULL);
    CHECK(GetModuleHandleA(NULL) == GetModuleHandleW(NULL));
    void *own = dlopen(probe, RTLD_NOW);
    HMODULE library = GetModuleHandleA(probe);
    CHECK(library != NULL);
    CHECK_FAILS(FreeLibrary(library), ERROR_INVALID_HANDLE); /* it is not counted */
    CHECK(LoadLibraryA(probe) == library);
    CHECK(FreeLibrary(library));
    CHECK_EQ(call(GetProcAddress(library, "probe_value")), 42);
    CHECK_FAILS(FreeLibrary(library), ERROR_INVALID_HANDLE);
    CHECK(dlclose(own) == 0);
    /* What the program has is found by NULL. */
    CHECK(GetProcAddress(GetModuleHandleA(NULL), "malloc") != NULL);
    CHECK(GetProcAddress(NULL, "malloc") != NULL);
    CHECK_FAILS(GetProcAddress(GetModuleHandleA(NULL), "no_such_name"),
                ERROR_PROC_NOT_FOUND);
}

/* --- Paths -------------------------------------------------------------------------- */

static void paths(void)
{
    char path[PATH_MAX], want[PATH_MAX];
    WCHAR wide_path[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", want, sizeof(want) - 1);
    want[size < 0 ? 0 : size] = '\0';
    const DWORD length = (DWORD)strlen(want);
    CHECK_EQ(GetModuleFileNameA(NULL, path, sizeof(path)), length);
    CHECK_STR(path, want);
    CHECK_FAILS_AS(GetModuleFileNameA(GetModuleHandleA(NULL), path, length + 1), length,
                   ERROR_SUCCESS);
    CHECK_FAILS_AS(GetModuleFileNameA(NULL, path, length), length,
                   ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(strlen(path), length - 1);
    CHECK_EQ(strncmp(path, want, length - 1), 0);
    CHECK_FAILS_AS(GetModuleFileNameW(NULL, wide_path, 5), 5, ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(wide_path[4], 0);
    CHECK_EQ(wide_path[3], (unsigned char)want[3]);
    CHECK_FAILS(GetModuleFileNameA(NULL, NULL, 0), ERROR_INSUFFICIENT_BUFFER);
    CHECK_FAILS(GetModuleFileNameW(NULL, NULL, 0), ERROR_INSUFFICIENT_BUFFER);
    HMODULE library = LoadLibraryA(probe);
    CHECK(realpath(probe, want) != NULL);
    CHECK_EQ(GetModuleFileNameA(library, path, sizeof(path)), strlen(path));
    char real[PATH_MAX];
    CHECK(realpath(path, real) != NULL);
    CHECK_STR(real, want);
    CHECK_EQ(GetModuleFileNameW(library, wide_path, PATH_MAX), strlen(path));
    CHECK(FreeLibrary(library));
}

/* --- As many as go, in a folder whose name is not ASCII ----------------------------- */

enum { MOST = 256 };

static char folder[] = "/tmp/winscard-test-\xC3\xA9-XXXXXX";

static void copy_path(char path[100], int number)
{
    snprintf(path, 100, "%s/lib\xE4\xB8\xAD%d.so", folder, number);
}

static BOOL copy_probe(int number, const char *bytes, DWORD size)
{
    char path[100];
    copy_path(path, number);
    HANDLE file = CreateFileA(path, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    DWORD done = 0;
    BOOL copied = WriteFile(file, bytes, size, &done, NULL);
    return CloseHandle(file) && copied;
}

static void as_many_as_go(void)
{
    static char bytes[1000000];
    static HMODULE libraries[MOST];
    char path[PATH_MAX];
    DWORD size = 0;
    HANDLE file = CreateFileA(probe, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(ReadFile(file, bytes, sizeof(bytes), &size, NULL) && size < sizeof(bytes));
    CHECK(CloseHandle(file));
    CHECK(mkdtemp(folder) != NULL);
    int loaded = 0;
    for (int i = 0; i <= MOST; i++) {
        CHECK(copy_probe(i, bytes, size));
        snprintf(path, sizeof(path), "%s\\\xE4\xB8\xAD%d.dll", folder, i);
        HMODULE library = i % 2 ? LoadLibraryA(path) : LoadLibraryW(wide(path));
        if (library == NULL)
            break;
        libraries[loaded++] = library;
    }
    CHECK_EQ(GetLastError(), ERROR_NOT_ENOUGH_MEMORY);
    CHECK_EQ(loaded, MOST);
    CHECK_FAILS(LoadLibraryA(path), ERROR_NOT_ENOUGH_MEMORY);
    CHECK_FAILS(GetModuleHandleA(path), ERROR_MOD_NOT_FOUND); /* it did not stay */
    CHECK_EQ(call(GetProcAddress(libraries[MOST - 1], "probe_value")), 42);
    copy_path(path, MOST - 1);
    CHECK(LoadLibraryA(path) == libraries[MOST - 1]);
    CHECK(FreeLibrary(libraries[MOST - 1]));
    /* Cut before a character, not within it. */
    const DWORD length = GetModuleFileNameA(libraries[0], path, sizeof(path));
    CHECK(length > strlen(folder) + 4);
    char cut[100];
    const DWORD room = (DWORD)strlen(folder) + 4 + 2 + 1;
    CHECK_FAILS_AS(GetModuleFileNameA(libraries[0], cut, room), room,
                   ERROR_INSUFFICIENT_BUFFER);
    CHECK_EQ(strlen(cut), room - 3);
    for (int i = 0; i < loaded; i++)
        CHECK(FreeLibrary(libraries[i]));
    for (int i = 0; i <= MOST; i++) {
        copy_path(path, i);
        CHECK(DeleteFileA(path));
    }
    CHECK(rmdir(folder) == 0);
}

/* --- Several threads ---------------------------------------------------------------- */

static DWORD WINAPI load_often(LPVOID unused)
{
    (void)unused;
    for (int i = 0; i < 50; i++) {
        HMODULE library = LoadLibraryA(probe);
        CHECK_EQ(call(GetProcAddress(library, "probe_value")), 42);
        CHECK(FreeLibrary(library));
    }
    return 0;
}

static void of_threads(void)
{
    HANDLE threads[4];
    for (int i = 0; i < 4; i++)
        threads[i] = CreateThread(NULL, 0, load_often, NULL, 0, NULL);
    CHECK_EQ(WaitForMultipleObjects(4, threads, TRUE, CHECK_HANG_MS), WAIT_OBJECT_0);
    for (int i = 0; i < 4; i++)
        CHECK(CloseHandle(threads[i]));
    CHECK_FAILS(GetModuleHandleA(probe), ERROR_MOD_NOT_FOUND);
}

int main(void)
{
    load_and_free();
    names();
    none_are_modules();
    paths();
    of_threads();
    as_many_as_go();
    of_the_program();
    return check_result();
}
