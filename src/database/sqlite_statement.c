/* SPDX-License-Identifier: BSD-2-Clause */
/* The statements of the SQLite store: their text, running them, and what goes in and out. */
#include "database/sqlite_internal.h"

#include "base/log.h"
#include "base/utf.h"

#include <assert.h>
#include <string.h>

#define CARD_COLUMNS "name, atr, mask, primary_provider, interfaces, csp, ksp, module"

static const char *const texts[SQLITE_STATEMENTS] = {
    [SQLITE_GET_CARD] = "SELECT " CARD_COLUMNS " FROM card WHERE name = ?1",
    [SQLITE_PUT_CARD] = "REPLACE INTO card(" CARD_COLUMNS ", size, masked)"
                        " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
    [SQLITE_REMOVE_CARD] = "DELETE FROM card WHERE name = ?1",
    [SQLITE_REMOVE_CARDS] = "DELETE FROM card",
    [SQLITE_LIST_CARDS] = "SELECT name FROM card ORDER BY name",
    [SQLITE_NEXT_MASK] = "SELECT mask FROM card WHERE size = ?1 AND mask > ?2"
                         " ORDER BY mask LIMIT 1",
    [SQLITE_MATCH_CARDS] = "SELECT name FROM card"
                           " WHERE size = ?1 AND mask = ?2 AND masked = ?3"
                           " AND atr = masked",
    [SQLITE_LIST_INTERFACES] = "SELECT name, interfaces FROM card"
                               " WHERE interfaces IS NOT NULL ORDER BY name",
    [SQLITE_EACH_CARD] = "SELECT " CARD_COLUMNS " FROM card ORDER BY name",
    [SQLITE_GET_READER] = "SELECT name, device, groups FROM reader WHERE name = ?1",
    [SQLITE_PUT_READER] = "REPLACE INTO reader(name, device, groups) VALUES(?1, ?2, ?3)",
    [SQLITE_REMOVE_READER] = "DELETE FROM reader WHERE name = ?1",
    [SQLITE_REMOVE_READERS] = "DELETE FROM reader",
    [SQLITE_NEXT_READER] = "SELECT name, device, groups FROM reader WHERE name > ?1"
                           " ORDER BY name LIMIT 1",
};

static enum sc_error map_code(int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return SC_OK;
    case SQLITE_PERM:
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
    case SQLITE_AUTH:
        return SC_E_NO_ACCESS;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return SC_E_SERVER_TOO_BUSY;
    case SQLITE_NOMEM:
        return SC_E_NO_MEMORY;
    default:
        return code == SQLITE_IOERR_NOMEM ? SC_E_NO_MEMORY : SC_F_INTERNAL_ERROR;
    }
}

enum sc_error sqlite_error(struct store *store, int code)
{
    enum sc_error error = map_code(code);
    if (error != SC_OK)
        log_error("database of the %s: %s (SQLite's code %d)",
                  store->scope == DATABASE_SYSTEM ? "machine" : "user",
                  sqlite3_errstr(code), code);
    return error;
}

enum sc_error sqlite_use(struct store *store, enum sqlite_statement which,
                         sqlite3_stmt **statement)
{
    sqlite3_stmt *ready = store->statements[which];
    int code = SQLITE_OK;
    assert(which < SQLITE_STATEMENTS && texts[which] != NULL);
    *statement = NULL;
    if (ready == NULL) {
        code = sqlite3_prepare_v2(store->sqlite, texts[which], -1, &ready, NULL);
        store->statements[which] = ready;
    } else {
        sqlite3_reset(ready); /* repeats the error of its last run */
        sqlite3_clear_bindings(ready);
    }
    *statement = ready;
    return sqlite_error(store, code);
}

enum sc_error sqlite_next(struct store *store, sqlite3_stmt *statement, bool *row)
{
    int code = sqlite3_step(statement);
    *row = code == SQLITE_ROW;
    return sqlite_error(store, code);
}

enum sc_error sqlite_run(struct store *store, sqlite3_stmt *statement, int *changes)
{
    bool row;
    enum sc_error error = sqlite_next(store, statement, &row);
    *changes = sqlite3_changes(store->sqlite);
    sqlite3_reset(statement); /* repeats the error */
    return error;
}

int sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
}

int sqlite_bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t size)
{
    if (size == 0)
        return sqlite3_bind_null(statement, at);
    return sqlite3_bind_blob(statement, at, bytes, (int)size, SQLITE_STATIC);
}

enum sc_error sqlite_get_bytes(sqlite3_stmt *statement, int at, void *bytes, size_t room,
                               size_t *size)
{
    const void *from = sqlite3_column_blob(statement, at);
    size_t have = (size_t)sqlite3_column_bytes(statement, at);
    *size = 0;
    if (from == NULL && have != 0)
        return SC_E_NO_MEMORY;
    if (have > room)
        return SC_F_INTERNAL_ERROR;
    if (have != 0)
        memcpy(bytes, from, have);
    *size = have;
    return SC_OK;
}

enum sc_error sqlite_get_text(sqlite3_stmt *statement, int at, char *text, size_t room)
{
    size_t size;
    assert(room > 0);
    enum sc_error error = sqlite_get_bytes(statement, at, text, room - 1, &size);
    text[size] = '\0';
    if (error == SC_OK && (strlen(text) != size || !utf8_is_valid(text, size)))
        error = SC_F_INTERNAL_ERROR;
    return error;
}
