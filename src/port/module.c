/* SPDX-License-Identifier: BSD-2-Clause */
/* Libraries. A HMODULE is an entry of a table here, so that one that is none is told, and
 * the names of Windows' libraries lead to ours. */
#include "port/object.h"

#include <assert.h>
#include <dlfcn.h>
#include <errno.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define MODULES 256

struct module {
    void *library; /* of dlopen(); NULL: free */
    unsigned loads;
    bool others; /* GetModuleHandle() found it while it was not loaded by these calls */
};

static pthread_mutex_t modules_lock = PTHREAD_MUTEX_INITIALIZER;
static struct module modules[MODULES];
static struct module program; /* for NULL */

static HMODULE module_handle(struct module *module)
{
    return (HMODULE)(void *)module;
}

/* With the lock. NULL: it is none of the table's. */
static struct module *module_of(HMODULE handle)
{
    struct module *module = (struct module *)(void *)handle;
    if (module == &program)
        return module;
    for (size_t i = 0; i < MODULES; i++)
        if (module == &modules[i] && modules[i].library != NULL)
            return module;
    return NULL;
}

/* --- Names -------------------------------------------------------------------------- */

/* What Windows' name stands for here, or NULL. */
static const char *own_library(const char *name)
{
    static const struct {
        const char *windows, *here;
    } libraries[] = {
        {"winscard", "libwinscard.so.1"},
        {"scarddlg", "libscarddlg.so.1"},
    };
    const char *base = name;
    for (const char *at = name; *at != '\0'; at++)
        if (*at == '/' || *at == '\\')
            base = at + 1;
    for (size_t i = 0; i < sizeof(libraries) / sizeof(libraries[0]); i++) {
        size_t size = strlen(libraries[i].windows);
        if (strncasecmp(base, libraries[i].windows, size) == 0
            && (base[size] == '\0' || strcasecmp(base + size, ".dll") == 0))
            return libraries[i].here;
    }
    return NULL;
}

/* `prefix` before the last part of the path, `suffix` in place of its ".dll". */
static bool make_path(const char *name, const char *prefix, const char *suffix,
                      char path[WINPORT_PATH_MAX])
{
    char slashed[WINPORT_PATH_MAX];
    size_t size = strlen(name);
    if (size >= sizeof(slashed))
        return false;
    for (size_t i = 0; i <= size; i++)
        slashed[i] = (char)(name[i] == '\\' ? '/' : name[i]);
    if (suffix[0] != '\0') {
        if (size < 4 || strcasecmp(slashed + size - 4, ".dll") != 0)
            return false;
        slashed[size - 4] = '\0';
    }
    char *last = strrchr(slashed, '/');
    size_t folder = last == NULL ? 0 : (size_t)(last + 1 - slashed);
    if (strlen(slashed) + strlen(prefix) + strlen(suffix) >= WINPORT_PATH_MAX)
        return false;
    snprintf(path, WINPORT_PATH_MAX, "%.*s%s%s%s", (int)folder, slashed, prefix,
             slashed + folder, suffix);
    return true;
}

static void *open_by(const char *name, int mode)
{
    const char *own = own_library(name);
    if (own != NULL)
        return dlopen(own, mode);
    static const struct {
        const char *prefix, *suffix;
    } forms[] = {{"", ""}, {"", ".so"}, {"lib", ".so"}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char path[WINPORT_PATH_MAX];
        if (!make_path(name, forms[i].prefix, forms[i].suffix, path))
            continue;
        void *library = dlopen(path, mode);
        if (library != NULL)
            return library;
    }
    return NULL;
}

/* As on Windows, a library that no folder is named for is looked for beside the program. */
static void *open_beside_program(const char *name, int mode)
{
    char path[2 * WINPORT_PATH_MAX], program_path[WINPORT_PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program_path, sizeof(program_path) - 1);
    if (size < 0 || strpbrk(name, "/\\") != NULL)
        return NULL;
    program_path[size] = '\0';
    char *last = strrchr(program_path, '/');
    if (last == NULL)
        return NULL;
    snprintf(path, sizeof(path), "%.*s%s", (int)(last + 1 - program_path), program_path,
             name);
    return strlen(path) < WINPORT_PATH_MAX ? open_by(path, mode) : NULL;
}

/* --- Loading and freeing ------------------------------------------------------------ */

/* With the lock: the entry of a library, which may be a new one. */
static struct module *entry_of(void *library)
{
    struct module *free_entry = NULL;
    for (size_t i = 0; i < MODULES; i++) {
        if (modules[i].library == library)
            return &modules[i];
        if (free_entry == NULL && modules[i].library == NULL)
            free_entry = &modules[i];
    }
    if (free_entry != NULL)
        *free_entry = (struct module){.library = library};
    return free_entry;
}

