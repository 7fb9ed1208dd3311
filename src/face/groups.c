/* SPDX-License-Identifier: BSD-2-Clause */
#include "face/groups.h"

#include "database/database.h"

#include <string.h>

#define DEFAULT_GROUP "SCard$DefaultReaders"

enum sc_error face_find_device(const char *name, char reader[DRIVER_NAME_MAX])
{
    char device[DATABASE_VALUE_MAX];
    if (database_get_device(name, device) != SC_OK || strlen(device) >= DRIVER_NAME_MAX)
        return SC_E_UNKNOWN_READER;
    memcpy(reader, device, strlen(device) + 1);
    return SC_OK;
}

/* --- Selecting ------------------------------------------------------------------------
 */

/* MS-Docs SCardListReaders: All are "all readers, regardless of what group or groups the
 * readers are in", Default those that were not taken out of it, Local and System are
 * unused values of old, which no call can change: whatever is there. Every reader that
 * is there without having been introduced belongs to Default. */
enum sc_error face_select_group(struct face_selection *selection, const char *group)
{
    if (database_same_name(group, "SCard$AllReaders")) {
        selection->present = selection->introduced = selection->absent = true;
        return SC_OK;
    }
    if (database_same_name(group, "SCard$LocalReaders")
        || database_same_name(group, "SCard$SystemReaders")) {
        selection->present = selection->introduced = true;
        return SC_OK;
    }
    if (database_same_name(group, DEFAULT_GROUP))
        selection->present = true;
    return multistring_add(&selection->groups, group);
}

/* --- Names that are in the database ---------------------------------------------------
 */

/* Name and device by turns. */
static enum sc_error take_member(void *context, const char *name, const char *device)
{
    struct multistring *pairs = context;
    enum sc_error error = multistring_add(pairs, name);
    return error == SC_OK ? multistring_add(pairs, device) : error;
}

static bool has(const struct multistring *list, const char *name)
{
    return list->size != 0 && multistring_contains(list->bytes, name);
}

static const char *next(const struct multistring *list, const char *name)
{
    return list->size != 0 ? multistring_next(list->bytes, name) : NULL;
}

/* Under what name a reader is shown that is there, in either style of names. */
static bool find_present(uint32_t context, const char *reader, struct reader_info *info,
                         char shown[DRIVER_NAME_MAX])
{
    return strlen(reader) < DRIVER_NAME_MAX
           && client_carrier()->reader_info(context, reader, NAME_WINDOWS, info, shown)
                  == SC_OK;
}

/* What a list is made of. */
struct listing {
    uint32_t context;
    struct multistring present; /* own names of what is there */
    struct multistring pairs;   /* name and device of what the database has */
    struct multistring members; /* of `present`, what is in a group that is asked for */
    struct multistring introduced;
};

static void listing_clear(struct listing *listing)
{
    multistring_clear(&listing->present);
    multistring_clear(&listing->pairs);
    multistring_clear(&listing->members);
    multistring_clear(&listing->introduced);
}

/* All that are there, and what the database has of the groups (NULL: all introduced
 * names), or nothing of it. */
static enum sc_error listing_begin(struct listing *listing, uint32_t context,
                                   bool database, const char *groups)
{
    listing->context = context;
    multistring_init(&listing->present, DATABASE_LIST_MAX);
    multistring_init(&listing->pairs, DATABASE_LIST_MAX);
    multistring_init(&listing->members, DATABASE_LIST_MAX);
    multistring_init(&listing->introduced, DATABASE_LIST_MAX);
    if (client_carrier() == NULL)
        return SC_E_NO_SERVICE;
    enum sc_error error =
        client_carrier()->list_readers(context, NAME_WINDOWS, &listing->present);
    if (error == SC_E_NO_READERS_AVAILABLE)
        error = SC_OK;
    if (error == SC_OK && database)
        error = database_each_member(groups, take_member, &listing->pairs);
    return error;
}

/* A reader that is there goes before an introduced name that is the same. */
static enum sc_error sort_pair(struct listing *listing, const char *name,
                               const char *device, bool absent)
{
    struct reader_info info;
    char shown[DRIVER_NAME_MAX];
    if (has(&listing->present, name))
        return multistring_add(&listing->members, name);
    bool there = find_present(listing->context, device, &info, shown);
    if (strcmp(name, device) == 0 && there)
        return multistring_add(&listing->members, shown);
    return there || absent ? multistring_add(&listing->introduced, name) : SC_OK;
}

enum sc_error face_list_selected(uint32_t context, const struct face_selection *selection,
                                 struct multistring *names)
{
    struct listing listing;
    bool database = selection->introduced || selection->groups.size != 0;
    const char *groups = selection->introduced ? NULL : selection->groups.bytes;
    const char *name = NULL;
    enum sc_error error = listing_begin(&listing, context, database, groups);
    while (error == SC_OK && (name = next(&listing.pairs, name)) != NULL) {
        const char *device = next(&listing.pairs, name);
        error = sort_pair(&listing, name, device, selection->absent);
        name = device;
    }
    while (error == SC_OK && (name = next(&listing.present, name)) != NULL)
        if (selection->present || has(&listing.members, name))
            error = multistring_add(names, name);
    while (error == SC_OK && (name = next(&listing.introduced, name)) != NULL)
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
    enum sc_error error = listing_begin(&listing, context, true, NULL);
    if (error == SC_OK && device[0] == '\0') /* what a reader without an id has */
        error = SC_E_NO_READERS_AVAILABLE;
    /* One that has just gone is not listed. */
    while (error == SC_OK && (name = next(&listing.present, name)) != NULL)
        if (find_present(context, name, &info, shown)
            && database_same_name(info.device_id, device))
            error = multistring_add(names, name);
    while (error == SC_OK && (name = next(&listing.pairs, name)) != NULL) {
        const char *reader = next(&listing.pairs, name);
        if (!has(&listing.present, name) && find_present(context, reader, &info, shown)
            && database_same_name(info.device_id, device))
            error = multistring_add(names, name);
        name = reader;
    }
    listing_clear(&listing);
    return error == SC_OK && names->size == 0 ? SC_E_NO_READERS_AVAILABLE : error;
}

/* --- Groups ---------------------------------------------------------------------------
 */

enum sc_error face_list_groups(struct multistring *names)
{
    struct multistring stored;
    const char *name = NULL;
    multistring_init(&stored, DATABASE_LIST_MAX);
    enum sc_error error = multistring_add(names, DEFAULT_GROUP);
    if (error == SC_OK)
        error = database_list_groups(&stored);
    while (error == SC_OK && (name = next(&stored, name)) != NULL)
        if (!database_same_name(name, DEFAULT_GROUP))
            error = multistring_add(names, name);
    multistring_clear(&stored);
    return error;
}
