/* SPDX-License-Identifier: BSD-2-Clause */
/* The store in SQLite: one file for each scope, a connection for each call. Opening costs
 * about as much as one query; so no file, lock or memory of SQLite's stands between
 * calls, none is there at a fork, and a file that was replaced is seen at once. The
 * journal is the rollback journal: with the write-ahead log readers would need to write.
 */
#include "database/sqlite_internal.h"

#include "base/alloc.h"
#include "base/log.h"
#include "os/endpoint.h"
#include "os/files.h"
#include "os/setting.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { BUSY_MS = 5000 };

/* EXTRA: a commit is on the disk, the journal's removal too, when it returns. */
static const char connection_settings[] =
    "PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;"
    "PRAGMA cell_size_check = ON; PRAGMA synchronous = EXTRA;";

/* With a write-ahead log, which another tool may have begun, a user who cannot write could
 * not read: the rollback journal comes back with the next change. */
static const char begin_writing[] = "PRAGMA journal_mode = DELETE; BEGIN IMMEDIATE;";

bool store_get_path(enum database_scope scope, char path[DATABASE_PATH_MAX])
{
    char user[DATABASE_PATH_MAX];
    const char *directory = user;
    if (scope == DATABASE_SYSTEM) {
        directory = os_setting(SETTING_DATABASE_DIR);
        if (directory == NULL || directory[0] != '/')
            directory = os_machine_data();
    } else if (!os_user_data(user, sizeof(user))) {
        return false;
    }
    int size = snprintf(path, DATABASE_PATH_MAX, "%s/cards.sqlite", directory);
    return size > 0 && size < DATABASE_PATH_MAX;
}

static int run_text(struct store *store, const char *text)
{
    return sqlite3_exec(store->sqlite, text, NULL, NULL, NULL);
}

/* What is there is of this version, or *version is 0: it is empty. */
static enum sc_error check_version(struct store *store, int *version)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    int code =
        sqlite3_prepare_v2(store->sqlite, "PRAGMA user_version", -1, &statement, NULL);
    enum sc_error error = sqlite_error(store, code);
    if (error == SC_OK)
        error = sqlite_next(store, statement, &row);
    *version = row ? sqlite3_column_int(statement, 0) : 0;
    sqlite3_finalize(statement);
    if (error == SC_OK && *version != 0 && *version != SQLITE_SCHEMA_VERSION) {
        log_error("database: made by another version of this program (%d)", *version);
        error = SC_F_INTERNAL_ERROR;
    }
    return error;
}

/* Also for reading it is opened for writing where that is allowed: what a writer left
 * half done when it died is undone first. */
static int begin_with_vfs(struct store *store, const char *path, const char *how,
                          const char *vfs)
{
    assert(store->sqlite == NULL);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
    int code = sqlite3_open_v2(path, &store->sqlite, flags, vfs);
    if (code == SQLITE_OK)
        sqlite_guard_connection(store->sqlite);
    if (code == SQLITE_OK)
        code = sqlite3_extended_result_codes(store->sqlite, 1);
    if (code == SQLITE_OK)
        code = sqlite3_busy_timeout(store->sqlite, BUSY_MS);
    if (code == SQLITE_OK)
        code = run_text(store, connection_settings);
    if (code == SQLITE_OK)
        code = run_text(store, how);
    return code;
}

/* In the file itself. */
static int begin_guarded(struct store *store, const char *path, const char *how)
{
    const char *vfs = sqlite_guard_name(store->scope);
    return vfs[0] != '\0' ? begin_with_vfs(store, path, how, vfs) : SQLITE_NOMEM;
}

/* Without the right to write a writer's half done work is undone in a copy. */
static enum sc_error begin_reading(struct store *store, const char *path)
{
    int code = begin_guarded(store, path, "BEGIN");
    if (code == SQLITE_READONLY_ROLLBACK || code == SQLITE_CANTOPEN) {
        const char *vfs = sqlite_copy_name();
        sqlite3_close(store->sqlite);
        store->sqlite = NULL;
        if (vfs[0] != '\0')
            code = begin_with_vfs(store, path, "BEGIN", vfs);
    }
    return sqlite_error(store, code);
}

static enum sc_error close_unless_good(struct store *store, enum sc_error error,
                                       struct store **out)
{
    if (error != SC_OK)
        store_close(store);
    *out = error == SC_OK ? store : NULL;
    return error;
}

/* A home that was kept when a user became root, as with "sudo -E": what is in the file
 * is that user's, and a file that is made there the user could not write. */
static enum sc_error not_own(const char *path)
{
    log_error("%s: root does not use what others may change", path);
    return SC_E_NO_ACCESS;
}

enum sc_error store_open(enum database_scope scope, struct store **out)
{
    char path[DATABASE_PATH_MAX];
    int version = 0;
    *out = NULL;
    if (!store_get_path(scope, path) || !os_file_exists(path))
        return SC_E_FILE_NOT_FOUND;
    if (scope == DATABASE_USER && !os_path_is_own(path))
        return not_own(path);
    struct store *store = mem_alloc(sizeof(*store));
    if (store == NULL)
        return SC_E_NO_MEMORY;
    store->scope = scope;
    enum sc_error error = begin_reading(store, path);
    if (error == SC_OK)
        error = check_version(store, &version);
    if (error == SC_OK && version == 0)
        error = SC_E_FILE_NOT_FOUND;
    if (error == SC_OK)
        error = sqlite_check_schema(store);
    return close_unless_good(store, error, out);
}

enum sc_error store_open_write(enum database_scope scope, struct store **out)
{
    char path[DATABASE_PATH_MAX];
    int version = 0;
    *out = NULL;
    if (!store_get_path(scope, path))
        return SC_E_NO_ACCESS;
    if (scope == DATABASE_USER && !os_path_is_own(path))
        return not_own(path);
    enum sc_error error =
        os_make_file(path, scope == DATABASE_SYSTEM ? FILES_SHARED : FILES_PRIVATE);
    if (error != SC_OK)
        return error;
    struct store *store = mem_alloc(sizeof(*store));
    if (store == NULL)
        return SC_E_NO_MEMORY;
    store->scope = scope;
    error = sqlite_error(store, begin_guarded(store, path, begin_writing));
    if (error == SC_OK)
        error = check_version(store, &version);
    if (error == SC_OK && version == 0)
        error = sqlite_make_schema(store);
    if (error == SC_OK)
        error = sqlite_check_schema(store);
    return close_unless_good(store, error, out);
}

enum sc_error store_commit(struct store *store)
{
    assert(store->sqlite != NULL);
    return sqlite_error(store, run_text(store, "COMMIT"));
}

void store_close(struct store *store)
{
    if (store == NULL)
        return;
    for (int i = 0; i < SQLITE_STATEMENTS; i++)
        sqlite3_finalize(store->statements[i]);
    sqlite3_close(store->sqlite); /* undoes what was not committed */
    mem_free(store);
}
