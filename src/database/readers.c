/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers and their groups. A reader that nobody introduced can be in groups: it is
 * stored without a device, until it is in none. */
#include "database/database.h"

#include "database/access.h"
#include "database/calais.h"
#include "database/names.h"

#include <assert.h>
#include <string.h>

/* --- A reader's groups -------------------------------------------------------------- */

static bool in_group(const struct database_reader *reader, const char *group)
{
    const char *at = NULL;
    while ((at = multistring_next(reader->groups, at)) != NULL)
        if (calais_compare_names(at, group) == 0)
            return true;
    return false;
}

static enum sc_error join_group(struct database_reader *reader, const char *group)
{
    size_t size = multistring_size(reader->groups, sizeof(reader->groups));
    size_t more = strlen(group) + 1;
    assert(size >= 1 && size <= sizeof(reader->groups));
    if (in_group(reader, group))
        return SC_OK;
    if (size + more > sizeof(reader->groups))
        return SC_E_NO_MEMORY;
    memcpy(reader->groups + size - 1, group, more);
    reader->groups[size - 1 + more] = '\0';
    return SC_OK;
}

static void leave_group(struct database_reader *reader, const char *group)
{
    char kept[sizeof(reader->groups)] = "";
    size_t size = 0;
    const char *at = NULL;
    while ((at = multistring_next(reader->groups, at)) != NULL) {
        size_t more = strlen(at) + 1;
        if (calais_compare_names(at, group) == 0)
            continue;
        memcpy(kept + size, at, more);
        size += more;
    }
    memcpy(reader->groups, kept, sizeof(kept));
}

static bool is_one_of(const char *group, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (calais_compare_names(group, names[i]) == 0)
            return true;
    return false;
}

bool database_is_system_group(const char *group)
{
    static const char *const names[] = {"SCard$AllReaders", DATABASE_DEFAULT_GROUP,
                                        "SCard$LocalReaders", "SCard$SystemReaders",
                                        DATABASE_FORGOTTEN_GROUP};
    return is_one_of(group, names, ARRAY_SIZE(names));
}

/* Readers join and leave the default group; the other ones have theirs by the system's
 * rules. */
static bool may_change(const char *group)
{
    return calais_is_name(group)
           && (!database_is_system_group(group)
               || calais_compare_names(group, DATABASE_DEFAULT_GROUP) == 0);
}

static bool is_forgotten(const struct database_reader *reader)
{
    return reader->device[0] == '\0' && in_group(reader, DATABASE_FORGOTTEN_GROUP);
}

/* --- Writing ------------------------------------------------------------------------ */

/* *reader is zeroed but for its name if it is not there. */
static enum sc_error get_or_begin(struct store *store, const char *name,
                                  struct database_reader *reader)
{
    enum sc_error error = store_get_reader(store, name, reader);
    if (error != SC_E_UNKNOWN_READER)
        return error;
    memset(reader, 0, sizeof(*reader));
    memcpy(reader->name, name, strlen(name) + 1);
    return SC_OK;
}

enum sc_error database_add_reader(enum database_scope scope, const char *name,
                                  const char *device)
{
    struct store *store;
    struct database_reader reader;
    if (!calais_is_name(name) || device[0] == '\0' || !calais_is_text(device))
        return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = store_open_write(scope, &store);
    if (error == SC_OK) {
        error = get_or_begin(store, name, &reader);
        if (error == SC_OK && reader.device[0] != '\0')
            error = SC_E_DUPLICATE_READER;
        if (error == SC_OK) {
            leave_group(&reader, DATABASE_FORGOTTEN_GROUP);
            error = join_group(&reader, DATABASE_DEFAULT_GROUP);
        }
        if (error == SC_OK) {
            memcpy(reader.device, device, strlen(device) + 1);
            error = store_put_reader(store, &reader);
        }
        error = access_finish_write(store, error);
    }
    access_end();
    return error;
}

enum sc_error database_remove_reader(enum database_scope scope, const char *name)
{
    struct store *store;
    struct database_reader reader;
    access_begin();
    enum sc_error error = access_open_existing(scope, &store);
    if (error == SC_OK) {
        error = store_get_reader(store, name, &reader);
        if (error == SC_OK && reader.device[0] == '\0')
            error = SC_E_UNKNOWN_READER;
        if (error == SC_OK)
            error = store_remove_reader(store, name);
        error = access_finish_write(store, error);
    }
    access_end();
    return error == SC_E_FILE_NOT_FOUND ? SC_E_UNKNOWN_READER : error;
}

static enum sc_error remove_stored_reader(struct store *store, const char *name)
{
    struct database_reader reader;
    enum sc_error error = get_or_begin(store, name, &reader);
    if (error == SC_OK && is_forgotten(&reader))
        error = SC_E_UNKNOWN_READER;
    if (error != SC_OK)
        return error;
    memset(reader.groups, 0, sizeof(reader.groups));
    reader.device[0] = '\0';
    error = join_group(&reader, DATABASE_FORGOTTEN_GROUP);
    return error == SC_OK ? store_put_reader(store, &reader) : error;
}

