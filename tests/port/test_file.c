/* SPDX-License-Identifier: BSD-2-Clause */
/* Files and folders, of a folder of the test's own. Source: MS-Docs CreateFileA, ReadFile,
 * WriteFile, SetFilePointer, DeleteFile, CreateDirectory, GetFileAttributes, GetTempPath. */
#include <windows.h>

#include "tests/port/fails.h"

#include <stdlib.h>

#ifndef _WIN32
#include <fcntl.h>
#include <limits.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#else
#define rmdir(path) (RemoveDirectoryA(path) ? 0 : -1)
#endif

static char folder[300];

static const char *in_folder(const char *name)
{
    static char places[8][700];
    static unsigned next;
    char *place = places[next++ % 8];
    strcpy(place, folder);
    strcat(place, "/");
    strcat(place, name);
    return place;
}

static HANDLE open_file(const char *path, DWORD access, DWORD creation)
{
    return CreateFileA(path, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, creation,
                       FILE_ATTRIBUTE_NORMAL, NULL);
}

static void make_file(const char *path, const char *text)
{
    DWORD done = 0;
    HANDLE file = open_file(path, GENERIC_WRITE, CREATE_ALWAYS);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(WriteFile(file, text, (DWORD)strlen(text), &done, NULL));
    CHECK_EQ(done, strlen(text));
    CHECK(CloseHandle(file));
}

static DWORD size_of(const char *path)
{
    HANDLE file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    DWORD size = GetFileSize(file, NULL);
    CHECK(CloseHandle(file));
    return size;
}

#define NO_FILE(call, code) CHECK_FAILS_AS(call, (intptr_t)INVALID_HANDLE_VALUE, code)

/* --- Opening ------------------------------------------------------------------------ */

static void creations(void)
{
    const char *path = in_folder("created");
    const DWORD both = GENERIC_READ | GENERIC_WRITE;
    NO_FILE(open_file(path, both, OPEN_EXISTING), ERROR_FILE_NOT_FOUND);
    NO_FILE(open_file(path, both, TRUNCATE_EXISTING), ERROR_FILE_NOT_FOUND);
    HANDLE file = open_file(path, both, CREATE_NEW);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(file));
    NO_FILE(open_file(path, both, CREATE_NEW), ERROR_FILE_EXISTS);
    make_file(path, "text");
    SetLastError(NO_ERROR_SET);
    file = open_file(path, both, OPEN_ALWAYS);
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK(CloseHandle(file));
    CHECK_EQ(size_of(path), 4);
    file = open_file(path, GENERIC_READ, CREATE_ALWAYS); /* empty, though not to write */
    CHECK_EQ(GetLastError(), ERROR_ALREADY_EXISTS);
    CHECK_EQ(GetFileSize(file, NULL), 0);
    CHECK(CloseHandle(file));
    make_file(path, "text");
    file = open_file(path, GENERIC_WRITE, TRUNCATE_EXISTING);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(file));
    CHECK_EQ(size_of(path), 0);
    NO_FILE(open_file(path, GENERIC_READ, TRUNCATE_EXISTING), ERROR_INVALID_PARAMETER);
    NO_FILE(open_file(path, both, 0), ERROR_INVALID_PARAMETER);
    NO_FILE(open_file(path, both, 6), ERROR_INVALID_PARAMETER);
    CHECK(DeleteFileA(path));
    SetLastError(NO_ERROR_SET);
    file = open_file(path, both, OPEN_ALWAYS);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA(path));
    file = open_file(path, both, CREATE_ALWAYS);
    CHECK_EQ(GetLastError(), ERROR_SUCCESS);
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA(path));
}

