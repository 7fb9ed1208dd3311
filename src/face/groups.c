/* SPDX-License-Identifier: BSD-2-Clause */
#include "face/groups.h"

#include "database/database.h"

#include <string.h>

enum sc_error face_find_device(const char *name, char reader[DRIVER_NAME_MAX])
{
    char device[DATABASE_VALUE_MAX];
    if (database_get_device(name, device) != SC_OK || strlen(device) >= DRIVER_NAME_MAX)
        return SC_E_UNKNOWN_READER;
    memcpy(reader, device, strlen(device) + 1);
    return SC_OK;
}

/* --- Selecting ---------------------------------------------------------------------- */

/* MS-Docs SCardListReaders: All are "all readers, regardless of what group or groups the
 * readers are in", of those that are "currently attached to the system"; Default those
 * that were not taken out of it; Local and System are unused values of old, which no call
 * can change: as All. Every reader that is there without having been introduced belongs
 * to Default. */
enum sc_error face_select_group(struct face_selection *selection, const char *group)
{
    if (database_same_name(group, DATABASE_FORGOTTEN_GROUP))
        return SC_OK; /* nobody's group */
    if (database_same_name(group, DATABASE_DEFAULT_GROUP))
        selection->present = true;
    else if (database_is_system_group(group))
        selection->present = selection->introduced = true;
    return multistring_add(&selection->groups, group);
}

/* --- Names that are in the database ------------------------------------------------- */

static bool contains_name(const struct multistring *list, const char *name)
{
    return list->size != 0 && multistring_contains(list->bytes, name);
}

static const char *name_after(const struct multistring *list, const char *name)
{
    return list->size != 0 ? multistring_next(list->bytes, name) : NULL;
}

/* Names of groups are equal in either case. */
static bool has_group(const struct multistring *list, const char *group)
{
    const char *name = NULL;
    while ((name = name_after(list, name)) != NULL)
        if (database_same_name(name, group))
            return true;
    return false;
}

/* Under what name a reader is shown that is there, in either style of names. */
static bool find_present(uint32_t context, const char *reader, struct reader_info *info,
                         char shown[DRIVER_NAME_MAX])
{
    return strlen(reader) < DRIVER_NAME_MAX
           && client_carrier()->reader_info(context, reader, NAME_WINDOWS, info, shown)
                  == SC_OK;
}

enum sc_error face_reader_exists(uint32_t context, const char *name)
{
    struct reader_info info;
    char shown[DRIVER_NAME_MAX], device[DATABASE_VALUE_MAX];
    if (client_carrier() == NULL)
        return SC_E_NO_SERVICE;
    enum sc_error error =
        strlen(name) < DRIVER_NAME_MAX
            ? client_carrier()->reader_info(context, name, NAME_WINDOWS, &info, shown)
            : SC_E_UNKNOWN_READER;
    if (error == SC_OK && database_is_forgotten(shown))
        return SC_E_UNKNOWN_READER;
    return error == SC_E_UNKNOWN_READER ? database_get_device(name, device) : error;
}

/* What a list is made of. */
struct listing {
    uint32_t context;
    struct multistring present;   /* own names of what is there */
    struct multistring pairs;     /* name and device of what the database has */
    struct multistring forgotten; /* own names that are not to be shown */
    struct multistring members;   /* of `present`, what is in a group that is asked for */
    struct multistring introduced;
};

static void listing_clear(struct listing *listing)
{
    multistring_clear(&listing->present);
    multistring_clear(&listing->pairs);
    multistring_clear(&listing->forgotten);
    multistring_clear(&listing->members);
    multistring_clear(&listing->introduced);
}

static enum sc_error take_group_member(void *context, const char *name,
                                       const char *device)
{
    struct listing *listing = context;
    if (device == NULL)
        return multistring_add(&listing->forgotten, name);
    enum sc_error error = multistring_add(&listing->pairs, name);
    return error == SC_OK ? multistring_add(&listing->pairs, device) : error;
}

/* All that are there, and what the database has of the groups (NULL: all introduced
 * names). */
static enum sc_error listing_begin(struct listing *listing, uint32_t context,
                                   const char *groups)
{
    listing->context = context;
    multistring_init(&listing->present, DATABASE_LIST_MAX);
    multistring_init(&listing->pairs, DATABASE_LIST_MAX);
    multistring_init(&listing->forgotten, DATABASE_LIST_MAX);
    multistring_init(&listing->members, DATABASE_LIST_MAX);
    multistring_init(&listing->introduced, DATABASE_LIST_MAX);
    if (client_carrier() == NULL)
        return SC_E_NO_SERVICE;
    enum sc_error error =
        client_carrier()->list_readers(context, NAME_WINDOWS, &listing->present);
    if (error == SC_E_NO_READERS_AVAILABLE)
        error = SC_OK;
    if (error == SC_OK)
        error = database_each_member(groups, take_group_member, listing);
    return error;
}