enum sc_error database_forget_reader(enum database_scope scope, const char *name)
{
    struct store *store;
    if (!calais_is_name(name))
        return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = store_open_write(scope, &store);
    if (error == SC_OK)
        error = access_finish_write(store, remove_stored_reader(store, name));
    access_end();
    return error;
}

enum sc_error database_add_to_group(enum database_scope scope, const char *reader,
                                    const char *group)
{
    struct store *store;
    struct database_reader found;
    if (!calais_is_name(reader) || !may_change(group))
        return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = store_open_write(scope, &store);
    if (error == SC_OK) {
        error = get_or_begin(store, reader, &found);
        if (error == SC_OK)
            error = join_group(&found, group);
        if (error == SC_OK)
            error = store_put_reader(store, &found);
        error = access_finish_write(store, error);
    }
    access_end();
    return error;
}

static enum sc_error take_out(struct store *store, struct database_reader *reader,
                              const char *group)
{
    assert(may_change(group) || !database_is_system_group(group));
    if (!in_group(reader, group))
        return SC_OK;
    leave_group(reader, group);
    if (reader->groups[0] == '\0' && reader->device[0] == '\0')
        return store_remove_reader(store, reader->name);
    return store_put_reader(store, reader);
}

enum sc_error database_remove_from_group(enum database_scope scope, const char *reader,
                                         const char *group)
{
    struct store *store;
    struct database_reader found;
    if (!may_change(group))
        return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = access_open_existing(scope, &store);
    if (error == SC_OK) {
        error = store_get_reader(store, reader, &found);
        if (error == SC_OK && found.groups[0] == '\0')
            error = SC_E_UNKNOWN_READER;
        if (error == SC_OK)
            error = take_out(store, &found, group);
        error = access_finish_write(store, error);
    }
    access_end();
    return error == SC_E_FILE_NOT_FOUND ? SC_E_UNKNOWN_READER : error;
}

struct removal {
    struct store *store;
    const char *group;
};

static enum sc_error take_one_out(void *context, const struct database_reader *from)
{
    const struct removal *removal = context;
    struct database_reader reader = *from;
    return take_out(removal->store, &reader, removal->group);
}

enum sc_error database_remove_group(enum database_scope scope, const char *group)
{
    struct removal removal = {.group = group};
    if (!calais_is_name(group) || database_is_system_group(group))
        return SC_E_INVALID_VALUE;
    access_begin();
    enum sc_error error = access_open_existing(scope, &removal.store);
    if (error == SC_OK)
        error = access_finish_write(
            removal.store, store_each_reader(removal.store, take_one_out, &removal));
    access_end();
    return error == SC_E_FILE_NOT_FOUND ? SC_OK : error;
}

/* --- Reading ------------------------------------------------------------------------ */

static enum sc_error get_reader_device(struct access *access, const char *name,
                                       char device[DATABASE_VALUE_MAX])
{
    struct database_reader reader;
    enum sc_error result = SC_E_UNKNOWN_READER;
    for (int scope = 0; scope < ACCESS_SCOPES; scope++) {
        if (access->stores[scope] == NULL)
            continue;
        enum sc_error error = store_get_reader(access->stores[scope], name, &reader);
        if (error == SC_OK && reader.device[0] != '\0') {
            memcpy(device, reader.device, DATABASE_VALUE_MAX);
            return SC_OK;
        }
        if (error == SC_OK && !is_forgotten(&reader)) {
            memcpy(device, reader.name, sizeof(reader.name));
            result = SC_OK;
        } else if (error == SC_OK) {
            continue;
        } else if (error != SC_E_UNKNOWN_READER) {
            error = access_pass_over(access, scope, error);
        }
        if (error == SC_E_NO_MEMORY)
            return error;
    }
    return result;
}

enum sc_error database_get_device(const char *name, char device[DATABASE_VALUE_MAX])
{
    struct access access;
    access_begin();
    enum sc_error error = access_open_stores(&access);
    if (error == SC_OK) {
        error = get_reader_device(&access, name, device);
        access_close(&access);
    }
    access_end();
    return error;
}

bool database_is_forgotten(const char *name)
{
    struct access access;
    struct database_reader reader;
    enum sc_error error = SC_E_UNKNOWN_READER;
    access_begin();
    if (access_open_stores(&access) == SC_OK) {
        for (int i = 0; error != SC_OK && i < ACCESS_SCOPES; i++)
            if (access.stores[i] != NULL)
                error = store_get_reader(access.stores[i], name, &reader);
        access_close(&access);
    }
    access_end();
    return error == SC_OK && is_forgotten(&reader);
}

