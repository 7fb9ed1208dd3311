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
    case ERROR_INVALID_OWNER:
    case ERROR_PRIVILEGE_NOT_HELD:
        return "needs the rights of an administrator";
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

static HANDLE open_directory(const wchar_t *path, DWORD access)
{
    return os_open_existing(path, access | READ_CONTROL | FILE_READ_ATTRIBUTES,
                            FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
}

static const char *kind_fault(HANDLE directory)
{
    BY_HANDLE_FILE_INFORMATION found;
    return !GetFileInformationByHandle(directory, &found)
                   || (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0
                   || (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0
               ? "is not a directory"
               : NULL;
}

/* That it is one, and what others may do there. */
static bool judge_directory(const wchar_t *path, enum os_owner owner, enum os_kind kind,
                            const char **why)
{
    HANDLE directory = open_directory(path, 0);
    if (directory == INVALID_HANDLE_VALUE)
        return fails(why);
    *why = kind_fault(directory);
    /* The machine's may be that of its service. */
    enum os_care care = owner == OS_OWNER_MACHINE ? OS_CARE_SECRET : OS_CARE_TRUSTED;
    if (*why == NULL)
        *why = kind == OS_KIND_PLACE ? os_place_fault(directory, care)
                                     : os_rights_fault(directory, care);
    CloseHandle(directory);
    return *why == NULL;
}

/* A stranger's stays as it is: what is in it may be a stranger's too. */
static bool give_rights(const wchar_t *path, PSECURITY_DESCRIPTOR rights,
                        const char **why)
{
    HANDLE directory = open_directory(path, WRITE_DAC | WRITE_OWNER);
    if (directory == INVALID_HANDLE_VALUE)
        return fails(why);
    *why = kind_fault(directory);
    if (*why == NULL)
        *why = os_owner_fault(directory);
    bool given = *why == NULL && (os_rights_give(directory, rights) || fails(why));
    CloseHandle(directory);
    return given;
}

/* With rights of its own, unless it is there; `give`: to one that is there, too. */
static bool make_directory(const wchar_t *path, enum os_owner owner, enum os_kind kind,
                           bool give, const char **why)
{
    PSECURITY_DESCRIPTOR rights = os_rights_for(owner, kind);
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes),
                                      .lpSecurityDescriptor = rights};
    if (rights == NULL)
        return fails(why);
    bool made = CreateDirectoryW(path, &attributes)
                || (GetLastError() == ERROR_ALREADY_EXISTS
                    && (!give || give_rights(path, rights, why)));
    if (!made && *why == NULL)
        (void)fails(why);
    LocalFree(rights);
    return made && judge_directory(path, owner, kind, why);
}

/* The one above: a user's with the rights that it inherits. */
static bool make_parent(const wchar_t *path, enum os_owner owner, bool give,
                        const char **why)
{
    wchar_t parent[WIDE_PATH_MAX];
    const wchar_t *end = wcsrchr(path, L'\\');
    size_t units = end != NULL ? (size_t)(end - path) : 0;
    wmemcpy(parent, path, units);
    parent[units] = L'\0';
    if (owner == OS_OWNER_MACHINE)
        return make_directory(parent, owner, OS_KIND_PLACE, give, why);
    (void)CreateDirectoryW(parent, NULL); /* what is wrong shows below it */
    return true;
}

static bool make_both(const char *path, enum os_owner owner, bool give, const char **why)
{
    wchar_t wide[WIDE_PATH_MAX];
    *why = "is not a path";
    if (!os_wide_path(path, wide))
        return false;
    *why = NULL;
    return make_parent(wide, owner, give, why)
           && make_directory(wide, owner, OS_KIND_DIRECTORY, give, why);
}

bool os_make_own_directory(const char *path, enum os_owner owner, const char **why)
{
    return make_both(path, owner, false, why);
}

bool os_install_machine_directory(const char *path, const char **why)
{
    return make_both(path, OS_OWNER_MACHINE, true, why);
}

/* --- Files -------------------------------------------------------------------------- */

/* A file system without rights, such as FAT, keeps nothing secret. */
static bool write_whole(HANDLE made, const void *bytes, size_t size, const char **why)
{
    DWORD put = 0;
    *why = os_rights_fault(made, OS_CARE_SECRET);
    if (*why != NULL)
        return false;
    return (WriteFile(made, bytes, (DWORD)size, &put, NULL) && put == size) || fails(why);
}

static bool write_new(const wchar_t *path, SECURITY_ATTRIBUTES *attributes,
                      const void *bytes, size_t size, const char **why)
{
    HANDLE made = CreateFileW(path, GENERIC_WRITE | READ_CONTROL, 0, attributes,
                              CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (made == INVALID_HANDLE_VALUE)
        return fails(why);
    bool written = write_whole(made, bytes, size, why);
    CloseHandle(made);
    if (!written)
        (void)DeleteFileW(path);
    return written;
}

bool os_write_own_file(const char *path, enum os_owner owner, const void *bytes,
                       size_t size, const char **why)
{
    wchar_t wide[WIDE_PATH_MAX];
    *why = "is not a path";
    if (!os_wide_path(path, wide))
        return false;
    PSECURITY_DESCRIPTOR rights = os_rights_for(owner, OS_KIND_FILE);
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes),
                                      .lpSecurityDescriptor = rights};
    if (rights == NULL)
        return fails(why);
    (void)DeleteFileW(wide);
    bool written = write_new(wide, &attributes, bytes, size, why);
    LocalFree(rights);
    return written;
}

/* The file goes with the process, which nobody else can open it beside. One that has just
 * ended may still be in the way. */
static enum os_kept keep_name(const wchar_t *path, SECURITY_ATTRIBUTES *attributes,
                              const char **why)
{
    enum { PATIENCE_MS = 1000, LOOK_MS = 10 };
    uint64_t deadline_ms = os_now_ms() + PATIENCE_MS;
    for (;;) {
        if (CreateFileW(path, GENERIC_READ | DELETE, 0, attributes, OPEN_ALWAYS,
                        FILE_ATTRIBUTE_NORMAL | FILE_FLAG_DELETE_ON_CLOSE, NULL)
            != INVALID_HANDLE_VALUE)
            return OS_KEPT; /* the handle stays open */
        DWORD error = GetLastError();
        (void)fails(why);
        if (error != ERROR_SHARING_VIOLATION && error != ERROR_ACCESS_DENIED)
            return OS_KEPT_BY_NOBODY;
        if (os_ms_left(deadline_ms) == 0)
            return error == ERROR_SHARING_VIOLATION ? OS_KEPT_BY_ANOTHER
                                                    : OS_KEPT_BY_NOBODY;
        Sleep(LOOK_MS);
    }
}

enum os_kept os_keep_name(const char *path, enum os_owner owner, const char **why)
{
    wchar_t wide[WIDE_PATH_MAX];
    *why = "is not a path";
    if (!os_wide_path(path, wide))
        return OS_KEPT_BY_NOBODY;
    PSECURITY_DESCRIPTOR rights = os_rights_for(owner, OS_KIND_FILE);
    SECURITY_ATTRIBUTES attributes = {.nLength = sizeof(attributes),
                                      .lpSecurityDescriptor = rights};
    enum os_kept kept = OS_KEPT_BY_NOBODY;
    if (rights != NULL)
        kept = keep_name(wide, &attributes, why);
    else
        (void)fails(why);
    LocalFree(rights);
    return kept;
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