static void no_paths(void)
{
    NO_FILE(open_file(in_folder("none/file"), GENERIC_READ, OPEN_EXISTING),
            ERROR_PATH_NOT_FOUND);
    NO_FILE(open_file(in_folder("none/file"), GENERIC_WRITE, CREATE_ALWAYS),
            ERROR_PATH_NOT_FOUND);
    NO_FILE(open_file(folder, GENERIC_READ, OPEN_EXISTING), ERROR_ACCESS_DENIED);
    NO_FILE(open_file("", GENERIC_READ, OPEN_EXISTING), ERROR_PATH_NOT_FOUND);
    CHECK_FAILS(DeleteFileA(in_folder("none")), ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(DeleteFileA(in_folder("none/file")), ERROR_PATH_NOT_FOUND);
    CHECK_FAILS(DeleteFileA(folder), ERROR_ACCESS_DENIED);
    CHECK_FAILS(DeleteFileA(""), ERROR_PATH_NOT_FOUND);
    CHECK_FAILS_AS(GetFileAttributesA(in_folder("none")), INVALID_FILE_ATTRIBUTES,
                   ERROR_FILE_NOT_FOUND);
    CHECK_FAILS_AS(GetFileAttributesA(in_folder("none/x")), INVALID_FILE_ATTRIBUTES,
                   ERROR_PATH_NOT_FOUND);
    CHECK_FAILS(CreateDirectoryA(folder, NULL), ERROR_ALREADY_EXISTS);
    CHECK_FAILS(CreateDirectoryA(in_folder("none/x"), NULL), ERROR_PATH_NOT_FOUND);
#ifndef _WIN32
    make_file(in_folder("file"), "x");
    NO_FILE(open_file(in_folder("file/x"), GENERIC_READ, OPEN_EXISTING),
            ERROR_PATH_NOT_FOUND);
    CHECK_FAILS(CreateDirectoryA(in_folder("file"), NULL), ERROR_ALREADY_EXISTS);
    CHECK(DeleteFileA(in_folder("file")));
    NO_FILE(open_file(NULL, GENERIC_READ, OPEN_EXISTING), ERROR_INVALID_PARAMETER);
    NO_FILE(CreateFileW(NULL, GENERIC_READ, 0, NULL, OPEN_EXISTING, 0, NULL),
            ERROR_INVALID_PARAMETER);
    CHECK_FAILS(DeleteFileA(NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(DeleteFileW(NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CreateDirectoryA(NULL, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(CreateDirectoryW(NULL, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS_AS(GetFileAttributesA(NULL), INVALID_FILE_ATTRIBUTES,
                   ERROR_INVALID_PARAMETER);
    CHECK_FAILS_AS(GetFileAttributesW(NULL), INVALID_FILE_ATTRIBUTES,
                   ERROR_INVALID_PARAMETER);
    /* Drives and devices of Windows. */
    NO_FILE(open_file("C:\\file", GENERIC_READ, OPEN_EXISTING), ERROR_PATH_NOT_FOUND);
    NO_FILE(open_file("z:file", GENERIC_READ, OPEN_EXISTING), ERROR_PATH_NOT_FOUND);
    NO_FILE(open_file("\\\\.\\COM1", GENERIC_READ, OPEN_EXISTING), ERROR_FILE_NOT_FOUND);
    NO_FILE(open_file("\\\\?\\C:\\file", GENERIC_READ, OPEN_EXISTING),
            ERROR_FILE_NOT_FOUND);
    NO_FILE(open_file("C:", GENERIC_READ, OPEN_EXISTING), ERROR_PATH_NOT_FOUND);
#endif
}

static void long_paths(void)
{
#ifndef _WIN32
    static char path[PATH_MAX + 10];
    memset(path, 'n', sizeof(path));
    path[0] = '/';
    path[PATH_MAX] = '\0';
    NO_FILE(open_file(path, GENERIC_READ, OPEN_EXISTING), ERROR_FILENAME_EXCED_RANGE);
    path[PATH_MAX - 1] = '\0';
    NO_FILE(open_file(path, GENERIC_READ, OPEN_EXISTING), ERROR_FILENAME_EXCED_RANGE);
    CHECK_FAILS(DeleteFileA(path), ERROR_FILENAME_EXCED_RANGE);
    for (size_t i = 2; i < PATH_MAX - 1; i += 2)
        path[i] = '/';
    path[PATH_MAX - 1] = 'n';
    path[PATH_MAX] = '\0';
    CHECK_FAILS(CreateDirectoryA(path, NULL), ERROR_FILENAME_EXCED_RANGE);
    path[PATH_MAX - 1] = '\0';
    CHECK_FAILS(DeleteFileA(path), ERROR_PATH_NOT_FOUND);
    path[257] = '\0';
    for (size_t i = 2; i < 257; i++)
        path[i] = 'n';
    CHECK_FAILS_AS(GetFileAttributesA(path), INVALID_FILE_ATTRIBUTES,
                   ERROR_FILENAME_EXCED_RANGE);
#endif
}

static void flags_and_limits(void)
{
#ifndef _WIN32
    const char *path = in_folder("flags");
    make_file(path, "x");
    NO_FILE(CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING, FILE_FLAG_OVERLAPPED,
                        NULL),
            ERROR_NOT_SUPPORTED);
    NO_FILE(CreateFileA(path, GENERIC_READ, 0, NULL, OPEN_EXISTING,
                        FILE_FLAG_DELETE_ON_CLOSE, NULL),
            ERROR_NOT_SUPPORTED);
    HANDLE file = CreateFileA(path, GENERIC_ALL, 0, NULL, OPEN_EXISTING,
                              FILE_FLAG_WRITE_THROUGH | FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    DWORD done = 7;
    OVERLAPPED overlapped = {0};
    char byte = 'y';
    CHECK_FAILS(ReadFile(file, &byte, 1, &done, &overlapped), ERROR_NOT_SUPPORTED);
    CHECK_EQ(done, 0);
    CHECK_FAILS(WriteFile(file, &byte, 1, &done, &overlapped), ERROR_NOT_SUPPORTED);
    CHECK_FAILS(ReadFile(file, &byte, 1, NULL, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WriteFile(file, &byte, 1, NULL, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(ReadFile(file, NULL, 1, &done, NULL), ERROR_INVALID_PARAMETER);
    CHECK_FAILS(WriteFile(file, NULL, 1, &done, NULL), ERROR_INVALID_PARAMETER);
    CHECK(CloseHandle(file));
    struct rlimit before, few;
    CHECK(getrlimit(RLIMIT_NOFILE, &before) == 0);
    few = before;
    few.rlim_cur = 0;
    CHECK(setrlimit(RLIMIT_NOFILE, &few) == 0);
    NO_FILE(open_file(path, GENERIC_READ, OPEN_EXISTING), ERROR_TOO_MANY_OPEN_FILES);
    CHECK(setrlimit(RLIMIT_NOFILE, &before) == 0);
    HANDLE full = open_file("/dev/full", GENERIC_WRITE, OPEN_EXISTING);
    CHECK(full != INVALID_HANDLE_VALUE);
    CHECK_FAILS(WriteFile(full, "x", 1, &done, NULL), ERROR_DISK_FULL);
    CHECK_EQ(done, 0);
    CHECK_EQ(GetFileType(full), FILE_TYPE_CHAR);
    CHECK(CloseHandle(full));
    if (geteuid() != 0) {
        CHECK(chmod(path, 0) == 0);
        NO_FILE(open_file(path, GENERIC_READ, OPEN_EXISTING), ERROR_ACCESS_DENIED);
    }
    CHECK(chmod(path, 0400) == 0);
    CHECK_EQ(GetFileAttributesA(path),
             geteuid() == 0 ? FILE_ATTRIBUTE_NORMAL : FILE_ATTRIBUTE_READONLY);
    CHECK(DeleteFileA(path));
#endif
}

/* --- Reading and writing ------------------------------------------------------------ */

static void contents(void)
{
    const char *path = in_folder("contents");
    char buffer[100];
    DWORD done = 7;
    make_file(path, "0123456789");
    HANDLE file = open_file(path, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING);
    CHECK(ReadFile(file, buffer, 4, &done, NULL));
    CHECK_EQ(done, 4);
    CHECK_MEM(buffer, "0123", 4);
    CHECK(WriteFile(file, "ab", 2, &done, NULL));
    CHECK_EQ(done, 2);
    CHECK(ReadFile(file, buffer, sizeof(buffer), &done, NULL));
    CHECK_EQ(done, 4);
    CHECK_MEM(buffer, "6789", 4);
    CHECK(ReadFile(file, buffer, sizeof(buffer), &done, NULL)); /* the end */
    CHECK_EQ(done, 0);
    CHECK(ReadFile(file, buffer, 0, &done, NULL));
    CHECK(WriteFile(file, buffer, 0, &done, NULL));
    CHECK(FlushFileBuffers(file));
    CHECK_EQ(GetFileSize(file, NULL), 10);
    CHECK_EQ(GetFileType(file), FILE_TYPE_DISK);
    CHECK_EQ(SetFilePointer(file, 5, NULL, FILE_BEGIN), 5);
    CHECK(SetEndOfFile(file));
    CHECK_EQ(GetFileSize(file, NULL), 5);
    CHECK_EQ(SetFilePointer(file, 20, NULL, FILE_BEGIN), 20);
    CHECK(SetEndOfFile(file)); /* larger, with zeros */
    CHECK_EQ(SetFilePointer(file, -15, NULL, FILE_END), 5);
    CHECK(ReadFile(file, buffer, sizeof(buffer), &done, NULL));
    CHECK_EQ(done, 15);
    CHECK_EQ(buffer[0], 0);
    CHECK(CloseHandle(file));
    CHECK_FAILS(CloseHandle(file), ERROR_INVALID_HANDLE);

    /* Opened the other way. */
    file = open_file(path, GENERIC_WRITE, OPEN_EXISTING);
    CHECK_FAILS(ReadFile(file, buffer, 1, &done, NULL), ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(file));
    file = open_file(path, GENERIC_READ, OPEN_EXISTING);
    CHECK_FAILS(WriteFile(file, buffer, 1, &done, NULL), ERROR_ACCESS_DENIED);
    CHECK_FAILS(SetEndOfFile(file), ERROR_ACCESS_DENIED);
    CHECK(CloseHandle(file));
    /* At the end, wherever it stands. */
    make_file(path, "abc");
    file = CreateFileA(path, FILE_APPEND_DATA, 0, NULL, OPEN_EXISTING, 0, NULL);
    CHECK(WriteFile(file, "de", 2, &done, NULL));
    CHECK(CloseHandle(file));
    CHECK_EQ(size_of(path), 5);
    CHECK(DeleteFileA(path));
}

static void places(void)
{
    const char *path = in_folder("places");
    make_file(path, "0123456789");
    HANDLE file = open_file(path, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING);
    LARGE_INTEGER far_away, place;
    CHECK_EQ(SetFilePointer(file, 3, NULL, FILE_BEGIN), 3);
    CHECK_EQ(SetFilePointer(file, 4, NULL, FILE_CURRENT), 7);
    CHECK_EQ(SetFilePointer(file, -2, NULL, FILE_CURRENT), 5);
    CHECK_FAILS_AS(SetFilePointer(file, -6, NULL, FILE_CURRENT), INVALID_SET_FILE_POINTER,
                   ERROR_NEGATIVE_SEEK);
    CHECK_FAILS_AS(SetFilePointer(file, 0, NULL, 3), INVALID_SET_FILE_POINTER,
                   ERROR_INVALID_PARAMETER);
    CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_CURRENT), 5);
    LONG high = 1;
    CHECK_FAILS_AS(SetFilePointer(file, 7, &high, FILE_BEGIN), 7, ERROR_SUCCESS);
    CHECK_EQ(high, 1);
    /* Its low half looks as an error, and is none. */
    CHECK_FAILS_AS(SetFilePointer(file, -1, &high, FILE_BEGIN), INVALID_SET_FILE_POINTER,
                   ERROR_SUCCESS);
    CHECK_EQ(high, 1);
    /* A place that does not fit where it is asked for by 32 bits stays. */
    CHECK_FAILS_AS(SetFilePointer(file, 5, NULL, FILE_CURRENT), INVALID_SET_FILE_POINTER,
                   ERROR_INVALID_PARAMETER);
    far_away.QuadPart = 0;
    CHECK(SetFilePointerEx(file, far_away, &place, FILE_CURRENT));
    CHECK_EQ(place.QuadPart, 0x1FFFFFFFF);
    CHECK_EQ(place.LowPart, 0xFFFFFFFF);
    CHECK_EQ(place.HighPart, 1);
    far_away.QuadPart = -4;
    CHECK(SetFilePointerEx(file, far_away, NULL, FILE_END));
    CHECK_EQ(SetFilePointer(file, 0, NULL, FILE_CURRENT), 6);
    CHECK_FAILS(SetFilePointerEx(file, far_away, NULL, FILE_BEGIN), ERROR_NEGATIVE_SEEK);
    CHECK_FAILS(SetFilePointerEx(file, far_away, NULL, 9), ERROR_INVALID_PARAMETER);
    DWORD size_high = 9;
    CHECK_FAILS_AS(GetFileSize(file, &size_high), 10, ERROR_SUCCESS);
    CHECK_EQ(size_high, 0);
    CHECK(GetFileSizeEx(file, &place));
    CHECK_EQ(place.QuadPart, 10);
    /* More than 4 GiB, of which nothing is written. */
    far_away.QuadPart = 0x100000005;
    CHECK(SetFilePointerEx(file, far_away, NULL, FILE_BEGIN));
    CHECK(SetEndOfFile(file));
    CHECK_EQ(GetFileSize(file, &size_high), 5);
    CHECK_EQ(size_high, 1);
    CHECK(GetFileSizeEx(file, &place));
    CHECK_EQ(place.QuadPart, 0x100000005);
#ifndef _WIN32
    CHECK_FAILS(GetFileSizeEx(file, NULL), ERROR_INVALID_PARAMETER);
#endif
    CHECK(CloseHandle(file));
    CHECK(DeleteFileA(path));
}

static void no_files(void)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL);
    HANDLE wrong[] = {NULL, INVALID_HANDLE_VALUE, (HANDLE)(ULONG_PTR)0xFF0, event};
    char byte = 0;
    DWORD done = 0;
    LARGE_INTEGER zero = {{0, 0}}, size;
    for (int i = 0; i < 3; i++) {
        CHECK_FAILS(ReadFile(wrong[i], &byte, 1, &done, NULL), ERROR_INVALID_HANDLE);
        CHECK_FAILS(WriteFile(wrong[i], &byte, 1, &done, NULL), ERROR_INVALID_HANDLE);
        CHECK_FAILS(FlushFileBuffers(wrong[i]), ERROR_INVALID_HANDLE);
        CHECK_FAILS_AS(GetFileSize(wrong[i], NULL), INVALID_FILE_SIZE,
                       ERROR_INVALID_HANDLE);
        CHECK_FAILS(GetFileSizeEx(wrong[i], &size), ERROR_INVALID_HANDLE);
        CHECK_FAILS_AS(SetFilePointer(wrong[i], 0, NULL, FILE_BEGIN),
                       INVALID_SET_FILE_POINTER, ERROR_INVALID_HANDLE);
        CHECK_FAILS(SetFilePointerEx(wrong[i], zero, NULL, FILE_BEGIN),
                    ERROR_INVALID_HANDLE);
        CHECK_FAILS(SetEndOfFile(wrong[i]), ERROR_INVALID_HANDLE);
        CHECK_FAILS_AS(GetFileType(wrong[i]), FILE_TYPE_UNKNOWN, ERROR_INVALID_HANDLE);
    }
    CHECK_FAILS(ReadFile(event, &byte, 1, &done, NULL), ERROR_INVALID_HANDLE);
    CHECK_FAILS(FlushFileBuffers(event), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(event));
    /* Those of files in calls for others. */
    HANDLE file = open_file(in_folder("x"), GENERIC_WRITE, CREATE_ALWAYS);
    CHECK_FAILS(SetEvent(file), ERROR_INVALID_HANDLE);
    CHECK_FAILS(ReleaseMutex(file), ERROR_INVALID_HANDLE);
    CHECK_FAILS(GetThreadId(file), ERROR_INVALID_HANDLE);
    CHECK_EQ(WaitForSingleObject(file, 0), WAIT_OBJECT_0);
    HANDLE copy = NULL;
    CHECK(DuplicateHandle(GetCurrentProcess(), file, GetCurrentProcess(), &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS));
    CHECK(CloseHandle(file));
    CHECK(WriteFile(copy, "x", 1, &done, NULL));
    CHECK_EQ(SetFilePointer(copy, 0, NULL, FILE_CURRENT), 1);
    CHECK(CloseHandle(copy));
    CHECK(DeleteFileA(in_folder("x")));
}

#ifndef _WIN32
/* A pipe, by its path: a file without places. */
static void pipes(void)
{
    const char *path = in_folder("pipe");
    char byte = 0;
    DWORD done = 0;
    CHECK(mkfifo(path, 0600) == 0);
    HANDLE both = open_file(path, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING);
    CHECK_EQ(GetFileType(both), FILE_TYPE_PIPE);
    CHECK(WriteFile(both, "z", 1, &done, NULL));
    CHECK(ReadFile(both, &byte, 1, &done, NULL));
    CHECK_EQ(byte, 'z');
    CHECK_FAILS_AS(SetFilePointer(both, 0, NULL, FILE_BEGIN), INVALID_SET_FILE_POINTER,
                   ERROR_SEEK_ON_DEVICE);
    CHECK_FAILS(SetEndOfFile(both), ERROR_SEEK_ON_DEVICE);
    CHECK_FAILS(FlushFileBuffers(both), ERROR_INVALID_HANDLE);
    CHECK(CloseHandle(both));
    CHECK(DeleteFileA(path));
}

struct reader {
    HANDLE pipe, ready;
    DWORD done;
};

static DWORD WINAPI read_pipe(LPVOID argument)
{
    struct reader *reader = (struct reader *)argument;
    char byte = 0;
    SetEvent(reader->ready);
    ReadFile(reader->pipe, &byte, 1, &reader->done, NULL);
    return (DWORD)byte;
}

/* Who reads has the file, though its handle is closed meanwhile. */
static void closed_while_read(void)
{
    const char *path = in_folder("pipe");
    CHECK(mkfifo(path, 0600) == 0);
    HANDLE writer = open_file(path, GENERIC_READ | GENERIC_WRITE, OPEN_EXISTING);
    struct reader reader = {open_file(path, GENERIC_READ, OPEN_EXISTING),
                            CreateEventA(NULL, FALSE, FALSE, NULL), 0};
    HANDLE thread = CreateThread(NULL, 0, read_pipe, &reader, 0, NULL);
    CHECK_EQ(WaitForSingleObject(reader.ready, CHECK_HANG_MS), WAIT_OBJECT_0);
    Sleep(20); /* as a rule, it reads by then */
    CHECK(CloseHandle(reader.pipe));
    HANDLE other = open_file(in_folder("other"), GENERIC_WRITE, CREATE_ALWAYS);
    DWORD done = 0, code = 0;
    CHECK(WriteFile(writer, "z", 1, &done, NULL));
    CHECK_EQ(WaitForSingleObject(thread, CHECK_HANG_MS), WAIT_OBJECT_0);
    CHECK(GetExitCodeThread(thread, &code));
    CHECK(code == 'z' || reader.done == 0);
    CHECK(CloseHandle(writer) && CloseHandle(other) && CloseHandle(thread)
          && CloseHandle(reader.ready));
    CHECK(DeleteFileA(path) && DeleteFileA(in_folder("other")));
}
#endif

/* --- Names -------------------------------------------------------------------------- */

static void names(void)
{
#ifndef _WIN32
    WCHAR wide[700];
    size_t length = 0;
    for (; folder[length] != '\0'; length++)
        wide[length] = (unsigned char)folder[length];
    const WCHAR name[] = {'\\', 0x00E9, 0x4E2D, 0xD83D, 0xDE00, 0};
    memcpy(wide + length, name, sizeof(name));
    CHECK(CreateDirectoryW(wide, NULL));
    CHECK_FAILS(CreateDirectoryW(wide, NULL), ERROR_ALREADY_EXISTS);
    CHECK_EQ(GetFileAttributesW(wide), FILE_ATTRIBUTE_DIRECTORY);
    const char *utf8 = in_folder("\xC3\xA9\xE4\xB8\xAD\xF0\x9F\x98\x80");
    CHECK_EQ(GetFileAttributesA(utf8), FILE_ATTRIBUTE_DIRECTORY);
    memcpy(wide + length + 5, name, sizeof(name));
    HANDLE file = CreateFileW(wide, GENERIC_WRITE, 0, NULL, CREATE_NEW, 0, NULL);
    CHECK(file != INVALID_HANDLE_VALUE);
    CHECK(CloseHandle(file));
    CHECK_EQ(GetFileAttributesW(wide), FILE_ATTRIBUTE_NORMAL);
    CHECK(DeleteFileW(wide));
    CHECK_FAILS(DeleteFileW(wide), ERROR_FILE_NOT_FOUND);
    CHECK(rmdir(utf8) == 0);
#endif
    CHECK(CreateDirectoryA(in_folder("sub"), NULL));
    CHECK(GetFileAttributesA(in_folder("sub")) & FILE_ATTRIBUTE_DIRECTORY);
    make_file(in_folder("sub\\file"), "x");
    CHECK(DeleteFileA(in_folder("sub/file")));
    CHECK(rmdir(in_folder("sub")) == 0);
}

static void known_folders(void)
{
    char path[1000], same[1000];
    WCHAR wide[1000];
    DWORD length = GetTempPathA(sizeof(path), path);
    CHECK(length > 0 && length == strlen(path));
    CHECK(path[length - 1] == '/' || path[length - 1] == '\\');
    CHECK_EQ(GetTempPathW(1000, wide), length);
    CHECK_EQ(wide[length - 1], (unsigned char)path[length - 1]);
    CHECK_EQ(GetTempPathA(length + 1, same), length);
    CHECK_STR(same, path);
    CHECK_EQ(GetTempPathA(length, same), length + 1);
    CHECK_EQ(GetTempPathW(length, wide), length + 1);
    CHECK_EQ(GetTempPathA(0, NULL), length + 1);
    CHECK_EQ(GetTempPathW(0, NULL), length + 1);

    length = GetCurrentDirectoryA(sizeof(path), path);
    CHECK(length > 0 && length == strlen(path));
    CHECK_EQ(GetCurrentDirectoryW(1000, wide), length);
    CHECK_EQ(GetCurrentDirectoryA(length + 1, same), length);
    CHECK_STR(same, path);
    CHECK_EQ(GetCurrentDirectoryA(length, same), length + 1);
    CHECK_EQ(GetCurrentDirectoryW(length, wide), length + 1);
    CHECK_EQ(GetCurrentDirectoryA(0, NULL), length + 1);
    CHECK_EQ(GetCurrentDirectoryW(0, NULL), length + 1);
#ifndef _WIN32
    CHECK(setenv("TMPDIR", "/var/\xC3\xA9", 1) == 0);
    CHECK_EQ(GetTempPathA(sizeof(path), path), 8);
    CHECK_STR(path, "/var/\xC3\xA9/");
    CHECK_EQ(GetTempPathW(1000, wide), 7);
    CHECK_EQ(wide[5], 0xE9);
    CHECK(setenv("TMPDIR", "relative", 1) == 0);
    CHECK_EQ(GetTempPathA(sizeof(path), path), 5);
    CHECK_STR(path, "/tmp/");
    CHECK(setenv("TMPDIR", "/", 1) == 0);
    CHECK_EQ(GetTempPathA(sizeof(path), path), 1);
    /* A folder that is gone. */
    CHECK(mkdir(in_folder("gone"), 0700) == 0 && chdir(in_folder("gone")) == 0);
    CHECK(rmdir(in_folder("gone")) == 0);
    CHECK_FAILS(GetCurrentDirectoryA(sizeof(path), path), ERROR_FILE_NOT_FOUND);
    CHECK_FAILS(GetCurrentDirectoryW(1000, wide), ERROR_FILE_NOT_FOUND);
    CHECK(chdir("/") == 0);
#endif
}

#ifndef _WIN32
/* A copy of one of the three is closed as any other: there is room for the next one. */
static void copies_of_standard_handles(void)
{
    HANDLE self = GetCurrentProcess(), output = GetStdHandle(STD_OUTPUT_HANDLE), copy;
    for (int i = 0; i < 20000; i++) {
        if (!DuplicateHandle(self, output, self, &copy, 0, FALSE,
                             DUPLICATE_SAME_ACCESS)) {
            CHECK_EQ(i, 20000);
            return;
        }
        CloseHandle(copy);
    }
    CHECK_FAILS(CloseHandle(copy), ERROR_INVALID_HANDLE);
    CHECK(DuplicateHandle(self, output, self, &copy, 0, FALSE,
                          DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    CHECK(CloseHandle(copy) && CloseHandle(output));
    CHECK_EQ(GetStdHandle(STD_OUTPUT_HANDLE) == output, TRUE);
    CHECK(GetFileType(output) != FILE_TYPE_UNKNOWN);
}

/* The source is closed where there is no place for the copy, too. */
static void source_is_closed(void)
{
    static HANDLE handles[16384];
    HANDLE self = GetCurrentProcess(), copy = NULL;
    DWORD count = 0;
    while (count < 16384 && (handles[count] = CreateEventA(NULL, 0, 0, NULL)) != NULL)
        count++;
    CHECK_FAILS(DuplicateHandle(self, handles[0], self, &copy, 0, FALSE,
                                DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE),
                ERROR_TOO_MANY_OPEN_FILES);
    CHECK_FAILS(CloseHandle(handles[0]), ERROR_INVALID_HANDLE);
    for (DWORD i = 1; i < count; i++)
        CHECK(CloseHandle(handles[i]));
}
#endif

int main(void)
{
    GetTempPathA(200, folder);
    sprintf(folder + strlen(folder), "winscard-test-file-%u",
            (unsigned)GetCurrentProcessId());
    CHECK(CreateDirectoryA(folder, NULL));
    creations();
    no_paths();
    long_paths();
    flags_and_limits();
    contents();
    places();
    no_files();
#ifndef _WIN32
    pipes();
    closed_while_read();
#endif
    names();
    known_folders();
    CHECK(rmdir(folder) == 0);
#ifndef _WIN32
    copies_of_standard_handles();
    source_is_closed();
#endif
    return check_result();
}
