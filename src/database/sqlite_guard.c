/* SPDX-License-Identifier: BSD-2-Clause */
/* What keeps a hostile file from doing harm beyond itself
 * (https://www.sqlite.org/security.html).
 *
 * A journal may name another file, the "super-journal" of a change to several databases
 * (https://www.sqlite.org/fileformat2.html#the_rollback_journal): SQLite removes that
 * file when it has undone the change, and so any file whose name was written there. Nothing
 * here ever changes several databases. So there is a file system of SQLite's for each
 * scope, in which there are no files but the database and what SQLite puts beside it. */
#include "database/sqlite_internal.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

enum { SCOPES = 2, SUFFIX_MAX = 16 };

/* Longer than anything that is written: SQLite refuses what passes them. A row has one
 * text of DATABASE_GROUPS_MAX bytes at most, or several that are shorter. */
enum { ROW_BYTES = 65536, SQL_BYTES = 4096, ROW_COLUMNS = 32, SQL_DEPTH = 32 };

struct guard {
    sqlite3_vfs base; /* the first: SQLite's pointer to it is one to the whole */
    char name[40];    /* "": not registered */
    char path[DATABASE_PATH_MAX];
};

/* Used by one thread at a time, as all stores are. */
static struct guard guards[SCOPES];

/* The database's own name, or with something behind it that no directory is in. */
static bool is_own_file(const struct guard *guard, const char *path)
{
    size_t size = strlen(guard->path);
    return strncmp(path, guard->path, size) == 0 && strlen(path + size) < SUFFIX_MAX
           && strchr(path + size, '/') == NULL
           && (path[size] == '\0' || path[size] == '-');
}

static int guard_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
                      int *given)
{
    sqlite3_vfs *real = vfs->pAppData;
    /* A file without a name is a temporary one. */
    if (name != NULL && !is_own_file((const struct guard *)vfs, name)) {
        file->pMethods = NULL; /* not to be closed */
        return SQLITE_CANTOPEN;
    }
    return real->xOpen(real, name, file, flags, given);
}

static int guard_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    sqlite3_vfs *real = vfs->pAppData;
    return is_own_file((const struct guard *)vfs, name) ? real->xDelete(real, name, sync)
                                                        : SQLITE_IOERR_DELETE_NOENT;
}

static int guard_access(sqlite3_vfs *vfs, const char *name, int flags, int *result)
{
    sqlite3_vfs *real = vfs->pAppData;
    *result = 0;
    return is_own_file((const struct guard *)vfs, name)
               ? real->xAccess(real, name, flags, result)
               : SQLITE_OK;
}

static int guard_full_path(sqlite3_vfs *vfs, const char *name, int room, char *path)
{
    struct guard *guard = (struct guard *)vfs;
    sqlite3_vfs *real = vfs->pAppData;
    int code = real->xFullPathname(real, name, room, path);
    int size = snprintf(guard->path, sizeof(guard->path), "%s", path);
    if ((code & 0xFF) == SQLITE_OK && (size <= 0 || (size_t)size >= sizeof(guard->path)))
        code = SQLITE_CANTOPEN;
    return code;
}

const char *sqlite_guard_name(enum database_scope scope)
{
    struct guard *guard = &guards[scope == DATABASE_SYSTEM];
    assert(scope == DATABASE_SYSTEM || scope == DATABASE_USER);
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);
    if (guard->name[0] != '\0' || real == NULL)
        return guard->name;
    guard->base = *real;
    /* Not that of another copy of this library in the process. */
    snprintf(guard->name, sizeof(guard->name), "winscard-guard-%p", (void *)guard);
    guard->base.zName = guard->name;
    guard->base.pAppData = real;
    guard->base.pNext = NULL;
    guard->base.xOpen = guard_open;
    guard->base.xDelete = guard_delete;
    guard->base.xAccess = guard_access;
    guard->base.xFullPathname = guard_full_path;
    if (sqlite3_vfs_register(&guard->base, 0) != SQLITE_OK)
        guard->name[0] = '\0';
    return guard->name;
}

void sqlite_guard_connection(sqlite3 *native)
{
    sqlite3_limit(native, SQLITE_LIMIT_LENGTH, ROW_BYTES);
    sqlite3_limit(native, SQLITE_LIMIT_SQL_LENGTH, SQL_BYTES);
    sqlite3_limit(native, SQLITE_LIMIT_COLUMN, ROW_COLUMNS);
    sqlite3_limit(native, SQLITE_LIMIT_EXPR_DEPTH, SQL_DEPTH);
    sqlite3_limit(native, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_db_config(native, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
#ifdef SQLITE_DBCONFIG_DEFENSIVE /* 3.26 */
    sqlite3_db_config(native, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
#endif
#ifdef SQLITE_DBCONFIG_ENABLE_VIEW /* 3.31 */
    sqlite3_db_config(native, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
#endif
}