/* A reader that is there goes before an introduced name that is the same. */
static enum sc_error sort_pair(struct listing *listing, const char *name,
                               const char *device)
{
    struct reader_info info;
    char shown[DRIVER_NAME_MAX];
    if (contains_name(&listing->present, name))
        return multistring_add(&listing->members, name);
    bool there = find_present(listing->context, device, &info, shown);
    if (strcmp(name, device) == 0 && there)
        return multistring_add(&listing->members, shown);
    return there ? multistring_add(&listing->introduced, name) : SC_OK;
}

enum sc_error face_list_selected(uint32_t context, const struct face_selection *selection,
                                 struct multistring *names)
{
    struct listing listing;
    const char *some = selection->groups.size != 0 ? selection->groups.bytes : "";
    const char *name = NULL;
    enum sc_error error =
        listing_begin(&listing, context, selection->introduced ? NULL : some);
    while (error == SC_OK && (name = name_after(&listing.pairs, name)) != NULL) {
        const char *device = name_after(&listing.pairs, name);
        error = sort_pair(&listing, name, device);
        name = device;
    }
    while (error == SC_OK && (name = name_after(&listing.present, name)) != NULL)
        if ((selection->present && !contains_name(&listing.forgotten, name))
            || contains_name(&listing.members, name))
            error = multistring_add(names, name);
    while (error == SC_OK && (name = name_after(&listing.introduced, name)) != NULL)
        error = multistring_add(names, name);
    listing_clear(&listing);
    return error == SC_OK && names->size == 0 ? SC_E_NO_READERS_AVAILABLE : error;
}

enum sc_error face_list_device(uint32_t context, const char *device,
                               struct multistring *names)
{
    struct listing listing;
    struct reader_info info;
    char shown[DRIVER_NAME_MAX];
    const char *name = NULL;
    enum sc_error error = listing_begin(&listing, context, NULL);
    if (error == SC_OK && device[0] == '\0') /* what a reader without an id has */
        error = SC_E_NO_READERS_AVAILABLE;
    /* One that has just gone is not listed. */
    while (error == SC_OK && (name = name_after(&listing.present, name)) != NULL)
        if (find_present(context, name, &info, shown)
            && database_same_name(info.device_id, device))
            error = multistring_add(names, name);
    while (error == SC_OK && (name = name_after(&listing.pairs, name)) != NULL) {
        const char *reader = name_after(&listing.pairs, name);
        if (!contains_name(&listing.present, name)
            && find_present(context, reader, &info, shown)
            && database_same_name(info.device_id, device))
            error = multistring_add(names, name);
        name = reader;
    }
    listing_clear(&listing);
    return error == SC_OK && names->size == 0 ? SC_E_NO_READERS_AVAILABLE : error;
}

/* --- Groups ------------------------------------------------------------------------- */

/* A reader that is there, and is not forgotten, is in the default group. */
static enum sc_error add_default(uint32_t context, struct multistring *groups)
{
    struct listing listing;
    const char *name = NULL;
    bool found = false;
    enum sc_error error = listing_begin(&listing, context, "");
    while (error == SC_OK && !found
           && (name = name_after(&listing.present, name)) != NULL)
        found = !contains_name(&listing.forgotten, name);
    listing_clear(&listing);
    return found ? multistring_add(groups, DATABASE_DEFAULT_GROUP) : error;
}

/* MS-Docs SCardListReaderGroups: "only if it contains at least one reader". An introduced
 * one need not be there for that. */
enum sc_error face_list_groups(uint32_t context, struct multistring *names)
{
    struct multistring stored;
    const char *name = NULL;
    multistring_init(&stored, DATABASE_LIST_MAX);
    enum sc_error error = add_default(context, names);
    if (error == SC_OK)
        error = database_list_groups(&stored);
    if (error == SC_OK && !has_group(names, DATABASE_DEFAULT_GROUP)
        && has_group(&stored, DATABASE_DEFAULT_GROUP))
        error = multistring_add(names, DATABASE_DEFAULT_GROUP);
    while (error == SC_OK && (name = name_after(&stored, name)) != NULL)
        if (!database_same_name(name, DATABASE_DEFAULT_GROUP))
            error = multistring_add(names, name);
    multistring_clear(&stored);
    return error;
}
