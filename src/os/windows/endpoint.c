/* SPDX-License-Identifier: BSD-2-Clause */
/* MS-Docs "KNOWNFOLDERID": %ProgramData% is the machine's, %APPDATA% and %LOCALAPPDATA% are
 * the user's. There are no Unix sockets, so no service is found at one. Under Wine the user's
 * service is one of the system below, whose files a program sees behind \\?\unix. */
#include "os/windows/api.h"

#include "os/endpoint.h"

#include "os/lock.h"
#include "os/setting.h"
#include "os/windows/text.h"
#include "os/windows/wine.h"

#include <stdio.h>

enum { PLACE_MAX = 1024 }; /* bytes of a path, its NUL counted */

/* %VARIABLE%\END. */
static bool under_variable(const wchar_t *variable, const char *end, char *path,
                           size_t room)
{
    wchar_t wide[PLACE_MAX];
    char base[PLACE_MAX];
    DWORD units = GetEnvironmentVariableW(variable, wide, ARRAY_SIZE(wide));
    if (units == 0 || units >= ARRAY_SIZE(wide) || wide[1] != L':'
        || !os_from_wide(wide, base, sizeof(base)))
        return false;
    int size = snprintf(path, room, "%s\\%s", base, end);
    return size > 0 && (size_t)size < room;
}

/* The directory that this library, or the program that has this code in it, lies in. */
static bool under_library(const char *end, char *path, size_t room)
{
    static const char here;
    wchar_t wide[PLACE_MAX];
    char base[PLACE_MAX];
    HMODULE module = NULL;
    if (!GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS
                                | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT,
                            (LPCWSTR)(const void *)&here, &module))
        return false;
    DWORD units = GetModuleFileNameW(module, wide, ARRAY_SIZE(wide));
    wchar_t *name = units > 0 && units < ARRAY_SIZE(wide) ? wcsrchr(wide, L'\\') : NULL;
    if (name == NULL)
        return false;
    *name = L'\0';
    int size = os_from_wide(wide, base, sizeof(base))
                   ? snprintf(path, room, "%s\\%s", base, end)
                   : -1;
    return size > 0 && (size_t)size < room;
}

/* Texts of static storage, found once. "": there is no such place. */
struct place {
    struct os_mutex lock;
    bool found;
    char path[PLACE_MAX];
};

static const char *find_place(struct place *place, bool (*find)(char *path, size_t room))
{
    os_mutex_lock(&place->lock);
    if (!place->found && !find(place->path, sizeof(place->path)))
        place->path[0] = '\0';
    place->found = true;
    os_mutex_unlock(&place->lock);
    return place->path;
}

static bool find_machine(char *path, size_t room)
{
    return under_variable(L"ProgramData", "winscard", path, room);
}

static bool find_cards(char *path, size_t room)
{
    return under_library("cards.d", path, room);
}

const char *os_machine_config(void)
{
    static struct place place = {.lock = OS_MUTEX_INIT};
    return find_place(&place, find_machine);
}

const char *os_machine_data(void)
{
    return os_machine_config();
}

const char *os_packaged_cards(void)
{
    static struct place place = {.lock = OS_MUTEX_INIT};
    return find_place(&place, find_cards);
}

bool os_user_config(char *path, size_t room)
{
    return under_variable(L"APPDATA", "winscard", path, room);
}

bool os_user_data(char *path, size_t room)
{
    return os_user_config(path, room);
}

bool os_user_endpoint(char *path, size_t room)
{
    return under_variable(L"LOCALAPPDATA", "winscard\\tcp", path, room);
}

/* Not %ProgramData%\winscard itself, where everybody may make files unless somebody has
 * seen to that. */
bool os_machine_endpoint(char *path, size_t room)
{
    return under_variable(L"ProgramData", "winscard\\service\\tcp", path, room);
}

const char *os_endpoint_setting(bool machine)
{
    return machine ? "ProgramData" : "LOCALAPPDATA";
}

bool os_lower_endpoint(char *path, size_t room)
{
    const char *runtime = os_setting(SETTING_USER_RUNTIME);
    char unix_path[PLACE_MAX];
    if (!os_is_wine() || runtime == NULL)
        return false;
    int size = snprintf(unix_path, sizeof(unix_path), "%s/winscard/tcp", runtime);
    return size > 0 && (size_t)size < sizeof(unix_path)
           && os_wine_unix_path(unix_path, path, room);
}

bool os_user_service(char *path, size_t room)
{
    (void)path;
    (void)room;
    return false;
}

const char *os_user_service_setting(void)
{
    return os_setting_row(SETTING_USER_RUNTIME)->name;
}

const char *os_machine_service(void)
{
    return "";
}

const char *os_pcscd_service(void)
{
    return "";
}

const char *os_usb_devices(void)
{
    return "";
}

const char *os_usb_nodes(void)
{
    return "";
}

const char *os_pcscd_readers(void)
{
    return "";
}

const char *os_pcscd_bundles(void)
{
    return "";
}

const char *os_ifd_program(void)
{
    return "";
}
