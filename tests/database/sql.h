/* SPDX-License-Identifier: BSD-2-Clause */
/* Databases with a card in each scope, and what others do to the files. */
#ifndef TESTS_FAULT_DATABASE_SQL_H
#define TESTS_FAULT_DATABASE_SQL_H

#include "tests/database/place.h"

#include <sqlite3.h>

static inline enum sc_error put(enum database_scope scope, const char *name)
{
    struct database_card card = place_card(name, 1, 4);
    return database_put_card(scope, &card);
}

static inline void place_fill(void)
{
    place_make();
    CHECK_EQ(put(DATABASE_SYSTEM, "system"), SC_OK);
    CHECK_EQ(put(DATABASE_USER, "user"), SC_OK);
}

static inline void run_sql_on(const char *name, const char *text)
{
    sqlite3 *file;
    char *message = NULL;
    CHECK_EQ(sqlite3_open(place_path(name), &file), SQLITE_OK);
    int code = sqlite3_exec(file, text, NULL, NULL, &message);
    if (code != SQLITE_OK)
        fprintf(stderr, "%s: %s\n", text, message);
    CHECK_EQ(code, SQLITE_OK);
    sqlite3_free(message);
    sqlite3_close(file);
}

#endif
