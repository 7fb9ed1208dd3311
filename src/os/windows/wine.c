/* SPDX-License-Identifier: BSD-2-Clause */
/* Wine's developer guide has programs look for wine_get_version() of ntdll.dll; that
 * \\?\unix leads to files of Unix, and CreateProcess() starts programs of Unix by it, was
 * seen in Wine 8 and 10. */
#include "os/windows/api.h"

#include "os/windows/wine.h"

#include "os/endpoint.h"
#include "os/setting.h"
#include "os/windows/text.h"

#include <stdio.h>

bool os_is_wine(void)
{
    HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
    return ntdll != NULL && GetProcAddress(ntdll, "wine_get_version") != NULL;
}

bool os_wine_unix_path(const char *path, char *shown, size_t room)
{
    if (path == NULL || path[0] != '/')
        return false;
    int size = snprintf(shown, room, "%s%s", OS_WINE_UNIX, path);
    return size > 0 && (size_t)size < room;
}

/* --- A way to a service's Unix socket ----------------------------------------------- */

/* A socket cannot be opened, but that says that there is one. */
static bool is_there(const char *unix_path)
{
    char path[WIDE_PATH_MAX];
    wchar_t wide[WIDE_PATH_MAX];
    if (!os_wine_unix_path(unix_path, path, sizeof(path))
        || !os_to_wide(path, wide, WIDE_PATH_MAX))
        return false;
    HANDLE file = CreateFileW(wide, 0, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL,
                              OPEN_EXISTING, 0, NULL);
    if (file != INVALID_HANDLE_VALUE) {
        CloseHandle(file);
        return true;
    }
    DWORD error = GetLastError();
    return error != ERROR_FILE_NOT_FOUND && error != ERROR_PATH_NOT_FOUND;
}

static bool is_service_there(void)
{
    char path[WIDE_PATH_MAX];
    const char *runtime = os_setting(SETTING_USER_RUNTIME);
    if (runtime == NULL)
        return false;
    int size = snprintf(path, sizeof(path), "%s/winscard/winscard.sock", runtime);
    return (size > 0 && (size_t)size < sizeof(path) && is_there(path))
           || is_there("/run/winscard/winscard.sock");
}

/* It goes to the background by itself, and closes what it has of Wine's. */
bool os_start_endpoint(void)
{
    wchar_t command[] = L"sh -c \"PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; "
                        L"exec winscardd --forward </dev/null >/dev/null 2>&1\"";
    STARTUPINFOW start = {.cb = sizeof(start)};
    PROCESS_INFORMATION made = {0};
    if (!os_is_wine() || !is_service_there()
        || !CreateProcessW(L"\\\\?\\unix/bin/sh", command, NULL, NULL, FALSE,
                           CREATE_NO_WINDOW, NULL, NULL, &start, &made))
        return false;
    if (made.hProcess != NULL)
        CloseHandle(made.hProcess);
    if (made.hThread != NULL)
        CloseHandle(made.hThread);
    return true;
}
