/* SPDX-License-Identifier: BSD-2-Clause */
/* Users have no numbers here, and there are no Unix sockets whose listener is judged: what
 * is left is whose a file is. */
#include "os/trust.h"

#include "base/alloc.h"
#include "os/windows/open.h"
#include "os/windows/rights.h"
#include "os/windows/text.h"
#include "os/windows/wine.h"

uint32_t os_own_user(void)
{
    return 0;
}

enum sc_error os_find_user(const char *name, uint32_t *uid)
{
    (void)name;
    (void)uid;
    return SC_E_FILE_NOT_FOUND;
}

enum sc_error os_find_group(const char *name, uint32_t *gid)
{
    (void)name;
    (void)gid;
    return SC_E_FILE_NOT_FOUND;
}

static const char *read_open(HANDLE file, enum os_care care, size_t max, uint8_t **bytes,
                             size_t *size)
{
    LARGE_INTEGER whole;
    DWORD got = 0;
    if (GetFileType(file) != FILE_TYPE_DISK || !GetFileSizeEx(file, &whole))
        return "is not a regular file";
    const char *fault = os_rights_fault(file, care);
    if (fault != NULL)
        return fault;
    if (whole.HighPart != 0 || whole.LowPart > max)
        return "is too large";
    uint8_t *room = mem_alloc(whole.LowPart);
    if (room == NULL)
        return "is not read, for want of memory";
    if (!ReadFile(file, room, whole.LowPart, &got, NULL)) {
        mem_free(room);
        return "cannot be read";
    }
    *bytes = room;
    *size = got;
    return NULL;
}

/* What a link leads to is judged, by the handle; a secret is not looked for behind one. */
static const char *link_fault(HANDLE file, enum os_care care)
{
    BY_HANDLE_FILE_INFORMATION found;
    if (care != OS_CARE_SECRET)
        return NULL;
    if (!GetFileInformationByHandle(file, &found))
        return "cannot be read";
    return (found.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT) != 0
               ? "is a symbolic link"
               : NULL;
}

enum sc_error os_read_own_file(const char *path, enum os_care care, size_t max,
                               uint8_t **bytes, size_t *size, const char **why)
{
    wchar_t wide[WIDE_PATH_MAX];
    DWORD flags = care == OS_CARE_SECRET ? FILE_FLAG_OPEN_REPARSE_POINT : 0;
    *why = "is not a path";
    if (!os_wide_path(path, wide))
        return SC_E_NO_ACCESS;
    HANDLE file = os_open_existing(wide, GENERIC_READ, flags);
    if (file == INVALID_HANDLE_VALUE) {
        DWORD error = GetLastError();
        bool missing = error == ERROR_FILE_NOT_FOUND || error == ERROR_PATH_NOT_FOUND;
        *why = missing ? "is not there" : "cannot be opened";
        return missing ? SC_E_FILE_NOT_FOUND : SC_E_NO_ACCESS;
    }
    *why = link_fault(file, care);
    if (*why == NULL)
        *why = read_open(file, care, max, bytes, size);
    CloseHandle(file);
    return *why == NULL ? SC_OK : SC_E_NO_ACCESS;
}

static const char *fault_at(const wchar_t *path,
                            const char *(*judge)(HANDLE handle, enum os_care care))
{
    HANDLE handle = os_open_existing(
        path, READ_CONTROL, FILE_FLAG_BACKUP_SEMANTICS | FILE_FLAG_OPEN_REPARSE_POINT);
    if (handle == INVALID_HANDLE_VALUE)
        return "cannot be looked at";
    const char *fault = judge(handle, OS_CARE_TRUSTED);
    CloseHandle(handle);
    return fault;
}

/* Where this process's program lies, whatever links lead there: they could lead elsewhere
 * later. */
static bool find_program(wchar_t path[WIDE_PATH_MAX], const char **why)
{
    wchar_t given[WIDE_PATH_MAX];
    DWORD units = GetModuleFileNameW(NULL, given, WIDE_PATH_MAX);
    *why = "is not a path";
    if (units == 0 || units >= WIDE_PATH_MAX)
        return false;
    if (os_is_wine()) { /* its links are those of Unix */
        wmemcpy(path, given, units + 1);
        return true;
    }
    HANDLE program = os_open_existing(given, 0, 0);
    units = program != INVALID_HANDLE_VALUE
                ? GetFinalPathNameByHandleW(program, path, WIDE_PATH_MAX, VOLUME_NAME_DOS)
                : 0;
    if (program != INVALID_HANDLE_VALUE)
        CloseHandle(program);
    return units > 0 && units < WIDE_PATH_MAX && os_path_is_of_drive(path, why);
}

/* Wine knows nobody but its user, so that directories further up seem to be a stranger's. */
bool os_safe_program(char *program, size_t room, const char **why)
{
    wchar_t path[WIDE_PATH_MAX], at[WIDE_PATH_MAX];
    program[0] = '\0';
    if (!find_program(path, why))
        return false;
    wmemcpy(at, path, wcslen(path) + 1);
    *why = fault_at(at, os_rights_fault);
    if (*why == NULL && os_path_go_up(at))
        *why = fault_at(at, os_rights_fault);
    while (*why == NULL && !os_is_wine() && os_path_go_up(at))
        *why = fault_at(at, os_place_fault);
    bool safe = *why == NULL;
    if (!os_from_wide(safe ? path : at, program, room)) {
        *why = "is not text";
        return false;
    }
    return safe;
}

enum os_trust os_judge_service(struct os_socket socket, const char *path,
                               const char *usual, uint32_t *uid)
{
    (void)socket;
    (void)path;
    (void)usual;
    (void)uid;
    return OS_TRUST_STRANGER;
}
