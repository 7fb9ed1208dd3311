/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of data on Windows. */
#include "os/windows/api.h"

#include "os/files.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/windows/open.h"
#include "os/windows/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool os_file_exists(const char *path)
{
    wchar_t wide[WIDE_PATH_MAX];
    return os_wide_path(path, wide)
           && GetFileAttributesW(wide) != INVALID_FILE_ATTRIBUTES;
}

/* An elevated process is of the same user, and its files are the user's. */
bool os_path_is_own(const char *path)
{
    (void)path;
    return true;
}

static enum sc_error last_error(void)
{
    switch (GetLastError()) {
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_FILENAME_EXCED_RANGE:
    case ERROR_SHARING_VIOLATION:
        return SC_E_NO_ACCESS;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return SC_E_NO_MEMORY;
    default:
        return SC_F_INTERNAL_ERROR;
    }
}

/* Those above the file, from the drive or the share on: what is there already, or cannot be
 * made, shows when the file is made. */
static void make_parents(wchar_t *path)
{
    for (wchar_t *at = path + 1; *at != L'\0'; at++) {
        if (*at != L'\\')
            continue;
        *at = L'\0';
        (void)CreateDirectoryW(path, NULL);
        *at = L'\\';
    }
}

/* Rights are those that the directory hands down: of %APPDATA% the user's, the system's and
 * the administrators'. */
