/* SPDX-License-Identifier: BSD-2-Clause */
#include "drivers/ifd/object.h"

#include "base/alloc.h"
#include "bundle/bundle.h"
#include "os/files.h"
#include "os/library.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { OBJECTS_MAX = 64 };

static struct {
    struct os_mutex lock;
    struct ifd_object *loaded[OBJECTS_MAX]; /* they stay */
    size_t count;
} objects = {.lock = OS_MUTEX_INIT};

/* --- Its calls ------------------------------------------------------------------------- */

/* All but those that depend on the version; each member is of its call's type. */
static const struct {
    const char *name;
    size_t offset;
} call_names[] = {{"IFDHCreateChannel", offsetof(struct ifd_object, create)},
                  {"IFDHCloseChannel", offsetof(struct ifd_object, close)},
                  {"IFDHGetCapabilities", offsetof(struct ifd_object, get)},
                  {"IFDHSetCapabilities", offsetof(struct ifd_object, set)},
                  {"IFDHSetProtocolParameters", offsetof(struct ifd_object, protocol)},
                  {"IFDHPowerICC", offsetof(struct ifd_object, power)},
                  {"IFDHTransmitToICC", offsetof(struct ifd_object, transmit)},
                  {"IFDHICCPresence", offsetof(struct ifd_object, presence)}};

static void set_call(struct ifd_object *object, size_t offset, os_library_function call)
{
    memcpy((uint8_t *)object + offset, &call, sizeof(call));
}

/* pcscd's ifdhandler.h: IFDHCreateChannelByName() is what version 3.0 has and 2.0 has not,
 * and IFDHControl() has other arguments there. */
static enum sc_error find_ifd_calls(struct ifd_object *object, struct os_library *library,
                                    struct ifd_refusal *refusal)
{
    for (size_t i = 0; i < ARRAY_SIZE(call_names); i++) {
        os_library_function call = os_library_find(library, call_names[i].name);
        if (call == NULL) {
            (void)snprintf(refusal->why, sizeof(refusal->why),
                           "it has no %s, and so is no IFD handler", call_names[i].name);
            return SC_E_READER_UNAVAILABLE;
        }
        set_call(object, call_names[i].offset, call);
    }
    os_library_function by_name = os_library_find(library, "IFDHCreateChannelByName");
    os_library_function control = os_library_find(library, "IFDHControl");
    object->version = by_name != NULL ? 3 : 2;
    set_call(object, offsetof(struct ifd_object, create_by_name), by_name);
    set_call(object,
             by_name != NULL ? offsetof(struct ifd_object, control)
                             : offsetof(struct ifd_object, control_2),
             control);
    return SC_OK;
}

static enum sc_error load_object(const char *path, struct ifd_object **made,
                                 struct ifd_refusal *refusal)
{
    struct ifd_object *object = mem_alloc(sizeof(*object));
    if (object == NULL)
        return SC_E_NO_MEMORY;
    (void)snprintf(object->path, sizeof(object->path), "%s", path);
    struct os_library *library =
        os_library_load(path, refusal->why, sizeof(refusal->why));
    enum sc_error error = SC_E_READER_UNAVAILABLE;
    if (library != NULL)
        error = find_ifd_calls(object, library, refusal);
    if (error != SC_OK) {
        mem_free(object);
        return error;
    }
    os_mutex_init(&object->lock);
    *made = object;
    return SC_OK;
}

/* --- The list -------------------------------------------------------------------------- */

static enum sc_error find_or_load(const char *path, struct ifd_object **found,
                                  struct ifd_refusal *refusal) NEEDS_LOCK(objects.lock)
{
    for (size_t i = 0; i < objects.count; i++)
        if (strcmp(objects.loaded[i]->path, path) == 0) {
            *found = objects.loaded[i];
            return SC_OK;
        }
    if (objects.count == OBJECTS_MAX)
        return SC_E_NO_MEMORY;
    enum sc_error error = load_object(path, found, refusal);
    if (error == SC_OK)
        objects.loaded[objects.count++] = *found;
    return error;
}

enum sc_error ifd_object_take(const char *path, struct ifd_object **object,
                              uint32_t *number, struct ifd_refusal *refusal)
{
    refusal->failure = IFD_FAILED_TO_LOAD;
    if (!os_path_is_own(path)) {
        (void)snprintf(refusal->why, sizeof(refusal->why),
                       "others than root may change it, and this is root's process");
        return SC_E_READER_UNAVAILABLE;
    }
    if (!bundle_check_object(path, refusal->why))
        return SC_E_READER_UNAVAILABLE;
    os_mutex_lock(&objects.lock);
    enum sc_error error = find_or_load(path, object, refusal);
    *number = 0;
    while (error == SC_OK && *number < IFD_READERS_MAX
           && ((*object)->readers & UINT32_C(1) << *number) != 0)
        ++*number;
    if (error == SC_OK && *number == IFD_READERS_MAX)
        error = SC_E_NO_MEMORY;
    if (error == SC_OK)
        (*object)->readers |= UINT32_C(1) << *number;
    os_mutex_unlock(&objects.lock);
    return error;
}

void ifd_object_release(struct ifd_object *object, uint32_t number)
{
    os_mutex_lock(&objects.lock);
    assert((object->readers & UINT32_C(1) << number) != 0);
    object->readers &= ~(UINT32_C(1) << number);
    os_mutex_unlock(&objects.lock);
}
