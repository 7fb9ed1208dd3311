/* SPDX-License-Identifier: BSD-2-Clause */
/* Files. On Windows the system's own header. */
#include "winscard/target.h"

#if defined(WINSCARD_ON_WINDOWS)
#pragma GCC system_header
#include_next <fileapi.h>
#endif

#ifndef WINSCARD_FILEAPI_H
#define WINSCARD_FILEAPI_H

#ifndef WINSCARD_ON_WINDOWS

#include "minwinbase.h"
#include "winscard/port.h"

#ifdef WINSCARD_OWN_WINDOWS

#define CREATE_NEW                1
#define CREATE_ALWAYS             2
#define OPEN_EXISTING             3
#define OPEN_ALWAYS               4
#define TRUNCATE_EXISTING         5
#define FILE_BEGIN                0
#define FILE_CURRENT              1
#define FILE_END                  2
#define FILE_FLAG_WRITE_THROUGH   0x80000000
#define FILE_FLAG_OVERLAPPED      0x40000000
#define FILE_FLAG_NO_BUFFERING    0x20000000
#define FILE_FLAG_RANDOM_ACCESS   0x10000000
#define FILE_FLAG_SEQUENTIAL_SCAN 0x08000000
#define FILE_FLAG_DELETE_ON_CLOSE 0x04000000
#define FILE_TYPE_UNKNOWN         0x0000
#define FILE_TYPE_DISK            0x0001
#define FILE_TYPE_CHAR            0x0002
#define FILE_TYPE_PIPE            0x0003
#define INVALID_SET_FILE_POINTER  ((DWORD)-1)
#define INVALID_FILE_SIZE         ((DWORD)0xFFFFFFFF)
#define INVALID_FILE_ATTRIBUTES   ((DWORD)-1)

#ifdef WINSCARD_WITH_PORT

/* Files of Unix. In a path \ is /; a path with a drive ("C:\...") is not there:
 * ERROR_PATH_NOT_FOUND, and so is a device ("\\.\..."): ERROR_FILE_NOT_FOUND. Sharing is not
 * looked at. New files have mode 0666 less the umask. Handles go by CloseHandle().
 *
 * INVALID_HANDLE_VALUE, or FALSE: ERROR_FILE_NOT_FOUND, ERROR_PATH_NOT_FOUND,
 * ERROR_FILENAME_EXCED_RANGE, ERROR_ACCESS_DENIED, ERROR_FILE_EXISTS, ERROR_DISK_FULL,
 * ERROR_TOO_MANY_OPEN_FILES, ERROR_INVALID_PARAMETER, ERROR_INVALID_HANDLE;
 * ERROR_NOT_SUPPORTED: FILE_FLAG_OVERLAPPED, FILE_FLAG_DELETE_ON_CLOSE, an OVERLAPPED.
 * Opening one that is there with CREATE_ALWAYS or OPEN_ALWAYS leaves
 * ERROR_ALREADY_EXISTS. */
WINPORT_API(HANDLE)
CreateFileA(LPCSTR path, DWORD access, DWORD sharing, LPSECURITY_ATTRIBUTES attributes,
            DWORD creation, DWORD flags, HANDLE template_file) WINPORT_NAME(CreateFileA);
WINPORT_API(HANDLE)
CreateFileW(LPCWSTR path, DWORD access, DWORD sharing, LPSECURITY_ATTRIBUTES attributes,
            DWORD creation, DWORD flags, HANDLE template_file) WINPORT_NAME(CreateFileW);
/* 0 bytes and TRUE: the end. Handles of GetStdHandle(), too. */
WINPORT_API(BOOL)
ReadFile(HANDLE file, LPVOID buffer, DWORD bytes, LPDWORD done, LPOVERLAPPED overlapped)
    WINPORT_NAME(ReadFile);
WINPORT_API(BOOL)
WriteFile(HANDLE file, LPCVOID buffer, DWORD bytes, LPDWORD done, LPOVERLAPPED overlapped)
    WINPORT_NAME(WriteFile);
