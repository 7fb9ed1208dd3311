/* SPDX-License-Identifier: BSD-2-Clause */
/* winscardd.exe as a process of the test's, with a %LOCALAPPDATA% of the test's own where
 * programs find it; and calls of a client, which is this process. */
#ifndef TESTS_WINDOWS_SERVICE_PROGRAM_H
#define TESTS_WINDOWS_SERVICE_PROGRAM_H

#include "tests/support/check.h"

#include <windows.h>
#include <winscard.h>

#include <sddl.h>
#include <stdbool.h>
#include <stdlib.h>

#ifndef READER
#define READER "WinSCard Software Card 0"
#endif

enum { PAUSE_MS = 10, TEXT_ROOM = 8192 };

/* Status codes by their 32 bits. */
#define EXPECT(call, want) CHECK_EQ((uint32_t)(call), (uint32_t)(want))

struct started {
    HANDLE process;
    DWORD number;
};

static char place[MAX_PATH];    /* %LOCALAPPDATA% */
static char endpoint[MAX_PATH]; /* the file there */

static inline bool is_there(const char *path)
{
    return GetFileAttributesA(path) != INVALID_FILE_ATTRIBUTES;
}

static inline void make_place(void)
{
    char temp[MAX_PATH - 64];
    if (GetTempPathA(sizeof(temp), temp) == 0)
        abort();
    (void)snprintf(place, sizeof(place), "%swinscardd-%lu", temp, GetCurrentProcessId());
    (void)snprintf(endpoint, sizeof(endpoint), "%.200s\\winscard\\tcp", place);
    (void)DeleteFileA(endpoint); /* of a test with this number that was killed */
    (void)CreateDirectoryA(place, NULL);
    (void)SetEnvironmentVariableA("LOCALAPPDATA", place);
    (void)SetEnvironmentVariableA("XDG_RUNTIME_DIR", NULL);
    (void)SetEnvironmentVariableA("WINSCARD_CARRIER", "service");
}

static inline void remove_place(void)
{
    char directory[MAX_PATH];
    (void)snprintf(directory, sizeof(directory), "%.200s\\winscard", place);
    CHECK(RemoveDirectoryA(directory)); /* nothing was left in it */
    CHECK(RemoveDirectoryA(place));
}

/* Gives a file or directory this list of rights alone (MS-Docs "Security Descriptor String
 * Format"). */
static inline void set_rights(const char *path, const char *rights)
{
    PSECURITY_DESCRIPTOR made = NULL;
    CHECK(ConvertStringSecurityDescriptorToSecurityDescriptorA(rights, SDDL_REVISION_1,
                                                               &made, NULL));
    CHECK(SetFileSecurityA(path, DACL_SECURITY_INFORMATION, made));
    LocalFree(made);
}

/* The build's path is one of Unix where Wine runs it. */
static inline const char *drive_of(const char *path)
{
    return path[0] == '/' ? "Z:" : "";
}

/* Starts `path` with these arguments; `flags` are CreateProcess()'s, and its output and
 * errors go to `output`, if it is not NULL. */
static inline bool program_start(struct started *program, const char *path,
                                 const char *arguments, DWORD flags, HANDLE output)
{
    char command[4 * MAX_PATH];
    STARTUPINFOA start = {.cb = sizeof(start)};
    PROCESS_INFORMATION made = {0};
    (void)snprintf(command, sizeof(command), "\"%s%s\" %s", drive_of(path), path,
                   arguments);
    if (output != NULL) {
        start.dwFlags = STARTF_USESTDHANDLES;
        start.hStdOutput = start.hStdError = output;
    }
    if (!CreateProcessA(NULL, command, NULL, NULL, output != NULL, flags, NULL, NULL,
                        &start, &made))
        return false;
    CloseHandle(made.hThread);
    program->process = made.hProcess;
    program->number = made.dwProcessId;
    return true;
}

