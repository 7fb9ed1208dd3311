/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/windows/api.h"

#include "os/windows/text.h"

#include <string.h>

bool os_to_wide(const char *text, wchar_t *wide, size_t room)
{
    return MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, text, -1, wide, (int)room)
           > 0;
}

bool os_from_wide(const wchar_t *wide, char *text, size_t room)
{
    return WideCharToMultiByte(CP_UTF8, WC_ERR_INVALID_CHARS, wide, -1, text, (int)room,
                               NULL, NULL)
           > 0;
}

void os_ascii_to_wide(const char *text, wchar_t *wide, size_t room)
{
    size_t at = 0;
    for (; at + 1 < room && text[at] != '\0'; at++)
        wide[at] = (unsigned char)text[at];
    wide[at] = L'\0';
}

static const wchar_t long_prefix[] = L"\\\\?\\";
enum {
    PREFIX_SIZE = ARRAY_SIZE(long_prefix) - 1,
    SHORT_MAX = 240 /* MAX_PATH, less a file's name in a directory: 12, and some room */
};

/* "\\server\share" has no drive; its long form would be another, and is not made. */
static bool is_drive_path(const wchar_t *path)
{
    return path[0] != L'\0' && path[1] == L':';
}

bool os_wide_path(const char *path, wchar_t wide[WIDE_PATH_MAX])
{
    wchar_t given[WIDE_PATH_MAX];
    if (path[0] == '\0' || !os_to_wide(path, given, ARRAY_SIZE(given)))
        return false;
    if (wcsncmp(given, long_prefix, PREFIX_SIZE) == 0) {
        memcpy(wide, given, (wcslen(given) + 1) * sizeof(*wide));
        return true;
    }
    DWORD room = WIDE_PATH_MAX - PREFIX_SIZE;
    DWORD size = GetFullPathNameW(given, room, wide, NULL);
    if (size == 0 || size >= room)
        return false;
    if (size > SHORT_MAX && is_drive_path(wide)) {
        memmove(wide + PREFIX_SIZE, wide, (size + 1) * sizeof(*wide));
        memcpy(wide, long_prefix, PREFIX_SIZE * sizeof(*wide));
    }
    return true;
}

bool os_path_is_of_drive(wchar_t *path, const char **why)
{
    if (wcsncmp(path, long_prefix, PREFIX_SIZE) == 0)
        wmemmove(path, path + PREFIX_SIZE, wcslen(path + PREFIX_SIZE) + 1);
    if (is_drive_path(path))
        return true;
    *why = "is not on a drive of this machine";
    return false;
}

bool os_path_go_up(wchar_t *path)
{
    enum { ROOT_SIZE = 3 }; /* "C:\\" */
    size_t size = wcslen(path);
    if (size <= ROOT_SIZE)
        return false;
    if (path[size - 1] == L'\\')
        path[size - 1] = L'\0';
    wchar_t *name = wcsrchr(path, L'\\');
    if (name == NULL)
        return false;
    name[1] = L'\0';
    return true;
}
