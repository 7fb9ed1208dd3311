/* SPDX-License-Identifier: BSD-2-Clause */
/* Types of values: REG_BINARY, REG_SZ, REG_MULTI_SZ (winnt.h); text is UTF-16, and need
 * not end in a NUL ("Registry Value Types", Microsoft). */
#include "database/registry_values.h"

#include "base/alloc.h"
#include "base/log.h"
#include "base/multistring.h"
#include "base/utf.h"
#include "database/calais.h"

#include <string.h>

enum sc_error registry_error(LSTATUS status)
{
    switch (status) {
    case ERROR_SUCCESS:
        return SC_OK;
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_KEY_DELETED:
        return SC_E_FILE_NOT_FOUND;
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT:
        return SC_E_NO_ACCESS;
    case ERROR_NOT_ENOUGH_MEMORY:
    case ERROR_OUTOFMEMORY:
        return SC_E_NO_MEMORY;
    default:
        log_error("registry: error %ld", (long)status);
        return SC_F_INTERNAL_ERROR;
    }
}

bool registry_wide_name(const char *name, WCHAR wide[REGISTRY_NAME_MAX])
{
    size_t units;
    return calais_is_name(name)
           && utf8_to_utf16(name, strlen(name) + 1, wide, REGISTRY_NAME_MAX, &units)
                  == SC_OK;
}

bool registry_narrow_name(const WCHAR *wide, size_t units, char name[DATABASE_NAME_MAX])
{
    size_t size = 0;
    if (utf16_to_utf8(wide, units, name, DATABASE_NAME_MAX - 1, &size) != SC_OK)
        return false;
    name[size] = '\0';
    return calais_is_name(name);
}

/* --- Reading ------------------------------------------------------------------------ */

static void log_skipped_value(void)
{
    log_info("registry: a value has the wrong type or size: skipped");
}

static enum sc_error get_value(HKEY key, const WCHAR *name, const DWORD types[2],
                               void *bytes, size_t room, size_t *size)
{
    DWORD type = REG_NONE, count = (DWORD)room;
    LSTATUS status = RegQueryValueExW(key, name, NULL, &type, bytes, &count);
    *size = 0;
    if (status == ERROR_FILE_NOT_FOUND)
        return SC_OK;
    if (status == ERROR_MORE_DATA
        || (status == ERROR_SUCCESS && type != types[0] && type != types[1])) {
        log_skipped_value();
        memset(bytes, 0, room);
        return SC_OK;
    }
    if (status == ERROR_SUCCESS)
        *size = count;
    return registry_error(status);
}

enum sc_error registry_get_bytes(HKEY key, const WCHAR *name, void *bytes, size_t room,
                                 size_t *size)
{
    static const DWORD types[2] = {REG_BINARY, REG_BINARY};
    return get_value(key, name, types, bytes, room, size);
}

enum sc_error registry_get_text(HKEY key, const WCHAR *name,
                                char text[DATABASE_VALUE_MAX])
{
    static const DWORD types[2] = {REG_SZ, REG_EXPAND_SZ};
    WCHAR wide[DATABASE_VALUE_MAX];
    size_t size = 0, count = 0;
    enum sc_error error = get_value(key, name, types, wide, sizeof(wide), &size);
    size_t units = utf16_length(wide, size / sizeof(*wide));
    text[0] = '\0';
    if (error != SC_OK || units == 0)
        return error;
    if (utf16_to_utf8(wide, units, text, DATABASE_VALUE_MAX - 1, &count) != SC_OK) {
        log_skipped_value();
        count = 0;
    }
    text[count] = '\0';
    return SC_OK;
}

/* What of it are names, as far as there is room. */
static void take_texts(const WCHAR *wide, size_t units, char texts[DATABASE_GROUPS_MAX])
{
    size_t size = 0, at = 0;
    while (at < units && wide[at] != 0) {
        char name[DATABASE_NAME_MAX];
        size_t length = utf16_length(wide + at, units - at);
        bool fits = registry_narrow_name(wide + at, length, name)
                    && size + strlen(name) + 2 <= DATABASE_GROUPS_MAX;
        if (fits) {
            memcpy(texts + size, name, strlen(name) + 1);
            size += strlen(name) + 1;
        }
        at += length + 1;
    }
    texts[size] = '\0';
}

enum sc_error registry_get_texts(HKEY key, const WCHAR *name,
                                 char texts[DATABASE_GROUPS_MAX])
{
    static const DWORD types[2] = {REG_MULTI_SZ, REG_MULTI_SZ};
    size_t room = DATABASE_GROUPS_MAX * sizeof(WCHAR), size = 0;
    WCHAR *wide = mem_alloc(room);
    memset(texts, 0, DATABASE_GROUPS_MAX);
    if (wide == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = get_value(key, name, types, wide, room, &size);
    if (error == SC_OK)
        take_texts(wide, size / sizeof(*wide), texts);
    mem_free(wide);
    return error;
}

/* --- Writing ------------------------------------------------------------------------ */

static enum sc_error set_value(HKEY key, const WCHAR *name, DWORD type, const void *bytes,
                               size_t size)
{
    LSTATUS status = size == 0 ? RegDeleteValueW(key, name)
                               : RegSetValueExW(key, name, 0, type, bytes, (DWORD)size);
    return size == 0 && status == ERROR_FILE_NOT_FOUND ? SC_OK : registry_error(status);
}

enum sc_error registry_set_bytes(HKEY key, const WCHAR *name, const void *bytes,
                                 size_t size)
{
    return set_value(key, name, REG_BINARY, bytes, size);
}

/* With its last NUL. */
static enum sc_error set_wide(HKEY key, const WCHAR *name, DWORD type, const char *text,
                              size_t size)
{
    WCHAR *wide = mem_alloc(size * sizeof(*wide));
    size_t units = 0;
    if (wide == NULL)
        return SC_E_NO_MEMORY;
    enum sc_error error = utf8_to_utf16(text, size, wide, size, &units);
    if (error == SC_OK)
        error = set_value(key, name, type, wide, units * sizeof(*wide));
    mem_free(wide);
    return error;
}

enum sc_error registry_set_text(HKEY key, const WCHAR *name, const char *text)
{
    return text[0] == '\0' ? set_value(key, name, REG_SZ, NULL, 0)
                           : set_wide(key, name, REG_SZ, text, strlen(text) + 1);
}

enum sc_error registry_set_texts(HKEY key, const WCHAR *name, const char *texts)
{
    size_t size = multistring_size(texts, DATABASE_GROUPS_MAX);
    if (size == 0)
        return SC_E_INVALID_VALUE;
    return texts[0] == '\0' ? set_value(key, name, REG_MULTI_SZ, NULL, 0)
                            : set_wide(key, name, REG_MULTI_SZ, texts, size);
}
