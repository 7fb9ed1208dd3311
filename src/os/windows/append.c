/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of lines, on Windows. */
#include "os/windows/api.h"

#include "os/append.h"

#include "os/lock.h"
#include "os/windows/rights.h"
#include "os/windows/text.h"

/* Lines of this process; those of others are kept apart by a lock on the file. Wine 8 does
 * not append atomically, which Windows does (MS-Docs "Appending One File to Another"). */
static struct os_mutex lines = OS_MUTEX_INIT;

/* Handles have 32 bits that count, on 64-bit systems too (MS-Docs "Interprocess
 * Communication Between 32-bit and 64-bit Applications"). */
static HANDLE to_handle(int file)
{
    return (HANDLE)(intptr_t)file;
}

static const char *append_fault(HANDLE file)
{
    BY_HANDLE_FILE_INFORMATION found;
    if (GetFileType(file) != FILE_TYPE_DISK || !GetFileInformationByHandle(file, &found))
        return "is not a regular file";
    if ((found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        return "is a symbolic link";
    if (found.nNumberOfLinks != 1)
        return "has more than one name (hard links)";
    return os_rights_fault(file, OS_CARE_SECRET);
}

/* A new file is the user's own, whatever its folder would have it be. */
static HANDLE open_or_make(const wchar_t *path)
{
    SECURITY_ATTRIBUTES own = {.nLength = sizeof(own),
                               .lpSecurityDescriptor =
                                   os_rights_for(OS_OWNER_USER, OS_KIND_FILE)};
    HANDLE file = CreateFileW(
        path, FILE_APPEND_DATA | READ_CONTROL | FILE_READ_ATTRIBUTES | SYNCHRONIZE,
        FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &own, OPEN_ALWAYS,
        FILE_ATTRIBUTE_NORMAL | FILE_FLAG_OPEN_REPARSE_POINT, NULL);
    if (own.lpSecurityDescriptor != NULL)
        LocalFree(own.lpSecurityDescriptor);
    return file;
}

int os_append_open(const char *path, const char **why)
{
    wchar_t wide[WIDE_PATH_MAX];
    const char *fault = "cannot be opened or made";
    HANDLE file = INVALID_HANDLE_VALUE;
    if (os_wide_path(path, wide))
        file = open_or_make(wide);
    if (file != INVALID_HANDLE_VALUE)
        fault = append_fault(file);
    if (fault != NULL && file != INVALID_HANDLE_VALUE)
        CloseHandle(file);
    if (why != NULL)
        *why = fault;
    return fault == NULL ? (int)(intptr_t)file : -1;
}

static void write_all(HANDLE file, const char *bytes, size_t size)
{
    while (size > 0) {
        DWORD part = size < UINT32_MAX ? (DWORD)size : UINT32_MAX, put = 0;
        if (!WriteFile(file, bytes, part, &put, NULL) || put == 0)
            return; /* a full disk must not fail the program that is traced */
        bytes += put;
        size -= put;
    }
}

void os_append_write(int file, const char *bytes, size_t size)
{
    /* A byte that no file has, for all who write to this one. */
    OVERLAPPED place = {.OffsetHigh = 0x7FFFFFFF};
    os_mutex_lock(&lines);
    bool locked =
        LockFileEx(to_handle(file), LOCKFILE_EXCLUSIVE_LOCK, 0, 1, 0, &place) != 0;
    write_all(to_handle(file), bytes, size);
    if (locked)
        (void)UnlockFileEx(to_handle(file), 0, 1, 0, &place);
    os_mutex_unlock(&lines);
}
