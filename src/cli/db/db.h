/* SPDX-License-Identifier: BSD-2-Clause */
/* What the actions of scard db share. Alone in the tool they work on src/database itself:
 * the smart card API can neither read an ATR back nor say where an entry comes from, and
 * files do not concern it. */
#ifndef CLI_DB_DB_H
#define CLI_DB_DB_H

#include "cli/cli.h"
#include "database/database.h"

enum {
    DB_OPTION_ATR = OPTION_OWN,
    DB_OPTION_MASK,
    DB_OPTION_INTERFACE,
    DB_OPTION_PRIMARY,
    DB_OPTION_CSP,
    DB_OPTION_KSP,
    DB_OPTION_MODULE,
    DB_OPTION_REPLACE,
    DB_OPTION_DEVICE,
    DB_OPTION_USER,
    DB_OPTION_SYSTEM,
    DB_OPTION_PACKAGES,
    DB_OPTION_NAMES,
    DB_OPTION_UTF8
};

struct db {
    struct cli *cli;
    enum database_scope scope;    /* to be written */
    bool looked[DATABASE_LAYERS]; /* which layers are looked at */
    bool all;                     /* that is all of them */
    const char *arguments[2];     /* of the action; NULL: not given */
};

/* Each gives an exit code. */
int db_list(struct db *db);
int db_show(struct db *db);
int db_add(struct db *db);
int db_remove(struct db *db);
int db_readers(struct db *db);
int db_groups(struct db *db);
int db_add_reader(struct db *db);
int db_remove_reader(struct db *db);
int db_add_to_group(struct db *db);
int db_remove_from_group(struct db *db);
int db_remove_group(struct db *db);
int db_import(struct db *db);
int db_export(struct db *db);

/* "user", "system" or "package". */
const char *db_layer_name(enum database_layer layer);

/* From now on what the database logs is kept for the next message, and what is wrong with
 * files of packages goes to stderr as it comes. */
void db_log_begin(struct cli *cli);

/* Says what a call on a layer failed with: which file, and why. Gives CLI_FAILED. */
int db_fail_read(struct db *db, enum database_layer layer, enum sc_error error);
/* The same for writing to the scope. `what` is the name that an unknown or duplicate
 * error is about. */
int db_fail_write(struct db *db, enum sc_error error, const char *what);
/* The API's code of an error. */
uint32_t db_code(enum sc_error error);

/* One line in place of an empty list; nothing for --json and --names. */
void db_say_none(struct db *db, const char *sentence);
/* After something was written: "added NAME to the user database", as text or JSON. */
void db_say_done(struct db *db, const char *verb, const char *name,
                 const char *preposition);

#endif
