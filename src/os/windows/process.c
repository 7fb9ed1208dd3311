/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/windows/api.h"

#include "os/process.h"

#include "os/windows/text.h"

/* NULL: there is no such process, or it may not be looked at. */
static HANDLE open_process(uint32_t pid)
{
    return OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION | SYNCHRONIZE, FALSE, pid);
}

/* In units of 100 ns. */
static uint64_t start_of(HANDLE process)
{
    FILETIME made, exited, kernel, user;
    if (!GetProcessTimes(process, &made, &exited, &kernel, &user))
        return 0;
    return (uint64_t)made.dwHighDateTime << 32 | made.dwLowDateTime;
}

uint64_t os_process_start_time(uint32_t pid)
{
    HANDLE process = open_process(pid);
    if (process == NULL)
        return 0;
    uint64_t start = start_of(process);
    CloseHandle(process);
    return start;
}

enum os_process_state os_process_state(uint32_t pid, uint64_t start_time)
{
    if (start_time == 0)
        return OS_PROCESS_RUNS;
    HANDLE process = open_process(pid);
    if (process == NULL)
        return GetLastError() == ERROR_INVALID_PARAMETER ? OS_PROCESS_GONE
                                                         : OS_PROCESS_RUNS;
    bool gone = start_of(process) != start_time
                || WaitForSingleObject(process, 0) == WAIT_OBJECT_0;
    CloseHandle(process);
    return gone ? OS_PROCESS_GONE : OS_PROCESS_RUNS;
}

/* The name of its program's file, without the folder. */
void os_process_name(uint32_t pid, uint64_t start_time, char *name, size_t room)
{
    wchar_t path[WIDE_PATH_MAX];
    DWORD units = ARRAY_SIZE(path);
    name[0] = '\0';
    HANDLE process = open_process(pid);
    if (process == NULL)
        return;
    bool same = start_of(process) == start_time;
    if (same && QueryFullProcessImageNameW(process, 0, path, &units)) {
        const wchar_t *slash = wcsrchr(path, L'\\');
        if (!os_from_wide(slash != NULL ? slash + 1 : path, name, room))
            name[0] = '\0';
    }
    CloseHandle(process);
}
