/* SPDX-License-Identifier: BSD-2-Clause */
#include "os/windows/api.h"

#include "os/library.h"

#include "base/atomic.h"
#include "os/windows/text.h"

#include <string.h>

static uint32_t kept;

/* An address of the library's own tells which one it is. */
static HMODULE own_module(DWORD flags)
{
    HMODULE own = NULL;
    if (!GetModuleHandleExW(flags | GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS,
                            (LPCWSTR)(void *)&kept, &own))
        return NULL;
    return own;
}

void os_library_keep(void)
{
    if (atomic_load_u32(&kept) == 0 && own_module(GET_MODULE_HANDLE_EX_FLAG_PIN) != NULL)
        atomic_store_u32(&kept, 1);
}

/* What the library needs itself is looked for beside it first, and not beside the program:
 * who may write there has no say in the system's libraries. */
static struct os_library *open_wide(const wchar_t *path)
{
    HMODULE module = LoadLibraryExW(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
    if (module == NULL
        || module == own_module(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT))
        return NULL; /* one use too many of our own, which stays loaded in any case */
    return (struct os_library *)module;
}

struct os_library *os_library_open(const char *path)
{
    wchar_t wide[WIDE_PATH_MAX];
    return os_wide_path(path, wide) ? open_wide(wide) : NULL;
}

struct os_library *os_library_of_system(const char *name)
{
    wchar_t path[WIDE_PATH_MAX];
    UINT size = GetSystemDirectoryW(path, WIDE_PATH_MAX);
    if (size == 0 || size + strlen(name) + 2 > WIDE_PATH_MAX)
        return NULL;
    path[size++] = L'\\';
    os_ascii_to_wide(name, path + size, WIDE_PATH_MAX - size);
    return open_wide(path);
}

os_library_function os_library_find(struct os_library *library, const char *name)
{
    return (os_library_function)GetProcAddress((HMODULE)library, name);
}