/* Until it has ended; its exit status. */
static inline DWORD program_end(struct started *program)
{
    DWORD status = (DWORD)-1;
    CHECK_EQ(WaitForSingleObject(program->process, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeProcess(program->process, &status));
    CloseHandle(program->process);
    return status;
}

/* Ends the process whose handle is `data` if it does not end by itself. */
static inline DWORD WINAPI end_hung(void *data)
{
    if (WaitForSingleObject(data, CHECK_HANG_MS) != WAIT_OBJECT_0)
        (void)TerminateProcess(data, (UINT)-1);
    return 0;
}

/* Runs it to its end; what it says is in `text`. The exit status. */
static inline DWORD program_run(const char *path, const char *arguments,
                                char text[TEXT_ROOM])
{
    struct started program;
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited),
                                     .bInheritHandle = TRUE};
    HANDLE from = NULL, to = NULL, watcher = NULL;
    DWORD size = 0, got = 0, status = (DWORD)-1;
    text[0] = '\0';
    CHECK(CreatePipe(&from, &to, &inherited, TEXT_ROOM));
    bool started = program_start(&program, path, arguments, 0, to);
    CHECK(started);
    CloseHandle(to);
    if (started)
        watcher = CreateThread(NULL, 0, end_hung, program.process, 0, NULL);
    while (started && size + 1 < TEXT_ROOM
           && ReadFile(from, text + size, TEXT_ROOM - 1 - size, &got, NULL) && got > 0)
        size += got;
    text[size] = '\0';
    CloseHandle(from);
    if (watcher != NULL) {
        CHECK_EQ(WaitForSingleObject(watcher, INFINITE), WAIT_OBJECT_0);
        CloseHandle(watcher);
    }
    if (started)
        status = program_end(&program);
    return status;
}

#ifdef WINSCARDD
/* A new file for what the next service says. */
static inline HANDLE make_log(void)
{
    char path[MAX_PATH];
    SECURITY_ATTRIBUTES inherited = {.nLength = sizeof(inherited),
                                     .bInheritHandle = TRUE};
    (void)snprintf(path, sizeof(path), "%.240s.log", place);
    HANDLE file = CreateFileA(path, GENERIC_WRITE,
                              FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                              &inherited, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    return file != INVALID_HANDLE_VALUE ? file : NULL;
}

/* For people: what the last service said; it goes then. */
static inline void take_log(bool show)
{
    char path[MAX_PATH], line[200];
    (void)snprintf(path, sizeof(path), "%.240s.log", place);
    FILE *file = show ? fopen(path, "r") : NULL;
    while (file != NULL && fgets(line, sizeof(line), file) != NULL)
        fprintf(stderr, "winscardd said: %s", line);
    if (file != NULL)
        fclose(file);
    (void)DeleteFileA(path);
}

/* Until its endpoint's file is there, which may be another one's that has gone. */
static inline bool service_start(struct started *service, const char *arguments)
{
    HANDLE log = make_log();
    (void)DeleteFileA(endpoint);
    bool started = program_start(service, WINSCARDD, arguments, 0, log);
    if (log != NULL)
        CloseHandle(log);
    if (!started)
        return false;
    while (!is_there(endpoint))
        if (WaitForSingleObject(service->process, PAUSE_MS) != WAIT_TIMEOUT)
            return false;
    return true;
}
#endif

/* --- The client --------------------------------------------------------------------- */

struct client {
    SCARDCONTEXT context;
    SCARDHANDLE card;
};

static inline void client_open(struct client *client)
{
    DWORD active = 0;
    EXPECT(SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &client->context), 0);
    EXPECT(SCardConnectA(client->context, READER, SCARD_SHARE_SHARED, SCARD_PROTOCOL_T1,
                         &client->card, &active),
           0);
}

static inline LONG client_command(const struct client *client)
{
    static const BYTE challenge[] = {0x00, 0x84, 0x00, 0x00, 0x08};
    BYTE answer[300];
    DWORD size = sizeof(answer);
    return SCardTransmit(client->card, SCARD_PCI_T1, challenge, sizeof(challenge), NULL,
                         answer, &size);
}

static inline LONG client_establish(void)
{
    SCARDCONTEXT context = 0;
    LONG error = SCardEstablishContext(SCARD_SCOPE_USER, NULL, NULL, &context);
    if (error == SCARD_S_SUCCESS)
        EXPECT(SCardReleaseContext(context), 0);
    return error;
}

#endif
