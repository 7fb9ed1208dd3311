/* SPDX-License-Identifier: BSD-2-Clause */
/* What is in the SQLite store's files: tables and indices, made once, and looked at
 * whenever a file is opened. A program that may write a file can have put anything into it:
 * tables that are views and never end, triggers, virtual tables. All that is not exactly
 * as it is made here is damage. */
#include "database/sqlite_internal.h"

#include "base/log.h"

#include <stdio.h>
#include <string.h>

/* What SQLite keeps of each: https://www.sqlite.org/schematab.html */
enum { TYPE, NAME, TABLE, TEXT, COLUMNS };

/* By name. `masked` is atr under mask. card_atr serves matching: one look for each mask
 * that there is for ATRs of this size. The last two are SQLite's own, of primary keys. */
static const char *const objects[][COLUMNS] = {
    {"table", "card", "card",
     "CREATE TABLE card(name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,"
     " size INTEGER NOT NULL, atr BLOB, mask BLOB, masked BLOB,"
     " primary_provider BLOB, interfaces BLOB, csp TEXT, ksp TEXT, module TEXT)"},
    {"index", "card_atr", "card", "CREATE INDEX card_atr ON card(size, mask, masked)"},
    {"index", "card_interfaces", "card",
     "CREATE INDEX card_interfaces ON card(name, interfaces)"
     " WHERE interfaces IS NOT NULL"},
    {"table", "reader", "reader",
     "CREATE TABLE reader(name TEXT NOT NULL PRIMARY KEY COLLATE NOCASE,"
     " device TEXT, groups BLOB)"},
    {"index", "sqlite_autoindex_card_1", "card", ""},
    {"index", "sqlite_autoindex_reader_1", "reader", ""},
};

enum sc_error sqlite_make_schema(struct store *store)
{
    int code = SQLITE_OK;
    for (size_t i = 0; code == SQLITE_OK && i < ARRAY_SIZE(objects); i++)
        code = sqlite3_exec(store->sqlite, objects[i][TEXT], NULL, NULL, NULL);
    char version[48];
    snprintf(version, sizeof(version), "PRAGMA user_version = %d", SQLITE_SCHEMA_VERSION);
    if (code == SQLITE_OK)
        code = sqlite3_exec(store->sqlite, version, NULL, NULL, NULL);
    return sqlite_error(store, code);
}

static bool is_object(sqlite3_stmt *statement, const char *const wanted[COLUMNS])
{
    for (int i = 0; i < COLUMNS; i++) {
        const char *text = (const char *)sqlite3_column_text(statement, i);
        if (strcmp(text != NULL ? text : "", wanted[i]) != 0)
            return false;
    }
    return true;
}

enum sc_error sqlite_check_schema(struct store *store)
{
    static const char text[] =
        "SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY name";
    sqlite3_stmt *statement = NULL;
    bool row = true, same = true;
    size_t count = 0;
    enum sc_error error = sqlite_error(
        store, sqlite3_prepare_v2(store->sqlite, text, -1, &statement, NULL));
    while (error == SC_OK && same && row) {
        error = sqlite_next(store, statement, &row);
        if (error == SC_OK && row)
            same = count < ARRAY_SIZE(objects) && is_object(statement, objects[count++]);
    }
    sqlite3_finalize(statement);
    if (error == SC_OK && !(same && count == ARRAY_SIZE(objects))) {
        log_error("database of the %s: it has other tables than it should have",
                  store->scope == DATABASE_SYSTEM ? "machine" : "user");
        error = SC_F_INTERNAL_ERROR;
    }
    return error;
}
