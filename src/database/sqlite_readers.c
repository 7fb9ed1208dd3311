/* SPDX-License-Identifier: BSD-2-Clause */
/* Readers in the SQLite store. */
#include "database/sqlite_internal.h"

#include "base/multistring.h"
#include "database/calais.h"

#include <string.h>

static bool are_names(const char *groups)
{
    const char *group = NULL;
    while ((group = multistring_next(groups, group)) != NULL)
        if (!calais_is_name(group))
            return false;
    return true;
}

/* A reader whose columns make no sense is damaged. */
static enum sc_error read_reader(sqlite3_stmt *statement, struct database_reader *reader)
{
    size_t size = 0;
    memset(reader, 0, sizeof(*reader));
    enum sc_error error =
        sqlite_get_text(statement, 0, reader->name, sizeof(reader->name));
    if (error == SC_OK)
        error = sqlite_get_text(statement, 1, reader->device, sizeof(reader->device));
    if (error == SC_OK)
        error =
            sqlite_get_bytes(statement, 2, reader->groups, sizeof(reader->groups), &size);
    if (error == SC_OK && multistring_size(reader->groups, sizeof(reader->groups)) == 0)
        error = SC_F_INTERNAL_ERROR;
    if (error == SC_OK && !(calais_is_name(reader->name) && are_names(reader->groups)))
        error = SC_F_INTERNAL_ERROR;
    return error;
}

/* The one row of a statement with a name for its parameter. */
static enum sc_error find_reader_row(struct store *store, enum sqlite_statement which,
                                     const char *name, struct database_reader *reader)
{
    sqlite3_stmt *statement;
    bool row = false;
    enum sc_error error = sqlite_use(store, which, &statement);
    if (error == SC_OK)
        error =
            sqlite_error(store, sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC));
    if (error == SC_OK)
        error = sqlite_next(store, statement, &row);
    if (error != SC_OK)
        return error;
    error = row ? read_reader(statement, reader) : SC_E_UNKNOWN_READER;
    sqlite3_reset(statement);
    return error;
}

enum sc_error store_get_reader(struct store *store, const char *name,
                               struct database_reader *reader)
{
    return find_reader_row(store, SQLITE_GET_READER, name, reader);
}

enum sc_error store_put_reader(struct store *store, const struct database_reader *reader)
{
    sqlite3_stmt *statement;
    int changes;
    enum sc_error error = sqlite_use(store, SQLITE_PUT_READER, &statement);
    if (error != SC_OK)
        return error;
    size_t size = multistring_size(reader->groups, sizeof(reader->groups));
    int code = sqlite_bind_text(statement, 1, reader->name);
    if (code == SQLITE_OK)
        code = sqlite_bind_text(statement, 2, reader->device);
    if (code == SQLITE_OK)
        code = sqlite_bind_bytes(statement, 3, reader->groups, size);
    error = sqlite_error(store, code);
    return error == SC_OK ? sqlite_run(store, statement, &changes) : error;
}

enum sc_error store_remove_reader(struct store *store, const char *name)
{
    sqlite3_stmt *statement;
    int changes = 0;
    enum sc_error error = sqlite_use(
        store, name != NULL ? SQLITE_REMOVE_READER : SQLITE_REMOVE_READERS, &statement);
    if (error == SC_OK && name != NULL)
        error = sqlite_error(store, sqlite_bind_text(statement, 1, name));
    if (error == SC_OK)
        error = sqlite_run(store, statement, &changes);
    return error == SC_OK && name != NULL && changes == 0 ? SC_E_UNKNOWN_READER : error;
}

/* From name to name, so that what is taken may be changed or removed. */
enum sc_error store_each_reader(
    struct store *store,
    enum sc_error (*take)(void *context, const struct database_reader *reader),
    void *context)
{
    struct database_reader reader = {.name = ""};
    enum sc_error error = SC_OK;
    while (error == SC_OK) {
        char name[DATABASE_NAME_MAX];
        memcpy(name, reader.name, sizeof(name));
        error = find_reader_row(store, SQLITE_NEXT_READER, name, &reader);
        if (error == SC_E_UNKNOWN_READER)
            return SC_OK;
        /* In a damaged file it may go in circles. */
        if (error == SC_OK && calais_compare_names(reader.name, name) <= 0)
            error = SC_F_INTERNAL_ERROR;
        if (error == SC_OK)
            error = take(context, &reader);
    }
    return error;
}