/* `loads`: counted, and to be freed. */
static HMODULE find_module(const char *name, bool loads)
{
    if (name == NULL || name[0] == '\0' || strlen(name) >= WINPORT_PATH_MAX) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    int mode = loads ? RTLD_NOW : RTLD_NOW | RTLD_NOLOAD;
    void *library = open_beside_program(name, mode);
    if (library == NULL)
        library = open_by(name, mode);
    if (library == NULL) {
        winport_fail(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    pthread_mutex_lock(&modules_lock);
    struct module *module = entry_of(library);
    if (module != NULL && loads)
        module->loads++;
    else if (module != NULL && module->loads == 0)
        module->others = true;
    pthread_mutex_unlock(&modules_lock);
    /* The count of dlopen() is one for each load. */
    if (module == NULL || !loads)
        dlclose(library);
    if (module == NULL)
        winport_fail(ERROR_NOT_ENOUGH_MEMORY);
    return module == NULL ? NULL : module_handle(module);
}

HMODULE LoadLibraryExA(LPCSTR name, HANDLE file, DWORD flags)
{
    (void)file;
    if (flags & LOAD_LIBRARY_AS_DATAFILE) {
        winport_fail(ERROR_NOT_SUPPORTED);
        return NULL;
    }
    return find_module(name, true);
}

HMODULE LoadLibraryExW(LPCWSTR name, HANDLE file, DWORD flags)
{
    char *narrow = winport_narrow(name);
    if (narrow == NULL)
        return NULL;
    HMODULE module = LoadLibraryExA(narrow, file, flags);
    free(narrow);
    return module;
}

HMODULE LoadLibraryA(LPCSTR name)
{
    return LoadLibraryExA(name, NULL, 0);
}

HMODULE LoadLibraryW(LPCWSTR name)
{
    return LoadLibraryExW(name, NULL, 0);
}

BOOL FreeLibrary(HMODULE handle)
{
    void *library = NULL;
    bool last = false;
    pthread_mutex_lock(&modules_lock);
    struct module *module = module_of(handle);
    if (module != NULL && module->loads > 0) {
        library = module->library;
        assert(library != NULL);
        last = --module->loads == 0;
        if (last && !module->others)
            module->library = NULL;
    }
    pthread_mutex_unlock(&modules_lock);
    if (library == NULL)
        return winport_fail(ERROR_INVALID_HANDLE);
    if (last)
        winport_started_lost(library);
    dlclose(library);
    return TRUE;
}

HMODULE GetModuleHandleA(LPCSTR name)
{
    return name == NULL ? module_handle(&program) : find_module(name, false);
}

HMODULE GetModuleHandleW(LPCWSTR name)
{
    if (name == NULL)
        return module_handle(&program);
    char *narrow = winport_narrow(name);
    if (narrow == NULL)
        return NULL;
    HMODULE module = find_module(narrow, false);
    free(narrow);
    return module;
}

/* --- What is in them ---------------------------------------------------------------- */

/* The library of a handle, or for the program's what dlopen() gives. FALSE: no module. */
static BOOL library_of(HMODULE handle, void **library)
{
    pthread_mutex_lock(&modules_lock);
    struct module *module = module_of(handle);
    *library = module == NULL ? NULL : module->library;
    pthread_mutex_unlock(&modules_lock);
    if (module == NULL)
        return winport_fail(ERROR_INVALID_HANDLE);
    return TRUE;
}

FARPROC GetProcAddress(HMODULE handle, LPCSTR name)
{
    void *library;
    if (!library_of(handle == NULL ? module_handle(&program) : handle, &library))
        return NULL;
    if ((uintptr_t)name <= 0xffff) {
        winport_fail(ERROR_PROC_NOT_FOUND);
        return NULL;
    }
    void *address = dlsym(library == NULL ? RTLD_DEFAULT : library, name);
    if (address == NULL) {
        winport_fail(ERROR_PROC_NOT_FOUND);
        return NULL;
    }
    winport_started_found(library, name, address);
    union {
        void *object;
        FARPROC call;
    } converted = {.object = address};
    return converted.call;
}

static bool path_of(void *library, char path[WINPORT_PATH_MAX])
{
    if (library == NULL) {
        ssize_t size = readlink("/proc/self/exe", path, WINPORT_PATH_MAX - 1);
        if (size < 0)
            return false;
        path[size] = '\0';
        return true;
    }
    struct link_map *map = NULL;
    if (dlinfo(library, RTLD_DI_LINKMAP, &map) != 0 || map == NULL
        || strlen(map->l_name) >= WINPORT_PATH_MAX)
        return false;
    memcpy(path, map->l_name, strlen(map->l_name) + 1);
    return true;
}

static DWORD file_name(HMODULE handle, const struct winport_out *out)
{
    void *library;
    char path[WINPORT_PATH_MAX];
    if (!library_of(handle == NULL ? module_handle(&program) : handle, &library))
        return 0;
    if (!path_of(library, path)) {
        winport_fail(ERROR_FILE_NOT_FOUND);
        return 0;
    }
    size_t length = winport_out_length(out, path);
    winport_out_put(out, path);
    SetLastError(length < out->room ? ERROR_SUCCESS : ERROR_INSUFFICIENT_BUFFER);
    return (DWORD)(length < out->room ? length : out->room);
}

DWORD GetModuleFileNameA(HMODULE module, LPSTR path, DWORD size)
{
    struct winport_out out = {.narrow = path, .room = path == NULL ? 0 : size};
    return file_name(module, &out);
}

DWORD GetModuleFileNameW(HMODULE module, LPWSTR path, DWORD size)
{
    struct winport_out out = winport_out_wide(path, size);
    return file_name(module, &out);
}