WINPORT_API(BOOL) FlushFileBuffers(HANDLE file) WINPORT_NAME(FlushFileBuffers);
/* The low half of the size, the high one in *high, unless NULL. */
WINPORT_API(DWORD) GetFileSize(HANDLE file, LPDWORD high) WINPORT_NAME(GetFileSize);
WINPORT_API(BOOL)
GetFileSizeEx(HANDLE file, PLARGE_INTEGER size) WINPORT_NAME(GetFileSizeEx);
/* The new place, its low half; `high` NULL: `distance` is signed, and a place of more than
 * 32 bits is ERROR_INVALID_PARAMETER. ERROR_NEGATIVE_SEEK, ERROR_SEEK_ON_DEVICE. */
WINPORT_API(DWORD)
SetFilePointer(HANDLE file, LONG distance, PLONG high, DWORD from)
    WINPORT_NAME(SetFilePointer);
WINPORT_API(BOOL)
SetFilePointerEx(HANDLE file, LARGE_INTEGER distance, PLARGE_INTEGER place, DWORD from)
    WINPORT_NAME(SetFilePointerEx);
WINPORT_API(BOOL) SetEndOfFile(HANDLE file) WINPORT_NAME(SetEndOfFile);
/* FILE_TYPE_UNKNOWN with ERROR_INVALID_HANDLE: not a file. */
WINPORT_API(DWORD) GetFileType(HANDLE file) WINPORT_NAME(GetFileType);
WINPORT_API(BOOL) DeleteFileA(LPCSTR path) WINPORT_NAME(DeleteFileA);
WINPORT_API(BOOL) DeleteFileW(LPCWSTR path) WINPORT_NAME(DeleteFileW);
WINPORT_API(BOOL)
CreateDirectoryA(LPCSTR path, LPSECURITY_ATTRIBUTES attributes)
    WINPORT_NAME(CreateDirectoryA);
WINPORT_API(BOOL)
CreateDirectoryW(LPCWSTR path, LPSECURITY_ATTRIBUTES attributes)
    WINPORT_NAME(CreateDirectoryW);
/* FILE_ATTRIBUTE_DIRECTORY or FILE_ATTRIBUTE_NORMAL, and FILE_ATTRIBUTE_READONLY where the
 * caller may not write. INVALID_FILE_ATTRIBUTES: failed. */
WINPORT_API(DWORD) GetFileAttributesA(LPCSTR path) WINPORT_NAME(GetFileAttributesA);
WINPORT_API(DWORD) GetFileAttributesW(LPCWSTR path) WINPORT_NAME(GetFileAttributesW);
/* $TMPDIR or "/tmp", with a / at the end: its length, or with the NUL what is needed. */
WINPORT_API(DWORD) GetTempPathA(DWORD size, LPSTR path) WINPORT_NAME(GetTempPathA);
WINPORT_API(DWORD) GetTempPathW(DWORD size, LPWSTR path) WINPORT_NAME(GetTempPathW);
WINPORT_API(DWORD)
GetCurrentDirectoryA(DWORD size, LPSTR path) WINPORT_NAME(GetCurrentDirectoryA);
WINPORT_API(DWORD)
GetCurrentDirectoryW(DWORD size, LPWSTR path) WINPORT_NAME(GetCurrentDirectoryW);

#ifdef UNICODE
#define CreateFile          CreateFileW
#define DeleteFile          DeleteFileW
#define CreateDirectory     CreateDirectoryW
#define GetFileAttributes   GetFileAttributesW
#define GetTempPath         GetTempPathW
#define GetCurrentDirectory GetCurrentDirectoryW
#else
#define CreateFile          CreateFileA
#define DeleteFile          DeleteFileA
#define CreateDirectory     CreateDirectoryA
#define GetFileAttributes   GetFileAttributesA
#define GetTempPath         GetTempPathA
#define GetCurrentDirectory GetCurrentDirectoryA
#endif

#endif
#endif
#endif
#endif
