/* SPDX-License-Identifier: BSD-2-Clause */
/* Wine's developer guide has programs look for wine_get_version() of ntdll.dll; that
 * \\?\unix leads to files of Unix was seen in Wine 8 and 10. */
#include "os/windows/api.h"

#include "os/windows/wine.h"

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
