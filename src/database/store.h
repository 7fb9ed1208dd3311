/* SPDX-License-Identifier: BSD-2-Clause */
/* What a store of one scope does: SQLite (sqlite_*.c), on Windows the registry
 * (registry_*.c), or nothing that can be written (store_none.c). Exactly one is linked. A
 * store is open for one call and used by one thread; all it says of one opening is of one
 * moment. Names compare without the case of ASCII's letters. */
#ifndef DATABASE_STORE_H
#define DATABASE_STORE_H

#include "base/compiler.h"
#include "database/database.h"

struct store;

/* Opens for reading. Makes nothing. Errors: SC_E_FILE_NOT_FOUND (there is none, or it is
 * empty), SC_E_UNSUPPORTED_FEATURE (this build has no store); else as those of writing in
 * database.h. */
enum sc_error store_open(enum database_scope scope, struct store **out) MUST_CHECK;
/* Opens for writing, which begins here and is undone unless it is committed; makes the
 * store if there is none. */
enum sc_error store_open_write(enum database_scope scope, struct store **out) MUST_CHECK;
/* What was written is kept from now on, whatever happens. */
enum sc_error store_commit(struct store *store) MUST_CHECK;
/* The scope's file; false where there is none: this build has no store, or the user has
 * no home. */
bool store_get_path(enum database_scope scope, char path[DATABASE_PATH_MAX]);
/* NULL is fine. */
void store_close(struct store *store);

/* Errors of the following, where nothing else is said: those of writing. */

typedef enum sc_error store_take_name(void *context, const char *name);

/* SC_E_UNKNOWN_CARD */
enum sc_error store_get_card(struct store *store, const char *name,
                             struct database_entry *card) MUST_CHECK;
/* Replaces. */
enum sc_error store_put_card(struct store *store,
                             const struct database_entry *card) MUST_CHECK;
/* NULL: all of them. SC_E_UNKNOWN_CARD, but not for NULL. */
enum sc_error store_remove_card(struct store *store, const char *name) MUST_CHECK;
/* By name. An error of `take` ends it. */
enum sc_error store_list_cards(struct store *store, store_take_name *take,
                               void *context) MUST_CHECK;
/* Those that database_fits() this ATR, in no order. */
enum sc_error store_match_cards(struct store *store, const uint8_t *atr, size_t size,
                                store_take_name *take, void *context) MUST_CHECK;
/* Those that have interfaces, by name. */
enum sc_error store_list_interfaces(struct store *store,
                                    enum sc_error (*take)(void *context, const char *name,
                                                          const uint8_t *interfaces,
                                                          size_t count),
                                    void *context) MUST_CHECK;
enum sc_error store_each_card(struct store *store,
                              enum sc_error (*take)(void *context,
                                                    const struct database_entry *card),
                              void *context) MUST_CHECK;

/* SC_E_UNKNOWN_READER */
enum sc_error store_get_reader(struct store *store, const char *name,
                               struct database_reader *reader) MUST_CHECK;
enum sc_error store_put_reader(struct store *store,
                               const struct database_reader *reader) MUST_CHECK;
/* NULL: all of them. SC_E_UNKNOWN_READER, but not for NULL. */
enum sc_error store_remove_reader(struct store *store, const char *name) MUST_CHECK;
/* By name. The store may be written to meanwhile. */
enum sc_error store_each_reader(
    struct store *store,
    enum sc_error (*take)(void *context, const struct database_reader *reader),
    void *context) MUST_CHECK;

#endif
