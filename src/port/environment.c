/* SPDX-License-Identifier: BSD-2-Clause */
/* The surroundings of a program: variables, names of the machine and the user. */
#include "port/port.h"

#include <errno.h>
#include <pthread.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- Variables ---------------------------------------------------------------------- */

/* On Windows threads may set what others get. */
static pthread_mutex_t variables_lock = PTHREAD_MUTEX_INITIALIZER;

static DWORD get_variable(const char *name, const struct winport_out *out)
{
    DWORD length = 0;
    pthread_mutex_lock(&variables_lock);
    const char *value = name == NULL ? NULL : getenv(name);
    if (value == NULL) {
        winport_fail(ERROR_ENVVAR_NOT_FOUND);
    } else {
        SetLastError(ERROR_SUCCESS); /* an empty value has length 0, too */
        length = winport_out_answer(out, value);
    }
    pthread_mutex_unlock(&variables_lock);
    return length;
}

DWORD GetEnvironmentVariableA(LPCSTR name, LPSTR value, DWORD size)
{
    struct winport_out out = {.narrow = value, .room = size};
    return get_variable(name, &out);
}

DWORD GetEnvironmentVariableW(LPCWSTR name, LPWSTR value, DWORD size)
{
    char *narrow = name == NULL ? NULL : winport_narrow(name);
    if (name != NULL && narrow == NULL)
        return 0;
    struct winport_out out = winport_out_wide(value, size);
    DWORD length = get_variable(narrow, &out);
    free(narrow);
    return length;
}

BOOL SetEnvironmentVariableA(LPCSTR name, LPCSTR value)
{
    if (name == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    pthread_mutex_lock(&variables_lock);
    int result = value == NULL ? unsetenv(name) : setenv(name, value, 1);
    pthread_mutex_unlock(&variables_lock);
    if (result == 0)
        return TRUE;
    return winport_fail(errno == ENOMEM ? ERROR_NOT_ENOUGH_MEMORY
                                        : ERROR_INVALID_PARAMETER);
}

BOOL SetEnvironmentVariableW(LPCWSTR name, LPCWSTR value)
{
    char *narrow_name = winport_narrow(name);
    if (narrow_name == NULL)
        return FALSE;
    char *narrow_value = value == NULL ? NULL : winport_narrow(value);
    BOOL done = (value == NULL || narrow_value != NULL)
                && SetEnvironmentVariableA(narrow_name, narrow_value);
    free(narrow_value);
    free(narrow_name);
    return done;
}

/* --- Names -------------------------------------------------------------------------- */

#define NAME_BYTES 1024

/* *size is the room; then the length with `counts_nul`, or without the NUL. */
static BOOL answer_name(const char *name, struct winport_out *out, LPDWORD size,
                        bool counts_nul, DWORD too_small)
{
    DWORD length = (DWORD)winport_out_length(out, name);
    out->room = *size;
    if (length >= *size || (out->wide == NULL && out->narrow == NULL)) {
        *size = length + 1;
        return winport_fail(too_small);
    }
    winport_out_put(out, name);
    *size = length + (counts_nul ? 1 : 0);
    return TRUE;
}

static BOOL computer_name(struct winport_out *out, LPDWORD size)
{
    char name[NAME_BYTES];
    if (size == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    if (gethostname(name, sizeof(name)) != 0)
        return winport_fail(winport_error_of_errno(errno));
    name[sizeof(name) - 1] = '\0';
    name[strcspn(name, ".")] = '\0'; /* without the domain, as a NetBIOS name is */
    return answer_name(name, out, size, false, ERROR_BUFFER_OVERFLOW);
}

BOOL GetComputerNameA(LPSTR name, LPDWORD size)
{
    struct winport_out out = {.narrow = name};
    return computer_name(&out, size);
}

BOOL GetComputerNameW(LPWSTR name, LPDWORD size)
{
    struct winport_out out = winport_out_wide(name, 0);
    if (name == NULL && size != NULL)
        *size = 0;
    return computer_name(&out, size);
}

static BOOL user_name(struct winport_out *out, LPDWORD size)
{
    if (size == NULL)
        return winport_fail(ERROR_INVALID_PARAMETER);
    struct passwd entry, *found = NULL;
    char memory[16 * NAME_BYTES];
    int error = getpwuid_r(geteuid(), &entry, memory, sizeof(memory), &found);
    if (found == NULL)
        return winport_fail(error == 0 ? ERROR_NO_SUCH_USER
                                       : winport_error_of_errno(error));
    return answer_name(entry.pw_name, out, size, true, ERROR_INSUFFICIENT_BUFFER);
}

BOOL GetUserNameA(LPSTR name, LPDWORD size)
{
    struct winport_out out = {.narrow = name};
    return user_name(&out, size);
}

BOOL GetUserNameW(LPWSTR name, LPDWORD size)
{
    struct winport_out out = winport_out_wide(name, 0);
    if (name == NULL && size != NULL)
        *size = 0;
    return user_name(&out, size);
}

/* --- The machine -------------------------------------------------------------------- */

UINT GetSystemDirectoryA(LPSTR path, UINT size)
{
    struct winport_out out = {.narrow = path, .room = size};
    return winport_out_answer(&out, "/usr/lib");
}

UINT GetSystemDirectoryW(LPWSTR path, UINT size)
{
    struct winport_out out = winport_out_wide(path, size);
    return winport_out_answer(&out, "/usr/lib");
}

UINT GetWindowsDirectoryA(LPSTR path, UINT size)
{
    return GetSystemDirectoryA(path, size);
}

UINT GetWindowsDirectoryW(LPWSTR path, UINT size)
{
    return GetSystemDirectoryW(path, size);
}

UINT GetSystemWindowsDirectoryA(LPSTR path, UINT size)
{
    return GetSystemDirectoryA(path, size);
}

UINT GetSystemWindowsDirectoryW(LPWSTR path, UINT size)
{
    return GetSystemDirectoryW(path, size);
}

void GetSystemInfo(LPSYSTEM_INFO info)
{
    memset(info, 0, sizeof(*info));
    info->dwPageSize = (DWORD)sysconf(_SC_PAGESIZE);
    info->dwAllocationGranularity = info->dwPageSize;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    info->dwNumberOfProcessors = processors < 1 ? 1 : (DWORD)processors;
}

void OutputDebugStringA(LPCSTR text)
{
    (void)text;
}

void OutputDebugStringW(LPCWSTR text)
{
    (void)text;
}