struct listing {
    struct names names;
    const char *group; /* NULL: introduced ones */
};

static enum sc_error take_reader(void *context, const struct database_reader *reader)
{
    struct listing *listing = context;
    bool wanted = listing->group != NULL ? in_group(reader, listing->group)
                                         : reader->device[0] != '\0';
    return wanted ? names_add(&listing->names, reader->name) : SC_OK;
}

static enum sc_error add_groups(void *context, const struct database_reader *reader)
{
    struct listing *listing = context;
    const char *at = NULL;
    enum sc_error error = SC_OK;
    while (error == SC_OK && (at = multistring_next(reader->groups, at)) != NULL)
        if (calais_compare_names(at, DATABASE_FORGOTTEN_GROUP) != 0)
            error = names_add(&listing->names, at);
    return error;
}

/* What is found in any scope counts: groups of one name are one. */
static enum sc_error list(struct listing *listing,
                          enum sc_error (*take)(void *context,
                                                const struct database_reader *reader),
                          struct multistring *names)
{
    struct access access;
    access_begin();
    enum sc_error error = access_open_stores(&access);
    for (int scope = 0; error == SC_OK && scope < ACCESS_SCOPES; scope++) {
        if (access.stores[scope] != NULL)
            error = access_pass_over(
                &access, scope, store_each_reader(access.stores[scope], take, listing));
        names_end_layer(&listing->names, false);
    }
    access_close(&access);
    access_end();
    if (error == SC_OK)
        error = names_give(&listing->names, names);
    names_free(&listing->names);
    return error;
}

enum sc_error database_list_readers(const char *group, struct multistring *names)
{
    struct listing listing = {.group = group};
    return list(&listing, take_reader, names);
}

enum sc_error database_list_groups(struct multistring *names)
{
    struct listing listing = {.group = NULL};
    return list(&listing, add_groups, names);
}

/* --- Members ------------------------------------------------------------------------ */

struct members {
    struct access *access;
    int scope; /* whose records come */
    const char *groups;
    enum sc_error (*take)(void *context, const char *name, const char *device);
    void *context;
};

static bool is_in_groups(const struct members *members,
                         const struct database_reader *reader)
{
    const char *at = NULL;
    if (members->groups == NULL)
        return reader->device[0] != '\0';
    while ((at = multistring_next(members->groups, at)) != NULL)
        if (in_group(reader, at))
            return true;
    return false;
}

/* The other scope's record of the same name, or SC_E_UNKNOWN_READER. */
static enum sc_error find_other(const struct members *members, const char *name,
                                struct database_reader *other)
{
    assert(members->scope >= 0 && members->scope < ACCESS_SCOPES);
    int scope = ACCESS_SCOPES - 1 - members->scope;
    struct store *store = members->access->stores[scope];
    enum sc_error error =
        store != NULL ? store_get_reader(store, name, other) : SC_E_UNKNOWN_READER;
    if (error != SC_OK && error != SC_E_UNKNOWN_READER) {
        error = access_pass_over(members->access, scope, error);
        return error == SC_OK ? SC_E_UNKNOWN_READER : error;
    }
    return error;
}

/* One name may be introduced in one scope and put into groups in the other. */
static enum sc_error add_member(void *context, const struct database_reader *reader)
{
    const struct members *members = context;
    struct database_reader other;
    enum sc_error error = find_other(members, reader->name, &other);
    bool both = error == SC_OK;
    if (error != SC_OK && error != SC_E_UNKNOWN_READER)
        return error;
    if (both && members->scope != DATABASE_USER)
        return SC_OK; /* it came with the user's */
    if (is_forgotten(reader))
        return members->take(members->context, reader->name, NULL);
    if (both && reader->device[0] == '\0' && is_forgotten(&other))
        both = false; /* the user has it in groups all the same */
    if (!is_in_groups(members, reader) && !(both && is_in_groups(members, &other)))
        return SC_OK;
    const char *device = reader->device;
    if (device[0] == '\0')
        device = both && other.device[0] != '\0' ? other.device : reader->name;
    return members->take(members->context, reader->name, device);
}

enum sc_error database_each_member(const char *groups,
                                   enum sc_error (*take)(void *context, const char *name,
                                                         const char *device),
                                   void *context)
{
    struct access access;
    struct members members = {&access, DATABASE_USER, groups, take, context};
    access_begin();
    enum sc_error error = access_open_stores(&access);
    for (; error == SC_OK && members.scope < ACCESS_SCOPES; members.scope++) {
        struct store *store = access.stores[members.scope];
        if (store != NULL)
            error = access_pass_over(&access, members.scope,
                                     store_each_reader(store, add_member, &members));
    }
    access_close(&access);
    access_end();
    return error;
}

int database_compare_names(const char *a, const char *b)
{
    return calais_compare_names(a, b);
}
