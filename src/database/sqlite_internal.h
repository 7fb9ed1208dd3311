/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of the SQLite store share. */
#ifndef DATABASE_SQLITE_INTERNAL_H
#define DATABASE_SQLITE_INTERNAL_H

#include "database/store.h"

#include <sqlite3.h>

/* The statements, each prepared when it is first used (sqlite_statement.c has their text). */
enum sqlite_statement {
    SQLITE_GET_CARD,
    SQLITE_PUT_CARD,
    SQLITE_REMOVE_CARD,
    SQLITE_REMOVE_CARDS,
    SQLITE_LIST_CARDS,
    SQLITE_NEXT_MASK,
    SQLITE_MATCH_CARDS,
    SQLITE_LIST_INTERFACES,
    SQLITE_EACH_CARD,
    SQLITE_GET_READER,
    SQLITE_PUT_READER,
    SQLITE_REMOVE_READER,
    SQLITE_REMOVE_READERS,
    SQLITE_NEXT_READER,
    SQLITE_STATEMENTS
};

enum { SQLITE_SCHEMA_VERSION = 1 }; /* PRAGMA user_version of our files */

struct store {
    sqlite3 *sqlite;
    enum database_scope scope;
    sqlite3_stmt *statements[SQLITE_STATEMENTS];
};

/* The error of a result code; it is logged. SQLITE_OK, _ROW and _DONE are not errors. */
enum sc_error sqlite_error(struct store *store, int code) MUST_CHECK;
/* A statement that is ready for its parameters. */
enum sc_error sqlite_use(struct store *store, enum sqlite_statement which,
                         sqlite3_stmt **statement) MUST_CHECK;
/* The next row: *row says whether there is one. */
enum sc_error sqlite_next(struct store *store, sqlite3_stmt *statement,
                          bool *row) MUST_CHECK;
/* Runs a statement that gives no rows; *changes says how many it changed. */
enum sc_error sqlite_run(struct store *store, sqlite3_stmt *statement,
                         int *changes) MUST_CHECK;
/* Parameters are borrowed until the statement has run; SQLite's result codes. NULL or
 * size 0 is NULL. */
int sqlite_bind_text(sqlite3_stmt *statement, int at, const char *text);
int sqlite_bind_bytes(sqlite3_stmt *statement, int at, const void *bytes, size_t size);
/* A column into `room` bytes; NULL is "". Errors: SC_F_INTERNAL_ERROR (too long,
 * or text that is not UTF-8). */
enum sc_error sqlite_get_text(sqlite3_stmt *statement, int at, char *text,
                              size_t room) MUST_CHECK;
enum sc_error sqlite_get_bytes(sqlite3_stmt *statement, int at, void *bytes, size_t room,
                               size_t *size) MUST_CHECK;

/* Makes the tables in an empty file, and looks whether a file has exactly these. Errors
 * of the latter: SC_F_INTERNAL_ERROR (others). */
enum sc_error sqlite_make_schema(struct store *store) MUST_CHECK;
enum sc_error sqlite_check_schema(struct store *store) MUST_CHECK;

/* The file system that has nothing but the database of a scope that is opened next
 * (sqlite_guard.c), by its name; "": there is no memory. */
const char *sqlite_guard_name(enum database_scope scope);
/* Switches off what is not needed of a connection, and limits the rest. */
void sqlite_guard_connection(sqlite3 *native);

/* The file system that has copies in memory (sqlite_copy.c), by its name; "": none. */
const char *sqlite_copy_name(void);

#endif
