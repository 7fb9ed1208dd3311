/* SPDX-License-Identifier: BSD-2-Clause */
/* Files with an access control list of their own, which nothing is inherited into. */
#include "os/windows/api.h"

#include "os/own_file.h"

#include "os/time.h"
#include "os/windows/open.h"
#include "os/windows/rights.h"
#include "os/windows/text.h"

/* --- What is wrong ------------------------------------------------------------------ */

static const char *fault_of(DWORD error)
{
    switch (error) {
    case ERROR_ACCESS_DENIED:
        return "access is denied";
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
        return "there is no such file or directory";
    case ERROR_SHARING_VIOLATION:
        return "another program has it open";
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
        return "the disk is full";
    case ERROR_WRITE_PROTECT:
        return "the disk cannot be written";
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return "there is no memory";
    default:
        return "the system refuses it";
    }
}

static bool fails(const char **why)
{
    *why = fault_of(GetLastError());
    return false;
}

/* --- Directories -------------------------------------------------------------------- */

/* That it is one, and nobody else may write into it. */
static bool judge_directory(const wchar_t *path, const char **why)
{
    HANDLE directory =
        os_open_existing(path, READ_CONTROL | FILE_READ_ATTRIBUTES,
                         FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
    BY_HANDLE_FILE_INFORMATION found;
    if (directory == INVALID_HANDLE_VALUE)
        return fails(why);
    *why = NULL;
    if (!GetFileInformationByHandle(directory, &found)
        || (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0
        || (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0)
        *why = "is not a directory";
    else
        *why = os_rights_fault(directory, OS_CARE_TRUSTED);
    CloseHandle(directory);
    return *why == NULL;
}

/* The one above, with the rights that it inherits. */
static void make_parent(const wchar_t *path)
{
    wchar_t parent[WIDE_PATH_MAX];
    const wchar_t *end = wcsrchr(path, L'\\');
    size_t units = end != NULL ? (size_t)(end - path) : 0;
    wmemcpy(parent, path, units);
    parent[units] = L'\0';
    (void)CreateDirectoryW(parent, NULL); /* what is wrong shows below it */
}

bool os_make_own_directory(const char *path, const char **why)
{
    wchar_t wide[WIDE_PATH_MAX];
    *why = "is not a path";
    if (!os_wide_path(path, wide))
        return false;
    PSECURITY_DESCRIPTOR rights = os_rights_of_own(true);
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes),
                                      .lpSecurityDescriptor = rights};
    if (rights == NULL)
        return fails(why);
    make_parent(wide);
    bool there =
        CreateDirectoryW(wide, &attributes) || GetLastError() == ERROR_ALREADY_EXISTS;
    if (!there)
        (void)fails(why);
    LocalFree(rights);
    return there && judge_directory(wide, why);
}

/* --- Files -------------------------------------------------------------------------- */

static bool write_new(const wchar_t *path, SECURITY_ATTRIBUTES *attributes,
                      const void *bytes, size_t size, const char **why)
{
    DWORD put = 0;
    HANDLE made = CreateFileW(path, GENERIC_WRITE, 0, attributes, CREATE_NEW,
                              FILE_ATTRIBUTE_NORMAL, NULL);
    if (made == INVALID_HANDLE_VALUE)
        return fails(why);
    bool written = WriteFile(made, bytes, (DWORD)size, &put, NULL) && put == size;
    if (!written)
        (void)fails(why);
    CloseHandle(made);
    if (!written)
        (void)DeleteFileW(path);
    return written;
}

bool os_write_own_file(const char *path, const void *bytes, size_t size, const char **why)
{
    wchar_t wide[WIDE_PATH_MAX];
    *why = "is not a path";
    if (!os_wide_path(path, wide))
        return false;
    PSECURITY_DESCRIPTOR rights = os_rights_of_own(false);
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes),
                                      .lpSecurityDescriptor = rights};
    if (rights == NULL)
        return fails(why);
    (void)DeleteFileW(wide);
    bool written = write_new(wide, &attributes, bytes, size, why);
    LocalFree(rights);
    return written;
}

/* A program that reads the file of that name is in the way, for as long as that takes. */
static bool replace(const wchar_t *path, const wchar_t *name)
{
    enum { PATIENCE_MS = 2000, LOOK_MS = 10 };
    uint64_t deadline_ms = os_now_ms() + PATIENCE_MS;
    bool done = false, busy = true;
    while (!done && busy) {
        done = MoveFileExW(path, name, MOVEFILE_REPLACE_EXISTING) != 0;
        DWORD error = done ? NO_ERROR : GetLastError();
        busy = (error == ERROR_ACCESS_DENIED || error == ERROR_SHARING_VIOLATION)
               && os_ms_left(deadline_ms) > 0;
        if (busy)
            Sleep(LOOK_MS);
        SetLastError(error);
    }
    return done;
}

bool os_rename_file(const char *path, const char *name, const char **why)
{
    wchar_t from[WIDE_PATH_MAX], to[WIDE_PATH_MAX];
    *why = "is not a path";
    if (!os_wide_path(path, from) || !os_wide_path(name, to))
        return false;
    return replace(from, to) || fails(why);
}

void os_remove_file(const char *path)
{
    wchar_t wide[WIDE_PATH_MAX];
    if (os_wide_path(path, wide))
        (void)DeleteFileW(wide);
}