enum sc_error os_make_file(const char *path, enum files_audience audience)
{
    wchar_t wide[WIDE_PATH_MAX];
    (void)audience;
    if (os_file_exists(path))
        return SC_OK;
    if (!os_wide_path(path, wide))
        return SC_E_NO_ACCESS;
    make_parents(wide);
    HANDLE file = CreateFileW(wide, GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE,
                              NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_FILE_EXISTS ? SC_OK : last_error();
    CloseHandle(file);
    return SC_OK;
}

static enum sc_error read_open_file(HANDLE file, size_t max, uint8_t **bytes,
                                    size_t *size)
{
    LARGE_INTEGER whole;
    DWORD got = 0;
    if (GetFileType(file) != FILE_TYPE_DISK || !GetFileSizeEx(file, &whole))
        return SC_E_NO_ACCESS;
    if (whole.QuadPart < 0 || (uint64_t)whole.QuadPart > max || whole.HighPart != 0)
        return SC_E_NO_MEMORY;
    uint8_t *all = mem_alloc((size_t)whole.QuadPart);
    if (all == NULL)
        return SC_E_NO_MEMORY;
    if (!ReadFile(file, all, whole.LowPart, &got, NULL)) {
        mem_free(all);
        return SC_E_NO_ACCESS;
    }
    *bytes = all;
    *size = got; /* less, if it was cut meanwhile */
    return SC_OK;
}

enum sc_error os_read_file(const char *path, size_t max, uint8_t **bytes, size_t *size)
{
    wchar_t wide[WIDE_PATH_MAX];
    if (!os_wide_path(path, wide))
        return SC_E_NO_ACCESS;
    HANDLE file = os_open_existing(wide, GENERIC_READ, 0);
    if (file == INVALID_HANDLE_VALUE)
        return SC_E_NO_ACCESS;
    enum sc_error error = read_open_file(file, max, bytes, size);
    CloseHandle(file);
    return error;
}

/* --- Directories -------------------------------------------------------------------- */

enum {
    NAME_ROOM = 4 * MAX_PATH, /* of a name in UTF-8 */
    LISTED_MAX = 16384        /* names that are sorted; the rest is not looked at */
};

struct names {
    char **names;
    size_t count, room;
};

static bool ends_with(const char *name, const char *suffix)
{
    size_t size = strlen(name), wanted = strlen(suffix);
    return name[0] != '.' && size > wanted && strcmp(name + size - wanted, suffix) == 0;
}

static bool add_name(struct names *names, const char *name)
{
    size_t size = strlen(name) + 1;
    if (names->count == names->room) {
        size_t room = names->room == 0 ? 16 : names->room * 2;
        char **larger = mem_resize(names->names, room * sizeof(*larger));
        if (larger == NULL)
            return false;
        names->names = larger;
        names->room = room;
    }
    char *kept = mem_alloc(size);
    if (kept == NULL)
        return false;
    memcpy(kept, name, size);
    names->names[names->count++] = kept;
    return true;
}

static void free_names(struct names *names)
{
    for (size_t i = 0; i < names->count; i++)
        mem_free(names->names[i]);
    mem_free(names->names);
}

static int compare_names(const void *a, const void *b)
{
    const char *const *one = a, *const *other = b;
    return strcmp(*one, *other);
}

static enum sc_error find_names(const char *directory, const char *suffix,
                                struct names *names)
{
    wchar_t pattern[WIDE_PATH_MAX];
    char text[FILES_PATH_MAX], name[NAME_ROOM];
    WIN32_FIND_DATAW entry;
    int size = snprintf(text, sizeof(text), "%s\\*", directory);
    if (size < 0 || (size_t)size >= sizeof(text) || !os_wide_path(text, pattern))
        return SC_E_FILE_NOT_FOUND;
    HANDLE search = FindFirstFileW(pattern, &entry);
    if (search == INVALID_HANDLE_VALUE)
        return GetLastError() == ERROR_ACCESS_DENIED ? SC_E_NO_ACCESS
                                                     : SC_E_FILE_NOT_FOUND;
    bool more = true;
    while (more && names->count < LISTED_MAX) {
        if (os_from_wide(entry.cFileName, name, sizeof(name)) && ends_with(name, suffix))
            more = add_name(names, name);
        more = more && FindNextFileW(search, &entry);
    }
    FindClose(search);
    return SC_OK;
}

static void give_names(const char *directory, const struct names *names, unsigned max,
                       files_take_path *take, void *context)
{
    char path[FILES_PATH_MAX];
    for (size_t i = 0; i < names->count && i < max; i++) {
        int size = snprintf(path, sizeof(path), "%s\\%s", directory, names->names[i]);
        if (size > 0 && (size_t)size < sizeof(path))
            take(context, path);
        else
            log_error("%s: too long a path", directory);
    }
    if (names->count > max)
        log_error("%s: more than %u files", directory, max);
}

enum sc_error os_list_names(const char *directory, const char *suffix, unsigned max,
                            files_take_path *take, void *context)
{
    struct names names = {.names = NULL};
    enum sc_error error = find_names(directory, suffix, &names);
    if (names.count > 0)
        qsort(names.names, names.count, sizeof(*names.names), compare_names);
    give_names(directory, &names, max, take, context);
    free_names(&names);
    return error;
}

/* Of FILETIME, which counts 100 ns. */
static uint64_t nanoseconds(const FILETIME *time)
{
    return ((uint64_t)time->dwHighDateTime << 32 | time->dwLowDateTime) * 100U;
}

static uint64_t two_words(DWORD high, DWORD low)
{
    return (uint64_t)high << 32 | low;
}

bool os_file_entry(const char *path, struct files_entry *entry)
{
    wchar_t wide[WIDE_PATH_MAX];
    BY_HANDLE_FILE_INFORMATION found;
    if (!os_wide_path(path, wide))
        return false;
    HANDLE file = os_open_existing(wide, FILE_READ_ATTRIBUTES, 0);
    if (file == INVALID_HANDLE_VALUE)
        return false;
    bool regular = GetFileInformationByHandle(file, &found)
                   && (found.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY) == 0;
    CloseHandle(file);
    if (!regular)
        return false;
    entry->path = path;
    entry->modified_ns = nanoseconds(&found.ftLastWriteTime);
    entry->changed_ns = nanoseconds(&found.ftCreationTime);
    entry->size = two_words(found.nFileSizeHigh, found.nFileSizeLow);
    entry->number = two_words(found.nFileIndexHigh, found.nFileIndexLow);
    return true;
}
