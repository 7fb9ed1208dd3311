/* SPDX-License-Identifier: BSD-2-Clause */
/* The operating system's part on Windows: Win32, documented by Microsoft. What exists
 * only on Unix (sockets in the file system, sysfs) is answered with "no". */
#define WIN32_LEAN_AND_MEAN
#include "cli/platform.h"

#include "cli/api.h"
#include "cli/text.h"

#include <windows.h>

#include <fcntl.h>
#include <io.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Missing in older SDKs. */
#ifndef ENABLE_VIRTUAL_TERMINAL_PROCESSING
#define ENABLE_VIRTUAL_TERMINAL_PROCESSING 4
#endif

void platform_start(void)
{
    DWORD mode = 0;
    HANDLE console = GetStdHandle(STD_OUTPUT_HANDLE);
    SetConsoleOutputCP(CP_UTF8);
    if (GetConsoleMode(console, &mode))
        SetConsoleMode(console, mode | ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

bool platform_is_terminal(FILE *file)
{
    DWORD mode = 0;
    HANDLE console = (HANDLE)_get_osfhandle(_fileno(file));
    return GetConsoleMode(console, &mode) && (mode & ENABLE_VIRTUAL_TERMINAL_PROCESSING);
}

unsigned platform_width(FILE *file)
{
    CONSOLE_SCREEN_BUFFER_INFO info;
    HANDLE console = (HANDLE)_get_osfhandle(_fileno(file));
    if (!GetConsoleScreenBufferInfo(console, &info))
        return 80;
    int width = info.srWindow.Right - info.srWindow.Left + 1;
    return width < 20 ? 80 : (unsigned)width;
}

void platform_set_binary(FILE *file)
{
    _setmode(_fileno(file), _O_BINARY);
}

uint64_t platform_now_ms(void)
{
    return GetTickCount64();
}

void platform_sleep_ms(unsigned ms)
{
    Sleep(ms);
}

void platform_time(bool utc, char *text, size_t room)
{
    time_t now = time(NULL);
    const struct tm *broken = utc ? gmtime(&now) : localtime(&now);
    if (broken == NULL
        || strftime(text, room, utc ? "%Y-%m-%dT%H:%M:%SZ" : "%H:%M:%S", broken) == 0)
        text[0] = '\0';
}

/* The handler runs in a thread that the system starts. */
static struct {
    CRITICAL_SECTION lock;
    void (*stop)(void *);
    void *context;
    bool ready;
    bool interrupted;
    bool ended;
} interrupt;

/* Windows calls it again for each Ctrl+C, and ends the process when it returns from the
 * events of closing: so it stays until the main thread is done. */
static BOOL WINAPI interrupt_handler(DWORD event)
{
    (void)event;
    for (;;) {
        EnterCriticalSection(&interrupt.lock);
        bool ended = interrupt.ended;
        interrupt.interrupted = interrupt.interrupted || !ended;
        if (!ended && interrupt.stop != NULL)
            interrupt.stop(interrupt.context);
        LeaveCriticalSection(&interrupt.lock);
        if (ended)
            return TRUE;
        Sleep(20);
    }
}

bool platform_interrupt_begin(void)
{
    if (!interrupt.ready)
        InitializeCriticalSection(&interrupt.lock);
    interrupt.ready = true;
    interrupt.stop = NULL;
    interrupt.interrupted = false;
    interrupt.ended = false;
    return SetConsoleCtrlHandler(interrupt_handler, TRUE) != 0;
}

void platform_interrupt_target(void (*stop)(void *context), void *context)
{
    EnterCriticalSection(&interrupt.lock);
    interrupt.context = context;
    interrupt.stop = stop;
    LeaveCriticalSection(&interrupt.lock);
}

void platform_interrupt_end(void)
{
    EnterCriticalSection(&interrupt.lock);
    interrupt.ended = true;
    LeaveCriticalSection(&interrupt.lock);
    SetConsoleCtrlHandler(interrupt_handler, FALSE);
}

bool platform_interrupted(void)
{
    if (!interrupt.ready)
        return false;
    EnterCriticalSection(&interrupt.lock);
    bool interrupted = interrupt.interrupted;
    LeaveCriticalSection(&interrupt.lock);
    return interrupted;
}

bool platform_set_environment(const char *name, const char *value)
{
    return _putenv_s(name, value) == 0 && SetEnvironmentVariableA(name, value);
}

void platform_environment(const char *prefix,
                          void (*found)(void *context, const char *name,
                                        const char *value),
                          void *context)
{
    char *block = GetEnvironmentStringsA();
    for (const char *entry = block; entry != NULL && *entry != '\0';
         entry += strlen(entry) + 1) {
        char name[128];
        const char *equals = strchr(entry, '=');
        if (equals == NULL || strncmp(entry, prefix, strlen(prefix)) != 0
            || (size_t)(equals - entry) >= sizeof name)
            continue;
        memcpy(name, entry, (size_t)(equals - entry));
        name[equals - entry] = '\0';
        found(context, name, equals + 1);
    }
    if (block != NULL)
        FreeEnvironmentStringsA(block);
}

enum platform_file_kind platform_file_kind(const char *path)
{
    DWORD attributes = GetFileAttributesA(path);
    if (attributes == INVALID_FILE_ATTRIBUTES)
        return PLATFORM_NOTHING;
    if ((attributes & FILE_ATTRIBUTE_DEVICE) != 0)
        return PLATFORM_OTHER;
    if ((attributes & FILE_ATTRIBUTE_DIRECTORY) == 0)
        return PLATFORM_FILE;
    return (attributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0 ? PLATFORM_FOLDER_LINK
                                                            : PLATFORM_FOLDER;
}

const char *platform_header_folder(unsigned index)
{
    (void)index;
    return NULL; /* there is no such place */
}

void platform_plain_path(char *path)
{
    for (; *path != '\0'; path++)
        *path = *path == '\\' ? '/' : *path;
}

enum platform_access platform_access(const char *path)
{
    if (_access(path, 0) != 0)
        return PLATFORM_MISSING;
    return _access(path, 6) == 0 ? PLATFORM_USABLE : PLATFORM_DENIED;
}

bool platform_socket_answers(const char *path)
{
    (void)path;
    return false;
}

bool platform_directory(const char *path, void (*found)(void *context, const char *name),
                        void *context)
{
    char pattern[PLATFORM_PATH_MAX];
    WIN32_FIND_DATAA entry;
    struct text text;
    text_start(&text, pattern, sizeof pattern);
    text_add(&text, "%s\\*", path); /* NTFS gives names in order */
    HANDLE search = FindFirstFileA(pattern, &entry);
    if (search == INVALID_HANDLE_VALUE)
        return false;
    for (int i = 0; i < 4096; i++) {
        if (strcmp(entry.cFileName, ".") != 0 && strcmp(entry.cFileName, "..") != 0)
            found(context, entry.cFileName);
        if (!FindNextFileA(search, &entry))
            break;
    }
    FindClose(search);
    return true;
}

bool platform_library_path(char *path, size_t room)
{
    HMODULE library = GetModuleHandleA("winscard.dll");
    WCHAR wide[MAX_PATH];
    DWORD size = library != NULL ? GetModuleFileNameW(library, wide, MAX_PATH) : 0;
    return size > 0 && size < MAX_PATH
           && WideCharToMultiByte(CP_UTF8, 0, wide, -1, path, (int)room, NULL, NULL) > 0;
}

/* The file that is found is that of Unix, or Wine has put its own in the file's place, whose
 * image says so behind its first header. */
enum platform_library platform_library(void)
{
    static const char builtin[] = "Wine builtin DLL";
    const char *image = (const char *)(void *)GetModuleHandleA("winscard.dll");
    WCHAR path[MAX_PATH];
    char magic[4] = "";
    DWORD size =
        image != NULL ? GetModuleFileNameW((HMODULE)(void *)image, path, MAX_PATH) : 0;
    FILE *file = size > 0 && size < MAX_PATH ? _wfopen(path, L"rb") : NULL;
    if (file != NULL && fread(magic, 1, sizeof magic, file) != sizeof magic)
        magic[0] = '\0';
    if (file != NULL)
        fclose(file);
    if (memcmp(magic,
               "\x7F"
               "ELF",
               sizeof magic)
        == 0)
        return PLATFORM_LIBRARY_UNIX;
    bool wines =
        image != NULL
        && memcmp(image + sizeof(IMAGE_DOS_HEADER), builtin, sizeof builtin) == 0;
    return wines ? PLATFORM_LIBRARY_WINE : PLATFORM_LIBRARY_OURS;
}

bool platform_system_answers(void)
{
    union {
        FARPROC found;
        LONG(WINAPI *establish)(DWORD, LPCVOID, LPCVOID, LPSCARDCONTEXT);
        LONG(WINAPI *release)(SCARDCONTEXT);
    } call;
    static const WCHAR name[] = L"\\winscard.dll";
    WCHAR path[MAX_PATH];
    SCARDCONTEXT context = 0;
    UINT size = GetSystemDirectoryW(path, MAX_PATH);
    if (size == 0 || size > MAX_PATH - sizeof(name) / sizeof(name[0]))
        return false;
    memcpy(path + size, name, sizeof(name));
    HMODULE system = GetModuleHandleW(path);
    if (system == NULL)
        return false;
    call.found = GetProcAddress(system, "SCardEstablishContext");
    if (call.found == NULL)
        return false;
    LONG status = call.establish(SCARD_SCOPE_USER, NULL, NULL, &context);
    call.found = GetProcAddress(system, "SCardReleaseContext");
    if (status == SCARD_S_SUCCESS && call.found != NULL)
        (void)call.release(context);
    return status != SCARD_F_INTERNAL_ERROR;
}

uint32_t platform_process(void)
{
    return (uint32_t)GetCurrentProcessId();
}

void platform_file_users(const char *path, platform_process_found *found, void *context)
{
    (void)path;
    (void)found;
    (void)context;
}

void platform_socket_users(const char *path, platform_process_found *found, void *context)
{
    (void)path;
    (void)found;
    (void)context;
}

void platform_processes_named(const char *name, platform_process_found *found,
                              void *context)
{
    (void)name;
    (void)found;
    (void)context;
}

/* The library writes by the same C library, to the same stream. */
static FILE *captured;
static int standard_error = -1;

/* tmpfile() takes the root of the drive. */
static FILE *open_temporary(void)
{
    WCHAR folder[MAX_PATH + 1], path[MAX_PATH];
    DWORD size = GetTempPathW(MAX_PATH + 1, folder);
    if (size == 0 || size > MAX_PATH || GetTempFileNameW(folder, L"scd", 0, path) == 0)
        return NULL;
    FILE *file = _wfopen(path, L"w+bTD"); /* short-lived, and deleted when it is closed */
    if (file == NULL)
        (void)DeleteFileW(path);
    return file;
}

bool platform_capture_begin(void)
{
    captured = open_temporary();
    if (captured == NULL)
        return false;
    fflush(stderr);
    standard_error = _dup(_fileno(stderr));
    if (standard_error >= 0 && _dup2(_fileno(captured), _fileno(stderr)) == 0)
        return true;
    if (standard_error >= 0)
        _close(standard_error);
    fclose(captured);
    captured = NULL;
    return false;
}

void platform_capture_end(void (*line)(void *context, const char *text), void *context)
{
    char text[600];
    if (captured == NULL)
        return;
    fflush(stderr);
    (void)_dup2(standard_error, _fileno(stderr));
    _close(standard_error);
    rewind(captured);
    while (fgets(text, sizeof text, captured) != NULL) {
        text[strcspn(text, "\r\n")] = '\0';
        line(context, text);
    }
    fclose(captured);
    captured = NULL;
}

bool platform_is_typed(FILE *file)
{
    return _isatty(_fileno(file)) != 0;
}

bool platform_read_secret(const char *prompt, char *line, size_t room)
{
    HANDLE console = CreateFileA("CONIN$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ,
                                 NULL, OPEN_EXISTING, 0, NULL);
    DWORD before = 0, size = 0;
    if (console == INVALID_HANDLE_VALUE)
        return false;
    bool whole = GetConsoleMode(console, &before) != 0;
    if (whole) {
        fputs(prompt, stderr);
        SetConsoleMode(console, ENABLE_LINE_INPUT | ENABLE_PROCESSED_INPUT);
        whole = ReadFile(console, line, (DWORD)room - 1, &size, NULL) != 0;
        SetConsoleMode(console, before);
        fputc('\n', stderr);
    }
    CloseHandle(console);
    line[whole ? size : 0] = '\0';
    whole = whole && strchr(line, '\r') != NULL;
    line[strcspn(line, "\r\n")] = '\0';
    return whole;
}

bool platform_beside_program(const char *name, char *path, size_t room)
{
    (void)name;
    (void)path;
    (void)room;
    return false;
}

bool platform_process_program(uint32_t pid, char *program, size_t room)
{
    (void)pid;
    (void)program;
    (void)room;
    return false;
}
