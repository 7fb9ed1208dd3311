/* SPDX-License-Identifier: BSD-2-Clause */
#include "port/named.h"

#include "port/convert.h"

#include <stdlib.h>
#include <string.h>

/* The name without what says for which sessions it is. NULL, and the last error: it is no
 * name. */
static const char *bare_name(const char *name)
{
    static const char *const spaces[] = {"Local\\", "Global\\"};
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        if (strncmp(name, spaces[i], strlen(spaces[i])) == 0) {
            name += strlen(spaces[i]);
            break;
        }
    DWORD error = ERROR_SUCCESS;
    if (strchr(name, '\\') != NULL)
        error = ERROR_PATH_NOT_FOUND;
    else if (winport_utf8_to_utf16(name, strlen(name), NULL, 0, NULL) > WINPORT_NAME_MAX)
        error = ERROR_FILENAME_EXCED_RANGE;
    if (error != ERROR_SUCCESS)
        winport_fail(error);
    return error == ERROR_SUCCESS ? name : NULL;
}

static HANDLE create_named(const struct winport_named *named, const char *name,
                           void (*set_up)(struct winport_object *, const void *),
                           const void *argument)
{
    struct winport_object *object = name == NULL ? NULL : winport_object_named(name);
    if (object != NULL && object->kind != named->kind) {
        winport_fail(ERROR_INVALID_HANDLE);
        return NULL;
    }
    bool old = object != NULL;
    if (old) {
        winport_object_hold(object);
    } else {
        object = winport_object_new_named(named->kind, name);
        if (object == NULL) {
            winport_fail(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
        set_up(object, argument);
    }
    HANDLE handle = winport_handle_new(object);
    if (handle == NULL && !old)
        winport_without_handle(object);
    winport_object_drop(object);
    if (handle != NULL)
        SetLastError(old ? ERROR_ALREADY_EXISTS : ERROR_SUCCESS);
    return handle;
}

HANDLE winport_named_create(const struct winport_named *named,
                            void (*set_up)(struct winport_object *, const void *),
                            const void *argument)
{
    if (named->bad)
        return NULL;
    const char *name = NULL;
    /* An empty name is none. */
    if (named->name != NULL && named->name[0] != '\0') {
        name = bare_name(named->name);
        if (name == NULL)
            return NULL;
    }
    pthread_mutex_lock(&winport_lock);
    HANDLE handle = create_named(named, name, set_up, argument);
    pthread_mutex_unlock(&winport_lock);
    return handle;
}

HANDLE winport_named_open(const struct winport_named *named)
{
    if (named->bad)
        return NULL;
    if (named->name == NULL) {
        winport_fail(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    const char *name = bare_name(named->name);
    if (name == NULL)
        return NULL;
    pthread_mutex_lock(&winport_lock);
    struct winport_object *object = winport_object_named(name);
    HANDLE handle = NULL;
    if (object == NULL)
        winport_fail(ERROR_FILE_NOT_FOUND);
    else if (object->kind != named->kind)
        winport_fail(ERROR_INVALID_HANDLE);
    else
        handle = winport_handle_new(object);
    pthread_mutex_unlock(&winport_lock);
    return handle;
}
